"""Backup while people work, restore elsewhere, and everything that can go wrong between."""

import json
import shutil
import signal
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from tests.upkeep.conftest import House

WRITER = """
import time
for n in range(100_000):
    with transaction.atomic():
        audit.record(action="task.signed", subject=("plan.task", str(n)), summary="签收", by=BY, now=NOW)
    if n % 20 == 0:
        audit.seal(county="640122", now=NOW)
    if n == 5:
        print("writing", flush=True)
"""


def back_up(house: House, into: Path) -> Path:
    done = house.run("backup", str(into))
    assert done.returncode == 0, done.stderr
    return max(into.iterdir())


def keys_to(house: House, other: House) -> None:
    other.key_file.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy2(house.key_file, other.key_file)


def refused(house: House, folder: Path, *more: str) -> str:
    done = house.run("restore", str(folder), *more)
    assert done.returncode == 1, done.stdout
    assert "Traceback" not in done.stderr
    return done.stderr


def is_untouched(house: House) -> bool:
    database, tables = house.var / "dudao.sqlite3", 0
    if database.exists():
        with closing(sqlite3.connect(database)) as opened:
            tables = opened.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
    return not tables and not any(p for kind in ("plain", "sealed") for p in (house.var / "files" / kind).rglob("*"))


@pytest.fixture(scope="session")
def _made(_model_house: House, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return back_up(_model_house, tmp_path_factory.mktemp("backups"))


@pytest.fixture
def folder(_made: Path, tmp_path: Path) -> Path:
    """A finished backup of ``house``, to be damaged."""
    return Path(shutil.copytree(_made, tmp_path / "backup" / _made.name))


def test_what_was_backed_up_comes_back_whole_elsewhere(house: House, empty: House, tmp_path: Path):
    done = house.run("backup", str(tmp_path / "backups"))
    assert "备份里没有密钥文件。恢复时需要密钥：demo-" in done.stdout
    folder = max((tmp_path / "backups").iterdir())
    assert folder.stat().st_mode & 0o077 == 0
    everything = b"".join(p.read_bytes() for p in folder.rglob("*") if p.is_file())
    assert json.loads(house.key_file.read_text())["keys"].popitem()[1]["secret"].encode() not in everything
    assert "示例证件".encode() not in everything
    keys_to(house, empty)
    done = empty.run("restore", str(folder))
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip().endswith("链校验通过，行数一致。")
    assert empty.do("print(Person.objects.count(), Person.objects.get(name='示例7').id_number)") == "600 示例证件000007"
    assert "佐证材料完好" in empty.run("files", "check").stdout
    head = tmp_path / "head.json"
    house.run("audit", "head", "--out", str(head))
    assert "链校验通过" in empty.run("audit", "verify", "--head", str(head)).stdout
    assert "已有内容，没有恢复" in refused(empty, folder)


def test_a_backup_made_while_others_write_is_whole(house: House, empty: House, tmp_path: Path):
    writer = house.start_code(WRITER)
    assert writer.stdout is not None
    assert writer.stdout.readline().strip() == "writing"
    folder = back_up(house, tmp_path / "backups")
    assert writer.poll() is None, "the writer fell over"
    writer.kill()
    writer.communicate()
    keys_to(house, empty)
    done = empty.run("restore", str(folder))
    assert done.returncode == 0, done.stderr
    assert "链校验通过，行数一致" in done.stdout


def test_a_backup_killed_at_any_moment_is_recognised(house: House, empty: House, folder: Path, tmp_path: Path):
    for number, delay in enumerate((0.6, 0.8, 1.0)):
        into = tmp_path / f"killed{number}"
        running = house.start("backup", str(into))
        time.sleep(delay)
        running.send_signal(signal.SIGKILL)
        running.communicate()
        for left in into.iterdir() if into.exists() else ():
            if not (left / "MANIFEST.json").exists():
                assert "备份时中断了" in refused(empty, left)
                assert is_untouched(empty)
    (folder / "MANIFEST.json").unlink()
    assert "备份时中断了" in refused(empty, folder)


def test_a_restore_killed_in_the_middle_is_given_again_and_ends_well(house: House, empty: House, folder: Path):
    keys_to(house, empty)
    kills = 0
    for line in ("恢复佐证材料", "恢复数据库"):
        running = empty.start("restore", str(folder))
        assert running.stdout is not None
        while text := running.stdout.readline():
            if line in text:
                running.send_signal(signal.SIGKILL)
                kills += 1
                break
        running.communicate()
    assert kills == 2
    assert "上次恢复备份没有完成" in empty.run("run", "--port", "0").stderr
    done = empty.run("restore", str(folder))
    assert done.returncode == 0, done.stderr
    assert "链校验通过，行数一致" in done.stdout


def test_without_the_key_file_or_with_a_wrong_one_nothing_is_restored(house: House, empty: House, folder: Path):
    assert "请先把密钥文件放回原处" in refused(empty, folder)
    assert not empty.key_file.exists()
    # The same name, another secret: the demo of another machine made one on the same day.
    empty.run("keys", "init")
    ring = json.loads(empty.key_file.read_text())
    name = next(iter(json.loads(house.key_file.read_text())["keys"]))
    ring["keys"] = {name: next(iter(ring["keys"].values()))}
    empty.key_file.write_text(json.dumps({**ring, "current": name}))
    assert f"备份需要密钥 {name}" in refused(empty, folder)
    assert is_untouched(empty)
    done = empty.run("restore", str(folder), "--without-keys")
    assert done.returncode == 0, done.stderr
    assert empty.do("print(Person.objects.count())") == "600"


def damage_database(folder: Path) -> None:
    path = folder / "database" / "default.sqlite3"
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def lose_evidence(folder: Path) -> None:
    next(p for p in (folder / "files").rglob("*") if p.is_file()).unlink()


def add_a_file(folder: Path) -> None:
    (folder / "files" / "plain" / "extra").write_text("x")


def shorten_the_list(folder: Path) -> None:
    path = folder / "FILES"
    path.write_text("".join(path.read_text().splitlines(keepends=True)[:-1]))


def tear_the_manifest(folder: Path) -> None:
    path = folder / "MANIFEST.json"
    path.write_text(path.read_text()[:-20])


@pytest.mark.parametrize(
    "damage",
    [damage_database, lose_evidence, add_a_file, shorten_the_list, tear_the_manifest],
    ids=lambda f: f.__name__,
)
def test_a_damaged_backup_is_refused_before_anything_is_written(
    house: House, empty: House, folder: Path, damage: Callable[[Path], None]
):
    keys_to(house, empty)
    damage(folder)
    assert "已损坏" in refused(empty, folder)
    assert is_untouched(empty)


def test_a_backup_of_a_newer_version_is_refused(house: House, empty: House, folder: Path):
    keys_to(house, empty)
    path = folder / "MANIFEST.json"
    manifest = json.loads(path.read_text())
    manifest["migrations"].append("plan.9999_future")
    path.write_text(json.dumps(manifest))
    assert "请先升级程序" in refused(empty, folder)


def test_a_backup_of_another_place_or_kind_is_said_to_be_none(empty: House, tmp_path: Path):
    assert "没有 MANIFEST.json" in refused(empty, tmp_path / "nowhere")
    (tmp_path / "MANIFEST.json").write_text("[]")
    assert "不是本系统的备份" in refused(empty, tmp_path)


@pytest.mark.pg
def test_on_postgresql_too_it_is_made_while_others_write_and_comes_back_whole(
    pg_houses: tuple[House, House], tmp_path: Path
):
    house, empty = pg_houses
    writer = house.start_code(WRITER)
    assert writer.stdout is not None
    assert writer.stdout.readline().strip() == "writing"
    folder = back_up(house, tmp_path / "backups")
    assert writer.poll() is None
    writer.kill()
    writer.communicate()
    keys_to(house, empty)
    done = empty.run("restore", str(folder))
    assert done.returncode == 0, done.stderr
    assert "链校验通过，行数一致" in done.stdout
    assert empty.do("print(Person.objects.count(), Person.objects.get(name='示例7').id_number)") == "50 示例证件000007"
    assert "已有内容，没有恢复" in refused(empty, folder)

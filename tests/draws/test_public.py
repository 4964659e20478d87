"""What anybody sees of a draw: nothing until the county opened it; then the digest first, the result and the bundle later."""

import io
import json
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from dudao.cli import main
from dudao.disclosure.models import Setting
from dudao.draws import services
from dudao.draws.models import Draw
from tests.cast import NOW, TODAY, Cast
from tests.draws.stage import EVENT_ON, LATER, SOURCES, frozen, named, prepared

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def a_day_in_april(settings: Any) -> None:
    settings.DEMO_TODAY = TODAY


@pytest.fixture
def site(cast: Cast) -> None:
    Setting.objects.create(county="640122", is_site_on=True, index_template="{机构}", index_digits=5)


def opened(draw: Draw, cast: Cast, *, is_open: bool = True) -> None:
    services.open_draw(draw=draw, base_version=draw.version, is_open=is_open, by=cast.office.actor, now=NOW)


def test_the_page_is_off_until_the_draw_and_the_site_are_opened(cast: Cast, client: Client) -> None:
    draw = frozen(cast)
    assert client.get(f"/cq/{draw.pk}/").status_code == 404 == client.get("/cq/").status_code
    opened(draw, cast)
    assert client.get(f"/cq/{draw.pk}/").status_code == 404
    Setting.objects.create(county="640122", is_site_on=True, index_template="{机构}", index_digits=5)
    assert client.get(f"/cq/{draw.pk}/").status_code == 200
    opened(draw, cast, is_open=False)
    assert client.get(f"/cq/{draw.pk}/").status_code == 404


def test_a_draft_cannot_be_opened_and_is_never_public(cast: Cast, site: None, client: Client) -> None:
    draw = named(prepared(cast), cast)
    with pytest.raises(Exception, match="准备中"):
        opened(draw, cast)
    Draw.objects.filter(pk=draw.pk).update(is_open=True)
    assert client.get(f"/cq/{draw.pk}/").status_code == 404


def test_first_the_digest_without_the_list_then_result_and_bundle(cast: Cast, site: None, client: Client) -> None:
    draw = frozen(cast)
    opened(draw, cast)
    page = client.get(f"/cq/{draw.pk}/")
    text = page.content.decode()
    assert draw.sha256 in text and draw.sm3 in text and "双色球第2024042期" in text and "示例3校" not in text
    other = frozen(cast)
    text = client.get(f"/cq/{draw.pk}/").content.decode()
    assert "用同一次事件的还有 1 次抽取" in text and "没有公开的一次" in text
    assert (
        f"/draws/{other.pk}/" not in text
        and not page.cookies
        and client.get(f"/cq/{draw.pk}/bundle/").status_code == 404
    )
    services.say_seed(
        draw=draw,
        base_version=draw.version,
        seed="0311",
        seed_from=SOURCES,
        on=EVENT_ON,
        by=cast.office.actor,
        now=LATER,
    )
    services.run(draw=draw, base_version=draw.version, witnesses="纪检丑（示例）", by=cast.office.actor, now=LATER)
    text = client.get(f"/cq/{draw.pk}/").content.decode()
    assert "抽中 3 个" in text and "30.00%（3/10）" in text and "0311" in text
    assert "纪检丑" not in text and cast.office.person.name not in text
    data = b"".join(client.get(f"/cq/{draw.pk}/bundle/").streaming_content)  # type: ignore[attr-defined]
    with zipfile.ZipFile(io.BytesIO(data)) as packed:
        said = b"".join(packed.read(one) for one in packed.namelist()).decode(errors="replace")
    assert "纪检丑" not in said and cast.office.person.name not in said
    services.void(draw=draw, base_version=draw.version, reason="名单有误（示例）", by=cast.office.actor, now=LATER)
    text = client.get(f"/cq/{draw.pk}/").content.decode()
    assert "已作废" in text and "名单有误（示例）" in text and "抽中 3 个" in text
    assert "已作废" in client.get("/cq/").content.decode() and "随机抽取" in client.get("/gk/").content.decode()


def test_the_command_draws_and_checks_plain_files(cast: Cast, tmp_path: Path, monkeypatch: Any, capsys: Any) -> None:
    draw = frozen(cast)
    (tmp_path / "frozen.json").write_text(draw.frozen_text, "utf-8")

    def command(*words: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["dudao", "draws", *words])
        status = main()
        said = capsys.readouterr()
        return status, said.out, said.err

    frozen_file = str(tmp_path / "frozen.json")
    status, out, _ = command("run", frozen_file, "--seed", "0311", "--on", "2024-04-12", "--sha256", draw.sha256)
    assert status == 0 and len(json.loads(out)["drawn"]) == 3
    (tmp_path / "draw.json").write_text(out, "utf-8")
    assert command("verify", str(tmp_path / "draw.json"))[0] == 0
    assert command("run", frozen_file, "--seed", "0311", "--on", "2024-04-11")[0] == 1
    status, _, err = command("run", frozen_file, "--seed", "0311", "--on", "2024-04-12", "--sha256", "0" * 64)
    assert status == 1 and "对不上" in err
    (tmp_path / "draw.json").write_text(out.replace("示例4校", "示例甲校"), "utf-8")
    status, said, _ = command("verify", str(tmp_path / "draw.json"))
    assert status == 1 and "冻结以后内容被改过" in said
    assert command("verify", str(tmp_path / "nothing.json"))[0] == 1
    with pytest.raises(SystemExit):
        command("run")


def test_the_verifier_of_the_bundle_runs_alone(cast: Cast, tmp_path: Path) -> None:
    draw = frozen(cast)
    services.say_seed(
        draw=draw,
        base_version=draw.version,
        seed="0311",
        seed_from=SOURCES,
        on=EVENT_ON,
        by=cast.office.actor,
        now=LATER,
    )
    services.run(draw=draw, base_version=draw.version, by=cast.office.actor, now=LATER)
    with zipfile.ZipFile(io.BytesIO(services.bundle(draw))) as packed:
        packed.extractall(tmp_path)
    command = [sys.executable, "-I", "verify.py", "draw.json"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False, encoding="utf-8")
    assert done.returncode == 0 and draw.sha256 in done.stdout

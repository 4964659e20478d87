"""An official result is frozen with all it rests on, computed again to the same digits, and refused once it was touched."""

import io
import json
import zipfile

import pytest

from dudao_engines.kernel import digests
from dudao_engines.kernel.errors import EngineInputError
from dudao_engines.standards import snapshots
from dudao_engines.standards.model import Dataset
from dudao_engines.standards.results import Settings, Verdict
from dudao_engines.standards.snapshots import ADOPTED, REPORTED, Snapshot
from tests.engines.standards.counties import BALANCED_CHECKS, LIBRARY, county, good_schools, school

FORMS = {path.stem: path.read_text("utf-8") for path in (LIBRARY / "forms").glob("*.yaml")}
STANDARD = (LIBRARY / "standards" / "balanced-2017.yaml").read_text("utf-8")


def taken(settings: Settings | None = None) -> Snapshot:
    schools = [*good_schools(), school("N1", "九年一贯制", 200, 300, network_multimedia_rooms=None)]
    found = [*good_schools(), school("N1", "九年一贯制", 200, 300, network_multimedia_rooms=500)]
    return snapshots.take(
        standard_text=STANDARD,
        form_texts=FORMS,
        settings=settings or Settings(checked=BALANCED_CHECKS),
        datasets={
            REPORTED: Dataset({"school": schools, "county": [county()]}),
            ADOPTED: Dataset({"school": found, "county": [county()]}),
        },
        facts={"name": "示例县", "period": "2024年秋季学期"},
    )


@pytest.fixture(scope="module")
def snapshot() -> Snapshot:
    return taken()


def changed(snapshot: Snapshot, change, *, seal: bool) -> bytes:  # type: ignore[no-untyped-def]
    """The file with something in it changed; ``seal`` puts digests to it that fit, as a forger would."""
    content = json.loads(digests.canonical_json(snapshot.content))
    change(content)
    value = digests.canonical_json(content)
    said = {"sha256": snapshot.sha256, "sm3": snapshot.sm3}
    if seal:
        said = {"sha256": digests.sha256_hex(value), "sm3": digests.sm3_hex(value)}
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as package:
        package.writestr("snapshot.json", value)
        package.writestr("digests.json", json.dumps(said))
    return made.getvalue()


def rows(content, which=ADOPTED):  # type: ignore[no-untyped-def]
    return content["results"][which]["rows"]


def test_a_snapshot_is_read_back_and_comes_out_the_same(snapshot: Snapshot):
    again = snapshots.read(snapshot.file())
    assert again == snapshot
    assert list(snapshots.verify(again)) == []


def test_the_same_facts_give_the_same_digest(snapshot: Snapshot):
    assert taken().sha256 == snapshot.sha256
    assert taken(Settings()).sha256 != snapshot.sha256


def test_it_keeps_what_was_reported_beside_what_was_adopted(snapshot: Snapshot):
    verdicts = {
        which: next(one["verdict"] for one in rows(snapshot.content, which) if one["indicator"] == "conclusion")
        for which in (REPORTED, ADOPTED)
    }
    assert verdicts == {REPORTED: Verdict.MISSING.value, ADOPTED: Verdict.PASS.value}


def test_where_a_cell_was_read_is_kept_with_it(snapshot: Snapshot):
    first = snapshot.dataset().tables["school"][0]
    assert first.cells["students_primary"].where == "示例.xlsx!students_primary"


def test_a_file_that_was_touched_is_refused(snapshot: Snapshot):
    def raise_a_number(content):  # type: ignore[no-untyped-def]
        content["data"][ADOPTED]["school"][0]["cells"]["students_primary"]["int"] = "401"

    with pytest.raises(EngineInputError) as refused:
        snapshots.read(changed(snapshot, raise_a_number, seal=False))
    assert refused.value.code == "snapshot.tampered"


def test_a_verdict_that_was_forged_with_its_digests_does_not_come_out(snapshot: Snapshot):
    def forge(content):  # type: ignore[no-untyped-def]
        next(one for one in rows(content, REPORTED) if one["indicator"] == "conclusion")["verdict"] = "达标"

    first = next(snapshots.verify(snapshots.read(changed(snapshot, forge, seal=True))))
    assert (first.which, first.indicator, first.item) == (REPORTED, "conclusion", "verdict")
    assert (first.frozen, first.found) == ("达标", "无法判定")


def test_a_result_that_was_taken_out_is_missed(snapshot: Snapshot):
    def take_out(content):  # type: ignore[no-untyped-def]
        rows(content).pop(0)

    first = next(snapshots.verify(snapshots.read(changed(snapshot, take_out, seal=True))))
    assert (first.item, first.frozen, first.found) == ("项目", "没有这一项", "有这一项")


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04", b"no zip at all", b"\x00" * 300])
def test_what_is_no_snapshot_is_refused_in_words(data: bytes):
    with pytest.raises(EngineInputError) as refused:
        snapshots.read(data)
    assert refused.value.code == "snapshot.damaged"


def test_a_cut_file_is_refused(snapshot: Snapshot):
    whole = snapshot.file()
    for end in (10, len(whole) // 2, len(whole) - 1):
        with pytest.raises(EngineInputError):
            snapshots.read(whole[:end])


def test_a_format_of_tomorrow_is_named(snapshot: Snapshot):
    def tomorrow(content):  # type: ignore[no-untyped-def]
        content["format"] = "dudao-snapshot/9"

    with pytest.raises(EngineInputError) as refused:
        snapshots.read(changed(snapshot, tomorrow, seal=True))
    assert refused.value.code == "snapshot.format"


def test_a_snapshot_without_a_part_is_damaged(snapshot: Snapshot):
    def cut(content):  # type: ignore[no-untyped-def]
        del content["data"][ADOPTED]

    with pytest.raises(EngineInputError) as refused:
        list(snapshots.verify(snapshots.read(changed(snapshot, cut, seal=True))))
    assert refused.value.code == "snapshot.damaged"


def test_the_command_says_whether_it_is_the_same(snapshot: Snapshot, tmp_path, capsys):  # type: ignore[no-untyped-def]
    file = tmp_path / "示例.zip"
    file.write_bytes(snapshot.file())
    assert snapshots.main([str(file), "--sha256", snapshot.sha256]) == 0
    assert "核验相符" in capsys.readouterr().out
    assert snapshots.main([str(file), "--sha256", "0" * 64]) == 2
    assert snapshots.main([str(tmp_path / "none.zip")]) == 2

    def forge(content):  # type: ignore[no-untyped-def]
        rows(content)[0]["shown"] = "99.99"

    file.write_bytes(changed(snapshot, forge, seal=True))
    capsys.readouterr()
    assert snapshots.main([str(file)]) == 1
    assert "显示值 快照为“99.99”" in capsys.readouterr().out

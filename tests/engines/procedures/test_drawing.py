"""The drawings show what the files say, and the page in the docs is the one of today's files."""

from pathlib import Path

import pytest

from dudao_engines.procedures import cli, drawing, schema

ROOT = Path(__file__).parents[3]
ALL = schema.load(ROOT / "library" / "procedures")


def test_the_page_in_the_docs_is_up_to_date() -> None:
    kept = (ROOT / "docs/reference/procedures.md").read_text("utf-8")
    assert kept == drawing.page(ALL), "run: dudao procedures draw > docs/reference/procedures.md"


def test_every_state_and_every_act_that_moves_is_drawn() -> None:
    for procedure in ALL.values():
        drawn = [
            drawing.draw(procedure, track=track, kind=kind)
            for track in procedure.tracks
            for kind in [k.id for k in procedure.kinds] or [""]
        ]
        assert {n.id for d in drawn for n in d.nodes} == {s.id for s in procedure.states}
        assert {a for d in drawn for e in d.edges for a in e.acts} == {a.name for a in procedure.acts if a.to}


def test_a_talk_is_drawn_without_the_states_of_an_order() -> None:
    talk = drawing.draw(ALL["measure"], kind="talk")
    assert [(n.name, n.layer) for n in talk.nodes] == [
        ("拟办", 0), ("已通知约谈", 1), ("已约谈、待备案", 2), ("已办结", 3), ("已取消", 1),
    ]  # fmt: skip
    places = [(n.layer, n.place) for n in talk.nodes]
    assert len(set(places)) == len(places)


def test_what_goes_back_and_what_is_told_is_marked() -> None:
    edges = {(e.source, e.target): e for e in drawing.draw(ALL["finding"]).edges}
    assert edges["closed", "rectifying"].back and not edges["closed", "rectifying"].told
    assert edges["registered", "rectifying"].acts == ("告知整改", "意见书送达、开始整改")


def test_a_default_is_marked_as_unchecked() -> None:
    page = drawing.page(ALL)
    assert "| 回头看 `L_LOOKBACK` | 90 日 | 销号 | 2020意见有回头看，没有天数 | `DESIGN` 未核实 |" in page
    assert "政府信息公开条例26条 `LAW` |" in page


def test_a_folder_without_procedures_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["draw", str(tmp_path)]) == 2
    assert "没有程序文件" in capsys.readouterr().err
    (tmp_path / "x.yaml").write_text("id: x\n", "utf-8")
    assert cli.main(["check", str(tmp_path)]) == 2
    assert "x.yaml" in capsys.readouterr().err

"""A table of what people concluded stands beside the tables of numbers."""

from pathlib import Path

from dudao_engines.standards import forms, sources

ROOT = Path(__file__).resolve().parents[3]


def _load(folder: Path, text: str) -> sources.Loaded:
    known = forms.load(ROOT / "library" / "forms")
    (folder / "学校.csv").write_text("学校代码,学校名称,小学学生人数\nA1,示例甲,100\n", "utf-8")
    (folder / "认定.csv").write_text(text, "utf-8")
    return sources.load(folder, [known["school-return"], known["county-return"]], standard="balanced-2017")


def test_conclusions_and_counts_of_vetoes_become_cells_of_their_unit(tmp_path: Path) -> None:
    loaded = _load(
        tmp_path,
        "standard,item,unit,judgement\nbalanced-2017,G1,,达标\nbalanced-2017,Q6,A1,良好\n,V1,,0\nother-1,G10,,达标\n",
    )
    county = loaded.dataset.tables["county"][0].cells
    assert {code: cell.value for code, cell in county.items()} == {"judged:G1": "达标", "veto:V1": 0}
    assert loaded.dataset.tables["school"][0].cells["judged:Q6"].value == "良好"
    assert county["judged:G1"].where == "认定.csv · 认定 第 2 行"


def test_two_that_differ_are_neither_taken_and_a_stranger_is_named(tmp_path: Path) -> None:
    loaded = _load(tmp_path, "条目,单位,结论\nG1,,达标\nG1,,不达标\nQ6,没有的学校,良好\n")
    assert loaded.dataset.tables["county"][0].cells["judged:G1"].value is None
    assert any("不一致" in one for one in loaded.problems)
    assert any("没有的学校" in one for one in loaded.notes)

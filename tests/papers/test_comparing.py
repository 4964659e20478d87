"""Two texts beside each other: what is gone and what is new is marked, and nothing is lost."""

from hypothesis import given
from hypothesis import strategies as st

from dudao.papers.comparing import compare
from dudao.papers.models import PaperText

TEXT = st.text(alphabet="一二三甲乙丙12，。\n", max_size=60)


def test_a_changed_number_is_marked_as_a_whole() -> None:
    old, new = PaperText(body="请于15日内整改。\n请报告。"), PaperText(body="请于10日内整改。\n请报告。")
    changed, same = compare(old, new).rows
    assert [(run.text, run.how) for run in changed.runs if run.how != "same"] == [("15", "gone"), ("10", "new")]
    assert same.how == "same"


def test_a_line_written_anew_is_not_shown_in_shreds() -> None:
    (row,) = compare(PaperText(body="为严肃教育督导纪律"), PaperText(body="2024年春季开学期间")).rows
    assert [run.how for run in row.runs] == ["gone", "new"]


@given(TEXT, TEXT)
def test_both_texts_can_be_read_back_from_what_is_marked(old: str, new: str) -> None:
    rows = compare(PaperText(body=old), PaperText(body=new)).rows
    before = ["".join(run.text for run in row.runs if run.how != "new") for row in rows if row.how != "new"]
    after = ["".join(run.text for run in row.runs if run.how != "gone") for row in rows if row.how != "gone"]
    assert ("\n".join(before), "\n".join(after)) == (old, new)

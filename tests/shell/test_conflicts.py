"""Two people change the same thing: both texts are laid out, and what is picked is what is sent."""

from datetime import date

from django.http import QueryDict
from django.template.loader import render_to_string

from dudao.shell import conflicts
from dudao.shell.styleguide import SampleForm


class Form(SampleForm):
    base_version = SampleForm.base_fields["built"]


MINE = "name=示例小学&area=921&built=2008&kind=nine&due=2024-10-10&groups=3&base_version=2000"
THEIRS = {"name": "示例小学", "due": date(2024, 10, 15), "groups": ["3", "4"], "checked": True, "kind": "primary"}


def laid_out() -> tuple[Form, list[conflicts.Clash]]:
    form = Form(QueryDict(MINE))
    return form, conflicts.lay_out(form, theirs=THEIRS, version=2001)


def test_only_fields_that_differ_are_laid_out_in_the_words_of_the_field() -> None:
    _, clashes = laid_out()
    said = {clash.label: (clash.theirs, clash.mine) for clash in clashes}
    assert said == {
        "期限": ("2024年10月15日", "2024年10月10日"),
        "配合单位": ("基教、人事", "基教"),
        "已与平台数据核对": ("是", "否"),
        "办学类型": ("小学", "九年一贯制学校"),
    }


def test_the_form_is_ready_to_be_sent_again_on_the_new_version() -> None:
    form, _ = laid_out()
    assert form["base_version"].value() == "2001" and form["name"].value() == "示例小学"


def test_what_is_picked_is_what_is_sent() -> None:
    _, clashes = laid_out()
    posted = QueryDict(MINE, mutable=True)
    for clash in clashes:
        posted.setlist(conflicts.THEIRS + clash.name, clash.sent)
        posted[conflicts.PICK + clash.name] = "theirs" if clash.name in ("due", "groups", "checked") else "mine"
    form = Form(conflicts.chosen(posted))
    assert form.is_valid(), form.errors
    assert form.cleaned_data["due"] == date(2024, 10, 15)
    assert form.cleaned_data["groups"] == ["3", "4"]
    assert form.cleaned_data["checked"] is True
    assert form.cleaned_data["kind"] == "nine"


def test_a_box_the_other_person_cleared_can_be_picked_too() -> None:
    form = Form(QueryDict(MINE + "&checked=on"))
    (clash,) = conflicts.lay_out(form, theirs={"checked": False}, version=2)
    posted = QueryDict(MINE + "&checked=on&pick_checked=theirs", mutable=True)
    posted.setlist("theirs_checked", clash.sent)
    again = Form(conflicts.chosen(posted))
    assert again.is_valid() and again.cleaned_data["checked"] is False


def test_words_of_the_other_person_stand_in_the_page_as_text() -> None:
    form = Form(QueryDict(MINE))
    clashes = conflicts.lay_out(form, theirs={"name": "<script>alert(1)</script>"}, version=2)
    assert "<script>" not in render_to_string("components/conflict.html", {"clashes": clashes})

"""A form as typed is kept: while typing, by the button, and when the session is over."""

from datetime import timedelta
from typing import Any

import pytest
from django.http import QueryDict
from django.test import Client

from dudao.shell import clock, drafts
from dudao.shell.errors import Refused
from dudao.shell.models import Draft
from dudao.shell.styleguide import SampleForm
from tests.cast import NOW, Cast

SLOT = drafts.Slot("shell.sample", "7")
TYPED = "name=示例小学&built=二〇〇八&groups=1&groups=4&checked=on&base_version=3&csrfmiddlewaretoken=x&password=geheim"


def keep(cast: Cast, text: str = TYPED) -> Draft:
    return drafts.keep(SLOT, typed=QueryDict(text), by=cast.office.actor, now=NOW)


def test_what_was_typed_stands_in_the_form_again_also_what_is_no_number(cast: Cast) -> None:
    keep(cast)
    form = SampleForm(initial={"name": "旧名称"})
    draft = drafts.restore(form, SLOT, by=cast.office.actor)
    assert draft is not None and draft.base_version == 3
    html = form.as_div()
    assert 'value="示例小学"' in html and 'value="二〇〇八"' in html
    assert form["groups"].value() == ["1", "4"] and form["checked"].value() is True


def test_a_box_that_was_cleared_stays_cleared(cast: Cast) -> None:
    keep(cast, "name=示例小学")
    form = SampleForm(initial={"checked": True, "groups": ["1"]})
    drafts.restore(form, SLOT, by=cast.office.actor)
    assert form["checked"].value() is False and form["groups"].value() == []


def test_a_form_that_was_just_sent_is_not_overwritten_by_its_draft(cast: Cast) -> None:
    keep(cast)
    form = SampleForm({"name": "刚交的"})
    assert drafts.restore(form, SLOT, by=cast.office.actor) is None
    assert form["name"].value() == "刚交的"


def test_a_draft_is_its_owners_alone(cast: Cast) -> None:
    keep(cast)
    assert drafts.find(SLOT, by=cast.staff.actor) is None


def test_tokens_and_passwords_are_not_kept_and_the_row_shows_nothing(cast: Cast) -> None:
    draft = keep(cast)
    assert "geheim" not in draft.data and "csrf" not in draft.data and "示例小学" in draft.data
    stored = str(Draft.objects.values_list("data", flat=True).get())
    assert "示例小学" not in stored and "name" not in stored


def test_the_last_text_stands_and_there_is_one_draft_per_form_and_object(cast: Cast) -> None:
    keep(cast, "name=甲")
    keep(cast, "name=乙")
    assert Draft.objects.count() == 1 and "乙" in Draft.objects.get().data
    drafts.clear(SLOT, by=cast.office.actor)
    assert not Draft.objects.exists()


def test_only_the_newest_drafts_of_a_person_are_kept(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drafts, "MOST", 3)
    for n in range(5):
        slot = drafts.Slot("shell.sample", n)
        drafts.keep(slot, typed=QueryDict("name=x"), by=cast.office.actor, now=NOW + timedelta(minutes=n))
    assert sorted(Draft.objects.values_list("of", flat=True)) == ["2", "3", "4"]


def test_a_text_beyond_all_measure_is_refused_and_nothing_is_written(cast: Cast) -> None:
    with pytest.raises(Refused) as refused:
        keep(cast, "words=" + "长" * (drafts.LIMIT + 1))
    assert refused.value.code == "draft.too_long" and not Draft.objects.exists()


def test_while_typing_one_line_comes_back_and_by_the_button_the_page(office: Client) -> None:
    sent = {"_draft": "shell.sample|", "name": "示例小学"}
    answer = office.post("/drafts/", sent, headers={"HX-Request": "true"})
    assert answer.status_code == 200 and "已存草稿" in answer.content.decode()
    answer = office.post("/drafts/", sent, headers={"referer": "http://testserver/styleguide/"})
    assert (answer.status_code, answer["Location"]) == (302, "http://testserver/styleguide/")
    page = office.get("/styleguide/").content.decode()
    assert "没写完的内容" in page and 'value="示例小学"' in page
    office.post("/drafts/drop/", {"_draft": "shell.sample|"})
    assert "没写完的内容" not in office.get("/styleguide/").content.decode()


@pytest.mark.parametrize("name", ["", "shell.sample", "Shell|1", "a.b|" + "9" * 65, "<script>.x|1"])
def test_a_malformed_slot_is_not_found(office: Client, name: str) -> None:
    assert office.post("/drafts/", {"_draft": name, "name": "x"}).status_code == 404


def test_the_way_back_never_leads_to_another_site(office: Client) -> None:
    answer = office.post("/drafts/", {"_draft": "shell.sample|", "next": "https://evil.example/"})
    assert answer["Location"] == "/"


def test_what_is_sent_after_the_session_ended_is_kept_and_offered_again(
    office: Client, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.get("/styleguide/")
    late = clock.machine_now() + timedelta(days=2)
    with monkeypatch.context() as patch:
        patch.setattr(clock, "machine_now", lambda: late)
        sent: dict[str, Any] = {"_draft": "shell.sample|", "name": "超时也不丢"}
        answer = office.post("/styleguide/", sent, headers={"referer": "http://testserver/styleguide/"})
    assert answer.status_code == 302 and "next=http" in answer["Location"]
    office.force_login(cast.office.user)
    assert "超时也不丢" in office.get("/styleguide/").content.decode()


def test_a_stale_token_loses_nothing(cast: Cast) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(cast.office.user)
    own = {"origin": "http://testserver"}
    answer = client.post("/drafts/", {"_draft": "shell.sample|", "name": "留住"}, headers=own)
    assert answer.status_code == 403 and "已存为草稿" in answer.content.decode()
    assert "留住" in Draft.objects.get().data
    answer = client.post("/hat/", {"reason": "没有草稿的表单", "password": "geheim"}, headers=own)
    page = answer.content.decode()
    assert "没有草稿的表单" in page and "geheim" not in page


def test_another_site_cannot_write_a_draft_nor_put_words_on_our_page(cast: Cast) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(cast.office.user)
    sent = {"_draft": "shell.sample|", "name": "外来的话"}
    answer = client.post("/drafts/", sent, headers={"origin": "https://evil.example"})
    assert answer.status_code == 403 and "外来的话" not in answer.content.decode()
    assert not Draft.objects.exists()

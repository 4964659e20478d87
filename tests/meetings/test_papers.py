"""The minutes on paper: as a page to print, and as a Word document that opens."""

import io
from typing import Any

import docx
import pytest
from django.test import Client
from django.urls import reverse

from dudao.meetings import services
from dudao.meetings.models import Meeting
from dudao.papers import queries as papers
from tests.cast import NOW, TODAY, Cast, Player

pytestmark = pytest.mark.django_db


@pytest.fixture
def minuted(office: Player, cast: Cast, april: Meeting) -> Meeting:
    by = {"by": office.actor, "now": NOW}
    services.hold_meeting(meeting=april, base_version=april.version, day=TODAY, **by)  # type: ignore[arg-type]
    rows = [(m, state, "") for m, state in zip(april.members.all(), ("present", "leave"), strict=True)]
    services.record_attendance(meeting=april, base_version=april.version, rows=rows, **by)  # type: ignore[arg-type]
    first = april.items.first()
    said = services.write_paragraph(meeting=april, item=first, text="请各校摸排。\n4月底前报。", **by)  # type: ignore[arg-type]
    facts = {"matter": "各校摸排", "unit": cast.school.pk, "person": None, "due_on": TODAY}
    services.decide_paragraph(paragraph=said, base_version=1, **facts, **by)  # type: ignore[arg-type]
    services.finish_minutes(meeting=april, base_version=april.version, **by)  # type: ignore[arg-type]
    return april


def read(client: Client, meeting: Meeting) -> Any:
    answer = client.get(reverse("meetings:docx", args=[meeting.pk]))
    assert answer.status_code == 200
    return docx.Document(io.BytesIO(b"".join(answer.streaming_content)))  # type: ignore[attr-defined]


def test_the_word_document_says_what_the_minutes_say(client: Client, office: Player, minuted: Meeting) -> None:
    client.force_login(office.user)
    doc = read(client, minuted)
    lines = [paragraph.text for paragraph in doc.paragraphs]
    assert "督导室专题工作会议（2024年4月）纪要" in "".join(lines).replace("\n", "")
    said = "\n".join(lines)
    assert "2024年4月10日（星期三）" in said and "出席：甲（示例）" in said and "请假：乙（示例）" in said
    assert lines[lines.index("请各校摸排。") + 1] == "4月底前报。"
    table = doc.tables[0]
    assert [cell.text for cell in table.rows[1].cells] == ["1", "各校摸排", "示例第一小学", "2024年4月10日"]


def test_minutes_that_stand_become_a_paper_with_one_click_and_only_one(
    client: Client, office: Player, cast: Cast, minuted: Meeting
) -> None:
    client.force_login(cast.staff.user)
    address = reverse("meetings:paper", args=[minuted.pk])
    first = client.post(address)
    assert client.post(address)["Location"] == first["Location"]
    (paper,) = papers.papers_of(office.actor, minuted)
    text = paper.texts.get()
    assert (paper.kind, paper.subject_title, paper.is_served_here) == ("minutes", minuted.title, True)
    assert "请各校摸排。" in text.body and "各校摸排" in text.body and "出席：甲（示例）" in text.body
    assert paper.title in client.get(first["Location"]).content.decode()
    shown = client.get(reverse("meetings:meeting", args=[minuted.pk])).content.decode()
    assert reverse("papers:paper", args=[paper.pk]) in shown
    Meeting.objects.filter(pk=minuted.pk).update(state="held", finished_at=None)
    assert client.post(address).status_code == 404, "minutes that are still written are no paper yet"


def test_the_printed_page_says_the_same_and_drafts_say_that_they_are(
    client: Client, office: Player, minuted: Meeting
) -> None:
    client.force_login(office.user)
    body = client.get(reverse("meetings:print", args=[minuted.pk])).content.decode()
    assert "data-print" in body and "各校摸排" in body and "未定稿" not in body
    Meeting.objects.filter(pk=minuted.pk).update(state="held", finished_at=None)
    assert "（未定稿）" in client.get(reverse("meetings:print", args=[minuted.pk])).content.decode()
    assert "（未定稿）" in "".join(p.text for p in read(client, minuted).paragraphs)


def test_units_get_no_paper(client: Client, cast: Cast, minuted: Meeting) -> None:
    client.force_login(cast.head.user)
    for name in ("print", "docx"):
        assert client.get(reverse(f"meetings:{name}", args=[minuted.pk])).status_code == 404

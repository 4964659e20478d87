"""The audit administrator reads the history; nobody else does; and the reading itself is history."""

import io
from pathlib import Path
from typing import Any

import pytest
from django.db import models, transaction
from django.test import Client
from python_calamine import CalamineWorkbook

from dudao.accounts.models import User
from dudao.audit import services
from dudao.audit.models import AuditEvent
from dudao.shell import clock, crypto
from tests.cast import NOW, Cast, county_cast


@pytest.fixture
def cast(db: None, tmp_path: Path, settings: Any) -> Cast:
    settings.KEY_FILE = tmp_path / "ring.json"
    crypto.make_key_file(settings.KEY_FILE, now=NOW)
    return county_cast()


@pytest.fixture
def auditor(cast: Cast) -> Client:
    # Demo accounts need no second factor.
    User.objects.filter(pk=cast.audit_admin.user.pk).update(is_demo=True)
    client = Client()
    client.force_login(cast.audit_admin.user)
    return client


def test_nobody_but_the_audit_administrator_finds_these_pages(cast: Cast):
    event = AuditEvent.objects.filter(county="640122").first()
    User.objects.update(is_demo=True)
    for player in (cast.office, cast.head, cast.system_admin, cast.security_admin):
        client = Client()
        client.force_login(player.user)
        for address in ("/audit/", f"/audit/{event.pk}/", "/audit/chain/", "/audit/chain/head/", "/audit/?export=xlsx"):
            assert client.get(address).status_code == 404, (player.actor.post, address)


def test_the_history_of_another_county_is_not_found(cast: Cast, auditor: Client):
    foreign = AuditEvent.objects.filter(county="640121").first()
    assert auditor.get(f"/audit/{foreign.pk}/").status_code == 404
    assert "邻县" not in auditor.get("/audit/?size=100").content.decode()


def test_she_narrows_the_list_by_person_action_object_and_day(cast: Cast, auditor: Client):
    def shown(query: str) -> int:
        return int(auditor.get(f"/audit/?{query}").context["page"].paginator.count)

    assert shown("") == AuditEvent.objects.filter(county="640122").count()
    assert shown("action=unit.opened") == 5
    assert shown("kind=places.unit") == 5
    assert (
        shown("q=示例第一小学")
        == AuditEvent.objects.filter(county="640122", summary__contains="示例第一小学").count()
        > 0
    )
    assert shown(f"subject=places.unit|{cast.school.pk}") == 1
    assert shown("day=today") == 0
    page = auditor.get("/audit/").content.decode()
    assert '<option value="unit.opened">登记单位</option>' in page
    assert '<option value="places.unit">单位</option>' in page


def test_the_table_in_excel_is_what_the_page_shows_and_leaves_a_line(cast: Cast, auditor: Client):
    answer = auditor.get("/audit/?kind=places.unit&export=xlsx")
    rows = CalamineWorkbook.from_filelike(_file(answer)).get_sheet_by_index(0).to_python()
    assert rows[2][:2] == ["办了什么", "谁"]
    assert len(rows) == 3 + 5
    line = AuditEvent.objects.get(action="audit.exported")
    assert line.facts["filters"]["kind"] == "places.unit"
    assert line.by_name == cast.audit_admin.person.name


def _file(answer: Any) -> io.BytesIO:
    return io.BytesIO(b"".join(answer.streaming_content))


def test_opening_what_tells_of_a_person_leaves_a_line_and_what_does_not_leaves_none(cast: Cast, auditor: Client):
    plain = AuditEvent.objects.filter(action="unit.opened", county="640122").first()
    assert auditor.get(f"/audit/{plain.pk}/").status_code == 200
    assert not AuditEvent.objects.filter(action="audit.read").exists()
    about_a_person = AuditEvent.objects.filter(action="person.entered", county="640122").first()
    page = auditor.get(f"/audit/{about_a_person.pk}/").content.decode()
    assert "本次查看已经留痕" in page
    assert AuditEvent.objects.get(action="audit.read").subject == str(about_a_person.pk)


def test_the_check_at_a_click_says_whole_and_says_broken(cast: Cast, auditor: Client):
    services.seal_all(now=clock.now())
    assert "链校验通过" not in auditor.get("/audit/chain/").content.decode()
    assert "链校验通过" in auditor.post("/audit/chain/").content.decode()
    event = AuditEvent.objects.filter(county="640122").first()
    models.QuerySet(AuditEvent).filter(pk=event.pk).update(summary="别的")
    page = auditor.post("/audit/chain/").content.decode()
    assert "链校验不通过，1 处" in page
    assert str(event.pk) in page


def test_the_head_is_a_file_that_the_command_takes(cast: Cast, auditor: Client):
    services.seal_all(now=clock.now())
    answer = auditor.get("/audit/chain/head/")
    (head,) = services.read_heads(answer.content.decode())
    assert head.county == "640122"
    assert "attachment" in answer["Content-Disposition"]


def test_words_of_people_are_text_and_never_markup(cast: Cast, auditor: Client):
    with transaction.atomic():
        event = services.record(
            action="x.done",
            subject=("x", "<b>1</b>"),
            summary="<script>alert(1)</script>",
            by=cast.office.actor,
            now=NOW,
            note="<img src=x onerror=alert(1)>",
        )
    for address in ("/audit/?size=100", f"/audit/{event.pk}/"):
        page = auditor.get(address).content.decode()
        assert "<script>alert" not in page
        assert "<img src=x" not in page


def test_a_page_takes_as_many_statements_for_many_events_as_for_few(
    cast: Cast, auditor: Client, django_assert_max_num_queries: Any
):
    with transaction.atomic():
        for n in range(300):
            services.record(
                action="unit.opened", subject=cast.school, summary=f"第 {n} 次", by=cast.office.actor, now=NOW
            )
    # Sign-in and hat, one step each for the few actions and kinds, one for rows, one for the count.
    with django_assert_max_num_queries(30):
        auditor.get("/audit/?size=100")

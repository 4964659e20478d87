"""Who complained is kept closed, opened by the office for a reason, and told to nobody of the unit."""

from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.urls import reverse

from dudao.accounts import services as accounts
from dudao.audit.models import AuditEvent
from dudao.findings import nightly, services
from dudao.findings.models import Complainant, Finding
from dudao.messages.models import Message
from dudao.papers.models import Paper, PaperText
from dudao.shell.errors import Refused
from tests.cast import NOW, SINCE, TODAY, Cast
from tests.findings.conftest import facts
from tests.findings.test_nightly import Night
from tests.findings.test_pages import page, send, signed_in

pytestmark = pytest.mark.django_db

NAME, CONTACT, WORDS = "示例密投诉人", "示例密电话", "示例密原话"
SECRETS = (NAME, CONTACT, WORDS)


@pytest.fixture(autouse=True)
def _on_the_day(settings: Any) -> None:
    settings.DEMO_TODAY = TODAY


@pytest.fixture
def complaint(cast: Cast) -> Finding:
    row = services.register_finding(
        facts=facts(cast, source="complaint", due_on=date(2024, 4, 5)), told_on=date(2024, 3, 10), by=cast.office.actor,
        now=NOW,
    )  # fmt: skip
    services.record_complainant(finding=row, name=NAME, contact=CONTACT, words=WORDS, by=cast.office.actor, now=NOW)
    return row


def test_it_is_opened_for_a_reason_and_each_look_leaves_a_line(cast: Cast, complaint: Finding) -> None:
    shown = page(cast.staff, "complainant", complaint.pk)
    assert not [word for word in SECRETS if word in shown]
    address = reverse("findings:complainant", args=[complaint.pk])
    refused = signed_in(cast.staff).post(address, {"reason": " "})
    assert refused.status_code == 422
    assert not AuditEvent.objects.filter(action="complainant.opened").exists()
    opened = signed_in(cast.staff).post(address, {"reason": "回访核实投诉内容（示例）"})
    assert all(word in opened.content.decode() for word in SECRETS)
    assert "no-store" in opened["Cache-Control"]
    event = AuditEvent.objects.get(action="complainant.opened")
    assert (event.by_name, event.facts) == (cast.staff.actor.name, {"reason": "回访核实投诉内容（示例）"})


def test_the_page_of_a_complaint_offers_to_keep_who_complained_until_it_is_kept(cast: Cast, complaint: Finding) -> None:
    assert "写明理由查看" in page(cast.staff, "finding", complaint.pk)
    Complainant.objects.all().delete()
    shown = page(cast.staff, "finding", complaint.pk)
    assert "没有登记，去登记" in shown and "写明理由查看" not in shown


def test_nobody_but_the_office_finds_the_page(cast: Cast, complaint: Finding) -> None:
    for who in (cast.head, cast.head_2, cast.foreign_office, cast.system_admin):
        for name in ("complainant", "complainant_record"):
            address = reverse(f"findings:{name}", args=[complaint.pk])
            assert signed_in(who).get(address).status_code in (302, 404)
            assert signed_in(who).post(address, {"reason": "示例的理由", "name": "示例"}).status_code in (302, 403, 404)
    assert not AuditEvent.objects.filter(action="complainant.opened").exists()


def test_an_officer_who_also_holds_a_post_in_the_unit_does_not_see_it(cast: Cast, complaint: Finding) -> None:
    accounts.appoint(
        person=cast.staff.person, post="school_clerk", unit=cast.school, start_on=SINCE, by=cast.office.actor, now=NOW
    )
    page(cast.staff, "complainant", complaint.pk, status=404)
    with pytest.raises(Refused, match="被投诉单位的人员"):
        services.open_complainant(finding=complaint, reason="示例的理由", by=cast.staff.actor, now=NOW)


def test_only_a_complaint_has_a_complainant(cast: Cast) -> None:
    row = services.register_finding(facts=facts(cast), by=cast.office.actor, now=NOW)
    page(cast.office, "complainant", row.pk, status=404)
    with pytest.raises(Refused):
        services.record_complainant(finding=row, name=NAME, contact="", words="", by=cast.office.actor, now=NOW)


def test_it_is_closed_in_the_database(complaint: Finding) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, contact, words FROM findings_complainant")
        kept = str(cursor.fetchone())
    assert not [word for word in SECRETS if word in kept]


def test_it_is_in_no_list_print_export_paper_message_or_history(cast: Cast, complaint: Finding) -> None:
    answer = send(cast.office, "finding_paper", complaint.pk, "rectification-notice")
    assert answer.status_code == 302
    nightly.propose(Night())
    everything = [
        *(str(row) for model in (AuditEvent, Message, Paper, PaperText) for row in model.objects.values()),
        page(cast.office, "finding", complaint.pk), page(cast.office, "finding_print", complaint.pk),
        page(cast.head, "finding", complaint.pk), page(cast.office, "queue"), page(cast.office, "list"),
        str(list(Finding.objects.values())),
    ]  # fmt: skip
    for words in SECRETS:
        address = f"{reverse('findings:list')}?q={words}"
        assert complaint.number not in signed_in(cast.office).get(address).content.decode()
    book = signed_in(cast.office).get(f"{reverse('findings:list')}?export=xlsx")
    everything.append(b"".join(book.streaming_content).decode("latin-1"))  # type: ignore[attr-defined]
    assert not [word for word in SECRETS for text in everything if word in text]


def test_written_down_from_the_page_and_again(cast: Cast, complaint: Finding) -> None:
    address = reverse("findings:complainant_record", args=[complaint.pk])
    assert signed_in(cast.office).post(address, {"name": "示例另一人"}).status_code == 302
    row = Complainant.objects.get()
    assert (row.name, row.contact) == ("示例另一人", "")
    empty = send(cast.office, "complainant_record", complaint.pk)
    assert empty.status_code == 422

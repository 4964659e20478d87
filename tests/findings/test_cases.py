"""问责: a case is worked on by its members and is nowhere to be seen for anybody else."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.db.models import TextField
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import get_resolver, reverse

from dudao.accounts import services as accounts
from dudao.accounts.models import User
from dudao.accounts.queries import actor_for
from dudao.audit.models import AuditEvent
from dudao.files.models import StoredFile
from dudao.findings import nightly, services
from dudao.findings.models import Case, CaseMember, Finding
from dudao.messages.models import Message
from dudao.papers.models import Paper, Reader
from dudao.procedures.models import Act, Clock
from dudao.shell.acts import system
from dudao.shell.errors import Refused
from tests.cast import NOW, SINCE, TODAY, Cast, Player, player
from tests.findings.conftest import act, outside_paper, proof
from tests.findings.test_nightly import Night
from tests.findings.test_pages import page, picture, send, signed_in

pytestmark = pytest.mark.django_db

TITLE, WORDS, PERSONS = "示例密事由", "示例密线索", "示例密责任人"
SECRETS = (TITLE, WORDS, PERSONS, "示例密事实")


@pytest.fixture(autouse=True)
def _on_the_day(settings: Any) -> None:
    settings.DEMO_TODAY = TODAY


@dataclass
class Closed:
    """A case of the office director, with a member who leads, and a paper on its way."""

    case: Case
    finding: Finding
    leader: Player
    paper: Paper


@pytest.fixture
def closed(cast: Cast, told: Finding) -> Closed:
    case = services.open_case(
        unit=cast.school.pk, findings=[told], grounds=["safety"], title=TITLE, persons=PERSONS,
        methods=["circular", "discipline"], words=WORDS, work_done_on=date(2024, 2, 1), occurred_on=date(2024, 2, 5),
        by=cast.office.actor, now=NOW,
    )  # fmt: skip
    leader = player("癸", "leader", cast.bureau)
    services.name_member(case=case, person=leader.person.pk, role="审定", by=cast.office.actor, now=NOW)
    step(case, "set_group", date(2024, 2, 6), cast.office)
    step(case, "establish_facts", date(2024, 2, 8), cast.office, words="示例密事实", evidence=[proof("示例密证据.png")])
    readers = services.members_of(case)
    paper = outside_paper(
        case,
        "accountability-notice",
        cast.office.actor,
        cast.school.pk,
        on=date(2024, 2, 10),
        readers=readers,
        title="示例密告知书",
    )
    return Closed(case, told, leader, paper)


def step(case: Case, name: str, on: date, by: Player, **more: Any) -> None:
    more.setdefault("words", "示例说明")
    services.act_on_case(
        case=case,
        act=name,
        brought=services.Brought(occurred_on=on, **more),
        base_version=case.version,
        by=by.actor,
        now=NOW,
    )


def decide(closed: Closed, cast: Cast) -> None:
    """On to the decision, received on 5 March."""
    case = closed.case
    step(case, "tell", date(2024, 2, 11), cast.office, way="oa", paper=closed.paper, received_by="示例")
    step(case, "submit", date(2024, 2, 20), cast.office)
    paper = outside_paper(
        case, "accountability-decision", cast.office.actor, cast.school.pk, on=date(2024, 3, 1),
        readers=services.members_of(case),
    )  # fmt: skip
    step(case, "decide", date(2024, 3, 5), closed.leader, way="oa", paper=paper, received_by="示例")


def everybody(cast: Cast) -> Iterator[tuple[str, Player]]:
    """Every role that is not a member; demo accounts, so that administrators need no second factor."""
    yield "staff of the office", cast.staff
    yield "leader who is no member", player("子", "committee_head", cast.bureau)
    yield "inspector of the unit", inspector(cast)
    yield "head of the unit", cast.head
    yield "clerk of the unit", player("寅", "school_clerk", cast.school)
    yield "head of another unit", cast.head_2
    yield "department", player("卯", "section_head", cast.bureau)
    yield "upper level", player("辰", "upper_office", cast.bureau)
    yield "system administrator", cast.system_admin
    yield "security administrator", cast.security_admin
    yield "audit administrator", cast.audit_admin
    yield "other county", cast.foreign_office


def come_in(who: Player) -> Client:
    User.objects.filter(pk=who.user.pk).update(is_demo=True)
    return signed_in(who)


def inspector(cast: Cast) -> Player:
    """A responsible inspector to whom the school is given."""
    made = player("丑", "inspector", cast.bureau)
    accounts.give_grant(
        to_person=made.person, on_type="places.unit", on_key=str(cast.school.pk), purpose="inspector.responsible",
        start_on=SINCE, reason="责任督学挂牌", by=system("640122"), now=NOW,
    )  # fmt: skip
    actor, _ = actor_for(made.user, hat=None, day=TODAY)
    return replace(made, actor=actor)


def addresses(closed: Closed) -> list[str]:
    """Every page of a case."""
    case, done = closed.case, Act.objects.get(subject=closed.case.pk, code="establish_facts")
    stored = StoredFile.objects.get(subject=str(done.pk))
    member = CaseMember.objects.filter(case=case).first()
    known = {
        "case": [case.pk], "case_act": [case.pk, "tell"], "case_paper": [case.pk, "accountability-notice"],
        "case_file": [case.pk, done.pk, stored.pk], "case_member": [case.pk],
        "case_member_end": [case.pk, member.pk if member else None],
    }  # fmt: skip
    names = {n for n in get_resolver("dudao.findings.urls").reverse_dict if isinstance(n, str) and n.startswith("case")}
    assert names == {*known, "cases", "case_new"}, "a page of cases that this test does not look at"
    return [reverse(f"findings:{name}", args=args) for name, args in known.items()]


def test_for_nobody_else_there_is_any_page_of_a_case(cast: Cast, closed: Closed) -> None:
    for role, who in everybody(cast):
        client = come_in(who)
        for address in addresses(closed):
            for answer in (client.get(address), client.post(address, {"person": str(who.person.pk)})):
                assert answer.status_code in (404, 405), (role, address)
        listed = client.get(reverse("findings:cases"))
        assert str(closed.case.number) not in listed.content.decode(), role


def test_nothing_of_a_case_stands_on_any_page_of_others(cast: Cast, closed: Closed) -> None:
    nightly.propose(Night())
    words = [*SECRETS, closed.paper.title, "问责案件 2024", str(closed.case.pk), "示例密证据"]
    plain = sorted(
        {
            reverse(f"{space}:{name}")
            for space, names in spaces().items()
            for name in names
            if not name.startswith(("draft", "sign_out", "log_out", "case_new"))
        }
    )
    more = [
        reverse("findings:finding", args=[closed.finding.pk]), reverse("findings:finding_print", args=[closed.finding.pk]),
        reverse("papers:paper", args=[closed.paper.pk]),
        *(f"{reverse('findings:list')}?q={word}" for word in SECRETS),
        f"{reverse('findings:list')}?export=xlsx", f"{reverse('findings:queue')}?procedure=accountability",
    ]  # fmt: skip
    looked = (
        "staff of the office",
        "leader who is no member",
        "inspector of the unit",
        "head of the unit",
        "audit administrator",
    )
    for role, who in everybody(cast):
        client = come_in(who)
        for address in [*plain, *more] if role in looked else more:
            answer = client.get(address)
            if answer.status_code != 200:
                continue
            body = b"".join(answer.streaming_content) if answer.streaming else answer.content  # type: ignore[attr-defined]
            text = body.decode("utf-8", "ignore")
            # What was searched for stands in the search field again.
            found = [word for word in words if word in text.replace(f'value="{word}"', "").replace(f"含“{word}”", "")]
            if role == "audit administrator" and "/audit/" in address:
                found = [word for word in found if word in SECRETS]
            assert not found, (role, address, found)


def spaces() -> dict[str, list[str]]:
    """The addresses of the house that take nothing, by app."""
    found: dict[str, list[str]] = {}
    for pattern in get_resolver().url_patterns:
        space = getattr(pattern, "app_name", None)
        if space:
            for one in pattern.url_patterns:  # type: ignore[union-attr]
                if one.name and not one.pattern.converters:
                    found.setdefault(space, []).append(one.name)
    return found


def test_history_messages_and_jobs_tell_nothing_of_it(cast: Cast, closed: Closed) -> None:
    decide(closed, cast)
    nightly.propose(Night())
    told = " ".join(f"{e.summary} {e.facts}" for e in AuditEvent.objects.all())
    said = " ".join(f"{m.title} {m.text}" for m in Message.objects.all())
    school = "示例第一小学"
    assert not [word for word in SECRETS if word in told + said]
    assert "问责" not in said
    about = [e for e in AuditEvent.objects.all() if e.subject in (str(closed.case.pk), str(closed.paper.pk))]
    assert about
    assert not [e.summary for e in about if school in e.summary or "告知书" in e.summary]
    assert not [e.facts for e in about if str(cast.school.pk) in str(e.facts) or "告知书" in str(e.facts)]


def test_what_a_case_says_is_closed_in_the_database(closed: Closed) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT title, persons FROM findings_case")
        row = cursor.fetchone()
    assert not any(secret in str(value) for value in row for secret in SECRETS)
    assert isinstance(Case._meta.get_field("title"), TextField)
    assert StoredFile.objects.get(name="示例密证据.png")


def test_a_member_is_named_reads_the_papers_and_is_taken_out(cast: Cast, closed: Closed) -> None:
    answer = send(cast.office, "case_member", closed.case.pk, person=str(cast.staff.person.pk), role="记录")
    assert answer.status_code == 302
    assert TITLE in page(cast.staff, "case", closed.case.pk)
    assert signed_in(cast.staff).get(reverse("papers:paper", args=[closed.paper.pk])).status_code == 200
    member = CaseMember.objects.get(case=closed.case, person=cast.staff.person)
    gone = signed_in(cast.office).post(reverse("findings:case_member_end", args=[closed.case.pk, member.pk]))
    assert gone.status_code == 302
    page(cast.staff, "case", closed.case.pk, status=404)
    assert signed_in(cast.staff).get(reverse("papers:paper", args=[closed.paper.pk])).status_code == 404
    assert not Reader.objects.filter(person=cast.staff.person).exists()


def test_who_holds_a_post_in_the_unit_stands_aside(cast: Cast, closed: Closed) -> None:
    with pytest.raises(Refused, match="应当回避"):
        services.name_member(case=closed.case, person=cast.head.person.pk, role="", by=cast.office.actor, now=NOW)
    accounts.appoint(
        person=cast.staff.person, post="school_clerk", unit=cast.school, start_on=SINCE, by=cast.office.actor, now=NOW
    )
    with pytest.raises(Refused, match="应当回避"):
        services.name_member(case=closed.case, person=cast.staff.person.pk, role="", by=cast.office.actor, now=NOW)


def test_the_office_opens_a_case_from_a_finding(cast: Cast, told: Finding) -> None:
    client = signed_in(cast.office)
    address = f"{reverse('findings:case_new')}?unit={cast.school.pk}&finding={told.pk}"
    opened = client.get(address)
    assert told.number in opened.content.decode()
    answer = client.post(
        address,
        {
            "findings": [str(told.pk)], "grounds": ["safety"], "title": TITLE, "words": WORDS, "persons": PERSONS,
            "methods": ["discipline"], "work_done_on": "2024-03-01", "occurred_on": "2024-04-10",
        },
    )  # fmt: skip
    case = Case.objects.get()
    assert answer["Location"] == reverse("findings:case", args=[case.pk])
    shown = page(cast.office, "case", case.pk)
    assert all(word in shown for word in (TITLE, PERSONS, "对人员：处分（建议）", "从重") if word != "从重")
    assert "涉及问责案件" in page(cast.office, "finding", told.pk)
    assert "涉及问责案件" not in page(cast.staff, "finding", told.pk)


def test_both_deadlines_run_from_the_day_the_decision_was_received(cast: Cast, closed: Closed) -> None:
    decide(closed, cast)
    due = dict(Clock.objects.filter(subject=closed.case.pk, started_by__code="decide").values_list("limit", "due_on"))
    assert due == {"L_ACC_REVIEW_APPLY": date(2024, 4, 4), "L_ACC_APPEAL_DIRECT": date(2024, 3, 20)}
    shown = page(cast.office, "case", closed.case.pk)
    assert "2024年4月4日" in shown
    assert "2024年3月20日" in shown


def test_a_review_received_in_time_is_taken_though_it_is_written_down_later(cast: Cast, closed: Closed) -> None:
    decide(closed, cast)
    with pytest.raises(Refused, match="问责复核申请"):
        step(closed.case, "apply_review", date(2024, 4, 5), cast.office, evidence=[proof()])
    step(closed.case, "apply_review", date(2024, 4, 4), cast.office, evidence=[proof()], way="paper", on_behalf="示例")
    assert (closed.case.state, closed.case.side_state) == ("decided", "reviewing")


def test_a_second_case_within_a_year_is_heavier(cast: Cast, closed: Closed) -> None:
    decide(closed, cast)
    again = services.open_case(
        unit=cast.school.pk, findings=[], grounds=["safety"], title="示例", persons="", methods=[], words="示例",
        work_done_on=date(2024, 4, 1), occurred_on=TODAY, by=cast.office.actor, now=NOW,
    )  # fmt: skip
    assert again.heavier == ["repeat"]
    assert "一年内" in page(cast.office, "case", again.pk)


def test_a_decision_on_paper_is_entered_with_its_scan_for_the_members_alone(cast: Cast, closed: Closed) -> None:
    answer = send(
        cast.office, "case_act", closed.case.pk, "tell", paper="outside", number="示教督函〔2024〕901号",
        paper_on="2024-02-12", occurred_on="2024-02-13", way="paper", received_by="示例签收人",
        scan=picture("告知书.png"), evidence=[picture("回证.png")],
    )  # fmt: skip
    assert answer.status_code == 302, answer.context["form"].errors
    made = Paper.objects.get(number="示教督函〔2024〕901号")
    assert made.is_restricted
    assert set(Reader.objects.filter(paper=made).values_list("person", flat=True)) == set(
        services.members_of(closed.case)
    )
    assert StoredFile.objects.filter(subject=str(made.pk)).get().is_sensitive


def test_a_paper_drafted_from_a_case_is_for_its_members(cast: Cast, closed: Closed) -> None:
    answer = send(cast.office, "case_paper", closed.case.pk, "transfer-letter")
    assert answer.status_code == 302
    made = Paper.objects.get(kind="transfer-letter")
    assert made.is_restricted
    assert signed_in(cast.staff).get(reverse("papers:paper", args=[made.pk])).status_code == 404


def test_a_finding_under_a_case_is_put_right_and_closed_all_the_same(cast: Cast, closed: Closed) -> None:
    act(closed.finding, "report", cast.head, date(2024, 3, 20), evidence=[proof()])
    act(closed.finding, "recheck_passed", cast.staff, date(2024, 3, 25), evidence=[proof("复查.png")])
    act(closed.finding, "close", cast.office, date(2024, 3, 26))
    assert closed.finding.state == "closed"


def test_a_case_page_takes_a_constant_number_of_statements(cast: Cast, closed: Closed) -> None:
    counts = []
    for _ in range(2):
        client, address = signed_in(cast.office), reverse("findings:case", args=[closed.case.pk])
        client.get(address)
        with CaptureQueriesContext(connection) as asked:
            client.get(address)
        counts.append(len(asked))
        for number in range(4):
            step(
                closed.case,
                "establish_facts",
                TODAY,
                cast.office,
                words=f"第{number}次",
                evidence=[proof(f"{number}.png")],
            )
    assert counts[0] == counts[1]


def test_a_second_hearing_takes_a_notice_of_its_own(closed: Closed, cast: Cast) -> None:
    case = closed.case
    step(case, "tell", date(2024, 2, 11), cast.office, way="oa", paper=closed.paper, received_by="示例")
    step(case, "submit", date(2024, 2, 20), cast.office)
    step(case, "send_back", date(2024, 2, 21), closed.leader)
    step(case, "establish_facts", date(2024, 2, 22), cast.office, words="示例补充", evidence=[proof("补充.png")])
    with pytest.raises(Refused, match="另行签发"):
        step(case, "tell", date(2024, 2, 23), cast.office, way="oa", paper=closed.paper, received_by="示例")

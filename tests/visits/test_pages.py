"""The pages of visits, as each role meets them."""

import io
from collections.abc import Callable
from datetime import date, time
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from python_calamine import CalamineWorkbook

from dudao.findings.models import Finding
from dudao.inspectors.models import Inspector
from dudao.shell.keys import uuid7
from dudao.visits import services
from dudao.visits.models import Visit
from tests.cast import NOW, TODAY, Cast, Player, player, unit
from tests.visits.stage import responsible
from tests.visits.test_services import begun, photo, told

pytestmark = pytest.mark.django_db
SignIn = Callable[[Player], Client]
#: Words that only the inspector's side may read, and those that the school may.
NOTES, SEEN, TOLD = "只给督学看的记录", "只给督学看的清单", "请清理疏散通道。"


@pytest.fixture(autouse=True)
def on_the_day(settings: Any) -> None:
    settings.DEMO_TODAY = TODAY


@pytest.fixture
def signed_in(client: Client) -> SignIn:
    def into(who: Player) -> Client:
        client.force_login(who.user)
        return client

    return into


@pytest.fixture
def inspector(cast: Cast) -> Player:
    return responsible(cast, "癸", cast.school, cast.kindergarten)


def at(visit: Visit, rest: str = "") -> str:
    return f"/visits/{visit.pk}/{rest}"


def full(cast: Cast, who: Player) -> Visit:
    """A visit with everything: notes, the list, a photo, told."""
    visit = begun(cast, who)
    base: dict[str, Any] = {"visit": visit, "by": who.actor, "now": NOW}
    services.answer(said=[services.Said("exits", "no", SEEN)], **base)
    services.write_notes(base_version=visit.version, notes=NOTES, companions="同行子（示例）", photos=[photo()], **base)
    return told(visit, who, told=TOLD)


def test_what_each_role_sees_of_a_visit(cast: Cast, inspector: Player, signed_in: SignIn) -> None:
    visit = full(cast, inspector)
    colleague = responsible(cast, "子", cast.school_2)
    leader = player("丑", "leader", cast.bureau)
    for who, sees in (
        (inspector, {NOTES, SEEN, TOLD}), (cast.office, {NOTES, SEEN, TOLD}), (leader, {NOTES, SEEN, TOLD}), (cast.head, {TOLD}),
        (cast.head_2, None), (colleague, None), (cast.foreign_office, None), (cast.foreign, None),
    ):  # fmt: skip
        answer = signed_in(who).get(at(visit))
        assert answer.status_code == (200 if sees is not None else 404), who.person.name
        page = answer.content.decode()
        assert {one for one in (NOTES, SEEN, TOLD) if one in page} == (sees or set()), who.person.name
    key = signed_in(inspector).get(at(visit)).context["photos"][0].pk
    for who, status in ((inspector, 200), (leader, 200), (cast.head, 404), (colleague, 404)):
        assert signed_in(who).get(at(visit, f"photo/{key}/")).status_code == status


def test_a_school_sees_nothing_of_a_plan_or_a_visit_before_it_is_told(
    cast: Cast, inspector: Player, signed_in: SignIn
) -> None:
    planned = services.plan_visit(
        unit=cast.school, person=inspector.person, month=date(2024, 5, 1), by=inspector.actor, now=NOW
    )
    going = begun(cast, inspector)
    head = signed_in(cast.head)
    assert [head.get(at(one)).status_code for one in (planned, going)] == [404, 404]
    assert "没有反馈" in head.get("/visits/feedback/").content.decode()
    assert [head.get(f"/visits/{one}").status_code for one in ("", "plan/", "term/", "month/", "mine/")] == [404] * 5
    told(going, inspector, told=TOLD)
    assert TOLD in head.get("/visits/feedback/").content.decode()
    assert head.post(at(going, "seen/"), {"base_version": going.version, "words": "已清理"}).status_code == 302
    going.refresh_from_db()
    assert going.seen_words == "已清理" and "已清理" in signed_in(inspector).get(at(going)).content.decode()


@pytest.mark.parametrize(
    "rest", ["check/", "notes/", "problem/", "tell/", "file/", "arrive/", "change/", "undone/", "reopen/"]
)
def test_only_who_makes_a_visit_writes_it(cast: Cast, inspector: Player, signed_in: SignIn, rest: str) -> None:
    visit = full(cast, inspector)
    before = Visit.objects.values().get(pk=visit.pk)
    leader = player("丑", "leader", cast.bureau)
    for who in (cast.head, leader, responsible(cast, "子", cast.school), cast.foreign_office):
        assert signed_in(who).post(at(visit, rest), {"base_version": visit.version}).status_code == 404
    assert Visit.objects.values().get(pk=visit.pk) == before


def test_the_whole_visit_by_plain_forms(cast: Cast, inspector: Player, signed_in: SignIn) -> None:
    one = signed_in(inspector)
    typed = {"key": str(uuid7()), "unit": str(cast.school.pk), "visited_on": "2024-04-10", "arrived_at": "09:00"}
    for _ in range(2):
        assert one.post("/visits/begin/", typed).status_code == 302
    visit = Visit.objects.get()
    wrong = one.post(at(visit, "check/"), {"outcome-exits": "no", "note-exits": "", "outcome-gate": "yes"})
    assert wrong.status_code == 422 and "请写明看到了什么" in wrong.content.decode()
    one.post(at(visit, "check/"), {"outcome-exits": "no", "note-exits": "北门上锁", "outcome-gate": "yes"})
    assert visit.answers.count() == 2
    page = one.get(at(visit)).content.decode()
    assert "登记后立即报督导室" in page
    form = one.get(at(visit, "problem/?item=exits")).context["form"]
    assert form.initial["severity"] == "danger" and form.initial["facts"] == "北门上锁"
    late = one.post(
        at(visit, "problem/?item=exits"),
        {
            "title": "安全出口上锁",
            "facts": "北门上锁",
            "basis": "消防要求",
            "severity": "danger",
            "days": "3",
            "drafts_notice": "on",
        },
    )
    assert late.status_code == 302 and Finding.objects.get().source == "visit"
    told_ = one.get(at(visit, "tell/")).context["form"].initial
    assert "安全出口上锁（问题" in told_["told"] and "丙" in told_["head_name"]
    visit.refresh_from_db()
    answer = one.post(
        at(visit, "tell/"),
        {"base_version": visit.version, "told": "马上打开。", "head_name": "丙（示例）", "way": "read", "told_on": "2024-04-10", "arrived_at": "09:00", "left_at": "11:00"},
    )  # fmt: skip
    assert answer.status_code == 302
    visit.refresh_from_db()
    assert one.post(at(visit, "file/"), {"base_version": visit.version}).status_code == 302
    visit.refresh_from_db()
    assert (visit.state, visit.minutes) == ("filed", 120)


def test_what_was_changed_elsewhere_meanwhile_is_shown_and_saved_again_knowingly(
    cast: Cast, inspector: Player, signed_in: SignIn
) -> None:
    visit, one = begun(cast, inspector), signed_in(inspector)
    base: dict[str, Any] = {"visit": visit, "by": cast.office.actor, "now": NOW}
    services.answer(said=[services.Said("exits", "no", SEEN)], **base)
    services.write_notes(base_version=visit.version, notes=NOTES, **base)
    typed = {"outcome-exits": "yes", "version-exits": "0"}
    answer = one.post(at(visit, "check/"), typed)
    assert answer.status_code == 409 and SEEN in answer.content.decode()
    again = {**typed, "version-exits": answer.context["checks"]["version-exits"].value()}
    assert one.post(at(visit, "check/"), again).status_code == 302
    notes = {"base_version": "1", "notes": "我的记录"}
    answer = one.post(at(visit, "notes/"), notes)
    assert answer.status_code == 409 and all(words in answer.content.decode() for words in (NOTES, "我的记录"))
    visit.refresh_from_db()
    assert visit.notes == NOTES
    again = {**notes, "base_version": answer.context["notes"]["base_version"].value()}
    assert one.post(at(visit, "notes/"), again).status_code == 302


def test_a_future_arrival_and_another_inspectors_school_are_refused_beside_the_field(
    cast: Cast, inspector: Player, signed_in: SignIn
) -> None:
    one = signed_in(inspector)
    typed = {"unit": str(cast.school.pk), "visited_on": "2024-04-11"}
    answer = one.post("/visits/begin/", typed)
    assert answer.status_code == 422 and "到校日期不能晚于今天" in str(answer.context["form"]["visited_on"].errors)
    answer = one.post("/visits/begin/", {**typed, "unit": str(cast.school_2.pk), "visited_on": "2024-04-10"})
    assert answer.status_code == 422 and answer.context["form"]["unit"].errors
    assert not Visit.objects.exists()


def test_lists_tables_and_sheets_open_and_go_into_excel(cast: Cast, inspector: Player, signed_in: SignIn) -> None:
    full(cast, inspector)
    services.plan_month(month=TODAY, by=cast.office.actor, now=NOW)
    office = signed_in(cast.office)
    for path in (
        "",
        "plan/",
        "month/",
        "term/",
        "term/?late=1",
        "sheet/",
        "sheet/?kind=kindergarten",
        "new/",
        "begin/",
        "paper/",
    ):
        assert office.get(f"/visits/{path}").status_code == 200, path
    entry = Inspector.objects.get(person=inspector.person)
    assert office.get(f"/visits/of/{entry.pk}/").url == f"/visits/?person={inspector.person.pk}"  # type: ignore[attr-defined]
    assert len(office.get(f"/visits/?person={inspector.person.pk}").context["rows"]) == 2
    assert signed_in(cast.head).get(f"/visits/of/{entry.pk}/").status_code == 404
    office = signed_in(cast.office)
    book = b"".join(office.get("/visits/month/?month=2024-04&export=xlsx").streaming_content)  # type: ignore[attr-defined]
    rows = CalamineWorkbook.from_filelike(io.BytesIO(book)).get_sheet_by_index(0).to_python()
    assert rows[3][:6] == ["癸（示例）", 2, 1, 1, 1, 0] and rows[3][9] == "示例花园幼儿园"
    term = b"".join(office.get("/visits/term/?export=xlsx").streaming_content)  # type: ignore[attr-defined]
    lines = CalamineWorkbook.from_filelike(io.BytesIO(term)).get_sheet_by_index(0).to_python()
    assert any(line[-1] == "3月没有到校" for line in lines)


def test_pages_take_the_same_number_of_statements_however_many_schools_there_are(
    cast: Cast, inspector: Player, signed_in: SignIn
) -> None:
    def counts() -> list[int]:
        found = []
        for who, path in (
            (cast.office, "/visits/"), (cast.office, "/visits/plan/"), (cast.office, "/visits/month/"), (cast.office, "/visits/term/"),
            (inspector, "/visits/mine/"), (inspector, "/visits/plan/"), (inspector, at(first)),
        ):  # fmt: skip
            one = signed_in(who)
            one.get(path)
            with CaptureQueriesContext(
                connection,
            ) as caught:
                assert one.get(path).status_code == 200
            found.append(len(caught))
        return found

    first = full(cast, inspector)
    few = counts()
    more = [unit(f"示例第{n}小学", f"216400003{n}", stages=frozenset({"primary"})) for n in range(6)]
    other = responsible(cast, "子", *more)
    for at_, school in enumerate(more):
        row = services.begin_visit(
            unit=school,
            person=other.person,
            visited_on=date(2024, 4, 1 + at_),
            arrived_at=time(9),
            by=cast.office.actor,
            now=NOW,
        )
        told(row, other)
    services.plan_month(month=TODAY, by=cast.office.actor, now=NOW)
    assert counts() == few

"""On-site checks from the table to the adopted number, and what the rules do not let happen."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from io import BytesIO
from typing import Any
from uuid import uuid4

import pytest

from dudao.accounts import queries as accounts
from dudao.accounts import services as granting
from dudao.audit.models import AuditEvent
from dudao.files import queries as files
from dudao.files import services as file_services
from dudao.findings.models import Finding
from dudao.messages.models import Message
from dudao.returns import queries as returns
from dudao.returns import services as reporting
from dudao.returns.models import (
    Campaign,
    Cell,
    CellCheck,
    CheckMark,
    CheckRound,
    CheckSignature,
    Return,
    SchoolCheck,
)
from dudao.returns.queries import site as queries
from dudao.returns.services import site_adoption, site_cells, site_rounds
from dudao.returns.services.site_cells import Entry, Signing
from dudao.returns.services.site_rounds import Group, Turn
from dudao.shell.acts import Actor
from dudao.shell.errors import Conflict, Refused
from dudao.shell.keys import uuid7
from tests.cast import NOW, TODAY, Cast, Player, player

pytestmark = pytest.mark.django_db
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c6360000002000001e221bc33"
    "0000000049454e44ae426082"
)


def scan(name: str = "签字页.png") -> file_services.Received:
    return file_services.receive(BytesIO(PNG), name=name)


@pytest.fixture
def inspectors(cast: Cast) -> list[Player]:
    office = cast.office.appointment.unit
    return [player(name, "inspector", office) for name in ("癸", "子", "丑", "寅")]


@pytest.fixture
def reported(cast: Cast, ret: Return) -> Return:
    values = {"students_primary": "812", "students_junior": "0", "area_teaching_aux": "3650.5", "boarding": "否"}
    reporting.set_cells(ret=ret, values=values, source="typed", by=cast.head.actor, now=NOW)
    ret.refresh_from_db()
    return ret


@pytest.fixture
def row(cast: Cast, reported: Return, inspectors: list[Player]) -> CheckRound:
    """A round of both schools with two groups of two, every school arranged, not started."""
    made = planned(cast, reported.campaign)
    people = [one.person.pk for one in inspectors]
    site_rounds.set_groups(
        row=made, groups=[Group("第一组", (people[0], people[1])), Group("第二组", (people[2], people[3]))],
        base_version=1, by=cast.office.actor, now=NOW,
    )  # fmt: skip
    first, second = made.groups.all()
    turns = {
        made.schools.get(unit=cast.school).pk: Turn(first.pk, date(2024, 4, 9)),
        made.schools.get(unit=cast.school_2).pk: Turn(second.pk, date(2024, 4, 10)),
    }
    site_rounds.arrange(row=made, turns=turns, base_version=made.version, by=cast.office.actor, now=NOW)
    return made


def planned(cast: Cast, campaign: Campaign, **more: Any) -> CheckRound:
    known: dict[str, Any] = {
        "title": "2024年实地核查（示例）", "begin_on": date(2024, 4, 8), "end_on": date(2024, 4, 12),
        "occurred_on": date(2024, 4, 8),
    }  # fmt: skip
    return site_rounds.plan_round(campaign=campaign, by=cast.office.actor, now=NOW, **{**known, **more})


@pytest.fixture
def check(cast: Cast, row: CheckRound) -> SchoolCheck:
    """The first school's check in a round that is under way."""
    site_rounds.start_round(row=row, base_version=row.version, by=cast.office.actor, now=NOW)
    return SchoolCheck.objects.select_related("round__campaign", "ret").get(round=row, unit=cast.school)


def today_of(one: Player) -> Actor:
    return accounts.actor_for(one.user, hat=None, day=TODAY)[0]


def same(code: str, **more: Any) -> Entry:
    return Entry(code, "same", proof="roster", **more)


WRONG = Entry("students_primary", "differs", found="805", proof="roster", proof_words="9月1日名册", cause="wrong-day")


def record(check: SchoolCheck, who: Player, *entries: Entry) -> list[CellCheck]:
    return site_cells.record_cells(check=check, entries=entries, occurred_on=date(2024, 4, 9), by=who.actor, now=NOW)


def sign(check: SchoolCheck, who: Player, **more: Any) -> CheckSignature:
    check.refresh_from_db()
    signing = Signing(seen=check.version, **more)
    return site_cells.sign_as_checker(check=check, signing=signing, occurred_on=date(2024, 4, 9), by=who.actor, now=NOW)


def head_signs(check: SchoolCheck, who: Player, **more: Any) -> CheckSignature:
    check.refresh_from_db()
    signing = Signing(seen=check.version, **more)
    return site_cells.sign_as_head(check=check, signing=signing, occurred_on=date(2024, 4, 9), by=who.actor, now=NOW)


def adopt(check: SchoolCheck, who: Player, **keep: str) -> None:
    check.refresh_from_db()
    site_adoption.adopt(
        check=check, keep=keep, base_version=check.version, occurred_on=TODAY, by=who.actor, now=NOW
    )  # fmt: skip


@pytest.fixture
def checked(check: SchoolCheck, inspectors: list[Player]) -> SchoolCheck:
    """Three cells looked at, one of them different; both checkers have signed."""
    record(check, inspectors[0], WRONG, same("area_teaching_aux"))
    record(check, inspectors[1], Entry("boarding", "unable", words="宿舍楼封闭"))
    sign(check, inspectors[0])
    sign(check, inspectors[1])
    return check


def test_a_number_goes_from_reported_to_found_to_adopted_and_the_reported_one_stays(
    cast: Cast, checked: SchoolCheck
) -> None:
    cell = Cell.objects.get(ret=checked.ret, code="students_primary")
    assert (cell.value, cell.found, cell.adopted_state) == ("812", "805", "found")
    head_signs(checked, cast.head)
    assert checked.state == "signed"
    adopt(checked, cast.office)
    cell.refresh_from_db()
    assert (cell.value, cell.raw, cell.found, cell.adopted, cell.adopted_state) == (
        "812",
        "812",
        "805",
        "805",
        "adopted",
    )
    assert cell.cause == "统计时点用错"
    by = {
        which: returns.dataset(cast.office.actor, "2024", which).tables["school"][0].cells
        for which in ("reported", "adopted")
    }  # type: ignore[arg-type]
    assert by["reported"]["students_primary"].value == 812 and by["adopted"]["students_primary"].value == 805
    assert by["adopted"]["area_teaching_aux"].value == by["reported"]["area_teaching_aux"].value
    assert not Cell.objects.get(ret=checked.ret, code="boarding").adopted_state
    history = returns.cell_history(cast.office.actor, cast.school.pk, "students_primary", "2024")
    assert history and [(one.source, one.value) for one in history.readings] == [("site", "805"), ("typed", "812")]


def test_the_office_keeps_a_reported_value_only_with_a_reason(cast: Cast, checked: SchoolCheck) -> None:
    head_signs(checked, cast.head)
    with pytest.raises(Refused, match="写明理由"):
        adopt(checked, cast.office, students_primary=" ")
    adopt(checked, cast.office, students_primary="学籍系统当日确认 812 人")
    cell = Cell.objects.get(ret=checked.ret, code="students_primary")
    assert (cell.found, cell.adopted, cell.adopted_state) == ("805", "812", "adopted")
    one = checked.cells.get(code="students_primary")
    assert (one.adoption, one.adopted) == ("kept", "812")


def test_two_different_checkers_sign_and_then_the_head(
    cast: Cast, check: SchoolCheck, inspectors: list[Player]
) -> None:
    record(check, inspectors[0], WRONG)
    with pytest.raises(Refused, match="不能签字"):
        head_signs(check, cast.head)
    sign(check, inspectors[0])
    with pytest.raises(Refused, match="不同的人"):
        sign(check, inspectors[0])
    with pytest.raises(Refused, match="核查组的人"):
        sign(check, cast.staff)
    with pytest.raises(Refused, match="核查组的人或督导室"):
        sign(check, inspectors[2])
    assert check.state == "half_signed"
    sign(check, inspectors[1])
    check.refresh_from_db()
    assert check.state == "checked"
    for who in (cast.head_2, cast.office, inspectors[0]):
        with pytest.raises(Refused, match="本校校"):
            head_signs(check, who)
    head_signs(check, cast.head)
    assert [one.place for one in check.signatures.order_by("place")] == [1, 2, 3]
    assert len({one.digest for one in check.signatures.all()}) == 1


def test_what_is_signed_is_not_written_over(cast: Cast, checked: SchoolCheck, inspectors: list[Player]) -> None:
    with pytest.raises(Refused, match="先作废签字"):
        record(checked, inspectors[0], same("students_junior"))
    with pytest.raises(Refused, match="写明作废签字的原因"):
        site_cells.reopen_sheet(check=checked, words=" ", base_version=checked.version, by=inspectors[0].actor, now=NOW)
    site_cells.reopen_sheet(
        check=checked, words="漏核一项", base_version=checked.version, by=inspectors[0].actor, now=NOW
    )  # fmt: skip
    assert checked.state == "checking" and not checked.signatures.filter(ended_at__isnull=True).exists()
    assert checked.signatures.count() == 2
    cell = Cell.objects.get(ret=checked.ret, code="students_primary")
    assert (cell.value, cell.found, cell.adopted_state) == ("812", "", "")
    record(checked, inspectors[0], same("students_junior"))
    sign(checked, inspectors[1])
    sign(checked, inspectors[0])


def test_a_head_who_does_not_agree_is_answered_by_somebody_else(
    cast: Cast, checked: SchoolCheck, inspectors: list[Player]
) -> None:
    with pytest.raises(Refused, match="写明对哪几项有异议"):
        head_signs(checked, cast.head, agrees=False)
    head_signs(checked, cast.head, agrees=False, words="名册不含借读生")
    assert checked.state == "refused"
    with pytest.raises(Refused, match="校（园）长签字后"):
        adopt(checked, cast.office)
    decide: Callable[..., None] = site_cells.decide_refusal
    with pytest.raises(Refused, match="督导室"):
        decide(check=checked, upheld=True, words="示例", base_version=checked.version, by=inspectors[0].actor, now=NOW)
    decide(
        check=checked, upheld=True, words="借读生不计入", base_version=checked.version, by=cast.office.actor, now=NOW
    )
    adopt(checked, cast.office)
    assert checked.state == "settled"


def test_an_objection_that_holds_opens_the_sheet_again(cast: Cast, checked: SchoolCheck) -> None:
    head_signs(checked, cast.head, agrees=False, words="名册不含借读生")
    site_cells.decide_refusal(
        check=checked, upheld=False, words="重核名册", base_version=checked.version, by=cast.office.actor, now=NOW
    )  # fmt: skip
    assert checked.state == "checking" and checked.signatures.filter(ended_at__isnull=True).count() == 0


def test_signatures_on_paper_come_with_their_scan(cast: Cast, check: SchoolCheck, inspectors: list[Player]) -> None:
    record(check, inspectors[0], WRONG)
    sign(check, inspectors[0])
    other = inspectors[1].person.pk
    with pytest.raises(Refused, match="扫描件"):
        sign(check, inspectors[0], person=other, on_paper=True)
    with pytest.raises(Refused, match="核查组的人"):
        sign(check, inspectors[0], person=inspectors[2].person.pk, on_paper=True, scan=[scan()])
    sign(check, inspectors[0], person=other, on_paper=True, scan=[scan()])
    with pytest.raises(Refused, match="校（园）长姓名"):
        head_signs(check, cast.staff, on_paper=True, scan=[scan()])
    made = head_signs(check, cast.staff, on_paper=True, name="丙（示例）", scan=[scan()])
    assert (made.way, made.person, made.by_name) == ("paper", None, "乙（示例）")
    assert files.files_of(cast.office.actor, made).count() == 1
    assert check.state == "signed"


def test_whoever_signed_as_a_checker_does_not_adopt(cast: Cast, reported: Return, inspectors: list[Player]) -> None:
    made = planned(cast, reported.campaign)
    pair = (cast.staff.person.pk, inspectors[0].person.pk)
    site_rounds.set_groups(row=made, groups=[Group("一组", pair)], base_version=1, by=cast.office.actor, now=NOW)
    group = made.groups.get()
    turns = {one.pk: Turn(group.pk, TODAY) for one in made.schools.all()}
    site_rounds.arrange(row=made, turns=turns, base_version=made.version, by=cast.office.actor, now=NOW)
    site_rounds.start_round(row=made, base_version=made.version, by=cast.office.actor, now=NOW)
    check = made.schools.select_related("round__campaign", "ret").get(unit=cast.school)
    record(check, cast.staff, WRONG)
    sign(check, cast.staff)
    sign(check, inspectors[0])
    head_signs(check, cast.head)
    with pytest.raises(Refused, match="请由督导室其他人"):
        adopt(check, cast.staff)
    for who in (inspectors[0], cast.head):
        with pytest.raises(Refused, match="由督导室采用"):
            adopt(check, who)
    adopt(check, cast.office)


def test_the_same_entry_sent_twice_is_written_once(check: SchoolCheck, inspectors: list[Player]) -> None:
    entry = replace(WRONG, key=uuid7())
    [first] = record(check, inspectors[0], replace(entry, evidence=[scan("名册.png")]))
    [again] = record(check, inspectors[0], replace(entry, evidence=[scan("名册.png")]))
    assert first.pk == again.pk == entry.key and CellCheck.objects.count() == 1
    assert (again.version, check.version) == (1, 2)
    assert files.files_of(inspectors[0].actor, again).count() == 1
    assert AuditEvent.objects.filter(action="cell_check.recorded").count() == 1


def test_two_checkers_who_write_one_cell_at_once_see_each_other(check: SchoolCheck, inspectors: list[Player]) -> None:
    record(check, inspectors[0], replace(WRONG, key=uuid7()))
    with pytest.raises(Conflict, match="刚刚"):
        record(check, inspectors[1], replace(WRONG, found="806", key=uuid7()))
    assert CellCheck.objects.get().found == "805"
    [row] = record(check, inspectors[1], replace(WRONG, found="806", base_version=1))
    assert (row.found, row.version, row.by_name) == ("806", 2, "子（示例）")
    with pytest.raises(Conflict):
        record(check, inspectors[0], replace(WRONG, found="807", base_version=1))


def test_a_key_that_belongs_to_another_cell_is_refused(check: SchoolCheck, inspectors: list[Player]) -> None:
    key = uuid7()
    record(check, inspectors[0], replace(WRONG, key=key))
    with pytest.raises(Conflict, match="编号已经用过"):
        record(check, inspectors[0], same("area_teaching_aux", key=key))


def test_nobody_signs_a_sheet_that_changed_under_their_eyes(check: SchoolCheck, inspectors: list[Player]) -> None:
    record(check, inspectors[0], WRONG)
    seen = check.version
    record(check, inspectors[0], same("area_teaching_aux"))
    with pytest.raises(Conflict, match="看过再签字"):
        site_cells.sign_as_checker(
            check=check, signing=Signing(seen=seen), occurred_on=TODAY, by=inspectors[1].actor, now=NOW
        )


def test_a_signature_sent_twice_is_one(check: SchoolCheck, inspectors: list[Player]) -> None:
    record(check, inspectors[0], WRONG)
    key = uuid7()
    assert sign(check, inspectors[0], key=key).pk == sign(check, inspectors[0], key=key).pk == key
    assert check.signatures.count() == 1


@pytest.mark.parametrize(
    ("entry", "words", "field"),
    [
        (replace(WRONG, found=""), "填写核查值", "found"),
        (replace(WRONG, found="1e3"), "请写成 1000", "found"),
        (replace(WRONG, found="3.7"), "应当是整数", "found"),
        (replace(WRONG, found="812"), "请选“相符”", "found"),
        (replace(WRONG, proof=""), "佐证", "proof"),
        (replace(WRONG, proof="other", proof_words=""), "是什么佐证", "proof_words"),
        (replace(WRONG, cause=""), "差异的原因", "cause"),
        (replace(WRONG, cause="other"), "说明差异的原因", "words"),
        (replace(WRONG, cause="to-pass"), "说明差异的原因", "words"),
        (replace(WRONG, outcome=""), "相符、不符", "outcome"),
        (Entry("students_primary", "unable"), "为什么没能核实", "words"),
        (Entry("nothing", "same", proof="roster"), "没有这一项", None),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_written(
    check: SchoolCheck, inspectors: list[Player], entry: Entry, words: str, field: str | None
) -> None:
    before = AuditEvent.objects.count()
    with pytest.raises(Refused, match=words) as caught:
        record(check, inspectors[0], same("area_teaching_aux"), entry)
    check.refresh_from_db()
    assert caught.value.field == field and not CellCheck.objects.exists() and AuditEvent.objects.count() == before
    assert check.state == "planned"


def test_full_width_digits_and_thousands_are_read_on_site_too(check: SchoolCheck, inspectors: list[Player]) -> None:
    [row] = record(check, inspectors[0], replace(WRONG, found="１,００５"))
    assert row.found == "1005"


def test_nobody_is_sent_to_the_school_where_they_serve_or_served(
    cast: Cast, row: CheckRound, inspectors: list[Player]
) -> None:
    granting.appoint(
        person=inspectors[0].person, post="section_head", unit=cast.school_2, start_on=date(2022, 1, 1),
        end_on=date(2022, 6, 1), by=cast.office.actor, now=NOW,
    )  # fmt: skip
    first = row.groups.get(name="第一组")
    second = row.schools.get(unit=cast.school_2)
    with pytest.raises(Refused, match=r"癸（示例）在示例第二中学任职.*应当回避") as caught:
        site_rounds.arrange(
            row=row, turns={second.pk: Turn(first.pk, TODAY)}, base_version=row.version, by=cast.office.actor, now=NOW
        )
    assert caught.value.field == f"group-{second.pk}"


def test_a_checker_appointed_to_the_school_meanwhile_writes_nothing(
    cast: Cast, check: SchoolCheck, inspectors: list[Player]
) -> None:
    granting.appoint(
        person=inspectors[0].person,
        post="section_head",
        unit=cast.school,
        start_on=TODAY,
        by=cast.office.actor,
        now=NOW,
    )
    with pytest.raises(Refused, match="应当回避"):
        record(check, inspectors[0], WRONG)


def test_a_round_starts_when_every_school_has_a_group_of_two(
    cast: Cast, reported: Return, inspectors: list[Player]
) -> None:
    made = planned(cast, reported.campaign)
    with pytest.raises(Refused, match="还有 2 所学校没有安排"):
        site_rounds.start_round(row=made, base_version=1, by=cast.office.actor, now=NOW)
    people = [one.person.pk for one in inspectors]
    site_rounds.set_groups(
        row=made, groups=[Group("一组", (people[0],))], base_version=1, by=cast.office.actor, now=NOW
    )
    group = made.groups.get()
    turns = {one.pk: Turn(group.pk, TODAY) for one in made.schools.all()}
    with pytest.raises(Refused, match="从2024年4月8日到2024年4月12日"):
        late = {key: replace(turn, on=date(2024, 5, 1)) for key, turn in turns.items()}
        site_rounds.arrange(row=made, turns=late, base_version=2, by=cast.office.actor, now=NOW)
    made.refresh_from_db()
    site_rounds.arrange(row=made, turns=turns, base_version=2, by=cast.office.actor, now=NOW)
    with pytest.raises(Refused, match="至少要有两人"):
        site_rounds.start_round(row=made, base_version=made.version, by=cast.office.actor, now=NOW)
    made.refresh_from_db()
    groups = [Group("一组", (people[0], people[1]), group.pk)]
    with pytest.raises(Conflict):
        site_rounds.set_groups(row=made, groups=groups, base_version=1, by=cast.office.actor, now=NOW)
    site_rounds.set_groups(row=made, groups=groups, base_version=made.version, by=cast.office.actor, now=NOW)
    site_rounds.start_round(row=made, base_version=made.version, by=cast.office.actor, now=NOW)
    assert made.state == "running"


def test_words_for_schools_and_checkers_are_made_ready_and_nothing_is_sent(
    cast: Cast, checked: SchoolCheck, inspectors: list[Player]
) -> None:
    told, signing = Message.objects.filter(kind="returns.check").order_by("pk")
    recipients = {(one.unit_id or one.person_id): one.note for one in told.recipients.all()}
    assert recipients[cast.school.pk] == "4月9日，第一组" and recipients[inspectors[3].person.pk] == "第二组，1 所学校"
    assert [one.unit_id for one in signing.recipients.all()] == [cast.school.pk]
    assert {told.state, signing.state} == {"prepared"}


def test_groups_take_each_others_names_and_one_that_has_begun_stays(
    cast: Cast, check: SchoolCheck, inspectors: list[Player]
) -> None:
    row = check.round
    first, second = row.groups.all()
    people = [one.person.pk for one in inspectors]
    swapped = [Group("第二组", (people[0], people[1]), first.pk), Group("第一组", (people[2], people[3]), second.pk)]
    site_rounds.set_groups(row=row, groups=swapped, base_version=row.version, by=cast.office.actor, now=NOW)
    first.refresh_from_db()
    assert first.name == "第二组"
    record(check, inspectors[0], WRONG)
    with pytest.raises(Refused, match="已经开始核查，不能撤销"):
        site_rounds.set_groups(row=row, groups=swapped[1:], base_version=row.version, by=cast.office.actor, now=NOW)
    row.refresh_from_db()
    with pytest.raises(Refused, match="已经开始核查，不能再改安排"):
        turns = {check.pk: Turn(second.pk, TODAY)}
        site_rounds.arrange(row=row, turns=turns, base_version=row.version, by=cast.office.actor, now=NOW)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"title": " "}, "核查名称"),
        ({"end_on": date(2024, 4, 7)}, "不能早于开始日期"),
        ({"end_on": date(2034, 4, 7)}, "核对结束日期"),
        ({"scope": "chosen"}, "选择要核查的填报项目"),
        ({"scope": "chosen", "codes": ["nothing"]}, "选择要核查的填报项目"),
        ({"units": [uuid4()]}, "这次填报的学校"),
        ({"per_day": 0}, "每组每天"),
        ({"occurred_on": date(2024, 4, 11)}, "不能晚于今天"),
    ],
)
def test_what_cannot_be_planned_is_said(cast: Cast, campaign: Campaign, changes: dict[str, Any], words: str) -> None:
    with pytest.raises(Refused, match=words):
        planned(cast, campaign, **changes)
    assert not CheckRound.objects.exists() and not SchoolCheck.objects.exists()


def test_only_the_office_plans(cast: Cast, campaign: Campaign, inspectors: list[Player]) -> None:
    for who in (cast.head, inspectors[0]):
        with pytest.raises(Refused, match="由督导室安排"):
            site_rounds.plan_round(
                campaign=campaign, title="示例", begin_on=TODAY, end_on=TODAY, occurred_on=TODAY, by=who.actor, now=NOW
            )
    key = uuid7()
    assert planned(cast, campaign, key=key).pk == planned(cast, campaign, key=key).pk == key


def test_each_sees_their_own(cast: Cast, row: CheckRound, inspectors: list[Player]) -> None:
    def sees(who: Player) -> tuple[int, int]:
        actor = today_of(who)
        return queries.rounds_visible_to(actor).count(), queries.checks_visible_to(actor).count()

    assert sees(cast.office) == sees(cast.staff) == (1, 2)
    assert sees(inspectors[0]) == sees(inspectors[3]) == (1, 1)
    assert sees(cast.head) == sees(cast.head_2) == sees(cast.foreign_office) == (0, 0)
    site_rounds.start_round(row=row, base_version=row.version, by=cast.office.actor, now=NOW)
    assert sees(cast.head) == sees(cast.head_2) == (1, 1) and sees(cast.foreign) == (0, 0)


def mark(cast: Cast, campaign: Campaign, asker: str = "balanced-2017", **cells: str) -> int:
    marks = {(cast.school.pk, code): words for code, words in cells.items()}
    return site_rounds.mark_priority(campaign=campaign, asker=asker, marks=marks, by=cast.office.actor, now=NOW)


def test_marked_cells_come_first_and_are_looked_at_before_anybody_signs(
    cast: Cast, check: SchoolCheck, inspectors: list[Player]
) -> None:
    assert mark(cast, check.round.campaign, area_indoor_sports="少 12 平方米，R4 由达标变为不达标") == 1
    assert queries.sheet(inspectors[0].actor, check).open[0].field.code == "area_indoor_sports"
    record(check, inspectors[0], WRONG)
    with pytest.raises(Refused, match="优先核查的“其中：室内体育用房面积”还没有核"):
        sign(check, inspectors[0])
    record(check, inspectors[0], Entry("area_indoor_sports", "unable", words="场馆施工"))
    sign(check, inspectors[0])


def test_marks_are_put_in_place_of_the_last_and_the_same_ones_leave_no_trace(cast: Cast, campaign: Campaign) -> None:
    mark(cast, campaign, students_primary="示例", students_junior="示例")
    mark(cast, campaign, students_primary="另一个原因")
    mark(cast, campaign, students_primary="另一个原因")
    assert [(one.code, one.words) for one in CheckMark.objects.all()] == [("students_primary", "另一个原因")]
    assert AuditEvent.objects.filter(action="check_marks.set").count() == 2
    with pytest.raises(Refused, match="这次填报中的学校"):
        site_rounds.mark_priority(
            campaign=campaign, asker="x", marks={(cast.kindergarten.pk, "x"): "示例"}, by=cast.office.actor, now=NOW
        )


def test_two_standards_may_want_the_same_cell_looked_at(cast: Cast, check: SchoolCheck) -> None:
    campaign = check.round.campaign
    mark(cast, campaign, students_primary="甲标准的原因")
    mark(cast, campaign, asker="preschool-2020", students_primary="乙标准的原因")
    line = queries.sheet(cast.office.actor, check).open[0]
    assert line.field.code == "students_primary" and "甲标准的原因；乙标准的原因" in str(line.reasons)
    mark(cast, campaign, asker="preschool-2020", students_junior="乙标准的另一处")
    assert {(one.asker, one.code) for one in CheckMark.objects.all()} == {
        ("balanced-2017", "students_primary"), ("preschool-2020", "students_junior"),
    }  # fmt: skip


def test_the_scope_says_which_cells_are_looked_at(cast: Cast, check: SchoolCheck) -> None:
    def wanted(scope: str, codes: list[str] | None = None) -> set[str]:
        check.round.scope, check.round.codes = scope, codes or []
        return {one.field.code for one in queries.sheet(cast.office.actor, check).wanted}

    key = {"students_primary", "students_junior", "area_teaching_aux"}
    assert wanted("key") == key
    assert wanted("chosen", ["boarding"]) == {"boarding"}
    assert wanted("all") == key | {"boarding", "area_indoor_sports"}
    mark(cast, check.round.campaign, boarders="示例")
    assert wanted("chosen", ["boarding"]) == {"boarding", "boarders"}


def test_a_number_that_cannot_be_read_or_leapt_since_last_year_is_doubtful(
    cast: Cast, reported: Return, campaign: Campaign
) -> None:
    before = Campaign.objects.get(pk=campaign.pk)
    before.pk, before.period, before.census_on = uuid7(), "2023", date(2023, 9, 1)
    before.save(force_insert=True)
    last = Return.objects.create(county="640122", campaign=before, unit=cast.school, asked=6)
    for code, value in (("students_primary", "500"), ("area_teaching_aux", "3600")):
        Cell.objects.create(
            ret=last, code=code, raw=value, value=value, source="typed", changed_at=NOW, changed_name="示例"
        )
    reporting.set_cells(ret=reported, values={"area_indoor_sports": "N/A"}, source="typed", by=cast.head.actor, now=NOW)
    made = planned(cast, campaign)
    check = made.schools.select_related("round__campaign").get(unit=cast.school)
    said = {
        one.field.code: [r.words for r in one.reasons if r.kind == "doubt"]
        for one in queries.sheet(cast.office.actor, check).lines
    }
    assert said["students_primary"] == ["与上年（500）相差超过 30%"] and said["area_teaching_aux"] == []
    assert "填报有问题" in said["area_indoor_sports"][0]
    assert not any(
        one.kind == "unseen" for line in queries.sheet(cast.office.actor, check).lines for one in line.reasons
    )


def test_one_difference_becomes_a_finding_and_both_lead_to_each_other(cast: Cast, checked: SchoolCheck) -> None:
    key = uuid7()
    make: Callable[..., Finding] = site_adoption.register_difference
    with pytest.raises(Refused, match="不符项"):
        make(check=checked, codes=["area_teaching_aux"], by=cast.office.actor, now=NOW)
    found = make(check=checked, codes=["students_primary"], key=key, by=cast.office.actor, now=NOW)
    assert make(check=checked, codes=["students_primary"], key=key, by=cast.office.actor, now=NOW).pk == found.pk == key
    assert (found.source, found.origin, found.unit_id) == ("return-check", str(checked.pk), cast.school.pk)
    assert "填报 812，核查 805" in found.facts and "统计时点用错" in found.facts
    assert checked.cells.get(code="students_primary").finding_id == found.pk
    with pytest.raises(Refused, match="还没有登记"):
        make(check=checked, codes=["students_primary"], by=cast.office.actor, now=NOW)


def test_a_number_changed_on_purpose_is_a_serious_finding(
    cast: Cast, check: SchoolCheck, inspectors: list[Player]
) -> None:
    record(check, inspectors[0], replace(WRONG, cause="to-pass", words="上报前一天改数，有聊天记录"))
    with pytest.raises(Refused, match="两名核查人签字后"):
        site_adoption.register_difference(check=check, codes=["students_primary"], by=cast.office.actor, now=NOW)
    sign(check, inspectors[0])
    sign(check, inspectors[1])
    found = site_adoption.register_difference(check=check, codes=["students_primary"], by=cast.office.actor, now=NOW)
    assert found.severity == "serious"


def test_an_adoption_is_taken_back_with_a_reason_and_a_locked_return_is_left_alone(
    cast: Cast, checked: SchoolCheck
) -> None:
    head_signs(checked, cast.head)
    adopt(checked, cast.office)
    Return.objects.filter(pk=checked.ret_id).update(is_locked=True)
    checked.ret.refresh_from_db()
    back: Callable[..., None] = site_adoption.take_back_adoption
    with pytest.raises(Refused, match="已经锁定"):
        back(check=checked, words="示例", base_version=checked.version, by=cast.office.actor, now=NOW)
    Return.objects.filter(pk=checked.ret_id).update(is_locked=False)
    checked.ret.refresh_from_db()
    back(check=checked, words="采用时看错了行", base_version=checked.version, by=cast.office.actor, now=NOW)
    cell = Cell.objects.get(ret=checked.ret, code="students_primary")
    assert (cell.found, cell.adopted, cell.adopted_state, checked.state) == ("805", "", "found", "signed")
    adopt(checked, cast.office)


def test_a_round_ends_with_words_where_schools_are_left(cast: Cast, checked: SchoolCheck) -> None:
    row = checked.round
    with pytest.raises(Refused, match="不能取消"):
        site_rounds.end_round(
            row=row, cancel=True, words="示例", base_version=row.version, by=cast.office.actor, now=NOW
        )
    with pytest.raises(Refused, match="还有 2 所学校没有办完"):
        site_rounds.end_round(row=row, base_version=row.version, by=cast.office.actor, now=NOW)
    site_rounds.end_round(row=row, words="停课", base_version=row.version, by=cast.office.actor, now=NOW)
    assert row.state == "closed"


def test_rates_count_what_could_be_looked_at_and_round_once_half_up(cast: Cast, checked: SchoolCheck) -> None:
    rows = queries.cells_looked_at(cast.office.actor, checked.round, day=TODAY)
    whole = queries.rate(rows)
    assert (whole.looked, whole.differing, whole.unable, str(whole.percent)) == (3, 1, 1, "50.0")
    assert next(one.key for one in queries.rates(rows, "code")) == "students_primary"
    assert queries.Rate("", 8, 1, 0).percent is not None and str(queries.Rate("", 8, 1, 0).percent) == "12.5"
    assert queries.Rate("", 2, 0, 2).percent is None


def test_sheets_and_tables_take_the_same_statements_however_many_schools(
    cast: Cast, checked: SchoolCheck, django_assert_num_queries: Any
) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    rows = list(queries.schools_of(cast.office.actor, checked.round, day=TODAY))
    with CaptureQueriesContext(
        connection,
    ) as one:
        queries.loads(checked.round, rows[:1])
    with CaptureQueriesContext(connection) as two:
        queries.loads(checked.round, rows)
    assert len(one) == len(two) <= 6

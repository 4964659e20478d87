"""Ledgers, materials, judgements by two people: what each does, who may, and what is refused."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from dudao.audit.models import AuditEvent
from dudao.dossiers import queries, services
from dudao.dossiers.models import Dossier, Judgement, Ledger, Material, Piece
from dudao.messages.models import Message
from dudao.places.models import Unit
from dudao.shell.errors import Conflict, Refused
from dudao_engines.standards.schema import Standard
from tests.cast import NOW, TODAY, Cast, Player, unit
from tests.dossiers.conftest import dossier, hand_in, judge, look, material, put
from tests.indicators.small import SMALL, small

pytestmark = pytest.mark.django_db
S = Dossier.State


# Ledgers


def test_a_ledger_has_a_dossier_for_each_item_and_each_school(cast: Cast, ledger: Ledger):
    found = sorted(Dossier.objects.filter(ledger=ledger).values_list("item", "unit__code"), key=str)
    assert found == [
        ("A1", None), ("E1", None), ("G1", None), ("M1", "2164000001"), ("M1", "3164000002"), ("V1", None),
        ("W1", "2164000001"), ("W1", "3164000002"),
    ]  # fmt: skip
    assert [one.name for one in dossier(ledger, "G1").materials.all()] == ["学校布局规划图", "相关文件"]
    # What is computed has no dossier unless papers go with it; what is closed has none.
    assert dossier(ledger, "E1").kind == "evidence"
    assert not Dossier.objects.filter(item__in=("R1", "V7")).exists()


def test_a_ledger_is_opened_once_a_period(cast: Cast, standard: Standard, ledger: Ledger):
    with pytest.raises(Refused) as refused:
        services.open_ledger(
            standard=standard,
            period="2024",
            title="又一本",
            due_on=TODAY,
            opened_on=TODAY,
            by=cast.staff.actor,
            now=NOW,
        )
    assert refused.value.code == "dossiers.twice"
    assert Ledger.objects.count() == 1


@pytest.mark.parametrize("period", ["24", "2024年", "", "2024-1", "1999"])
def test_a_period_is_a_year(cast: Cast, standard: Standard, period: str):
    with pytest.raises(Refused) as refused:
        services.open_ledger(
            standard=standard, period=period, title="一本", due_on=TODAY, opened_on=TODAY, by=cast.office.actor, now=NOW
        )
    assert refused.value.field == "period"


def test_who_was_asked_last_year_is_asked_again(cast: Cast, standard: Standard, ledger: Ledger, section: Unit):
    services.assign(
        dossiers=[dossier(ledger, "G1")], department=section.pk, judge=cast.staff.person, by=cast.office.actor, now=NOW
    )
    new = services.open_ledger(
        standard=standard, period="2025", title="明年", due_on=TODAY, opened_on=TODAY, by=cast.office.actor, now=NOW
    )
    assert dossier(new, "G1").department_id == section.pk
    assert dossier(new, "G1").judge_id == cast.staff.person.pk
    assert dossier(new, "A1").department_id is None


def test_a_new_school_and_a_new_material_come_in_and_nothing_goes(cast: Cast, ledger: Ledger):
    kept = put(dossier(ledger, "G1"), cast.office)
    unit("示例第三小学", "2164000005")
    indicators = [dict(one) for one in SMALL["indicators"]]
    next(one for one in indicators if one["id"] == "G1")["materials"] = ["学校布局规划图", "规划批复"]
    newer = small(version="2", indicators=indicators)
    assert services.refresh_ledger(ledger=ledger, standard=newer, by=cast.office.actor, now=NOW) == 2
    assert [one.name for one in dossier(ledger, "G1").materials.all()] == ["学校布局规划图", "相关文件", "规划批复"]
    assert Piece.objects.filter(pk=kept.pk).exists()
    assert services.refresh_ledger(ledger=ledger, standard=newer, by=cast.office.actor, now=NOW) == 0
    ledger.refresh_from_db()
    assert (ledger.standard_version, ledger.fingerprint) == ("2", newer.fingerprint)


def test_moving_the_day_moves_those_that_had_the_ledgers_day(cast: Cast, ledger: Ledger):
    other = dossier(ledger, "A1")
    services.assign(dossiers=[other], due_on=date(2024, 4, 20), by=cast.office.actor, now=NOW)
    services.change_ledger(
        ledger=ledger, base_version=1, title="改名", due_on=date(2024, 5, 31), by=cast.office.actor, now=NOW
    )
    assert dossier(ledger, "G1").due_on == date(2024, 5, 31)
    assert dossier(ledger, "A1").due_on == date(2024, 4, 20)
    with pytest.raises(Conflict):
        services.change_ledger(
            ledger=ledger, base_version=1, title="再改", due_on=date(2024, 6, 1), by=cast.office.actor, now=NOW
        )


@pytest.mark.parametrize("who", ["head", "system_admin"])
def test_only_the_office_keeps_the_ledger(cast: Cast, standard: Standard, ledger: Ledger, who: str):
    by = getattr(cast, who).actor
    row = dossier(ledger, "G1")
    acts: list[Any] = [
        lambda: services.open_ledger(standard=standard, period="2025", title="一本", due_on=TODAY, opened_on=TODAY, by=by, now=NOW),
        lambda: services.refresh_ledger(ledger=ledger, standard=standard, by=by, now=NOW),
        lambda: services.assign(dossiers=[row], department=cast.bureau.pk, by=by, now=NOW),
        lambda: services.leave_out(dossier=row, base_version=1, reason="不适用", by=by, now=NOW),
        lambda: services.ask(ledger=ledger, by=by, now=NOW),
        lambda: services.ask_export(ledger=ledger, by=by, now=NOW),
        lambda: services.drop_material(material=material(row), reason="没有", by=by, now=NOW),
    ]  # fmt: skip
    for act in acts:
        with pytest.raises(Refused) as refused:
            act()
        assert refused.value.code == "dossiers.not_allowed"


# Materials


def test_the_department_hands_in_what_is_wanted(handed: Dossier):
    assert (handed.state, handed.handed_on, handed.handed_by_name) == (S.HANDED, TODAY, "寅（示例）")
    found = queries.materials(handed)
    assert [(one.material.name, one.held.no if one.held else None) for one in found] == [
        ("学校布局规划图", 1),
        ("相关文件", 1),
    ]
    assert AuditEvent.objects.filter(action="dossier.handed", subject=str(handed.pk)).exists()


def test_a_new_version_stands_before_the_old_which_stays(cast: Cast, ledger: Ledger):
    row = dossier(ledger, "G1")
    put(row, cast.office)
    put(row, cast.office)
    first = queries.materials(row)[0]
    assert [one.no for one in first.pieces] == [2, 1]
    services.take_back_piece(piece=first.pieces[0], reason="传错了", by=cast.office.actor, now=NOW)
    again = queries.materials(row)[0]
    assert again.held
    assert again.held.no == 1
    assert again.pieces[0].taken_back_reason == "传错了"


def test_what_is_missing_wants_words(cast: Cast, ledger: Ledger):
    row = dossier(ledger, "G1")
    put(row, cast.office)
    with pytest.raises(Refused, match="还缺 1 项：相关文件"):
        hand_in(row, cast.office)
    hand_in(row, cast.office, words="规划文件正在报批")
    row.refresh_from_db()
    assert row.state == S.HANDED


def test_an_item_without_wanted_materials_wants_words_or_a_paper(cast: Cast, ledger: Ledger):
    row = dossier(ledger, "A1")
    with pytest.raises(Refused, match="没有附材料"):
        hand_in(row, cast.office)
    services.add_material(dossier=row, name="布局规划", by=cast.office.actor, now=NOW)
    put(row, cast.office)
    hand_in(row, cast.office)


def test_what_the_office_writes_down_is_the_departments(cast: Cast, ledger: Ledger, section: Unit):
    row = dossier(ledger, "G1")
    services.assign(dossiers=[row], department=section.pk, by=cast.office.actor, now=NOW)
    row.refresh_from_db()
    put(row, cast.staff)
    hand_in(row, cast.staff, words="纸质件，4月2日送来", on=date(2024, 4, 2))
    event = AuditEvent.objects.get(action="dossier.handed")
    assert (event.on_behalf_of, event.occurred_on, event.by_name) == (section.pk, date(2024, 4, 2), "乙（示例）")


def test_an_address_is_a_version_too(cast: Cast, ledger: Ledger):
    row = dossier(ledger, "E1")
    piece = put(row, cast.office, received=None, address="https://www.example.gov.cn/mingdan")
    assert piece.file is None
    with pytest.raises(Refused, match="请选文件"):
        put(row, cast.office, received=None)


def test_a_material_not_wanted_here_is_dropped_for_a_reason_and_comes_back(cast: Cast, ledger: Ledger):
    row = dossier(ledger, "G1")
    services.drop_material(material=material(row, 2), reason="规划图已含文件", by=cast.office.actor, now=NOW)
    counted = queries.dossiers(cast.office.actor, ledger).get(pk=row.pk)
    assert (counted.wanted, counted.missing) == (1, 1)
    with pytest.raises(Refused, match="不用报送"):
        put(row, cast.office, 2)
    services.restore_material(material=material(row, 2), by=cast.office.actor, now=NOW)
    counted = queries.dossiers(cast.office.actor, ledger).get(pk=row.pk)
    assert (counted.wanted, counted.missing) == (2, 2)


def test_after_handing_in_the_department_changes_nothing_and_the_office_may_complete(
    cast: Cast, handed: Dossier, section_head: Player
):
    with pytest.raises(Refused) as refused:
        put(handed, section_head)
    assert refused.value.code == "dossiers.state"
    put(handed, cast.office)


def test_one_department_does_not_hand_in_for_another(cast: Cast, ledger: Ledger, section_head: Player):
    row = dossier(ledger, "G1")
    with pytest.raises(Refused) as refused:
        put(row, section_head)
    assert refused.value.code == "dossiers.not_allowed"
    with pytest.raises(Refused):
        put(dossier(ledger, "M1", cast.school), cast.head_2)
    put(dossier(ledger, "M1", cast.school), cast.head)


def test_sent_back_it_comes_with_words_and_a_message_to_be_sent(
    cast: Cast, handed: Dossier, section: Unit, section_head: Player
):
    services.send_back(dossier=handed, base_version=handed.version, words="缺批复", by=cast.staff.actor, now=NOW)
    assert (handed.state, handed.reason) == (S.RETURNED, "缺批复")
    message = Message.objects.get(kind="dossier.returned")
    assert message.state == Message.State.PREPARED
    assert [one.unit_id for one in message.recipients.all()] == [section.pk]
    put(handed, section_head)
    hand_in(handed, section_head)
    assert handed.state == S.HANDED


def test_a_paper_of_tomorrow_is_refused(cast: Cast, ledger: Ledger):
    row = dossier(ledger, "G1")
    with pytest.raises(Refused, match="不能晚于今天"):
        put(row, cast.office, formed_on=TODAY + timedelta(days=1))
    assert not Piece.objects.exists()


# Judgements


def test_a_judgement_counts_when_a_second_person_agrees(cast: Cast, handed: Dossier):
    judge(handed, cast.staff)
    handed.refresh_from_db()
    assert (handed.state, handed.conclusion) == (S.JUDGED, "")
    look(handed, cast.office)
    handed.refresh_from_db()
    assert (handed.state, handed.conclusion) == (S.SETTLED, "达标")
    row = Judgement.objects.get()
    assert (row.by_name, row.look_name, row.look) == ("乙（示例）", "甲（示例）", "agreed")
    assert row.grounds.count() == 2


def test_nobody_looks_at_their_own_judgement(cast: Cast, handed: Dossier):
    judge(handed, cast.staff)
    handed.refresh_from_db()
    with pytest.raises(Refused) as refused:
        look(handed, cast.staff)
    assert refused.value.code == "dossiers.same_person"
    row = Judgement.objects.get()
    with pytest.raises(IntegrityError), transaction.atomic():
        Judgement.objects.filter(pk=row.pk).update(look_person=row.by_person)


def test_sent_back_with_words_it_is_judged_anew(cast: Cast, handed: Dossier):
    judge(handed, cast.staff)
    handed.refresh_from_db()
    look(handed, cast.office, agrees=False, words="证据不足")
    handed.refresh_from_db()
    assert handed.state == S.HANDED
    judge(handed, cast.staff, conclusion="不达标")
    handed.refresh_from_db()
    look(handed, cast.office)
    handed.refresh_from_db()
    assert handed.conclusion == "不达标"
    assert [one.look for one in queries.judgements(handed)] == ["agreed", "sent_back"]


@pytest.mark.parametrize("who", ["head", "system_admin", "section_head", "leader"])
def test_who_has_no_right_to_judge_does_not(request: Any, cast: Cast, handed: Dossier, who: str):
    by: Player = request.getfixturevalue(who) if who in ("section_head", "leader") else getattr(cast, who)
    with pytest.raises(Refused) as refused:
        judge(handed, by)
    assert refused.value.code == "dossiers.not_allowed"


def test_nobody_judges_or_looks_for_the_unit_they_hold_a_post_in(cast: Cast, ledger: Ledger, inspector: Player):
    row = dossier(ledger, "G1")
    services.assign(dossiers=[row], department=cast.bureau.pk, by=cast.office.actor, now=NOW)
    row.refresh_from_db()
    put(row, cast.office)
    hand_in(row, cast.office, words="缺一项")
    with pytest.raises(Refused) as refused:
        judge(row, inspector)
    assert refused.value.code == "dossiers.own_unit"
    judge(row, cast.staff)
    row.refresh_from_db()
    with pytest.raises(Refused) as refused:
        look(row, inspector)
    assert refused.value.code == "dossiers.own_unit"


def test_an_inspector_judges_the_school_that_is_theirs(cast: Cast, ledger: Ledger, inspector: Player):
    row = dossier(ledger, "W1", cast.school)
    put(row, cast.head)
    hand_in(row, cast.head)
    judge(row, inspector, conclusion="良好")
    row.refresh_from_db()
    look(row, cast.staff)
    row.refresh_from_db()
    assert row.conclusion == "良好"


def test_a_judgement_says_why_and_on_what(cast: Cast, handed: Dossier):
    for more, code in (
        ({"conclusion": "良好"}, "dossiers.conclusion"),
        ({"words": " "}, "dossiers.words"),
        ({"pieces": []}, "dossiers.evidence"),
        ({"judged_on": TODAY + timedelta(days=1)}, "dossiers.future"),
        ({"judged_on": TODAY - timedelta(days=1)}, "dossiers.future"),
    ):  # fmt: skip
        with pytest.raises(Refused) as refused:
            judge(handed, cast.staff, **more)
        assert refused.value.code == code
    assert not Judgement.objects.exists()
    handed.refresh_from_db()
    assert handed.state == S.HANDED


def test_a_version_that_a_judgement_rests_on_is_not_taken_back(cast: Cast, handed: Dossier):
    judge(handed, cast.staff)
    handed.refresh_from_db()
    look(handed, cast.office, agrees=False, words="再看")
    piece = Piece.objects.first()
    assert piece
    services.take_back_piece(piece=piece, reason="旧版", by=cast.office.actor, now=NOW)
    handed.refresh_from_db()
    with pytest.raises(Conflict):
        judge(handed, cast.staff, pieces=[piece.pk])


def test_what_is_settled_is_taken_back_by_the_office_with_a_reason(cast: Cast, handed: Dossier, inspector: Player):
    judge(handed, cast.staff)
    handed.refresh_from_db()
    look(handed, cast.office)
    handed.refresh_from_db()
    with pytest.raises(Refused):
        services.take_back_judgement(
            dossier=handed, base_version=handed.version, reason="不对", on=TODAY, by=inspector.actor, now=NOW
        )
    services.take_back_judgement(
        dossier=handed, base_version=handed.version, reason="发现规划过期", on=TODAY, by=cast.office.actor, now=NOW
    )
    assert (handed.state, handed.conclusion) == (S.HANDED, "")
    assert Judgement.objects.get().taken_back_reason == "发现规划过期"
    judge(handed, cast.staff, conclusion="不达标")


def test_two_who_judge_at_once_do_not_both_conclude(cast: Cast, handed: Dossier):
    seen = handed.version
    judge(handed, cast.staff, base_version=seen)
    with pytest.raises(Refused) as refused:
        judge(handed, cast.office, base_version=seen)
    assert refused.value.code == "dossiers.state"
    assert Judgement.objects.count() == 1


def test_a_stale_page_is_a_conflict(cast: Cast, handed: Dossier):
    services.assign(dossiers=[handed], judge=cast.staff.person, by=cast.office.actor, now=NOW)
    with pytest.raises(Conflict):
        judge(handed, cast.staff, base_version=handed.version)


def test_what_is_left_out_is_left_out_with_a_reason_and_comes_back(cast: Cast, ledger: Ledger):
    row = dossier(ledger, "M1", cast.school)
    services.leave_out(dossier=row, base_version=row.version, reason="不足 50 人教学点", by=cast.office.actor, now=NOW)
    cells = queries.judged(cast.office.actor, ledger.standard, "2024")
    assert cells["2164000001", "judged:M1"].problem == "不计入：不足 50 人教学点"
    services.take_in(dossier=row, base_version=row.version, by=cast.office.actor, now=NOW)
    assert row.state == S.OPEN


# What leaves for the data


def test_only_what_two_people_settled_is_a_value(cast: Cast, handed: Dossier, ledger: Ledger):
    def cell() -> Any:
        return queries.judged(cast.office.actor, ledger.standard, "2024")["", "judged:G1"]

    assert (cell().value, cell().problem) == (None, "尚未认定（待判定）")
    judge(handed, cast.staff)
    assert (cell().value, cell().problem) == (None, "尚未认定（待复核）")
    handed.refresh_from_db()
    look(handed, cast.office)
    assert cell().value == "达标"
    assert "乙（示例） 2024年4月10日判定，甲（示例） 2024年4月10日复核" in cell().where
    cells = queries.judged(cast.office.actor, ledger.standard, "2024")
    assert not any(code == "judged:E1" for _, code in cells)
    assert cells["2164000001", "judged:W1"].value is None
    assert queries.judged(cast.office.actor, ledger.standard, "2023") == {}


def test_another_county_and_another_school_see_nothing(cast: Cast, ledger: Ledger, stranger: Player):
    assert queries.judged(stranger.actor, ledger.standard, "2024") == {}
    assert not queries.ledgers_visible_to(stranger.actor).exists()
    seen = queries.dossiers_visible_to(cast.head.actor)
    assert set(seen.values_list("unit__code", flat=True)) == {"2164000001"}
    assert queries.dossiers_visible_to(cast.system_admin.actor).count() == 0


def test_who_is_asked_to_judge_sees_the_dossier(cast: Cast, ledger: Ledger, inspector: Player):
    row = dossier(ledger, "G1")
    assert not queries.dossiers_visible_to(inspector.actor).filter(pk=row.pk).exists()
    services.assign(dossiers=[row], judge=inspector.person, by=cast.office.actor, now=NOW)
    assert queries.dossiers_visible_to(inspector.actor).filter(pk=row.pk).exists()


def test_the_overview_and_the_cells_take_the_same_statements_however_many_schools(
    cast: Cast, ledger: Ledger, standard: Standard, django_assert_num_queries: Any
):
    for number in range(12):
        unit(f"示例村小{number}", f"216400010{number:02}")
    services.refresh_ledger(ledger=ledger, standard=standard, by=cast.office.actor, now=NOW)
    with django_assert_num_queries(3):
        lines = queries.overview(cast.office.actor, ledger, today=TODAY)
    assert next(line for line in lines if line.item == "M1").states["open"] == 14
    with django_assert_num_queries(5):
        queries.judged(cast.office.actor, ledger.standard, "2024")


def test_each_hat_is_told_what_waits_for_it(
    cast: Cast, handed: Dossier, ledger: Ledger, section_head: Player, django_assert_num_queries: Any
):
    def desk(who: Player) -> tuple[int, int, int, int]:
        with django_assert_num_queries(1):
            (found,) = queries.on_desk(who.actor, today=TODAY) or [queries.Desk(ledger.pk, "", TODAY, 0, 0, 0, 0)]
        return found.to_hand, found.late, found.to_judge, found.to_look

    assert desk(cast.head) == (2, 0, 0, 0)
    assert desk(section_head) == (0, 0, 0, 0)
    assert desk(cast.office) == (0, 0, 1, 0)
    judge(handed, cast.staff)
    assert desk(cast.staff) == (0, 0, 0, 0)
    assert desk(cast.office) == (0, 0, 0, 1)
    Dossier.objects.filter(ledger=ledger).update(due_on=TODAY - timedelta(days=1))
    assert desk(cast.head) == (2, 2, 0, 0)
    assert queries.on_desk(cast.system_admin.actor, today=TODAY) == []


# Asking


def test_the_message_tells_each_unit_what_it_lacks(cast: Cast, ledger: Ledger, section: Unit):
    services.assign(dossiers=[dossier(ledger, "G1")], department=section.pk, by=cast.office.actor, now=NOW)
    message = services.ask(ledger=ledger, by=cast.office.actor, now=NOW)
    assert message.state == Message.State.PREPARED
    assert "教体局基教科（示例）：学校规划布局合理（学校布局规划图、相关文件）" in message.text
    assert "请于4月30日前报送" in message.text
    notes = {one.name: one.note for one in message.recipients.all()}
    assert notes["教体局基教科（示例）"] == "1 项待报送，缺 2 项材料"
    assert notes["示例第一小学"] == "2 项待报送，缺 2 项材料"
    only = services.ask(ledger=ledger, units=[cast.school.pk], by=cast.office.actor, now=NOW)
    assert [one.unit_id for one in only.recipients.all()] == [cast.school.pk]


def test_nobody_is_asked_who_handed_everything_in(cast: Cast, ledger: Ledger):
    Dossier.objects.update(state=S.LEFT_OUT, reason="不适用")
    with pytest.raises(Refused) as refused:
        services.ask(ledger=ledger, by=cast.office.actor, now=NOW)
    assert refused.value.code == "dossiers.nobody"


def test_materials_of_a_dropped_row_do_not_vanish(cast: Cast, ledger: Ledger):
    row = dossier(ledger, "G1")
    put(row, cast.office)
    services.drop_material(material=material(row), reason="另有文件", by=cast.office.actor, now=NOW)
    assert Material.objects.filter(dossier=row).count() == 2
    assert Piece.objects.count() == 1

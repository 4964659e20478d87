"""Reporting numbers: one way in, nothing lost, nothing overwritten unseen."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from dudao.audit.models import AuditEvent
from dudao.returns import checking, queries, services
from dudao.returns.models import Campaign, Cell, Reading, Return
from dudao.shell.errors import Refused
from dudao.shell.keys import uuid7
from tests.cast import NOW, Cast


def fill(ret: Return, cast: Cast, at: int = 0, **values: object) -> services.Changed:
    now = NOW + timedelta(seconds=at)
    return services.set_cells(ret=ret, values=values, source="typed", by=cast.head.actor, now=now)


def test_a_value_is_kept_as_typed_and_as_read_with_who_and_when(cast, ret):
    fill(ret, cast, students_primary="１,２００", area_teaching_aux="9215.5")
    cell = ret.cells.get(code="students_primary")
    assert (cell.raw, cell.value, cell.problem, cell.source) == ("１,２００", "1200", "", "typed")
    assert ret.cells.get(code="area_teaching_aux").value == "9215.5"
    reading = Reading.objects.get(code="students_primary")
    assert (reading.by_name, reading.value) == (cast.head.actor.name, "1200")
    ret.refresh_from_db()
    assert (ret.state, ret.filled) == ("filling", 2)
    assert AuditEvent.objects.get(action="return.filled").facts["cells"]["students_primary"] == ["", "１,２００"]


def test_what_cannot_be_read_stays_with_its_problem(cast, ret):
    done = fill(ret, cast, students_primary="3.7", area_teaching_aux="−5")
    assert "整数" in done.problems["students_primary"] and "负数" in done.problems["area_teaching_aux"]
    assert list(ret.cells.order_by("code").values_list("raw", "value")) == [("−5", ""), ("3.7", "")]
    ret.refresh_from_db()
    assert ret.errors == 2


def test_the_same_again_changes_nothing_and_leaves_no_second_reading(cast, ret):
    fill(ret, cast, students_primary="12")
    assert fill(ret, cast, students_primary=" 12 ").codes == []
    assert Reading.objects.count() == 1 and ret.cells.get().version == 1


def test_an_emptied_cell_is_missing_and_not_zero(cast, ret):
    fill(ret, cast, students_primary="12")
    fill(ret, cast, students_primary="")
    assert ret.cells.get().value == ""
    assert queries.dataset(cast.office.actor, "2024").tables["school"][0].cells["students_primary"].value is None


def test_of_two_who_change_one_cell_the_second_sees_both_texts_and_overwrites_nothing(cast, ret):
    fill(ret, cast, students_primary="12")
    base = {"students_primary": 1, "students_junior": 0}
    services.set_cells(
        ret=ret, values={"students_primary": "13"}, base=base, source="typed", by=cast.head.actor, now=NOW
    )
    done = services.set_cells(
        ret=ret,
        values={"students_primary": "14", "students_junior": "0"},
        base=base,
        source="typed",
        by=cast.head.actor,
        now=NOW,
    )
    [clash] = done.clashes
    assert (clash.theirs, clash.mine, clash.version) == ("13", "14", 2)
    assert done.codes == ["students_junior"] and ret.cells.get(code="students_primary").raw == "13"


def test_nobody_writes_another_units_numbers(cast, ret):
    for player in (cast.office, cast.staff, cast.head_2, cast.foreign):
        with pytest.raises(Refused, match="填报单位自己填写"):
            services.set_cells(ret=ret, values={"students_primary": "1"}, source="typed", by=player.actor, now=NOW)
    with pytest.raises(Refused, match="督导室组织"):
        services.set_cells(ret=ret, values={"students_primary": "1"}, source="platform", by=cast.head.actor, now=NOW)
    assert (
        not Cell.objects.exists()
        and not Reading.objects.exists()
        and not AuditEvent.objects.filter(action="return.filled").exists()
    )


@pytest.mark.parametrize("change", [{"state": "submitted"}, {"state": "approved"}, {"is_locked": True}])
def test_what_is_handed_in_or_locked_does_not_change(cast, ret, change):
    Return.objects.filter(pk=ret.pk).update(**change)
    with pytest.raises(Refused) as caught:
        fill(ret, cast, students_primary="1")
    assert caught.value.code == "returns.closed"


def test_a_change_after_the_head_confirmed_is_to_be_confirmed_again(cast, ret):
    Return.objects.filter(pk=ret.pk).update(
        state="confirmed", confirmed_at=NOW, confirmed_name="示例", confirmed_how="system"
    )
    fill(ret, cast, students_primary="1")
    ret.refresh_from_db()
    assert (ret.state, ret.confirmed_at, ret.confirmed_how) == ("filling", None, "")


def test_an_imported_value_leaves_its_file_and_cell_even_where_it_is_the_same(cast, ret):
    fill(ret, cast, students_primary="12")
    services.set_cells(
        ret=ret,
        values={"students_primary": 12.0},
        source="platform",
        places={"students_primary": ("学校", "C9")},
        by=cast.office.actor,
        now=NOW,
    )
    assert ret.cells.get().source == "typed"
    assert [
        (r.source, r.place)
        for r in queries.cell_history(cast.head.actor, cast.school.pk, "students_primary", "2024").readings
    ] == [("platform", "C9"), ("typed", "")]


def test_the_time_worked_is_counted_from_saving_to_saving(cast, ret):
    fill(ret, cast, 0, students_primary="1")
    fill(ret, cast, 60, students_primary="2")
    fill(ret, cast, 4000, students_primary="3")
    ret.refresh_from_db()
    assert ret.seconds == 20 + 60 + 20 and ret.minutes == 2


def test_a_dataset_holds_all_units_of_the_period_by_their_code_with_exact_values(cast, ret, campaign):
    fill(ret, cast, students_primary="12", area_teaching_aux="0.10", boarding="否", school_name="示例第一小学")
    [one, two] = queries.dataset(cast.office.actor, "2024").tables["school"]
    assert (one.unit, one.name, one.county) == (cast.school.code, "示例第一小学", "640122")
    assert one.cells["area_teaching_aux"].value == Decimal("0.1") and one.cells["boarding"].value is False
    assert two.unit == cast.school_2.code and dict(two.cells) == {}
    assert queries.dataset(cast.head.actor, "2024").tables["school"][0].unit == cast.school.code
    assert len(queries.dataset(cast.head.actor, "2024").tables["school"]) == 1
    assert not queries.dataset(cast.foreign_office.actor, "2024").tables
    assert queries.periods(cast.head.actor) == [("2024", "2024年9月1日")]


def test_adopted_values_stand_in_place_of_reported_ones_only_where_asked(cast, ret):
    fill(ret, cast, students_primary="12")
    ret.cells.update(found="11", adopted="11", adopted_state="adopted")
    office = cast.office.actor
    assert queries.dataset(office, "2024").tables["school"][0].cells["students_primary"].value == 12
    assert queries.dataset(office, "2024", "adopted").tables["school"][0].cells["students_primary"].value == 11


def test_a_period_is_locked_when_its_campaign_and_every_return_is(cast, ret, campaign):
    office = cast.office.actor
    assert not queries.is_locked(office, "2024", "school-return") and len(queries.unlocked(office, "2024")) == 2
    campaign.returns.update(state="approved", is_locked=True)
    Campaign.objects.filter(pk=campaign.pk).update(state="locked", locked_at=NOW)
    assert queries.is_locked(office, "2024", "school-return") and queries.unlocked(office, "2024") == []
    assert not queries.is_locked(office, "2023", "school-return")


def test_a_dataset_takes_the_same_statements_however_many_units(cast, ret, django_assert_num_queries):
    fill(ret, cast, students_primary="12")
    queries.dataset(cast.office.actor, "2024")
    with django_assert_num_queries(3):
        queries.dataset(cast.office.actor, "2024")


def test_relations_that_do_not_hold_are_counted_until_mended_or_explained(cast, ret):
    fill(ret, cast, area_teaching_aux="921.5", area_indoor_sports="9215", boarding="是")
    ret.refresh_from_db()
    assert ret.errors == 1 and ret.asked == 7
    fill(ret, cast, area_indoor_sports="92")
    ret.refresh_from_db()
    assert ret.errors == 0


def test_a_warning_against_last_year_wants_words_and_wants_them_again_when_the_number_changes(cast, ret, campaign):
    before = Campaign.objects.get(pk=campaign.pk)
    before.pk, before.period, before.census_on = None, "2023", date(2023, 9, 1)
    before.id = uuid7()
    before.save(force_insert=True)
    last = Return.objects.create(county="640122", campaign=before, unit=cast.school)
    fill(last, cast, area_teaching_aux="1000")
    fill(ret, cast, area_teaching_aux="500")
    ret.refresh_from_db()
    assert ret.warnings == 1
    services.explain(ret=ret, words={"area_falls": "拆除危房"}, by=cast.head.actor, now=NOW)
    ret.refresh_from_db()
    assert ret.warnings == 0
    fill(ret, cast, area_teaching_aux="400")
    ret.refresh_from_db()
    assert ret.warnings == 1 and checking.look(ret).unexplained[0].is_stale

"""Units through the years: what was true stays true, and on every day there is one answer."""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from dudao.audit.models import AuditEvent
from dudao.places import queries, services
from dudao.places.models import Region, Succession, Unit, UnitVersion
from dudao.places.services import CampusFacts, RegionFacts, UnitFacts
from dudao.shell.acts import system
from dudao.shell.errors import Conflict, Refused
from tests.cast import NOW, SINCE, TODAY, unit

pytestmark = pytest.mark.django_db
BY = system("640122")


def change(row: Unit, on: date, **facts: object) -> UnitVersion:
    row.refresh_from_db()
    now = UnitFacts(**{"name": "示例小学", "kind": "school", **facts})  # type: ignore[arg-type]
    return services.change_unit(
        unit=row, base_version=row.version, facts=now, valid_from=on, reason="示例批复", by=BY, now=NOW
    )


def name_on(row: Unit, day: date) -> str | None:
    return queries.units_visible_to(BY, as_of=day).filter(unit=row).values_list("name", flat=True).first()


def test_a_renamed_school_is_found_under_each_name_in_its_time():
    school = unit("示例小学", "1")
    change(school, date(2024, 3, 1), name="示例实验小学")
    assert name_on(school, date(2024, 2, 29)) == "示例小学"
    assert name_on(school, date(2024, 3, 1)) == "示例实验小学"
    assert name_on(school, SINCE - timedelta(days=1)) is None
    assert AuditEvent.objects.get(action="unit.renamed").occurred_on == date(2024, 3, 1)


def test_a_change_on_the_first_day_corrects_and_leaves_no_second_version():
    school = unit("示例小学", "1", stages=frozenset({"primary"}))
    change(
        school, SINCE, stages=frozenset({"primary", "junior"}), campuses=(CampusFacts("point", "示例教学点", "640122"),)
    )
    (version,) = school.versions.all()
    assert {s.stage for s in version.stages.all()} == {"primary", "junior"}
    assert version.campuses.get().region_code == "640122000000"


def test_two_who_change_the_same_unit_do_not_overwrite_each_other():
    school = unit("示例小学", "1")
    seen = school.version
    change(school, date(2024, 3, 1), name="甲的名称")
    with pytest.raises(Conflict):
        services.change_unit(
            unit=school,
            base_version=seen,
            facts=UnitFacts("乙的名称", "school"),
            valid_from=TODAY,
            reason="x",
            by=BY,
            now=NOW,
        )
    assert name_on(school, TODAY) == "甲的名称"


def test_a_merged_school_ends_the_day_before_and_says_where_it_went():
    small, big = unit("示例村小", "1"), unit("示例中心小学", "2")
    services.merge_units(units=[(small, small.version)], into=big, on=TODAY, reason="撤点并校批复", by=BY, now=NOW)
    small.refresh_from_db()
    assert small.ended_on == TODAY - timedelta(days=1)
    assert name_on(small, TODAY) is None
    history = queries.history(BY, big.pk, as_of=TODAY)
    assert history and [name for _, name in history.came_from] == ["示例村小"]
    with pytest.raises(Conflict):
        change(small, TODAY, name="复活")


def test_a_name_is_the_one_of_the_day_and_of_an_ended_unit_the_last():
    school, gone, to_come = unit("示例小学", "1"), unit("示例村小", "2"), unit("示例新校", "3")
    change(school, TODAY + timedelta(days=20), name="示例实验小学")
    services.end_unit(unit=gone, base_version=1, last_day=TODAY - timedelta(days=9), reason="撤点", by=BY, now=NOW)
    UnitVersion.objects.filter(unit=to_come).update(valid_from=TODAY + timedelta(days=20))
    keys = {school.pk, gone.pk, to_come.pk}
    assert set(queries.unit_names(BY, keys, as_of=TODAY).values()) == {"示例小学", "示例村小", "示例新校"}
    assert queries.unit_names(BY, {school.pk}, as_of=TODAY + timedelta(days=20)) == {school.pk: "示例实验小学"}


def test_what_became_of_a_unit_is_told_without_the_parts_that_left_it_earlier():
    old, early, one, two = (unit(name, name) for name in ("旧", "早", "一", "二"))
    services.split_unit(unit=old, base_version=1, into=[early], on=SINCE, ends=False, reason="x", by=BY, now=NOW)
    services.split_unit(unit=old, base_version=2, into=[one, two], on=TODAY, ends=True, reason="x", by=BY, now=NOW)
    services.end_unit(unit=early, base_version=1, last_day=SINCE, reason="x", by=BY, now=NOW)
    told = queries.endings(BY, {old.pk, early.pk, one.pk}, as_of=TODAY)
    assert told == {old.pk: "已终止，分设为一、二", early.pk: "已终止"}


SOON = TODAY + timedelta(days=10)


@pytest.mark.parametrize(
    "act",
    [
        lambda a, b, c: change(a, SOON, name="改错的名称"),
        lambda a, b, c: services.merge_units(units=[(a, a.version)], into=b, on=SOON, reason="x", by=BY, now=NOW),
        lambda a, b, c: services.end_unit(unit=a, base_version=1, last_day=SOON, reason="x", by=BY, now=NOW),
        lambda a, b, c: services.split_unit(
            unit=a, base_version=1, into=[b, c], on=SOON, ends=True, reason="x", by=BY, now=NOW
        ),
        lambda a, b, c: services.split_unit(
            unit=a, base_version=1, into=[b], on=SOON, ends=False, reason="x", by=BY, now=NOW
        ),
    ],
)
def test_what_has_not_begun_can_be_taken_back_and_then_corrected(act):
    a, b, c = (unit(name, name) for name in "甲乙丙")
    act(a, b, c)
    a.refresh_from_db()
    told = queries.history(BY, a.pk, as_of=TODAY)
    assert told and told.ahead(TODAY)
    with pytest.raises(Conflict):
        services.take_back(unit=a, base_version=a.version - 1, by=BY, now=NOW)

    services.take_back(unit=a, base_version=a.version, by=BY, now=NOW)

    assert (a.ended_on, name_on(a, SOON + timedelta(days=1)), Succession.objects.count()) == (None, "甲", 0)
    assert AuditEvent.objects.get(action="unit.taken_back").county == "640122"
    told = queries.history(BY, a.pk, as_of=TODAY)
    assert told and told.ahead(TODAY) is None
    change(a, TODAY, name="改对的名称")


def test_what_has_begun_stands():
    a, b = unit("甲", "1"), unit("乙", "2")
    services.merge_units(units=[(a, 1)], into=b, on=TODAY, reason="x", by=BY, now=NOW)
    with pytest.raises(Refused, match="没有还没开始"):
        services.take_back(unit=a, base_version=a.version, by=BY, now=NOW)


def test_a_school_that_is_split_can_live_on():
    old, new = unit("示例九年制学校", "1"), unit("示例小学部", "2")
    services.split_unit(
        unit=old, base_version=old.version, into=[new], on=TODAY, ends=False, reason="分设", by=BY, now=NOW
    )
    assert name_on(old, TODAY) == "示例九年制学校"
    assert Succession.objects.get().kind == "split"


@pytest.mark.parametrize(
    ("act", "code"),
    [
        (
            lambda a, b: services.merge_units(units=[(a, 1)], into=a, on=TODAY, reason="x", by=BY, now=NOW),
            "places.into_itself",
        ),
        (
            lambda a, b: services.merge_units(
                units=[(a, 1)], into=b, on=SINCE - timedelta(days=9), reason="x", by=BY, now=NOW
            ),
            "places.not_standing",
        ),
        (
            lambda a, b: services.end_unit(
                unit=a, base_version=1, last_day=SINCE - timedelta(days=1), reason="x", by=BY, now=NOW
            ),
            "places.before",
        ),
        (
            lambda a, b: services.end_unit(unit=a, base_version=1, last_day=TODAY, reason=" ", by=BY, now=NOW),
            "places.reason",
        ),
        (
            lambda a, b: services.split_unit(
                unit=a, base_version=1, into=[], on=TODAY, ends=True, reason="x", by=BY, now=NOW
            ),
            "places.none",
        ),
        (
            lambda a, b: services.split_unit(
                unit=a, base_version=1, into=[b], on=TODAY, ends=True, reason="x", by=BY, now=NOW
            ),
            "places.one",
        ),
        (lambda a, b: change(a, SINCE - timedelta(days=1), name="早"), "places.before"),
        (lambda a, b: change(a, date(2030, 1, 1), name="远"), "places.day"),
        (
            lambda a, b: services.open_unit(
                code="9", name="丙", kind="school", valid_from=date(1800, 1, 1), by=BY, now=NOW
            ),
            "places.day",
        ),
        (
            lambda a, b: services.take_back(unit=a, base_version=1, by=BY, now=NOW),
            "places.begun",
        ),
        (lambda a, b: change(a, TODAY, name="甲"), "places.same"),
        (lambda a, b: change(a, TODAY, name=" "), "places.name"),
        (lambda a, b: change(a, TODAY, region_code="12"[::-1] + "x"), "region.form"),
        (lambda a, b: change(a, TODAY, is_inclusive=True), "places.inclusive"),
        (lambda a, b: unit("丙", "1"), "places.code_taken"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_is_written(act, code):
    one, two = unit("甲", "1"), unit("乙", "2")
    before = (UnitVersion.objects.count(), AuditEvent.objects.count(), Unit.objects.get(pk=one.pk).version)
    with pytest.raises(Refused) as caught:
        act(one, two)
    assert caught.value.code == code
    assert (UnitVersion.objects.count(), AuditEvent.objects.count(), Unit.objects.get(pk=one.pk).version) == before


days = st.integers(0, 40).map(lambda n: SINCE + timedelta(days=n))
acts = st.lists(st.tuples(st.sampled_from(["rename", "end", "merge", "split", "split_end"]), days), max_size=12)


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(acts)
@example([("split", SINCE + timedelta(days=1)), ("merge", SINCE + timedelta(days=1))])
def test_after_any_acts_a_unit_has_one_version_on_each_day_until_it_ends(sequence):
    a, b, c = (unit(name, f"{name}{Unit.objects.count()}") for name in "甲乙丙")
    for n, (act, day) in enumerate(sequence):
        a.refresh_from_db()
        try:
            if act == "rename":
                change(a, day, name=f"甲{n}")
            elif act == "end":
                services.end_unit(unit=a, base_version=a.version, last_day=day, reason="x", by=BY, now=NOW)
            elif act == "merge":
                services.merge_units(units=[(a, a.version)], into=b, on=day, reason="x", by=BY, now=NOW)
            else:
                services.split_unit(
                    unit=a,
                    base_version=a.version,
                    into=[b, c],
                    on=day,
                    ends=act == "split_end",
                    reason="x",
                    by=BY,
                    now=NOW,
                )
        except Refused:
            pass
        except IntegrityError as error:  # the same split on the same day twice
            pytest.fail(str(error))
    a.refresh_from_db()
    last = a.ended_on or date.max
    for n in range(-1, 62):
        day = SINCE + timedelta(days=n)
        standing = queries.units_visible_to(BY, as_of=day).filter(unit=a).count()
        assert standing == (1 if SINCE <= day <= last else 0), day


def test_the_database_refuses_wrong_rows():
    school = unit("示例小学", "1")
    other = unit("示例中学", "2")
    wrong = [
        lambda: UnitVersion.objects.create(unit=school, valid_from=TODAY, name="第二个未结束", kind="school"),
        lambda: UnitVersion.objects.create(unit=school, valid_from=TODAY, valid_to=SINCE, name="倒着", kind="school"),
        lambda: UnitVersion.objects.filter(unit=school).update(kind="castle"),
        lambda: Unit.objects.filter(pk=school.pk).update(ended_on=TODAY),
        lambda: Unit.objects.create(county="640122", code="1"),
        lambda: Succession.objects.create(before=school, after=school, kind="merge", on=TODAY, reason="x"),
        lambda: Succession.objects.create(before=school, after=other, kind="eaten", on=TODAY, reason="x"),
        lambda: school.versions.get().stages.create(stage="doctor"),
        lambda: school.versions.get().campuses.create(kind="moon", name="x"),
    ]
    for write in wrong:
        with pytest.raises(IntegrityError), services.transaction.atomic():
            write()


def test_loading_the_same_regions_twice_writes_nothing_and_a_new_name_gets_a_new_row():
    rows = [RegionFacts("640122", "贺兰县"), RegionFacts("640122100", "习岗镇")]
    assert services.load_regions(regions=rows, valid_from=SINCE, by=BY, now=NOW) == 2
    assert services.load_regions(regions=rows, valid_from=SINCE, by=BY, now=NOW) == 0
    rows[1] = RegionFacts("640122100", "示例街道")
    assert services.load_regions(regions=rows, valid_from=TODAY, by=BY, now=NOW) == 1
    assert [r.name for r in queries.regions(BY, as_of=SINCE)] == ["贺兰县", "习岗镇"]
    assert [r.name for r in queries.towns(BY, as_of=TODAY)] == ["示例街道"]
    assert Region.objects.get(name="示例街道").parent_code == "640122000000"


def test_a_foreign_county_sees_no_unit():
    school = unit("示例小学", "1")
    foreign = system("640121")
    assert not queries.units_visible_to(foreign, as_of=TODAY)
    assert queries.history(foreign, school.pk, as_of=TODAY) is None

"""What a county says of a standard, and what then holds on a day."""

import copy
from datetime import date, timedelta
from typing import Any

import pytest

from dudao.audit.models import AuditEvent
from dudao.indicators import queries, services
from dudao.indicators.elements import elements
from dudao.indicators.models import Check, Choice
from dudao.shell.errors import Refused
from dudao_engines.standards.schema import Standard
from tests.cast import NOW, TODAY, Cast, Player
from tests.indicators.small import SMALL, small

pytestmark = pytest.mark.django_db
PLACE = "第二章第五条"


def check(standard: Standard, key: str, by: Player, **more: Any) -> Check:
    facts = {
        "digest": elements(standard)[key].digest, "checked_on": TODAY, "checked_by": "甲（示例）", "against": "示例〔2024〕1号",
        "place": PLACE, **more,
    }  # fmt: skip
    return services.record_check(standard=standard, key=key, by=by.actor, now=NOW, **facts)


def choose(standard: Standard, key: str, value: str, by: Player, **more: Any) -> Choice:
    facts: dict[str, Any] = {"from_on": date(2024, 1, 1), "source": "示财〔2024〕3号", **more}
    return services.choose(standard=standard, key=key, value=value, by=by.actor, now=NOW, **facts)


COMPARED = {"checked_on": TODAY, "checked_by": "甲（示例）", "place": PLACE}


def test_without_anything_said_the_file_holds_and_nothing_is_checked(cast: Cast, standard: Standard):
    found = queries.settings_of(cast.office.actor, standard, TODAY)
    assert (found.parameters, found.checked, found.variants, found.concessions) == ({}, frozenset(), {}, frozenset())
    stands = queries.standings(cast.office.actor, standard, TODAY)
    assert stands["R1"].code == "sure"
    assert stands["P_FUND"].code == "unchecked"
    assert stands["V7"].code == "unchecked"


@pytest.mark.parametrize("key", ["R1", "P_FUND", "Q1.A", "R1c", "F1.1"])
def test_a_comparison_makes_an_element_checked_from_its_day_on(cast: Cast, standard: Standard, key: str):
    row = check(standard, key, cast.office, checked_on=TODAY - timedelta(days=3))
    assert (row.standard, row.standard_version, row.fingerprint) == (standard.id, "1", standard.fingerprint)
    assert key in queries.settings_of(cast.office.actor, standard, TODAY).checked
    assert key not in queries.settings_of(cast.office.actor, standard, TODAY - timedelta(days=4)).checked
    event = AuditEvent.objects.get(action="standard.checked")
    assert event.occurred_on == TODAY - timedelta(days=3)


def test_another_county_sees_nothing_of_it(cast: Cast, standard: Standard, stranger: Player):
    row = check(standard, "R1", cast.office)
    assert queries.settings_of(stranger.actor, standard, TODAY).checked == frozenset()
    assert queries.check_visible_to(stranger.actor, row.pk) is None


def changed(path: str, value: object) -> Standard:
    data = copy.deepcopy(SMALL)
    found = next(one for one in data["indicators"] if one["id"] == "R1")
    found[path] = value
    return Standard.model_validate(data | {"version": "2"})


def test_after_the_file_changed_what_was_compared_is_to_be_compared_again(cast: Cast, standard: Standard):
    check(standard, "R1", cast.office)
    check(standard, "P_FUND", cast.office)
    new = changed("numerator", "teachers + 1")
    found = queries.standings(cast.office.actor, new, TODAY)
    assert found["R1"].is_stale
    assert found["R1"].code == "stale"
    # What the change does not touch stays compared.
    assert found["P_FUND"].code == "checked"
    assert queries.settings_from(found.values()).checked == {"P_FUND"}


def test_a_note_in_the_file_is_not_a_change_of_what_it_means(cast: Cast, standard: Standard):
    check(standard, "R1", cast.office)
    assert queries.standings(cast.office.actor, changed("note", "补充说明"), TODAY)["R1"].code == "checked"


def test_a_changed_quantity_is_a_change_of_every_formula(cast: Cast, standard: Standard):
    check(standard, "R1", cast.office)
    quantity = {"id": "half", "name": "一半", "level": "school", "formula": "students / 2"}
    assert queries.standings(cast.office.actor, small(quantities=[quantity]), TODAY)["R1"].is_stale


def test_what_was_compared_is_what_the_page_showed(cast: Cast, standard: Standard):
    with pytest.raises(Refused) as refused:
        check(standard, "R1", cast.office, digest="old")
    assert refused.value.code == "indicators.changed"


def test_a_comparison_says_who_against_what_and_where(cast: Cast, standard: Standard):
    for name in ("checked_by", "against", "place"):
        with pytest.raises(Refused) as refused:
            check(standard, "R1", cast.office, **{name: "  "})
        assert refused.value.field == name
    assert not Check.objects.exists()


def test_a_comparison_does_not_lie_ahead_and_is_not_entered_twice(cast: Cast, standard: Standard):
    with pytest.raises(Refused, match="不能晚于今天"):
        check(standard, "R1", cast.office, checked_on=TODAY + timedelta(days=1))
    check(standard, "R1", cast.office)
    with pytest.raises(Refused) as refused:
        check(standard, "R1", cast.office)
    assert refused.value.code == "indicators.twice"
    assert Check.objects.count() == 1


def test_the_county_goes_before_the_region_and_the_region_before_the_nation(cast: Cast, standard: Standard):
    for value, origin in (("600", "nation"), ("700", "region"), ("800", "county")):
        choose(standard, "P_FUND", value, cast.office, origin=origin)
        assert queries.settings_of(cast.office.actor, standard, TODAY).parameters == {"P_FUND": value}
    # A later one of a farther authority changes nothing.
    choose(standard, "P_FUND", "999", cast.office, origin="region", from_on=date(2024, 3, 1))
    assert queries.settings_of(cast.office.actor, standard, TODAY).parameters == {"P_FUND": "800"}


def test_a_value_holds_from_its_day_to_its_day(cast: Cast, standard: Standard):
    choose(standard, "P_FUND", "600", cast.office, from_on=date(2024, 2, 1), until_on=date(2024, 2, 29))
    for day, value in ((date(2024, 1, 31), {}), (date(2024, 2, 1), {"P_FUND": "600"}), (date(2024, 2, 29), {"P_FUND": "600"}),
                       (date(2024, 3, 1), {})):  # fmt: skip
        assert queries.settings_of(cast.office.actor, standard, day).parameters == value


def test_a_value_that_nobody_compared_is_for_trial_even_where_the_files_own_was_compared(
    cast: Cast, standard: Standard
):
    check(standard, "P_FUND", cast.office)
    choose(standard, "P_FUND", "600", cast.office)
    assert "P_FUND" not in queries.settings_of(cast.office.actor, standard, TODAY).checked
    choose(standard, "P_FUND", "700", cast.office, from_on=date(2024, 2, 1), **COMPARED)
    assert "P_FUND" in queries.settings_of(cast.office.actor, standard, TODAY).checked


def test_what_the_nation_says_for_sure_is_replaced_only_by_what_was_compared(cast: Cast, standard: Standard):
    for key, value in (("P_SURE", "90"), ("R1.1", "5")):
        with pytest.raises(Refused) as refused:
            choose(standard, key, value, cast.office)
        assert refused.value.code == "indicators.unchecked"
        choose(standard, key, value, cast.office, **COMPARED)
    found = queries.settings_of(cast.office.actor, standard, TODAY)
    assert (found.parameters, found.limits) == ({"P_SURE": "90"}, {"R1.1": "5"})


@pytest.mark.parametrize("value", ["", "abc", "1e3", "５００", "NaN", "1/3"])
def test_a_value_is_a_number(cast: Cast, standard: Standard, value: str):
    with pytest.raises(Refused) as refused:
        choose(standard, "P_FUND", value, cast.office)
    assert refused.value.code == "indicators.value"


def test_a_word_is_one_of_those_that_the_file_allows(cast: Cast, standard: Standard):
    with pytest.raises(Refused, match="选一个"):
        choose(standard, "P_BASIS", "流动", cast.office)
    choose(standard, "P_BASIS", "户籍", cast.office, **COMPARED)
    found = queries.settings_of(cast.office.actor, standard, TODAY)
    assert found.parameters == {"P_BASIS": "户籍"}
    assert "P_BASIS" in found.checked


def test_a_variant_is_chosen_and_only_the_chosen_one_was_compared_by_it(cast: Cast, standard: Standard):
    choose(standard, "Q1.B", "", cast.office, **COMPARED)
    found = queries.settings_of(cast.office.actor, standard, TODAY)
    assert found.variants == {"Q1": "B"}
    assert found.checked == {"Q1.B"}


def test_a_concession_is_closed_until_opened_and_closed_again(cast: Cast, standard: Standard):
    choose(standard, "R1c", "open", cast.office)
    assert queries.settings_of(cast.office.actor, standard, TODAY).concessions == {"R1c"}
    choose(standard, "R1c", "closed", cast.office, from_on=date(2024, 4, 1))
    assert queries.settings_of(cast.office.actor, standard, TODAY).concessions == frozenset()


def test_a_closed_indicator_is_put_in_use(cast: Cast, standard: Standard):
    choose(standard, "V7", "open", cast.office)
    assert queries.settings_of(cast.office.actor, standard, TODAY).opened == {"V7"}


def test_what_was_taken_back_no_longer_holds_and_stays_with_its_reason(cast: Cast, standard: Standard):
    row = choose(standard, "P_FUND", "600", cast.office)
    services.take_back(row=row, on=TODAY, reason="文件号写错", by=cast.office.actor, now=NOW)
    assert queries.settings_of(cast.office.actor, standard, TODAY).parameters == {}
    row.refresh_from_db()
    assert (row.taken_back_reason, row.taken_back_by) == ("文件号写错", cast.office.actor.name)
    with pytest.raises(Refused, match="已经撤销"):
        services.take_back(row=row, on=TODAY, reason="再撤", by=cast.office.actor, now=NOW)
    # The same day may be said anew.
    choose(standard, "P_FUND", "650", cast.office)


def test_a_second_value_of_the_same_authority_and_day_is_refused(cast: Cast, standard: Standard):
    choose(standard, "P_FUND", "600", cast.office)
    with pytest.raises(Refused) as refused:
        choose(standard, "P_FUND", "700", cast.office)
    assert refused.value.code == "indicators.twice"


@pytest.mark.parametrize("who", ["staff", "head", "system_admin"])
def test_only_who_keeps_standards_says_something_of_them(cast: Cast, standard: Standard, who: str):
    player: Player = getattr(cast, who)
    for act in (lambda: check(standard, "R1", player), lambda: choose(standard, "P_FUND", "600", player)):
        with pytest.raises(Refused) as refused:
            act()
        assert refused.value.code == "indicators.not_allowed"


def test_what_holds_is_read_in_two_statements(cast: Cast, standard: Standard, django_assert_num_queries: Any):
    for at in range(1, 13):
        choose(standard, "P_FUND", str(at), cast.office, from_on=date(2023, at, 1))
        check(standard, "R1", cast.office, checked_on=date(2023, at, 1))
    with django_assert_num_queries(2):
        queries.settings_of(cast.office.actor, standard, TODAY)

"""Who may do what with campaigns and returns, and what is refused; nothing is written then."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from dudao.audit.models import AuditEvent
from dudao.returns import queries, services
from dudao.returns.models import Campaign, Return
from dudao.shell.errors import Conflict, Refused
from tests.cast import NOW, Cast, player
from tests.returns.test_pages import fill, hand_in

pytestmark = pytest.mark.django_db

#: Each act on one return that is ready for it, and who may do it.
ACTS: dict[str, tuple[str, set[str], Callable[[Return, Any], object]]] = {
    "confirm": (
        "filled",
        {"head"},
        lambda r, by: services.confirm_return(ret=r, base_version=r.version, by=by, now=NOW),
    ),
    "submit": (
        "confirmed",
        {"head", "clerk"},
        lambda r, by: services.submit_return(ret=r, base_version=r.version, by=by, now=NOW),
    ),
    "explain": (
        "filled",
        {"head", "clerk"},
        lambda r, by: services.explain(ret=r, words={"area_falls": "说明"}, by=by, now=NOW),
    ),
    "approve": (
        "submitted",
        {"office", "staff", "leader"},
        lambda r, by: services.approve_return(ret=r, base_version=r.version, by=by, now=NOW),
    ),
    "back": (
        "submitted",
        {"office", "staff", "leader"},
        lambda r, by: services.send_back(
            ret=r, base_version=r.version, cells={"students_primary": "不符"}, by=by, now=NOW
        ),
    ),
    "reopen": (
        "locked",
        {"office", "staff"},
        lambda r, by: services.reopen_return(ret=r, base_version=r.version, reason="漏报", by=by, now=NOW),
    ),
}
CAMPAIGN_ACTS: dict[str, Callable[[Campaign, Any], object]] = {
    "lock": lambda c, by: services.lock_campaign(campaign=c, base_version=c.version, reason="截止", by=by, now=NOW),
    "cancel": lambda c, by: services.cancel_campaign(campaign=c, base_version=c.version, reason="改期", by=by, now=NOW),
    "change": lambda c, by: services.change_campaign(
        campaign=c, base_version=c.version, due_on=date(2024, 5, 1), by=by, now=NOW
    ),
    "remind": lambda c, by: services.remind(campaign=c, by=by, now=NOW),
    "units": lambda c, by: services.set_units(
        campaign=c, base_version=c.version, units=list(c.returns.values_list("unit_id", flat=True)), by=by, now=NOW
    ),
}


def everybody(cast: Cast) -> dict[str, Any]:
    more = {
        "clerk": player("寅", "school_clerk", cast.school),
        "clerk_2": player("卯", "school_clerk", cast.school_2),
        "inspector": player("辰", "inspector", cast.school),
        "leader": player("巳", "leader", cast.bureau),
    }
    known = ("office", "staff", "head", "head_2", "foreign", "foreign_office", "system_admin", "audit_admin")
    return {name: getattr(cast, name).actor for name in known} | {name: one.actor for name, one in more.items()}


def ready(ret: Return, cast: Cast, state: str) -> None:
    if state in ("submitted", "locked"):
        hand_in(ret, cast)
    else:
        fill(ret, cast)
    if state == "confirmed":
        services.confirm_return(ret=ret, base_version=ret.version, by=cast.head.actor, now=NOW)
    if state == "locked":
        Return.objects.filter(pk=ret.pk).update(is_locked=True)
    ret.refresh_from_db()


@pytest.mark.parametrize("act", ACTS)
def test_each_act_on_a_return_is_for_those_who_may(cast: Cast, ret: Return, act: str) -> None:
    state, may, do = ACTS[act]
    ready(ret, cast, state)
    for name, actor in everybody(cast).items():
        if name in may:
            continue
        before = AuditEvent.objects.count()
        with pytest.raises(Refused) as caught:
            do(ret, actor)
        assert caught.value.code == "returns.not_allowed", name
        assert AuditEvent.objects.count() == before
    do(ret, everybody_one(cast, sorted(may)[0]))


def everybody_one(cast: Cast, name: str) -> Any:
    return {"clerk": lambda: queries_clerk(cast), "leader": lambda: queries_leader(cast)}.get(
        name, lambda: getattr(cast, name).actor
    )()


def queries_clerk(cast: Cast) -> Any:
    return player("午", "school_clerk", cast.school).actor


def queries_leader(cast: Cast) -> Any:
    return player("未", "leader", cast.bureau).actor


@pytest.mark.parametrize("act", CAMPAIGN_ACTS)
def test_each_act_on_a_campaign_is_for_the_office(cast: Cast, campaign: Campaign, act: str) -> None:
    for name, actor in everybody(cast).items():
        if name in ("office", "staff"):
            continue
        with pytest.raises(Refused) as caught:
            CAMPAIGN_ACTS[act](campaign, actor)
        assert caught.value.code == "returns.not_allowed", name
    CAMPAIGN_ACTS[act](campaign, cast.staff.actor)


def test_what_is_missing_wrong_or_odd_keeps_the_head_from_confirming(cast: Cast, ret: Return) -> None:
    fill(ret, cast, students_primary="3.7")
    with pytest.raises(Refused, match=r"学校名称：未填.*等 6 处"):
        services.confirm_return(ret=ret, base_version=ret.version, by=cast.head.actor, now=NOW)


def test_numbers_that_changed_after_the_head_looked_are_not_confirmed(cast: Cast, ret: Return) -> None:
    fill(ret, cast)
    seen = ret.version
    fill(ret, cast, students_primary="1201")
    with pytest.raises(Conflict):
        services.confirm_return(ret=ret, base_version=seen, by=cast.head.actor, now=NOW)


def test_what_is_sent_back_is_not_approved_and_an_old_page_approves_nothing(cast: Cast, ret: Return) -> None:
    hand_in(ret, cast)
    seen = ret.version
    services.send_back(ret=ret, base_version=seen, cells={"students_primary": "不符"}, by=cast.office.actor, now=NOW)
    with pytest.raises(Refused) as caught:
        services.approve_return(ret=ret, base_version=seen, by=cast.staff.actor, now=NOW)
    assert caught.value.code == "returns.closed"


def test_a_signature_on_paper_needs_its_picture_and_is_of_the_past(cast: Cast, ret: Return) -> None:
    fill(ret, cast)
    with pytest.raises(Refused) as caught:
        services.confirm_return(ret=ret, base_version=ret.version, by=cast.office.actor, now=NOW, signed_by="示例")
    assert caught.value.code == "returns.evidence"


def test_a_draft_is_not_seen_by_schools_and_loses_only_units_without_numbers(
    cast: Cast, campaign: Campaign, ret: Return
) -> None:
    Campaign.objects.filter(pk=campaign.pk).update(state="draft", opened_at=None)
    campaign.refresh_from_db()
    assert not queries.returns_visible_to(cast.head.actor).exists()
    services.set_cells(ret=ret, values={"students_primary": "1"}, source="platform", by=cast.office.actor, now=NOW)
    with pytest.raises(Refused, match="已经有数据"):
        services.set_units(
            campaign=campaign, base_version=campaign.version, units=[cast.school_2.pk], by=cast.office.actor, now=NOW
        )
    campaign.refresh_from_db()
    services.set_units(
        campaign=campaign, base_version=campaign.version, units=[cast.school.pk], by=cast.office.actor, now=NOW
    )
    assert [one.unit_id for one in campaign.returns.all()] == [cast.school.pk]


def test_units_of_another_county_are_not_called(cast: Cast, campaign: Campaign) -> None:
    with pytest.raises(Refused, match="没有登记"):
        services.set_units(
            campaign=campaign,
            base_version=campaign.version,
            units=[cast.school.pk, cast.school_2.pk, cast.foreign_school.pk],
            by=cast.office.actor,
            now=NOW,
        )


def test_a_cancelled_campaign_frees_its_period_and_leaves_the_datasets(
    cast: Cast, campaign: Campaign, ret: Return
) -> None:
    fill(ret, cast)
    services.cancel_campaign(
        campaign=campaign, base_version=campaign.version, reason="改期", by=cast.office.actor, now=NOW
    )
    assert not queries.dataset(cast.office.actor, "2024").tables and queries.periods(cast.office.actor) == []
    with pytest.raises(Refused, match="已取消"):
        fill(ret, cast, students_primary="1")


def test_last_years_names_and_kinds_are_taken_over_and_its_numbers_only_stand_beside(cast: Cast) -> None:
    def campaign(year: int) -> Campaign:
        made = services.prepare_campaign(
            form="school-return",
            title=f"{year}年填报",
            period=str(year),
            period_label=f"{year}年9月1日",
            census_on=date(year, 9, 1),
            opens_on=date(year, 9, 2),
            due_on=date(year, 9, 20),
            main_source="typed",
            units=[cast.school.pk],
            by=cast.office.actor,
            now=NOW,
        )
        services.open_campaign(campaign=made, base_version=made.version, by=cast.office.actor, now=NOW)
        return made

    last = campaign(2023).returns.get()
    fill(last, cast, urban_rural="镇区", students_primary="1200")
    now = campaign(2024).returns.get()
    cells = {cell.code: (cell.raw, cell.source) for cell in now.cells.all()}
    assert cells["urban_rural"] == ("镇区", "prefill") and "students_primary" not in cells
    assert cells["school_name"][0] == "示例第一小学"

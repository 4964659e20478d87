"""Campaigns with their progress, and what one still lacks before it can open."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db.models import Count, Q, QuerySet, Sum
from django.urls import reverse

from dudao.accounts import queries as accounts
from dudao.places import queries as places
from dudao.places.models import UnitVersion
from dudao.returns.models import Campaign, Return
from dudao.returns.queries.forms import in_force
from dudao.returns.queries.returns import campaigns_visible_to, named, returns_visible_to
from dudao.shell.acts import Actor
from dudao_engines.standards import forms as engine

#: Kinds of units that can fill a form for the whole county.
COUNTY_KINDS = (
    UnitVersion.Kind.OFFICE,
    UnitVersion.Kind.BUREAU,
    UnitVersion.Kind.SECTION,
    UnitVersion.Kind.DEPARTMENT,
)


def campaigns(actor: Actor) -> QuerySet[Campaign]:
    """Campaigns with how far they are; ``handed_in`` counts what is submitted or approved."""
    handed = Q(returns__state__in=Return.HANDED_IN)
    return campaigns_visible_to(actor).annotate(
        called=Count("returns"),
        handed_in=Count("returns", filter=handed),
        approved=Count("returns", filter=Q(returns__state=Return.State.APPROVED)),
        asked=Sum("returns__asked"),
        filled=Sum("returns__filled"),
    )


def returns_of(actor: Actor, campaign: Campaign) -> QuerySet[Return]:
    """The returns of a campaign with the units' names."""
    return named(returns_visible_to(actor).filter(campaign=campaign), as_of=campaign.census_on)


def my_returns(actor: Actor, *, today: date) -> QuerySet[Return]:
    """The returns of the units one sees, with campaign and name."""
    begun = (Campaign.State.OPEN, Campaign.State.LOCKED)
    rows = returns_visible_to(actor).filter(campaign__state__in=begun, unit__in=actor.units)
    return named(rows.select_related("campaign"), as_of=today)


@dataclass(frozen=True, slots=True)
class Tally:
    """How many returns of a campaign stand how, and what the campaign costs the units."""

    states: tuple[tuple[str, str, int], ...]
    called: int
    asked: int
    prefilled: int
    typed: int
    seconds: int
    worked: int

    @property
    def handed_in(self) -> int:
        return sum(n for state, _, n in self.states if state in Return.HANDED_IN)

    @property
    def minutes(self) -> int:
        """Mean of the units that worked at it."""
        return -(-self.seconds // (60 * self.worked)) if self.worked else 0


def tally(actor: Actor, campaign: Campaign) -> Tally:
    """One statement."""
    rows = returns_visible_to(actor).filter(campaign=campaign).order_by()
    counts = {state: Count("pk", filter=Q(state=state)) for state in Return.State.values}
    found = rows.aggregate(
        called=Count("pk"),
        asked_=Sum("asked"),
        prefilled_=Sum("prefilled"),
        typed_=Sum("typed"),
        seconds_=Sum("seconds"),
        worked=Count("pk", filter=Q(seconds__gt=0)),
        **{f"n_{state}": count for state, count in counts.items()},
    )
    states = tuple((state, str(label), found[f"n_{state}"]) for state, label in Return.State.choices)
    return Tally(
        states,
        found["called"],
        found["asked_"] or 0,
        found["prefilled_"] or 0,
        found["typed_"] or 0,
        found["seconds_"] or 0,
        found["worked"],
    )


def fitting(actor: Actor, level: str, *, stages: Iterable[str], as_of: date) -> set[UUID]:
    """The units that a form of a level is asked of, where nobody chooses: schools by their stages, all kindergartens."""
    rows = places.units_visible_to(actor, as_of=as_of)
    if level == Campaign.Level.SCHOOL:
        rows = rows.filter(kind=UnitVersion.Kind.SCHOOL, stages__stage__in=list(stages)).distinct()
    elif level in (Campaign.Level.KINDERGARTEN, Campaign.Level.ESTATE):
        rows = rows.filter(kind=UnitVersion.Kind.KINDERGARTEN)
    else:
        return set()
    return set(rows.values_list("unit_id", flat=True))


def candidates(actor: Actor, campaign: Campaign, *, today: date) -> list[tuple[str, list[tuple[str, str]]]]:
    """Units that can be called, by stages or kind: (group, [(key, name)]); two statements."""
    rows = places.units_visible_to(actor, as_of=max(campaign.census_on, today)).prefetch_related("stages")
    if campaign.level == Campaign.Level.SCHOOL:
        rows = rows.filter(kind=UnitVersion.Kind.SCHOOL)
    elif campaign.level in (Campaign.Level.KINDERGARTEN, Campaign.Level.ESTATE):
        rows = rows.filter(kind=UnitVersion.Kind.KINDERGARTEN)
    else:
        rows = rows.filter(kind__in=COUNTY_KINDS)
    groups: dict[str, list[tuple[str, str]]] = {}
    for row in rows:
        group = places.stage_names(row) if campaign.level == Campaign.Level.SCHOOL else row.get_kind_display()
        groups.setdefault(group or "没有登记学段", []).append((str(row.unit_id), row.name))
    return list(groups.items())


@dataclass(frozen=True, slots=True)
class Check:
    """One line of what a campaign needs: ``is_needed`` keeps it from opening; ``is_note`` only tells something."""

    says: str
    is_met: bool
    is_needed: bool
    hint: str = ""
    address: str = ""
    action: str = ""
    is_note: bool = False


def checklist(actor: Actor, campaign: Campaign, *, today: date) -> list[Check]:
    """What is there and what is missing before a draft can open, each with the place where it is mended."""
    keys = list(campaign.returns.values_list("unit_id", flat=True))
    found = in_force(actor, campaign.form)
    heads = {a.unit_id for a in accounts.holders(actor, ["school_head"], day=today)}
    reached = accounts.reached(county=actor.county, units=keys, persons=(), day=today)
    change = reverse("returns:change", args=[campaign.pk])
    checks = [
        Check(
            f"填报单位 {len(keys)} 个" if keys else "还没有选填报单位",
            bool(keys),
            True,
            address=reverse("returns:units", args=[campaign.pk]),
            action="看一看、增减" if keys else "选单位",
        ),
        Check(
            f"表：{found.form.name}（{found.label}）" if found else "没有这张表",
            found is not None,
            True,
            hint="发起时固定下来，之后再改表不影响这次填报。",
            address=reverse("returns:form", args=[campaign.form]) if found else "",
            action="看表",
        ),
        Check(
            "截止日期还没有过" if campaign.due_on >= today else "截止日期已经过了",
            campaign.due_on >= today,
            False,
            address=change,
            action="改日期",
        ),
    ]
    if unreached := [key for key in keys if key not in reached]:
        names = places.unit_names(actor, set(unreached), as_of=today)
        checks.append(
            Check(
                f"{len(unreached)} 个单位没有能登录的人：{_some(names.values())}",
                False,
                False,
                hint="没有账号的，打印表格签字后由督导室代登记。",
                address=reverse("accounts:people"),
                action="开通账号",
            )
        )
    if campaign.level in (Campaign.Level.SCHOOL, Campaign.Level.KINDERGARTEN) and (
        headless := [key for key in keys if key not in heads]
    ):
        names = places.unit_names(actor, set(headless), as_of=today)
        checks.append(
            Check(
                f"{len(headless)} 个单位没有登记校（园）长：{_some(names.values())}",
                False,
                False,
                hint="由校（园）长确认；没有登记的，只能纸质确认。",
                address=reverse("accounts:people"),
                action="登记任职",
            )
        )
    if found:
        burden = engine.burden(found.form)
        held = f"其中 {burden.held} 项别的系统里已有" if burden.held else "没有一项别的系统里已有"
        checks.append(
            Check(
                f"每个单位约填 {burden.asked} 项，{held}；全部手工填约 {burden.minutes} 分钟",
                True,
                False,
                hint="平台导出的表先导入，学校就只需核对。",
                is_note=True,
            )
        )
    return checks


def _some(names: Iterable[str], most: int = 6) -> str:
    found = list(names)
    return "、".join(found[:most]) + (f"等 {len(found)} 个" if len(found) > most else "")


def changed_since(actor: Actor, ret: Return) -> set[str]:
    """Codes of the cells that were changed after they had last been handed in or sent back."""
    last = ret.notes.order_by("-made_at").values_list("made_at", flat=True).first()
    if last is None:
        return set()
    return set(ret.cells.filter(changed_at__gt=last).values_list("code", flat=True))


def next_to_review(actor: Actor, ret: Return) -> Return | None:
    """Another return of the same campaign that waits for a reviewer, the longest first."""
    rows = returns_visible_to(actor).filter(campaign=ret.campaign_id, state=Return.State.SUBMITTED, is_locked=False)
    return rows.exclude(pk=ret.pk).exclude(unit=actor.unit).order_by("submitted_at", "pk").first()


def on_desk(actor: Actor, *, today: date) -> QuerySet[Return]:
    """What waits for this hat: its own unit's returns that are to be filled in, others' that are to be reviewed; earliest first."""
    begun = (Campaign.State.OPEN, Campaign.State.LOCKED)
    rows = returns_visible_to(actor).filter(campaign__state__in=begun, is_locked=False)
    waits = Q(pk__in=[])
    if actor.can("return.fill"):
        waits |= Q(unit=actor.unit, state__in=Return.WRITABLE)
    if actor.can("return.approve"):
        waits |= Q(state=Return.State.SUBMITTED) & ~Q(unit=actor.unit)
    found = named(rows.filter(waits).select_related("campaign"), as_of=today)
    return found.order_by("campaign__due_on", "submitted_at", "pk")

"""A campaign from its draft to the lock."""

from collections.abc import Collection
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import F
from django.urls import reverse

from dudao.audit import services as audit
from dudao.messages import services as messages
from dudao.messages.models import Message
from dudao.places import queries as places
from dudao.places.models import UnitVersion
from dudao.returns import checking, queries
from dudao.returns.models import Campaign, Return, Source
from dudao.returns.services.cells import set_cells
from dudao.returns.services.rights import manages
from dudao.shell.acts import Actor
from dudao.shell.claims import claimed
from dudao.shell.clock import day_of
from dudao.shell.errors import Conflict, Refused
from dudao.shell.templatetags.parts import fullday
from dudao_engines.standards import relations
from dudao_engines.standards.forms import Field, Form

#: As many names as one sentence holds.
NAMES = 8
#: What a school is by the stages it has in the register.
TYPES = {
    ("primary",): "小学",
    ("junior",): "初中",
    ("junior", "primary"): "九年一贯制",
    ("junior", "primary", "senior"): "十二年一贯制",
    ("junior", "senior"): "完全中学",
    ("special",): "特殊教育",
    ("vocational",): "职业学校",
}


@transaction.atomic
def prepare_campaign(
    *,
    form: str,
    title: str,
    period: str,
    period_label: str,
    census_on: date,
    opens_on: date,
    due_on: date,
    main_source: str,
    units: Collection[UUID],
    by: Actor,
    now: datetime,
    words: str = "",
) -> Campaign:
    """Begin a campaign as a draft: nobody is called yet, tables may be read in.

    Args:
        form: id of a form; its text is frozen when the campaign opens.
        period: what numbers are told apart by, ``2024``; one campaign for a form and period.
        census_on: the day the numbers are of (统计时点).
        units: keys of the units that are to be called.

    Raises:
        Refused: ``returns.not_allowed``, ``returns.no_form``, ``returns.days``, ``returns.twice``, ``returns.unit``.
    """
    manages(by)
    found = queries.in_force(by, form)
    if found is None:
        raise Refused("没有这张表。", code="returns.no_form", field="form")
    _days_in_order(opens_on, due_on)
    campaign = Campaign(
        county=by.county,
        form=form,
        form_text=found.text,
        fingerprint=found.form.fingerprint,
        level=found.form.level,
        title=title.strip(),
        period=period.strip(),
        period_label=period_label.strip(),
        census_on=census_on,
        opens_on=opens_on,
        due_on=due_on,
        main_source=main_source,
        words=words.strip(),
        made_by=by.person,
        made_name=by.name,
        made_at=now,
    )
    try:
        with transaction.atomic():
            campaign.save(force_insert=True)
    except IntegrityError:
        said = f"“{found.form.name}”在期次 {period} 已有一次填报；一期只有一个数，请打开原来的那次。"
        raise Refused(said, code="returns.twice", field="period") from None
    _call(campaign, units, by=by, now=now)
    audit.record(action="campaign.prepared", subject=campaign, summary=f"筹备填报：{title}", by=by, now=now)
    return campaign


def _days_in_order(opens_on: date, due_on: date) -> None:
    if due_on < opens_on:
        raise Refused("截止日期不能早于开始日期。", code="returns.days", field="due_on")


def _call(campaign: Campaign, units: Collection[UUID], *, by: Actor, now: datetime) -> list[Return]:
    """Returns for units that have none yet."""
    # A unit may have been entered after the census day, or have ended between the two.
    days = (campaign.census_on, max(campaign.census_on, campaign.opens_on, day_of(now)))
    known = {v.unit_id for day in days for v in places.units_visible_to(by, as_of=day).filter(unit_id__in=list(units))}
    if strangers := set(units) - known:
        raise Refused(
            f"有 {len(strangers)} 个单位在统计时点和现在都没有登记，请重新选。", code="returns.unit", field="units"
        )
    if campaign.level == Campaign.Level.COUNTY and len(known | set(_units(campaign))) > 1:
        raise Refused("县级表一县一张，只能由一个单位填报。", code="returns.unit", field="units")
    form = checking.form_of(campaign)
    first = relations.asked(form, {})
    asked = sum(one.required and one.code in first for one in form.fields)
    made = [
        Return(county=campaign.county, campaign=campaign, unit_id=unit, asked=asked)
        for unit in sorted(known - set(_units(campaign)))
    ]
    Return.objects.bulk_create(made)
    return made


def _units(campaign: Campaign) -> list[UUID]:
    return list(campaign.returns.values_list("unit_id", flat=True))


@transaction.atomic
def change_campaign(*, campaign: Campaign, base_version: int, by: Actor, now: datetime, **changes: Any) -> None:
    """Change title, days, words or main source; of an open one the days and words only.

    Raises:
        Refused: ``returns.not_allowed``, ``returns.days``, ``returns.state``.
        Conflict: ``returns.changed``.
    """
    manages(by, campaign)
    allowed = {"title", "due_on", "words", "period_label"}
    if campaign.state == Campaign.State.DRAFT:
        allowed |= {"census_on", "opens_on", "main_source"}
    changes = {name: value for name, value in changes.items() if name in allowed}
    _days_in_order(changes.get("opens_on", campaign.opens_on), changes.get("due_on", campaign.due_on))
    before = {name: str(getattr(campaign, name)) for name in changes}
    _claim(campaign, base_version, Campaign.State.DRAFT, Campaign.State.OPEN, **changes)
    audit.record(
        action="campaign.changed",
        subject=campaign,
        summary=f"修改填报：{campaign.title}",
        by=by,
        now=now,
        before=before,
        after={name: str(value) for name, value in changes.items()},
    )


def _claim(campaign: Campaign, base_version: int, *states: Campaign.State, **changes: Any) -> None:
    if claimed(campaign, base_version, changes, state__in=states):
        return
    if campaign.state not in states:
        raise Refused(f"这次填报现在是“{campaign.get_state_display()}”，不能再这样办理。", code="returns.state")
    raise Conflict("别人刚刚改过这次填报，请对照后再保存。", code="returns.changed")


@transaction.atomic
def set_units(*, campaign: Campaign, base_version: int, units: Collection[UUID], by: Actor, now: datetime) -> None:
    """Say which units are called. While it is a draft any; of an open one units only come to it.

    Raises:
        Refused: ``returns.not_allowed``, ``returns.state``, ``returns.unit`` (not of the day; or a unit that has numbers, or was
            called already, would go).
        Conflict: ``returns.changed``.
    """
    manages(by, campaign)
    _claim(campaign, base_version, Campaign.State.DRAFT, Campaign.State.OPEN)
    going = campaign.returns.exclude(unit_id__in=list(units))
    if campaign.state == Campaign.State.OPEN and going.exists():
        raise Refused("填报已经开始，只能增加单位，不能去掉。", code="returns.unit", field="units")
    if going.filter(cells__isnull=False).exists():
        raise Refused("有的单位已经有数据，不能去掉。", code="returns.unit", field="units")
    going.delete()
    made = _call(campaign, units, by=by, now=now)
    if campaign.state == Campaign.State.OPEN:
        _prefill(campaign, made, by=by, now=now)
    count = campaign.returns.count()
    audit.record(
        action="campaign.called", subject=campaign, summary=f"{campaign.title}：填报单位 {count} 个", by=by, now=now
    )


@transaction.atomic
def open_campaign(*, campaign: Campaign, base_version: int, by: Actor, now: datetime) -> Message:
    """Open a campaign: freeze the form in force, write in what the house knows already, make the notice ready.

    Of last year's numbers none is written in: they stand beside. Names, codes, kinds and years, which do not change by
    themselves, are taken over with their source, for the unit to look at.

    Returns:
        The notice, which a person looks at and sends.

    Raises:
        Refused: ``returns.not_allowed``, ``returns.state``, ``returns.nobody``.
        Conflict: ``returns.changed``.
    """
    manages(by, campaign)
    found = queries.in_force(by, campaign.form)
    if found is None:
        raise Refused("没有这张表。", code="returns.no_form")
    frozen = {"form_text": found.text, "fingerprint": found.form.fingerprint, "level": found.form.level}
    _claim(campaign, base_version, Campaign.State.DRAFT, state=Campaign.State.OPEN, opened_at=now, **frozen)
    returns = list(campaign.returns.all())
    if not returns:
        raise Refused("还没有选填报单位。", code="returns.nobody")
    _prefill(campaign, returns, by=by, now=now)
    audit.record(
        action="campaign.opened",
        subject=campaign,
        summary=f"发起填报：{campaign.title}，{len(returns)} 个单位",
        by=by,
        now=now,
        form=found.label,
        fingerprint=found.form.fingerprint,
    )
    return messages.prepare(
        kind="returns.called",
        title=f"填报：{campaign.title}",
        text=f"【填报通知】{campaign.title}\n统计时点：{fullday(campaign.census_on)}\n截止：{fullday(campaign.due_on)}\n"
        + (f"{campaign.words}\n" if campaign.words else "")
        + "请登录督导系统“学校填报”核对、填写，由负责人确认后报送。",
        units=[one.unit_id for one in returns],
        subject=campaign,
        key=f"returns.called:{campaign.pk}",
        link=reverse("returns:mine"),
        by=by,
        now=now,
    )


def _prefill(campaign: Campaign, returns: list[Return], *, by: Actor, now: datetime) -> None:
    """What the register of units and last year's return say of names, codes and kinds; then the counts of every return."""
    form = checking.form_of(campaign)
    _, last = checking.last_cells(campaign)
    day = max(campaign.census_on, day_of(now))
    rows = places.units_visible_to(by, as_of=day).filter(unit_id__in=[one.unit_id for one in returns])
    versions = {v.unit_id: v for v in rows.prefetch_related("stages")}
    for ret in returns:
        ret.campaign = campaign
        known = _known(campaign, versions.get(ret.unit_id), form)
        for code, cell in last.get(ret.unit_id, {}).items():
            field = form.get(code)
            if field and cell.raw and not cell.problem and not field.is_number and not field.personal:
                known.setdefault(code, cell.raw)
        standing = set(ret.cells.values_list("code", flat=True))
        if values := {code: value for code, value in known.items() if code not in standing}:
            set_cells(ret=ret, values=values, source=Source.PREFILL, by=by, now=now)
        else:
            checking.recount(ret)


def _known(campaign: Campaign, unit: UnitVersion | None, form: Form) -> dict[str, str]:
    """What the register of units knows of a unit."""
    if unit is None:
        return {}
    stages = tuple(sorted(one.stage for one in unit.stages.all()))
    known = {"school_name": unit.name, "school_code": unit.unit.code, "kindergarten_name": unit.name}
    known |= {"kindergarten_code": unit.unit.code, "county_code": campaign.county}
    known["report_year"] = str(campaign.census_on.year)
    if stages in TYPES:
        known["school_type"] = TYPES[stages]
    return {code: value for code, value in known.items() if _takes(form.get(code), value)}


def _takes(field: Field | None, value: str) -> bool:
    return field is not None and (field.kind != "enum" or value in field.choices)


@transaction.atomic
def cancel_campaign(*, campaign: Campaign, base_version: int, reason: str, by: Actor, now: datetime) -> None:
    """Call a campaign off; what was filled in stays to be read, and the period is free again.

    Raises:
        Refused: ``returns.not_allowed``, ``returns.state``, ``returns.reason``.
        Conflict: ``returns.changed``.
    """
    manages(by, campaign)
    if not reason.strip():
        raise Refused("请写明理由。", code="returns.reason", field="reason")
    _claim(campaign, base_version, Campaign.State.DRAFT, Campaign.State.OPEN, state=Campaign.State.CANCELLED)
    audit.record(
        action="campaign.cancelled",
        subject=campaign,
        summary=f"取消填报：{campaign.title}",
        by=by,
        now=now,
        reason=reason.strip(),
    )


@transaction.atomic
def remind(*, campaign: Campaign, by: Actor, now: datetime) -> Message:
    """Make a reminder ready for the units that have not handed in; a person looks at it and sends it.

    Raises:
        Refused: ``returns.not_allowed``, ``returns.state``, ``returns.nobody_waits``.
    """
    manages(by, campaign)
    if campaign.state != Campaign.State.OPEN:
        raise Refused("只有填报中的可以催报。", code="returns.state")
    waiting = list(campaign.returns.exclude(state__in=Return.HANDED_IN))
    if not waiting:
        raise Refused("所有单位都已报送。", code="returns.nobody_waits")
    names = places.unit_names(by, {one.unit_id for one in waiting}, as_of=campaign.census_on)
    today = day_of(now)
    left = (campaign.due_on - today).days
    when = f"还剩 {left} 天" if left > 0 else "今天截止" if left == 0 else f"已逾期 {-left} 天"
    said = "、".join(names.get(one.unit_id, "") for one in waiting[:NAMES])
    more = f"等 {len(waiting)} 个单位" if len(waiting) > NAMES else ""
    return messages.prepare(
        kind="returns.remind",
        title=f"催报：{campaign.title}（{len(waiting)} 个单位）",
        text=f"【催报】{campaign.title}，{fullday(campaign.due_on)}截止，{when}。\n尚未报送：{said}{more}。",
        own_text=f"贵单位的“{campaign.title}”还没有报送，{fullday(campaign.due_on)}截止，{when}。",
        units=[one.unit_id for one in waiting],
        notes={one.unit_id: f"{one.get_state_display()}，已填 {one.filled} / {one.asked}" for one in waiting},
        subject=campaign,
        key=f"returns.remind:{campaign.pk}:{today}",
        link=reverse("returns:mine"),
        by=by,
        now=now,
    )


@transaction.atomic
def lock_campaign(*, campaign: Campaign, base_version: int, reason: str, by: Actor, now: datetime) -> None:
    """Lock a period: no number of it changes any more. Where returns are not approved, a reason must say why it is locked.

    Raises:
        Refused: ``returns.not_allowed``, ``returns.state``, ``returns.unapproved`` (names the units).
        Conflict: ``returns.changed``.
    """
    manages(by, campaign)
    changes = {"state": Campaign.State.LOCKED, "locked_at": now, "locked_name": by.name, "lock_reason": reason.strip()}
    _claim(campaign, base_version, Campaign.State.OPEN, **changes)
    waiting = list(campaign.returns.exclude(state=Return.State.APPROVED).values_list("unit_id", flat=True))
    if waiting and not reason.strip():
        names = list(places.unit_names(by, set(waiting), as_of=campaign.census_on).values())
        said = "、".join(names[:NAMES]) + (f"等 {len(names)} 个单位" if len(names) > NAMES else "")
        raise Refused(f"{said}还没有审核通过；仍要锁定的，请写明理由。", code="returns.unapproved", field="reason")
    campaign.returns.update(is_locked=True, version=F("version") + 1)
    audit.record(
        action="campaign.locked",
        subject=campaign,
        summary=f"锁定：{campaign.title}" + (f"，{len(waiting)} 个单位未审核" if waiting else ""),
        by=by,
        now=now,
        reason=reason.strip(),
        unapproved=len(waiting),
    )


@transaction.atomic
def unlock_campaign(*, campaign: Campaign, base_version: int, reason: str, by: Actor, now: datetime) -> None:
    """Open a locked period again for all, with the reason.

    Raises:
        Refused: ``returns.not_allowed``, ``returns.state``, ``returns.reason``.
        Conflict: ``returns.changed``.
    """
    manages(by, campaign)
    if not reason.strip():
        raise Refused("请写明重新开放的理由。", code="returns.reason", field="reason")
    changes = {"state": Campaign.State.OPEN, "locked_at": None, "locked_name": "", "lock_reason": ""}
    _claim(campaign, base_version, Campaign.State.LOCKED, **changes)
    campaign.returns.update(is_locked=False, version=F("version") + 1)
    audit.record(
        action="campaign.unlocked",
        subject=campaign,
        summary=f"重新开放：{campaign.title}",
        by=by,
        now=now,
        reason=reason.strip(),
    )

"""A round of on-site checks: which schools, who goes, when (核查安排表)."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.urls import reverse

from dudao.accounts import queries as accounts
from dudao.audit import services as audit
from dudao.inspectors import queries as inspectors
from dudao.messages import services as messages
from dudao.places import queries as places
from dudao.returns.models import Campaign, CheckGroup, CheckMark, CheckMember, CheckRound, Return, SchoolCheck
from dudao.returns.queries import site as queries
from dudao.shell.acts import Actor, system
from dudao.shell.claims import claimed
from dudao.shell.clock import day_of
from dudao.shell.errors import Conflict, Refused
from dudao.shell.templatetags.parts import fullday

_LONGEST = timedelta(days=366)
#: A sheet is signed by two checkers, so a group has two people at least.
LEAST = 2


@dataclass(frozen=True, slots=True)
class Group:
    """A group as the page sends it: ``key`` of one that stands, else a new one; the first of ``persons`` leads it."""

    name: str
    persons: tuple[UUID, ...]
    key: UUID | None = None


@dataclass(frozen=True, slots=True)
class Turn:
    """A school's place in the table: group and day, both open where not yet said; ``left_out`` with its reason."""

    group: UUID | None = None
    on: date | None = None
    left_out: str = ""


def may_manage(by: Actor) -> None:
    """Raises: ``Refused`` ``checks.not_allowed``."""
    if by.person is not None and not (by.sees_county and by.can("return.manage")):
        raise Refused("实地核查由督导室安排。", code="checks.not_allowed")


@transaction.atomic
def plan_round(
    *,
    campaign: Campaign,
    title: str,
    begin_on: date,
    end_on: date,
    scope: str = CheckRound.Scope.KEY,
    codes: Collection[str] = (),
    per_day: int = 2,
    units: Collection[UUID] = (),
    occurred_on: date,
    key: UUID | None = None,
    by: Actor,
    now: datetime,
) -> CheckRound:
    """Begin a round for schools of a campaign.

    Args:
        codes: the fields that are looked at, where the scope is ``chosen``; what is marked is always looked at.
        units: of the campaign; left out, all of them.
        key: of the round, sent by the page: the same form sent twice plans it once.

    Raises:
        Refused: ``checks.not_allowed``, ``checks.title``, ``checks.days``, ``checks.codes``, ``checks.units``,
            ``checks.campaign``, ``audit.future``.
    """
    may_manage(by)
    if key and (kept := CheckRound.objects.filter(pk=key, county=by.county).first()):
        return kept
    if campaign.state == Campaign.State.CANCELLED:
        raise Refused("这次填报已取消，不能再安排核查。", code="checks.campaign")
    values = _checked(
        campaign, title=title, begin_on=begin_on, end_on=end_on, scope=scope, codes=codes, per_day=per_day
    )
    returns = list(Return.objects.filter(campaign=campaign).order_by("pk"))
    wanted = set(units) or {one.unit_id for one in returns}
    chosen = [one for one in returns if one.unit_id in wanted]
    if not chosen or len(chosen) < len(wanted):
        raise Refused("请从这次填报的学校中选择。", code="checks.units", field="units")
    row = CheckRound(
        county=by.county, campaign=campaign, by_person=by.person, by_name=by.name, occurred_on=occurred_on,
        recorded_at=now, **values,
    )  # fmt: skip
    row.pk = key or row.pk
    row.save(force_insert=True)
    SchoolCheck.objects.bulk_create(
        SchoolCheck(county=by.county, round=row, unit_id=one.unit_id, ret=one) for one in chosen
    )
    audit.record(
        action="check_round.planned", subject=row, summary=f"安排实地核查：{row.title}（{len(chosen)} 所学校）", by=by,
        now=now, occurred_on=occurred_on, campaign=str(campaign.pk), schools=len(chosen),
    )  # fmt: skip
    return row


def _checked(
    campaign: Campaign, *, title: str, begin_on: date, end_on: date, scope: str, codes: Collection[str], per_day: int
) -> dict[str, Any]:
    if not title.strip():
        raise Refused("请填写核查名称。", code="checks.title", field="title")
    if end_on < begin_on:
        raise Refused("结束日期不能早于开始日期。", code="checks.days", field="end_on")
    if end_on - begin_on > _LONGEST:
        raise Refused("请核对结束日期的年份。", code="checks.days", field="end_on")
    if not 1 <= per_day <= 20:
        raise Refused("每组每天核查 1 至 20 所学校。", code="checks.days", field="per_day")
    if scope not in CheckRound.Scope.values:
        raise Refused("请选择核查范围。", code="checks.codes", field="scope")
    known = [one.code for one in queries.form_of(campaign).fields]
    kept = [code for code in known if code in set(codes)] if scope == CheckRound.Scope.CHOSEN else []
    if scope == CheckRound.Scope.CHOSEN and (not kept or set(codes) - set(known)):
        raise Refused("请选择要核查的填报项目。", code="checks.codes", field="codes")
    return {
        "title": title.strip()[:100], "begin_on": begin_on, "end_on": end_on, "scope": scope, "codes": kept,
        "per_day": per_day,
    }  # fmt: skip


def _hold(row: CheckRound, *, base_version: int) -> None:
    """Take the round for a change.

    Raises:
        Refused: ``checks.state``.
        Conflict: ``checks.changed``.
    """
    if not row.is_open:
        raise Refused(f"这轮核查{row.get_state_display()}，不能再改。", code="checks.state")
    if not claimed(row, base_version, {}, state__in=("planned", "running")):
        raise Conflict("别人刚刚改过这轮核查的安排，请对照后再保存。", code="checks.changed")


@transaction.atomic
def change_round(
    *,
    row: CheckRound,
    title: str,
    begin_on: date,
    end_on: date,
    scope: str,
    codes: Collection[str] = (),
    per_day: int,
    base_version: int,
    by: Actor,
    now: datetime,
) -> None:
    """Change what the round is about; what was found already stays.

    Raises:
        Refused: as ``plan_round``, and ``checks.state``.
        Conflict: ``checks.changed``.
    """
    may_manage(by)
    values = _checked(
        row.campaign, title=title, begin_on=begin_on, end_on=end_on, scope=scope, codes=codes, per_day=per_day
    )
    _hold(row, base_version=base_version)
    for name, value in values.items():
        setattr(row, name, value)
    row.save(update_fields=list(values))
    audit.record(action="check_round.changed", subject=row, summary=f"修改实地核查：{row.title}", by=by, now=now)


@transaction.atomic
def set_groups(*, row: CheckRound, groups: Sequence[Group], base_version: int, by: Actor, now: datetime) -> None:
    """Say who goes: groups of inspectors and people of the office, each with one who leads.

    Schools of a group that goes stand without a group again; one whose sheet is begun keeps its group.

    Raises:
        Refused: ``checks.not_allowed``, ``checks.state``, ``checks.group`` (no name, twice, in use), ``checks.person`` (no
            inspector, twice), ``checks.recused`` (somebody new must keep away from a school the group goes to).
        Conflict: ``checks.changed``.
    """
    may_manage(by)
    names = [one.name.strip()[:40] for one in groups]
    if not all(names) or len(set(names)) < len(names):
        raise Refused("每个核查组要有自己的名称。", code="checks.group", field="name")
    people = [key for one in groups for key in one.persons]
    if len(set(people)) < len(people):
        raise Refused("同一个人只能在一个核查组里。", code="checks.person", field="persons")
    able = queries.checkers(system(by.county), day=day_of(now))
    if unknown := [key for key in people if key not in able]:
        known = accounts.people_with_posts(system(by.county), day=day_of(now)).filter(pk__in=unknown)
        words = "、".join(one.name for one in known) or "有人"
        raise Refused(f"{words}不是督学，也不是督导室人员，不能参加核查组。", code="checks.person", field="persons")
    _hold(row, base_version=base_version)
    standing = {one.pk: one for one in row.groups.all()}
    kept = {one.key for one in groups if one.key in standing}
    gone = [one for key, one in standing.items() if key not in kept]
    begun = SchoolCheck.objects.filter(group__in=gone).exclude(state__in=("planned", "left_out"))
    if busy := begun.select_related("group").first():
        assert busy.group is not None
        raise Refused(f"{busy.group}已经开始核查，不能撤销。", code="checks.group", field="name")
    CheckGroup.objects.filter(pk__in=[one.pk for one in gone]).delete()
    for key in kept:
        # Names go free first: two groups may take each other's.
        CheckGroup.objects.filter(pk=key).update(name=str(key))
    for at, (one, name) in enumerate(zip(groups, names, strict=True)):
        group = standing.get(one.key) if one.key else None
        if group is None:
            group = CheckGroup.objects.create(round=row, name=name, position=at)
        else:
            group.name, group.position = name, at
            group.save(update_fields=["name", "position"])
        group.members.all().delete()
        CheckMember.objects.bulk_create(
            CheckMember(
                group=group, person=able[key].person, name=able[key].person.name, position=place,
                role=CheckMember.Role.LEAD if place == 0 else CheckMember.Role.MEMBER,
            )
            for place, key in enumerate(one.persons)
        )  # fmt: skip
    _refuse_recused(row, now=now)
    audit.record(
        action="check_round.groups_set", subject=row, summary=f"确定核查组：{row.title}", by=by, now=now,
        persons=[str(key) for key in people],
    )  # fmt: skip


@transaction.atomic
def arrange(
    *, row: CheckRound, turns: Mapping[UUID, Turn], base_version: int, by: Actor, now: datetime
) -> None:  # fmt: skip
    """Write the table: which group goes to which school, on which day, and which schools are left out this time.

    Args:
        turns: by key of the school's check; those not named stay as they are.

    Raises:
        Refused: ``checks.not_allowed``, ``checks.state``, ``checks.turn`` (unknown group, a day outside the round, a school
            whose check has begun), ``checks.recused``; ``field`` is ``<group|on|left_out>-<key>``.
        Conflict: ``checks.changed``.
    """
    may_manage(by)
    _hold(row, base_version=base_version)
    groups = {one.pk for one in row.groups.all()}
    rows = {one.pk: one for one in row.schools.filter(pk__in=list(turns))}
    changed = []
    for key, turn in turns.items():
        one = rows.get(key)
        if one is None:
            raise Refused("核查安排表里没有这所学校。", code="checks.turn")
        if turn.group is not None and turn.group not in groups:
            raise Refused("请选择这一轮的核查组。", code="checks.turn", field=f"group-{key}")
        if turn.on and not row.begin_on <= turn.on <= row.end_on:
            words = f"这轮核查从{fullday(row.begin_on)}到{fullday(row.end_on)}。"
            raise Refused(words, code="checks.turn", field=f"on-{key}")
        state = SchoolCheck.State.LEFT_OUT if turn.left_out.strip() else SchoolCheck.State.PLANNED
        new = (turn.group, turn.on, state, turn.left_out.strip()[:500])
        if new == (one.group_id, one.planned_on, one.state, one.state_words):
            continue
        if one.state not in ("planned", "left_out"):
            if (turn.group, turn.on) == (one.group_id, one.planned_on) and not turn.left_out.strip():
                continue
            raise Refused("这所学校已经开始核查，不能再改安排。", code="checks.turn", field=f"group-{key}")
        one.group_id, one.planned_on, one.state, one.state_words = new
        changed.append(one)
    SchoolCheck.objects.bulk_update(changed, ["group", "planned_on", "state", "state_words"])
    _refuse_recused(row, now=now)
    audit.record(
        action="check_round.arranged", subject=row, summary=f"调整核查安排表：{row.title}（{len(changed)} 所）", by=by,
        now=now, schools=[str(one.unit_id) for one in changed],
    )  # fmt: skip


def _refuse_recused(row: CheckRound, *, now: datetime) -> None:
    """Nobody checks the numbers of a unit where they hold a post, held one lately, or have a recusal.

    Raises:
        Refused: ``checks.recused``, with the field of the first school.
    """
    barred = queries.barred(row)
    schools = row.schools.filter(group__in=list(barred)).exclude(state=SchoolCheck.State.LEFT_OUT).order_by("pk")
    for one in schools:
        assert one.group_id is not None
        if out := barred[one.group_id].get(one.unit_id):
            unit = places.unit_names(system(row.county), {one.unit_id}, as_of=day_of(now))[one.unit_id]
            words = f"{'、'.join(out)}在{unit}任职、{inspectors.RECUSAL_YEARS}年内任过职，或登记了回避，应当回避。"
            raise Refused(words, code="checks.recused", field=f"group-{one.pk}")


@transaction.atomic
def start_round(*, row: CheckRound, base_version: int, by: Actor, now: datetime) -> None:
    """Let the groups begin.

    Raises:
        Refused: ``checks.not_allowed``, ``checks.state``, ``checks.incomplete`` (a school without a group, a group of fewer
            than two people), ``checks.recused``.
        Conflict: ``checks.changed``.
    """
    may_manage(by)
    if row.state != CheckRound.State.PLANNED:
        raise Refused(f"这轮核查{row.get_state_display()}。", code="checks.state")
    _hold(row, base_version=base_version)
    groups = list(row.schools.exclude(state=SchoolCheck.State.LEFT_OUT).values_list("group", flat=True))
    used = set(groups)
    if not groups:
        raise Refused("没有要核查的学校。", code="checks.incomplete")
    if missing := sum(group is None for group in groups):
        raise Refused(f"还有 {missing} 所学校没有安排核查组。", code="checks.incomplete")
    for group in row.groups.prefetch_related("members"):
        if group.pk in used and len(group.members.all()) < LEAST:
            raise Refused(f"{group}至少要有两人，两名核查人都要签字。", code="checks.incomplete")
    _refuse_recused(row, now=now)
    row.state = CheckRound.State.RUNNING
    row.save(update_fields=["state"])
    _tell_of_table(row, by=by, now=now)
    audit.record(action="check_round.started", subject=row, summary=f"开始实地核查：{row.title}", by=by, now=now)


def _tell_of_table(row: CheckRound, *, by: Actor, now: datetime) -> None:
    """Make the word to schools and checkers ready: who comes, and when; the office sends it."""
    schools = list(row.schools.exclude(state=SchoolCheck.State.LEFT_OUT).select_related("group"))
    notes = {
        one.unit_id: f"{one.planned_on.month}月{one.planned_on.day}日，{one.group}"
        if one.planned_on
        else f"{one.group}"
        for one in schools
    }
    for group in row.groups.prefetch_related("members"):
        count = sum(one.group_id == group.pk for one in schools)
        notes |= {one.person_id: f"{group}，{count} 所学校" for one in group.members.all() if count}
    units = {one.unit_id for one in schools}
    span = f"{row.begin_on.month}月{row.begin_on.day}日至{row.end_on.month}月{row.end_on.day}日"
    text = (
        f"{row.title}定于{span}进行，由核查组到校核对填报数据。请准备好名册、台账、证书等佐证；核查后由校（园）长签字。"
    )
    messages.prepare(
        kind="returns.check", title=f"实地核查安排：{row.title}", text=text, units=units, persons=notes.keys() - units,
        notes=notes, subject=row, link=reverse("returns:site_mine"), key=f"returns.check:{row.pk}", by=by, now=now,
    )  # fmt: skip


@transaction.atomic
def end_round(
    *, row: CheckRound, words: str = "", cancel: bool = False, base_version: int, by: Actor, now: datetime
) -> None:  # fmt: skip
    """Close a round, or cancel one in which nothing was found yet.

    Args:
        words: why, where schools are not through or the round is cancelled.

    Raises:
        Refused: ``checks.not_allowed``, ``checks.state``, ``checks.words``, ``checks.begun``.
        Conflict: ``checks.changed``.
    """
    may_manage(by)
    left = row.schools.exclude(state__in=(SchoolCheck.State.SETTLED, SchoolCheck.State.LEFT_OUT)).count()
    if cancel and row.schools.exclude(state__in=("planned", "left_out")).exists():
        raise Refused("已经开始核查，不能取消；可以说明原因后结束。", code="checks.begun")
    if (cancel or left) and not words.strip():
        said = "请写明取消的原因。" if cancel else f"还有 {left} 所学校没有办完，请写明原因。"
        raise Refused(said, code="checks.words", field="words")
    _hold(row, base_version=base_version)
    row.state = CheckRound.State.CANCELLED if cancel else CheckRound.State.CLOSED
    row.end_words = words.strip()[:300]
    row.save(update_fields=["state", "end_words"])
    audit.record(
        action="check_round.cancelled" if cancel else "check_round.closed", subject=row,
        summary=f"{'取消' if cancel else '结束'}实地核查：{row.title}", by=by, now=now, words=row.end_words, left=left,
    )  # fmt: skip


@transaction.atomic
def mark_priority(
    *, campaign: Campaign, asker: str, marks: Mapping[tuple[UUID, str], str], by: Actor, now: datetime
) -> int:
    """Say which cells are to be looked at first, and why; puts these in the place of those that the same asker marked before.

    Args:
        asker: the standard whose verdicts they could turn.
        marks: by unit and field code, in words people read: “这一项若少 2 人，R1 由达标变为不达标”.

    Returns:
        How many cells are marked.

    Raises:
        Refused: ``checks.not_allowed``, ``checks.units`` (a unit that the campaign does not call).
        Conflict: ``checks.changed``, written at the same moment from elsewhere.
    """
    may_manage(by)
    units = {unit for unit, _ in marks}
    known = set(Return.objects.filter(campaign=campaign, unit__in=units).values_list("unit", flat=True))
    if units - known:
        raise Refused("只能标记这次填报中的学校。", code="checks.units")
    marked = campaign.marks.filter(asker=asker)
    before = {(unit, code): words for unit, code, words in marked.values_list("unit", "code", "words")}
    wanted = {key: words.strip()[:500] for key, words in marks.items() if words.strip()}
    if before == wanted:
        return len(wanted)
    marked.delete()
    try:
        with transaction.atomic():
            CheckMark.objects.bulk_create(
                CheckMark(campaign=campaign, unit_id=unit, code=code, asker=asker, words=words, marked_at=now)
                for (unit, code), words in wanted.items()
            )
    except IntegrityError:
        raise Conflict("优先核查的数据项正在由别处更新，请稍后再试。", code="checks.changed") from None
    audit.record(
        action="check_marks.set", subject=campaign, summary=f"标记优先核查的数据项 {len(wanted)} 个：{campaign}", by=by,
        now=now,
    )  # fmt: skip
    return len(wanted)

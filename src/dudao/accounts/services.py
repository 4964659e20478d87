"""Who holds what: people, appointments, delegations, grants. Rows end with a reason; they do not vanish."""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import F, ProtectedError, Q

from dudao.accounts import queries
from dudao.accounts.models import Appointment, Delegation, Grant, Person
from dudao.accounts.posts import posts
from dudao.audit import services as audit
from dudao.places import queries as places
from dudao.places.models import Unit
from dudao.places.services import sort_key
from dudao.shell import fields
from dudao.shell.acts import Actor
from dudao.shell.clock import day_of
from dudao.shell.errors import Conflict, Refused
from dudao_engines.kernel import codes
from dudao_engines.kernel.errors import EngineInputError

DAY = timedelta(days=1)
_PHONE = re.compile(r"1[3-9]\d(-?)\d{4}\1\d{4}|0\d{2,3}-?\d{7,8}(-\d{1,6})?")


# People


@transaction.atomic
def enter_person(
    *, name: str, by: Actor, now: datetime, phone: str = "", id_number: str = "", is_example: bool = False
) -> Person:
    """Enter a person of the county.

    Raises:
        Refused: ``accounts.name``; ``accounts.phone``; ``id_number.*``; ``accounts.known``, the county has this identity number already.
    """
    name = name.strip()
    if not name:
        raise Refused("请填写姓名。", code="accounts.name", field="name")
    person = Person(
        county=by.county,
        name=name,
        sort_key=sort_key(name),
        phone=phone_number(phone),
        id_number=_id_number(id_number, county=by.county, today=day_of(now)),
        is_example=is_example,
    )
    person.save(force_insert=True)
    audit.record(action="person.entered", subject=person, summary=f"登记人员：{name}", by=by, now=now)
    return person


@transaction.atomic
def change_person(
    *, person: Person, base_version: int, name: str, phone: str, by: Actor, now: datetime, id_number: str | None = None
) -> None:
    """Correct a person's name and phone; the identity number only when one is given.

    Raises:
        Conflict: ``accounts.conflict``. Refused: as ``enter_person``.
    """
    name = name.strip()
    if not name:
        raise Refused("请填写姓名。", code="accounts.name", field="name")
    _claim(person, base_version)
    changes: dict[str, object] = {"name": name, "sort_key": sort_key(name), "phone": phone.strip()}
    if changes["phone"] != person.phone:  # what was entered before the check stays until somebody corrects it
        changes["phone"] = phone_number(phone)
    if id_number:
        number = _id_number(id_number, county=person.county, today=day_of(now), own=person)
        changes |= fields.closed(Person, "id_number", person.pk, number)
    changed = sorted(
        {k for k in ("name", "phone") if getattr(person, k) != changes[k]} | ({"id_number"} if id_number else set())
    )
    Person.objects.filter(pk=person.pk).update(**changes)
    person.refresh_from_db()
    audit.record(
        action="person.changed", subject=person, summary=f"修改人员信息：{name}", by=by, now=now, changed=changed
    )


@transaction.atomic
def take_back_person(*, person: Person, by: Actor, now: datetime) -> None:
    """Take a person back who was entered by mistake, while nothing hangs on them.

    Raises:
        Refused: ``accounts.in_use``, somebody changed them since, or they hold a post, an account or anything else.
    """
    name, key = person.name, person.pk
    try:
        with transaction.atomic():
            gone = person.version == 1 and Person.objects.filter(pk=key, version=1).delete()[0]
    except ProtectedError:
        gone = 0
    if not gone:
        raise Refused(f"“人员”里的{name}已经在用，不能撤销。", code="accounts.in_use")
    person.pk = key
    audit.record(action="person.taken_back", subject=person, summary=f"撤销登记人员：{name}", by=by, now=now)


def phone_number(text: str) -> str:
    """A mobile number, or a landline with its area code and perhaps an extension, as one writes them on the mainland.

    Raises:
        Refused: ``accounts.phone``.
    """
    number = re.sub(r"[\s()]", "", unicodedata.normalize("NFKC", text))
    number = re.sub(r"[‐-―－]", "-", number)
    number = re.sub(r"^(\+?86)-?(?=1[3-9]\d)", "", number)
    if number and not _PHONE.fullmatch(number):
        raise Refused("请填写 11 位手机号，或带区号的座机，如 0951-8061234。", code="accounts.phone", field="phone")
    return number


def _id_number(text: str, *, county: str, today: date, own: Person | None = None) -> str | None:
    if not text.strip():
        return None
    try:
        number = codes.id_number(text, today=today)
    except EngineInputError as error:
        raise Refused(error.message, code=error.code, field="id_number") from None
    same = Person.objects.filter(fields.equals(Person, "id_number", number), county=county)
    if own:
        same = same.exclude(pk=own.pk)
    if same.exists():
        raise Refused("这个身份证件号已经登记在另一人名下，请先查找。", code="accounts.known", field="id_number")
    return number


def _claim(person: Person, base_version: int | None = None) -> None:
    """Take the person's next version, so that two who change the same person's hats go one after the other."""
    person_now = Person.objects.filter(pk=person.pk)
    if base_version is not None:
        person_now = person_now.filter(version=base_version)
    if not person_now.update(version=F("version") + 1):
        raise Conflict("这个人的信息刚被别人改过，请看过最新内容再办。", code="accounts.conflict")
    person.refresh_from_db()


# Appointments


@dataclass(frozen=True, slots=True)
class _Held:
    post: str
    admin: bool


def _held(person: Person, *, start_on: date, end_on: date | None) -> list[_Held]:
    """The posts a person holds, own or lent, on any day of a time."""

    def overlaps(prefix: str = "") -> Q:
        still = Q(**{f"{prefix}end_on__isnull": True}) | Q(**{f"{prefix}end_on__gte": start_on})
        return still & Q(**{f"{prefix}start_on__lte": end_on}) if end_on else still

    own = Appointment.objects.filter(overlaps(), person=person).values_list("post", flat=True)
    lent = Delegation.objects.filter(overlaps(), overlaps("appointment__"), to=person, taken_back_at__isnull=True)
    held = [*own, *lent.values_list("appointment__post", flat=True)]
    return [_Held(post, posts()[post].admin) for post in held]


def _keep_apart(person: Person, post: str, *, start_on: date, end_on: date | None) -> None:
    """三员 are separate people, and none of them does the office's business.

    Source: GB/T 22239-2019, 8.1.5 安全管理中心 (系统管理、审计管理、安全管理 are three roles).
    """
    held = _held(person, start_on=start_on, end_on=end_on)
    if posts()[post].admin and any(h.post != post for h in held):
        others = "、".join(sorted({posts()[h.post].name for h in held if h.post != post}))
        raise Refused(
            f"{person.name}已任{others}。系统、安全、审计管理员须由三个人分别担任，也不兼业务岗位。",
            code="accounts.three_apart",
            field="post",
        )
    if not posts()[post].admin and any(h.admin for h in held):
        raise Refused(f"{person.name}是管理员，不能兼任业务岗位。", code="accounts.three_apart", field="post")


def _one_only(person: Person, post: str, *, unit: Unit, start_on: date, end_on: date | None) -> None:
    still = Q(end_on__isnull=True) | Q(end_on__gte=start_on)
    others = Appointment.objects.filter(still, post=post, unit=unit).exclude(person=person)
    if end_on:
        others = others.filter(start_on__lte=end_on)
    holder = others.select_related("person").order_by("start_on").first()
    if holder:
        until = f"到{holder.end_on:%Y年%-m月%-d日}" if holder.end_on else ""
        words = (
            "请从他任期结束的次日起任职" if holder.end_on else f"换人请在{holder.person.name}的页面上办“交接”，一次办完"
        )
        raise Refused(
            f"该单位的{posts()[post].name}现由{holder.person.name}担任{until}。{words}。",
            code="accounts.held",
            field="post",
        )


def _may_appoint(by: Actor, person: Person, post: str) -> None:
    if by.person is None:
        return
    if not queries.may_appoint(by, post):
        words = "管理员的任职由安全管理员办理。" if posts()[post].admin else "业务岗位的任职由督导室办理。"
        raise Refused(words, code="accounts.not_yours", field="post")
    if posts()[post].admin and by.person == person.pk:
        raise Refused("不能给自己办理管理员任职。", code="accounts.own", field="post")


@transaction.atomic
def appoint(
    *,
    person: Person,
    post: str,
    unit: Unit,
    start_on: date,
    by: Actor,
    now: datetime,
    end_on: date | None = None,
    base_version: int | None = None,
) -> Appointment:
    """A person holds a post in a unit from a day.

    Args:
        post: a code of ``library/posts.yaml``.
        base_version: of the person as the reader saw it; the present one where left out.

    Raises:
        Refused: ``accounts.three_apart`` one person for two of 三员, or an administrator for a business post;
            ``accounts.held`` somebody holds the unit's only such post;
            ``accounts.not_yours``, ``accounts.own`` who appoints; ``accounts.days``, ``accounts.twice``, ``accounts.county``.
        Conflict: ``accounts.conflict``.
    """
    if person.county != by.county or unit.county != by.county:
        raise Refused("人员或单位不在本县。", code="accounts.county", field="unit")
    if end_on and end_on < start_on:
        raise Refused("止日不能早于起日。", code="accounts.days", field="end_on")
    _may_appoint(by, person, post)
    _claim(person, base_version)
    _keep_apart(person, post, start_on=start_on, end_on=end_on)
    if posts()[post].single:
        _one_only(person, post, unit=unit, start_on=start_on, end_on=end_on)
    try:
        with transaction.atomic():
            appointment = Appointment.objects.create(
                county=by.county, person=person, post=post, unit=unit, start_on=start_on, end_on=end_on
            )
    except IntegrityError:
        raise Refused(f"{person.name}已在该单位任此岗位。", code="accounts.twice", field="post") from None
    audit.record(
        action="appointment.started",
        subject=appointment,
        summary=f"任职：{person.name}，{_unit_name(by, unit, now)}{posts()[post].name}",
        by=by,
        now=now,
        occurred_on=min(start_on, day_of(now)),
        person=str(person.pk),
        unit=str(unit.pk),
        post=post,
        start_on=start_on.isoformat(),
    )
    return appointment


@transaction.atomic
def end_appointment(*, appointment: Appointment, last_day: date, reason: str, by: Actor, now: datetime) -> None:
    """The appointment holds until ``last_day``; from the next day the hat is gone, and with it what was lent under it.

    Raises:
        Refused: ``accounts.days``, ``accounts.reason``, ``accounts.not_yours``, ``accounts.own``.
        Conflict: ``accounts.ended``, it was ended already.
    """
    person = appointment.person
    _may_appoint(by, person, appointment.post)
    if last_day < appointment.start_on:
        raise Refused("止日不能早于起日。", code="accounts.days", field="last_day")
    if not reason.strip():
        raise Refused("请写明原因。", code="accounts.reason", field="reason")
    _claim(person)
    open_ = Appointment.objects.filter(pk=appointment.pk).filter(Q(end_on__isnull=True) | Q(end_on__gt=last_day))
    if not open_.update(end_on=last_day, end_reason=reason.strip()):
        raise Conflict("这个任职已经结束。", code="accounts.ended")
    appointment.refresh_from_db()
    audit.record(
        action="appointment.ended",
        subject=appointment,
        summary=f"免职：{person.name}，{_unit_name(by, appointment.unit, now)}{posts()[appointment.post].name}",
        by=by,
        now=now,
        occurred_on=min(last_day, day_of(now)),
        person=str(person.pk),
        last_day=last_day.isoformat(),
        reason=reason.strip(),
    )


@transaction.atomic
def hand_over_post(
    *, appointment: Appointment, to: Person, on: date, reason: str, by: Actor, now: datetime
) -> Appointment:
    """A post goes to another person: the old holder sees nothing from ``on``, the new one everything.

    What the old holder lent under this post and is still open goes on under the new appointment; what was granted
    to them for this post (the purposes that library/posts.yaml gives it) goes on to the new holder.

    Returns:
        The new appointment.

    Raises:
        Refused: ``accounts.same_person``, and as ``end_appointment`` and ``appoint``.
    """
    if to.pk == appointment.person_id:
        raise Refused("接任的人就是现任。", code="accounts.same_person", field="to")
    end_appointment(appointment=appointment, last_day=on - DAY, reason=reason, by=by, now=now)
    new = appoint(person=to, post=appointment.post, unit=appointment.unit, start_on=on, by=by, now=now)
    moved = Delegation.objects.filter(appointment=appointment, end_on__gte=on, taken_back_at__isnull=True).exclude(
        to=to
    )
    for lent in moved.select_related("to"):
        Delegation.objects.create(
            appointment=new, to=lent.to, start_on=max(on, lent.start_on), end_on=lent.end_on, reason=lent.reason
        )
        audit.record(
            action="delegation.moved",
            subject=lent,
            summary=f"委托随岗位转给{to.name}：{lent.to.name}",
            by=by,
            now=now,
            occurred_on=min(on, day_of(now)),
            to_appointment=str(new.pk),
        )
    _move_grants(appointment, to=to, on=on, reason=reason, by=by, now=now)
    return new


def _move_grants(appointment: Appointment, *, to: Person, on: date, reason: str, by: Actor, now: datetime) -> None:
    """The grants that belong to a post end for the old holder the day before, and begin for the new one."""
    purposes = posts()[appointment.post].grants
    open_ = Grant.objects.filter(to_person=appointment.person_id, purpose__in=purposes, taken_back_at__isnull=True)
    for old in open_.filter(Q(end_on__isnull=True) | Q(end_on__gte=on)):
        new = Grant.objects.create(
            county=old.county,
            to_person=to,
            on_type=old.on_type,
            on_key=old.on_key,
            purpose=old.purpose,
            start_on=max(on, old.start_on),
            end_on=old.end_on,
            reason=old.reason,
        )
        if old.start_on < on:
            Grant.objects.filter(pk=old.pk).update(end_on=on - DAY)
        else:
            Grant.objects.filter(pk=old.pk).update(taken_back_at=now, end_reason=reason.strip())
        audit.record(
            action="grant.moved",
            subject=old,
            summary=f"授权随岗位转给{to.name}",
            by=by,
            now=now,
            occurred_on=min(on, day_of(now)),
            to=str(to.pk),
            to_grant=str(new.pk),
        )


# Delegations


@transaction.atomic
def delegate_hat(
    *, appointment: Appointment, to: Person, start_on: date, end_on: date, reason: str, by: Actor, now: datetime
) -> Delegation:
    """The holder lets another person of the county act under this appointment for a time.

    Raises:
        Refused: ``accounts.not_yours`` only the holder lends, and nobody lends what was lent; ``accounts.days``;
            ``accounts.outside`` the appointment does not hold all that time; ``accounts.own``; ``accounts.reason``;
            ``accounts.three_apart``.
    """
    if by.person != appointment.person_id or by.on_behalf_of:
        raise Refused("只能委托自己的身份。", code="accounts.not_yours")
    if to.pk == by.person or to.county != appointment.county:
        raise Refused("请选择本县的另一个人。", code="accounts.own", field="to")
    if end_on < start_on:
        raise Refused("止日不能早于起日。", code="accounts.days", field="end_on")
    if start_on < day_of(now):
        raise Refused("委托不能倒填日期。", code="accounts.days", field="start_on")
    if start_on < appointment.start_on or (appointment.end_on and end_on > appointment.end_on):
        raise Refused("委托时间超出了任职时间。", code="accounts.outside", field="end_on")
    if not reason.strip():
        raise Refused("请写明事由。", code="accounts.reason", field="reason")
    _claim(to)
    _keep_apart(to, appointment.post, start_on=start_on, end_on=end_on)
    lent = Delegation.objects.create(
        appointment=appointment, to=to, start_on=start_on, end_on=end_on, reason=reason.strip()
    )
    audit.record(
        action="delegation.started",
        subject=lent,
        summary=f"委托{to.name}代行{posts()[appointment.post].name}",
        by=by,
        now=now,
        to=str(to.pk),
        start_on=start_on.isoformat(),
        end_on=end_on.isoformat(),
        reason=reason.strip(),
    )
    return lent


@transaction.atomic
def end_delegation(*, delegation: Delegation, reason: str, by: Actor, now: datetime) -> None:
    """Take a hat back at once.

    Raises:
        Refused: ``accounts.not_yours`` neither the holder nor the office; ``accounts.reason``. Conflict: ``accounts.ended``.
    """
    if by.person != delegation.appointment.person_id and not by.can("people.manage"):
        raise Refused("只有委托人或督导室能收回。", code="accounts.not_yours")
    if not reason.strip():
        raise Refused("请写明原因。", code="accounts.reason", field="reason")
    open_ = Delegation.objects.filter(pk=delegation.pk, taken_back_at__isnull=True, end_on__gte=day_of(now))
    if not open_.update(taken_back_at=now, end_reason=reason.strip()):
        raise Conflict("这个委托已经结束。", code="accounts.ended")
    audit.record(
        action="delegation.ended",
        subject=delegation,
        summary=f"收回委托：{delegation.to.name}",
        by=by,
        now=now,
        reason=reason.strip(),
    )


# Grants


@transaction.atomic
def give_grant(
    *,
    on_type: str,
    on_key: str,
    purpose: str,
    start_on: date,
    reason: str,
    by: Actor,
    now: datetime,
    to_person: Person | None = None,
    to_unit: Unit | None = None,
    end_on: date | None = None,
) -> Grant:
    """One person or one unit may see or do something with one object, for a purpose, for a time.

    Raises:
        Refused: ``accounts.to_one`` not exactly one receiver; ``accounts.own``; ``accounts.days``; ``accounts.reason``.
    """
    if (to_person is None) == (to_unit is None):
        raise Refused("授权给一个人，或给一个单位。", code="accounts.to_one", field="to_person")
    if to_person is not None and to_person.pk == by.person:
        raise Refused("不能给自己授权。", code="accounts.own", field="to_person")
    if end_on and end_on < start_on:
        raise Refused("止日不能早于起日。", code="accounts.days", field="end_on")
    if not reason.strip():
        raise Refused("请写明事由。", code="accounts.reason", field="reason")
    grant = Grant.objects.create(
        county=by.county,
        to_person=to_person,
        to_unit=to_unit,
        on_type=on_type,
        on_key=on_key,
        purpose=purpose,
        start_on=start_on,
        end_on=end_on,
        reason=reason.strip(),
    )
    receiver = to_person.name if to_person else _unit_name(by, to_unit, now)
    audit.record(
        action="grant.given",
        subject=grant,
        summary=f"授权给{receiver}",
        by=by,
        now=now,
        on_type=on_type,
        on_key=on_key,
        purpose=purpose,
        start_on=start_on.isoformat(),
        end_on=end_on.isoformat() if end_on else None,
        reason=reason.strip(),
    )
    return grant


@transaction.atomic
def end_grant(*, grant: Grant, reason: str, by: Actor, now: datetime, last_day: date | None = None) -> None:
    """Take a grant back: at once, or so that it holds until ``last_day``, which may lie ahead and never makes it longer.

    Raises:
        Refused: ``accounts.reason``. Conflict: ``accounts.ended``.
    """
    if not reason.strip():
        raise Refused("请写明原因。", code="accounts.reason", field="reason")
    open_ = Grant.objects.filter(pk=grant.pk, taken_back_at__isnull=True)
    if last_day is None or last_day < grant.start_on:
        done = open_.update(taken_back_at=now, end_reason=reason.strip())
    else:
        done = open_.filter(Q(end_on__isnull=True) | Q(end_on__gt=last_day)).update(end_on=last_day)
    if not done:
        raise Conflict("这个授权已经收回。", code="accounts.ended")
    audit.record(
        action="grant.ended",
        subject=grant,
        summary="收回授权",
        by=by,
        now=now,
        reason=reason.strip(),
        last_day=last_day.isoformat() if last_day else None,
    )


def _unit_name(by: Actor, unit: Unit | None, now: datetime) -> str:
    return places.unit_names(by, {unit.pk}, as_of=day_of(now)).get(unit.pk, "") if unit else ""

"""Preparing and sending. The system proposes, people send; what becomes of it is in ``outbox``.

messages.prepare(kind="plan.urge", title=…, text=…, units=[task.unit_id, …], notes={unit: "逾期 3 天"},
                 subject=task, link=reverse("plan:task", args=[task.pk]), key=f"plan.urge:{task.pk}:{today}",
                 by=request.actor, now=now)
messages.mark_answered(subject=task, unit=task.unit_id, by=…, now=now)
"""

import contextlib
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, models, transaction
from django.db.models import F, Q

from dudao.accounts import queries as accounts
from dudao.audit import services as audit
from dudao.messages import guard, queries
from dudao.messages.models import Channel, Contact, Delivery, Message, Reading, Recipient
from dudao.places import queries as places
from dudao.places.services import sort_key
from dudao.shell.acts import Actor, system
from dudao.shell.claims import claimed
from dudao.shell.clock import day_of
from dudao.shell.errors import Conflict, Refused

# Preparing


@transaction.atomic
def prepare(
    *,
    kind: str,
    title: str,
    text: str,
    by: Actor,
    now: datetime,
    units: Iterable[UUID] = (),
    persons: Iterable[UUID] = (),
    notes: Mapping[UUID, str] | None = None,
    subject: models.Model | tuple[str, str] | None = None,
    key: str | None = None,
    link: str = "",
    bot_text: str = "",
    own_text: str = "",
) -> Message:
    """Make a message ready. It waits under 已备好，等您发送, unless the county lets this kind go out by itself.

    Args:
        kind: a code that an app names in its ``message_kinds``, for example ``plan.urge``.
        title: one line.
        text: plain text, ready to be pasted into WeChat by the sender.
        by: who prepares; ``acts.system(county)`` for a rule.
        now: the moment.
        units: keys of units (``places.Unit``); everybody who wears a hat there gets it in the inbox.
        persons: keys of people.
        notes: a few words per unit or person, shown in the list, the picture and the Excel file (``逾期 3 天``).
        subject: the row it is about, or (type, key); ``mark_answered`` finds it by this.
        key: prepared again with the same key, it stays one message: brought up to date while it waits, left as it is once
            it was sent or dropped. Left out: always a new one.
        link: where one goes to do it: an address of this house, ``reverse("plan:task", …)``.
        own_text: what each recipient reads in the inbox, by e-mail and by short message, where ``text`` tells of others
            too; the recipient's note stands beside it. Left out: ``text``.
        bot_text: what may go to a group chat, counts and names of units only; made from the title where left out.

    Returns:
        The message; ``state`` says whether it waits or went out.

    Raises:
        Refused: ``messages.empty`` no title or text; ``messages.nobody`` no recipient; ``messages.stranger`` a unit or a
            person who is not of this county; ``messages.personal`` personal data in ``bot_text``.
    """
    title, text = title.strip(), text.strip()
    if link and (not link.startswith("/") or link.startswith("//")):
        raise ValueError(f"a link leads to a page of this house, not to {link!r}")
    if not title or not text:
        raise Refused("请填写标题和正文。", code="messages.empty", field="title" if not title else "text")
    to = _recipients(units=set(units), persons=set(persons), notes=notes or {}, by=by, now=now)
    bot_text = bot_text.strip() or _bot_text(title, to)
    if bot_text != _bot_text(title, to):
        _refuse_personal(bot_text, [r.name for r in to if r.unit_id], county=by.county, now=now, field="bot_text")
    kept = _kept(key, by.county)
    if kept is not None and kept.state != Message.State.PREPARED:
        return kept
    if kept is not None:
        changed = Message.objects.filter(pk=kept.pk, state=Message.State.PREPARED, version=kept.version).update(
            title=title[:200],
            text=text,
            own_text=own_text.strip(),
            link=link,
            bot_text=bot_text,
            prepared_at=now,
            version=F("version") + 1,
        )
        if not changed:
            # Sent in this very moment; the sender saw the text as it was.
            kept.refresh_from_db()
            return kept
        kept.refresh_from_db()
        kept.recipients.all().delete()
        message = kept
    else:
        subject_type, subject_key = _subject(subject)
        message = Message(
            county=by.county,
            kind=kind,
            key=key,
            subject_type=subject_type,
            subject_key=subject_key,
            title=title[:200],
            text=text,
            own_text=own_text.strip(),
            link=link,
            bot_text=bot_text,
            prepared_at=now,
            prepared_by=by.person,
            prepared_by_name=by.name,
        )
        try:
            with transaction.atomic():
                message.save(force_insert=True)
        except IntegrityError:
            # Another process prepared the same in this moment.
            other = _kept(key, by.county)
            if other is None:
                raise
            return other
        audit.record(
            action="message.prepared",
            subject=message,
            summary=f"备好消息：{message.title}",
            by=by,
            now=now,
            kind=kind,
            recipients=len(to),
        )
    for recipient in to:
        recipient.message = message
    Recipient.objects.bulk_create(to)
    if queries.setting_of(by.county, kind).is_automatic:
        # What may not go out by itself (a name on its way to a group chat) waits for a person.
        with contextlib.suppress(Refused):
            send(message=message, base_version=message.version, by=system(by.county), now=now)
        message.refresh_from_db()
    return message


def _kept(key: str | None, county: str) -> Message | None:
    return Message.objects.filter(county=county, key=key).first() if key else None


def _subject(subject: models.Model | tuple[str, str] | None) -> tuple[str, str]:
    if subject is None:
        return "", ""
    return subject if isinstance(subject, tuple) else (subject._meta.label_lower, str(subject.pk))


def _recipients(
    *, units: set[UUID], persons: set[UUID], notes: Mapping[UUID, str], by: Actor, now: datetime
) -> list[Recipient]:
    everyone = system(by.county)
    names = places.unit_names(everyone, units, as_of=day_of(now))
    people = dict(
        accounts.people_visible_to(everyone, day=day_of(now)).filter(pk__in=persons).values_list("pk", "name")
    )
    if units - set(names) or persons - set(people):
        raise Refused("收件单位或人员不在本县。", code="messages.stranger", field="units")
    if not names and not people:
        raise Refused("没有收件单位或人员。", code="messages.nobody", field="units")
    return [
        Recipient(unit_id=pk, name=name, sort_key=sort_key(name), note=notes.get(pk, "")[:200])
        for pk, name in names.items()
    ] + [
        Recipient(person_id=pk, name=name, sort_key=sort_key(name), note=notes.get(pk, "")[:200])
        for pk, name in people.items()
    ]


def _bot_text(title: str, to: Collection[Recipient]) -> str:
    """Title, how many, and which units."""
    units = sorted((r for r in to if r.unit_id), key=lambda r: r.sort_key)
    if not units:
        return title
    named = "、".join(r.name for r in units[:30])
    return f"{title}（{len(units)} 个单位）：{named}" + ("等" if len(units) > 30 else "") + "。详情请登录督导查看。"


def _refuse_personal(text: str, units: Iterable[str], *, county: str, now: datetime, field: str) -> None:
    people = accounts.people_visible_to(system(county), day=day_of(now)).values_list("name", flat=True)
    found = guard.personal_in(text, names=people, units=units)
    if found:
        raise Refused(
            f"群消息只能写数目和单位名称，这里有：{'、'.join(found[:5])}。请改过再发，或不发到群里。",
            code="messages.personal",
            field=field,
        )


@transaction.atomic
def change_message(
    *,
    message: Message,
    base_version: int,
    title: str,
    text: str,
    bot_text: str,
    own_text: str = "",
    by: Actor,
    now: datetime,
) -> None:
    """Correct a message before it is sent.

    Raises:
        Refused: ``messages.not_yours``, ``messages.empty``, ``messages.personal``.
        Conflict: ``messages.conflict``, it was changed, sent or dropped meanwhile.
    """
    may_send(by)
    if not title.strip() or not text.strip():
        raise Refused("请填写标题和正文。", code="messages.empty", field="title" if not title.strip() else "text")
    units = message.recipients.filter(unit__isnull=False).values_list("name", flat=True)
    if bot_text.strip():
        _refuse_personal(bot_text, units, county=message.county, now=now, field="bot_text")
    _claim(
        message,
        base_version,
        title=title.strip()[:200],
        text=text.strip(),
        own_text=own_text.strip(),
        bot_text=bot_text.strip(),
    )
    audit.record(action="message.changed", subject=message, summary=f"修改消息：{message.title}", by=by, now=now)


def _claim(message: Message, base_version: int, **changes: Any) -> None:
    """Change a message that still waits, as the reader saw it."""
    if not claimed(message, base_version, changes, state=Message.State.PREPARED):
        raise Conflict("这条消息刚被别人改过、发出或撤下，请看过最新内容再办。", code="messages.conflict")


def may_send(by: Actor) -> None:
    if by.person is not None and not by.can("message.send"):
        raise Refused("发送消息由督导室办理。", code="messages.not_yours")


# Sending


@transaction.atomic
def send(
    *, message: Message, base_version: int, by: Actor, now: datetime, channels: Collection[str] | None = None
) -> None:
    """Send: into the inbox at once, and through other channels by the worker.

    Args:
        base_version: of the message as the sender saw it.
        channels: codes of ``queries.channels``; those set for the kind where left out.

    Raises:
        Refused: ``messages.not_yours``; ``messages.personal``, personal data would go to a group chat;
            ``messages.no_address`` a channel was chosen by hand that reaches nobody.
        Conflict: ``messages.conflict``.
    """
    may_send(by)
    chosen = channels is not None
    if channels is None:
        channels = queries.setting_of(message.county, message.kind).channels
    _claim(
        message,
        base_version,
        state=Message.State.SENT,
        ended_at=now,
        ended_by=by.person,
        ended_by_name=by.name,
    )
    recipients = list(message.recipients.all())
    reached = queries.reached(message.county, recipients, day=day_of(now))
    deliveries = [_in_app(message, recipient, now, reached=recipient.target in reached) for recipient in recipients]
    open_ways = {code for code, _ in queries.channels(message.county)}
    for kind in (Channel.EMAIL, Channel.SMS):
        if kind in channels and kind in open_ways:
            found = _by_address(message, recipients, kind)
            if chosen and not found:
                raise Refused(
                    f"收件人都没有登记{Contact.Kind(kind).label}，请先登记，或不选{kind.label}。",
                    code="messages.no_address",
                    field="channels",
                )
            deliveries += found
    bots = [code.removeprefix("bot:") for code in channels if code.startswith("bot:") and code in open_ways]
    if bots:
        units = [r.name for r in recipients if r.unit_id]
        _refuse_personal(message.bot_text, units, county=message.county, now=now, field="channels")
        deliveries += [
            Delivery(message=message, channel=Channel.BOT, bot_id=UUID(key), target=f"bot:{key}") for key in bots
        ]
    Delivery.objects.bulk_create(deliveries)
    audit.record(
        action="message.sent",
        subject=message,
        summary=f"发送消息：{message.title}",
        by=by,
        now=now,
        recipients=len(recipients),
        channels=sorted({d.channel for d in deliveries}),
    )


def _in_app(message: Message, recipient: Recipient, now: datetime, *, reached: bool) -> Delivery:
    """Into the inbox; where nobody can open it, it did not arrive, and the sender must hear so."""
    target = f"unit:{recipient.unit_id}" if recipient.unit_id else f"person:{recipient.person_id}"
    return Delivery(
        message=message,
        recipient=recipient,
        channel=Channel.IN_APP,
        target=target,
        state=Delivery.State.SENT if reached else Delivery.State.FAILED,
        attempts=1,
        error="" if reached else queries.NOBODY,
        settled_at=now if reached else None,
    )


def _by_address(message: Message, recipients: list[Recipient], kind: Channel) -> list[Delivery]:
    """One delivery per address; two units with one address get one."""
    units = {r.unit_id for r in recipients if r.unit_id}
    persons = {r.person_id for r in recipients if r.person_id}
    mine = Contact.objects.filter(Q(unit__in=units) | Q(person__in=persons), kind=kind.value)
    addresses = {contact.unit_id or contact.person_id: contact.address for contact in mine}
    made: dict[str, Delivery] = {}
    for recipient in recipients:
        address = addresses.get(recipient.unit_id or recipient.person_id)
        if address and address not in made:
            made[address] = Delivery(message=message, recipient=recipient, channel=kind, target=address)
    return list(made.values())


@transaction.atomic
def drop(*, message: Message, base_version: int, reason: str, by: Actor, now: datetime) -> None:
    """Decide not to send.

    Raises:
        Refused: ``messages.not_yours``, ``messages.reason``. Conflict: ``messages.conflict``.
    """
    may_send(by)
    if not reason.strip():
        raise Refused("请写明不发的原因。", code="messages.reason", field="reason")
    _claim(
        message,
        base_version,
        state=Message.State.DROPPED,
        ended_at=now,
        ended_by=by.person,
        ended_by_name=by.name,
        drop_reason=reason.strip()[:200],
    )
    audit.record(
        action="message.dropped",
        subject=message,
        summary=f"不发消息：{message.title}",
        by=by,
        now=now,
        reason=reason.strip(),
    )


@transaction.atomic
def mark_answered(
    *, subject: models.Model | tuple[str, str], by: Actor, now: datetime, unit: UUID | None = None
) -> int:
    """A unit has done what messages about this subject ask for; without ``unit``: all of them have, the matter is over.

    Called by the app whose matter it is, in the transaction of the act itself; the act's own audit event tells of it.
    What still waits to be sent loses that unit, and a proposal that nobody needs any more is dropped.

    Returns:
        How many recipients of sent messages were marked.
    """
    kind, key = _subject(subject)
    about = Message.objects.filter(county=by.county, subject_type=kind, subject_key=key)
    open_ = Recipient.objects.filter(answered_at__isnull=True)
    if unit is not None:
        open_ = open_.filter(unit=unit)
    for message in about.filter(state=Message.State.PREPARED, recipients__in=open_).distinct():
        _answered_before_sending(message, {r.pk for r in open_.filter(message=message)}, by=by, now=now)
    return open_.filter(message__in=about.filter(state=Message.State.SENT)).update(answered_at=now)


def _answered_before_sending(message: Message, done: set[int], *, by: Actor, now: datetime) -> None:
    before = list(message.recipients.all())
    left = [recipient for recipient in before if recipient.pk not in done]
    if not left:
        message.recipients.filter(pk__in=done).update(answered_at=now)
        reason = "已办理，不用再发"
        drop(message=message, base_version=message.version, reason=reason, by=system(by.county), now=now)
        return
    message.recipients.filter(pk__in=done).delete()
    if message.bot_text == _bot_text(message.title, before):
        Message.objects.filter(pk=message.pk).update(bot_text=_bot_text(message.title, left))


# Coming in


def read(*, recipient: Recipient, by: Actor, now: datetime) -> None:
    """Note that the actor has opened a message of theirs. The first time counts; no audit event: the row is the note."""
    if by.person is not None:
        Reading.objects.get_or_create(recipient=recipient, person_id=by.person, defaults={"read_at": now})

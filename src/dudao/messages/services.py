"""Preparing, sending, and knowing what became of it. The system proposes, people send.

messages.prepare(kind="plan.urge", title=…, text=…, units=[task.unit_id, …], notes={unit: "逾期 3 天"},
                 subject=task, link=reverse("plan:task", args=[task.pk]), key=f"plan.urge:{task.pk}:{today}",
                 by=request.actor, now=now)
messages.mark_answered(subject=task, unit=task.unit_id, by=…, now=now)
"""

import re
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import IntegrityError, models, transaction
from django.db.models import F, Q

from dudao.accounts import queries as accounts
from dudao.audit import services as audit
from dudao.messages import guard, queries, sending
from dudao.messages.models import (
    UNDER_WAY,
    Bot,
    Channel,
    Contact,
    Delivery,
    KindSetting,
    Message,
    Reading,
    Recipient,
)
from dudao.places import queries as places
from dudao.places.services import sort_key
from dudao.shell import fields
from dudao.shell.acts import Actor, system
from dudao.shell.clock import day_of
from dudao.shell.errors import Conflict, Refused

# After how long a delivery that surely did not leave is tried again; after the last one it is 未送达.
RETRIES = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=30), timedelta(hours=2))


_ADDRESS = {
    Contact.Kind.EMAIL: re.compile(r"[^@\s<>,;]+@[\w-]+(\.[\w-]+)+"),
    Contact.Kind.SMS: re.compile(r"1[3-9]\d{9}"),
}


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
) -> Message:
    """Make a message ready. It waits under 已备好，等您发送, unless the county lets this kind go out by itself.

    Args:
        kind: a code that an app names in its ``message_kinds``, for example ``plan.urge``.
        title: one line.
        text: plain text, ready to be pasted into WeChat.
        by: who prepares; ``acts.system(county)`` for a rule.
        now: the moment.
        units: keys of units (``places.Unit``); everybody who wears a hat there gets it in the inbox.
        persons: keys of people.
        notes: a few words per unit or person, shown in the list, the picture and the Excel file (``逾期 3 天``).
        subject: the row it is about, or (type, key); ``mark_answered`` finds it by this.
        key: prepared again with the same key, it stays one message: brought up to date while it waits, left as it is once
            it was sent or dropped. Left out: always a new one.
        link: where one goes to do it: an address of this house, ``reverse("plan:task", …)``.
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
            title=title[:200], text=text, link=link, bot_text=bot_text, prepared_at=now, version=F("version") + 1
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
    setting = queries.setting_of(by.county, kind)
    if setting.is_automatic:
        send(message=message, base_version=message.version, by=system(by.county), now=now)
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
    names = places.unit_names(everyone, units)
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
    *, message: Message, base_version: int, title: str, text: str, bot_text: str, by: Actor, now: datetime
) -> None:
    """Correct a message before it is sent.

    Raises:
        Refused: ``messages.not_yours``, ``messages.empty``, ``messages.personal``.
        Conflict: ``messages.conflict``, it was changed, sent or dropped meanwhile.
    """
    _may_send(by)
    if not title.strip() or not text.strip():
        raise Refused("请填写标题和正文。", code="messages.empty", field="title" if not title.strip() else "text")
    units = message.recipients.filter(unit__isnull=False).values_list("name", flat=True)
    if bot_text.strip():
        _refuse_personal(bot_text, units, county=message.county, now=now, field="bot_text")
    _claim(message, base_version, title=title.strip()[:200], text=text.strip(), bot_text=bot_text.strip())
    audit.record(action="message.changed", subject=message, summary=f"修改消息：{message.title}", by=by, now=now)


def _claim(message: Message, base_version: int, **changes: Any) -> None:
    """Change a message that still waits, as the reader saw it."""
    waiting = Message.objects.filter(pk=message.pk, state=Message.State.PREPARED, version=base_version)
    if not waiting.update(version=F("version") + 1, **changes):
        raise Conflict("这条消息刚被别人改过、发出或撤下，请看过最新内容再办。", code="messages.conflict")
    message.refresh_from_db()


def _may_send(by: Actor) -> None:
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
    _may_send(by)
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
    deliveries = [_in_app(message, recipient, now) for recipient in recipients]
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


def _in_app(message: Message, recipient: Recipient, now: datetime) -> Delivery:
    target = f"unit:{recipient.unit_id}" if recipient.unit_id else f"person:{recipient.person_id}"
    return Delivery(
        message=message,
        recipient=recipient,
        channel=Channel.IN_APP,
        target=target,
        state=Delivery.State.SENT,
        attempts=1,
        settled_at=now,
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
    _may_send(by)
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
    """A unit has done what messages about this subject asked for; without ``unit``: all of them have, the matter is over.

    Called by the app whose matter it is, in the transaction of the act itself; the act's own audit event tells of it.
    What still waits to be sent loses that unit, and a proposal that nobody needs any more is dropped.

    Returns:
        How many recipients were marked.
    """
    kind, key = _subject(subject)
    about = Message.objects.filter(county=by.county, subject_type=kind, subject_key=key)
    open_ = Recipient.objects.filter(message__in=about, answered_at__isnull=True)
    if unit is not None:
        open_ = open_.filter(unit=unit)
    marked = open_.update(answered_at=now)
    idle = about.filter(state=Message.State.PREPARED).exclude(
        pk__in=Recipient.objects.filter(answered_at__isnull=True).values("message")
    )
    for message in idle:
        drop(message=message, base_version=message.version, reason="已办理，不用再发", by=system(by.county), now=now)
    return marked


# Delivering: the worker's part


def deliver_next(*, now: datetime, machine: datetime) -> bool:
    """Send one of what waits. May run in several processes, be killed anywhere, and be run again.

    The delivery is first written down as 结果不明 by one conditional UPDATE, then sent, then settled. Whoever is killed
    between leaves it 结果不明: nothing goes out twice unless a person says so.

    Args:
        now: for what people see.
        machine: the machine's clock, for retries.

    Returns:
        Whether there was one.
    """
    key = queries.due_deliveries(machine=machine).values_list("pk", flat=True).first()
    if key is None:
        return False
    mine = Delivery.objects.filter(pk=key, state=Delivery.State.QUEUED).update(
        state=Delivery.State.UNKNOWN, attempts=F("attempts") + 1, attempted_at=machine, next_try_at=None, error=""
    )
    if not mine:
        # Another worker has it.
        return True
    delivery = Delivery.objects.select_related("message", "bot").get(pk=key)
    outcome = _attempt(delivery)
    changes: dict[str, Any] = {"error": outcome.reason[:300]}
    if outcome.state == "sent":
        changes |= {"state": Delivery.State.SENT, "settled_at": now}
    elif outcome.state == "unreached" and delivery.attempts <= len(RETRIES):
        changes |= {"state": Delivery.State.QUEUED, "next_try_at": machine + RETRIES[delivery.attempts - 1]}
    elif outcome.state in ("refused", "unreached"):
        changes |= {"state": Delivery.State.FAILED}
    # Only this attempt: a person may have sent again while it hung.
    Delivery.objects.filter(pk=key, state=Delivery.State.UNKNOWN, attempted_at=machine).update(**changes)
    return True


def _attempt(delivery: Delivery) -> sending.Outcome:
    message = delivery.message
    try:
        if delivery.channel == Channel.EMAIL:
            return sending.to_email(
                address=delivery.target, title=message.title, text=message.text, key=str(delivery.pk)
            )
        if delivery.channel == Channel.SMS:
            return sending.to_sms(number=delivery.target, text=message.text, key=str(delivery.pk))
        if delivery.bot is None or not delivery.bot.is_on:
            return sending.Outcome("refused", "这个群机器人已停用")
        return sending.to_robot(url=delivery.bot.url, text=message.bot_text)
    except Exception as error:
        # One bad delivery must not stop the others. What it did before it broke, nobody knows.
        return sending.Outcome("unknown", f"发送时出错（{type(error).__name__}）")


@transaction.atomic
def send_again(*, delivery: Delivery, by: Actor, machine: datetime, now: datetime) -> None:
    """A person decides to send once more what did not arrive, or of which nobody knows.

    Raises:
        Refused: ``messages.not_yours``. Conflict: ``messages.not_failed`` it arrived, is under way, or waits already.
    """
    _may_send(by)
    before = delivery.state
    stuck = Q(state=Delivery.State.FAILED) | (_cut_off(machine) & Q(state=Delivery.State.UNKNOWN))
    again = Delivery.objects.filter(stuck, pk=delivery.pk).update(
        state=Delivery.State.QUEUED, attempts=0, next_try_at=None, error=""
    )
    if not again:
        raise Conflict("这一条已送达、正在发送或已在等待，不用再发。", code="messages.not_failed")
    audit.record(
        action="message.sent_again",
        subject=delivery.message,
        summary=f"重新发送：{delivery.message.title}",
        by=by,
        now=now,
        delivery=str(delivery.pk),
        was=before,
    )


@transaction.atomic
def say_arrived(*, delivery: Delivery, by: Actor, machine: datetime, now: datetime) -> None:
    """A person has asked and knows: it did arrive.

    Raises:
        Refused: ``messages.not_yours``. Conflict: ``messages.not_unknown``.
    """
    _may_send(by)
    settled = Delivery.objects.filter(_cut_off(machine), pk=delivery.pk, state=Delivery.State.UNKNOWN).update(
        state=Delivery.State.SENT, settled_at=now
    )
    if not settled:
        raise Conflict("这一条的结果已经清楚。", code="messages.not_unknown")
    audit.record(
        action="message.arrived",
        subject=delivery.message,
        summary=f"确认已收到：{delivery.message.title}",
        by=by,
        now=now,
        delivery=str(delivery.pk),
    )


def _cut_off(machine: datetime) -> Q:
    """An attempt whose answer will not come any more."""
    return ~Q(error="") | Q(attempted_at__lt=machine - UNDER_WAY)


# Coming in


def read(*, recipient: Recipient, by: Actor, now: datetime) -> None:
    """Note that the actor has opened a message of theirs. The first time counts; no audit event: the row is the note."""
    if by.person is not None:
        Reading.objects.get_or_create(recipient=recipient, person_id=by.person, defaults={"read_at": now})


# Ways out


@transaction.atomic
def keep_bot(*, name: str, url: str, by: Actor, now: datetime) -> Bot:
    """Enter a robot, or give the one of that name a new address. It goes on or off with ``switch_bot``.

    Raises:
        Refused: ``messages.not_yours``; ``messages.bot_name``; ``messages.bot_url`` the address is none of WeCom's, DingTalk's
            or Feishu's.
    """
    if not by.can("system.manage"):
        raise Refused("渠道由系统管理员设置。", code="messages.not_yours")
    if not name.strip():
        raise Refused("请填写群名。", code="messages.bot_name", field="name")
    found = sending.robot(url)
    if found is None:
        raise Refused(
            "这不是企业微信、钉钉或飞书群机器人的地址。请从群设置里复制。", code="messages.bot_url", field="url"
        )
    kind, _ = found
    bot = Bot.objects.filter(county=by.county, name=name.strip()).first()
    if bot is None:
        bot = Bot(county=by.county, name=name.strip(), kind=kind, url=url.strip())
        bot.save(force_insert=True)
    else:
        Bot.objects.filter(pk=bot.pk).update(kind=kind, is_on=True, **fields.closed(Bot, "url", bot.pk, url.strip()))
        bot.refresh_from_db()
    audit.record(action="bot.kept", subject=bot, summary=f"登记群机器人：{bot.name}", by=by, now=now, kind=kind)
    return bot


@transaction.atomic
def switch_bot(*, bot: Bot, is_on: bool, by: Actor, now: datetime) -> None:
    """Let a robot speak, or silence it: what is still queued for it then fails visibly.

    Raises:
        Refused: ``messages.not_yours``.
    """
    if not by.can("system.manage"):
        raise Refused("渠道由系统管理员设置。", code="messages.not_yours")
    Bot.objects.filter(pk=bot.pk).update(is_on=is_on)
    verb = "启用" if is_on else "停用"
    audit.record(action="bot.switched", subject=bot, summary=f"{verb}群机器人：{bot.name}", by=by, now=now, is_on=is_on)


@transaction.atomic
def set_kind(*, kind: str, is_automatic: bool, channels: Collection[str], by: Actor, now: datetime) -> KindSetting:
    """Say how messages of a kind go out in the county.

    Raises:
        Refused: ``messages.not_yours``; ``messages.channel`` a way that is not open.
    """
    _may_send(by)
    if set(channels) - {code for code, _ in queries.channels(by.county)}:
        raise Refused("所选渠道没有开通。", code="messages.channel", field="channels")
    setting, _ = KindSetting.objects.update_or_create(
        county=by.county, kind=kind, defaults={"is_automatic": is_automatic, "channels": sorted(channels)}
    )
    audit.record(
        action="kind.set",
        subject=setting,
        summary=f"发送设置：{kind}{'，自动发送' if is_automatic else '，由人发送'}",
        by=by,
        now=now,
        kind=kind,
        is_automatic=is_automatic,
        channels=sorted(channels),
    )
    return setting


@transaction.atomic
def keep_contact(*, unit: UUID, kind: str, address: str, by: Actor, now: datetime) -> None:
    """Keep a unit's e-mail address or mobile number; an empty one takes it away.

    Raises:
        Refused: ``messages.not_yours``, ``messages.stranger``, ``messages.address``.
    """
    _may_send(by)
    names = places.unit_names(by, {unit})
    if unit not in names:
        raise Refused("单位不在本县。", code="messages.stranger", field="unit")
    address = address.strip()
    if address and not _ADDRESS[Contact.Kind(kind)].fullmatch(address):
        raise Refused(f"{Contact.Kind(kind).label}不对，请核对。", code="messages.address", field="address")
    if address:
        Contact.objects.update_or_create(unit_id=unit, kind=kind, defaults={"county": by.county, "address": address})
    else:
        Contact.objects.filter(unit_id=unit, kind=kind).delete()
    audit.record(
        action="contact.kept",
        subject=("places.unit", str(unit)),
        summary=f"{'登记' if address else '删去'}{Contact.Kind(kind).label}：{names[unit]}",
        by=by,
        now=now,
    )

"""What the worker does with what was sent, and what a person decides about what did not arrive."""

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F, Q

from dudao.audit import services as audit
from dudao.messages import queries, sending
from dudao.messages.models import UNDER_WAY, Channel, Delivery
from dudao.messages.services import may_send
from dudao.shell.acts import Actor
from dudao.shell.clock import day_of
from dudao.shell.errors import Conflict

# After how long a delivery that surely did not leave is tried again; after the last one it is 未送达.
RETRIES = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=30), timedelta(hours=2))


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
    delivery = Delivery.objects.select_related("message", "bot", "recipient").get(pk=key)
    outcome = _attempt(delivery, now=now)
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


def _attempt(delivery: Delivery, *, now: datetime) -> sending.Outcome:
    message = delivery.message
    try:
        if delivery.channel == Channel.IN_APP and delivery.recipient is not None:
            # It lies in the inbox already; the question is whether somebody can open it by now.
            able = queries.reached(message.county, [delivery.recipient], day=day_of(now))
            return sending.Outcome("sent") if able else sending.Outcome("refused", queries.NOBODY)
        if delivery.channel == Channel.EMAIL:
            return sending.to_email(
                address=delivery.target, title=message.title, text=message.said, key=str(delivery.pk)
            )
        if delivery.channel == Channel.SMS:
            return sending.to_sms(number=delivery.target, text=message.said, key=str(delivery.pk))
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
    may_send(by)
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
    may_send(by)
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

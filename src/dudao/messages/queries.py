"""Reading messages: what waits to be sent, what went out, what came in."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from dudao.accounts import queries as accounts
from dudao.messages import kinds, sending
from dudao.messages.models import Bot, Channel, Contact, Delivery, KindSetting, Message, Reading, Recipient
from dudao.shell.acts import Actor

# Why something in the inbox did not arrive.
NOBODY = "没有能登录的人"


def reached(county: str, recipients: Iterable[Recipient], *, day: date) -> set[UUID | None]:
    """Keys of the units and people of a message who can open their inbox; a constant number of queries."""
    rows = list(recipients)
    units, persons = [r.unit_id for r in rows if r.unit_id], [r.person_id for r in rows if r.person_id]
    return {*accounts.reached(county=county, units=units, persons=persons, day=day)}


def messages_visible_to(actor: Actor) -> QuerySet[Message]:
    """The messages of the county, for those who send them; latest first."""
    messages = Message.objects.filter(county=actor.county)
    return messages if actor.can("message.send") else messages.none()


def prepared(actor: Actor) -> QuerySet[Message]:
    """What is ready and waits for somebody to send it, with ``count`` of recipients."""
    waiting = messages_visible_to(actor).filter(state=Message.State.PREPARED)
    return waiting.annotate(count=Count("recipients")).order_by("-prepared_at", "-pk")


def sent(actor: Actor) -> QuerySet[Message]:
    """What went out or was dropped, with counts: ``count`` recipients, ``answered``, ``failed``, ``unknown``."""
    ended = messages_visible_to(actor).exclude(state=Message.State.PREPARED)
    return ended.annotate(
        count=Count("recipients", distinct=True),
        answered=Count("recipients", filter=Q(recipients__answered_at__isnull=False), distinct=True),
        failed=Count("deliveries", filter=Q(deliveries__state="failed"), distinct=True),
        unknown=Count("deliveries", filter=Q(deliveries__state="unknown"), distinct=True),
    )


@dataclass(frozen=True, slots=True)
class Whole:
    """One message with everything that became of it."""

    message: Message
    kind_label: str
    recipients: list[Recipient]
    to_groups: list[Delivery]
    waiting: int
    # Those who cannot open their inbox: before sending as it would be, afterwards as it was.
    nobody: int

    @property
    def count(self) -> int:
        return len(self.recipients)


def whole(actor: Actor, key: UUID, *, day: date) -> Whole | None:
    """A message for its senders: recipients with ``was_read`` and their deliveries; a constant number of queries."""
    message = messages_visible_to(actor).filter(pk=key).first()
    if message is None:
        return None
    recipients = list(recipients_of(message).prefetch_related("deliveries"))
    groups = list(message.deliveries.filter(channel=Channel.BOT).select_related("bot"))
    waiting = sum(1 for r in recipients if r.answered_at is None)
    if message.state == Message.State.PREPARED:
        able = reached(message.county, recipients, day=day)
        nobody = sum(1 for r in recipients if r.target not in able)
    else:
        ways = (way for r in recipients for way in r.deliveries.all())
        nobody = sum(1 for way in ways if way.channel == Channel.IN_APP and way.state == Delivery.State.FAILED)
    return Whole(message, kinds.label_of(message.kind), recipients, groups, waiting, nobody)


def recipients_of(message: Message) -> QuerySet[Recipient]:
    """Whom a message is for, in the order of their names, with ``was_read``."""
    read = Reading.objects.filter(recipient=OuterRef("pk"))
    return message.recipients.annotate(was_read=Exists(read)).order_by("sort_key", "pk")


def deliveries_visible_to(actor: Actor) -> QuerySet[Delivery]:
    """Deliveries of the messages that the actor may send."""
    return Delivery.objects.filter(message__in=messages_visible_to(actor))


def undelivered(actor: Actor) -> QuerySet[Delivery]:
    """What did not arrive, or of which nobody knows; latest first."""
    return (
        deliveries_visible_to(actor)
        .filter(state__in=[Delivery.State.FAILED, Delivery.State.UNKNOWN])
        .select_related("message", "recipient", "bot")
        .order_by("-attempted_at", "-pk")
    )


def waiting_about(county: str, kind: str, subject_type: str) -> dict[str, Message]:
    """What a rule has made ready and nobody has sent yet, by the subject's key; for the rule itself."""
    rows = Message.objects.filter(county=county, kind=kind, subject_type=subject_type, state=Message.State.PREPARED)
    return {message.subject_key: message for message in rows.order_by("prepared_at", "pk")}


def unanswered_about(county: str, kind: str, subject_type: str) -> set[str]:
    """The subjects of a rule's messages, ready or sent, that somebody has not answered; for the rule itself."""
    states = (Message.State.PREPARED, Message.State.SENT)
    rows = Message.objects.filter(county=county, kind=kind, subject_type=subject_type, state__in=states)
    open_ = rows.filter(recipients__answered_at__isnull=True)
    return set(open_.order_by().values_list("subject_key", flat=True).distinct())


def states_of(actor: Actor, keys: Iterable[UUID]) -> dict[UUID, Message]:
    """Some messages by key, for those who send."""
    return messages_visible_to(actor).in_bulk(list(keys))


# Coming in


def inbox(actor: Actor) -> QuerySet[Recipient]:
    """What was sent to the actor or to the unit of the actor's hat, with ``is_read``; latest first."""
    mine = Q(person=actor.person) if actor.person else Q(pk=None)
    if actor.unit:
        mine |= Q(unit=actor.unit)
    read = Reading.objects.filter(recipient=OuterRef("pk"), person=actor.person)
    return (
        Recipient.objects.filter(mine, message__state=Message.State.SENT, message__county=actor.county)
        .select_related("message")
        .annotate(is_read=Exists(read))
        .order_by("-message__ended_at", "-pk")
    )


def unread(actor: Actor) -> int:
    """How many messages the actor has not opened; for the bell."""
    return inbox(actor).exclude(readings__person=actor.person).count() if actor.person else 0


# Ways out


def bots_visible_to(actor: Actor) -> QuerySet[Bot]:
    """Robots of the county, for those who keep the system and those who send."""
    bots = Bot.objects.filter(county=actor.county)
    return bots if actor.can("system.manage") or actor.can("message.send") else bots.none()


def contacts_visible_to(actor: Actor) -> QuerySet[Contact]:
    """Addresses and numbers of the county, for those who send."""
    contacts = Contact.objects.filter(county=actor.county)
    return contacts if actor.can("message.send") else contacts.none()


def channels(county: str) -> list[tuple[str, str]]:
    """The ways out that stand open now besides the inbox: (code, label)."""
    ways = []
    if sending.email_is_on():
        ways.append((Channel.EMAIL.value, Channel.EMAIL.label))
    if sending.sms_is_on():
        ways.append((Channel.SMS.value, Channel.SMS.label))
    bots = Bot.objects.filter(county=county, is_on=True)
    return ways + [(f"bot:{bot.pk}", f"{bot.get_kind_display()}群：{bot.name}") for bot in bots]


def setting_of(county: str, kind: str) -> KindSetting:
    """How a kind goes out; by itself never, and through the inbox alone, until somebody says otherwise."""
    found = KindSetting.objects.filter(county=county, kind=kind).first()
    return found or KindSetting(county=county, kind=kind)


def settings_of(county: str) -> list[tuple[str, str, KindSetting]]:
    """Every kind with its label and how it goes out; one statement."""
    kept = {setting.kind: setting for setting in KindSetting.objects.filter(county=county)}
    return [
        (code, label, kept.get(code) or KindSetting(county=county, kind=code)) for code, label in kinds.kinds().items()
    ]


def due_deliveries(*, machine: datetime) -> QuerySet[Delivery]:
    """What is to be sent now, of every county; for the worker."""
    at_once_or_due = Q(next_try_at__isnull=True) | Q(next_try_at__lte=machine)
    return Delivery.objects.filter(at_once_or_due, state=Delivery.State.QUEUED).order_by("pk")

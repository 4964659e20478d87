"""The ways out: robots, addresses of units, and which kind of message takes which way."""

import re
from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from django.db import transaction

from dudao.audit import services as audit
from dudao.messages import kinds, queries, sending
from dudao.messages.models import Bot, Contact, KindSetting
from dudao.messages.services import may_send
from dudao.places import queries as places
from dudao.shell import fields
from dudao.shell.acts import Actor
from dudao.shell.clock import day_of
from dudao.shell.errors import Refused

_ADDRESS = {
    Contact.Kind.EMAIL: re.compile(r"[^@\s<>,;]+@[\w-]+(\.[\w-]+)+"),
    Contact.Kind.SMS: re.compile(r"1[3-9]\d{9}"),
}


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
    may_send(by)
    if set(channels) - {code for code, _ in queries.channels(by.county)}:
        raise Refused("所选渠道没有开通。", code="messages.channel", field="channels")
    setting, _ = KindSetting.objects.update_or_create(
        county=by.county, kind=kind, defaults={"is_automatic": is_automatic, "channels": sorted(channels)}
    )
    audit.record(
        action="kind.set",
        subject=setting,
        summary=f"发送设置：{kinds.label_of(kind)}{'，自动发送' if is_automatic else '，由人发送'}",
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
    may_send(by)
    names = places.unit_names(by, {unit}, as_of=day_of(now))
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

"""Calendars that people subscribe to: the address is the key, and it can be taken back."""

import hashlib
import secrets
from datetime import datetime

from django.db import IntegrityError, transaction

from dudao.audit import services as audit
from dudao.plan.models import Feed
from dudao.shell.acts import Actor
from dudao.shell.errors import Refused


def digest_of(token: str) -> str:
    """What is kept of a token. It is 256 random bits, so that a plain digest cannot be tried out."""
    return hashlib.sha256(token.encode()).hexdigest()


@transaction.atomic
def make_feed(*, by: Actor, now: datetime) -> tuple[Feed, str]:
    """Give the hat a calendar address. An earlier one of the same hat stops working.

    Returns:
        The feed, and the token of its address, which is told this once.

    Raises:
        Refused: ``plan.no_hat`` (nobody acts, or in no post), ``plan.feed_race`` (made twice at the same time).
    """
    if by.user is None or by.hat is None:
        raise Refused("没有任职身份，不能开通日历订阅。", code="plan.no_hat")
    for old in Feed.objects.filter(user=by.user, hat=by.hat, revoked_at__isnull=True):
        revoke_feed(feed=old, by=by, now=now)
    token = secrets.token_urlsafe(32)
    feed = Feed(
        county=by.county,
        user_id=by.user,
        hat=by.hat,
        hat_label=by.hat_label[:200],
        digest=digest_of(token),
        made_at=now,
    )
    try:
        with transaction.atomic():
            feed.save(force_insert=True)
    except IntegrityError as twice:
        raise Refused("刚刚已经开通了一个地址，请刷新后再看。", code="plan.feed_race") from twice
    audit.record(action="feed.made", subject=feed, summary=f"开通日历订阅（{by.hat_label}）"[:200], by=by, now=now)
    return feed, token


@transaction.atomic
def revoke_feed(*, feed: Feed, by: Actor, now: datetime) -> None:
    """Stop an address at once. One that has been stopped stays as it is.

    Raises:
        Refused: ``plan.not_allowed``, it is somebody else's.
    """
    if feed.user_id != by.user:
        raise Refused("只能停用自己的订阅。", code="plan.not_allowed")
    if Feed.objects.filter(pk=feed.pk, revoked_at__isnull=True).update(revoked_at=now):
        audit.record(
            action="feed.revoked", subject=feed, summary=f"停用日历订阅（{feed.hat_label}）"[:200], by=by, now=now
        )

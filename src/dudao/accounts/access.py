"""Getting in: accounts, one-time codes on paper, wrong answers, sessions, the second factor.

Time-outs and locks run on the machine's clock (``machine``), which a stepped demo day does not move; the audit tells
the office's day (``now``).
"""

import secrets
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pyotp
from django.conf import settings
from django.contrib.auth.hashers import check_password, make_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F, Q
from django.utils.crypto import constant_time_compare, salted_hmac
from pypinyin import lazy_pinyin

from dudao.accounts import queries
from dudao.accounts.models import Attempts, OneTimeCode, Person, RecoveryCode, SecondFactor, SignIn, User
from dudao.audit import services as audit
from dudao.shell.acts import Actor, system
from dudao.shell.clock import day_of
from dudao.shell.errors import Conflict, Refused

WRONG_IN_A_ROW = 5
WRONG_FROM_ADDRESS = 50
LOCK = timedelta(minutes=30)
IDLE = timedelta(minutes=settings.SESSION_IDLE_MINUTES)
LONGEST = timedelta(hours=12)
# A row is written at most this often for a session in use.
SEEN_EVERY = timedelta(minutes=1)
FIRST_CODE_DAYS = 14
RESET_CODE_DAYS = 1
RECOVERY_CODES = 10
STEP_SECONDS = 30
# No 0 O 1 I L U V: read aloud and copied from paper. 29 letters, 12 of them: 58 bits.
# Django's validators, in our words: its own translation lags behind.
_WEAK = {
    "password_too_short": "密码至少 10 位。",
    "password_too_similar": "密码与账号太相似。",
    "password_too_common": "这个密码太常见。",
    "password_entirely_numeric": "密码不能全是数字。",
}
# Checked in place of the password of an account that does not exist: as much work, never right.
_NO_PASSWORD = make_password(None)
ALPHABET = "23456789ABCDEFGHJKMNPQRSTWXYZ"


def _digest(purpose: str, *parts: object) -> str:
    return salted_hmac(f"dudao.accounts.{purpose}", "|".join(map(str, parts)), algorithm="sha256").hexdigest()


def _one_form(text: str) -> str:
    """A code as typed: blanks, dashes, full-width and small letters do not matter."""
    folded = unicodedata.normalize("NFKC", text).upper()
    return "".join(letter for letter in folded if letter.isalnum())


def _new_code(letters: int = 12) -> str:
    return "".join(secrets.choice(ALPHABET) for _ in range(letters))


def in_fours(code: str) -> str:
    """A code as printed: ``ABCD-EFGH-JKMN``."""
    return "-".join(code[i : i + 4] for i in range(0, len(code), 4))


# Accounts and codes on paper


@dataclass(frozen=True, slots=True)
class Slip:
    """What is printed for one person, once: afterwards nobody can read the code again."""

    user: User
    code: str
    expires_at: datetime


@transaction.atomic
def open_accounts(*, people: Sequence[Person], by: Actor, now: datetime) -> list[Slip]:
    """Open an account for each person that has none, with a one-time code to be printed.

    Raises:
        Refused: ``accounts.not_yours``.
    """
    _may_issue(by, people, now=now)
    slips = []
    have = set(User.objects.filter(person__in=people).values_list("person", flat=True))
    for person in people:
        if person.pk in have:
            continue
        user = User(username=_free_name(person.name), person=person, must_change_password=True)
        user.set_unusable_password()
        user.save(force_insert=True)
        audit.record(action="account.opened", subject=user, summary=f"开通账号：{person.name}", by=by, now=now)
        slips.append(_issue(user, days=FIRST_CODE_DAYS, by=by, now=now))
    return slips


@transaction.atomic
def issue_code(*, user: User, by: Actor, now: datetime, days: int = RESET_CODE_DAYS) -> Slip:
    """Give a person who forgot the password (or lost the first slip) a code on paper or by phone.

    The old password no longer works and every session ends.

    Raises:
        Refused: ``accounts.not_yours``, ``accounts.own``, ``accounts.disabled``.
    """
    _may_issue(by, [user.person], now=now)
    if not user.is_active:
        raise Refused("账号已停用，请先启用。", code="accounts.disabled")
    user.set_unusable_password()
    user.must_change_password = True
    user.save(update_fields=["password", "must_change_password"])
    _end_all(user, reason="重置密码", now=now)
    return _issue(user, days=days, by=by, now=now)


def _may_issue(by: Actor, people: Iterable[Person], *, now: datetime) -> None:
    """Who holds a code holds the account: administrators' codes come from the system administrator only, nobody's own."""
    if not (by.can("accounts.manage") or by.can("people.manage") or by.person is None):
        raise Refused("账号由系统管理员或督导室办理。", code="accounts.not_yours")
    for person in people:
        if person.county != by.county:
            raise Refused("人员不在本县。", code="accounts.county")
        if by.person == person.pk:
            raise Refused("不能给自己发码；修改密码请到“我的账号”。", code="accounts.own")
        if by.person and not by.can("accounts.manage") and queries.is_admin(person, day=day_of(now)):
            raise Refused("管理员的账号由系统管理员办理。", code="accounts.not_yours")


def _issue(user: User, *, days: int, by: Actor, now: datetime) -> Slip:
    code = _new_code()
    OneTimeCode.objects.filter(user=user, spent_at__isnull=True).update(spent_at=now)
    row = OneTimeCode.objects.create(
        user=user,
        digest=_digest("code", user.pk, code),
        made_by=by.person,
        made_at=now,
        expires_at=now + timedelta(days=days),
    )
    audit.record(
        action="account.code_issued",
        subject=user,
        summary=f"发放一次性码：{user.person.name}",
        by=by,
        now=now,
        expires_at=row.expires_at.isoformat(),
    )
    return Slip(user, in_fours(code), row.expires_at)


def _free_name(name: str) -> str:
    """Pinyin of the name without what stands in brackets, with a number where it is taken."""
    base = (
        "".join(c for c in "".join(lazy_pinyin(name.split("（")[0])).lower() if c.isascii() and c.isalnum())[:30]
        or "user"
    )
    taken = set(User.objects.filter(username__startswith=base).values_list("username", flat=True))
    if base not in taken:
        return base
    return next(f"{base}{n}" for n in range(2, len(taken) + 3) if f"{base}{n}" not in taken)


@transaction.atomic
def disable(*, user: User, reason: str, by: Actor, now: datetime) -> None:
    """The account no longer opens anything, from now. Raises: ``accounts.own``, ``accounts.reason``, ``accounts.state``."""
    if by.user == user.pk:
        raise Refused("不能停用自己的账号。", code="accounts.own")
    if not reason.strip():
        raise Refused("请写明原因。", code="accounts.reason", field="reason")
    if not User.objects.filter(pk=user.pk, is_active=True).update(is_active=False):
        raise Conflict("账号已经停用。", code="accounts.state")
    _end_all(user, reason="账号停用", now=now)
    audit.record(
        action="account.disabled",
        subject=user,
        summary=f"停用账号：{user.person.name}",
        by=by,
        now=now,
        reason=reason.strip(),
    )


@transaction.atomic
def enable(*, user: User, by: Actor, now: datetime) -> None:
    """The account opens again. Raises: ``accounts.own``, ``accounts.state``."""
    if by.user == user.pk:
        raise Refused("不能启用自己的账号。", code="accounts.own")
    if not User.objects.filter(pk=user.pk, is_active=False).update(is_active=True):
        raise Conflict("账号已经启用。", code="accounts.state")
    audit.record(action="account.enabled", subject=user, summary=f"启用账号：{user.person.name}", by=by, now=now)


@transaction.atomic
def set_password(*, user: User, password: str, by: Actor, now: datetime, keep: Any = None) -> None:
    """Set one's own new password; the code on paper is spent and other sessions end.

    Args:
        keep: key of the sign-in to go on with.

    Raises:
        Refused: ``accounts.password``, it is too weak or the old one.
    """
    if user.has_usable_password() and check_password(password, user.password):
        raise Refused("新密码不能与原密码相同。", code="accounts.password", field="password")
    try:
        validate_password(password, user)
    except ValidationError as error:
        said = "".join(_WEAK.get(str(fault.code), "密码不合要求。") for fault in error.error_list)
        raise Refused(said, code="accounts.password", field="password") from None
    user.set_password(password)
    user.must_change_password = False
    user.save(update_fields=["password", "must_change_password"])
    OneTimeCode.objects.filter(user=user, spent_at__isnull=True).update(spent_at=now)
    _end_all(user, reason="修改密码", now=now, keep=keep)
    audit.record(action="account.password_set", subject=user, summary="设置密码", by=by, now=now)


# Wrong answers


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether the answer was right; if not, what to say. ``user`` only when right."""

    user: User | None
    message: str = ""


def check_sign_in(*, username: str, secret: str, address: str, now: datetime, machine: datetime) -> Verdict:
    """Judge an account and its password or one-time code.

    An attempt is counted before it is judged, so that many at once are no way around the limit; a name that does not
    exist counts and answers as one that does, after the same work.

    Args:
        secret: the password, or the code from the slip.
        now: for the audit; machine: for limits and expiry.
    """
    name = username.strip().lower()
    key, place = _attempts_key(name), _digest("attempts", "address", address)
    if Attempts.objects.filter(key=place, locked_until__gt=machine).exists():
        return Verdict(None, "这个网络地址输错次数过多，请 30 分钟后再试。")
    user = User.objects.filter(username=name).select_related("person").first()
    count = _count(key, machine=machine)
    # The same work whether the account exists, has a password, or only a code.
    by_password = check_password(secret, user.password if user else _NO_PASSWORD)
    by_code = _code_fits(user, secret, now=now)
    if count and (by_password or by_code) and user and _may_enter(user):
        Attempts.objects.filter(Q(key=key) | Q(last_at__lt=machine - timedelta(days=1))).delete()
        return Verdict(user)
    return Verdict(None, _wrong(count, key=key, user=user, address=address, now=now, machine=machine))


def _may_enter(user: User) -> bool:
    return user.is_active and not (user.is_demo and settings.MODE == "production")


def _code_fits(user: User | None, secret: str, *, now: datetime) -> bool:
    code = OneTimeCode.objects.filter(user=user, spent_at__isnull=True, expires_at__gt=now).first() if user else None
    typed = _digest("code", user.pk if user else "", _one_form(secret))
    return constant_time_compare(code.digest if code else "", typed)


def _attempts_key(username: str) -> str:
    return _digest("attempts", "account", username)


def _second_key(user: User) -> str:
    return _digest("attempts", "second", user.pk)


@transaction.atomic
def _count(key: str, *, machine: datetime) -> int:
    """Count an attempt; which of five in a row it is, 0 when locked. The fifth locks, and a right answer lifts that."""
    Attempts.objects.get_or_create(key=key, defaults={"last_at": machine})
    free = Attempts.objects.filter(Q(locked_until__isnull=True) | Q(locked_until__lte=machine), key=key)
    # Each UPDATE states what it found. On PostgreSQL another attempt can come between the two; then look once more.
    for _ in range(2):
        if free.filter(wrong=WRONG_IN_A_ROW - 1).update(wrong=0, last_at=machine, locked_until=machine + LOCK):
            return WRONG_IN_A_ROW
        if free.filter(wrong__lt=WRONG_IN_A_ROW - 1).update(wrong=F("wrong") + 1, last_at=machine, locked_until=None):
            return Attempts.objects.values_list("wrong", flat=True).get(key=key)
    return 0


@transaction.atomic
def _wrong(count: int, *, key: str, user: User | None, address: str, now: datetime, machine: datetime) -> str:
    """Count for the address too, leave the event, and say what the person is told."""
    place = _digest("attempts", "address", address)
    row, _ = Attempts.objects.get_or_create(key=place, defaults={"last_at": machine})
    wrong = 1 if machine - row.last_at > LOCK else row.wrong + 1
    locked = machine + LOCK if wrong >= WRONG_FROM_ADDRESS else None
    Attempts.objects.filter(pk=row.pk).update(wrong=0 if locked else wrong, last_at=machine, locked_until=locked)
    subject = user or Attempts.objects.get(key=key)
    by = system(user.person.county if user else settings.COUNTY)
    about = f"{user.person.name}的账号" if user else "不存在的账号"
    audit.record(
        action="signin.failed",
        subject=subject,
        summary=f"登录失败：{about}",
        by=by,
        now=now,
        address=address,
        count=count,
    )
    if count == WRONG_IN_A_ROW:
        audit.record(
            action="account.locked", subject=subject, summary=f"锁定 30 分钟：{about}", by=by, now=now, address=address
        )
    if count in (0, WRONG_IN_A_ROW):
        return "连续输错 5 次，已锁定 30 分钟。到时再试，或请安全管理员解锁。"
    return f"账号或密码不对。再错 {WRONG_IN_A_ROW - count} 次将锁定 30 分钟。"


def locked_until(user: User, *, machine: datetime) -> datetime | None:
    """Until when the account, or its second factor, is locked."""
    keys = [_attempts_key(user.username), _second_key(user)]
    rows = Attempts.objects.filter(key__in=keys, locked_until__gt=machine).order_by("-locked_until")
    return rows.values_list("locked_until", flat=True).first()


@transaction.atomic
def unlock(*, user: User, by: Actor, now: datetime) -> None:
    """Lift the lock before its time. Raises: ``accounts.not_yours``, ``accounts.own``, ``accounts.state``."""
    if not by.can("accounts.unlock"):
        raise Refused("解锁由安全管理员办理。", code="accounts.not_yours")
    if by.user == user.pk:
        raise Refused("不能给自己解锁。", code="accounts.own")
    keys = [_attempts_key(user.username), _second_key(user)]
    if not Attempts.objects.filter(key__in=keys).delete()[0]:
        raise Conflict("账号没有锁定。", code="accounts.state")
    audit.record(action="account.unlocked", subject=user, summary=f"解锁：{user.person.name}", by=by, now=now)


# Sessions


@transaction.atomic
def open_session(
    *, user: User, device: str, address: str, by: Actor, now: datetime, machine: datetime, way: str
) -> SignIn:
    """Enter a sign-in into the list; every way in ends here.

    Args:
        way: 密码, 一次性码 or 动态口令, for the audit.
    """
    row = SignIn.objects.create(
        user=user, device=device[:200], address=address[:45], started_at=machine, seen_at=machine
    )
    audit.record(action="signin.opened", subject=user, summary=f"登录（{way}）", by=by, now=now, address=address)
    return row


def still_stands(key: str, *, user: User, machine: datetime) -> bool:
    """Whether a session goes on; called on every request: one row read, written at most once a minute."""
    row = SignIn.objects.filter(pk=key, user=user, ended_at__isnull=True).first()
    if row is None:
        return False
    if machine - row.seen_at > IDLE or machine - row.started_at > LONGEST:
        reason = IDLE_END if machine - row.seen_at > IDLE else LONGEST_END
        SignIn.objects.filter(pk=key, ended_at__isnull=True).update(ended_at=machine, end_reason=reason)
        return False
    if machine - row.seen_at > SEEN_EVERY:
        SignIn.objects.filter(pk=key, ended_at__isnull=True).update(seen_at=machine)
    return True


# Why a session ended, as its row says it, in words for the sign-in page.
IDLE_END, LONGEST_END = "长时间未操作", "超过 12 小时"
_WHY = {
    IDLE_END: "长时间没有操作，已自动退出。",
    LONGEST_END: "登录已满 12 小时，已自动退出。",
    "本人退出": "已退出。",
    "在别处退出": "您在另一台设备上退出了这里的登录。若不是您本人，请马上修改密码。",
    "重置密码": "密码已重置，请用新的一次性码登录。",
    "修改密码": "密码在另一台设备上改过，请用新密码登录。",
    "账号停用": "账号已停用，请联系系统管理员。",
}


def why_ended(key: str) -> str:
    """Why a session no longer stands, for who meets the sign-in page."""
    row = SignIn.objects.filter(pk=key).first()
    return _WHY.get(row.end_reason if row else "", "登录已失效。")


@transaction.atomic
def end_session(*, key: str, user: User, reason: str, by: Actor, now: datetime, machine: datetime) -> None:
    """End one of one's own sign-ins, here or on another device; nothing happens when it has ended."""
    if SignIn.objects.filter(pk=key, user=user, ended_at__isnull=True).update(ended_at=machine, end_reason=reason):
        audit.record(action="signin.ended", subject=user, summary=f"退出（{reason}）", by=by, now=now)


def _end_all(user: User, *, reason: str, now: datetime, keep: Any = None) -> None:
    rows = SignIn.objects.filter(user=user, ended_at__isnull=True)
    (rows.exclude(pk=keep) if keep else rows).update(ended_at=now, end_reason=reason)


# The second factor


def has_second_factor(user: User) -> bool:
    return SecondFactor.objects.filter(user=user, confirmed_at__isnull=False).exists()


@transaction.atomic
def begin_second_factor(*, user: User) -> str:
    """A new secret to be read by an app on the phone; it counts only once a code from it was typed.

    Returns:
        The ``otpauth://`` address for the QR code; it holds the secret.

    Raises:
        Refused: ``accounts.state``, a second factor is in use already.
    """
    row, _ = SecondFactor.objects.get_or_create(user=user, defaults={"secret": pyotp.random_base32()})
    if row.confirmed_at:
        raise Conflict("动态口令已经启用。", code="accounts.state")
    return pyotp.TOTP(row.secret).provisioning_uri(name=user.username, issuer_name="督导")


def secret_in(uri: str) -> str:
    """The secret of an ``otpauth://`` address, for typing where a camera cannot read it."""
    return parse_qs(urlsplit(uri).query)["secret"][0]


@transaction.atomic
def confirm_second_factor(*, user: User, code: str, by: Actor, now: datetime, machine: datetime) -> list[str]:
    """Put the second factor into force.

    Returns:
        Ten recovery codes, readable only now.

    Raises:
        Refused: ``accounts.code``, the code does not fit. Conflict: ``accounts.state``.
    """
    row = SecondFactor.objects.filter(user=user, confirmed_at__isnull=True).first()
    if row is None:
        raise Conflict("动态口令已经启用。", code="accounts.state")
    if not _step_fits(row, code, machine=machine):
        raise Refused("口令不对。请看手机上最新的 6 位数字，并核对手机时间。", code="accounts.code", field="code")
    SecondFactor.objects.filter(pk=row.pk).update(confirmed_at=now)
    audit.record(action="second_factor.begun", subject=user, summary="启用动态口令", by=by, now=now)
    return _new_recovery_codes(user)


def _new_recovery_codes(user: User) -> list[str]:
    shown = [_new_code(8) for _ in range(RECOVERY_CODES)]
    RecoveryCode.objects.filter(user=user).delete()
    RecoveryCode.objects.bulk_create(RecoveryCode(user=user, digest=_digest("recovery", user.pk, c)) for c in shown)
    return [in_fours(code) for code in shown]


def _step_fits(row: SecondFactor, code: str, *, machine: datetime) -> bool:
    """The code of this time step or a neighbour; each step counts once, whoever comes first."""
    totp, now = pyotp.TOTP(row.secret), int(machine.timestamp()) // STEP_SECONDS
    typed = _one_form(code)
    for step in (now - 1, now, now + 1):
        if constant_time_compare(totp.at(step * STEP_SECONDS), typed):
            return bool(SecondFactor.objects.filter(pk=row.pk, last_step__lt=step).update(last_step=step))
    return False


def check_second_factor(*, user: User, code: str, address: str, now: datetime, machine: datetime) -> Verdict:
    """Judge the six digits from the phone, or a recovery code; five wrong in a row lock here too."""
    key = _second_key(user)
    count = _count(key, machine=machine)
    row = SecondFactor.objects.get(user=user)
    if count and _may_enter(user):
        digest = _digest("recovery", user.pk, _one_form(code))
        right = _step_fits(row, code, machine=machine) or bool(
            RecoveryCode.objects.filter(user=user, digest=digest, spent_at__isnull=True).update(spent_at=now)
        )
        if right:
            Attempts.objects.filter(key=key).delete()
            return Verdict(user)
    message = _wrong(count, key=key, user=user, address=address, now=now, machine=machine)
    return Verdict(None, message.replace("账号或密码", "口令"))


@transaction.atomic
def drop_second_factor(*, user: User, by: Actor, now: datetime) -> None:
    """Take the second factor off: one's own (administrators may not), or another's by the security administrator.

    Raises:
        Refused: ``accounts.not_yours``, ``accounts.required``. Conflict: ``accounts.state``.
    """
    if by.user == user.pk:
        if queries.is_admin(user.person, day=day_of(now)):
            raise Refused("管理员必须使用动态口令。换手机请由安全管理员先停用。", code="accounts.required")
    elif not by.can("accounts.unlock"):
        raise Refused("停用他人的动态口令由安全管理员办理。", code="accounts.not_yours")
    if not SecondFactor.objects.filter(user=user).delete()[0]:
        raise Conflict("没有启用动态口令。", code="accounts.state")
    RecoveryCode.objects.filter(user=user).delete()
    audit.record(
        action="second_factor.dropped", subject=user, summary=f"停用动态口令：{user.person.name}", by=by, now=now
    )


@transaction.atomic
def open_demo_account(*, person: Person, username: str, password: str, by: Actor, now: datetime) -> User:
    """Open an account of the demo, with a password that is printed at every start. Only the demo has such accounts.

    Raises:
        Refused: ``accounts.no_demo``.
    """
    if settings.MODE == "production":
        raise Refused("正式运行不能有演示账号。", code="accounts.no_demo")
    user = User(username=username, person=person, is_demo=True)
    user.set_password(password)
    user.save(force_insert=True)
    audit.record(action="account.opened", subject=user, summary=f"开通演示账号：{person.name}", by=by, now=now)
    return user

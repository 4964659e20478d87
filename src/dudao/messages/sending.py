"""The way out of the house: e-mail, robots of group chats, short messages. Used by the worker alone, never in a request.

Each sender says what became of one attempt, and says ``unknown`` wherever the other side may have taken the message without
our hearing of it. That is why robots are posted to from here: apprise knows where each platform listens and signs for it,
but takes an answer "200, errcode 93000" for success and a lost answer for a failure (docs/adr/0034).
"""

import contextlib
import http.client
import json
import re
import smtplib
import ssl
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol
from urllib.parse import urlsplit

from apprise.plugins.dingtalk import NotifyDingTalk
from apprise.plugins.feishu import NotifyFeishu
from apprise.plugins.wecombot import NotifyWeComBot
from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.utils.module_loading import import_string

# Seconds for each step: connecting, sending, the answer.
TIMEOUT = 8

Plugin = NotifyWeComBot | NotifyDingTalk | NotifyFeishu
# The addresses as the platforms show them. A robot of DingTalk that wants signatures has its secret behind.
_KINDS: tuple[tuple[str, type[Plugin], re.Pattern[str]], ...] = (
    (
        "wecom",
        NotifyWeComBot,
        re.compile(r"https://qyapi\.weixin\.qq\.com/cgi-bin/webhook/send\?key=(?P<key>[\w-]+)", re.ASCII),
    ),
    (
        "dingtalk",
        NotifyDingTalk,
        re.compile(
            r"https://oapi\.dingtalk\.com/robot/send\?access_token=(?P<token>[a-zA-Z0-9]+)(?:&secret=(?P<secret>[a-zA-Z0-9]+))?"
        ),
    ),
    (
        "feishu",
        NotifyFeishu,
        re.compile(r"https://open\.feishu\.cn/open-apis/bot/v2/hook/(?P<token>[\w-]+)/?", re.ASCII),
    ),
)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one attempt.

    Attributes:
        state: ``sent``; ``refused`` the other side said no; ``unreached`` it surely never left; ``unknown``.
        reason: why, one Chinese line without addresses.
    """

    state: Literal["sent", "refused", "unreached", "unknown"]
    reason: str = ""


SENT = Outcome("sent")


# Robots


def robot(url: str) -> tuple[str, Plugin] | None:
    """The robot behind an address, with its kind: ``wecom``, ``dingtalk``, ``feishu``. None: an address of none of them."""
    for kind, plugin, shape in _KINDS:
        if found := shape.fullmatch(url.strip()):
            return kind, plugin(**{name: value for name, value in found.groupdict().items() if value})
    return None


def to_robot(*, url: str, text: str) -> Outcome:
    """Post a plain text to a group chat."""
    found = robot(url)
    if found is None:
        return Outcome("refused", "机器人地址不对")
    _, plugin = found
    content = {"msgtype": "text", "text": {"content": text}}
    if isinstance(plugin, NotifyWeComBot):
        address = plugin.api_url
    elif isinstance(plugin, NotifyDingTalk):
        address = plugin.notify_url.format(token=plugin.token)
        if plugin.secret:
            # Quoted already; apprise itself would have it quoted a second time.
            timestamp, signature = plugin.get_signature()  # type: ignore[no-untyped-call]
            address += f"&timestamp={timestamp}&sign={signature}"
    else:
        address = plugin.notify_url.format(token=plugin.token)
        content = {"msg_type": "text", "content": {"text": text}}
    return _post(address, content)


def _post(address: str, content: object) -> Outcome:
    """One HTTP POST, with the line drawn where it matters: before anything left, and after."""
    parts = urlsplit(address)
    connection: http.client.HTTPConnection
    if parts.scheme == "https":
        connection = http.client.HTTPSConnection(parts.netloc, timeout=TIMEOUT, context=ssl.create_default_context())
    else:
        connection = http.client.HTTPConnection(parts.netloc, timeout=TIMEOUT)
    try:
        try:
            connection.connect()
        except OSError as error:
            return Outcome("unreached", f"连不上（{type(error).__name__}）")
        try:
            body = json.dumps(content, ensure_ascii=False).encode()
            where = parts.path + (f"?{parts.query}" if parts.query else "")
            connection.request("POST", where, body, {"Content-Type": "application/json; charset=utf-8"})
            answer = connection.getresponse()
            status, said = answer.status, answer.read(10_000)
        except (OSError, http.client.HTTPException) as error:
            return Outcome("unknown", f"发出后没有收到答复（{type(error).__name__}）")
    finally:
        connection.close()
    return _judge(status, said)


# Too many in a minute: WeCom, DingTalk (two codes), Feishu.
_TOO_FAST = frozenset({45009, 130101, 410100, 11232})


def _judge(status: int, said: bytes) -> Outcome:
    """All three platforms answer 200 and a code of their own; 0 is yes. Too busy (429, 5xx) may be tried again."""
    if status == 429 or status == 503:
        return Outcome("unreached", f"对方忙（{status}）")
    if status >= 500:
        return Outcome("unknown", f"对方出错（{status}）")
    if status != 200:
        return Outcome("refused", f"对方拒收（{status}）")
    try:
        answer = json.loads(said)
        code = answer.get("errcode", answer.get("code", answer.get("StatusCode")))
    except (ValueError, AttributeError):
        return Outcome("unknown", "对方的答复看不懂")
    if code == 0:
        return SENT
    if code in _TOO_FAST:
        return Outcome("unreached", "对方要求慢一些")
    if code is None:
        return Outcome("unknown", "对方的答复看不懂")
    return Outcome("refused", f"对方拒收（代码 {str(code)[:20]}）")


# E-mail


def email_is_on() -> bool:
    return bool(settings.EMAIL_BACKEND)


def to_email(*, address: str, title: str, text: str, key: str) -> Outcome:
    """Send one letter. ``key`` becomes its Message-ID, so that a receiving server can see a double.

    Where the connection cannot be opened nothing has left; a refusal is the server's word; everything else is unknown.
    """
    connection = get_connection(timeout=TIMEOUT)
    try:
        connection.open()
    except (OSError, smtplib.SMTPException) as error:
        return Outcome("unreached", f"邮件服务器连不上（{type(error).__name__}）")
    domain = settings.DEFAULT_FROM_EMAIL.rpartition("@")[2].strip("> ")
    letter = EmailMessage(
        subject=" ".join(title.split()),
        body=text,
        from_email=settings.DEFAULT_FROM_EMAIL,
        to=[address],
        headers={"Message-ID": f"<{key}@{domain}>"},
        connection=connection,
    )
    try:
        letter.send()
    except (smtplib.SMTPRecipientsRefused, smtplib.SMTPSenderRefused, smtplib.SMTPDataError) as error:
        codes = {e[0] for e in error.recipients.values()} if isinstance(error, smtplib.SMTPRecipientsRefused) else None
        code = min(codes) if codes else getattr(error, "smtp_code", 0)
        # 4xx: not now. 5xx: no.
        return Outcome("unreached" if 400 <= code < 500 else "refused", f"邮件服务器拒收（{code}）")
    except (OSError, smtplib.SMTPException) as error:
        return Outcome("unknown", f"发出后没有收到答复（{type(error).__name__}）")
    except (ValueError, UnicodeError):
        return Outcome("refused", "邮箱地址或标题不合规")
    finally:
        # The letter's fate is decided already; saying goodbye is courtesy.
        with contextlib.suppress(OSError, smtplib.SMTPException):
            connection.close()
    return SENT


# Short messages


class SmsGate(Protocol):
    """A provider of short messages. ``settings.SMS_GATE`` names the class; an installation brings its own."""

    def send(self, *, number: str, text: str, key: str) -> Outcome:
        """Send one short message. ``key`` is the same for every attempt of the same message."""
        ...


class FileGate:
    """Stands in for a provider: writes into ``settings.SMS_FILE`` what would have been sent, one JSON line each."""

    def send(self, *, number: str, text: str, key: str) -> Outcome:
        path = Path(settings.SMS_FILE)
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a", encoding="utf-8") as file:
            file.write(json.dumps({"key": key, "number": number, "text": text}, ensure_ascii=False) + "\n")
        return SENT


def sms_is_on() -> bool:
    return bool(settings.SMS_GATE)


def to_sms(*, number: str, text: str, key: str) -> Outcome:
    gate: SmsGate = import_string(settings.SMS_GATE)()
    return gate.send(number=number, text=text, key=key)

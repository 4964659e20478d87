"""What the worker does about messages by itself."""

import time
from datetime import timedelta

from dudao.jobs.registry import Span, every
from dudao.messages import outbox
from dudao.shell import clock

# Seconds of sending in one round, so that a slow mail server does not hold up the duties behind it.
_ROUND = 2.0


@every(timedelta(seconds=5), "messages.deliver", "发出邮件、短信和群消息")
def deliver(span: Span) -> str:
    """Send what waits. Each one is claimed for itself, so that two workers share the work."""
    count, end = 0, time.monotonic() + _ROUND
    while time.monotonic() < end and outbox.deliver_next(now=clock.now(), machine=clock.machine_now()):
        count += 1
    return f"发出 {count} 条" if count else ""

"""What the worker does about the register by itself: it makes reminders ready, people send them."""

from datetime import date, time

from django.urls import reverse

from dudao.inspectors.endings import Ending, endings
from dudao.jobs.registry import Result, Run, daily
from dudao.messages import queries as messages_read
from dudao.messages import services as messages
from dudao.shell.clock import day_of

KIND = "inspectors.ending"
SUBJECT = "inspectors.ending"


@daily(time(7, 15), "inspectors.endings", "备好督学到期提醒")
def remind(run: Run) -> Result:
    """Make a message ready for each certificate and term that ends; each has a key of its own, so that twice makes one. What
    has been renewed or ended since is marked as answered."""
    today, county = day_of(run.now), run.by.county
    found = {f"{one.inspector}:{one.what}:{one.day.isoformat()}": one for one in endings(run.by, today=today)}
    ready = messages_read.waiting_about(county, KIND, SUBJECT)
    with run.step(cursor=today.isoformat()):
        for key, one in found.items():
            title, text = _words(one, today)
            if (old := ready.get(key)) and (old.title, old.text) == (title, text):
                continue
            messages.prepare(
                kind=KIND, title=title, text=text, persons=[one.person], subject=(SUBJECT, key), key=f"{KIND}:{key}",
                link=reverse("inspectors:mine"), by=run.by, now=run.now,
            )  # fmt: skip
        for key in messages_read.unanswered_about(county, KIND, SUBJECT) - set(found):
            messages.mark_answered(subject=(SUBJECT, key), by=run.by, now=run.now)
    return {"到期": len(found), "等待发送": len(set(found) & set(messages_read.waiting_about(county, KIND, SUBJECT)))}


def _words(one: Ending, today: date) -> tuple[str, str]:
    label = "督学证" if one.what == "certificate" else "督学任期"
    want = "请尽早联系督导室办理换证。" if one.what == "certificate" else "督导室将与您联系续聘事宜。"
    if one.is_last:
        want = "按教育督导条例第六条不再续聘，请做好工作交接。"
    when = f"{'将' if one.day >= today else '已'}于{one.day:%Y年%-m月%-d日}到期"
    head = f"【{label}到期提醒】{one.name}：您的{label}{when}。"
    return f"{label}到期提醒：{one.name}", head + want

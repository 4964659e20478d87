"""How a finding stands at a glance: late, soon, whose turn it is. Every page and count asks here."""

from datetime import date, timedelta

from django.db.models import Q

from dudao.findings.models import Finding
from dudao.procedures.models import Clock
from dudao.shell.acts import Actor

#: Due within so many days is soon.
SOON = timedelta(days=7)
#: States in which the unit has to act.
WITH_UNIT = ("rectifying", "not_in_place")

_RESTING = {
    "registered": ("wait", "待告知"), "reported": ("soon", "待复查"), "not_in_place": ("late", "复查不到位"),
    "passed": ("soon", "待销号"), "closed": ("done", "已销号、待回头看"), "archived": ("done", "已归档"),
    "withdrawn": ("none", "已撤销"),
}  # fmt: skip


def days_late(finding: Finding, today: date) -> int:
    """How many days a finding is past its day without a report; 0 where it is not."""
    if finding.state != "rectifying" or finding.due_on is None:
        return 0
    return max(0, (today - finding.due_on).days)


def light(finding: Finding, today: date) -> tuple[str, str]:
    """Tone and words: what is late is late, what is being put right says how long is left."""
    if finding.state != "rectifying":
        return _RESTING.get(finding.state, ("none", finding.state_words))
    if finding.due_on is None:
        return "go", "整改中"
    if late := days_late(finding, today):
        return "late", f"逾期 {late} 天"
    left = (finding.due_on - today).days
    return ("soon" if left <= SOON.days else "go"), (f"还剩 {left} 天" if left else "今天到期")


def late(today: date) -> Q:
    """整改逾期: the day has passed and nothing was reported."""
    return Q(state="rectifying", due_on__lt=today)


def soon(today: date) -> Q:
    """Due from today within ``SOON``."""
    return Q(state="rectifying", due_on__range=(today, today + SOON))


def on_time(today: date) -> Q:
    """Being put right, with time left."""
    return Q(state="rectifying", due_on__gt=today + SOON)


def look_back_due(county: str, today: date) -> Q:
    """Closed, and the day of its 回头看 has come."""
    clocks = Clock.objects.filter(
        county=county, procedure="finding", limit="L_LOOKBACK", stopped_by__isnull=True, due_on__lte=today
    )
    return Q(state="closed", pk__in=clocks.values("subject"))


def provisional(county: str) -> Q:
    """Some running limit has a day that is 暂估."""
    clocks = Clock.objects.filter(county=county, procedure="finding", stopped_by__isnull=True, is_provisional=True)
    return Q(pk__in=clocks.values("subject"))


def mine(actor: Actor, today: date) -> Q | None:
    """Findings whose next act is this hat's; none for hats that have no act of the loop."""
    if actor.sees_county and actor.can("loop.office"):
        return Q(state__in=("registered", "reported", "not_in_place", "passed")) | late(today)
    if actor.can("loop.inspect"):
        return Q(state__in=("registered", "reported", "not_in_place"), unit__in=actor.units - {actor.unit})
    if actor.can("loop.answer") and actor.unit:
        return Q(state__in=WITH_UNIT, unit=actor.unit)
    return None

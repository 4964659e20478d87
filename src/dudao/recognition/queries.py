"""Who sees snapshots and reports, and whether they still stand."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from django.db.models import QuerySet

from dudao.recognition import library, reporting
from dudao.recognition.gathering import Gathered, gather
from dudao.recognition.library import Step
from dudao.recognition.models import Report, Sending, Snapshot, Stage
from dudao.returns import queries as returns
from dudao.returns.models import Campaign
from dudao.shell.acts import Actor

#: Who reads them: the county's office, its leaders, and those who keep indicators.
READS = ("report.manage", "indicator.manage", "indicator.read", "paper.issue")


def _reads(actor: Actor) -> bool:
    return actor.sees_county and any(actor.can(one) for one in READS)


def snapshots_visible_to(actor: Actor) -> QuerySet[Snapshot]:
    rows = Snapshot.objects.filter(county=actor.county)
    return rows if _reads(actor) else rows.none()


def reports_visible_to(actor: Actor) -> QuerySet[Report]:
    rows = Report.objects.filter(county=actor.county).select_related("snapshot", "paper")
    return rows if _reads(actor) else rows.none()


def sendings_visible_to(actor: Actor) -> QuerySet[Sending]:
    return Sending.objects.filter(report__in=reports_visible_to(actor)).select_related("report")


def stages_visible_to(actor: Actor) -> QuerySet[Stage]:
    rows = Stage.objects.filter(county=actor.county)
    return rows if _reads(actor) else rows.none()


def is_newest(actor: Actor, snapshot: Snapshot) -> bool:
    rows = snapshots_visible_to(actor).filter(standard=snapshot.standard, period=snapshot.period)
    return rows.values_list("pk", flat=True).first() == snapshot.pk


#: How the two kinds of what stops a report begin; so many units are called by name.
_CHANGED, _UNLOCKED, _NAMED = "已经变化：", "没有锁定：", 3


@dataclass(frozen=True, slots=True)
class Standing:
    """Whether a snapshot still says what the data say.

    Attributes:
        changes: what is no longer as it was frozen, in words.
        unlocked: returns that are not approved and locked today.
    """

    changes: tuple[str, ...] = ()
    unlocked: tuple[str, ...] = ()

    @property
    def stands(self) -> bool:
        return not self.changes and not self.unlocked

    @property
    def lines(self) -> list[str]:
        """All of it, as it is listed where a report is stopped: what makes the snapshot stale comes first."""
        return [*(f"{_CHANGED}{one}" for one in self.changes), *(f"{_UNLOCKED}{one}" for one in self.unlocked)]


@dataclass(frozen=True, slots=True)
class Stop:
    """What stops a report, by kind: how many places, in words, with each place of what changed, and where it is mended."""

    says: str
    count: int
    lines: tuple[str, ...] = ()
    campaign: UUID | None = None


def stops_by_kind(actor: Actor, snapshot: Snapshot, lines: Sequence[str]) -> list[Stop]:
    """``Standing.lines``, or some of them, by kind: changes first, then the returns that are open, campaign by campaign."""
    changed = tuple(one.removeprefix(_CHANGED) for one in lines if one.startswith(_CHANGED))
    found = [Stop(f"做快照以后有 {len(changed)} 处变化", len(changed), changed)] if changed else []
    rows = returns.campaigns_visible_to(actor).filter(period=snapshot.period).exclude(state=Campaign.State.CANCELLED)
    keys: dict[str, UUID] = dict(rows.values_list("title", "pk"))
    units: dict[str, list[str]] = {}
    for one in lines:
        if one.startswith(_UNLOCKED):
            title, _, unit = one.removeprefix(_UNLOCKED).rpartition("：")
            units.setdefault(title, []).append(unit)
    for title, names in units.items():
        states = Counter(name.rpartition("（")[2].removesuffix("）") for name in names)
        said = "、".join(names) if len(names) <= _NAMED else "、".join(f"{state} {n}" for state, n in states.items())
        found.append(Stop(f"{title}：{len(names)} 张没有锁定（{said}）", len(names), campaign=keys.get(title)))
    return found


def standing(actor: Actor, snapshot: Snapshot, *, today: date) -> Standing:
    """Compare a snapshot with the data, judgements and decisions of today."""
    now = gather(actor, snapshot.standard, snapshot.period, on=today)
    return standing_of(snapshot, now)


def standing_of(snapshot: Snapshot, now: Gathered) -> Standing:
    stale = now.digest != snapshot.basis_sha256
    changes = now.changes(reporting.opened(snapshot.file)) if stale else []
    return Standing(tuple(changes or (["依据变了"] if stale else [])), now.unlocked)


@dataclass(slots=True)
class Subject:
    """A standard and a period with what stands of them."""

    standard: str
    name: str
    period: str
    period_label: str
    snapshot: Snapshot | None = None
    reports: list[Report] = field(default_factory=list)


def subjects(actor: Actor) -> list[Subject]:
    """Every standard that can be reported on, with each period that has its forms or a snapshot, the latest first."""
    periods: dict[str, list[tuple[str, str]]] = {}
    running = returns.campaigns_visible_to(actor).exclude(state__in=("draft", "cancelled"))
    asked = list(running.order_by("-census_on").values_list("form", "period", "period_label"))
    newest: dict[tuple[str, str], Snapshot] = {}
    for row in snapshots_visible_to(actor):
        newest.setdefault((row.standard, row.period), row)
    written: dict[tuple[str, str], list[Report]] = {}
    for report in reports_visible_to(actor):
        written.setdefault((report.snapshot.standard, report.snapshot.period), []).append(report)
    found = []
    for id, standard in library.standards().items():
        periods[id] = list(
            dict.fromkeys(
                [(period, label) for form, period, label in asked if form in standard.forms]
                + [(period, row.period_label) for (of, period), row in newest.items() if of == id]
            )
        )
        seen: set[str] = set()
        for period, label in periods[id]:
            if period not in seen:
                seen.add(period)
                key = (id, period)
                found.append(Subject(id, standard.short_name, period, label, newest.get(key), written.get(key, [])))
    return found


@dataclass(frozen=True, slots=True)
class Taken:
    """A step of the way with what was recorded of it; ``is_next`` where it is the one that comes."""

    step: Step
    rows: list[Stage]
    is_next: bool = False


def way(actor: Actor, standard: str, year: int) -> list[Taken]:
    """The steps of a recognition in a year with what was recorded; the first without a record comes next."""
    rows = list(
        stages_visible_to(actor)
        .filter(standard=standard, year=year)
        .select_related("report")
        .order_by("on", "recorded_at")
    )
    found, waits = [], True
    for step in library.ways()[standard].steps:
        own = [row for row in rows if row.step == step.id]
        is_next = waits and not any(row.struck_at is None for row in own)
        found.append(Taken(step, own, is_next))
        waits = waits and not is_next
    return found


def years(actor: Actor, standard: str, *, today: date) -> list[int]:
    """Years with a record, and this year, the latest first."""
    rows = stages_visible_to(actor).filter(standard=standard).values_list("year", flat=True).distinct()
    return sorted({*rows, today.year}, reverse=True)

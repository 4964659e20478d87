"""Pages of frozen results: what there is, one of them, making one."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from dudao.audit import queries as audit
from dudao.files import queries as files
from dudao.files import services as file_services
from dudao.recognition import library, queries, reporting, services
from dudao.recognition.models import Snapshot
from dudao.shell import clock
from dudao.shell.http import Request, may
from dudao_engines.standards.results import Verdict
from dudao_engines.standards.snapshots import ADOPTED, REPORTED

_TONES = {
    Verdict.PASS.value: "done", Verdict.FAIL.value: "late", Verdict.MISSING.value: "soon",
    Verdict.UNCHECKED.value: "wait",
}  # fmt: skip
_ORDER = (Verdict.PASS, Verdict.FAIL, Verdict.MISSING, Verdict.UNCHECKED)


def found(request: Request, key: UUID) -> Snapshot:
    """The snapshot, if the reader may see it."""
    return get_object_or_404(queries.snapshots_visible_to(request.actor), pk=key)


def tone(verdict: str) -> str:
    return _TONES.get(verdict, "none")


@require_GET
@may(*queries.READS)
def overview(request: Request) -> HttpResponse:
    """Every standard and period: its newest snapshot, its reports, and how far the recognition has come."""
    actor, today = request.actor, clock.today()
    subjects = queries.subjects(actor)
    rows = [
        {
            "subject": one,
            "tone": tone(one.snapshot.adopted) if one.snapshot else "none",
            "kind": next((kind.id for kind in library.kinds().values() if kind.standard == one.standard), ""),
        }
        for one in subjects
    ]
    ways = []
    for standard, whole in library.ways().items():
        year = queries.years(actor, standard, today=today)[0]
        taken = queries.way(actor, standard, year)
        ways.append(
            {
                "standard": standard,
                "name": whole.name,
                "year": year,
                "steps": [one.step.name for one in taken],
                "current": next((at for at, one in enumerate(taken, 1) if one.is_next), len(taken) + 1),
            }
        )
    return render(request, "recognition/overview.html", {"rows": rows, "ways": ways})


@require_POST
@may("report.manage")
def snapshot_make(request: Request, standard: str, period: str) -> HttpResponse:
    """Ask the worker for a snapshot."""
    job = services.ask_snapshot(standard=standard, period=period, by=request.actor, now=clock.now())
    messages.success(request, "正在制作数据快照，办完在这里可以看到。")
    return redirect(reverse("jobs:job", args=[job.pk]))


@require_GET
@may(*queries.READS)
def snapshot(request: Request, key: UUID) -> HttpResponse:
    """One snapshot: what it came to, whether it still stands, its digest and how anybody checks it."""
    actor, row = request.actor, found(request, key)
    whole = library.standards()[row.standard]
    groups: list[dict[str, Any]] = []
    for group in whole.groups:
        counts = {which: row.counts.get(which, {}).get(group.id, {}) for which in (REPORTED, ADOPTED)}
        if any(counts.values()):
            cells = [[counts[which].get(verdict.value, 0) for verdict in _ORDER] for which in (REPORTED, ADOPTED)]
            groups.append({"name": group.name, "reported": cells[0], "adopted": cells[1]})
    is_newest = queries.is_newest(actor, row)
    standing = queries.standing(actor, row, today=clock.today()) if is_newest else None
    context = {
        "snapshot": row,
        "standard": whole,
        "groups": groups,
        "verdicts": [one.value for one in _ORDER],
        "reported_tone": tone(row.reported),
        "adopted_tone": tone(row.adopted),
        "standing": standing,
        "is_newest": is_newest,
        "kinds": [one for one in library.kinds().values() if one.standard == row.standard],
        "reports": list(queries.reports_visible_to(actor).filter(snapshot=row)),
        "sources": reporting.sources(reporting.opened(row.file)),
        "events": list(audit.history(actor, row)),
    }
    return render(request, "recognition/snapshot.html", context)


@require_GET
@may(*queries.READS)
def snapshot_file(request: Request, key: UUID, file: UUID) -> HttpResponseBase:
    row = files.file_of(request.actor, found(request, key), file)
    if row is None:
        raise Http404
    return file_services.respond(row, by=request.actor, now=clock.now())

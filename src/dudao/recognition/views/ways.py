"""Pages of the way to recognition: its steps, recording one, striking a record out."""

from typing import Any
from uuid import UUID

from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_GET

from dudao.files import queries as files
from dudao.files import services as file_services
from dudao.recognition import library, queries, services
from dudao.recognition.forms import ReasonForm, StageForm
from dudao.recognition.models import Stage
from dudao.recognition.views.sending import evidence
from dudao.shell import clock
from dudao.shell.http import Request, get_or_post, may
from dudao.shell.pages import form_page


def address(standard: str, year: int) -> str:
    return f"{reverse('recognition:way', args=[standard])}?year={year}"


@require_GET
@may(*queries.READS)
def way(request: Request, standard: str) -> HttpResponse:
    """The steps of a recognition in a year, each with what was recorded and what it asks for."""
    actor, whole = request.actor, library.ways().get(standard)
    if whole is None:
        raise Http404
    years = queries.years(actor, standard, today=clock.today())
    asked = request.GET.get("year", "")
    year = int(asked) if asked.isdecimal() and 2000 <= int(asked) <= 2100 else years[0]
    taken = queries.way(actor, standard, year)
    rows = [row for one in taken for row in one.rows]
    attached = files.files_of_many(actor, Stage, [row.pk for row in rows])
    context = {
        "way": whole,
        "standard": standard,
        "year": year,
        "years": years,
        "steps": [one.step.name for one in taken],
        "current": next((at for at, one in enumerate(taken, 1) if one.is_next), len(taken) + 1),
        "taken": [
            (one, [(row, [file for file in attached if file.subject == str(row.pk)]) for row in one.rows])
            for one in taken
        ],
        "manages": actor.can("report.manage"),
    }
    return render(request, "recognition/way.html", context)


@get_or_post
@may("report.manage")
def stage_new(request: Request, standard: str, year: int, step: str) -> HttpResponse:
    """Record that a step was taken."""
    whole = library.ways().get(standard)
    one = whole.step(step) if whole else None
    if whole is None or one is None or not 2000 <= year <= 2100:
        raise Http404
    form = StageForm(request.POST or None, request.FILES or None, step=one, initial={"occurred_on": clock.today()})

    def record(data: dict[str, Any]) -> Stage:
        proof = evidence(data)
        return services.record_stage(
            standard=standard, year=year, step=step, **data, evidence=proof, by=request.actor, now=clock.now()
        )

    return form_page(
        request,
        form,
        record,
        title=f"登记{one.name}",
        lead=f"{whole.name}，{year}年。由{one.who}办理，要有：{'、'.join(one.asks)}。",
        button="登记",
        back=address(standard, year),
        done=f"已登记{one.name}。",
    )


@get_or_post
@may("report.manage")
def stage_strike(request: Request, key: UUID) -> HttpResponse:
    row = get_object_or_404(queries.stages_visible_to(request.actor), pk=key)
    return form_page(
        request,
        ReasonForm(request.POST or None),
        lambda data: services.strike_stage(stage=row, reason=data["reason"], by=request.actor, now=clock.now()),
        title="作废这条登记？",
        lead=f"{row.on:%Y-%m-%d} {row.outcome}。登记保留，标为作废。",
        button="作废",
        danger=True,
        back=address(row.standard, row.year),
        done="已作废。",
    )


@require_GET
@may(*queries.READS)
def stage_file(request: Request, key: UUID, file: UUID) -> HttpResponseBase:
    row = files.file_of(request.actor, get_object_or_404(queries.stages_visible_to(request.actor), pk=key), file)
    if row is None:
        raise Http404
    return file_services.respond(row, by=request.actor, now=clock.now())

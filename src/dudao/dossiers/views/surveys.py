"""社会认可度: the counts, typed or read from a small table, and who they come from."""

import io
from dataclasses import asdict
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core import signing
from django.http import FileResponse, Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET

from dudao.dossiers import counting, queries, services
from dudao.dossiers.forms import ReasonForm, SurveyForm, TableForm
from dudao.dossiers.models import Ledger, Survey
from dudao.dossiers.views.ledgers import found
from dudao.files import queries as file_queries
from dudao.files import services as files
from dudao.files.services import Received
from dudao.shell import clock
from dudao.shell.errors import Refused
from dudao.shell.http import Request, get_or_post, may
from dudao.shell.pages import form_page, refuse
from dudao_engines.kernel.errors import EngineInputError

_READS = ("dossier.manage", "dossier.read", "dossier.judge")
_SALT = "dossiers.survey"


def _address(key: UUID) -> str:
    return reverse("dossiers:survey", args=[key])


def _county(request: Request, key: UUID) -> Ledger:
    """The ledger for who sees the county; the survey is the county's."""
    if not request.actor.sees_county:
        raise Http404
    return found(request, key)


def _page(
    request: Request, row: Ledger, form: SurveyForm, table: TableForm, *, status: int = 200, problems: Any = ()
) -> HttpResponse:
    rows = [(one, _table(one)) for one in queries.surveys(row)]
    context = {"ledger": row, "form": form, "table": table, "surveys": rows, "problems": problems}
    return render(request, "dossiers/survey.html", context, status=status)


def _table(one: Survey) -> list[tuple[str, int, int]]:
    return [(label, getattr(one, name), getattr(one, f"{name}_parent")) for name, label in counting.LABELS.items()]


@get_or_post
@may(*_READS)
def survey(request: Request, key: UUID) -> HttpResponse:
    """The counts that hold, the form for new ones, and those before."""
    row = _county(request, key)
    if request.method == "POST" and not request.actor.can("dossier.manage"):
        raise Http404
    form = SurveyForm(request.POST or None, request.FILES or None, initial={"until_on": clock.today()})
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            data = form.cleaned_data
            try:
                received = files.receive(data["file"]) if data["file"] else _kept(data["received"])
                services.record_survey(
                    ledger=row, counts=form.counts(), source=data["source"], from_on=data["from_on"],
                    until_on=data["until_on"], place=data["place"], received=received, by=request.actor, now=clock.now(),
                )  # fmt: skip
            except Refused as refusal:
                status = refuse(form, refusal)
            else:
                messages.success(request, "已登记。")
                return redirect(_address(key))
    return _page(request, row, form, TableForm(), status=status)


def _kept(token: str) -> Received | None:
    """The table that the counts were read from; it waits on disk under a signed name."""
    if not token:
        return None
    try:
        facts = signing.loads(token, salt=_SALT, max_age=86400)
    except signing.BadSignature:
        raise Refused("读表已过一天，请重新读取表格。", code="dossiers.table") from None
    return Received(**{**facts, "key": UUID(facts["key"])})


@get_or_post
@may("dossier.manage")
def survey_read(request: Request, key: UUID) -> HttpResponse:
    """Read the counts from a small table into the form; nothing is kept until they were looked at."""
    row = _county(request, key)
    if request.method != "POST":
        return redirect(_address(key))
    table = TableForm(request.POST, request.FILES)
    form = SurveyForm(initial={"until_on": clock.today()})
    if not table.is_valid():
        return _page(request, row, form, table, status=422)
    upload = table.cleaned_data["table"]
    try:
        read = counting.read(upload.read(), name=upload.name)
        if read is None:
            raise Refused(
                "表里没有找到“计”和“其中：家长”两行数。请用模板，或照国家申报表Ⅵ 的样子。", code="dossiers.table"
            )
        upload.seek(0)
        received = files.receive(upload)
    except (Refused, EngineInputError) as refusal:
        table.add_error("table", refusal.message if isinstance(refusal, Refused) else str(refusal))
        return _page(request, row, form, table, status=422)
    token = signing.dumps({**asdict(received), "key": str(received.key)}, salt=_SALT)
    place = f"{received.name} · {read.place}"
    form = SurveyForm(initial={**read.counts, "place": place, "received": token, "until_on": clock.today()})
    if not read.problems:
        messages.success(request, "已读出，请核对后登记。")
    return _page(request, row, form, TableForm(), problems=read.problems)


@require_GET
@may(*_READS)
def survey_table(request: Request, key: UUID) -> FileResponse:
    """表Ⅵ as Excel: with the counts that hold, or empty to be filled."""
    row = _county(request, key)
    now = None
    if request.GET.get("empty") != "1":
        now = next((one for one in queries.surveys(row) if one.taken_back_on is None), None)
    name = f"社会认可度_{row.period}.xlsx" if now else "社会认可度_模板.xlsx"
    return FileResponse(io.BytesIO(counting.write(now)), as_attachment=True, filename=name)


def _survey(request: Request, key: UUID, survey: UUID) -> Survey:
    row = get_object_or_404(_county(request, key).surveys, pk=survey)
    return row


@get_or_post
@may("dossier.manage")
def survey_take_back(request: Request, key: UUID, survey: UUID) -> HttpResponse:
    """Counts were wrong."""
    row = _survey(request, key, survey)
    return form_page(
        request, ReasonForm(request.POST or None),
        lambda data: services.take_back_survey(survey=row, by=request.actor, now=clock.now(), **data),
        title="撤回这次登记？", button="撤回", back=_address(key), done="已撤回。", danger=True,
        lead="撤回以后用上一次登记的数；没有上一次的，社会认可度无法判定。",
    )  # fmt: skip


@require_GET
@may(*_READS)
def survey_file(request: Request, key: UUID, survey: UUID) -> HttpResponseBase:
    """The table or report that the counts come from."""
    row = _survey(request, key, survey)
    stored = file_queries.file_of(request.actor, row, row.file) if row.file else None
    if stored is None:
        raise Http404
    return files.respond(stored, by=request.actor, now=clock.now())

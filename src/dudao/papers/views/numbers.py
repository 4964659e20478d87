"""Pages of numbers: the number book with its proof, and the 机关代字 of the county."""

from typing import Any
from uuid import UUID

from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_GET

from dudao.papers import lists, queries, services
from dudao.papers.forms import BeforeForm, ChangeCodeForm, CodeForm
from dudao.papers.models import NumberCode
from dudao.papers.views.papers import get_or_post
from dudao.shell import clock, conflicts
from dudao.shell.http import Request, may
from dudao.shell.pages import form_page


@require_GET
@may("paper.draft", "paper.issue")
def number_book(request: Request) -> HttpResponseBase:
    """发文登记簿 of a code and a year, with the proof that no number is missing."""
    actor = request.actor
    if not actor.sees_county:
        raise Http404
    codes, years = list(queries.codes_visible_to(actor)), queries.book_years(actor) or [clock.today().year]
    asked, year = request.GET.get("code", ""), request.GET.get("year", "")
    code = asked if asked in {one.code for one in codes} else codes[0].code if codes else ""
    on = int(year) if year.isdecimal() and len(year) == 4 else years[0]
    context = {"codes": codes, "years": sorted({*years, on}, reverse=True), "code": code, "year": on}
    context["book"] = queries.book(actor, code, on)
    context["by_oa"] = any(one.code == code and one.by == NumberCode.By.OA for one in codes)
    return lists.book(code, on).respond(request, queries.book_rows(actor, code, on), "papers/book.html", context)


@require_GET
@may("paper.draft", "paper.issue")
def code_list(request: Request) -> HttpResponse:
    """The 机关代字 of the county."""
    actor, today = request.actor, clock.today()
    codes = list(queries.codes_visible_to(actor))
    books = [(one, queries.book(actor, one.code, today.year)) for one in codes]
    return render(request, "papers/codes.html", {"books": books, "year": today.year})


@get_or_post
@may("paper.issue")
def code_new(request: Request) -> HttpResponse:
    """Enter a 机关代字."""
    return form_page(
        request,
        CodeForm(request.POST or None),
        lambda data: services.add_code(**data, by=request.actor, now=clock.now()),
        title="登记机关代字",
        button="登记",
        back=reverse("papers:codes"),
        done="已登记。",
    )


def _code(request: Request, key: UUID) -> NumberCode:
    return get_object_or_404(queries.codes_visible_to(request.actor), pk=key)


@get_or_post
@may("paper.issue")
def code_change(request: Request, key: UUID) -> HttpResponse:
    """Change a 机关代字."""
    row = _code(request, key)

    def stands() -> tuple[dict[str, Any], int]:
        now = _code(request, key)
        return {"organ": now.organ, "numbered_by": now.by, "is_active": now.is_active}, now.version

    initial, version = stands()
    return form_page(
        request,
        ChangeCodeForm(conflicts.chosen(request.POST) or None, initial={**initial, "base_version": version}),
        lambda data: services.change_code(row=row, **data, by=request.actor, now=clock.now()),
        title=f"修改机关代字：{row.code}",
        button="保存",
        back=reverse("papers:codes"),
        done="已保存。",
        stands=stands,
    )


@get_or_post
@may("paper.issue")
def code_before(request: Request, key: UUID) -> HttpResponse:
    """Say up to which number a code was used before the county came to this system."""
    row = _code(request, key)
    return form_page(
        request,
        BeforeForm(request.POST or None, initial={"year": clock.today().year}),
        lambda data: services.set_before(code=row.code, **data, by=request.actor, now=clock.now()),
        title=f"启用前已用到的号：{row.code}",
        lead="本系统从下一个号开始编；这一年一旦在这里编过号，就不能再改。",
        button="保存",
        back=reverse("papers:codes"),
        done="已保存。",
    )

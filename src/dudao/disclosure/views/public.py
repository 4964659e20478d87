"""The county's own public pages, off until somebody opens them. No sign-in, no cookie, no form that writes."""

from typing import Any
from urllib.parse import urljoin
from uuid import UUID

import segno
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from dudao.disclosure import packing, queries, services
from dudao.disclosure.queries import Public
from dudao.draws import queries as draws
from dudao.files import services as files
from dudao.papers import writing
from dudao.shell import clock
from dudao.shell.acts import system
from dudao.shell.http import Request

_SIZE = 20
#: What is public may be kept by anybody for so long; a correction shows after that.
_kept = cache_control(public=True, max_age=300)


@login_not_required
@_kept
@require_safe
def public_list(request: Request) -> HttpResponse:
    """What is published, the newest first."""
    setting = queries.setting_of(settings.COUNTY)
    if not setting.is_site_on:
        raise Http404
    words = request.GET.get("q", "").replace("\0", "").strip()[:100]
    rows = queries.public_editions(settings.COUNTY)
    if words:
        rows = rows.filter(
            Q(title__icontains=words) | Q(doc_no__icontains=words) | Q(body__icontains=words)
            | Q(publication__index_no__icontains=words)
        )  # fmt: skip
    category = request.GET.get("category", "")[:40]
    categories = sorted(set(queries.public_editions(settings.COUNTY).order_by().values_list("category", flat=True)))
    if category in categories:
        rows = rows.filter(category=category)
    page = Paginator(rows, _SIZE).get_page(request.GET.get("page"))
    context = {
        "page": page, "words": words, "setting": setting, "categories": categories, "category": category,
        "numbers": list(page.paginator.get_elided_page_range(page.number, on_each_side=1, on_ends=1)),
        "draws": draws.public_draws(settings.COUNTY).exists(),
    }  # fmt: skip
    return render(request, "disclosure/public_list.html", context)


def _found(key: str, no: int | None) -> Public:
    found = queries.public(settings.COUNTY, key, no)
    if found is None:
        raise Http404
    return found


@login_not_required
@_kept
@require_safe
def public_page(request: Request, key: str, no: int | None = None) -> HttpResponse:
    """One publication, or an older edition of it."""
    found = _found(key, no)
    edition = found.edition
    address = urljoin(settings.SITE or request.build_absolute_uri("/"), reverse("public_page", args=[key]))
    context: dict[str, Any] = {
        "found": found, "edition": edition, "setting": queries.setting_of(settings.COUNTY), "address": address,
        "picture": segno.make(address, micro=False).svg_data_uri(scale=4, border=2),
        "printing": request.GET.get("print") == "1",
    }  # fmt: skip
    if found.is_shown:
        facts = [
            (code, name, value)
            for code, name, value in services.facts_of(edition)
            if code not in ("name", "note", "summary")
        ]
        packed = queries.package_of(edition)
        context |= {
            "facts": [(name, value) for _, name, value in facts],
            "lines": list(writing.lines(edition.body)),
            "sources": [line.partition("：") for line in edition.sources.split("\n") if line.strip()],
            "files": list(edition.attachments.filter(is_removed=False)),
            "text_file": packed.text_file if packed else None,
            "tables": range(1, len(packing.tables(edition.body)) + 1),
        }  # fmt: skip
    return render(request, "disclosure/public_page.html", context, status=200)


@login_not_required
@require_safe
def public_file(request: Request, key: str, no: int, file: UUID) -> HttpResponseBase:
    """A file that is published with an edition."""
    stored = queries.public_file(_found(key, no), file)
    if stored is None:
        raise Http404
    response = files.respond(stored, by=system(settings.COUNTY), now=clock.now())
    response["Cache-Control"] = "public, max-age=300"
    return response


@login_not_required
@_kept
@require_safe
def public_table(request: Request, key: str, no: int, table: int) -> HttpResponse:
    """A table of the text as CSV."""
    found = _found(key, no)
    tables = packing.tables(found.edition.body)
    if not found.is_shown or not 1 <= table <= len(tables):
        raise Http404
    response = HttpResponse(tables[table - 1], content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="table-{table}.csv"'
    response["X-Content-Type-Options"] = "nosniff"
    return response

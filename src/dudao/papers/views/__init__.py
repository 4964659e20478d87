"""Pages of papers."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render

from dudao.papers import queries
from dudao.shell.http import Request


def paper(request: Request, key: UUID) -> HttpResponse:
    """One paper."""
    row = get_object_or_404(queries.papers_visible_to(request.actor), pk=key)
    return render(request, "papers/paper.html", {"paper": row, "text": row.texts.first()})

"""The public page that says whether a printed paper is what was issued. No sign-in, and nothing told that was not asked."""

from pathlib import Path

from django.contrib.auth.decorators import login_not_required
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from dudao.papers import checker, verifying
from dudao.shell.http import Request


@login_not_required
@never_cache
@require_safe
def check(request: Request, key: str) -> HttpResponse:
    """Compare what a QR code says with what was issued under its address."""
    said = request.GET.get("words", "")[:2000]
    verdict = verifying.verify(key, said)
    status = 404 if verdict is None else 200
    return render(request, "papers/check.html", {"verdict": verdict, "said": said}, status=status)


@login_not_required
@require_safe
def download(request: Request) -> HttpResponse:
    """The checker, to be run without this house."""
    text = Path(checker.__file__).read_text("utf-8")
    headers = {"Content-Disposition": 'attachment; filename="check_paper.py"'}
    return HttpResponse(text, content_type="text/x-python; charset=utf-8", headers=headers)

"""The page on which a paper is signed: of the paper itself, or of the matter that made its words."""

from collections.abc import Callable
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render

from dudao.files import services as files
from dudao.papers import acts, queries, writing
from dudao.papers.forms import IssueForm
from dudao.papers.models import Paper
from dudao.papers.services.rights import writers
from dudao.shell import clock
from dudao.shell.errors import Refused
from dudao.shell.http import Request
from dudao.shell.pages import refuse


def issue_page(request: Request, row: Paper, issue: Callable[..., object], *, back: str) -> HttpResponse:
    """Sign and issue: the whole paper is on the page, with what the signer should know; open warnings are asked once.

    Args:
        row: a paper that the reader may see.
        issue: the service that issues it, with the keywords of ``services.issue_paper``.
        back: where to go without signing, and afterwards.
    """
    actor, today = request.actor, clock.today()
    text = row.texts.first()
    if text is None or row.state not in Paper.OPEN:
        return redirect(back)
    hand = writers(row)
    wrote, said = bool(actor.hands & hand), queries.warnings(row, text)
    able = acts.signers(row.county, today=today)
    codes = [one for one in queries.codes_visible_to(actor) if one.is_active]
    form = IssueForm(
        request.POST or None,
        request.FILES or None,
        codes=codes,
        signers=[(k, name) for k, name in able.items() if UUID(k) not in hand],
        asks=bool(said),
        numbered=row.is_numbered,
        own=actor.can("paper.issue"),
        initial={"base_version": row.version, "signed_on": today},
    )
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            data = dict(form.cleaned_data)
            signer, scan = data.pop("signed_by", ""), data.pop("evidence", None)
            facts = {"signed_by": UUID(signer) if signer else None, "signed_on": data.pop("signed_on", None)}
            try:
                issue(
                    paper=row,
                    evidence=[files.receive(scan, sensitive=row.is_restricted)] if scan else [],
                    **data,
                    **facts,
                    site=settings.SITE or request.build_absolute_uri("/"),
                    by=actor,
                    now=clock.now(),
                )
            except Refused as refusal:
                status = refuse(form, refusal)
            else:
                messages.success(request, f"已印发：{row.number or row.title}。")
                return redirect(back)
    context = {"paper": row, "form": form, "text": text, "lines": list(writing.lines(text.body)), "wrote": wrote}
    context |= {"missing": "、".join(queries.missing(row, text)), "warnings": said, "codes": codes, "back": back}
    return render(request, "papers/issue.html", context, status=status)

"""The reviewer: sees what changed and what is outside, sends single cells back, approves, opens again."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from dudao.returns import checking, pages, queries, services
from dudao.returns.forms.campaigns import ReasonForm
from dudao.returns.models import Return
from dudao.returns.views.campaigns import seen
from dudao.returns.views.returns import found, head
from dudao.shell import clock
from dudao.shell.errors import Refused
from dudao.shell.http import Request, get_or_post, may
from dudao.shell.pages import form_page


@get_or_post
@may("return.approve")
def return_review(request: Request, key: UUID) -> HttpResponse:
    """One return as the reviewer reads it: what is odd first; ticked cells are sent back with words."""
    actor, ret = request.actor, found(request, key)
    fault, status = "", 200
    if request.method == "POST":
        ticked = request.POST.getlist("cell")[:500]
        said = {code: request.POST.get(f"words_{code}", "")[:400] for code in ticked}
        try:
            made = services.send_back(
                ret=ret,
                base_version=seen(request),
                cells=said,
                words=request.POST.get("words", "")[:400],
                by=actor,
                now=clock.now(),
            )
        except Refused as refusal:
            fault, status = refusal.message, 422
        else:
            messages.success(request, f"已退回 {len(said)} 项；通知已备好，请看过再发。")
            return redirect("messages:message", made.pk)
    look = checking.look(ret)
    notes = {one.code: one for one in ret.notes.all()}
    rows = [
        (part, [pages.row(look, one, notes=notes) for one in part.section.fields if one.code in look.asked])
        for part in pages.parts(look, 0)
    ]
    flagged = [row for _, part_rows in rows for row in part_rows if row.is_flagged or row.note]
    context = {
        **head(actor, ret),
        "parts": rows,
        "flagged": flagged,
        "look": look,
        "fault": fault,
        "typed": request.POST,
        "ticked": request.POST.getlist("cell"),
        "changed": queries.changed_since(actor, ret),
        "acts": ret.state == Return.State.SUBMITTED and not actor.is_of(ret.unit_id) and not ret.is_locked,
        "may_return": ret.state in Return.HANDED_IN and not actor.is_of(ret.unit_id) and not ret.is_locked,
        "others": queries.next_to_review(actor, ret),
    }
    return render(request, "returns/review.html", context, status=status)


@require_POST
@may("return.approve")
def return_approve(request: Request, key: UUID) -> HttpResponse:
    """Approve, and go on to the next that waits."""
    ret = found(request, key)
    services.approve_return(ret=ret, base_version=seen(request), by=request.actor, now=clock.now())
    messages.success(request, "已审核通过。")
    following = queries.next_to_review(request.actor, ret)
    return redirect("returns:review", following.pk) if following else redirect("returns:campaign", ret.campaign_id)


@get_or_post
@may("return.manage")
def return_reopen(request: Request, key: UUID) -> HttpResponse:
    """Open one locked return again."""
    ret = found(request, key)
    if not ret.is_locked:
        raise Http404
    return form_page(
        request,
        ReasonForm(request.POST or None, initial={"base_version": ret.version}),
        lambda data: services.reopen_return(ret=ret, **data, by=request.actor, now=clock.now()),
        title="重新开放这张表",
        lead="学校更正后重新确认、报送、审核；已出的报告会提示数据变过。",
        button="重新开放",
        danger=True,
        back=reverse("returns:return", args=[ret.pk]) + "?all=1",
        done="已重新开放，请通知学校更正。",
    )

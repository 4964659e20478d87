"""A notice typed by hand, where there is no file or it cannot be read."""

from django.http import HttpResponse
from django.shortcuts import redirect, render

from dudao.plan import services
from dudao.plan.forms import TypeNoticeForm
from dudao.plan.views.notices import get_or_post
from dudao.shell import clock, drafts
from dudao.shell.drafts import Slot
from dudao.shell.errors import Refused
from dudao.shell.http import Request, may
from dudao.shell.pages import refuse


@get_or_post
@may("notice.read")
def notice_type(request: Request) -> HttpResponse:
    """Title, year, level, number, and one line a point; then the same check as of a notice that was read."""
    year = clock.today().year
    start = {"year": year, "title": f"{year}年教育督导工作要点"}
    form, slot = TypeNoticeForm(request.POST or None, initial=start), Slot("plan.typed")
    draft, status = drafts.restore(form, slot, by=request.actor), 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                notice = services.type_notice(**form.cleaned_data, by=request.actor, now=clock.now())
            except Refused as refusal:
                status = refuse(form, refusal)
            else:
                drafts.clear(slot, by=request.actor)
                return redirect("plan:notice", notice.pk)
    return render(request, "plan/notice_type.html", {"form": form, "slot": slot, "draft": draft}, status=status)

"""What is done with the agenda: keep it, add to it, put it in order, take off and put back."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from dudao.meetings import queries, services
from dudao.meetings.forms import ItemForm
from dudao.meetings.models import AgendaItem
from dudao.shell import clock, toasts
from dudao.shell.errors import Refused
from dudao.shell.http import Request, may


def _back(meeting: UUID) -> HttpResponse:
    return redirect(f"{reverse('meetings:meeting', args=[meeting])}#agenda")


def _item(request: Request, key: UUID) -> AgendaItem:
    return get_object_or_404(queries.items_visible_to(request.actor), pk=key)


@require_POST
@may("meeting.manage")
def agenda_keep(request: Request, key: UUID) -> HttpResponse:
    """Take the agenda from the plan as it stands today."""
    meeting = get_object_or_404(queries.meetings_visible_to(request.actor), pk=key)
    services.refresh_agenda(meeting=meeting, by=request.actor, now=clock.now())
    messages.success(request, "议程已按今天的任务情况更新。")
    return _back(key)


@require_POST
@may("meeting.manage")
def item_add(request: Request, key: UUID) -> HttpResponse:
    meeting = get_object_or_404(queries.meetings_visible_to(request.actor), pk=key)
    form = ItemForm(request.POST)
    if not form.is_valid():
        raise Refused("请填写议题，最多 300 个字。", code="meetings.title", field="title")
    services.add_item(meeting=meeting, title=form.cleaned_data["title"], by=request.actor, now=clock.now())
    return _back(key)


@require_POST
@may("meeting.manage")
def item_remove(request: Request, key: UUID) -> HttpResponse:
    item = _item(request, key)
    services.remove_item(item=item, by=request.actor, now=clock.now())
    toasts.done(request, f"已移出：{item.title}", undo=reverse("meetings:item_restore", args=[key]))
    return _back(item.meeting_id)


@require_POST
@may("meeting.manage")
def item_restore(request: Request, key: UUID) -> HttpResponse:
    item = _item(request, key)
    services.restore_item(item=item, by=request.actor, now=clock.now())
    messages.success(request, f"已放回：{item.title}")
    return _back(item.meeting_id)


@require_POST
@may("meeting.manage")
def item_move(request: Request, key: UUID) -> HttpResponse:
    item = _item(request, key)
    services.move_item(item=item, up=request.POST.get("to") == "up", by=request.actor, now=clock.now())
    return _back(item.meeting_id)

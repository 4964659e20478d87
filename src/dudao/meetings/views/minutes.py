"""Pages of the minutes: written paragraph by paragraph, decided, finished, amended."""

import io
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import FileResponse, Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from dudao.meetings import queries, services, wording
from dudao.meetings.forms import AmendForm, CloseForm, DecisionForm, ParagraphForm
from dudao.meetings.models import AgendaItem, Meeting, Paragraph
from dudao.meetings.views.meetings import get_or_post, seen
from dudao.papers import queries as papers
from dudao.papers import services as paper_services
from dudao.places import queries as places
from dudao.plan import queries as plan
from dudao.plan import services as plan_services
from dudao.shell import clock, conflicts, drafts, toasts
from dudao.shell.drafts import Slot
from dudao.shell.errors import Conflict, Refused
from dudao.shell.http import Request, may
from dudao.shell.pages import form_page, refuse

OTHER = "other"


def _meeting(request: Request, key: UUID) -> Meeting:
    return get_object_or_404(queries.meetings_visible_to(request.actor), pk=key)


def _paragraph(request: Request, key: UUID) -> Paragraph:
    return get_object_or_404(queries.paragraphs_visible_to(request.actor), pk=key)


def _address(paragraph: Paragraph) -> str:
    return f"{reverse('meetings:minutes', args=[paragraph.meeting_id])}#p-{paragraph.pk}"


@get_or_post
def minutes(request: Request, key: UUID) -> HttpResponse:
    """The minutes by agenda item. ``?item=`` opens a new paragraph there, ``?edit=`` one that was written; each is saved
    by itself, kept as a draft while it is typed, and meets what somebody else wrote only where it is the same one."""
    actor, today, row = request.actor, clock.today(), _meeting(request, key)
    writes = actor.can("meeting.manage") and row.state == Meeting.State.HELD
    if not actor.sees_county and row.state != Meeting.State.MINUTED:
        raise Http404
    if request.method == "POST" and not actor.can("meeting.manage"):
        raise Http404
    items = queries.agenda(actor, row, today=today).items()
    context: dict[str, Any] = {
        "meeting": row,
        "when": wording.when(row.day, row.at),
        "writes": writes,
        "amends": actor.can("meeting.manage") and row.state == Meeting.State.MINUTED,
        "other": OTHER,
    }
    status = 200
    if writes or request.method == "POST":
        answer, opened, status = _write(request, row, items)
        if answer is not None:
            return answer
        context |= opened
    context["minutes"] = queries.minutes(actor, row, items, today=today)
    return render(request, "meetings/minutes.html", context, status=status)


def _write(request: Request, row: Meeting, items: list[AgendaItem]) -> tuple[HttpResponse | None, dict[str, Any], int]:
    """The one form that is open on the page; what was sent is saved, and the next paragraph is open."""
    actor, key = request.actor, row.pk
    editing, at = None, request.GET.get("item", "") or (str(items[0].pk) if items else OTHER)
    if asked := request.GET.get("edit", ""):
        editing = get_object_or_404(queries.paragraphs_visible_to(actor).filter(meeting=row), pk=_uuid(asked))
        if editing.is_removed:
            # Somebody took it out while it was being changed: what was typed becomes a paragraph of its own.
            if request.method == "POST":
                messages.warning(request, "这一段刚被删去，您写的另存为新的一段。")
            at, editing = str(editing.item_id or OTHER), None
    item = next((one for one in items if str(one.pk) == at), None)
    if item is None and at != OTHER:
        # Somebody has taken the item off meanwhile: what was typed under it is not lost.
        if request.method == "POST":
            messages.warning(request, "这个议题刚被移出议程，内容记在“其他事项”里。")
        at = OTHER
    slot = Slot("meetings.edit", editing.pk) if editing else Slot("meetings.write", item.pk if item else key)
    initial = {"text": editing.text, "base_version": editing.version} if editing else {}
    form = ParagraphForm(conflicts.chosen(request.POST) or None, initial=initial)
    if request.GET:
        # Somebody asked for this very place: what is typed goes there at once.
        form.fields["text"].widget.attrs["autofocus"] = True
    draft, clashes, status = drafts.restore(form, slot, by=actor), None, 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            text = form.cleaned_data["text"]
            try:
                saved = _save(request, row, editing, item, text, form.cleaned_data["base_version"])
            except Refused as refusal:
                status = refuse(form, refusal)
                if editing and isinstance(refusal, Conflict):
                    theirs = _paragraph(request, editing.pk)
                    clashes = conflicts.lay_out(form, theirs={"text": theirs.text}, version=theirs.version)
            else:
                drafts.clear(slot, by=actor)
                where = saved.item_id or OTHER
                return redirect(f"{reverse('meetings:minutes', args=[key])}?item={where}"), {}, 302
    opened = {"form": form, "slot": slot, "draft": draft, "clashes": clashes, "editing": editing}
    unfinished = drafts.unfinished("meetings.write", by=actor)
    opened["left_open"] = [one for one in items if str(one.pk) in unfinished and one != item]
    opened["other_left_open"] = str(key) in unfinished and item is not None
    return None, {**opened, "at": "" if editing else at}, status


def _save(
    request: Request, row: Meeting, editing: Paragraph | None, item: AgendaItem | None, text: str, base: int | None
) -> Paragraph:
    by, now = request.actor, clock.now()
    if editing is None:
        return services.write_paragraph(meeting=row, item=item, text=text, by=by, now=now)
    services.change_paragraph(paragraph=editing, base_version=base or 0, text=text, by=by, now=now)
    return editing


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise Http404 from None


@require_POST
@may("meeting.manage")
def paragraph_remove(request: Request, key: UUID) -> HttpResponse:
    paragraph = _paragraph(request, key)
    services.remove_paragraph(paragraph=paragraph, by=request.actor, now=clock.now())
    toasts.done(request, "已删去一段。", undo=reverse("meetings:paragraph_restore", args=[key]))
    return redirect(reverse("meetings:minutes", args=[paragraph.meeting_id]))


@require_POST
@may("meeting.manage")
def paragraph_restore(request: Request, key: UUID) -> HttpResponse:
    paragraph = _paragraph(request, key)
    services.restore_paragraph(paragraph=paragraph, by=request.actor, now=clock.now())
    return redirect(_address(paragraph))


@get_or_post
@may("meeting.manage")
def paragraph_decide(request: Request, key: UUID) -> HttpResponse:
    """Mark a paragraph as a decision."""
    paragraph, actor, today = _paragraph(request, key), request.actor, clock.today()

    def stands() -> tuple[dict[str, Any], int]:
        now = _paragraph(request, key)
        of = {"unit": str(now.unit_id or ""), "person": str(now.person_id or "")}
        return {"matter": now.matter, **of, "due_on": now.due_on}, now.version

    initial, version = stands()
    initial["matter"] = initial["matter"] or paragraph.text.partition("\n")[0].partition("。")[0][:300]
    units: dict[str, list[tuple[str, str]]] = {}
    for unit in places.units_visible_to(actor, as_of=today):
        units.setdefault(unit.get_kind_display(), []).append((str(unit.unit_id), unit.short_name or unit.name))
    form = DecisionForm(
        conflicts.chosen(request.POST) or None,
        units=list(units.items()),
        people=plan.people(actor, task=None, today=today),
        initial={**initial, "base_version": version},
    )
    return form_page(
        request,
        form,
        lambda data: services.decide_paragraph(paragraph=paragraph, **data, by=actor, now=clock.now()),
        title="会议决定",
        lead=f"“{paragraph.text if len(paragraph.text) <= 120 else paragraph.text[:120] + '…'}”",
        button="保存决定",
        back=_address(paragraph),
        done="已记为会议决定。",
        stands=stands,
    )


@require_POST
@may("meeting.manage")
def paragraph_undecide(request: Request, key: UUID) -> HttpResponse:
    paragraph = _paragraph(request, key)
    base = seen(request)
    services.undecide_paragraph(paragraph=paragraph, base_version=base, by=request.actor, now=clock.now())
    messages.success(request, "这一段不再作为决定。")
    return redirect(_address(paragraph))


@get_or_post
@may("meeting.manage")
def minutes_finish(request: Request, key: UUID) -> HttpResponse:
    """Let the minutes stand; asked once."""
    row, actor = _meeting(request, key), request.actor
    if request.method == "POST":
        made = services.finish_minutes(meeting=row, base_version=seen(request), by=actor, now=clock.now())
        messages.success(request, f"纪要已定稿，{len(made)} 项决定新列为任务。" if made else "纪要已定稿。")
        return redirect("meetings:meeting", key)
    waiting = queries.decisions_of(actor, row.kind).filter(meeting=row, task__isnull=True).count()
    wrong = queries.wrong_numbers(actor, row)
    context = {
        "title": "纪要定稿？",
        "words": "定稿后内容不能再改，只能写明原因更正。"
        + (f"还有 {waiting} 项决定会同时列为任务。" if waiting else "")
        + (f"有 {len(wrong)} 处数字核对不符：{'；'.join(wrong)}。请先回去看看。" if wrong else ""),
        "act": "定稿",
        "back": reverse("meetings:minutes", args=[key]),
        "keys": [("base_version", row.version)],
    }
    return render(request, "shell/confirm.html", context)


@get_or_post
@may("meeting.manage")
def paragraph_amend(request: Request, key: UUID) -> HttpResponse:
    """Correct a paragraph of minutes that stand."""
    paragraph = _paragraph(request, key)

    def stands() -> tuple[dict[str, Any], int]:
        now = _paragraph(request, key)
        return {"text": now.text}, now.version

    initial, version = stands()

    def amend(data: dict[str, Any]) -> None:
        data["base_version"] = data["base_version"] or 0
        services.amend_paragraph(paragraph=paragraph, **data, by=request.actor, now=clock.now())

    return form_page(
        request,
        AmendForm(conflicts.chosen(request.POST) or None, initial={**initial, "base_version": version}),
        amend,
        title="更正纪要",
        lead="原来的话和更正原因都会留下。决定的责任和时限改了的，请到任务里改。",
        button="更正",
        back=_address(paragraph),
        done="已更正。",
        stands=stands,
    )


@get_or_post
@may("meeting.manage")
def minutes_supplement(request: Request, key: UUID) -> HttpResponse:
    """Add a paragraph to minutes that stand."""
    row = _meeting(request, key)

    def add(data: dict[str, Any]) -> None:
        data.pop("base_version")
        services.supplement_minutes(meeting=row, item=None, **data, by=request.actor, now=clock.now())

    return form_page(
        request,
        AmendForm(request.POST or None),
        add,
        title="补充纪要",
        lead="补充的话写在最后，注明是定稿后补充的。",
        button="补充",
        back=reverse("meetings:minutes", args=[key]),
        done="已补充。",
    )


@get_or_post
@may("meeting.manage")
def task_close(request: Request, key: UUID, task: UUID) -> HttpResponse:
    """Close the task of the plan that holding this meeting has fulfilled; a person decides."""
    row, actor = _meeting(request, key), request.actor
    if row.day is None:
        raise Http404
    found = next((one for one in queries.fulfils(actor, row, on=row.day) if one.pk == task), None)
    if found is None:
        raise Http404
    day, words = row.day, f"{wording.when(row.day, None)}召开{row.title}，纪要已定。"
    return form_page(
        request,
        CloseForm(request.POST or None, initial={"result": words}),
        lambda data: plan_services.close_task(task=found, **data, occurred_on=day, by=actor, now=clock.now()),
        title=f"记录办结：{found.named}",
        lead=f"任务 {found.number}，办结日期为会议当天。",
        button="记录办结",
        back=reverse("meetings:meeting", args=[key]),
        done=f"任务 {found.number} 已办结。",
    )


def _values(request: Request, row: Meeting) -> dict[str, Any]:
    """The minutes as fields of a paper, for those who may read them."""
    actor, today = request.actor, clock.today()
    if not (row.state == Meeting.State.MINUTED or (row.state == Meeting.State.HELD and actor.sees_county)):
        raise Http404
    items = queries.agenda(actor, row, today=today).items()
    found = queries.minutes(actor, row, items, today=today)
    return wording.values(row, queries.members(actor, row), items, found)


def _worded(request: Request, key: UUID) -> papers.Worded:
    row = _meeting(request, key)
    mark = "" if row.state == Meeting.State.MINUTED else "（未定稿）"
    return papers.worded("minutes", _values(request, row), mark=mark)


@require_GET
def minutes_print(request: Request, key: UUID) -> HttpResponse:
    """The minutes as one prints them."""
    made = _worded(request, key)
    context = {"text": made.text, "lines": made.lines, "key": key, "printing": True}
    return render(request, "meetings/print.html", context)


@require_GET
def minutes_docx(request: Request, key: UUID) -> HttpResponseBase:
    """The minutes as a Word document in the layout of official papers."""
    made = _worded(request, key)
    name = "".join("_" if c in '\\/:*?"<>|' else c for c in made.text.title)
    return FileResponse(io.BytesIO(made.docx()), as_attachment=True, filename=f"{name}.docx")


@require_POST
@may("paper.draft")
def minutes_paper(request: Request, key: UUID) -> HttpResponse:
    """Make the paper 会议纪要 of minutes that stand, to be signed and numbered; one that is there already is opened."""
    row, actor = _meeting(request, key), request.actor
    if row.state != Meeting.State.MINUTED:
        raise Http404
    paper = queries.paper_of(actor, row)
    if paper is None:
        paper = paper_services.draft_paper(
            kind="minutes",
            subject=row,
            subject_title=row.title,
            link=reverse("meetings:meeting", args=[key]),
            values=_values(request, row),
            is_served_here=True,
            by=actor,
            now=clock.now(),
        )
        messages.success(request, "已按纪要起草公文，核对后送签。")
    return redirect(papers.address(paper))

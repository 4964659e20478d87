"""One visit, on the phone at the school: before going, the list, notes and photos, problems, feedback; and for the school."""

from typing import Any
from uuid import UUID

from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from dudao.accounts import queries as accounts
from dudao.audit import queries as audit
from dudao.files import queries as file_queries
from dudao.files import services as files
from dudao.findings import lights
from dudao.findings.models import Finding
from dudao.inspectors import queries as inspectors
from dudao.places import queries as places
from dudao.shell import clock, conflicts, toasts
from dudao.shell.acts import system
from dudao.shell.errors import Conflict, Refused
from dudao.shell.http import Request, get_or_post, may
from dudao.shell.pages import form_page, refuse
from dudao.visits import library, lists, queries, services
from dudao.visits.forms import (
    ArriveForm,
    BeginForm,
    ChangeForm,
    ChecklistForm,
    GiveUpForm,
    NotesForm,
    PaperForm,
    ProblemForm,
    ReopenForm,
    SeenForm,
    TellForm,
    VersionForm,
    unit_in,
)
from dudao.visits.models import Visit
from dudao.visits.spans import month_words
from dudao.visits.views.plan import chosen, themes

S = Visit.State


def found(request: Request, key: UUID) -> Visit:
    """The visit, if the reader may see it."""
    return get_object_or_404(queries.visits_visible_to(request.actor).select_related("person"), pk=key)


def written(request: Request, key: UUID) -> Visit:
    """The visit, if the hat makes it."""
    row = found(request, key)
    if not queries.may_write(request.actor, row):
        raise Http404
    return row


def address(key: UUID, anchor: str = "") -> str:
    return reverse("visits:visit", args=[key]) + (f"#{anchor}" if anchor else "")


def unit_name(row: Visit) -> str:
    return places.full_names(system(row.county), {row.unit_id}, as_of=clock.today()).get(row.unit_id, "—")


@require_GET
def visit(request: Request, key: UUID) -> HttpResponse:
    """One visit: for its inspector, the office, the leaders; for the school its feedback."""
    row = found(request, key)
    if not queries.reads_notes(request.actor, row):
        return _of_school(request, row)
    return _page(request, row)


def _of_school(request: Request, row: Visit) -> HttpResponse:
    actor = request.actor
    form = SeenForm(initial={"base_version": row.version})
    context = {
        "row": row, "unit_name": unit_name(row), "theme": library.theme_name(row.theme), "form": form,
        "problems": queries.problems_of(actor, row), "may_see": row.seen_on is None and actor.can("visit.host") and actor.is_of(row.unit_id),
    }  # fmt: skip
    return render(request, "visits/feedback.html", context)


def _page(
    request: Request,
    row: Visit,
    *,
    checks: ChecklistForm | None = None,
    notes: NotesForm | None = None,
    clashes: list[conflicts.Clash] | None = None,
    moved: bool = False,
    status: int = 200,
) -> HttpResponse:
    actor, today = request.actor, clock.today()
    kind = queries.kind_of(actor, row.unit_id, day=row.visited_on or today)
    writes = queries.may_write(actor, row)
    lines = queries.checklist(row, kind)
    checks = checks or ChecklistForm(lines=lines)
    theme = library.theme(row.theme)
    before = queries.before(actor, row, today=today)
    on_site = writes and row.state == S.ON_SITE
    context = {
        "row": row, "unit_name": unit_name(row), "today": today, "standing": lists.standing(row, today), "theme": theme,
        "theme_name": library.theme_name(row.theme), "clashes": clashes, "moved": moved,
        "before": before, "open": [(one, lights.light(one, today)) for one in before.open], "rules": inspectors.rules_on(actor.county, day=today),
        "writes": writes, "on_site": on_site, "checks": checks, "lines": lines,
        "answered": sum(one.answer is not None for one in lines), "total": len(lines),
        "notes": notes or NotesForm(initial={"base_version": row.version, "notes": row.notes, "companions": row.companions}),
        "problems": list(queries.problems_of(actor, row)), "photos": list(queries.files_of(actor, row)),
        "may_reopen": writes and row.state in Visit.KNOWN_TO_SCHOOL and (queries.is_office(actor) or not (row.seen_on or row.filed_on)),
        "events": list(audit.history(actor, row)[:12]) if queries.is_office(actor) else [],
        "back": reverse("visits:list") if queries.reads_county(actor) else reverse("visits:mine"),
    }  # fmt: skip
    return render(request, "visits/visit.html", context, status=status)


def _clock() -> str:
    return f"{clock.now().astimezone(clock.CHINA):%H:%M}"


def _received(data: dict[str, Any], name: str) -> list[files.Received]:
    return [files.receive(one) for one in data.pop(name)]


@require_POST
def check(request: Request, key: UUID) -> HttpResponse:
    """Keep what was ticked of the list."""
    row = written(request, key)
    kind = queries.kind_of(request.actor, row.unit_id, day=row.visited_on or clock.today())
    form = ChecklistForm(request.POST, lines=queries.checklist(row, kind))
    status = 422
    if form.is_valid():
        try:
            services.answer(visit=row, said=form.said(), by=request.actor, now=clock.now())
        except Refused as refusal:
            status = refuse(form, refusal)
            if isinstance(refusal, Conflict):
                form.catch_up(queries.checklist(found(request, key), kind))
        else:
            toasts.done(request, "已保存检查清单。")
            return redirect(address(key, "list"))
    return _page(request, found(request, key), checks=form, moved=status == 409, status=status)


@require_POST
def notes(request: Request, key: UUID) -> HttpResponse:
    """Keep notes and photos."""
    row = written(request, key)
    form = NotesForm(conflicts.chosen(request.POST), request.FILES)
    status, clashes = 422, None
    if form.is_valid():
        data = form.cleaned_data
        try:
            services.write_notes(visit=row, photos=_received(data, "photos"), by=request.actor, now=clock.now(), **data)
        except Refused as refusal:
            status, stands = refuse(form, refusal), found(request, key)
            if isinstance(refusal, Conflict):
                theirs = {"notes": stands.notes, "companions": stands.companions}
                clashes = conflicts.lay_out(form, theirs=theirs, version=stands.version)
        else:
            toasts.done(request, "已保存。")
            return redirect(address(key, "notes"))
    return _page(request, found(request, key), notes=form, clashes=clashes, status=status)


@get_or_post
def arrive(request: Request, key: UUID) -> HttpResponse:
    """Begin a planned visit."""
    row = written(request, key)
    initial = {"base_version": row.version, "visited_on": clock.today(), "arrived_at": _clock()}
    form = ArriveForm(request.POST or None, initial=initial)

    def act(data: dict[str, Any]) -> Visit:
        return services.arrive(visit=row, by=request.actor, now=clock.now(), **data)

    return form_page(
        request, form, act, title=f"到校：{unit_name(row)}", button="开始督导", back=address(key), done="已到校，逐项查看。",
        version=row.version, lead="到校后出示督学证。",
    )  # fmt: skip


@get_or_post
@may("visit.manage", "visit.make")
def begin(request: Request) -> HttpResponse:
    """A visit that nobody planned, or the planned one without looking for it."""
    actor, today = request.actor, clock.today()
    initial = {"unit": request.GET.get("unit", ""), "visited_on": today, "arrived_at": _clock()}
    form = BeginForm(request.POST or None, initial=initial, **_choices(request))

    def act(data: dict[str, Any]) -> Visit:
        unit, person = chosen(request, data)
        kept = {name: data[name] for name in ("visited_on", "arrived_at", "theme", "companions", "key")}
        return services.begin_visit(unit=unit, person=person, **kept, by=actor, now=clock.now())

    return form_page(
        request, form, act, title="到校督导", button="开始督导", back=_home(request), done="已到校，逐项查看。",
        to=lambda row: address(row.pk), lead="当月有计划的，就是计划的那一次。",
    )  # fmt: skip


def _home(request: Request) -> str:
    return reverse("visits:list") if queries.reads_county(request.actor) else reverse("visits:mine")


def _choices(request: Request) -> dict[str, Any]:
    actor, today = request.actor, clock.today()
    people = queries.people(actor, today=today) if queries.is_office(actor) else None
    return {"units": queries.schools(actor, today=today), "people": people, "themes": themes()}


@get_or_post
@may("visit.manage", "visit.make")
def paper(request: Request) -> HttpResponse:
    """A 督导记录表 that was filled in by hand."""
    actor = request.actor
    initial = {"unit": request.GET.get("unit", ""), "visited_on": clock.today()}
    form = PaperForm(request.POST or None, request.FILES or None, initial=initial, **_choices(request))

    def act(data: dict[str, Any]) -> Visit:
        unit, person = chosen(request, data)
        names = ("visited_on", "arrived_at", "left_at", "theme", "notes", "told", "head_name", "head_words", "key")
        kept = {name: data[name] for name in names}
        return services.record_paper(
            unit=unit, person=person, scan=_received(data, "scan"), **kept, by=actor, now=clock.now()
        )

    return form_page(
        request, form, act, title="录入纸质督导记录", button="录入", back=_home(request), done="已录入；发现的问题接着登记，没有的就报送归档。",
        to=lambda row: address(row.pk), lead="拍下签了字的记录表，再填几项要统计的内容；其余的看照片。",
    )  # fmt: skip


@get_or_post
def change(request: Request, key: UUID) -> HttpResponse:
    """Another month, day or theme."""
    row = written(request, key)
    initial = {
        "base_version": row.version,
        "month": f"{row.month:%Y-%m-%d}",
        "planned_on": row.planned_on,
        "theme": row.theme,
    }
    months = {row.month, *lists.months_around(clock.today(), back=0)}
    form = ChangeForm(
        request.POST or None, initial=initial, months=[(f"{m:%Y-%m-%d}", month_words(m)) for m in sorted(months)], themes=themes()
    )  # fmt: skip

    def act(data: dict[str, Any]) -> Visit:
        return services.change_plan(visit=row, by=request.actor, now=clock.now(), **data)

    return form_page(
        request,
        form,
        act,
        title=f"调整计划：{unit_name(row)}",
        button="保存",
        back=address(key),
        done="已调整。",
        version=row.version,
    )


@get_or_post
def give_up(request: Request, key: UUID) -> HttpResponse:
    """Why a planned visit is not made."""
    row = written(request, key)
    form = GiveUpForm(request.POST or None, initial={"base_version": row.version})

    def act(data: dict[str, Any]) -> Visit:
        return services.give_up(visit=row, by=request.actor, now=clock.now(), **data)

    return form_page(
        request, form, act, title=f"没有去：{unit_name(row)}", button="登记没有完成", back=address(key), done="已登记。", danger=True,
        version=row.version, lead="这一次不算到校；这所学校本月仍然欠一次，可以另排。",
    )  # fmt: skip


@get_or_post
def problem(request: Request, key: UUID) -> HttpResponse:
    """Something that is wrong becomes a finding."""
    row = written(request, key)
    if row.visited_on is None:
        raise Http404
    code = request.GET.get("item", "")
    kind = queries.kind_of(request.actor, row.unit_id, day=row.visited_on)
    line = next((one for one in queries.checklist(row, kind) if one.item == code), None)
    theme, seen = library.theme(row.theme), line.answer.note if line and line.answer else ""
    initial = {
        "severity": Finding.Severity.DANGER if line and line.danger else Finding.Severity.ORDINARY,
        "title": (seen or f"不符合：{line.text}")[:200] if line else "", "facts": seen,
        "basis": f"经常性督导检查清单：{line.text}" if line else f"经常性督导：{theme.name}" if theme else "",
    }  # fmt: skip
    form = ProblemForm(request.POST or None, request.FILES or None, initial=initial)

    def act(data: dict[str, Any]) -> Finding:
        photos = _received(data, "photos")
        return services.register_problem(
            visit=row, item=code if line else "", photos=photos, by=request.actor, now=clock.now(), **data
        )

    return form_page(
        request, form, act, title="登记问题", button="登记问题", back=address(key, "problems"), done="已登记为问题，进入整改。",
        lead=f"{unit_name(row)}。危及师生安全的，登记后立即报督导室和分管领导，并督促学校当场处理（教育督导条例第十五条）。",
        template="visits/problem.html",
    )  # fmt: skip


@get_or_post
def tell(request: Request, key: UUID) -> HttpResponse:
    """The feedback, shown to the head before leaving."""
    row = written(request, key)
    heads = accounts.holders(system(row.county), ("school_head",), day=clock.today())
    head = next((one.person.name for one in heads if one.unit_id == row.unit_id), "")
    initial = {
        "base_version": row.version, "told_on": row.visited_on, "told": row.told or _draft(request, row),
        "head_name": row.head_name or head, "head_words": row.head_words, "arrived_at": row.arrived_at, "left_at": _clock(),
        "way": row.way,
    }  # fmt: skip
    form = TellForm(request.POST or None, request.FILES or None, initial=initial)

    def act(data: dict[str, Any]) -> Visit:
        return services.feed_back(visit=row, scan=_received(data, "scan"), by=request.actor, now=clock.now(), **data)

    return form_page(
        request, form, act, title=f"反馈：{unit_name(row)}", button="确认反馈", back=address(key), done="已反馈，学校现在能看到。",
        version=row.version, lead="离校前把下面的意见给校（园）长看，或当面宣读。", template="visits/problem.html",
    )  # fmt: skip


def _draft(request: Request, row: Visit) -> str:
    """What there is to tell, from the list and the problems, to be put into one's own words."""
    open_ = [f"{one.text}：{one.note}" for one in row.answers.filter(outcome="no", finding__isnull=True)]
    known = [f"{one.title}（问题 {one.number}，限期整改）" for one in queries.problems_of(request.actor, row)]
    return "\n".join(f"{n}.{words}" for n, words in enumerate([*known, *open_], 1)) or "本次督导未发现问题。"


@get_or_post
def file_visit(request: Request, key: UUID) -> HttpResponse:
    """Hand the record in."""
    row = written(request, key)
    form = VersionForm(request.POST or None, initial={"base_version": row.version})

    def act(data: dict[str, Any]) -> Visit:
        return services.file_visit(visit=row, by=request.actor, now=clock.now(), **data)

    return form_page(
        request, form, act, title="报送督导记录", button="报送并归档", back=address(key), done="已报送督导室，归档。", version=row.version,
        lead=f"{unit_name(row)}。经常性督导结束后向督导机构报告（教育督导条例第十五条）；报送以后不能再改。",
    )  # fmt: skip


@get_or_post
def reopen(request: Request, key: UUID) -> HttpResponse:
    """Take a record back to be corrected."""
    row = written(request, key)
    form = ReopenForm(request.POST or None, initial={"base_version": row.version})

    def act(data: dict[str, Any]) -> Visit:
        return services.reopen_visit(visit=row, by=request.actor, now=clock.now(), **data)

    return form_page(
        request, form, act, title="退回督导记录", button="退回修改", back=address(key), done="已退回，改好以后重新反馈。", danger=True,
        version=row.version,
    )  # fmt: skip


@require_POST
@may("visit.host")
def seen(request: Request, key: UUID) -> HttpResponse:
    """The head has read the feedback."""
    row = found(request, key)
    form = SeenForm(request.POST)
    if form.is_valid():
        services.acknowledge(visit=row, by=request.actor, now=clock.now(), **form.cleaned_data)
        toasts.done(request, "已阅知。")
    return redirect(address(key))


@require_GET
def sheet(request: Request, key: UUID) -> HttpResponse:
    """The 督导记录表 of a visit, to be filled in by hand."""
    row = written(request, key)
    kind = queries.kind_of(request.actor, row.unit_id, day=row.visited_on or clock.today())
    context = {
        "row": row, "unit_name": unit_name(row), "theme": library.theme_name(row.theme), "lines": queries.checklist(row, kind),
        "before": queries.before(request.actor, row, today=clock.today()), "back": address(key),
    }  # fmt: skip
    return render(request, "visits/sheet.html", context)


@require_GET
@may("visit.manage", "visit.make")
def blank(request: Request) -> HttpResponse:
    """An empty 督导记录表."""
    today = clock.today()
    unit = unit_in(request.GET.get("unit", ""))
    kind = queries.kind_of(request.actor, unit, day=today) if unit else "school"
    wanted = request.GET.get("kind", "")
    kind = "kindergarten" if wanted == "kindergarten" else kind
    theme = library.of_month(kind, today.month)
    context = {
        "row": None,
        "unit_name": "",
        "theme": theme.name,
        "lines": library.items(theme.id, kind),
        "back": _home(request),
    }
    return render(request, "visits/sheet.html", context)


@require_GET
def photo(request: Request, key: UUID, file: UUID) -> HttpResponseBase:
    """A photo or scan, for those who read the notes."""
    row = found(request, key)
    one = file_queries.file_of(request.actor, row, file) if queries.reads_notes(request.actor, row) else None
    if one is None:
        raise Http404
    return files.respond(one, by=request.actor, now=clock.now())

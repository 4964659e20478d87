"""Pages of a ledger: the list, the overview, who is asked, asking, and the package."""

import io
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any
from uuid import UUID

import xlsxwriter
from django.contrib import messages
from django.http import FileResponse, Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from dudao.dossiers import lists, queries, services
from dudao.dossiers.forms import AskForm, AssignForm, ChangeForm, LedgerForm, ReasonForm
from dudao.dossiers.items import BAD
from dudao.dossiers.models import Dossier, Ledger
from dudao.dossiers.queries import Line
from dudao.dossiers.services.exporting import KIND
from dudao.files import queries as file_queries
from dudao.files import services as files
from dudao.jobs import queries as jobs
from dudao.messages.models import Message
from dudao.returns import library
from dudao.shell import clock, conflicts
from dudao.shell.errors import Refused
from dudao.shell.http import Request, get_or_post, may
from dudao.shell.lists import BOOK, Value, write_cell
from dudao.shell.pages import form_page, refuse

_ALL = ("dossier.manage", "dossier.judge", "dossier.answer", "dossier.read")
S = Dossier.State
#: What the overview can be narrowed to.
SHOWS: dict[str, tuple[str, Callable[[Line], bool]]] = {
    "waiting": ("待报送", lambda line: bool(line.waiting)),
    "lacking": ("缺材料", lambda line: bool(line.lacking)),
    "handed": ("待判定", lambda line: bool(line.states[S.HANDED])),
    "judged": ("待复核", lambda line: bool(line.states[S.JUDGED])),
    "nobody": ("没有定责任部门", lambda line: not line.asked),
}


def found(request: Request, key: UUID) -> Ledger:
    """The ledger, if the reader may see it."""
    return get_object_or_404(queries.ledgers_visible_to(request.actor), pk=key)


def address(key: UUID) -> str:
    return reverse("dossiers:ledger", args=[key])


@require_GET
@may(*_ALL)
def ledger_list(request: Request) -> HttpResponse:
    """The ledgers, each with where its dossiers stand for the reader."""
    rows = list(queries.ledgers_visible_to(request.actor).order_by("-period", "standard"))
    counted: dict[UUID, Counter[str]] = {row.pk: Counter() for row in rows}
    for key, state in queries.dossiers_visible_to(request.actor).order_by().values_list("ledger", "state"):
        counted[key][state] += 1
    names = {one.id: one.short_name for one in library.standards().values()}
    lines = []
    for row in rows:
        states = counted[row.pk]
        total = sum(states.values()) - states[S.LEFT_OUT]
        lines.append((row, names.get(row.standard, row.standard), total, states[S.OPEN] + states[S.RETURNED],
                      states[S.HANDED], states[S.JUDGED], states[S.SETTLED]))  # fmt: skip
    return render(request, "dossiers/ledger_list.html", {"lines": lines, "today": clock.today()})


@get_or_post
@may("dossier.manage")
def ledger_new(request: Request) -> HttpResponse:
    """Open a ledger."""
    known = library.standards()
    form = LedgerForm(
        request.POST or None, standards=[(one.id, one.name) for one in known.values()],
        initial={"period": str(clock.today().year), "opened_on": clock.today()},
    )  # fmt: skip

    def act(data: dict[str, Any]) -> Ledger:
        standard = known[data["standard"]]
        title = data["title"] or f"{data['period']}年{standard.short_name}材料台账"
        return services.open_ledger(
            standard=standard, period=data["period"], title=title, due_on=data["due_on"], opened_on=data["opened_on"],
            by=request.actor, now=clock.now(),
        )  # fmt: skip

    return form_page(
        request, form, act, title="建立材料台账", button="建立", back=reverse("dossiers:list"), done="台账已建立，请定责任部门。",
        lead="按标准为每个由人判定的条目建一份档案；按学校判定的，每所学校一份。上一年定过的责任部门和判定人照用。",
        to=lambda row: reverse("dossiers:assign", args=[row.pk]),
    )  # fmt: skip


@require_GET
@may(*_ALL)
def ledger(request: Request, key: UUID) -> HttpResponseBase:
    """A ledger item by item: who is asked, what is missing, where it stands; for a unit its own dossiers."""
    row, actor, today = found(request, key), request.actor, clock.today()
    if not actor.sees_county:
        return _list(request, row)
    lines = queries.overview(actor, row, today=today)
    show, group, department = (request.GET.get(name, "") for name in ("show", "group", "department"))
    groups = list(dict.fromkeys(line.group for line in lines))
    departments = sorted({name for line in lines for name in line.asked})
    chosen = [
        line for line in lines
        if (show not in SHOWS or SHOWS[show][1](line)) and group in ("", line.group) and (not department or department in line.asked)
    ]  # fmt: skip
    said = [SHOWS[show][0]] if show in SHOWS else []
    said += [words for words in (group, department) if words]
    if request.GET.get("export") == "xlsx":
        return _excel(row, chosen, said)
    standard = library.standards().get(row.standard)
    survey = next((one for one in queries.surveys(row) if one.taken_back_on is None), None)
    context = {
        "ledger": row, "lines": [(name, [x for x in chosen if x.group == name]) for name in groups if any(x.group == name for x in chosen)],
        "chips": [(code, words, sum(bool(test(line)) for line in lines)) for code, (words, test) in SHOWS.items()],
        "total": len(lines), "show": show, "group": group, "department": department, "groups": groups,
        "departments": departments, "said": said, "today": today, "printing": request.GET.get("print") == "1",
        "standard": standard, "is_older": standard is not None and standard.fingerprint != row.fingerprint,
        "survey": survey, "counts": _totals(lines), "exports": _exports(request, row) if actor.can("dossier.manage") else [],
        "job": jobs.job_of(actor, kind=KIND, key=str(row.pk)) if jobs.is_open(actor, kind=KIND, key=str(row.pk)) else None,
        "manages": actor.can("dossier.manage"), "bad": BAD,
    }  # fmt: skip
    return render(request, "dossiers/ledger.html", context)


def _totals(lines: Sequence[Line]) -> dict[str, int]:
    states: Counter[str] = Counter()
    for line in lines:
        states.update(line.states)
    return {
        "all": sum(states.values()) - states[S.LEFT_OUT], "waiting": states[S.OPEN] + states[S.RETURNED],
        "handed": states[S.HANDED], "judged": states[S.JUDGED], "settled": states[S.SETTLED],
        "lacking": sum(line.lacking for line in lines),
    }  # fmt: skip


def _exports(request: Request, row: Ledger) -> list[tuple[Any, list[Any]]]:
    made = queries.exports(row)
    stored: dict[str, list[Any]] = {}
    if made:
        for file in file_queries.files_of_many(request.actor, type(made[0]), [one.pk for one in made]):
            stored.setdefault(file.subject, []).append(file)
    return [(one, stored.get(str(one.pk), [])) for one in made]


_HEADS = (
    "条目",
    "部分",
    "名称",
    "类别",
    "责任部门",
    "判定人",
    "份数",
    "待报送",
    "待判定",
    "待复核",
    "已判定",
    "缺材料份数",
    "缺什么",
    "结论",
)


def _excel(ledger: Ledger, lines: Sequence[Line], said: Sequence[str]) -> FileResponse:
    made = io.BytesIO()
    with xlsxwriter.Workbook(made, BOOK) as book:
        sheet = book.add_worksheet("材料与判定总表")
        bold, wrap = book.add_format({"bold": True, "bottom": 1}), book.add_format({"text_wrap": True, "valign": "top"})
        write_cell(sheet, 0, 0, ledger.title, book.add_format({"bold": True, "font_size": 14}))
        write_cell(sheet, 1, 0, f"{clock.today():%Y年%m月%d日}导出 · 筛选：{'；'.join(said) or '全部'}")
        for at, head in enumerate(_HEADS):
            write_cell(sheet, 2, at, head, bold)
        for number, line in enumerate(lines, 3):
            values: tuple[Value, ...] = (
                line.item, line.group, line.name, str(Dossier.Kind(line.kind).label), "、".join(line.asked), "、".join(line.judges),
                line.counted, line.waiting, line.states[S.HANDED], line.states[S.JUDGED], line.states[S.SETTLED],
                line.lacking, "、".join(line.names), conclusions(line),
            )  # fmt: skip
            for at, value in enumerate(values):
                write_cell(sheet, number, at, value, wrap)
        for at, width in enumerate((8, 14, 34, 8, 22, 14, 6, 8, 8, 8, 8, 10, 40, 22)):
            sheet.set_column(at, at, width)
        sheet.freeze_panes(3, 3)
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.repeat_rows(2)
        sheet.fit_to_pages(1, 0)
    made.seek(0)
    return FileResponse(made, as_attachment=True, filename=f"{ledger.title}_总表_{clock.today():%Y%m%d}.xlsx")


def conclusions(line: Line) -> str:
    """达标, or of many schools: 良好 60、合格 3."""
    if line.one is not None:
        return line.one.conclusion
    return "、".join(f"{words} {count}" for words, count in line.concluded)


def _list(request: Request, row: Ledger) -> HttpResponseBase:
    actor, today = request.actor, clock.today()
    lines = queries.overview(actor, row, today=today)
    page = lists.dossiers(actor, row, today=today, lines=lines)
    rows = queries.dossiers(actor, row).select_related("judge")
    return page.respond(request, rows, "dossiers/dossier_list.html", {"ledger": row})


@require_GET
@may(*_ALL)
def ledger_all(request: Request, key: UUID) -> HttpResponseBase:
    """Every dossier of a ledger, to filter, find, sort, print and export."""
    return _list(request, found(request, key))


@get_or_post
@may("dossier.manage")
def ledger_change(request: Request, key: UUID) -> HttpResponse:
    """Rename it, move its day."""
    row = found(request, key)
    initial = {"title": row.title, "due_on": row.due_on, "base_version": row.version}

    def stands() -> tuple[dict[str, Any], int]:
        now = found(request, key)
        return {"title": now.title, "due_on": now.due_on}, now.version

    return form_page(
        request, ChangeForm(conflicts.chosen(request.POST) or None, initial=initial),
        lambda data: services.change_ledger(ledger=row, by=request.actor, now=clock.now(), **data),
        title="修改台账", button="保存", back=address(key), done="已保存。", stands=stands,
    )  # fmt: skip


@get_or_post
@may("dossier.manage")
def ledger_refresh(request: Request, key: UUID) -> HttpResponse:
    """Add what the file and the list of schools have now."""
    row = found(request, key)
    standard = library.standards().get(row.standard)
    if standard is None:
        raise Http404
    if request.method == "POST":
        made = services.refresh_ledger(ledger=row, standard=standard, by=request.actor, now=clock.now())
        messages.success(request, f"已更新，增加 {made} 份。" if made else "已是最新，没有要增加的。")
        return redirect(address(key))
    context = {
        "title": "按标准文件和现有学校更新？", "act": "更新", "back": address(key),
        "words": "增加标准文件新列的条目、材料和新登记的学校；已有的材料和判定不变，不再需要的请标为不计入。",
    }  # fmt: skip
    return render(request, "shell/confirm.html", context)


@get_or_post
@may("dossier.manage")
def ledger_assign(request: Request, key: UUID) -> HttpResponse:
    """Say who is asked and who judges, for many items at once."""
    row, actor, today = found(request, key), request.actor, clock.today()
    lines = queries.overview(actor, row, today=today)
    choices = [(line.item, _assigned(line)) for line in lines]
    form = AssignForm(
        request.POST or None, items=choices, departments=queries.departments(actor, day=today),
        judges=queries.judges(actor, day=today),
    )  # fmt: skip

    def act(data: dict[str, Any]) -> int:
        chosen = [one for line in lines if line.item in data["items"] for one in line.dossiers]
        return services.assign(dossiers=chosen, by=actor, now=clock.now(), **form.said())

    return form_page(
        request, form, act, title="分工：谁报送、谁判定", button="保存", back=address(key), done="已保存。", to=reverse("dossiers:assign", args=[key]),
        lead="先选条目，再选责任部门、判定人、时限；不选的不改。按学校判定的条目，由各学校报送，责任部门负责汇总。",
    )  # fmt: skip


def _assigned(line: Line) -> str:
    who = "、".join(line.asked) or "没有定责任部门"
    judges = f"，判定人 {'、'.join(line.judges)}" if line.judges else ""
    return f"{line.item} {line.name}（{who}{judges}）"


@get_or_post
@may("dossier.manage")
def leave_out_many(request: Request, key: UUID) -> HttpResponse:
    """Leave the ticked dossiers (``?key=`` once or more) out of the ledger."""
    row = found(request, key)
    keys = []
    for one in request.GET.getlist("key"):
        with suppress(ValueError):
            keys.append(UUID(one))
    chosen = list(queries.dossiers(request.actor, row).filter(pk__in=keys).order_by("position", "pk"))
    names = queries.names_of(request.actor, chosen, today=clock.today())
    listed = "；".join(f"{one.item} {names.get(one.unit_id, '') or one.name}" for one in chosen[:20])
    more = f"等 {len(chosen)} 份" if len(chosen) > 20 else f"，共 {len(chosen)} 份"
    return form_page(
        request, ReasonForm(request.POST or None),
        lambda data: services.leave_out_many(dossiers=chosen, by=request.actor, now=clock.now(), **data),
        title="所选的不计入？", button="不计入", back=reverse("dossiers:all", args=[key]), done="已标为不计入。", danger=True,
        lead=f"{listed}{more}。写明依据，如标准不评的学校；已经判定的不改，随时可以逐份恢复。" if chosen else "没有选材料档案，请返回勾选。",
    )  # fmt: skip


@get_or_post
@may("dossier.manage")
def ledger_ask(request: Request, key: UUID) -> HttpResponse:
    """Make ready the message to those who still have something to hand in."""
    row, actor, today = found(request, key), request.actor, clock.today()
    waiting: Counter[UUID] = Counter()
    rows = list(queries.dossiers(actor, row).filter(state__in=Dossier.WITH_UNIT))
    for one in rows:
        if to := one.unit_id or one.department_id:
            waiting[to] += 1
    names = queries.names_of(actor, rows, today=today)
    units = sorted(
        ((to, f"{names.get(to, '')}（{count} 项）") for to, count in waiting.items()), key=lambda pair: pair[1]
    )
    form = AskForm(request.POST or None, units=units)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            chosen = form.cleaned_data["units"]
            try:
                message = services.ask(
                    ledger=row, units=() if len(chosen) == len(units) else [UUID(one) for one in chosen], by=actor,
                    now=clock.now(),
                )  # fmt: skip
            except Refused as refusal:
                status = refuse(form, refusal)
            else:
                return redirect(_message(message))
    nobody = sum(1 for one in rows if not (one.unit_id or one.department_id))
    context = {
        "form": form, "title": "提醒报送", "button": "备好消息", "back": address(key), "draft": None,
        "lead": "消息备好后由您看过再发；正文可以直接复制到微信群。" + (f"另有 {nobody} 份没有定责任部门，先分工。" if nobody else ""),
    }  # fmt: skip
    return render(request, "shell/form.html", context, status=status)


def _message(message: Message) -> str:
    return reverse("messages:message", args=[message.pk])


@require_POST
@may("dossier.manage")
def ledger_export(request: Request, key: UUID) -> HttpResponse:
    """Have the package made; the page says how far it is."""
    job = services.ask_export(ledger=found(request, key), by=request.actor, now=clock.now())
    messages.success(request, "正在后台制作材料包，做好后在台账页下载。")
    return redirect("jobs:job", job.pk)


@require_GET
@may("dossier.manage")
def export_file(request: Request, key: UUID, export: UUID, file: UUID) -> HttpResponseBase:
    """A part of a package."""
    made = get_object_or_404(found(request, key).exports, pk=export)
    stored = file_queries.file_of(request.actor, made, file)
    if stored is None:
        raise Http404
    return files.respond(stored, by=request.actor, now=clock.now())

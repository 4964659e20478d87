"""Standards to read, and what the county says of them: comparisons with the original, values, variants, concessions."""

import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import xlsxwriter
from django.db.models import Model
from django.http import FileResponse, Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from dudao.files import queries as file_queries
from dudao.files import services as files
from dudao.files.models import StoredFile
from dudao.indicators import queries, services
from dudao.indicators.elements import PART_KINDS
from dudao.indicators.forms import CheckForm, ChoiceForm, TakeBackForm
from dudao.indicators.models import Check, Choice
from dudao.indicators.queries import Standing
from dudao.returns import library
from dudao.shell import clock
from dudao.shell.evidence import EVIDENCE
from dudao.shell.http import Request, get_or_post, may
from dudao.shell.lists import BOOK, write_cell
from dudao.shell.pages import form_page
from dudao_engines.standards.bound import Bound
from dudao_engines.standards.compute import Usable
from dudao_engines.standards.schema import Indicator, Standard

_READS = ("indicator.read", "indicator.manage")
#: What a page of a standard can be narrowed to.
SHOWS = {
    "unchecked": "未核实", "stale": "需重新核对", "checked": "已核对", "given": "本县设定过",
}  # fmt: skip


def _standard(id: str) -> Standard:
    found = library.standards().get(id)
    if found is None:
        raise Http404
    return found


@dataclass(frozen=True, slots=True)
class Line:
    """One indicator with its elements as they stand; ``why_not``: why it carries no official conclusion yet."""

    indicator: Indicator
    standing: Standing
    kinds: str
    levels: str
    why_not: list[str]
    elements: list[Standing]

    @property
    def all(self) -> list[Standing]:
        return [self.standing, *self.elements]


def _shown(one: Standing, show: str) -> bool:
    if show == "given":
        return bool(one.choices)
    return one.code == show if show else True


def _lines(standard: Standard, found: dict[str, Standing], bound: Bound | None) -> list[Line]:
    usable = Usable(bound, queries.settings_from(found.values())) if bound else None
    names = {level.id: level.name for level in standard.levels}
    return [
        Line(
            one, found[one.id], "、".join(dict.fromkeys(PART_KINDS[part.kind] for part in one.parts)), names[one.level],
            sorted({why for part in one.parts if usable and (why := usable.why_not(one.key(part)))}),
            [s for s in found.values() if s.element.of == one.id and s.element.key != one.id],
        )
        for one in standard.indicators
    ]  # fmt: skip


def counts(found: Iterable[Standing]) -> dict[str, int]:
    """How many elements stand how."""
    said = dict.fromkeys(("sure", "checked", "stale", "unchecked", "given"), 0)
    for one in found:
        said[one.code] += 1
        said["given"] += bool(one.choices)
    return said


@require_GET
@may(*_READS)
def standard_list(request: Request) -> HttpResponse:
    """Every standard of the library, and how much of it is unchecked."""
    today = clock.today()
    rows = []
    for one in library.standards().values():
        found = queries.standings(request.actor, one, today).values()
        rows.append((one, len(one.indicators), counts(found)))
    return render(request, "indicators/standard_list.html", {"rows": rows})


@require_GET
@may(*_READS)
def standard(request: Request, standard: str) -> HttpResponseBase:
    """One standard: groups, indicators, limits, how sure each is, and what the county says of it."""
    known, today = _standard(standard), clock.today()
    bound = queries.bound_where_it_binds(known.id)
    found = queries.standings(request.actor, known, today, bound)
    lines = _lines(known, found, bound)
    if request.GET.get("export") == "xlsx":
        return _excel(known, found)
    show = request.GET.get("show", "")
    show = show if show in SHOWS else ""
    groups = [
        (group, [line for line in lines if line.indicator.group == group.id and any(_shown(s, show) for s in line.all)])
        for group in known.groups
    ]
    loose = [one for one in found.values() if not one.element.of and _shown(one, show)]
    said = counts(found.values())
    context = {
        "standard": known, "groups": [(group, rows) for group, rows in groups if rows], "loose": loose, "said": said,
        "total": len(found), "show": show, "chips": [(code, name, said[code]) for code, name in SHOWS.items()],
        "gone": queries.gone(request.actor, known), "printing": request.GET.get("print") == "1",
        "evidence": EVIDENCE[known.verdict.evidence],
    }  # fmt: skip
    return render(request, "indicators/standard.html", context)


def _excel(standard: Standard, found: dict[str, Standing]) -> FileResponse:
    """The whole standard with where each element stands, for people who compare it on paper."""
    made = io.BytesIO()
    heads = (
        "代码",
        "类别",
        "名称",
        "标准文件内容",
        "现行取值",
        "依据程度",
        "条款",
        "状态",
        "核对日期",
        "核对人",
        "核对所据文件",
        "原文位置",
        "说明",
    )
    with xlsxwriter.Workbook(made, BOOK) as book:
        sheet = book.add_worksheet("标准核对表")
        bold, wrap = book.add_format({"bold": True, "bottom": 1}), book.add_format({"text_wrap": True, "valign": "top"})
        write_cell(sheet, 0, 0, standard.name, book.add_format({"bold": True, "font_size": 14}))
        write_cell(sheet, 1, 0, f"{standard.doc_no} · 标准文件第 {standard.version} 版 · 指纹 {standard.fingerprint}")
        for at, head in enumerate(heads):
            write_cell(sheet, 2, at, head, bold)
        for row, values in enumerate(_excel_rows(found), 3):
            for at, value in enumerate(values):
                write_cell(sheet, row, at, value, wrap)
        for at, width in enumerate((10, 8, 28, 50, 14, 16, 24, 12, 12, 10, 28, 20, 30)):
            sheet.set_column(at, at, width)
        sheet.freeze_panes(3, 3)
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.repeat_rows(2)
        sheet.fit_to_pages(1, 0)
    made.seek(0)
    return FileResponse(
        made, as_attachment=True, filename=f"{standard.short_name}_标准核对表_{clock.today():%Y%m%d}.xlsx"
    )


_STATES = {"sure": "国家规定", "checked": "已核对", "stale": "标准文件已更新，请重新核对", "unchecked": "未核实"}


def _excel_rows(found: dict[str, Standing]) -> Iterator[tuple[Any, ...]]:
    for one in found.values():
        element, check = one.element, one.check
        yield (
            element.key, element.kind_words, element.name, element.words, one.holds, element.evidence_words,
            element.clause, _STATES[one.code], check.checked_on if check else None, check.checked_by if check else "",
            check.against if check else "", check.place if check else "", element.note,
        )  # fmt: skip


def _standing(request: Request, standard: str, item: str) -> tuple[Standard, Standing]:
    known = _standard(standard)
    found = queries.standings(request.actor, known, clock.today(), queries.bound_where_it_binds(known.id)).get(item)
    if found is None:
        raise Http404
    return known, found


@require_GET
@may(*_READS)
def element(request: Request, standard: str, item: str) -> HttpResponse:
    """One element: what the file says, what the county says of it, and everything that was said before."""
    known, found = _standing(request, standard, item)
    indicator = next((one for one in known.indicators if one.id == found.element.of), None)
    sources = [known.sources[s] for s in indicator.source] if indicator else []
    context = {
        "standard": known, "one": found, "element": found.element, "indicator": indicator, "sources": sources,
        "checks": _with_files(request, Check, found.checks), "choices": _with_files(request, Choice, found.choices),
    }  # fmt: skip
    return render(request, "indicators/element.html", context)


def _with_files(request: Request, kind: type[Model], rows: Sequence[Model]) -> list[tuple[Model, list[StoredFile]]]:
    """Each row with its evidence; one statement."""
    of: dict[str, list[StoredFile]] = {}
    if rows:
        for file in file_queries.files_of_many(request.actor, kind, [row.pk for row in rows]):
            of.setdefault(file.subject, []).append(file)
    return [(row, of.get(str(row.pk), [])) for row in rows]


def _address(standard: str, item: str) -> str:
    return reverse("indicators:element", args=[standard, item])


@get_or_post
@may("indicator.manage")
def check(request: Request, standard: str, item: str) -> HttpResponse:
    """Write down a comparison with the original."""
    known, found = _standing(request, standard, item)
    initial = {
        "digest": found.element.digest, "checked_on": clock.today(), "checked_by": request.actor.name,
        "against": known.doc_no,
    }  # fmt: skip
    form = CheckForm(request.POST or None, request.FILES or None, initial=initial)

    def act(data: dict[str, Any]) -> None:
        evidence = [files.receive(one) for one in data.pop("evidence") or ()]
        services.record_check(
            standard=known, key=item, evidence=evidence, by=request.actor, now=clock.now(), **data
        )  # fmt: skip

    return form_page(
        request, form, act, title=f"登记核对：{found.element.name}", button="登记", back=_address(standard, item),
        done="已登记核对。", lead=f"标准文件的内容：{found.element.words}。与原件逐字核对一致后登记；不一致的不要登记，请联系系统管理员更正标准文件，或设定本县取值。",
    )  # fmt: skip


@get_or_post
@may("indicator.manage")
def choose(request: Request, standard: str, item: str) -> HttpResponse:
    """Give a value, choose a variant, open or close a concession."""
    known, found = _standing(request, standard, item)
    one = found.element
    if one.choice is None:
        raise Http404
    initial = {
        "value": found.value,
        "from_on": clock.today(),
        "origin": "region" if one.choice in ("parameter", "limit") else "county",
    }
    form = ChoiceForm(request.POST or None, request.FILES or None, element=one, initial=initial)

    def act(data: dict[str, Any]) -> None:
        evidence = [files.receive(x) for x in data.pop("evidence") or ()]
        services.choose(standard=known, key=item, evidence=evidence, by=request.actor, now=clock.now(), **data)

    verb = {"variant": "选用口径", "concession": "开启或关闭放宽"}.get(one.kind, "设定取值")
    return form_page(
        request, form, act, title=f"{verb}：{one.name}", button="保存", back=_address(standard, item), done="已保存。",
        lead=f"标准文件：{one.words}。现行：{found.holds or '标准文件的值'}。新的取值从所填日期起用，以前的结果和登记不变。",
    )  # fmt: skip


def _take_back(request: Request, row: Check | Choice | None) -> HttpResponse:
    if row is None:
        raise Http404
    known = library.standards().get(row.standard)
    there = known is not None and row.item in queries.standings(request.actor, known, clock.today())
    back = _address(row.standard, row.item) if there else reverse("indicators:standard", args=[row.standard])
    return form_page(
        request, TakeBackForm(request.POST or None, initial={"on": clock.today()}),
        lambda data: services.take_back(row=row, by=request.actor, now=clock.now(), **data),
        title=f"撤销：{row.item_name}", button="撤销", back=back, done="已撤销，登记和原因留着备查。", danger=True,
        lead="撤销以后，从现在起不再按它判定；已经存档的结果不变。",
    )  # fmt: skip


@get_or_post
@may("indicator.manage")
def take_back_check(request: Request, key: UUID) -> HttpResponse:
    return _take_back(request, queries.check_visible_to(request.actor, key))


@get_or_post
@may("indicator.manage")
def take_back_choice(request: Request, key: UUID) -> HttpResponse:
    return _take_back(request, queries.choice_visible_to(request.actor, key))


@require_GET
@may(*_READS)
def said_file(request: Request, kind: str, key: UUID, file: UUID) -> HttpResponseBase:
    """A piece of evidence of a comparison or a choice."""
    row: Model | None = None
    if kind in ("check", "choice"):
        row = (queries.check_visible_to if kind == "check" else queries.choice_visible_to)(request.actor, key)
    found = file_queries.file_of(request.actor, row, file) if row else None
    if found is None:
        raise Http404
    return files.respond(found, by=request.actor, now=clock.now())

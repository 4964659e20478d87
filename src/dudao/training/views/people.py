"""Inspectors by their training: hours of a year, needs, files, competence, claims."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET

from dudao.files import queries as files
from dudao.inspectors import queries as inspectors
from dudao.inspectors.models import Inspector
from dudao.shell import clock
from dudao.shell.http import Request, may
from dudao.shell.lists import Value
from dudao.shell.sheets import Sheet, table
from dudao.training import library
from dudao.training.models import Claim, Kind, Level
from dudao.training.queries.competence import matrix
from dudao.training.queries.files import File, file_of
from dudao.training.queries.hours import Year, book
from dudao.training.views.parts import shared, year_of, years

READ = may("training.manage", "inspector.read")
TAKES_PART = may("training.manage", "inspector.read", "inspector.self")
VERDICTS = {
    "met": ("done", "达到"),
    "short": ("late", "不足"),
    "unknown": ("wait", "待登记"),
    "none": ("none", "没有记录"),
}


def verdict(row: Year, *, is_over: bool) -> tuple[str, str]:
    """Tone and words of how somebody stands; while the year still runs being short is no fault yet."""
    tone, words = VERDICTS[row.verdict]
    return ("soon", "还差") if row.verdict == "short" and not is_over else (tone, words)


@require_GET
@READ
def hours(request: Request) -> HttpResponseBase:
    """Hours of a year by kind, and who is short by how much."""
    year, today = year_of(request), clock.today()
    found = book(request.actor.county, year, today=today)
    is_over = today.year > year
    asked = request.GET.get("v", "")
    shown = [one for one in found.rows if not asked or one.verdict == asked]
    if request.GET.get("export") == "xlsx":
        heads = (
            "姓名",
            "类别",
            "督学证号",
            *(f"{one.label}学时" for one in Kind),
            "计入学时",
            "待登记学时",
            "应达学时",
            "差",
            "结论",
        )
        lines: list[tuple[Value, ...]] = [
            (
                one.known.name, Inspector.Kind(one.known.kind).label, one.known.certificate_number,
                *(one.by_kind.get(kind.value) for kind in Kind), one.counted, one.open or None, found.need, one.short,
                verdict(one, is_over=is_over)[1],
            )
            for one in shown
        ]  # fmt: skip
        said = f"计入：{'、'.join(Kind(one).label for one in Kind.values if one in found.kinds)}"
        return table(f"{year}年督学培训学时", [("学时", heads, lines)], said=said, today=today)
    context = shared(
        request, "hours", year=year, years=years(request, year), book=found, is_over=is_over, asked=asked,
        rows=[(one, verdict(one, is_over=is_over), [one.by_kind.get(kind.value) for kind in Kind]) for one in shown],
        kinds=list(Kind), counts=[(code, words, found.count(code)) for code, (_, words) in VERDICTS.items()],
        counted="、".join(Kind(one).label for one in Kind.values if one in found.kinds),
        short=[one for one in found.rows if one.verdict == "short"], printing=request.GET.get("print") == "1",
    )  # fmt: skip
    return render(request, "training/hours.html", context)


@require_GET
@may("inspector.self")
def mine(request: Request) -> HttpResponse:
    """The way to the reader's own file."""
    row = inspectors.inspectors_visible_to(request.actor).filter(person__in=request.actor.hands).first()
    if row is None:
        return render(request, "inspectors/none.html")
    return redirect(reverse("training:file", args=[row.pk]))


@require_GET
@TAKES_PART
def file(request: Request, key: UUID) -> HttpResponseBase:
    """The training file of one inspector."""
    row = get_object_or_404(inspectors.inspectors_visible_to(request.actor).select_related("person"), pk=key)
    today = clock.today()
    found = file_of(row, today=today)
    # A leader sees hours and certificates; scores and judgements are for the office and the inspector.
    private = inspectors.may_read_private(request.actor, row)
    if request.GET.get("export") == "xlsx":
        return table(
            f"督学培训档案_{row.person.name}", _sheets(found, private=private), said=row.person.name, today=today
        )
    known = next((one for one in inspectors.roster(row.county, day=today) if one.key == row.pk), None)
    standing = book(row.county, today.year, today=today, only=known) if known else None
    levels = matrix(row.county, day=today, only=[row.pk])[row.pk]
    proofs: dict[str, list[Any]] = {}
    if private:
        for one in files.files_of_many(request.actor, Claim, [one.pk for one in found.claims]):
            proofs.setdefault(one.subject, []).append(one)
    context = shared(
        request, "file", row=row, file=found, private=private, known=known, book=standing,
        year=standing.rows[0] if standing else None, labels=dict(Level.choices), kinds=list(Kind), kind_names=dict(Kind.choices),
        own=row.person_id in request.actor.hands,
        years=[(one, [one.by_kind.get(kind.value) for kind in Kind]) for one in found.years],
        areas=[(area, name, levels.get(area)) for area, name in library.areas().items()], level_names=library.levels(),
        claims=[(one, proofs.get(str(one.pk), [])) for one in found.claims], printing=request.GET.get("print") == "1",
    )  # fmt: skip
    return render(request, "training/file.html", context)


def _sheets(found: File, *, private: bool) -> list[Sheet]:
    levels, kinds = dict(Level.choices), dict(Kind.choices)
    states = {"present": "到", "leave": "请假", "absent": "缺席"}
    sheets: list[Sheet] = [
        (
            "学时", ("日期", "内容", "级别", "方式", "出勤", "学时", "说明"),
            [
                (one.day, one.title, levels[Level(one.level)], kinds[Kind(one.kind)], states[one.state], one.hours, one.words if private or one.state == "present" else "")
                for one in found.lines
            ],
        ),
        (
            "结业证书", ("证书编号", "培训", "级别", "学时", "发证日期"),
            [
                (one.number, one.batch.title, one.batch.get_level_display(), one.hours, one.issued_on)
                for one in found.certificates
            ],
        ),
    ]  # fmt: skip
    if private:
        sheets.append(
            (
                "测试成绩", ("日期", "测试", "培训", "得分", "满分", "合格线"),
                [
                    (one.exam.day, one.exam.title, one.exam.batch.title, "缺考" if one.points is None else one.points, one.exam.full, one.exam.pass_mark)
                    for one in found.scores
                ],
            )
        )  # fmt: skip
        sheets.append(
            (
                "学时认定", ("培训", "主办单位", "级别", "方式", "开始", "结束", "学时", "状态", "说明"),
                [
                    (one.title, one.organiser, one.get_level_display(), one.get_kind_display(), one.starts_on, one.ends_on, one.hours, one.get_state_display(), one.decision)
                    for one in found.claims
                ],
            )
        )  # fmt: skip
    return sheets

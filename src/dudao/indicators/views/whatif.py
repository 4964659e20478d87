"""Pages of what would have to change: what is missing, which cells to check first, scratch copies, one unit's results."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any
from uuid import UUID

from django.http import Http404
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from dudao.indicators import board
from dudao.indicators.models import Scratch
from dudao.indicators.queries import results as numbers
from dudao.indicators.queries import whatif as rows
from dudao.indicators.queries.results import Computed
from dudao.indicators.services import whatif as services
from dudao.indicators.services.whatif import Change
from dudao.indicators.views.results import Asked, asked_of, computed_for, units_for
from dudao.jobs import queries as jobs
from dudao.returns import library
from dudao.returns import queries as returns
from dudao.shell import clock, sheets, toasts
from dudao.shell.errors import Refused
from dudao.shell.http import Request
from dudao_engines.standards import whatif
from dudao_engines.standards.exact import Evaluator
from dudao_engines.standards.results import Result, Verdict

# What is missing


@dataclass(frozen=True, slots=True)
class Lack:
    """What one part lacks at one unit, in words."""

    missing: whatif.Missing
    name: str
    field: str
    unit_words: str

    @property
    def amount(self) -> str:
        return board.amount_words(self.missing.amount)

    @property
    def is_over(self) -> bool:
        return self.missing.amount < 0


def lacks_of(made: Computed) -> list[Lack]:
    """Everything that is missing at units, in the order of the standard."""
    found = whatif.missing(made.bound, made.dataset, made.settings, numbers.decimals())
    fields = numbers.fields()
    return [_lack(made, one, fields) for one in found]


def _lack(made: Computed, one: whatif.Missing, fields: Any) -> Lack:
    part = made.bound.parts[one.part]
    field = fields[made.bound.table_of(part.level.id), one.code]
    return Lack(one, board.part_name(part), field.label, field.unit)


@dataclass(frozen=True, slots=True)
class Gain:
    """What would bring a CV to its limit by lifting the poorest units.

    Attributes:
        level: what every unit below it would be lifted to, with its unit.
        units: code, name and what each would gain; ``total`` of all; ``counted`` what it is counted in.
    """

    part: str
    name: str
    stage: str
    now: str
    limit: str
    level: str
    units: Sequence[tuple[str, str, str]]
    total: str
    counted: str


@require_GET
def missing(request: Request) -> HttpResponseBase:
    """What is missing to pass: per unit, in all, and to bring the units closer together."""
    asked = asked_of(request)
    if not asked.period:
        return render(request, "indicators/no_data.html", asked.context(request))
    made = computed_for(request, asked)
    lacks = lacks_of(made)
    totals: dict[tuple[str, str, str], Decimal] = {}
    for one in lacks:
        if not one.is_over:
            key = (one.missing.part, one.missing.code, one.missing.stage)
            totals[key] = totals.get(key, Decimal()) + one.missing.amount
    by_key = {(one.missing.part, one.missing.code, one.missing.stage): one for one in lacks}
    sums = [
        (by_key[key], board.amount_words(amount), sum(1 for one in lacks if (one.missing.part, one.missing.stage) == (key[0], key[2])))
        for key, amount in totals.items()
    ]  # fmt: skip
    gains = _gains(made) if request.actor.sees_county else []
    if request.GET.get("export") == "xlsx":
        heads = ("标识码", "单位", "学段", "指标", "要补（或要减）的", "数量", "计量单位", "其余补齐后可缓")
        lines = [
            (one.missing.unit, one.missing.name, one.missing.stage, f"{one.missing.part} {one.name}", one.field,
             one.missing.amount, one.unit_words, "是" if one.missing.can_wait else "")
            for one in lacks
        ]  # fmt: skip
        lifted = [
            (gain.part, gain.name, gain.stage, code, name, sheets.number(amount))
            for gain in gains
            for code, name, amount in gain.units
        ]
        title = f"{made.standard.short_name}还差多少（{asked.period_label}）"
        parts: list[sheets.Sheet] = [("各单位缺口", heads, lines)]
        if lifted:
            parts.append(("缩小校际差异", ("编号", "指标", "学段", "标识码", "单位", "要增加"), lifted))
        return sheets.table(title, parts, said="按采用值试算", today=clock.today())
    lacking: dict[str, list[Result]] = {}
    for result in made.results.results:
        if result.trial is Verdict.MISSING and (
            request.actor.sees_county or made.bound.table_of(result.level) != "county"
        ):
            lacking.setdefault(result.part, []).append(result)
    return render(
        request,
        "indicators/missing.html",
        {
            **asked.context(request),
            "made": made,
            "lacks": lacks,
            "sums": sums,
            "gains": gains,
            "unknown": [(key, board.part_name(made.bound.parts[key]), mine) for key, mine in lacking.items()],
            "view": "missing",
        },
    )


def _gains(made: Computed) -> list[Gain]:
    """Every CV that is over its limit, with what lifting the poorest units would take."""
    found = []
    for part in made.bound.parts.values():
        compared = board.compared_by(part)
        if compared is None or not compared.of:
            continue
        of = made.bound.parts[compared.of]
        counted, base = board.per(of.part.unit)
        for result in made.results.each(part.key):
            if result.trial is not Verdict.FAIL or not isinstance(result.limit, Fraction):
                continue
            lift = whatif.lift(
                _amounts(made.evaluator, compared, result.stage),
                result.limit,
                Fraction(1, 10 ** (of.part.decimals or 2)),
            )
            if lift:
                units = [(code, name, board.looks(gain / base, 1)) for code, name, gain in lift.units]
                found.append(
                    Gain(
                        *(part.key, board.part_name(part), result.stage, result.shown),
                        board.limit_words(result.op, result.limit),
                        f"{board.looks(lift.level, 2)} {of.part.unit}",
                        units,
                        board.looks(lift.total / base, 1),
                        counted,
                    )
                )
    return found


def _amounts(evaluator: Evaluator, compared: board.Compared, stage: str) -> list[tuple[str, str, Fraction, Fraction]]:
    found = []
    for row in evaluator.rows(compared.level):
        if row.stage == stage:
            amount, weight = evaluator.evaluate(compared.amount, row), evaluator.evaluate(compared.weight, row)
            if isinstance(amount, Fraction) and isinstance(weight, Fraction) and weight > 0:
                found.append((row.record.unit, row.record.name, amount, weight))
    return found


# One unit


@require_GET
def unit(request: Request, code: str) -> HttpResponseBase:
    """Everything of one unit: numbers, verdicts, what is missing."""
    asked = asked_of(request)
    if not asked.period:
        return render(request, "indicators/no_data.html", asked.context(request))
    made = computed_for(request, asked)
    mine = [one for one in made.results.results if one.unit == code and made.bound.table_of(one.level) != "county"]
    if not mine:
        raise Http404
    lacks = {(one.missing.part, one.missing.stage): one for one in lacks_of(made) if one.missing.unit == code}
    units = units_for(made)
    lines = [
        (
            one,
            f"{board.number_of(made.bound.parts[one.part])} {board.part_name(made.bound.parts[one.part])}".strip(),
            board.limit_words(one.op, one.limit),
            board.fraction_words(one, units),
            lacks.get((one.part, one.stage)),
        )
        for one in mine
    ]
    return render(
        request,
        "indicators/unit.html",
        {**asked.context(request), "made": made, "name": mine[0].name, "code": code, "lines": lines, "view": "matrix"},
    )


@require_GET
def affected(request: Request, code: str) -> HttpResponseBase:
    """Which of a unit's verdicts rest on these fields (``codes``): a fragment beside the form, by what is reported now."""
    codes = set(request.GET.get("codes", "").split(","))
    lines = []
    for id, standard in library.standards().items():
        period = request.GET.get("period", "")
        if period not in dict(returns.periods(request.actor, standard.forms)):
            continue
        made = numbers.computed(request.actor, id, period, "reported", on=clock.today())
        rests: dict[str, bool] = {}
        for one in made.results.results:
            part = made.bound.parts[one.part]
            table = made.bound.table_of(one.level)
            if one.unit != code or table == "county" or one.trial is Verdict.NONE:
                continue
            if part.key not in rests:
                rests[part.key] = bool(codes & whatif.codes_of(made.bound, part).get(table, set()))
            if rests[part.key]:
                words = (
                    board.part_name(part),
                    board.limit_words(one.op, one.limit),
                    board.fraction_words(one, units_for(made)),
                )
                lines.append((id, one, *words, board.tone(one.trial)))
    return render(request, "indicators/_affected.html", {"lines": lines[:12], "more": len(lines) - 12, "code": code})


# Which cells to check first


@require_http_methods(["GET", "POST"])
def turning(request: Request) -> HttpResponseBase:
    """Cells of which a small error would turn a verdict; POST searches anew."""
    asked = asked_of(request)
    if not request.actor.sees_county:
        raise Http404
    if not asked.period:
        return render(request, "indicators/no_data.html", asked.context(request))
    if request.method == "POST":
        try:
            within = int(Decimal(request.POST.get("within", "10")) * 10)
        except (ArithmeticError, ValueError):
            raise Refused("误差范围请填一个百分数，如 10。", code="sweep.within", field="within") from None
        services.start_sweep(
            standard=asked.standard, period=asked.period, within=within, by=request.actor, now=clock.now()
        )
        return redirect(f"{reverse('indicators:turning')}?{asked.query}")
    made = computed_for(request, asked)
    found = rows.last_sweep(request.actor, asked.standard, asked.period)
    job = jobs.job_of(request.actor, kind=services.JOB, key=f"{asked.standard}|{asked.period}")
    running = jobs.is_open(request.actor, kind=services.JOB, key=f"{asked.standard}|{asked.period}")
    checked = rows.checked_cells(request.actor, asked.period)
    lines = rows.turn_lines(made, found, checked) if found else []
    if request.GET.get("export") == "xlsx":
        heads = ("标识码", "单位", "项目", "现值", "变到", "误差", "指标", "单位（指标）", "学段", "现在", "会变成")
        table = [
            (one.unit, one.name, one.field, sheets.number(one.value), sheets.number(one.turns_at), one.change,
             f"{one.part} {one.part_name}", one.of_name, one.stage, one.now, one.then)
            for one in lines
        ]  # fmt: skip
        return sheets.table(
            f"先查哪些数（{asked.period_label}）", [("名单", heads, table)], said="", today=clock.today()
        )
    context = {
        **asked.context(request),
        "made": made,
        "sweep": found,
        "lines": lines[:300],
        "total": len(lines),
        "running": running,
        "job": job,
        "is_stale": found is not None and rows.adopted_digest(request.actor, made, on=clock.today()) != found.digest,
        "view": "turning",
        "address": f"{reverse('indicators:turning')}?{asked.query}",
    }
    return render(request, "indicators/turning.html", context)


@require_POST
def turning_mark(request: Request) -> HttpResponseBase:
    """Hand the list to the groups that check on site."""
    asked = asked_of(request)
    found = rows.last_sweep(request.actor, asked.standard, asked.period)
    if found is None or not request.actor.sees_county:
        raise Http404
    marked = services.hand_over(sweep=found, by=request.actor, now=clock.now())
    toasts.done(request, f"已把 {marked} 个格子标为优先核查，核查组在核查页上先看到它们")
    return redirect(f"{reverse('indicators:turning')}?{asked.query}")


# Scratch copies


@require_http_methods(["GET", "POST"])
def scratches(request: Request) -> HttpResponseBase:
    """The scratch copies of a period; POST begins one."""
    asked = asked_of(request)
    if not request.actor.sees_county:
        raise Http404
    if not asked.period:
        return render(request, "indicators/no_data.html", asked.context(request))
    if request.method == "POST":
        row = services.open_scratch(
            standard=asked.standard,
            period=asked.period,
            title=request.POST.get("title", ""),
            by=request.actor,
            now=clock.now(),
        )
        return redirect("indicators:scratch", row.pk)
    found = rows.scratches_visible_to(request.actor).filter(standard=asked.standard, period=asked.period)
    context = {**asked.context(request), "rows": list(found), "view": "scratch"}
    return render(request, "indicators/scratches.html", context)


def _scratch(request: Request, key: UUID) -> Scratch:
    row = rows.scratches_visible_to(request.actor).filter(pk=key).first()
    if row is None:
        raise Http404
    return row


@require_http_methods(["GET", "POST"])
def scratch(request: Request, key: UUID) -> HttpResponseBase:
    """One scratch copy: its changes, and which verdicts move."""
    row = _scratch(request, key)
    asked = Asked(row.standard, row.period, "adopted", [(row.period, row.period)])
    changes, error, status = [Change(**one) for one in row.changes], "", 200
    made = numbers.computed(request.actor, row.standard, row.period, "adopted", on=clock.today())
    if request.method == "POST":
        changes = _typed(request, made)
        try:
            services.save_scratch(
                scratch=row,
                title=request.POST.get("title", row.title),
                changes=changes,
                version=int(request.POST.get("version") or 0),
                by=request.actor,
                now=clock.now(),
            )
            return redirect("indicators:scratch", row.pk)
        except Refused as refused:
            error, status = str(refused), 422
    # Where what was typed cannot be read, what is kept stands beside it.
    kept = [Change(**one) for one in row.changes] if error else changes
    data = services.tried(made.dataset, kept)
    after = numbers.compute_over(row.standard, row.period, "adopted", rows.named(data, kept), made.settings)
    moved = whatif.moved(made.results, after.results)
    context = {
        **asked.context(request),
        "made": made,
        "after": after,
        "scratch": row,
        "changes": [(at, one, rows.change_label(made, one.table, one.code, one.value)) for at, one in enumerate(changes)],
        "units": rows.units_of(after),
        "fields": rows.fields_of(made),
        "error": error,
        "moved": [(one, board.part_name(made.bound.parts[one.part]) if one.part in made.bound.parts else "综合结论") for one in moved],
        "version": request.POST.get("version") or row.version,
        "view": "scratch",
    }  # fmt: skip
    return render(request, "indicators/scratch.html", context, status=status)


def _typed(request: Request, made: Computed) -> list[Change]:
    """The changes as typed: lines kept, then the new one where it says something."""
    post = request.POST
    found = []
    for at in range(services.CHANGES + 1):
        if f"code-{at}" not in post:
            break
        if post.get(f"drop-{at}"):
            continue
        found.append(
            Change(post[f"table-{at}"], post.get(f"unit-{at}", ""), post.get(f"name-{at}", ""), post[f"code-{at}"], post.get(f"value-{at}", "").strip())
        )  # fmt: skip
    table, _, code = post.get("new-field", "").partition(":")
    unit = post.get("new-unit", "")
    new_name = post.get("new-name", "").strip()
    like_table, _, like = post.get("new-like", "").partition(":")
    if new_name and like and not unit:
        unit = f"新建-{new_name}"
        found.append(Change(like_table, unit, new_name, services.LIKE, like))
    if code and (unit or new_name):
        named = dict(rows.units_of(made).get(table, []))
        unit = unit or f"新建-{new_name}"
        found.append(Change(table, unit, named.get(unit, new_name or unit), code, post.get("new-value", "").strip()))
    return found


@require_POST
def scratch_drop(request: Request, key: UUID) -> HttpResponseBase:
    """Put a scratch copy away, with undo."""
    row = _scratch(request, key)
    services.drop_scratch(scratch=row, by=request.actor, now=clock.now())
    toasts.done(request, f"已删除试算“{row.title}”", undo=reverse("indicators:scratch_restore", args=[row.pk]))
    return redirect(f"{reverse('indicators:scratches')}?standard={row.standard}&period={row.period}")


@require_POST
def scratch_restore(request: Request, key: UUID) -> HttpResponseBase:
    row = rows.dropped_scratch(request.actor, key)
    if row is None:
        raise Http404
    services.restore_scratch(scratch=row, by=request.actor, now=clock.now())
    return redirect("indicators:scratch", row.pk)

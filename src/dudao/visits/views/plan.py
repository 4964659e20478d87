"""The list of visits, the month's plan, one's own visits, what is owed and the monthly table."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET

from dudao.accounts.models import Person
from dudao.inspectors import queries as inspectors
from dudao.places.models import Unit
from dudao.shell import clock, sheets, toasts
from dudao.shell.errors import Conflict, Refused
from dudao.shell.http import Request, get_or_post, may
from dudao.shell.pages import form_page
from dudao.visits import counting, library, lists, queries, services
from dudao.visits.forms import PlanForm, month_in
from dudao.visits.spans import expected, first_of, month_before, month_words, months_of, term_of

READERS = ("visit.manage", "inspector.read", "visit.make")


@require_GET
@may("visit.manage", "inspector.read")
def visits(request: Request) -> HttpResponseBase:
    """All visits, filtered, as Excel and in print."""
    actor, today = request.actor, clock.today()
    page = lists.visits(actor, queries.people(actor, today=today), today=today)
    rows = queries.visits_visible_to(actor).select_related("person")
    late = sum(one.is_late for one in queries.owed(actor, day=today))
    return page.respond(request, rows, "visits/list.html", {"late": late, "managing": queries.is_office(actor)})


@require_GET
@may("visit.make")
def mine(request: Request) -> HttpResponse:
    """For the phone: what is before an inspector, and how their schools stand in the term."""
    actor, today = request.actor, clock.today()
    rows = queries.mine(actor, today=today)
    queries.named(actor, rows, today=today)
    owed = queries.owed(actor, day=today)
    context = {
        "rows": [(one, *lists.standing(one, today)) for one in rows], "owed": owed, "today": today, "month": first_of(today),
        "late": [one for one in owed if one.is_late], "term": term_of(today), "rules": inspectors.rules_on(actor.county, day=today),
        "unplanned": _unplanned(request, owed),
    }  # fmt: skip
    return render(request, "visits/mine.html", context)


def _unplanned(request: Request, owed: list[queries.Owed]) -> int:
    """How many of one's schools have no visit in this month, planned or made."""
    month = first_of(clock.today())
    rows = queries.visits_visible_to(request.actor).filter(month=month, person__in=request.actor.hands)
    has = set(rows.exclude(state="undone").values_list("unit", flat=True))
    return sum(one.duty.unit not in has for one in owed)


@require_GET
@may(*READERS)
def of_inspector(request: Request, key: UUID) -> HttpResponse:
    """The way from an entry of the register to its visits."""
    row = get_object_or_404(inspectors.inspectors_visible_to(request.actor), pk=key)
    if not queries.reads_county(request.actor):
        return redirect("visits:mine")
    return redirect(f"{reverse('visits:list')}?person={row.person_id}")


@require_GET
@may("visit.host")
def host(request: Request) -> HttpResponse:
    """For a school: the feedback of its visits."""
    actor, today = request.actor, clock.today()
    rows = list(
        queries.visits_visible_to(actor)
        .filter(unit=actor.unit)
        .select_related("person")
        .order_by("-visited_on", "-pk")[:100]
    )
    queries.named(actor, rows, today=today)
    return render(request, "visits/host.html", {"rows": rows})


def _month(request: Request) -> Any:
    return month_in(request.GET.get("month", ""), first_of(clock.today()))


def _to_plan(month: Any) -> str:
    return f"{reverse('visits:plan')}?month={month:%Y-%m}"


@get_or_post
@may("visit.manage", "visit.make")
def plan(request: Request) -> HttpResponse:
    """A month's plan: what every duty has in it; one button plans what is missing."""
    actor, today, month = request.actor, clock.today(), _month(request)
    office, fault, status = queries.is_office(actor), "", 200
    if request.method == "POST":
        try:
            made = services.plan_month(month=month, person=None if office else actor.person, by=actor, now=clock.now())
        except Refused as refusal:
            fault, status = refusal.message, 409 if isinstance(refusal, Conflict) else 422
        else:
            more = f"，{made.recused} 所因回避没有排" if made.recused else ""
            toasts.done(request, f"{month_words(month)}新排 {len(made.made)} 次，原来有 {made.kept} 次{more}。")
            return redirect(_to_plan(month))
    lines = queries.month_plan(actor, month, today=today)
    context = {
        "month": month, "months": [(one, month_words(one)) for one in lists.months_around(today, back=5)],
        "title": month_words(month), "lines": [(one, *_stand(one, today)) for one in lines], "fault": fault, "managing": office,
        "left": sum(one.visit is None and not one.recused for one in lines), "is_over": month < first_of(today),
        "is_off": month.month in library.off_months(), "rules": inspectors.rules_on(actor.county, day=today), "today": today,
    }  # fmt: skip
    return render(request, "visits/plan.html", context, status=status)


def _stand(line: queries.Planline, today: Any) -> tuple[str, str]:
    if line.visit is not None:
        return lists.standing(line.visit, today)
    return ("none", "回避") if line.recused else ("none", "没有排")


@get_or_post
@may("visit.manage", "visit.make")
def new(request: Request) -> HttpResponse:
    """One visit of the plan."""
    actor, today = request.actor, clock.today()
    office = queries.is_office(actor)
    form = PlanForm(
        request.POST or None, units=queries.schools(actor, today=today), people=queries.people(actor, today=today) if office else None,
        months=[(f"{one:%Y-%m-%d}", month_words(one)) for one in reversed(lists.months_around(today, back=0))], themes=themes(),
        initial={"month": f"{_month(request):%Y-%m-%d}", "unit": request.GET.get("unit", ""), "person": request.GET.get("person", "")},
    )  # fmt: skip

    def act(data: dict[str, Any]) -> Any:
        unit, person = chosen(request, data)
        kept = {name: data[name] for name in ("month", "planned_on", "theme", "key")}
        return services.plan_visit(unit=unit, person=person, **kept, by=actor, now=clock.now())

    return form_page(
        request, form, act, title="排一次到校督导", button="排入计划", back=reverse("visits:plan"), done="已排入计划。",
        to=lambda row: _to_plan(row.month), lead="不预先通知学校：学校看不到计划。",
    )  # fmt: skip


def themes() -> list[tuple[str, Any]]:
    """Themes to choose from, by kind of school."""
    named = (("school", "中小学"), ("kindergarten", "幼儿园"))
    return [(label, [(one.id, one.name) for one in library.themes(kind)]) for kind, label in named]  # type: ignore[arg-type]


def chosen(request: Request, data: dict[str, Any]) -> tuple[Unit, Person]:
    """School and inspector of a form: the office says whose visit it is, an inspector makes their own."""
    unit = Unit.objects.get(pk=UUID(data["unit"]))
    person = get_object_or_404(Person, pk=data.get("person") or request.actor.person)
    return unit, person


@require_GET
@may(*READERS)
def term(request: Request) -> HttpResponseBase:
    """How every duty stands in a term: visits by month against two a term and one a month."""
    actor, today = request.actor, clock.today()
    day = min(_month(request), today) if request.GET.get("month") else today
    span = term_of(day)
    day = min(span.end, today)
    rows, months = queries.owed(actor, day=day), months_of(span)
    least = inspectors.rules_on(actor.county, day=day)["visits_per_term"].value
    if request.GET.get("late") == "1":
        rows = [one for one in rows if one.is_late]
    wanted = request.GET.get("q", "").strip()
    if wanted:
        rows = [
            one for one in rows if wanted in one.unit_name or wanted in one.duty.name or wanted in one.duty.district
        ]
    if request.GET.get("export") == "xlsx":
        heads = ["学校（园）", "督学", "责任区", *(f"{one.month}月" for one in months), "本学期", "法定", "情况"]
        table = [
            [
                one.unit_name,
                one.duty.name,
                one.duty.district,
                *(one.done.get(m) for m in months),
                one.total,
                least,
                one.words,
            ]
            for one in rows
        ]
        return sheets.table(
            f"到校督导学期统计_{span.label}", [("学期", heads, table)], said=_said(request, wanted), today=today
        )
    context = {
        "rows": [(one, [(m, one.done.get(m, 0), m in one.missing) for m in months]) for one in rows], "months": months, "span": span,
        "late": sum(one.is_late for one in rows), "under": sum(one.total < least for one in rows),
        "rules": inspectors.rules_on(actor.county, day=today), "expected": expected(months), "wanted": wanted, "only_late": request.GET.get("late") == "1",
        "printing": request.GET.get("print") == "1", "earlier": months_of(term_of(month_before(months[0])))[0],
        "county": queries.reads_county(actor),
    }  # fmt: skip
    return render(request, "visits/term.html", context)


def _said(request: Request, wanted: str) -> str:
    said = [f"含“{wanted}”"] if wanted else []
    return "；".join([*said, *(["只看缺访"] if request.GET.get("late") == "1" else [])])


@require_GET
@may(*READERS)
def months(request: Request) -> HttpResponseBase:
    """The month's table, per inspector and per district."""
    actor, today, month = request.actor, clock.today(), _month(request)
    found = counting.month_table(actor, month, today=today)
    if request.GET.get("export") == "xlsx":
        heads = [
            "责任学校",
            "计划",
            "到校次数",
            "到过的责任学校",
            "归档记录",
            "在校小时",
            "没有记时长的次数",
            "登记问题",
            "本月没有到的学校",
        ]
        parts = [
            (name, [head, *heads], [_cells(one) for one in rows])
            for name, head, rows in (
                ("按督学", "督学", found.persons),
                ("按责任区", "责任区", [*found.districts, found.total]),
            )
        ]
        return sheets.table(f"经常性督导月报_{month:%Y-%m}", parts, said="", today=today)
    context = {
        "month": month, "title": month_words(month), "found": found, "printing": request.GET.get("print") == "1",
        "months": [(one, month_words(one)) for one in lists.months_around(today, ahead=0)], "county": queries.reads_county(actor),
    }  # fmt: skip
    return render(request, "visits/months.html", context)


def _cells(one: counting.Tally) -> list[Any]:
    return [
        one.name, one.schools, one.planned, one.visits, one.visited, one.reports, one.hours, one.untimed, one.problems,
        "、".join(one.missed),
    ]  # fmt: skip

"""Plans: made, looked at, changed by hand, solved again, adopted."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from dudao.audit import queries as audit
from dudao.inspections import queries as inspection_queries
from dudao.inspectors import queries as inspectors
from dudao.jobs import queries as jobs
from dudao.shell import clock, sheets
from dudao.shell.errors import Refused
from dudao.shell.http import Request, get_or_post, may
from dudao.shell.pages import form_page
from dudao.shell.templatetags.parts import day
from dudao.teams import freezing, library, lists, queries, services, showing
from dudao.teams.forms import AdoptForm, DropForm, DutiesForm, SchoolForm, TeamForm, TeamsForm
from dudao.teams.models import Plan
from dudao_engines.teams import TeamProblem


def _found(request: Request, key: UUID) -> Plan:
    return get_object_or_404(queries.plans_visible_to(request.actor), pk=key)


def _address(key: UUID) -> str:
    return reverse("teams:plan", args=[key])


def _version(request: Request) -> int:
    text = request.POST.get("base_version", "")
    return int(text) if text.isdecimal() and len(text) < 10 else 0


@require_GET
@may("inspector.manage")
def plan_list(request: Request) -> HttpResponseBase:
    """All plans of the county."""
    return lists.plans().respond(request, queries.plans_visible_to(request.actor), "teams/plans.html")


@get_or_post
@may("inspector.manage")
def new_duties(request: Request) -> HttpResponse:
    """A plan of who is responsible for which schools."""
    today = clock.today()
    form = DutiesForm(
        request.POST or None,
        initial={"starts_on": today, "most": library.limits().schools_each, "title": f"{today.year}年责任督学分工"},
    )

    def act(data: dict[str, Any]) -> Plan:
        return services.plan_duties(by=request.actor, now=clock.now(), **data)

    each = inspectors.rules_on(request.actor.county, day=today)["schools_each"]
    return form_page(
        request, form, act, title="新建责任分工方案", button="取数并求解", back=reverse("teams:list"), to=lambda row: _address(row.pk),
        done="已取数，正在求解。", lead=f"系统按规则给每所学校和幼儿园提出一名责任督学，由人调整后采用。每人约{each.value}{each.unit}（{each.clause}）。",
    )  # fmt: skip


@get_or_post
@may("inspector.manage")
def new_teams(request: Request) -> HttpResponse:
    """A plan of who goes on which inspections."""
    today, actor = clock.today(), request.actor
    rows = queries.open_inspections(actor, today=today)
    if not rows:
        return render(request, "teams/no_inspections.html")
    least = inspection_queries.team_minimum(actor.county, day=today) or 1
    form = TeamsForm(
        request.POST or None,
        inspections=[
            (str(row.pk), f"{day(row.begin_on)}至{day(row.end_on)} {row.unit_name} {row.title}")  # type: ignore[attr-defined]
            for row in rows
        ],
        initial={
            "inspections": [str(row.pk) for row in rows], "size": least, "most": library.limits().inspections_each,
            "lines": ["school"], "title": f"{today.month}月督导组队",
        },
    )  # fmt: skip

    def act(data: dict[str, Any]) -> Plan:
        chosen = [UUID(one) for one in data.pop("inspections")]
        return services.plan_teams(inspections=chosen, by=actor, now=clock.now(), **data)

    return form_page(
        request, form, act, title="新建督导组队方案", button="取数并求解", back=reverse("teams:list"), to=lambda row: _address(row.pk),
        done="已取数，正在求解。", lead=f"系统按规则给每项督导提出小组和组长，由人调整后采用。每组不少于{least}名督学（教育督导条例第十六条）。",
    )  # fmt: skip


@require_GET
@may("inspector.manage")
def plan(request: Request, key: UUID) -> HttpResponseBase:
    """One plan: how good it is, who has what and why, what is wrong."""
    row = _found(request, key)
    page = showing.shown(row)
    is_duties = row.kind == Plan.Kind.DUTIES
    if request.GET.get("export") == "xlsx":
        heads = (
            ("学校（幼儿园）", "责任区", "责任督学", "为什么", "原责任督学", "不符合规则之处")
            if is_duties
            else ("督导检查", "日期", "人员", "分工", "为什么", "不符合规则之处")
        )
        table = [
            (one.name, one.place, who.name, who.words, one.was, "；".join(one.wrong))
            if is_duties
            else (one.name, one.place, who.name, "组长" if who.is_lead else "组员", who.words, "；".join(one.wrong))
            for one in page.lines
            for who in one.people
        ]
        each = [(one.name, len(one.rows), "、".join(one.rows)) for one in page.loads]
        score = [(one.name, one.points, one.limit) for one in page.parts]
        said = f"{row.get_state_display()} · 依据摘要 {row.digest[:16]}"
        parts: list[sheets.Sheet] = [
            ("安排", heads, table), ("按督学", ("督学", "项数", "学校或督导"), each), ("得分", ("项目", "得分", "单看这一项最多"), score)
        ]  # fmt: skip
        return sheets.table(row.title, parts, said=said, today=clock.today())
    answer = row.answer or {}
    job = jobs.job_of(request.actor, kind=services.JOB, key=str(row.pk)) if row.state == "solving" else None
    context = {
        "row": row, "page": page, "answer": answer, "state": lists.state(row), "is_duties": is_duties,
        "is_open": row.state in ("solved", "impossible"), "is_best": bool(answer) and answer["bound"] <= answer.get("solved", answer["score"]),
        "gap": f"{answer.get('gap', 0) * 100:.2f}", "lost": answer.get("solved", 0) - answer.get("score", 0) if "solved" in answer else 0,
        "problem": row.inputs["problem"], "events": list(audit.history(request.actor, row)[:12]),
        "job": job, "stuck": job is not None and job.state in ("failed", "cancelled"), "decided": sum(one.is_decided for one in page.lines),
        "general": [one.words for one in page.breaches if not one.job or not any(one.job == line.key for line in page.lines)],
    }  # fmt: skip
    return render(request, "teams/plan.html", context)


@require_GET
@may("inspector.manage")
def progress(request: Request, key: UUID) -> HttpResponse:
    """What changes while a plan is solved; the page is shown anew when it is done."""
    row = _found(request, key)
    if row.state != Plan.State.SOLVING:
        answer = HttpResponse(status=200)
        answer["HX-Refresh"] = "true"
        return answer
    job = jobs.job_of(request.actor, kind=services.JOB, key=str(row.pk))
    return render(request, "teams/_progress.html", {"row": row, "job": job})


@get_or_post
@may("inspector.manage")
def decide(request: Request, key: UUID, job: str) -> HttpResponse:
    """Another inspector or another team, by hand."""
    row = _found(request, key)
    problem = freezing.problem_of(row)
    name = showing.job_name(problem, job)
    if name is None or row.state not in ("solved", "impossible"):
        raise Http404
    assignment = freezing.assignment_of(row)
    team = sorted(who for who, each in assignment.pairs if each == job)
    people, lead = showing.choices(problem, job, team), assignment.leads.get(job, "")
    form: SchoolForm | TeamForm
    if isinstance(problem, TeamProblem):
        initial: dict[str, Any] = {"base_version": row.version, "people": team, "lead": lead}
        form = TeamForm(request.POST or None, people=people, leads=showing.leads(problem, team), initial=initial)
    else:
        initial = {"base_version": row.version, "person": team[0] if team else ""}
        form = SchoolForm(request.POST or None, people=people, initial=initial)

    def act(data: dict[str, Any]) -> None:
        chosen = data["people"] if "people" in data else [one for one in (data["person"],) if one]
        try:
            services.decide(
                plan=row, base_version=data["base_version"], job=job, people=chosen, lead=data.get("lead", ""),
                by=request.actor, now=clock.now(),
            )  # fmt: skip
        except Refused as refusal:
            if refusal.field == "people" and "people" not in data:
                refusal.field = "person"
            raise

    return form_page(
        request, form, act, title=f"调整：{name}", button="调整", back=f"{_address(key)}#l-{job}",
        done="已调整并对照规则查过，可以让系统围绕它重新求解其余部分。", version=row.version,
    )  # fmt: skip


@require_POST
@may("inspector.manage")
def release(request: Request, key: UUID, job: str) -> HttpResponse:
    """Take back what was decided by hand."""
    row = _found(request, key)
    services.release(plan=row, base_version=_version(request), job=job, by=request.actor, now=clock.now())
    messages.success(request, "已撤销人工调整，重新求解时由系统安排。")
    return redirect(f"{_address(key)}#l-{job}")


@require_POST
@may("inspector.manage")
def again(request: Request, key: UUID) -> HttpResponse:
    """Solve the rest around what was decided."""
    row = _found(request, key)
    services.solve_again(plan=row, base_version=_version(request), by=request.actor, now=clock.now())
    return redirect(_address(key))


@get_or_post
@may("inspector.manage")
def adopt(request: Request, key: UUID) -> HttpResponse:
    """Put a plan into force."""
    row = _found(request, key)
    if row.state != Plan.State.SOLVED:
        raise Refused(f"这个方案现在是“{row.get_state_display()}”，不能再采用。", code="teams.state")
    form = AdoptForm(request.POST or None, initial={"base_version": row.version})
    duties = row.kind == Plan.Kind.DUTIES

    def act(data: dict[str, Any]) -> None:
        services.adopt_plan(plan=row, by=request.actor, now=clock.now(), **data)

    lead = (
        f"从{row.starts_on:%Y年%-m月%-d日}起，换人的学校由新的责任督学负责，原来的责任同时结束；责任督学不变的学校不动。"
        if duties
        else "各项督导的组长和组员改为方案里的人，特邀人员不变。"
    )
    return form_page(
        request, form, act, title=f"采用：{row.title}", button="采用", back=_address(key), lead=lead,
        done="已采用。", version=row.version,
    )  # fmt: skip


@get_or_post
@may("inspector.manage")
def drop(request: Request, key: UUID) -> HttpResponse:
    """Put a plan away."""
    row = _found(request, key)
    if row.state in (Plan.State.ADOPTED, Plan.State.DROPPED):
        raise Refused(f"这个方案{row.get_state_display()}。", code="teams.state")
    form = DropForm(request.POST or None, initial={"base_version": row.version})

    def act(data: dict[str, Any]) -> None:
        services.drop_plan(plan=row, by=request.actor, now=clock.now(), **data)

    return form_page(
        request, form, act, title=f"放弃：{row.title}", button="放弃", back=_address(key), done="已放弃。", danger=True,
        version=row.version, lead="方案留在列表里，不能再采用。",
    )  # fmt: skip

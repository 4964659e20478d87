"""Pages of inspections: the list, planning, one inspection, its facts and its team."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_GET

from dudao.accounts import queries as accounts
from dudao.accounts.posts import posts
from dudao.files import queries as files
from dudao.files import services as file_services
from dudao.inspections import lists, queries, services, wording
from dudao.inspections.forms import ChangeForm, PlanForm, TeamForm
from dudao.inspections.models import Inspection, TeamMember
from dudao.papers import queries as papers
from dudao.papers.library import kind_name
from dudao.places import queries as places
from dudao.procedures import pages
from dudao.procedures import queries as procedures
from dudao.procedures.models import Act
from dudao.shell import clock, conflicts
from dudao.shell.acts import Actor
from dudao.shell.http import Request, get_or_post, may
from dudao.shell.pages import form_page


def found(request: Request, key: UUID) -> Inspection:
    """The inspection, if the reader may see it."""
    return get_object_or_404(queries.inspections_visible_to(request.actor).select_related("task"), pk=key)


def address(key: UUID) -> str:
    return reverse("inspections:inspection", args=[key])


@require_GET
def inspection_list(request: Request) -> HttpResponseBase:
    """All inspections the hat sees, to filter, find, sort, print and export."""
    today = clock.today()
    page = lists.inspections(request.actor, today=today)
    return page.respond(request, queries.inspections(request.actor, today=today), "inspections/inspection_list.html")


@require_GET
def inspection(request: Request, key: UUID) -> HttpResponse:
    """One inspection: both tracks, clocks, what may be done next, its problems, papers, team, and what happened."""
    actor, today, row = request.actor, clock.today(), found(request, key)
    inside, roles, is_unit = queries.is_inside(actor, row), queries.roles(actor, row), actor.is_of(row.unit_id)
    team, every = queries.team(row), queries.all_findings(row)
    shown = list(queries.findings_of(actor, row))
    names = places.unit_names(actor, {row.unit_id, *(f.department_id for f in shown if f.department_id)}, as_of=today)
    situation = queries.situation(row, today=today)
    nexts = procedures.next_acts(situation, roles=roles, of_unit=is_unit, person=actor.person)
    manages = "office" in roles and not is_unit
    lines = pages.next_lines(
        nexts,
        roles=roles,
        is_unit=is_unit,
        address=lambda act: reverse("inspections:act", args=[row.pk, act]),
        draft=(lambda kind: reverse("inspections:draft", args=[row.pk, kind])) if actor.can("paper.draft") else None,
    )
    if is_unit:
        # What the office still has to do is not the unit's business.
        lines = [line for line in lines if line.is_mine]
    written = list(papers.papers_of(actor, row))
    had = {paper.kind for paper in written if paper.state not in ("dropped", "withdrawn")}
    context = {
        "inspection": row,
        "unit_name": names.get(row.unit_id, "—"),
        "state": lists.state(row),
        "side": lists.side(row),
        "facts": _facts(row, team, today_minimum=queries.team_minimum(row.county, day=today)),
        "team": team,
        "inside": inside,
        "manages": manages,
        "may_list": bool(roles & {"office", "inspector"}) and not is_unit and row.state in Inspection.COLLECTING,
        "may_change": manages and row.state in Inspection.AHEAD,
        "may_team": manages and row.state in Inspection.GATHERING,
        "may_reward": manages and row.state in ("issued", "archived") and not any(f.is_open for f in every),
        "findings": [(f, names.get(f.department_id, "") if f.department_id else "") for f in shown],
        "open_count": sum(f.is_open for f in shown),
        "lines": lines,
        "faces": [f for f in pages.clock_faces([row.pk], today=today) if inside or f.clock.limit == "L_DEFENCE"],
        "tracks": _tracks(row),
        "papers": [(paper, kind_name(paper.kind), papers.address(paper)) for paper in written],
        "drafts": [
            (kind, kind_name(kind)) for kind in wording.PAPERS if manages and not row.is_final and kind not in had
        ],
        "entries": _entries(actor, row),
        "today": today,
    }
    return render(request, "inspections/inspection.html", context)


def _facts(row: Inspection, team: list[TeamMember], *, today_minimum: int) -> list[tuple[str, Any]]:
    count = sum(one.role in TeamMember.INSPECTORS for one in team)
    short = f"{count} 名，还差 {today_minimum - count} 名" if count < today_minimum else f"{count} 名"
    return [
        ("类别", row.get_kind_display()),
        ("计划时间", wording.span(row.begin_on, row.end_on)),
        ("督学", short),
        ("登记", f"{row.recorded_name}，{row.recorded_at.astimezone(clock.CHINA):%Y-%m-%d}"),
    ]


_MAIN = ("planned", "notified", "on_site", "deliberating", "fed_back", "opinion", "issued", "archived")
_SIDE = ("none", "submitted", "published")
_WORDS = {
    "planned": "列入计划", "notified": "通知", "on_site": "现场", "deliberating": "评议", "fed_back": "初步意见",
    "opinion": "拟意见书", "issued": "意见书", "archived": "归档", "none": "未报送", "submitted": "报政府、备案",
    "published": "公布",
}  # fmt: skip


def _tracks(row: Inspection) -> list[dict[str, Any]]:
    """Both tracks as steps, with where each stands."""
    side = tuple("kept_back" if code == "published" and row.side_state == "kept_back" else code for code in _SIDE)
    return [
        {
            "name": name,
            "steps": [_WORDS.get(code, "不公开") for code in codes],
            # The last step is done when it is reached.
            "current": (codes.index(state) + 1 + (state == codes[-1])) if state in codes else 0,
            "state": shown,
            "since": since,
        }
        for name, codes, state, shown, since in (
            ("督导", _MAIN, row.state, lists.state(row), row.state_since),
            ("督导报告（在旁边进行）", side, row.side_state, lists.side(row), row.side_since),
        )
    ]


def _entries(actor: Actor, row: Inspection) -> list[pages.Entry]:
    seen = {act.pk for act in queries.acts_of(actor, row)}

    def file_address(act: Act, file: Any) -> str:
        return reverse("inspections:file", args=[row.pk, file.pk])

    entries = pages.timeline(actor, [row.pk], of={}, own=row.pk, file_address=file_address)
    return [entry for entry in entries if entry.act.pk in seen]


@require_GET
def inspection_file(request: Request, key: UUID, file: UUID) -> HttpResponseBase:
    """A file of an act that the reader may see."""
    row = found(request, key)
    acts = queries.acts_of(request.actor, row).values_list("pk", flat=True)
    stored = files.files_of_many(request.actor, Act, acts).filter(pk=file).first()
    if stored is None:
        raise Http404
    return file_services.respond(stored, by=request.actor, now=clock.now())


def _units(actor: Actor) -> list[tuple[str, list[tuple[str, str]]]]:
    """The units that can be inspected, by kind."""
    grouped: dict[str, list[tuple[str, str]]] = {}
    for unit in places.units_visible_to(actor, as_of=clock.today()):
        if unit.kind not in ("office", "committee", "upper"):
            grouped.setdefault(unit.get_kind_display(), []).append((str(unit.unit_id), unit.name))
    order = ("学校", "幼儿园")
    return sorted(grouped.items(), key=lambda one: order.index(one[0]) if one[0] in order else len(order))


def _people(actor: Actor) -> Mapping[str, Any]:
    """Who can go: inspectors and the office, and everybody else who holds a post."""
    today = clock.today()
    names = places.names_on(actor, day=today)
    inspectors = {
        str(one.person_id): f"{one.person.name}　{posts()[one.post].name}"
        for one in queries.inspectors(actor, day=today)
    }
    others: dict[str, list[tuple[str, str]]] = {}
    for person in accounts.people_with_posts(actor, day=today):
        held = [one for one in person.held if not posts()[one.post].admin]  # type: ignore[attr-defined]
        if str(person.pk) not in inspectors and held:
            label = f"{person.name}　{names.get(held[0].unit_id, '')}"
            others.setdefault(posts()[held[0].post].name, []).append((str(person.pk), label))
    return {"inspectors": list(inspectors.items()), "others": list(others.items())}


@get_or_post
@may("loop.office")
def inspection_new(request: Request) -> HttpResponse:
    """Plan the same inspection for one unit or several."""
    actor, today = request.actor, clock.today()
    initial = {"occurred_on": today, "kind": "special", "task": request.GET.get("task", "")}
    if unit := request.GET.get("unit"):
        initial["units"] = [unit]
    form = PlanForm(
        request.POST or None, units=_units(actor), tasks=queries.tasks(actor, today=today), **_people(actor),
        initial=initial,
    )  # fmt: skip

    def plan(data: dict[str, Any]) -> list[Inspection]:
        names = ("units", "kind", "title", "matters", "begin_on", "end_on", "task", "occurred_on", "key")
        return services.plan_inspection(
            **{name: data[name] for name in names}, members=form.members(), by=actor, now=clock.now()
        )

    return form_page(
        request,
        form,
        plan,
        title="列入督导计划",
        lead="可以同时给几个单位安排同样的督导，以后各办各的；小组可以以后再定。",
        button="列入计划",
        back=reverse("inspections:list"),
        to=lambda rows: (
            address(rows[0].pk) if len(rows) == 1 else f"{reverse('inspections:list')}?batch={rows[0].batch}"
        ),
        done="已列入督导计划。",
    )


@get_or_post
@may("loop.office")
def inspection_change(request: Request, key: UUID) -> HttpResponse:
    """Change what the inspection is about and when."""
    actor, row = request.actor, found(request, key)

    def stands() -> tuple[dict[str, Any], int]:
        now = found(request, key)
        known = {name: getattr(now, name) for name in ("kind", "title", "matters", "begin_on", "end_on")}
        return {**known, "task": str(now.task_id or "")}, now.version

    initial, version = stands()
    tasks = queries.tasks(actor, today=clock.today())
    if row.task and str(row.task_id) not in dict(tasks):
        tasks.append((str(row.task_id), row.task.named))
    form = ChangeForm(conflicts.chosen(request.POST) or None, tasks=tasks, initial={**initial, "base_version": version})
    return form_page(
        request,
        form,
        lambda data: services.change_inspection(inspection=row, **data, by=actor, now=clock.now()),
        title="修改督导",
        lead=str(row),
        button="保存",
        back=address(key),
        done="已保存。" + ("已经通知单位的，时间、事项有变请另行告知。" if row.state == "notified" else ""),
        stands=stands,
    )


@get_or_post
@may("loop.office")
def inspection_team(request: Request, key: UUID) -> HttpResponse:
    """Say who goes."""
    actor, row = request.actor, found(request, key)

    def stands() -> tuple[dict[str, Any], int]:
        now = found(request, key)
        team, roles = queries.team(now), TeamMember.Role
        lead = next((str(one.person_id) for one in team if one.role == roles.LEAD), "")
        return {
            "lead": lead,
            "persons": [str(one.person_id) for one in team if one.role == roles.MEMBER],
            "invited": [str(one.person_id) for one in team if one.role == roles.INVITED and one.person_id],
            "guests": "\n".join(f"{one.name} {one.post_words}".strip() for one in team if not one.person_id),
        }, now.version

    initial, version = stands()
    form = TeamForm(
        conflicts.chosen(request.POST) or None, **_people(actor), initial={**initial, "base_version": version}
    )
    return form_page(
        request,
        form,
        lambda data: services.set_team(
            inspection=row, members=form.members(), base_version=data["base_version"], by=actor, now=clock.now()
        ),
        title="督导小组",
        lead=f"{row}。至少 {queries.team_minimum(row.county, day=clock.today())} 名督学（教育督导条例16条）。",
        button="保存",
        back=address(key),
        done="已保存督导小组。",
        stands=stands,
    )

"""The register: list, entry, terms, assessments, recusals."""

from typing import Any
from uuid import UUID

from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET

from dudao.accounts import queries as accounts
from dudao.audit import queries as audit
from dudao.files import queries as file_queries
from dudao.files import services as files
from dudao.inspectors import lists, queries, services
from dudao.inspectors.forms import (
    AssessForm,
    ChangeForm,
    ConditionsForm,
    DecideForm,
    EndForm,
    EndRecusalForm,
    NewForm,
    RecommendForm,
    RecusalForm,
    StepForm,
)
from dudao.inspectors.models import Inspector, Recusal, Term, TermStep
from dudao.inspectors.pages import pages_of
from dudao.inspectors.sections import sections
from dudao.inspectors.services.rights import manages
from dudao.inspectors.services.terms import short_of
from dudao.places import queries as places
from dudao.shell import clock
from dudao.shell.acts import system
from dudao.shell.http import Request, get_or_post, may
from dudao.shell.pages import form_page

_STEPS = {"review": "审核", "publicise": "公示", "announce": "公布", "refuse": "不予通过"}
#: What comes next of a term in each state.
_NEXT = {"recommended": ("review", "refuse"), "reviewed": ("publicise", "refuse"), "publicised": ("announce", "refuse")}


def _found(request: Request, key: UUID) -> Inspector:
    return get_object_or_404(queries.inspectors_visible_to(request.actor).select_related("person"), pk=key)


def _address(key: UUID) -> str:
    return reverse("inspectors:entry", args=[key])


def _units(request: Request) -> list[tuple[str, str]]:
    names = places.names_on(system(request.actor.county), day=clock.today())
    return [(str(key), name) for key, name in names.items()]


def _received(data: dict[str, Any]) -> files.Received | None:
    file = data.pop("paper")
    return files.receive(file) if file else None


@require_GET
@may("inspector.manage", "inspector.read")
def register(request: Request) -> HttpResponseBase:
    """All inspectors, filtered, as Excel and in print."""
    rows = queries.inspectors_visible_to(request.actor).select_related("person").prefetch_related("terms")
    today = clock.today()
    warn = queries.rules_on(request.actor.county, day=today)["warn_days"].value
    return lists.register(request.actor, today=today, warn=warn).respond(
        request, rows, "inspectors/register.html", {"warn": warn}
    )


@require_GET
@may("inspector.self")
def mine(request: Request) -> HttpResponse:
    """The way to the reader's own entry."""
    row = queries.inspectors_visible_to(request.actor).filter(person__in=request.actor.hands).first()
    if row is None:
        return render(request, "inspectors/none.html")
    return redirect(_address(row.pk))


def _of_entry(request: Request, row: Inspector) -> dict[str, Any]:
    """What the entry page and the file say of an inspector; what is private only to who may read it."""
    today, actor = clock.today(), request.actor
    private = queries.may_read_private(actor, row)
    recusals = list(row.recusals.all()) if private else []
    names = places.unit_names(
        system(row.county), {one.unit_id for one in recusals} | {k for k in (row.work_unit_id,) if k}, as_of=today
    )
    warn = queries.rules_on(row.county, day=today)["warn_days"].value
    return {
        "row": row, "private": private, "manages": manages(actor), "today": today,
        "standing": lists.standing(row, today, warn), "certificate": lists.certificate(row, today, warn),
        "work": "，".join(filter(None, (names.get(row.work_unit_id, "") if row.work_unit_id else "", row.work_words))),
        "stages": lists.labels(row.stages, Inspector.Stage), "lines": lists.labels(row.lines, Inspector.Line),
        "years": today.year - row.since_year if row.since_year else None,
        "recusals": [(one, names.get(one.unit_id, "")) for one in recusals],
        "assessments": list(row.assessments.all()) if private else [],
        "conditions": queries.conditions_of(row) if private else [],
    }  # fmt: skip


@require_GET
@may("inspector.manage", "inspector.read", "inspector.self")
def file(request: Request, key: UUID) -> HttpResponse:
    """一人一档: the whole file of one inspector on paper, with what apps above add."""
    row = _found(request, key)
    terms = row.terms.order_by("ordinal").prefetch_related("steps")
    more = sections(request.actor, row, today=clock.today())
    context = _of_entry(request, row) | {
        "terms": [(one, list(one.steps.all())) for one in terms],
        "sections": more,
        "printing": request.GET.get("print") == "1",
    }
    return render(request, "inspectors/file.html", context)


@require_GET
@may("inspector.manage", "inspector.read", "inspector.self")
def entry(request: Request, key: UUID) -> HttpResponse:
    """One inspector: facts, terms with their steps, recusals, assessments, history."""
    row, today, actor = _found(request, key), clock.today(), request.actor
    context = _of_entry(request, row)
    private, managing = context["private"], context["manages"]
    terms = [
        (one, list(one.steps.select_related("file").all()), [(step, _STEPS[step]) for step in _NEXT.get(one.state, ())])
        for one in row.terms.order_by("-ordinal").prefetch_related("steps")
    ]
    context |= {
        "terms": terms, "lacks": short_of(row, day=today) if private else [],
        "absences": list(row.absences.filter(taken_back_at__isnull=True, end_on__gte=today)) if private else [],
        "may_recommend": managing and not any(steps for _, _, steps in terms),
        "events": list(audit.history(actor, row)[:12]) if managing else [], "pages": pages_of(row.pk),
    }  # fmt: skip
    return render(request, "inspectors/entry.html", context)


@get_or_post
@may("inspector.manage")
def enter(request: Request) -> HttpResponse:
    """Somebody new."""
    today = clock.today()
    people = accounts.people_with_posts(request.actor, day=today)
    known = set(queries.inspectors_visible_to(request.actor).values_list("person", flat=True))
    free = {str(one.pk): one for one in people if one.pk not in known}
    form = NewForm(
        request.POST or None, people=[(key, one.name) for key, one in free.items()], units=_units(request),
        initial={"person": request.GET.get("person", "")},
    )  # fmt: skip

    def act(data: dict[str, Any]) -> Inspector:
        return services.enter_inspector(
            person=free[data["person"]], facts=form.facts(), by=request.actor, now=clock.now()
        )

    return form_page(
        request, form, act, title="登记督学", button="登记", back=reverse("inspectors:list"), done="已登记，接着可以推荐任期。",
        to=lambda row: _address(row.pk), lead="登记不等于聘任：推荐、审核、公示、公布以后才在任。",
    )  # fmt: skip


@get_or_post
@may("inspector.manage")
def change(request: Request, key: UUID) -> HttpResponse:
    """What the register says."""
    row = _found(request, key)
    initial = {name: getattr(row, name) for name in services.Facts.__dataclass_fields__}
    initial |= {
        "work_unit": str(row.work_unit_id or ""),
        "subjects": "、".join(row.subjects),
        "base_version": row.version,
    }
    form = ChangeForm(request.POST or None, units=_units(request), initial=initial)

    def act(data: dict[str, Any]) -> None:
        services.change_inspector(
            inspector=row, base_version=data["base_version"], facts=form.facts(), by=request.actor, now=clock.now()
        )

    return form_page(
        request,
        form,
        act,
        title=f"修改登记：{row.person.name}",
        button="保存",
        back=_address(key),
        done="已保存。",
        version=row.version,
    )


@get_or_post
@may("inspector.manage")
def recommend(request: Request, key: UUID) -> HttpResponse:
    """A recommendation for a term."""
    row = _found(request, key)
    form = RecommendForm(request.POST or None, request.FILES or None, initial={"recommended_on": clock.today()})

    def act(data: dict[str, Any]) -> None:
        services.begin_term(inspector=row, paper=_received(data), by=request.actor, now=clock.now(), **data)

    return form_page(
        request, form, act, title=f"推荐：{row.person.name}", button="推荐", back=_address(key), done="已推荐，等审核。"
    )


@get_or_post
@may("inspector.manage")
def conditions(request: Request, key: UUID) -> HttpResponse:
    """A look at the conditions of 条例 article 7."""
    row = _found(request, key)
    initial = {"looked_on": clock.today(), "who": request.actor.name}
    form = ConditionsForm(request.POST or None, request.FILES or None, initial=initial)

    def act(data: dict[str, Any]) -> None:
        services.record_conditions(
            inspector=row, found=form.found(), looked_on=data["looked_on"], who=data["who"], paper=_received(data),
            by=request.actor, now=clock.now(),
        )  # fmt: skip

    return form_page(
        request, form, act, title=f"核查任职条件：{row.person.name}", button="登记核查", back=_address(key), done="已登记核查。",
        lead="教育督导条例第七条的六项，都是法定条件，不能免。六项都核查为符合以后才能审核；以前的核查都留着，以最近一次为准。",
        template="inspectors/conditions.html",
    )  # fmt: skip


def _term(request: Request, key: UUID, term: UUID) -> Term:
    return get_object_or_404(Term.objects.select_related("inspector__person"), pk=term, inspector=_found(request, key))


@get_or_post
@may("inspector.manage")
def step(request: Request, key: UUID, term: UUID, step: str) -> HttpResponse:
    """审核, 公示, 公布 or 不予通过."""
    row = _term(request, key, term)
    if step not in _NEXT.get(row.state, ()):
        raise Http404
    form = StepForm(
        request.POST or None, request.FILES or None, step=step,
        initial={"base_version": row.version, "occurred_on": clock.today()},
    )  # fmt: skip

    def act(data: dict[str, Any]) -> None:
        services.take_step(term=row, step=step, paper=_received(data), by=request.actor, now=clock.now(), **data)

    return form_page(
        request, form, act, title=f"{_STEPS[step]}：{row.inspector.person.name}第{row.ordinal}届", button=_STEPS[step],
        back=_address(key), done=f"已登记{_STEPS[step]}。", version=row.version, danger=step == TermStep.Step.REFUSE,
    )  # fmt: skip


@get_or_post
@may("inspector.manage")
def end(request: Request, key: UUID, term: UUID) -> HttpResponse:
    """The end of a running term."""
    row = _term(request, key, term)
    if row.state != Term.State.ANNOUNCED:
        raise Http404
    form = EndForm(
        request.POST or None, request.FILES or None, initial={"base_version": row.version, "ended_on": clock.today()}
    )

    def act(data: dict[str, Any]) -> None:
        services.end_term(term=row, paper=_received(data), by=request.actor, now=clock.now(), **data)

    return form_page(
        request, form, act, title=f"结束任期：{row.inspector.person.name}第{row.ordinal}届", button="结束任期", back=_address(key),
        done="已结束。", version=row.version, danger=True,
    )  # fmt: skip


@get_or_post
@may("inspector.manage")
def assess(request: Request, key: UUID) -> HttpResponse:
    """A yearly assessment."""
    row, today = _found(request, key), clock.today()
    form = AssessForm(request.POST or None, initial={"assessed_on": today, "year": today.year - 1})

    def act(data: dict[str, Any]) -> None:
        services.assess(inspector=row, by=request.actor, now=clock.now(), **data)

    return form_page(
        request, form, act, title=f"年度考核：{row.person.name}", button="登记", back=_address(key), done="已登记考核。"
    )


@get_or_post
@may("inspector.manage", "inspector.self")
def recuse(request: Request, key: UUID) -> HttpResponse:
    """A recusal: by the office, or declared by the inspector."""
    row, managing = _found(request, key), manages(request.actor)
    form = RecusalForm(
        request.POST or None, units=_units(request), manages=managing,
        initial={"start_on": clock.today(), "said_on": clock.today(), "origin": Recusal.Origin.DECLARED},
    )  # fmt: skip

    def act(data: dict[str, Any]) -> None:
        services.say_recusal(inspector=row, by=request.actor, now=clock.now(), **{**data, "unit": form.unit_chosen()})

    return form_page(
        request, form, act, title=f"{'登记' if managing else '申报'}回避：{row.person.name}", button="登记" if managing else "申报",
        back=_address(key), done="已登记。决定以前先按回避对待。",
        lead="在该单位任职或三年内任过职的，按任职登记自动回避，不用再填。（教育督导条例第十条；三年为外省规定）",
    )  # fmt: skip


def _recusal(request: Request, key: UUID, recusal: UUID, state: str) -> Recusal:
    rows = Recusal.objects.select_related("inspector__person")
    return get_object_or_404(rows, pk=recusal, inspector=_found(request, key), state=state)


@get_or_post
@may("inspector.manage")
def decide(request: Request, key: UUID, recusal: UUID) -> HttpResponse:
    """A decision on a recusal, by somebody else than who said it."""
    row = _recusal(request, key, recusal, Recusal.State.PENDING)
    form = DecideForm(request.POST or None, initial={"base_version": row.version, "decided_on": clock.today()})

    def act(data: dict[str, Any]) -> None:
        grants = data.pop("grants") == "1"
        services.decide_recusal(recusal=row, grants=grants, by=request.actor, now=clock.now(), **data)

    unit = places.unit_names(system(row.county), {row.unit_id}, as_of=clock.today()).get(row.unit_id, "")
    return form_page(
        request, form, act, title=f"决定回避：{row.inspector.person.name}—{unit}", button="决定", back=_address(key), done="已决定。",
        lead=f"{row.get_origin_display()}：{row.get_ground_display()}。{row.words}", version=row.version,
    )  # fmt: skip


@get_or_post
@may("inspector.manage")
def end_recusal(request: Request, key: UUID, recusal: UUID) -> HttpResponse:
    """The end of a recusal."""
    row = _recusal(request, key, recusal, Recusal.State.GRANTED)
    form = EndRecusalForm(request.POST or None, initial={"base_version": row.version, "on": clock.today()})

    def act(data: dict[str, Any]) -> None:
        services.end_recusal(recusal=row, by=request.actor, now=clock.now(), **data)

    return form_page(
        request, form, act, title=f"解除回避：{row.inspector.person.name}", button="解除", back=_address(key), done="已解除。",
        version=row.version,
    )  # fmt: skip


@require_GET
@may("inspector.manage", "inspector.self")
def paper(request: Request, key: UUID, file: UUID) -> HttpResponseBase:
    """A paper of a step, for the office and the inspector."""
    row = _found(request, key)
    if not queries.may_read_private(request.actor, row):
        raise Http404
    found = file_queries.file_of(request.actor, row, file)
    if found is None:
        raise Http404
    return files.respond(found, by=request.actor, now=clock.now())

"""The list of causes, the limits that hold in the county, and the procedures laid out to read."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import Count
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from dudao.findings import picture, queries, services
from dudao.findings import register_forms as forms
from dudao.findings.models import Cause
from dudao.procedures import library
from dudao.procedures import queries as procedures
from dudao.procedures import services as steps
from dudao.procedures.models import LimitValue
from dudao.shell import clock
from dudao.shell.errors import Refused
from dudao.shell.evidence import EVIDENCE
from dudao.shell.http import Request, may
from dudao.shell.pages import form_page
from dudao_engines.procedures import schema

#: Procedures in the order of the loop.
ORDER = ("inspection", "finding", "measure", "accountability")


# Causes


@may("loop.office")
def causes(request: Request) -> HttpResponseBase:
    """The county's causes in their order, how many findings bear each, and a field for a new one."""
    actor = request.actor
    form = forms.CauseForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            services.add_cause(name=form.cleaned_data["name"], by=actor, now=clock.now())
        except Refused as refusal:
            form.add_error("name", refusal.message)
        else:
            messages.success(request, "已增加。")
            return redirect("findings:causes")
    counts = dict(queries.findings_visible_to(actor).order_by().values_list("cause").annotate(n=Count("pk")))
    rows = [(cause, counts.get(cause.pk, 0)) for cause in queries.all_causes(actor)]
    held = {cause.name for cause, _ in rows}
    context = {"form": form, "rows": rows, "missing": [n for n in services.usual_causes() if n not in held]}
    return render(request, "findings/causes.html", context, status=422 if form.errors else 200)


@may("loop.office")
@require_POST
def causes_usual(request: Request) -> HttpResponse:
    """Add the usual causes that the list lacks."""
    added = services.add_usual_causes(by=request.actor, now=clock.now())
    messages.success(request, f"已增加 {added} 条常用原因，可以改名、停用。")
    return redirect("findings:causes")


@may("loop.office")
def cause(request: Request, key: UUID) -> HttpResponse:
    """Rename a cause, take it out of use."""
    row = _cause(request, key)
    initial = {"name": row.name, "is_used": row.is_used, "base_version": row.version}
    form = forms.CauseChangeForm(request.POST or None, initial=initial)

    def act(data: dict[str, Any]) -> None:
        services.change_cause(cause=row, by=request.actor, now=clock.now(), **data)

    return form_page(
        request, form, act, title=f"修改原因：{row.name}", button="保存", back=reverse("findings:causes"), done="已保存。",
        lead="改名以后，以前的问题也按新名称显示；停用以后新登记时不再出现，以前的不变。",
    )  # fmt: skip


@may("loop.office")
@require_POST
def cause_move(request: Request, key: UUID) -> HttpResponse:
    """One up or one down."""
    services.move_cause(
        cause=_cause(request, key), up=request.POST.get("to") == "up", by=request.actor, now=clock.now()
    )
    return redirect("findings:causes")


@may("loop.office")
@require_POST
def cause_drop(request: Request, key: UUID) -> HttpResponse:
    """Delete one that no finding ever had."""
    try:
        services.drop_cause(cause=_cause(request, key), by=request.actor, now=clock.now())
    except Refused as refusal:
        messages.error(request, refusal.message)
    else:
        messages.success(request, "已删除。")
    return redirect("findings:causes")


def _cause(request: Request, key: UUID) -> Cause:
    return get_object_or_404(queries.all_causes(request.actor), pk=key)


# Limits


@dataclass(frozen=True, slots=True)
class Line:
    """One limit: as the file has it, as it holds today, and what the county ever said of it."""

    limit: schema.Limit
    effective: procedures.Effective
    said: Sequence[LimitValue]
    ahead: Sequence[LimitValue]

    @property
    def evidence(self) -> str:
        return EVIDENCE[self.limit.evidence]

    @property
    def words(self) -> str:
        return span_words(self.effective.amount, self.effective.unit, self.effective.enabled, self.limit)

    @property
    def in_file(self) -> str:
        return span_words(self.limit.amount, self.limit.unit, self.limit.enabled, self.limit)


def span_words(amount: int | None, unit: str, enabled: bool, limit: schema.Limit) -> str:
    """15 个工作日, 逐案确定, 停用, 没有规定."""
    if not enabled:
        return "停用"
    if amount is None:
        return "逐案确定" if limit.case_by_case else "没有规定"
    return f"{amount} 个工作日" if unit == "工作日" else f"{amount} 个月" if unit == "月" else f"{amount} {unit}"


def _known(code: str) -> schema.Procedure:
    known = library.procedures().get(code)
    if known is None:
        raise Http404
    return known


@require_GET
def limits(request: Request) -> HttpResponse:
    """Every limit of every procedure: its value, where it starts, how sure it is, and what the county set."""
    actor, today = request.actor, clock.today()
    said: dict[tuple[str, str], list[LimitValue]] = {}
    for row in procedures.limit_values(actor.county):
        said.setdefault((row.procedure, row.limit), []).append(row)
    groups = []
    for code in sorted(library.procedures(), key=lambda c: ORDER.index(c) if c in ORDER else len(ORDER)):
        found = []
        for name, effective in procedures.limits(actor.county, code, today).items():
            own = said.get((code, name), [])
            ahead = [row for row in own if row.from_on > today]
            found.append(Line(effective.limit, effective, own[::-1], ahead))
        groups.append((_known(code), found))
    return render(request, "findings/limits.html", {"groups": groups})


@may("loop.office")
def limit(request: Request, procedure: str, limit: str) -> HttpResponse:
    """Say what a limit is in this county from a day on."""
    found = next((x for x in _known(procedure).limits if x.id == limit), None)
    if found is None:
        raise Http404
    today = clock.today()
    holds = procedures.limits(request.actor.county, procedure, today)[limit]
    initial = {
        "amount": holds.amount, "unit": holds.unit, "is_enabled": holds.enabled, "from_on": today,
        "is_checked": holds.is_sure,
    }  # fmt: skip
    form = forms.LimitForm(request.POST or None, initial=initial, limit=found)

    def act(data: dict[str, Any]) -> None:
        steps.set_limit(procedure=procedure, limit=limit, by=request.actor, now=clock.now(), **data)

    more = f"其他规定：{'；'.join(found.alternatives)}。" if found.alternatives else ""
    return form_page(
        request, form, act, title=f"设定期限：{found.name}", button="保存", back=reverse("findings:limits"), done="已设定。",
        lead=f"{found.start}起算；系统自带：{span_words(found.amount, found.unit, found.enabled, found)}"
        f"（{found.clause or EVIDENCE[found.evidence]}）。{more}只管自这一天起新起算的，已在走的期限不变。",
    )  # fmt: skip


# Procedures


_BRINGS = {"evidence": "佐证材料", "words": "文字说明", "due": "期限", "received": "送达记录"}


@require_GET
def procedure(request: Request, code: str) -> HttpResponse:
    """A procedure laid out to read: each state with what can be done in it, by whom, with what, and where it leads."""
    known, today = _known(code), clock.today()
    holds = procedures.limits(request.actor.county, code, today)
    names = {state.id: state.name for state in known.states}

    def row(act: schema.Act) -> dict[str, Any]:
        return {
            "act": act,
            "to": names.get(act.to or "", ""),
            "who": "、".join(schema.ROLES[role] for role in act.who) or "随其他事项办理",
            "brings": "、".join(_BRINGS[b] for b in act.brings),
            "kinds": "、".join(k.name for k in known.kinds if k.id in act.kinds),
            "starts": [(holds[s].limit.name, span_words(holds[s].amount, holds[s].unit, holds[s].enabled, holds[s].limit))
                       for s in act.starts],
            "evidence": EVIDENCE[act.evidence],
            "is_sure": act.evidence in schema.SURE,
        }  # fmt: skip

    tracks = []
    for track, words in known.tracks.items():
        begins = [row(act) for act in known.acts if act.begins and act.track == track]
        stops = [
            (state, [row(act) for act in known.acts if state.id in act.source])
            for state in known.states
            if state.track == track
        ]
        tracks.append((words, begins, stops))
    order = [c for c in ORDER if c in library.procedures()]
    context = {
        "procedure": known, "tracks": tracks, "pictures": picture.pictures(known),
        "all": [library.procedures()[c] for c in order],
    }  # fmt: skip
    return render(request, "findings/procedure.html", context)

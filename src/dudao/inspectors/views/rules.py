"""The numbers of rules: what holds in the county, where it comes from, how sure it is."""

from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from dudao.inspectors import library, queries, services
from dudao.inspectors.forms import RuleForm
from dudao.shell import clock
from dudao.shell.evidence import EVIDENCE
from dudao.shell.http import Request, get_or_post, may
from dudao.shell.pages import form_page


@require_GET
@may("inspector.manage", "inspector.read", "inspector.self")
def rules(request: Request) -> HttpResponse:
    """Every number, and what the county ever set."""
    county, today = request.actor.county, clock.today()
    said: dict[str, list[Any]] = {}
    for row in queries.rule_values(county):
        said.setdefault(row.rule, []).insert(0, row)
    known = library.rules()
    lines = [
        {"one": one, "rule": known[code], "said": said.get(code, []), "evidence": EVIDENCE[known[code].evidence]}
        for code, one in queries.rules_on(county, day=today).items()
    ]
    return render(request, "inspectors/rules.html", {"lines": lines, "today": today})


@get_or_post
@may("inspector.manage")
def rule(request: Request, rule: str) -> HttpResponse:
    """Say what a number is in this county from a day on."""
    today, known = clock.today(), library.rules().get(rule)
    if known is None or not known.is_settable:
        raise Http404
    holds = queries.rules_on(request.actor.county, day=today)[rule]
    form = RuleForm(request.POST or None, initial={"value": holds.value, "from_on": today})

    def act(data: dict[str, Any]) -> None:
        services.set_rule(rule=rule, by=request.actor, now=clock.now(), **data)

    return form_page(
        request, form, act, title=f"设定：{known.name}", button="保存", back=reverse("inspectors:rules"), done="已设定。",
        lead=f"现行 {holds.value} {known.unit}（{holds.clause}）；系统自带 {known.value} {known.unit}（{known.clause}，"
        f"{EVIDENCE[known.evidence]}）。",
    )  # fmt: skip

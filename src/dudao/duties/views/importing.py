"""A table of who is responsible for which school: looked at first, then confirmed."""

from collections import Counter

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render

from dudao.duties import services, tables
from dudao.duties.forms import ConfirmForm, TableForm
from dudao.duties.models import Board
from dudao.duties.views.coverage import found_on_today
from dudao.shell import clock
from dudao.shell.errors import Refused
from dudao.shell.http import Request, get_or_post, may
from dudao.shell.pages import refuse

_TITLE = "导入责任督学"


@get_or_post
@may("inspector.manage")
def table(request: Request) -> HttpResponse:
    """Choose a table, see what each row would do, confirm. Nothing is kept between the two."""
    if "pairs" in request.POST:
        return _confirm(request)
    found = found_on_today(request)
    form = TableForm(request.POST or None, request.FILES or None, initial={"starts_on": found.day})
    context = {"form": form, "title": _TITLE, "looked": None}
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            rows = tables.read(data["table"].read(), name=data["table"].name)
        except Refused as refusal:
            return render(request, "duties/import.html", context, status=refuse(form, refusal))
        looked = tables.look_at(rows, found, starts_on=data["starts_on"])
        given = [one for line in looked if line.outcome in ("new", "changed") for one in line.given]
        boards = dict(Board.objects.filter(county=request.actor.county).values_list("unit", "version"))
        counts = Counter(line.outcome for line in looked)
        context |= {
            "looked": [(line, tables.OUTCOMES[line.outcome]) for line in looked],
            "counts": [(words, counts[code]) for code, words in tables.OUTCOMES.items()], "starts_on": data["starts_on"],
            "confirm": ConfirmForm(initial={
                "pairs": " ".join(f"{one.unit}:{one.inspector}" for one in given), "document": data["document"],
                "starts_on": data["starts_on"],
                "base": " ".join(f"{unit}:{boards.get(unit, 0)}" for unit in sorted({one.unit for one in given}, key=str)),
            }) if given else None,
        }  # fmt: skip
        return render(request, "duties/import.html", context)
    return render(request, "duties/import.html", context, status=422 if request.method == "POST" else 200)


def _confirm(request: Request) -> HttpResponse:
    form = ConfirmForm(request.POST)
    status = 422
    if form.is_valid():
        data = form.cleaned_data
        try:
            begun = services.assign_duties(
                rows=data["pairs"], starts_on=data["starts_on"], document=data["document"], reason="导入表格",
                base_versions=data["base"], by=request.actor, now=clock.now(),
            )  # fmt: skip
        except Refused as refusal:
            status = refuse(form, refusal)
        else:
            messages.success(request, f"已导入，新安排 {len(begun)} 项。")
            return redirect("duties:coverage")
    again = TableForm(initial={"starts_on": clock.today()})
    context = {"form": again, "title": _TITLE, "looked": None, "wrong": form}
    return render(request, "duties/import.html", context, status=status)

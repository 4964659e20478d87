"""Tests with their scores, and certificates."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from dudao.shell import clock
from dudao.shell.errors import Refused
from dudao.shell.http import Request, get_or_post, may
from dudao.shell.pages import form_page, refuse
from dudao.training import queries, services
from dudao.training.forms import CertifyForm, ExamForm, ScoreForm
from dudao.training.models import Exam
from dudao.training.queries.finish import finishing
from dudao.training.queries.plan import invited
from dudao.training.views.parts import area_names, batch_address, found_batch, shared


@get_or_post
@may("training.manage")
def add_exam(request: Request, key: UUID) -> HttpResponse:
    """A test at the end of a training."""
    row = found_batch(request, key)
    form = ExamForm(request.POST or None, initial={"day": row.ends_on, "areas": row.areas})

    def act(data: dict[str, Any]) -> None:
        services.set_exam(batch=row, by=request.actor, now=clock.now(), **data)

    return form_page(
        request,
        form,
        act,
        title=f"安排测试：{row.title}",
        button="保存",
        back=batch_address(key),
        done="已安排测试，合格才能结业。",
    )


@get_or_post
@may("training.manage")
def exam(request: Request, key: UUID) -> HttpResponse:
    """Scores of a test, all at once."""
    rows = Exam.objects.filter(batch__in=queries.batches_visible_to(request.actor))
    row = get_object_or_404(rows.select_related("batch"), pk=key)
    known = {one.inspector_id: one for one in row.scores.all()}
    form = ScoreForm(
        request.POST or None, people=invited(row.batch), known=known, initial={"base_version": row.version}
    )
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                services.record_scores(
                    exam=row, base_version=form.cleaned_data["base_version"], points=form.points(), by=request.actor,
                    now=clock.now(),
                )  # fmt: skip
            except Refused as refusal:
                status = refuse(form, refusal)
            else:
                messages.success(request, "已登记成绩。")
                return redirect(reverse("training:exam", args=[key]))
    context = shared(
        request, "batch", exam=row, batch=row.batch, form=form, areas=area_names(row.areas),
        passed=sum(one.points is not None and one.points >= row.pass_mark for one in known.values()), known=len(known),
        writes=row.day <= clock.today(),
    )  # fmt: skip
    return render(request, "training/exam.html", context, status=status)


@get_or_post
@may("training.manage")
def certify(request: Request, key: UUID) -> HttpResponse:
    """Certificates for all who have finished."""
    row = found_batch(request, key)
    ready = [
        one.inspector
        for one in finishing(row, today=clock.today()).values()
        if not one.lacks and one.certificate is None
    ]
    people = [(str(one.pk), one.person.name) for one in ready]
    form = CertifyForm(
        request.POST or None, people=people,
        initial={"inspectors": [one[0] for one in people], "issued_on": max(row.ends_on, clock.today())},
    )  # fmt: skip

    def act(data: dict[str, Any]) -> None:
        chosen = {UUID(one) for one in data["inspectors"]}
        services.issue_certificates(
            batch=row, inspectors=[one for one in ready if one.pk in chosen], issued_on=data["issued_on"], by=request.actor,
            now=clock.now(),
        )  # fmt: skip

    return form_page(
        request, form, act, title=f"发结业证书：{row.title}", button="发证书", back=batch_address(key), done="已发证书，接着可以打印。",
        lead="学时够、测试都合格的在下面；编号按年度连续。" if ready else "现在没有可以发证的人。",
    )  # fmt: skip


@get_or_post
@may("training.manage")
def certificates(request: Request, key: UUID) -> HttpResponse:
    """The certificates of a training, one on a page, for printing."""
    row = found_batch(request, key)
    rows = list(row.certificates.select_related("inspector__person").order_by("number"))
    if request.method == "POST":
        done = services.print_certificates(batch=row, keys=[one.pk for one in rows], by=request.actor, now=clock.now())
        messages.success(request, f"已记下打印 {done} 份。" if done else "都已经打印过。")
        return redirect(reverse("training:certificates", args=[key]))
    context = {"batch": row, "rows": rows, "areas": area_names(row.areas), "printing": request.GET.get("print") == "1"}
    return render(request, "training/certificates.html", context)

"""Pages of co-signing, submitting, signing and issuing."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from dudao.accounts import queries as accounts
from dudao.accounts.posts import posts
from dudao.papers import acts, pages, queries, services
from dudao.papers.forms import CosignAskForm, CosignForm, CosignRecordForm, ReasonForm
from dudao.papers.models import Cosign
from dudao.papers.views.papers import evidence, found, get_or_post, unit_choices
from dudao.shell import clock
from dudao.shell.errors import Refused
from dudao.shell.http import Request, may
from dudao.shell.pages import form_page


def _base(request: Request) -> int:
    value = request.POST.get("base_version", "")
    return int(value) if value.isdecimal() and len(value) < 10 else 0


@get_or_post
@may("paper.draft")
def paper_submit(request: Request, key: UUID) -> HttpResponse:
    """Put the paper on the desk of those who sign; what is still open is said once."""
    row = found(request, key)
    if row.is_bound:
        return redirect(row.link)
    if request.method == "POST":
        services.submit_paper(paper=row, base_version=_base(request), by=request.actor, now=clock.now())
        messages.success(request, "已送签。")
        return redirect(queries.address(row))
    text = row.texts.first()
    said = queries.warnings(row, text) if text else []
    who = "、".join(acts.signers(row.county, today=clock.today()).values()) or "有签发权的同志"
    context = {
        "title": "送签？",
        "words": f"送{who}签发；拟稿、改稿的人不能签发。" + (f"请先看：{'；'.join(said)}。" if said else ""),
        "act": "送签",
        "back": queries.address(row),
        "keys": [("base_version", row.version)],
    }
    return render(request, "shell/confirm.html", context)


@get_or_post
@may("paper.draft", "paper.issue")
def paper_back(request: Request, key: UUID) -> HttpResponse:
    """Back to the drafter, with what is to be changed."""
    row = found(request, key)
    if row.is_bound:
        return redirect(row.link)
    return form_page(
        request,
        ReasonForm(request.POST or None, initial={"base_version": row.version}),
        lambda data: services.send_back(paper=row, **data, by=request.actor, now=clock.now()),
        title="退回修改",
        lead=f"《{row.title}》。写明要改什么，拟稿人会看到。",
        button="退回修改",
        back=queries.address(row),
        done="已退回修改。",
    )


@get_or_post
@may("paper.draft", "paper.issue")
def paper_drop(request: Request, key: UUID) -> HttpResponse:
    """The draft is not needed any more."""
    row = found(request, key)
    if row.is_bound:
        return redirect(row.link)
    return form_page(
        request,
        ReasonForm(request.POST or None, initial={"base_version": row.version}),
        lambda data: services.drop_paper(paper=row, **data, by=request.actor, now=clock.now()),
        title="这份稿子不用了？",
        lead=f"《{row.title}》。各稿都保留，没有占用文号。",
        button="不用了",
        danger=True,
        back=queries.address(row),
        done="已标为不用了。",
    )


@get_or_post
@may("paper.draft")
def cosign_ask(request: Request, key: UUID) -> HttpResponse:
    """Ask persons and units to agree."""
    row, actor, today = found(request, key), request.actor, clock.today()
    people: dict[str, list[tuple[str, str]]] = {}
    readers = set(row.readers.values_list("person", flat=True)) if row.is_restricted else None
    for person in accounts.people_with_posts(actor, day=today):
        held = [posts()[one.post] for one in person.held]  # type: ignore[attr-defined]
        if (readers is None or person.pk in readers) and not any(post.admin for post in held):
            people.setdefault(held[0].name if held else "没有任职", []).append((str(person.pk), person.name))
    form = CosignAskForm(
        request.POST or None,
        people=list(people.items()),
        units=[] if row.is_restricted else unit_choices(actor),
        initial={"base_version": row.version},
    )

    def ask(data: dict[str, Any]) -> None:
        services.ask_cosign(
            paper=row,
            base_version=data["base_version"],
            persons=[UUID(one) for one in data["persons"]],
            units=[UUID(one) for one in data.get("units", [])],
            by=actor,
            now=clock.now(),
        )

    return form_page(
        request,
        form,
        ask,
        title="提请会签",
        lead=f"《{row.title}》。不登录的，在纸上签了由拟稿人登记。",
        button="提请会签",
        back=queries.address(row),
        done="已提请会签，通知备在“等您发送”里。",
    )


def _cosign(request: Request, key: UUID) -> Cosign:
    shown = queries.papers_visible_to(request.actor)
    return get_object_or_404(Cosign.objects.filter(paper__in=shown).select_related("paper"), pk=key)


@require_POST
def cosign_answer(request: Request, key: UUID) -> HttpResponse:
    """The one who was asked says what they think."""
    row = _cosign(request, key)
    form = CosignForm(request.POST)
    if not form.is_valid():
        raise Refused("请选择“同意”或“有不同意见”。", code="papers.answer")
    services.answer_cosign(cosign=row, **form.cleaned_data, by=request.actor, now=clock.now())
    messages.success(request, "已签署意见。")
    return redirect(queries.address(row.paper))


@get_or_post
@may("paper.draft")
def cosign_record(request: Request, key: UUID) -> HttpResponse:
    """Record what was signed on paper or said on the phone."""
    row = _cosign(request, key)
    form = CosignRecordForm(request.POST or None, request.FILES or None, initial={"occurred_on": clock.today()})

    def record(data: dict[str, Any]) -> None:
        proof = evidence(data, sensitive=row.paper.is_restricted)
        services.answer_cosign(cosign=row, **data, evidence=proof, by=request.actor, now=clock.now())

    return form_page(
        request,
        form,
        record,
        title="登记会签意见",
        lead=f"《{row.paper.title}》",
        button="登记",
        back=queries.address(row.paper),
        done="已登记会签意见。",
    )


@get_or_post
@may("paper.draft", "paper.issue")
def paper_issue(request: Request, key: UUID) -> HttpResponse:
    """Sign and issue; a paper whose words its matter has made is signed on the page of the matter."""
    row = found(request, key)
    if row.is_bound:
        return redirect(row.link)
    return pages.issue_page(request, row, services.issue_paper, back=queries.address(row))

"""Pages of publications: lists, one publication, what is done with it."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from dudao.audit import queries as audit
from dudao.disclosure import acts, library, lists, marked, queries, services
from dudao.disclosure.forms import (
    CorrectForm,
    EditForm,
    FactsForm,
    FileForm,
    NewForm,
    PublishForm,
    ReasonForm,
    ReopenForm,
    ReviewForm,
    TracesForm,
    VersionForm,
    WithdrawForm,
)
from dudao.disclosure.models import Edition, Review, Trace
from dudao.files import services as files
from dudao.papers import comparing, writing
from dudao.papers import queries as papers
from dudao.shell import clock, conflicts
from dudao.shell.errors import Conflict, Refused
from dudao.shell.http import Request, may
from dudao.shell.pages import form_page, refuse

get_or_post = require_http_methods(["GET", "HEAD", "POST"])
_ANY = ("publish.prepare", "publish.review", "publish.secrecy")
_STEPS = ("准备", "公开审查", "保密审查", "个人信息", "上网", "已公开")
_AT = {"draft": 1, "review": 2, "secrecy": 3, "check": 4, "ready": 5, "published": 7}


@require_GET
@may(*_ANY)
def edition_list(request: Request) -> HttpResponseBase:
    """What is being published and what was, to filter, sort, print and export."""
    actor = request.actor
    context = {"waiting_count": len(queries.waiting(actor)) if actor.can("publish.prepare") else 0}
    page = lists.editions(actor, today=clock.today())
    return page.respond(request, queries.editions(actor), "disclosure/edition_list.html", context)


@require_GET
@may(*_ANY)
def catalogue(request: Request) -> HttpResponseBase:
    """政府信息公开目录."""
    actor = request.actor
    return lists.catalogue(actor).respond(request, queries.catalogue(actor), "disclosure/catalogue.html")


@require_GET
@may("publish.prepare")
def waiting(request: Request) -> HttpResponse:
    """Issued papers that are to be published and are not prepared yet, and others to be found by words."""
    actor, words = request.actor, request.GET.get("q", "").replace("\0", "").strip()
    rows = queries.waiting(actor)
    others = list(queries.could_be_published(actor, words=words)[:20]) if words else []
    found = {"rows": rows, "others": others, "words": words, "rules": library.rules()}
    return render(request, "disclosure/waiting.html", found)


@require_POST
@may("publish.prepare")
def take_up(request: Request, key: UUID) -> HttpResponse:
    """准备公开, at one click."""
    paper = get_object_or_404(papers.papers_visible_to(request.actor), pk=key)
    edition = services.prepare_paper(paper=paper, by=request.actor, now=clock.now())
    messages.success(request, "已开始准备公开：核对文字和公开信息，再送审。")
    return redirect(lists.address(edition))


@get_or_post
@may("publish.prepare")
def publication_new(request: Request) -> HttpResponse:
    """A text that is typed in."""
    form = NewForm(request.POST or None)

    def prepare(data: dict[str, Any]) -> Edition:
        matter = services.Matter(title=data["subject_title"])
        return services.prepare_text(
            words=form.words(), formed_on=data["formed_on"], doc_no=data["doc_no"], matter=matter, by=request.actor,
            now=clock.now(),
        )  # fmt: skip

    return form_page(
        request, form, prepare, title="录入要公开的内容", button="录入", back=reverse("disclosure:list"), to=lists.address,
        done="已录入。", lead="评估结果、数据表、曝光的文字等没有单独成文的，在这里录入；已印发的公文请从“待公开的公文”开始。",
    )  # fmt: skip


def _rows(request: Request) -> QuerySet[Edition]:
    return queries.editions_visible_to(request.actor)


def _newest(request: Request, key: UUID) -> Edition:
    """The last edition of a publication, which is the one that is worked on."""
    return get_object_or_404(queries.newest(_rows(request)), publication=key)


def _address(key: UUID) -> str:
    return reverse("disclosure:publication", args=[key])


@require_GET
def publication(request: Request, key: UUID) -> HttpResponse:
    """One publication: the edition asked for or the last, what was found in it, who concluded what, what comes next."""
    actor, today = request.actor, clock.today()
    newest = _newest(request, key)
    no = request.GET.get("no", "")
    row = newest
    if no.isdecimal() and int(no) < 1000 and int(no) != newest.no:
        row = get_object_or_404(_rows(request), publication=key, no=int(no))
    found = list(queries.traces(row))
    open_ = queries.open_traces(row) if row.is_running else []
    setting = queries.setting_of(actor.county)
    next_acts = acts.next_acts(actor, row, len(open_), today=today) if row.pk == newest.pk else []
    reviews = list(row.reviews.order_by("-recorded_at", "-pk"))
    scans = {str(r.pk): [f for f in queries.scans_of(actor, row) if f.subject == str(r.pk)] for r in reviews}
    context = {
        "edition": row,
        "publication": row.publication,
        "is_newest": row.pk == newest.pk,
        "state": lists.state(row),
        "acts": next_acts,
        "main": next((one for one in next_acts if one.is_main), None),
        "steps": _STEPS,
        "step": _AT.get(row.state, 0),
        "facts": [(name, value) for _, name, value in services.facts_of(row)],
        "limit": library.rules().limit,
        "days_late": services.days_late(row),
        "parts": _parts(row, found),
        "open_count": len(open_),
        "kept": [(acts.part_words(t), services.kind_words(t.kind), t) for t in found if t.state == Trace.State.KEPT],
        "reviews": [(r, [library.ground_words(g) for g in r.grounds], scans[str(r.pk)]) for r in reviews],
        "attachments": list(row.attachments.filter(is_removed=False)),
        "package": queries.package_of(row),
        "job": queries.open_job(actor, row),
        "pictures": queries.pictures_of(actor, row),
        "editions": list(row.publication.editions.order_by("-no")),
        "wordings": list(row.wordings.defer("body", "sources")),
        "site": setting.is_site_on,
        "events": list(audit.history(actor, row)[:60]),
        "source_lines": list(writing.lines(row.source_body)),
        "is_changed": (row.title, row.body) != (row.source_title, row.source_body),
    }
    return render(request, "disclosure/publication.html", context)


def _parts(row: Edition, found: list[Trace]) -> list[tuple[str, list[marked.Block]]]:
    """Each text of an edition with its marks, numbered through."""
    numbered = [(n, t) for n, t in enumerate(found, 1)]
    made = []
    for part in (Trace.Part.TITLE, Trace.Part.BODY, Trace.Part.SOURCES, Trace.Part.SUMMARY):
        text = str(getattr(row, part))
        if text:
            made.append((str(part.label), marked.blocks(text, [(n, t) for n, t in numbered if t.part == part])))
    return made


@get_or_post
@may("publish.prepare")
def words(request: Request, key: UUID) -> HttpResponse:
    """Change what is published."""
    row = _newest(request, key)
    names = ("title", "body", "summary", "sources")
    initial = {name: getattr(row, name) for name in names}
    form = EditForm(conflicts.chosen(request.POST) or None, initial={**initial, "base_version": row.version})

    def stands() -> tuple[dict[str, Any], int]:
        now = _newest(request, key)
        return {name: getattr(now, name) for name in names}, now.version

    def change(data: dict[str, Any]) -> None:
        services.change_words(
            edition=row, base_version=data["base_version"], words=form.words(), remark=data["remark"], by=request.actor,
            now=clock.now(),
        )  # fmt: skip

    lead = "改了文字，个人信息重新检查；已经做过的审查作废，要重新审查。" if row.state != "draft" else row.source_title
    return form_page(
        request, form, change, title="改公开稿", button="保存", back=_address(key), done="已保存，个人信息已重新检查。",
        lead=lead, stands=stands,
    )  # fmt: skip


@get_or_post
@may("publish.prepare")
def facts(request: Request, key: UUID) -> HttpResponse:
    """Change the facts of the page."""
    row = _newest(request, key)
    names = ("formed_on", *services.FACTS)
    initial = {name: getattr(row, name) for name in names}
    form = FactsForm(
        conflicts.chosen(request.POST) or None, edition=row, initial={**initial, "base_version": row.version}
    )

    def stands() -> tuple[dict[str, Any], int]:
        now = _newest(request, key)
        return {name: getattr(now, name) for name in names}, now.version

    def change(data: dict[str, Any]) -> None:
        base, formed_on = data.pop("base_version"), data.pop("formed_on")
        services.change_facts(
            edition=row, base_version=base, formed_on=formed_on, facts=data, by=request.actor, now=clock.now()
        )

    return form_page(
        request, form, change, title="公开信息", button="保存", back=_address(key), done="已保存。", lead=row.title,
        stands=stands,
    )  # fmt: skip


@get_or_post
@may("publish.prepare")
def attach(request: Request, key: UUID) -> HttpResponse:
    """Take a file to be published along."""
    row = _newest(request, key)
    form = FileForm(request.POST or None, request.FILES or None, initial={"base_version": row.version})

    def add(data: dict[str, Any]) -> None:
        services.add_attachment(
            edition=row, base_version=data["base_version"], upload=data["file"], by=request.actor, now=clock.now()
        )

    return form_page(
        request, form, add, title="加附件", button="上传", back=_address(key), done="已上传，请看过附件里有没有个人信息。",
        lead="附件和正文一样要审查；已经做过的审查作废。", version=row.version,
    )  # fmt: skip


def _seen(request: Request) -> int:
    """The version that the page of a button showed."""
    form = VersionForm(request.POST)
    if not form.is_valid():
        raise Conflict("页面不完整，请重新打开再办。", code="disclosure.changed")
    return int(form.cleaned_data["base_version"])


@require_POST
@may("publish.prepare")
def detach(request: Request, key: UUID, attachment: UUID) -> HttpResponse:
    row = _newest(request, key)
    found = get_object_or_404(row.attachments, pk=attachment)
    services.remove_attachment(
        edition=row, attachment=found, base_version=_seen(request), by=request.actor, now=clock.now()
    )
    messages.success(request, f"已移出附件：{found.name}")
    return redirect(_address(key))


@get_or_post
@may("publish.prepare")
def submit(request: Request, key: UUID) -> HttpResponse:
    """Send it to 公开审查; what is still open is said once."""
    row = _newest(request, key)
    if request.method == "POST":
        services.submit(edition=row, base_version=_seen(request), by=request.actor, now=clock.now())
        messages.success(request, "已送公开审查。")
        return redirect(_address(key))
    open_ = len(queries.open_traces(row))
    people = queries.reviewers(request.actor, Review.Kind.OPENNESS, day=clock.today())
    said = f"还有 {open_} 处个人信息没有处理；送审以后再改文字，要重新审查，最好先处理。" if open_ else ""
    context = {
        "title": "送公开审查？",
        "words": f"由{'、'.join(one.name for one in people) or '有审查权的同志'}审查，之后做保密审查。{said}",
        "act": "送审",
        "back": _address(key),
        "keys": [("base_version", row.version)],
    }
    return render(request, "shell/confirm.html", context)


def _review(request: Request, key: UUID, kind: Review.Kind) -> HttpResponse:
    actor, row = request.actor, _newest(request, key)
    wanted = "publish.secrecy" if kind == Review.Kind.SECRECY else "publish.review"
    people = queries.reviewers(actor, kind, day=clock.today())
    wrote = queries.writers(row)
    if kind == Review.Kind.SECRECY:
        people = [one for one in people if one.pk not in wrote]
    may_here = actor.can(wanted) and not (kind == Review.Kind.SECRECY and actor.hands & wrote)
    form = ReviewForm(
        request.POST or None, request.FILES or None, kind=kind, people=people, may_here=may_here,
        initial={"base_version": row.version, "on": clock.today()},
    )  # fmt: skip
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            data = form.cleaned_data
            reviewer = next((one for one in people if str(one.pk) == data["reviewer"]), None)
            try:
                on_paper = None
                if reviewer is not None:
                    scan = [files.receive(one) for one in data["scan"] or ()]
                    on_paper = services.OnPaper(reviewer, data["on"], scan)
                done = services.review(
                    edition=row, kind=kind, base_version=data["base_version"], conclusion=data["conclusion"],
                    grounds=data["grounds"], words=data["words"], by=actor, now=clock.now(), on_paper=on_paper,
                )  # fmt: skip
            except Refused as refusal:
                status = refuse(form, refusal)
            else:
                messages.success(request, f"{kind.label}：{done.conclusion_words}。")
                return redirect(_address(key))
    found = list(queries.traces(row))
    context = {
        "form": form, "edition": row, "kind": kind, "label": kind.label, "parts": _parts(row, found),
        "facts": [(name, value) for _, name, value in services.facts_of(row)],
        "kept": [(acts.part_words(t), services.kind_words(t.kind), t) for t in found if t.state == Trace.State.KEPT],
        "open_count": len(queries.open_traces(row)), "may_here": may_here,
        "attachments": list(row.attachments.filter(is_removed=False)),
        "is_changed": (row.title, row.body) != (row.source_title, row.source_body),
    }  # fmt: skip
    return render(request, "disclosure/review.html", context, status=status)


@get_or_post
@may("publish.review", "publish.prepare")
def openness(request: Request, key: UUID) -> HttpResponse:
    """公开审查."""
    return _review(request, key, Review.Kind.OPENNESS)


@get_or_post
@may("publish.secrecy", "publish.prepare")
def secrecy(request: Request, key: UUID) -> HttpResponse:
    """保密审查."""
    return _review(request, key, Review.Kind.SECRECY)


@get_or_post
@may("publish.prepare", "publish.review")
def traces(request: Request, key: UUID) -> HttpResponse:
    """What was found of people, beside the text, each to be decided."""
    row = _newest(request, key)
    found = list(queries.traces(row))
    numbers = {t.pk: n for n, t in enumerate(found, 1)}
    open_ = queries.open_traces(row)
    form = TracesForm(request.POST or None, traces=open_, initial={"base_version": row.version})
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                left = services.decide(
                    edition=row, base_version=form.cleaned_data["base_version"], decisions=form.decisions(mask_rest=request.POST.get("all") == "mask"),
                    by=request.actor, now=clock.now(),
                )  # fmt: skip
            except Refused as refusal:
                field = next((f"words_{one.pk}" for one in open_ if str(one.pk) == refusal.field), None)
                form.add_error(field, refusal.message)
                status = 409 if isinstance(refusal, Conflict) else 422
            else:
                messages.success(request, f"已处理，还有 {left} 处。" if left else "已全部处理。")
                return redirect(reverse("disclosure:traces", args=[key]) if left else _address(key))
    lines = []
    for one in open_:
        text = str(getattr(row, one.part)) if one.part != Trace.Part.FILE else ""
        lines.append(
            (
                numbers[one.pk],
                one,
                acts.part_words(one),
                services.kind_words(one.kind),
                text[one.start : one.end],
                *form.pair(one),
            )
        )
    context = {
        "form": form, "edition": row, "parts": _parts(row, found), "lines": lines,
        "kept": [(acts.part_words(t), services.kind_words(t.kind), t) for t in found if t.state == Trace.State.KEPT],
    }  # fmt: skip
    return render(request, "disclosure/traces.html", context, status=status)


@require_POST
@may("publish.prepare")
def package(request: Request, key: UUID) -> HttpResponse:
    """Have the package made; the page says how far it is."""
    job = services.ask_package(edition=_newest(request, key), by=request.actor, now=clock.now())
    messages.success(request, "正在后台制作材料包，做好后在这件事项的页面下载。")
    return redirect("jobs:job", job.pk)


@get_or_post
@may("publish.prepare")
def publish(request: Request, key: UUID) -> HttpResponse:
    """Record where and when it stands on the portal."""
    row = _newest(request, key)
    form = PublishForm(
        request.POST or None, request.FILES or None, initial={"base_version": row.version, "on": clock.today()}
    )

    def record(data: dict[str, Any]) -> None:
        evidence = [files.receive(one) for one in data.pop("evidence") or ()]
        services.record_published(edition=row, **data, evidence=evidence, by=request.actor, now=clock.now())

    return form_page(
        request, form, record, title="登记公开网址", button="登记", back=_address(key), done="已登记公开，期限停止计算。",
        lead=f"{row.title}。县政府网站上发布后登记；登记以前，公开期限一直在算。",
        version=row.version,
    )  # fmt: skip


@get_or_post
@may("publish.prepare")
def correct(request: Request, key: UUID) -> HttpResponse:
    """Begin the next edition."""
    row = _newest(request, key)
    return form_page(
        request, CorrectForm(request.POST or None, initial={"changed_on": clock.today()}),
        lambda data: services.correct(publication=row.publication, **data, by=request.actor, now=clock.now()),
        title="更正", button="开始更正", back=_address(key), done="已建立新的一版：改好文字后重新审查。",
        lead="公开过的这一版保留不动；新的一版重新审查、重新检查个人信息，公开期限重新计算。",
    )  # fmt: skip


@get_or_post
@may("publish.prepare", "publish.review")
def withdraw(request: Request, key: UUID) -> HttpResponse:
    """Take it off; the address stays and says so."""
    row = _newest(request, key)
    return form_page(
        request, WithdrawForm(request.POST or None, initial={"on": clock.today()}),
        lambda data: services.withdraw(publication=row.publication, **data, by=request.actor, now=clock.now()),
        title="撤下？", button="撤下", back=_address(key), done="已撤下。", danger=True,
        lead="县政府网站上也要同时撤下。本系统的公开网页保留地址，只写明已撤下和原因。",
    )  # fmt: skip


@get_or_post
@may("publish.prepare")
def drop(request: Request, key: UUID) -> HttpResponse:
    """It is not gone on with."""
    row = _newest(request, key)
    return form_page(
        request, ReasonForm(request.POST or None, initial={"base_version": row.version}),
        lambda data: services.drop(edition=row, **data, by=request.actor, now=clock.now()),
        title="这一版不用了？", button="不用了", back=_address(key), done="已记为不用。", danger=True, lead=row.title,
        version=row.version,
    )  # fmt: skip


@get_or_post
@may("publish.prepare", "publish.review")
def reopen(request: Request, key: UUID) -> HttpResponse:
    """Take up again what was withheld."""
    row = _newest(request, key)
    return form_page(
        request, ReopenForm(request.POST or None, initial={"base_version": row.version}),
        lambda data: services.reopen(edition=row, **data, by=request.actor, now=clock.now()),
        title="评估后重新办理", button="重新办理", back=_address(key), done="已重新办理，请准备后送审。",
        lead="条例第十八条：对不予公开的信息进行定期评估审查，情势变化可以公开的应当公开。",
        version=row.version,
    )  # fmt: skip


@require_GET
def compare(request: Request, key: UUID) -> HttpResponse:
    """The source beside what is published, or two wordings."""
    row = _newest(request, key)
    no = request.GET.get("no", "")
    if no.isdecimal() and int(no) < 1000:
        row = get_object_or_404(_rows(request), publication=key, no=int(no))
    wordings = list(row.wordings.order_by("no"))
    asked = request.GET.get("a", "")
    old = next((one for one in wordings if asked == str(one.no)), None)
    before = f"{old.title}\n{old.body}" if old else f"{row.source_title}\n{row.source_body}"
    rows = comparing.compare_words(before, f"{row.title}\n{row.body}")
    context = {
        "edition": row, "rows": rows, "wordings": wordings, "old": old,
        "changes": sum(one.how != "same" for one in rows),
    }  # fmt: skip
    return render(request, "disclosure/compare.html", context)


@require_GET
def publication_print(request: Request, key: UUID) -> HttpResponse:
    """The text as it is published, for paper."""
    row = _newest(request, key)
    context = {
        "edition": row, "lines": list(writing.lines(row.body)), "printing": request.GET.get("print") == "1",
        "facts": [(name, value) for _, name, value in services.facts_of(row)],
    }  # fmt: skip
    return render(request, "disclosure/print.html", context)


@require_GET
def publication_file(request: Request, key: UUID, file: UUID) -> HttpResponseBase:
    """A file of any edition: attachment, scan, picture, package."""
    row = _newest(request, key)
    for edition in row.publication.editions.all():
        if found := queries.file_of(request.actor, edition, file):
            return files.respond(found, by=request.actor, now=clock.now())
    raise Http404

"""Pages of one school's check: on the phone at the school, for the head who signs, for the office that adopts."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from dudao.files import services as file_services
from dudao.places import queries as places
from dudao.returns import checks, site_lists
from dudao.returns.forms.site import (
    AdoptForm,
    CellForm,
    CheckerPaperForm,
    DecideForm,
    HeadForm,
    HeadPaperForm,
    SignForm,
    WordsForm,
    day_in,
    proofs,
)
from dudao.returns.models import CellCheck, SchoolCheck
from dudao.returns.queries import site as queries
from dudao.returns.queries.site import Line, Sheet
from dudao.returns.services import site_adoption, site_cells
from dudao.returns.services.site_cells import Entry
from dudao.shell import clock, conflicts, toasts
from dudao.shell.errors import Conflict, Refused
from dudao.shell.http import Request, get_or_post
from dudao.shell.keys import uuid7
from dudao.shell.pages import form_page, refuse


def found(request: Request, key: UUID) -> SchoolCheck:
    """The school's check, if the reader may see it."""
    rows = queries.checks_visible_to(request.actor).select_related("round__campaign", "ret", "group")
    return get_object_or_404(rows, pk=key)


def address(key: UUID, anchor: str = "") -> str:
    return reverse("returns:site_school", args=[key]) + (f"#{anchor}" if anchor else "")


def unit_name(request: Request, check: SchoolCheck) -> str:
    day = clock.today()
    return places.full_names(request.actor, {check.unit_id}, as_of=day).get(check.unit_id, "—")


def _shown(line: Line) -> dict[str, Any]:
    """A line as pages show it: values in words, its proof and cause by name."""
    one = line.check
    return {
        "line": line,
        "code": line.field.code,
        "label": line.field.label,
        "unit": line.field.unit,
        "ours": line.field.ours,
        "reported": site_lists.said(line.field, line.reported),
        "last": site_lists.said(line.field, line.last) if line.last else "",
        "check": one,
        "then": site_lists.said(line.field, one.reported) if one and line.has_moved else "",
        "found": site_lists.said(line.field, one.found) if one and one.outcome != "unable" else "",
        "adopted": site_lists.said(line.field, one.adopted) if one and one.adoption else "",
        "tone": site_lists.OUTCOME_TONES[one.outcome] if one else "none",
        "proof": checks.named(checks.proofs(), one.proof) if one else "",
        "cause": checks.named(checks.causes(), one.cause) if one else "",
        "first_proof": checks.first_proof(line.field.code),
        "key": uuid7(),
    }


@require_GET
def site_school(request: Request, key: UUID) -> HttpResponse:
    """One school's sheet: for checkers what is left to look at, for everybody what was found and who signed."""
    actor, day, check = request.actor, clock.today(), found(request, key)
    sheet = queries.sheet(actor, check)
    office, checks_here = queries.is_office(actor), queries.may_check(actor, check, day=day)
    writes = checks_here and queries.may_write(actor, check, day=day)
    of_unit = actor.is_of(check.unit_id)
    signed = {one.person_id for one in sheet.live}
    mine = [one for one in sheet.members if one.person_id == actor.person]
    left = sheet.open
    context = {
        "check": check,
        "round": check.round,
        "unit_name": unit_name(request, check),
        "tone": site_lists.TONES[check.state],
        "sheet": sheet,
        "wanted": len(sheet.wanted),
        "looked": len(sheet.looked),
        "first": [_shown(one) for one in left if one.is_marked] if writes else [],
        "sections": _by_section([one for one in left if not one.is_marked]) if writes else [],
        "rest": _by_section([one for one in sheet.lines if not one.is_wanted and not one.check]) if writes else [],
        "done": [_shown(one) for one in sheet.looked],
        "differing": [_shown(one) for one in sheet.differing],
        "signatures": [(one, sheet.scans.get(one.pk, ())) for one in sheet.signatures],
        "proofs": proofs(),
        "on": day_in(request.GET.get("on", ""), day),
        "writes": writes,
        "may_sign": bool(mine) and checks_here and actor.person not in signed and sheet.looked and _signable(check),
        "may_paper": checks_here and sheet.looked and _signable(check),
        "may_head": of_unit and actor.can("return.confirm") and check.state == SchoolCheck.State.CHECKED,
        "may_head_paper": checks_here and check.state == SchoolCheck.State.CHECKED,
        "may_reopen": checks_here and _reopenable(check, office=office),
        "may_decide": office and not of_unit and check.state == SchoolCheck.State.REFUSED and actor.person not in signed,
        "may_adopt": office and not of_unit and check.state == SchoolCheck.State.SIGNED and actor.person not in signed,
        "may_take_back": office and not of_unit and check.state == SchoolCheck.State.SETTLED and actor.person not in signed,
        "may_register": office and not of_unit and check.state in ("checked", "refused", "signed", "settled"),
        "is_office": office,
        "finding_key": uuid7(),
        "locked": check.ret.is_locked,
    }  # fmt: skip
    return render(request, "returns/site/school.html", context)


def _signable(check: SchoolCheck) -> bool:
    running = check.round.state == "running"
    return running and check.state in (SchoolCheck.State.CHECKING, SchoolCheck.State.HALF_SIGNED)


def _reopenable(check: SchoolCheck, *, office: bool) -> bool:
    early = check.state in (SchoolCheck.State.HALF_SIGNED, SchoolCheck.State.CHECKED)
    return early or (office and check.state in (SchoolCheck.State.REFUSED, SchoolCheck.State.SIGNED))


def _by_section(lines: list[Line]) -> list[tuple[str, list[dict[str, Any]]]]:
    sections: dict[str, list[dict[str, Any]]] = {}
    for one in lines:
        sections.setdefault(one.section, []).append(_shown(one))
    return list(sections.items())


def _line(sheet: Sheet, code: str) -> Line:
    line = next((one for one in sheet.lines if one.field.code == code), None)
    if line is None:
        raise Http404
    return line


@get_or_post
def site_cell(request: Request, key: UUID, code: str) -> HttpResponse:
    """One cell: what was found, on what proof, why it differs; and where the reported number comes from."""
    actor, day, check = request.actor, clock.today(), found(request, key)
    sheet = queries.sheet(actor, check)
    line = _line(sheet, code)
    form = CellForm(
        conflicts.chosen(request.POST) or None, request.FILES or None, item=line.field, initial=_initial(request, line)
    )
    status, clashes = 200, None
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                evidence = [file_services.receive(one) for one in form.cleaned_data["evidence"]]
                site_cells.record_cells(
                    check=check, entries=[form.entry(evidence)], occurred_on=form.cleaned_data["occurred_on"], by=actor,
                    now=clock.now(),
                )  # fmt: skip
            except Refused as refusal:
                status = refuse(form, refusal)
                if isinstance(refusal, Conflict) and (stands := _line(queries.sheet(actor, found(request, key)), code)):
                    clashes = _clashes(form, stands)
            else:
                toasts.done(request, f"已记录“{line.field.label}”。")
                return redirect(_next(request, key, code))
    left = [one.field.code for one in sheet.open if one.field.code != code]
    context = {
        "check": check,
        "round": check.round,
        "unit_name": unit_name(request, check),
        "one": _shown(line),
        "line": line,
        "form": form,
        "clashes": clashes,
        "writes": queries.may_write(actor, check, day=day),
        "more": bool(left),
        "history": [(one, site_lists.said(line.field, one.value)) for one in queries.readings_of(check, code)],
        "back": address(key, code),
    }
    return render(request, "returns/site/cell.html", context, status=status)


_KEPT = ("outcome", "found", "proof", "proof_words", "cause", "words")


def _initial(request: Request, line: Line) -> dict[str, Any]:
    day = day_in(request.GET.get("on", ""), clock.today())
    if line.check is None:
        return {"occurred_on": day, "proof": checks.first_proof(line.field.code), "base_version": 0}
    kept = {name: getattr(line.check, name) for name in _KEPT}
    if line.check.outcome != CellCheck.Outcome.DIFFERS:
        kept["found"] = ""
    return {**kept, "occurred_on": line.check.occurred_on, "base_version": line.check.version, "key": line.check.pk}


def _clashes(form: CellForm, line: Line) -> list[conflicts.Clash] | None:
    if line.check is None:
        return None
    theirs = {name: getattr(line.check, name) for name in _KEPT}
    if line.check.outcome != CellCheck.Outcome.DIFFERS:
        theirs["found"] = ""
    return conflicts.lay_out(form, theirs=theirs, version=line.check.version)


def _next(request: Request, key: UUID, code: str) -> str:
    """Where one goes on: the next open cell where that was asked, else the list."""
    if "next" in request.POST:
        left = [one.field.code for one in queries.sheet(request.actor, found(request, key)).open]
        if left:
            return reverse("returns:site_cell", args=[key, left[0]])
    return address(key, code)


@get_or_post
def site_same(request: Request, key: UUID) -> HttpResponse:
    """Cells that agree, ticked in one go: what was compared with the sheet on paper."""
    actor, day, check = request.actor, clock.today(), found(request, key)
    sheet = queries.sheet(actor, check)
    # Where nothing is reported there is nothing to agree with, unless the round asks for it.
    left = [one for one in sheet.lines if not one.check and (one.is_wanted or one.reported)]
    status, fault, on = 200, "", day_in(request.POST.get("on", "") or request.GET.get("on", ""), day)
    if request.method == "POST":
        ticked = set(request.POST.getlist("code"))
        entries = [
            Entry(
                one.field.code, CellCheck.Outcome.SAME, proof=request.POST.get(f"proof-{one.field.code}", ""),
                proof_words=request.POST.get("proof_words", ""), key=_key(request.POST.get(f"key-{one.field.code}", "")),
            )
            for one in left
            if one.field.code in ticked
        ]  # fmt: skip
        try:
            if not ticked:
                raise Refused("请勾选核对相符的项目。", code="checks.codes")
            site_cells.record_cells(check=check, entries=entries, occurred_on=on, by=actor, now=clock.now())
        except Refused as refusal:
            status, fault = 409 if isinstance(refusal, Conflict) else 422, refusal.message
        else:
            toasts.done(request, f"已记录 {len(ticked)} 项相符。")
            return redirect(address(key))
    context = {
        "check": check, "unit_name": unit_name(request, check), "fault": fault, "on": on, "proofs": proofs(),
        "sections": _by_section(sorted(left, key=lambda one: not one.is_wanted)),
        "ticked": set(request.POST.getlist("code")), "proof_words": request.POST.get("proof_words", ""),
        "chosen": {name.removeprefix("proof-"): value for name, value in request.POST.items() if name.startswith("proof-")},
    }  # fmt: skip
    return render(request, "returns/site/same.html", context, status=status)


def _key(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


@require_GET
def site_sheet(request: Request, key: UUID) -> HttpResponse:
    """The school's sheet to print: reported values, boxes for what is found, places for the signatures."""
    check = found(request, key)
    check.unit_name, check.group_name = unit_name(request, check), str(check.group or "")  # type: ignore[attr-defined]
    context = {"round": check.round, "sheets": [(check, queries.sheet(request.actor, check))], "left": 0}
    return render(request, "returns/site/sheets.html", context)


# ---- signatures -----------------------------------------------------------------------------------------------------

Act = Callable[[dict[str, Any]], Any]


@get_or_post
def site_sign(request: Request, key: UUID) -> HttpResponse:
    """A checker signs."""
    actor, check = request.actor, found(request, key)
    form = SignForm(request.POST or None, initial={"seen": check.version, "occurred_on": clock.today()})
    sheet = queries.sheet(actor, check)
    left = len(sheet.open)
    same, differs = sum(one.check.outcome == "same" for one in sheet.looked if one.check), len(sheet.differing)
    lead = f"{unit_name(request, check)}：核了 {len(sheet.looked)} 项，相符 {same} 项，不符 {differs} 项"
    lead += f"，还有 {left} 项应核没有核。" if left else "。"
    return form_page(
        request,
        form,
        lambda data: site_cells.sign_as_checker(
            check=check, signing=form.signing(), occurred_on=data["occurred_on"], by=actor, now=clock.now()
        ),
        title="核查人签字",
        lead=f"{lead}两名核查人都签字后，记录不能再改，请校（园）长签字。",
        button=f"{actor.name} 签字",
        back=address(key),
        done="已签字。",
    )


@get_or_post
def site_sign_paper(request: Request, key: UUID) -> HttpResponse:
    """Write down a checker's signature on paper."""
    actor, check = request.actor, found(request, key)
    people = [(str(one.person_id), one.name) for one in queries.sheet(actor, check).members]
    initial = {"seen": check.version, "occurred_on": clock.today()}
    form = CheckerPaperForm(request.POST or None, request.FILES or None, people=people, initial=initial)
    return form_page(
        request,
        form,
        lambda data: site_cells.sign_as_checker(
            check=check,
            signing=form.signing(_received(data)),
            occurred_on=data["occurred_on"],
            by=actor,
            now=clock.now(),
        ),
        title="登记核查人的纸质签字",
        lead=f"{unit_name(request, check)}。签字页的扫描件或照片要一起上传。",
        button="登记签字",
        back=address(key),
        done="已登记签字。",
    )


def _received(data: dict[str, Any]) -> list[file_services.Received]:
    return [file_services.receive(one) for one in data["scan"]]


@get_or_post
def site_head(request: Request, key: UUID) -> HttpResponse:
    """The head signs, or objects."""
    actor, check = request.actor, found(request, key)
    if not actor.is_of(check.unit_id):
        raise Http404
    form = HeadForm(request.POST or None, initial={"seen": check.version, "occurred_on": clock.today()})
    sheet = queries.sheet(actor, check)
    return form_page(
        request,
        form,
        lambda data: site_cells.sign_as_head(
            check=check, signing=form.signing(), occurred_on=data["occurred_on"], by=actor, now=clock.now()
        ),
        title="校（园）长签字",
        lead=f"{check.round.title}：核了 {len(sheet.looked)} 项，不符 {len(sheet.differing)} 项。填报值不会因此改动。",
        button=f"{actor.name} 签字",
        back=address(key),
        done="已签署意见。",
    )


@get_or_post
def site_head_paper(request: Request, key: UUID) -> HttpResponse:
    """Write down what the head signed on paper."""
    actor, check = request.actor, found(request, key)
    form = HeadPaperForm(
        request.POST or None, request.FILES or None, initial={"seen": check.version, "occurred_on": clock.today()}
    )
    return form_page(
        request,
        form,
        lambda data: site_cells.sign_as_head(
            check=check,
            signing=form.signing(_received(data)),
            occurred_on=data["occurred_on"],
            by=actor,
            now=clock.now(),
        ),
        title="登记校（园）长的纸质签字",
        lead=f"{unit_name(request, check)}。签字页的扫描件或照片要一起上传。",
        button="登记签字",
        back=address(key),
        done="已登记校（园）长的意见。",
    )


@get_or_post
def site_reopen(request: Request, key: UUID) -> HttpResponse:
    """Void the signatures, so that cells can be written again."""
    check = found(request, key)
    form = WordsForm(request.POST or None, initial={"base_version": check.version})
    return form_page(
        request,
        form,
        lambda data: site_cells.reopen_sheet(check=check, **data, by=request.actor, now=clock.now()),
        title="作废签字，重新核查",
        lead=f"{unit_name(request, check)}。已有的签字连同原因一起留下，记录可以再改，改完重新签字。",
        button="作废签字",
        back=address(key),
        done="已作废签字，可以再改记录。",
        version=check.version,
        danger=True,
    )


@get_or_post
def site_decide(request: Request, key: UUID) -> HttpResponse:
    """Answer a head who objected."""
    check = found(request, key)
    refusals = [one for one in queries.sheet(request.actor, check).live if not one.agrees]
    if request.method == "GET" and check.state != SchoolCheck.State.REFUSED:
        # Nothing is left to decide.
        return redirect(address(key))
    form = DecideForm(request.POST or None, initial={"base_version": check.version})
    return form_page(
        request,
        form,
        lambda data: site_cells.decide_refusal(
            check=check, upheld=data["upheld"] == "yes", words=data["words"], base_version=data["base_version"],
            by=request.actor, now=clock.now(),
        ),
        title="处理校（园）长的异议",
        lead=f"{unit_name(request, check)}：{'；'.join(one.words for one in refusals)}",
        button="决定",
        back=address(key),
        done="已处理异议。",
        version=check.version,
    )  # fmt: skip


# ---- afterwards -----------------------------------------------------------------------------------------------------


@get_or_post
def site_adopt(request: Request, key: UUID) -> HttpResponse:
    """The office adopts what was found; for each difference found or reported."""
    actor, check = request.actor, found(request, key)
    if not queries.is_office(actor):
        raise Http404
    sheet = queries.sheet(actor, check)
    differing = sheet.differing
    form = AdoptForm(
        request.POST or None, codes=[one.field.code for one in differing], labels=[one.field.label for one in differing],
        initial={"base_version": check.version, "occurred_on": clock.today()},
    )  # fmt: skip
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                site_adoption.adopt(
                    check=check, keep=form.keep(), base_version=form.cleaned_data["base_version"],
                    occurred_on=form.cleaned_data["occurred_on"], by=actor, now=clock.now(),
                )  # fmt: skip
            except Refused as refusal:
                status = refuse(form, refusal)
            else:
                toasts.done(request, "已采用核查结果。填报值没有改动。")
                return redirect(address(key))
    shown = {one.field.code: _shown(one) for one in differing}
    context = {
        "check": check, "unit_name": unit_name(request, check), "form": form,
        "lines": [(shown[code], take, words) for code, take, words in form.lines()],
        "same": sum(one.check.outcome == CellCheck.Outcome.SAME for one in sheet.looked if one.check),
    }  # fmt: skip
    return render(request, "returns/site/adopt.html", context, status=status)


@get_or_post
def site_adopt_back(request: Request, key: UUID) -> HttpResponse:
    """Undo the adoption."""
    check = found(request, key)
    form = WordsForm(request.POST or None, initial={"base_version": check.version})
    return form_page(
        request,
        form,
        lambda data: site_adoption.take_back_adoption(check=check, **data, by=request.actor, now=clock.now()),
        title="撤回采用",
        lead=f"{unit_name(request, check)}。核查记录和签字都在，改过以后可以重新采用。",
        button="撤回采用",
        back=address(key),
        done="已撤回采用。",
        version=check.version,
        danger=True,
    )


@require_POST
def site_finding(request: Request, key: UUID) -> HttpResponse:
    """Make one finding of the differing cells that were ticked, or of the one whose button was pressed."""
    check = found(request, key)
    codes = [request.POST["only"]] if request.POST.get("only") else request.POST.getlist("code")
    finding = site_adoption.register_difference(
        check=check, codes=codes, key=_key(request.POST.get("key", "")), by=request.actor, now=clock.now()
    )
    toasts.done(request, f"已登记为问题 {finding.number}。")
    return redirect(reverse("findings:finding", args=[finding.pk]))


@require_GET
def site_file(request: Request, key: UUID, file: UUID) -> HttpResponseBase:
    """A picture or scan of the school's check."""
    actor, check = request.actor, found(request, key)
    stored = queries.file_of(actor, check, file)
    if stored is None:
        raise Http404
    return file_services.respond(stored, by=actor, now=clock.now())

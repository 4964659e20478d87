"""What anybody sees who scans the code of a board: the board, a form to say something, and what became of it.

No sign-in and no cookie. The two forms carry no CSRF token: nobody is signed in whose name could be misused, and a phone that
keeps no cookies must not lose what was typed.
"""

from uuid import UUID

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.cache import cache_control, never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe

from dudao.accounts.middleware import address_of
from dudao.complaints import library, queries, services
from dudao.complaints.forms import CodeForm, SayForm
from dudao.complaints.models import Complaint
from dudao.complaints.services import Said
from dudao.duties import queries as duties
from dudao.duties.queries import Sheet
from dudao.files import services as files
from dudao.shell import clock
from dudao.shell.acts import system
from dudao.shell.errors import Refused
from dudao.shell.http import Request, get_or_post
from dudao.shell.pages import refuse


def _sheet(key: str) -> Sheet | None:
    try:
        return duties.board(UUID(key), day=clock.today())
    except ValueError:
        return None


@login_not_required
@csrf_exempt
@never_cache
@get_or_post
def board(request: Request, key: str) -> HttpResponse:
    """A board, and what one has to say."""
    sheet = _sheet(key)
    if sheet is None:
        contact = duties.office_contact(settings.COUNTY)
        return render(request, "complaints/no_board.html", {"contact": contact}, status=404)
    is_open = queries.setting_of(sheet.county).is_open
    faces = [(str(one.inspector), one.name) for one in sheet.faces]
    form = SayForm(request.POST or None, inspectors=faces)
    status = 200
    if request.method == "POST":
        status = 422
        if not is_open:
            form.add_error(None, "这里没有开通网上提交，请打电话。您填的内容还在下面，可以抄下来。")
        elif form.is_valid():
            try:
                row = _take(request, sheet, form)
            except Refused as refusal:
                status = 429 if refusal.code == "complaints.flood" else refuse(form, refusal)
                if status == 429:
                    form.add_error(None, refusal.message)
            else:
                context = {"sheet": sheet, "row": row, "code": services.in_fours(row.code)}
                return render(request, "complaints/said.html", context)
    context = {"sheet": sheet, "form": form, "is_open": is_open or request.method == "POST", "may_send": is_open}
    return render(request, "complaints/board.html", context, status=status)


def _take(request: Request, sheet: Sheet, form: SayForm) -> Complaint:
    """Let through what no flood is made of, and take it in.

    Raises:
        Refused: ``complaints.flood``, ``complaints.machine``; codes of ``services.receive``.
    """
    data, limits, machine = form.cleaned_data, library.floods(), clock.machine_now()
    call = f"有急事请打电话{sheet.office_phone}。" if sheet.office_phone else "有急事请直接联系督导室。"
    if data["more"]:
        raise Refused(
            "有一格应当留空的被填上了，像是程序自动填的，请清空后再提交。", code="complaints.machine", field="more"
        )
    if not services.counted(what="address", where=address_of(request), most=limits.address, machine=machine):
        words = f"这个网络一小时内已经提交了 {limits.address} 次，请过一小时再提交。{call}您填的内容还在。"
        raise Refused(words, code="complaints.flood")
    if not services.counted(what="board", where=str(sheet.key), most=limits.board, machine=machine):
        raise Refused(
            f"这块公示牌一小时内提交的人太多，请过一小时再提交。{call}您填的内容还在。", code="complaints.flood"
        )
    about = form.about_whom()
    # Whoever the board shows, also one whose term has just ended.
    held = duties.responsible_for(sheet.county, [sheet.unit], day=clock.today()).get(sheet.unit, [])
    who = {one.inspector: one.person for one in held}
    said = Said(
        unit=sheet.unit, source=Complaint.Source.BOARD, kind=data["kind"], words=data["words"], received_on=clock.today(),
        name=data["name"], contact=data["contact"], about=who[about] if about else None,
    )  # fmt: skip
    return services.receive(said=said, sent_key=data["key"], by=system(sheet.county), now=clock.now())


@login_not_required
@csrf_exempt
@never_cache
@get_or_post
def outcome(request: Request) -> HttpResponse:
    """What became of a complaint, for who has its code. The code is sent, never part of an address."""
    form, known, status = CodeForm(request.POST or None), None, 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            most, machine = library.floods().codes, clock.machine_now()
            known = queries.by_code(form.cleaned_data["code"])
            if not services.counted(what="codes", where=address_of(request), most=most, machine=machine):
                known, status = None, 429
                form.add_error("code", "这个网络一小时内查询次数太多，请过一小时再查。")
            elif known is None:
                form.add_error("code", "没有这个查询码，请对照记下的再输一次；丢了的请打督导室电话。")
            else:
                status = 200
    contact = duties.office_contact(settings.COUNTY)
    return render(request, "complaints/outcome.html", {"form": form, "known": known, "contact": contact}, status=status)


@login_not_required
@cache_control(public=True, max_age=3600)
@require_safe
def photo(request: Request, key: str, inspector: UUID) -> HttpResponseBase:
    """The photo of an inspector whom the board shows today."""
    sheet = _sheet(key)
    face = next((one for one in sheet.faces if one.inspector == inspector), None) if sheet else None
    stored = queries.photo(sheet.county, inspector, face.photo) if sheet and face and face.photo else None
    if sheet is None or stored is None:
        raise Http404
    response = files.respond(stored, by=system(sheet.county), now=clock.now())
    response["Cache-Control"] = "public, max-age=3600"
    return response

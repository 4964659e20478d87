"""The second way: the form as an Excel sheet, handed out with what is known, taken back after a look."""

import io
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import FileResponse, Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET

from dudao.files import services as files
from dudao.returns import checking, services, unit_sheets, values
from dudao.returns.forms.returns import SheetForm
from dudao.returns.models import Return, Source, Upload
from dudao.returns.views.returns import found, head, name_of
from dudao.shell import clock
from dudao.shell.acts import Actor
from dudao.shell.http import Request, get_or_post
from dudao.shell.pages import form_page
from dudao_engines.standards import templates


def _hands_in(actor: Actor, ret: Return) -> bool:
    own = actor.can("return.fill") and actor.is_of(ret.unit_id)
    return ret.is_writable and (own or actor.can("return.manage"))


@require_GET
def template(request: Request, key: UUID) -> HttpResponseBase:
    """The form as a sheet, with everything that stands already."""
    ret = found(request, key)
    look, name = checking.look(ret), name_of(request.actor, ret)
    cells = {code: values.value_of(cell, look.form) for code, cell in look.cells.items()}
    made = templates.sheet_of(
        look.form, templates.Unit(ret.unit.code, name, cells), title=ret.campaign.title, asked=look.asked
    )
    return FileResponse(io.BytesIO(made), as_attachment=True, filename=f"{ret.campaign.title}_{name}.xlsx")


@get_or_post
def sheet(request: Request, key: UUID) -> HttpResponse:
    """Hand in a filled-in sheet; it is looked at before anything is written."""
    actor, ret = request.actor, found(request, key)
    if not _hands_in(actor, ret):
        raise Http404

    def take(data: dict[str, Any]) -> Upload:
        given = data["sheet"]
        received = files.receive(given)
        given.seek(0)
        return services.look_at_sheet(ret=ret, received=received, content=given.read(), by=actor, now=clock.now())

    return form_page(
        request,
        SheetForm(request.POST or None, request.FILES or None),
        take,
        title="交回填好的表格",
        lead=f"{name_of(actor, ret)} · {ret.campaign.title}。先看改了什么，再写入；空着的格子不会清掉原来的数。",
        button="上传并预览",
        back=reverse("returns:return", args=[ret.pk]),
        to=lambda made: reverse("returns:sheet_preview", args=[ret.pk, made.pk]),
        done="已读取，还没有写入。",
    )


@get_or_post
def sheet_preview(request: Request, key: UUID, upload: UUID) -> HttpResponse:
    """What the sheet would change; confirmed, it is written."""
    actor, ret = request.actor, found(request, key)
    rows = Upload.objects.filter(campaign=ret.campaign_id, source=Source.WORKBOOK, file__subject=str(ret.pk))
    row = get_object_or_404(rows.select_related("file"), pk=upload)
    if request.method == "POST":
        done = services.apply_sheet(ret=ret, upload=row, by=actor, now=clock.now())
        wrong = f"，其中 {len(done.problems)} 项要改正" if done.problems else ""
        messages.success(request, f"已写入 {len(done.codes)} 项{wrong}。")
        return redirect("returns:return", ret.pk)
    assert row.file is not None
    look = checking.look(ret)
    read = unit_sheets.read(b"".join(files.content(row.file)), name=row.name, ret=ret, look=look)
    context = {
        **head(actor, ret),
        "upload": row,
        "sheet": read,
        "acts": _hands_in(actor, ret) and row.state == "previewed",
    }
    return render(request, "returns/sheet_preview.html", context)

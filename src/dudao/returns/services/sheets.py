"""One unit's filled-in sheet: kept when it is looked at, written when it is confirmed."""

from datetime import datetime

from django.db import transaction
from django.db.models import F

from dudao.audit import services as audit
from dudao.files import services as files
from dudao.files.services import Received
from dudao.returns import checking, unit_sheets
from dudao.returns.models import Return, Source, Upload
from dudao.returns.services.cells import Changed, set_cells
from dudao.returns.services.rights import fills_or_manages
from dudao.shell.acts import Actor
from dudao.shell.errors import Refused


@transaction.atomic
def look_at_sheet(*, ret: Return, received: Received, content: bytes, by: Actor, now: datetime) -> Upload:
    """Keep a sheet that was handed in; nothing of it is reported before ``apply_sheet``.

    Raises:
        Refused: ``returns.not_allowed``; ``returns.sheet`` (no table, another form, another unit's, several units).
    """
    fills_or_manages(by, ret)
    unit_sheets.read(content, name=received.name, ret=ret, look=checking.look(ret))
    upload = Upload(
        county=by.county,
        campaign=ret.campaign,
        source=Source.WORKBOOK,
        name=received.name,
        made_by=by.person,
        made_name=by.name,
        made_at=now,
    )
    upload.save(force_insert=True)
    upload.file = files.attach(received, subject=ret, by=by, now=now)
    upload.save(update_fields=["file"])
    summary = f"交回表格：{ret.campaign.title}，{received.name}"
    audit.record(action="sheet.received", subject=ret, summary=summary, by=by, now=now)
    return upload


@transaction.atomic
def apply_sheet(*, ret: Return, upload: Upload, by: Actor, now: datetime) -> Changed:
    """Report what a sheet says; once.

    Raises:
        Refused: ``returns.not_allowed``, ``returns.closed``, ``returns.sheet``.
    """
    fills_or_manages(by, ret)
    rows = Upload.objects.filter(pk=upload.pk, state=Upload.State.PREVIEWED)
    if not rows.update(state=Upload.State.APPLIED, version=F("version") + 1) or upload.file is None:
        raise Refused("这张表已经导入过。", code="returns.sheet")
    content = b"".join(files.content(upload.file))
    sheet = unit_sheets.read(content, name=upload.name, ret=ret, look=checking.look(ret))
    return set_cells(
        ret=ret,
        values=sheet.values,
        source=Source.WORKBOOK,
        by=by,
        now=now,
        upload=upload,
        places=sheet.places,
    )

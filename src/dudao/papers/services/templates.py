"""A county's own .docx in place of the house's layout: checked, kept with its versions, switched."""

import io
from datetime import datetime

from django.db import transaction
from django.db.models import Max

from dudao.audit import services as audit
from dudao.files import services as files
from dudao.papers import library
from dudao.papers.models import TemplateFile
from dudao.papers.services.rights import may
from dudao.shell.acts import Actor
from dudao.shell.errors import Conflict, Refused
from dudao_engines.papers import custom

#: More is no template: pictures of that size belong into the paper.
LARGEST = 5 * 1024 * 1024


class UnfitError(Refused):
    """A file cannot be used as a template.

    Attributes:
        problems: each with its place in the file.
    """

    def __init__(self, problems: list[custom.Problem]) -> None:
        words = "；".join(f"{one.place}：{one.message}" for one in problems[:20])
        super().__init__(words, code="papers.template", field="file")
        self.problems = problems


def replace_template(*, kind: str, data: bytes, name: str, note: str = "", by: Actor, now: datetime) -> TemplateFile:
    """Take a county's .docx for a kind of paper into use, once it is checked. Papers issued before keep their files.

    Args:
        data: the whole file; ``name`` as it was called.

    Raises:
        UnfitError: ``papers.template``: unknown, missing or broken fields, each with its place.
        Refused: ``papers.not_allowed``, ``papers.kind``, ``papers.large``, and the codes of ``files.receive``.
    """
    may(by, "paper.issue")
    template = library.kinds().get(kind)
    if template is None:
        raise Refused("没有这种公文。", code="papers.kind")
    if len(data) > LARGEST:
        raise Refused("模板不能超过 5 MB。", code="papers.large", field="file")
    if problems := custom.check(data, template):
        raise UnfitError(problems)
    received = files.receive(io.BytesIO(data), name=name)
    return _replace(kind, received, note=note, by=by, now=now)


@transaction.atomic
def _replace(kind: str, received: files.Received, *, note: str, by: Actor, now: datetime) -> TemplateFile:
    rows = TemplateFile.objects.filter(county=by.county, kind=kind)
    last = rows.aggregate(last=Max("no"))["last"] or 0
    rows.filter(is_current=True).update(is_current=False)
    made = TemplateFile(
        county=by.county,
        kind=kind,
        no=last + 1,
        file=received.key,
        is_current=True,
        note=" ".join(note.split())[:200],
        handed_in_by_name=by.name,
        handed_in_at=now,
    )
    made.save(force_insert=True)
    files.attach(received, subject=made, by=by, now=now)
    _told(kind, f"第 {made.no} 版本县模板", by=by, now=now)
    return made


def _told(kind: str, words: str, *, by: Actor, now: datetime) -> None:
    summary = f"{library.kind_name(kind)}改用{words}"
    audit.record(action="papertemplate.switched", subject=("papers.template", kind), summary=summary, by=by, now=now)


@transaction.atomic
def switch_template(*, kind: str, no: int | None, by: Actor, now: datetime) -> None:
    """Use another version of the county's file for a kind, or with None the layout of the house.

    Raises:
        Refused: ``papers.not_allowed``. Conflict: ``papers.changed``, there is no such version.
    """
    may(by, "paper.issue")
    rows = TemplateFile.objects.filter(county=by.county, kind=kind)
    rows.filter(is_current=True).exclude(no=no or 0).update(is_current=False)
    if no is not None and not rows.filter(no=no).update(is_current=True):
        raise Conflict("没有这一版模板。", code="papers.changed")
    _told(kind, f"第 {no} 版本县模板" if no else "通用模板", by=by, now=now)

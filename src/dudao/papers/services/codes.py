"""机关代字 of the county: which there are, who numbers them, and what was used before."""

from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import F, Max

from dudao.audit import services as audit
from dudao.papers.models import NumberBook, NumberCode
from dudao.papers.services.rights import may
from dudao.shell.acts import Actor
from dudao.shell.errors import Conflict, Refused


@transaction.atomic
def add_code(*, code: str, organ: str, numbered_by: str, by: Actor, now: datetime) -> NumberCode:
    """Enter a 机关代字.

    Raises:
        Refused: ``papers.not_allowed``, ``papers.code`` (empty, too long, with signs a number cannot hold, there already),
            ``papers.organ``, ``papers.way``.
    """
    may(by, "paper.issue")
    facts = _checked(code, organ, numbered_by)
    last = NumberCode.objects.filter(county=by.county).aggregate(last=Max("position"))["last"]
    made = NumberCode(county=by.county, position=0 if last is None else last + 1, **facts)
    try:
        with transaction.atomic():
            made.save(force_insert=True)
    except IntegrityError as error:
        raise Refused(f"“{made.code}”已经有了。", code="papers.code", field="code") from error
    audit.record(
        action="papercode.added", subject=made, summary=f"登记机关代字：{made.code}", by=by, now=now, code=made.code
    )
    return made


def _checked(code: str, organ: str, numbered_by: str) -> dict[str, str]:
    code, organ = "".join(code.split()), " ".join(organ.split())
    if (
        not code
        or len(code) > 20
        or any(sign in code for sign in "〔〕[]()（）第号")
        or any(c.isdecimal() for c in code)
    ):
        raise Refused("机关代字是几个汉字，例如“贺政教督发”，不带年份和号。", code="papers.code", field="code")
    if not organ or len(organ) > 100:
        raise Refused("请写发文机关，最多 100 个字。", code="papers.organ", field="organ")
    if numbered_by not in NumberCode.By.values:
        raise Refused("请选择由谁编号。", code="papers.way", field="numbered_by")
    return {"code": code, "organ": organ, "by": numbered_by}


@transaction.atomic
def change_code(
    *,
    row: NumberCode,
    base_version: int,
    organ: str,
    numbered_by: str,
    is_active: bool,
    by: Actor,
    now: datetime,
) -> None:
    """Change who issues under a 机关代字, who numbers it, and whether it is in use. The code itself stays as it was printed.

    Raises:
        Refused: ``papers.not_allowed``, ``papers.organ``, ``papers.way``, ``papers.numbered`` (it has counted here: its
            numbers would run in two places).
        Conflict: ``papers.changed``.
    """
    may(by, "paper.issue")
    facts = _checked(row.code, organ, numbered_by)
    if (
        numbered_by != row.by
        and NumberBook.objects.filter(county=row.county, code=row.code, last__gt=F("before")).exists()
    ):
        raise Refused("这个代字已经在本系统编过号，不能改由 OA 编号。", code="papers.numbered", field="numbered_by")
    rows = NumberCode.objects.filter(pk=row.pk, version=base_version)
    if not rows.update(organ=facts["organ"], by=numbered_by, is_active=is_active, version=F("version") + 1):
        raise Conflict("别人刚刚改过这个代字，请对照后再保存。", code="papers.changed")
    row.refresh_from_db()
    audit.record(
        action="papercode.changed",
        subject=row,
        summary=f"修改机关代字：{row.code}",
        by=by,
        now=now,
        organ=row.organ,
        numbered_by=row.by,
        is_on=is_active,
    )


@transaction.atomic
def set_before(*, code: str, year: int, before: int, by: Actor, now: datetime) -> NumberBook:
    """Say up to which number a code was used in a year before the county came to this system. Only until it counts here.

    Raises:
        Refused: ``papers.not_allowed``, ``papers.code``, ``papers.before``, ``papers.numbered``.
    """
    may(by, "paper.issue")
    if not NumberCode.objects.filter(county=by.county, code=code, by=NumberCode.By.HERE).exists():
        raise Refused("请选择由本系统编号的机关代字。", code="papers.code", field="code")
    if not 2000 <= year <= 2100 or not 0 <= before <= 99_999:
        raise Refused("请写年份和已用到的号。", code="papers.before", field="before")
    book, _ = NumberBook.objects.get_or_create(county=by.county, code=code, year=year)
    rows = NumberBook.objects.filter(pk=book.pk, last=F("before"))
    if not rows.update(before=before, last=before):
        raise Refused("这一年已经在本系统编过号，不能再改起始号。", code="papers.numbered", field="before")
    book.refresh_from_db()
    audit.record(
        action="papercode.before",
        subject=("papers.numberbook", f"{code}:{year}"),
        summary=f"{code}〔{year}〕启用前已用到第 {before} 号",
        by=by,
        now=now,
        before=before,
    )
    return book

"""The package, the portal's address that stops the limit, what is taken off, the settings, and days that become settled."""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from urllib.parse import urlsplit

from django.db import transaction
from django.db.models import F

from dudao.audit import services as audit
from dudao.disclosure import library, packing, queries
from dudao.disclosure.models import Edition, Package, Publication, Review, Setting, Trace
from dudao.disclosure.services.rights import claim, in_state, may, one_line
from dudao.disclosure.services.wording import refuse_people
from dudao.files import services as files
from dudao.files.services import Received
from dudao.inspections import queries as inspections
from dudao.inspections.services import act_on_inspection
from dudao.jobs import services as jobs
from dudao.jobs.models import Job
from dudao.jobs.registry import Run
from dudao.procedures.services import Brought
from dudao.shell.acts import Actor
from dudao.shell.calendars import holidays
from dudao.shell.clock import CHINA, day_of
from dudao.shell.errors import Conflict, Refused
from dudao_engines.disclosure_control.model import Kind
from dudao_engines.kernel.deadlines import Due, again
from dudao_engines.papers.text import chinese_day

_DONE = (Edition.State.READY, Edition.State.PUBLISHED)


def said_of(edition: Edition) -> packing.Published:
    """An edition in words, for the package and for the page."""
    reviews = queries.standing_reviews(edition)
    kept = [row for row in queries.traces(edition) if row.state == Trace.State.KEPT]
    return packing.Published(
        title=edition.title, body=edition.body, sources=edition.sources,
        signed_by=edition.signed_by, formed_on=edition.formed_on, facts=facts_of(edition),
        reviews=tuple(
            packing.Said(
                row.get_kind_display(), row.conclusion_words, tuple(map(library.ground_words, row.grounds)), row.words,
                row.reviewer_name, row.on,
            )
            for row in (reviews[kind] for kind in Review.Kind.values if kind in reviews)
        ),
        kept=tuple((kind_words(row.kind), row.get_part_display(), row.reason) for row in kept),
        prepared_by=edition.prepared_by_name,
    )  # fmt: skip


def kind_words(kind: str) -> str:
    """What was found, in words."""
    return Kind(kind).chinese if kind in list(Kind) else "附件"


def facts_of(edition: Edition) -> tuple[tuple[str, str, str], ...]:
    """Code, name and value of each fact of the page; what is not known is left out."""
    found = (
        ("index_no", "索引号", edition.publication.index_no or ""),
        ("name", "名称", edition.title),
        ("doc_no", "文号", edition.doc_no),
        ("summary", "内容概述", edition.summary),
        ("formed_on", "生成日期", chinese_day(edition.formed_on)),
        ("published_on", "发布日期", chinese_day(edition.published_on) if edition.published_on else ""),
        ("disclosure_term", "公开时限", edition.term),
        ("publisher", "发布机构", edition.publisher),
        ("signed_by", "署名", edition.signed_by),
        ("category", "所属分类", edition.category),
        ("validity", "效力状态", edition.validity),
        ("responsible_dept", "责任部门", edition.department),
        ("disclosure_mode", "公开方式", edition.mode),
        ("edition", "版次", f"第{edition.no}版" if edition.no > 1 else ""),
        ("note", "更正说明", edition.note),
    )
    return tuple(one for one in found if one[2])


def ask_package(*, edition: Edition, by: Actor, now: datetime) -> Job:
    """Have the package made by the worker.

    Raises:
        Refused: ``disclosure.not_allowed``, ``disclosure.state``, ``jobs.not_allowed``.
    """
    may(by, "publish.prepare")
    in_state(edition, *_DONE)
    payload = {"edition": str(edition.pk)}
    return jobs.start(
        kind="disclosure.package", key=f"{edition.pk}:{edition.wording_no}", payload=payload, by=by, now=now
    )


def make_package(*, run: Run) -> dict[str, str]:
    """The worker's part: read, write the files, then one short step that keeps them.

    Raises:
        Refused: ``disclosure.state``, the edition has gone back meanwhile.
    """
    edition = queries.editions_visible_to(run.by).get(pk=run.payload["edition"])
    in_state(edition, *_DONE)
    attachments = list(edition.attachments.filter(is_removed=False))
    run.progress(done=0, total=len(attachments) + 1, message="正在收齐附件")
    contents = []
    for attachment in attachments:
        stored = queries.file_of(run.by, edition, attachment.file)
        if stored is None:
            raise Refused(f"附件“{attachment.name}”找不到了。", code="disclosure.file")
        contents.append((attachment.name, b"".join(files.content(stored))))
        run.progress(done=len(contents), total=len(attachments) + 1)
    said = said_of(edition)
    made = f"{run.now.astimezone(CHINA):%Y-%m-%d %H:%M}"
    data = packing.package(said, files=contents, facts={"索引号": edition.publication.index_no or "", "版次": str(edition.no),
        "稿次": str(edition.wording_no), "制作时间": made})  # fmt: skip
    stem = packing.safe(edition.title)[:60]
    whole = files.receive(io.BytesIO(data), name=f"公开材料 {stem}.zip")
    text = files.receive(io.BytesIO(packing.word(said)), name=f"{stem}.docx")
    with run.step(cursor=1, done=len(attachments) + 1, total=len(attachments) + 1):
        row = _keep_package(edition, whole, text, by=run.by, now=run.now)
    return {"edition": str(edition.pk), "package": str(row.pk)}


@transaction.atomic
def _keep_package(edition: Edition, whole: Received, text: Received, *, by: Actor, now: datetime) -> Package:
    # As it was read: what has changed meanwhile is not in the package.
    if not Edition.objects.filter(pk=edition.pk, wording_no=edition.wording_no, state__in=_DONE).update(no=edition.no):
        raise Refused("制作期间文字又改了，请审查通过后重新制作。", code="disclosure.state")
    row = Package(
        edition=edition, wording_no=edition.wording_no, file=whole.key, text_file=text.key, size=whole.size,
        sha256=whole.sha256, sm3=whole.sm3, made_by_name=by.name, made_at=now,
    )  # fmt: skip
    row.save(force_insert=True)
    for one in (whole, text):
        files.attach(one, subject=row, by=by, now=now)
    audit.record(
        action="publication.packed", subject=edition, summary=f"制作公开材料包：{edition.title}", by=by, now=now,
        sha256=whole.sha256, size=whole.size,
    )  # fmt: skip
    return row


@transaction.atomic
def record_published(
    *,
    edition: Edition,
    base_version: int,
    address: str,
    on: date,
    evidence: Sequence[Received],
    by: Actor,
    now: datetime,
) -> None:
    """Record where and when it stands on the portal; with that the limit stops. A late day is a late day.

    Args:
        on: not in the future, not before the words were formed, nor before they were reviewed.
        evidence: a picture of the page.

    Raises:
        Refused: ``disclosure.not_allowed``, ``disclosure.state``, ``disclosure.address``, ``disclosure.day``,
            ``disclosure.scan``.
        Conflict: ``disclosure.changed``.
    """
    may(by, "publish.prepare")
    address = address.strip()
    if not is_address(address):
        raise Refused("请填写完整网址，从 https:// 或 http:// 开始。", code="disclosure.address", field="address")
    reviewed = max((row.on for row in queries.standing_reviews(edition).values()), default=edition.formed_on)
    if on > day_of(now):
        raise Refused("公开日期不能晚于今天。", code="disclosure.day", field="on")
    if on < max(edition.formed_on, reviewed):
        words = f"公开日期不能早于审查通过的日期（{chinese_day(max(edition.formed_on, reviewed))}）。"
        raise Refused(words, code="disclosure.day", field="on")
    if not evidence:
        raise Refused("请上传网页截图，作为已公开的证据。", code="disclosure.scan", field="evidence")
    claim(
        edition, base_version, Edition.State.READY, state=Edition.State.PUBLISHED, published_on=on,
        portal_address=address, published_at=now, published_by_name=by.name,
    )  # fmt: skip
    # What had been taken off stands again with the new edition; the history says that it was off.
    Publication.objects.filter(pk=edition.publication_id, withdrawn_on__isnull=False).update(
        withdrawn_on=None, withdraw_reason="", withdrawn_by_name=""
    )
    for one in evidence:
        files.attach(one, subject=edition.publication, by=by, now=now, occurred_on=on)
    late = days_late(edition)
    audit.record(
        action="publication.published", subject=edition, by=by, now=now, occurred_on=on, address=address[:200],
        summary=f"登记公开：{edition.title}{f'（逾期 {late} 天）' if late else ''}", days=late,
    )  # fmt: skip
    _tell_inspection(edition, on=on, by=by, now=now)


def _tell_inspection(edition: Edition, *, on: date, by: Actor, now: datetime) -> None:
    """The report of an inspection is published: its own track goes on, where it stands so far. Where it does not, it is done
    on the inspection's page; what stands on the portal stands there."""
    paper = edition.publication.paper
    if paper is None or paper.kind != "inspection-report" or paper.subject_type != inspections.LABEL:
        return
    found = inspections.inspections_visible_to(by).filter(pk=paper.subject_key, side_state="submitted").first()
    if found is None or (found.side_since and on < found.side_since):
        return
    # The picture of the page lies with the publication.
    words = f"{edition.portal_address}，{chinese_day(on)}"
    brought = Brought(occurred_on=on, words=words, is_proved=True)
    act_on_inspection(
        inspection=found, act="publish_report", brought=brought, base_version=found.version, by=by, now=now
    )


def days_late(edition: Edition) -> int:
    """By how many days it was published after its due day."""
    return max(0, (edition.published_on - edition.due_on).days) if edition.published_on else 0


def is_address(words: str) -> bool:
    try:
        parts = urlsplit(words)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname) and len(words) <= 500 and " " not in words


@transaction.atomic
def withdraw(*, publication: Publication, on: date, reason: str, by: Actor, now: datetime) -> None:
    """Take a publication off. Its address stays and says so.

    Raises:
        Refused: ``disclosure.not_allowed``, ``disclosure.state`` (nothing is published, or taken off already),
            ``disclosure.reason``, ``disclosure.people`` (a person in it), ``disclosure.day``.
    """
    may(by, "publish.prepare", "publish.review")
    reason = one_line(reason, 300)
    if not reason:
        raise Refused("请写明撤下的原因，它会公开。", code="disclosure.reason", field="reason")
    refuse_people(reason, county=publication.county, field="reason", now=now)
    last = publication.editions.filter(state=Edition.State.PUBLISHED).order_by("-no").first()
    if last is None or last.published_on is None:
        raise Refused("只有已公开的内容可以撤下。", code="disclosure.state")
    if not last.published_on <= on <= day_of(now):
        raise Refused("撤下日期不能晚于今天，也不能早于公开日期。", code="disclosure.day", field="on")
    rows = Publication.objects.filter(pk=publication.pk, withdrawn_on__isnull=True)
    if not rows.update(withdrawn_on=on, withdraw_reason=reason, withdrawn_by_name=by.name):
        raise Refused("已经撤下了。", code="disclosure.state")
    publication.refresh_from_db()
    audit.record(
        action="publication.withdrawn", subject=last, summary=f"撤下：{last.title}", by=by, now=now, occurred_on=on,
        reason=reason,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Wanted:
    """How a county wants to publish."""

    org_code: str
    index_template: str
    index_digits: int
    publisher: str
    department: str
    signed_by: str
    contact: str


@transaction.atomic
def change_setting(*, base_version: int, wanted: Wanted, by: Actor, now: datetime) -> Setting:
    """Set how 索引号 are made and what the facts of a page begin with. Numbers already given stay.

    Raises:
        Refused: ``disclosure.not_allowed``, ``disclosure.template`` (year or serial is missing, or a name is unknown),
            ``disclosure.code``, ``disclosure.digits``.
        Conflict: ``disclosure.changed``.
    """
    may(by, "publish.review")
    template = "".join(wanted.index_template.split())
    rest = template
    for name in ("{机构}", "{年}", "{流水}"):
        rest = rest.replace(name, "", 1)
    if "{年}" not in template or "{流水}" not in template or "{" in rest or "}" in rest or len(template) > 60:
        words = "格式里要有{年}和{流水}，可以有{机构}，每个只写一次。"
        raise Refused(words, code="disclosure.template", field="index_template")
    code = "".join(wanted.org_code.split())
    if len(code) > 40 or not all(c.isalnum() or c in "-/" for c in code):
        raise Refused("组织机构代码只能有字母、数字和横线。", code="disclosure.code", field="org_code")
    if not 3 <= wanted.index_digits <= 9:
        raise Refused("流水号 3 到 9 位。", code="disclosure.digits", field="index_digits")
    kept = {
        "org_code": code, "index_template": template, "index_digits": wanted.index_digits,
        "publisher": one_line(wanted.publisher, 100), "department": one_line(wanted.department, 100),
        "signed_by": one_line(wanted.signed_by, 100), "contact": one_line(wanted.contact, 200),
    }  # fmt: skip
    row = _claimed(base_version, by, **kept)
    audit.record(
        action="disclosure.set",
        subject=row,
        summary="修改公开设置",
        by=by,
        now=now,
        values={k: str(v) for k, v in kept.items()},
    )
    return row


@transaction.atomic
def switch_site(*, base_version: int, is_on: bool, by: Actor, now: datetime) -> Setting:
    """Open or close the county's own public pages. They are closed until somebody opens them.

    Raises:
        Refused: ``disclosure.not_allowed``.
        Conflict: ``disclosure.changed``.
    """
    may(by, "publish.review")
    row = _claimed(base_version, by, is_site_on=is_on, switched_at=now, switched_by_name=by.name)
    words = "打开公开网页" if is_on else "关闭公开网页"
    audit.record(action="disclosure.switched", subject=row, summary=words, by=by, now=now, is_on=is_on)
    return row


def _claimed(base_version: int, by: Actor, **changes: object) -> Setting:
    index = library.rules().index
    Setting.objects.get_or_create(
        county=by.county, defaults={"index_template": index.template, "index_digits": index.digits, "version": 0}
    )
    rows = Setting.objects.filter(county=by.county, version=base_version)
    if not rows.update(version=F("version") + 1, **changes):
        raise Conflict("别人刚刚改过公开设置，请看过再保存。", code="disclosure.changed")
    return Setting.objects.get(county=by.county)


@transaction.atomic
def reckon_again(*, by: Actor, now: datetime) -> int:
    """After a holiday table has come: due days that were 暂估 and are not over are counted again; returns how many moved."""
    limit, today, tables = library.rules().limit, day_of(now), holidays()
    moved = 0
    running = Edition.objects.filter(county=by.county, is_provisional=True, state__in=Edition.RUNNING)
    for edition in running.filter(due_on__gte=today):
        kept = Due(edition.due_on, True, edition.calendar)
        new = again(edition.formed_on, limit.amount, limit.unit, tables, kept=kept, today=today)
        if new is None:
            continue
        rows = Edition.objects.filter(pk=edition.pk, due_on=edition.due_on, formed_on=edition.formed_on)
        if rows.update(due_on=new.day, calendar=new.calendar, is_provisional=new.provisional):
            moved += 1
            audit.record(
                action="publication.reckoned", subject=edition, by=by, now=now, after=new.day.isoformat(),
                before=edition.due_on.isoformat(), summary=f"重新计算应公开日期：{edition.title}",
            )  # fmt: skip
    return moved

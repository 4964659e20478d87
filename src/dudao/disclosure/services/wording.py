"""The words of an edition: kept each time, looked through each time; what was said of other words falls."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

from dudao.disclosure import queries
from dudao.disclosure.models import Attachment, Edition, Trace, Wording
from dudao.disclosure.services.rights import claim, one_line
from dudao.shell.acts import Actor
from dudao.shell.clock import day_of
from dudao.shell.errors import Refused
from dudao_engines.disclosure_control import scan
from dudao_engines.disclosure_control.model import Hit, Kind
from dudao_engines.kernel.digests import sha256_hex

LIMIT = 200_000
#: The kind of a trace that is a file as a whole.
FILE = "file"
_NO_PERSON = (Kind.SMALL_COUNT, Kind.COMPLEMENT, Kind.SUBTOTAL)
_STAR = re.compile(r"\|\s*[＊*×]+\s*(?=\|)")


@dataclass(frozen=True, slots=True)
class Words:
    """What is published in words."""

    title: str
    body: str
    summary: str = ""
    sources: str = ""


def words_of(edition: Edition) -> Words:
    return Words(edition.title, edition.body, edition.summary, edition.sources)


def checked(words: Words) -> Words:
    """Words as they are kept.

    Raises:
        Refused: ``disclosure.title``, ``disclosure.body``, ``disclosure.summary``.
    """
    title = " ".join(words.title.split())
    body = words.body.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "").strip("\n")
    summary = " ".join(words.summary.split())
    sources = words.sources.replace("\r\n", "\n").replace("\0", "").strip()
    if not title or len(title) > 200:
        raise Refused("请写名称，最多 200 个字。", code="disclosure.title", field="title")
    if not body.strip() or len(body) > LIMIT:
        raise Refused(f"请写正文，最多 {LIMIT // 10000} 万字。", code="disclosure.body", field="body")
    if len(summary) > 500:
        raise Refused("内容概述最多 500 个字。", code="disclosure.summary", field="summary")
    return Words(title, body, summary, sources[:20_000])


def refuse_people(words: str, *, county: str, field: str, now: datetime) -> None:
    """Words that are published without a mask: what tells of a person is written otherwise.

    Raises:
        Refused: ``disclosure.people``.
    """
    names, units = queries.known_names(county, day=day_of(now))
    hits = [hit for hit in scan.find(words, names=names, units=units) if hit.kind not in _NO_PERSON]
    if hits:
        said = "、".join(dict.fromkeys(f"{hit.kind.chinese}“{hit.words}”" for hit in hits))
        raise Refused(f"这里的文字会公开，其中有{said}，请改写。", code="disclosure.people", field=field)


def keep(edition: Edition, words: Words, *, remark: str, by: Actor, now: datetime) -> Wording:
    """Write down the words that now stand; the edition has been claimed with them already."""
    row = Wording(
        edition=edition, no=edition.wording_no, title=words.title, body=words.body, summary=words.summary,
        sources=words.sources, remark=one_line(remark, 200), written_by=by.person, written_for=by.on_behalf_of,
        written_by_name=by.name, written_at=now,
    )  # fmt: skip
    row.save(force_insert=True)
    return row


#: A place in the new words and what stands there.
Spot = tuple[str, int, str]


def rewrite(
    edition: Edition, words: Words, *, base_version: int, remark: str, to: Edition.State, by: Actor, now: datetime,
    carried: Mapping[Spot, Trace] | None = None,
) -> None:  # fmt: skip
    """New words: they are looked through again, and every review of the old ones falls.

    Args:
        carried: what was decided to stay, where it stands in the new words.

    Raises:
        Refused: as of ``checked``; ``disclosure.state``.
        Conflict: ``disclosure.changed``.
    """
    words = checked(words)
    before = {row.line: row for row in queries.traces(edition) if row.state == Trace.State.KEPT and row.line}
    claim(
        edition, base_version, *Edition.RUNNING, state=to, wording_no=edition.wording_no + 1, title=words.title,
        body=words.body, summary=words.summary, sources=words.sources,
    )  # fmt: skip
    keep(edition, words, remark=remark, by=by, now=now)
    edition.reviews.filter(is_taken_back=False).update(is_taken_back=True)
    look_through(edition, before=before, now=now, carried=carried or {})


def look_through(
    edition: Edition,
    *,
    before: Mapping[str, Trace],
    now: datetime,
    carried: Mapping[Spot, Trace] = MappingProxyType({}),
) -> None:
    """Find what the words say of people; what files say was found when they came. A reason given before goes along where all
    of the line (in a table: all of the table) is as it was."""
    names, units = queries.known_names(edition.county, day=day_of(now))
    rows: list[Trace] = []
    for part in (Trace.Part.TITLE, Trace.Part.SUMMARY, Trace.Part.BODY, Trace.Part.SOURCES):
        text = str(getattr(edition, part))
        for hit in scan.find(text, names=names, units=units):
            rows.append(_of_text(edition, part, text, hit))
    for attachment in edition.attachments.filter(is_removed=False):
        rows += of_file(edition, attachment)
    for row in rows:
        old = before.get(row.line) or carried.get((row.part, row.start, row.kind))
        if row.may_stay and old:
            row.state, row.reason = Trace.State.KEPT, old.reason
            row.decided_by_name, row.decided_at = old.decided_by_name, old.decided_at
    Trace.objects.bulk_create(rows)


def _of_text(edition: Edition, part: Trace.Part, text: str, hit: Hit) -> Trace:
    start, end = _around(text, hit)
    line = f"{part}|{hit.kind}|{hit.start - start}|{hit.words}|{text[start:end]}"
    return Trace(
        edition=edition, wording_no=edition.wording_no, part=part, start=hit.start, end=hit.end, kind=hit.kind,
        group=hit.group, has_hidden=bool(hit.group and _STAR.search(text[start:end])), mask=hit.mask[:200],
        # What must go with a hidden count is decided with that count.
        why=hit.why[:300], may_stay=hit.may_stay and hit.kind != Kind.COMPLEMENT, line=sha256_hex(line.encode()),
    )  # fmt: skip


def _around(text: str, hit: Hit) -> tuple[int, int]:
    """The line that something stands in; of a table all of it, for what may stay there depends on the whole."""
    start, end = text.rfind("\n", 0, hit.start) + 1, text.find("\n", hit.end)
    if hit.group:
        while start and text[text.rfind("\n", 0, start - 1) + 1 :].lstrip(" \t").startswith("|"):
            start = text.rfind("\n", 0, start - 1) + 1
        while end != -1 and text[end + 1 :].lstrip(" \t").startswith("|"):
            end = text.find("\n", end + 1)
    return start, end if end != -1 else len(text)


def of_file(edition: Edition, attachment: Attachment) -> list[Trace]:
    """One trace for each kind of what was found in a file, and one for the file itself: somebody has to look at it."""
    said = {
        kind: f"附件中有 {count} 处{Kind(kind).chinese}，请换上处理过的文件" for kind, count in attachment.found.items()
    }
    rest = "系统读过文字，图片、批注和隐藏内容请人工看过" if attachment.is_read else "系统读不出文字，请人工逐页看过"
    return [
        Trace(
            edition=edition, wording_no=edition.wording_no, part=Trace.Part.FILE, attachment=attachment, kind=kind,
            why=why, may_stay=kind == FILE or Kind(kind).may_stay, line=sha256_hex(f"{attachment.file}|{kind}".encode()),
        )
        for kind, why in {**said, FILE: rest}.items()
    ]  # fmt: skip

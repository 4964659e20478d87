"""会签: people and units are asked, agree or object with words, in the system or on paper."""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Max

from dudao.audit import services as audit
from dudao.files import services as files
from dudao.files.services import Received
from dudao.messages import services as messages
from dudao.papers import queries
from dudao.papers.models import Cosign, Paper
from dudao.papers.services.drafting import check_known
from dudao.papers.services.rights import claim, in_state, may, named
from dudao.shell.acts import Actor
from dudao.shell.clock import day_of
from dudao.shell.errors import Refused


@transaction.atomic
def ask_cosign(
    *, paper: Paper, base_version: int, persons: Sequence[UUID], units: Sequence[UUID], by: Actor, now: datetime
) -> list[Cosign]:
    """Ask persons and units to agree to the text as it stands. Who was asked before and has answered is asked anew.

    Raises:
        Refused: ``papers.not_allowed``, ``papers.state``, ``papers.nobody``, ``papers.unit``, ``papers.reader``,
            ``papers.restricted`` (a restricted paper goes only to its readers).
        Conflict: ``papers.changed``.
    """
    may(by, "paper.draft")
    persons, units = list(dict.fromkeys(persons)), list(dict.fromkeys(units))
    if not persons and not units:
        raise Refused("请选择会签的人员或单位。", code="papers.nobody", field="persons")
    check_known(paper.kind, units, persons, by=by, day=day_of(now))
    if paper.is_restricted and (units or set(persons) - set(paper.readers.values_list("person", flat=True))):
        raise Refused("限阅公文只能请限阅人员会签。", code="papers.restricted", field="persons")
    claim(paper, base_version, *Paper.OPEN, state=Paper.State.CIRCULATING)
    made = []
    for target in [*({"person_id": key} for key in persons), *({"unit_id": key} for key in units)]:
        row = Cosign.objects.filter(paper=paper, **target).first() or Cosign(paper=paper, **target)
        row.asked_by_name, row.asked_at = by.name, now
        row.answer = row.words = row.way = row.answered_by_name = ""
        row.answered_on = row.answered_at = row.text_no = row.answered_by = None
        row.save()
        made.append(row)
    audit.record(
        action="paper.circulated",
        subject=paper,
        summary=f"提请会签：{named(paper)}，{len(made)} 方",
        by=by,
        now=now,
        persons=[str(key) for key in persons],
        units=[str(key) for key in units],
    )
    messages.prepare(
        kind="papers.cosign",
        title=f"请会签：{'限阅公文' if paper.is_restricted else paper.title}"[:200],
        text=f"请登录督导，在“公文”里看{named(paper)}并签署意见。",
        persons=persons,
        units=units,
        subject=("papers.cosign", str(paper.pk)),
        key=f"papers.cosign:{paper.pk}:{paper.version}",
        link=queries.address(paper),
        by=by,
        now=now,
    )
    return made


@transaction.atomic
def answer_cosign(
    *,
    cosign: Cosign,
    answer: str,
    words: str,
    by: Actor,
    now: datetime,
    way: str = Cosign.Way.SYSTEM,
    occurred_on: date | None = None,
    evidence: Sequence[Received] = (),
) -> None:
    """Agree or object. The one who was asked does it in the system; the office records what was signed on paper or said.

    Args:
        words: an objection needs them.
        way: ``Cosign.Way``; on paper with a scan.

    Raises:
        Refused: ``papers.not_allowed``, ``papers.state``, ``papers.answer``, ``papers.words``, ``papers.scan``,
            ``papers.day``, ``papers.answered``.
    """
    paper, day = cosign.paper, occurred_on or day_of(now)
    if way == Cosign.Way.SYSTEM:
        if not queries.is_asked(cosign, by):
            raise Refused("这件公文没有请您会签。", code="papers.not_allowed")
    else:
        may(by, "paper.draft")
    paper.refresh_from_db()
    in_state(paper, *Paper.OPEN)
    words = words.strip()[:500]
    if answer not in Cosign.Answer.values or way not in Cosign.Way.values:
        raise Refused("请选择“同意”或“有不同意见”。", code="papers.answer", field="answer")
    if answer == Cosign.Answer.OBJECTED and not words:
        raise Refused("请写明不同意见。", code="papers.words", field="words")
    if day > day_of(now):
        raise Refused("会签日期不能晚于今天。", code="papers.day", field="occurred_on")
    if way == Cosign.Way.PAPER and not evidence:
        raise Refused("请上传会签件的扫描件或照片。", code="papers.scan", field="evidence")
    changed = Cosign.objects.filter(pk=cosign.pk, answer="").update(
        answer=answer,
        words=words,
        way=way,
        text_no=paper.texts.aggregate(last=Max("no"))["last"],
        answered_on=day,
        answered_at=now,
        answered_by=by.person,
        answered_by_name=by.name,
    )
    cosign.refresh_from_db()
    if not changed:
        raise Refused(f"已经签过意见：{cosign.get_answer_display()}。", code="papers.answered")
    if cosign.unit_id:
        messages.mark_answered(subject=("papers.cosign", str(paper.pk)), unit=cosign.unit_id, by=by, now=now)
    elif not paper.cosigns.filter(answer="").exists():
        messages.mark_answered(subject=("papers.cosign", str(paper.pk)), by=by, now=now)
    for one in evidence:
        files.attach(one, subject=cosign, by=by, now=now, occurred_on=day)
    audit.record(
        action="paper.cosigned",
        subject=paper,
        summary=f"会签{cosign.get_answer_display()}：{named(paper)}",
        by=by,
        now=now,
        occurred_on=day,
        on_behalf_of=None if way == Cosign.Way.SYSTEM else str(cosign.person_id or cosign.unit_id),
        answer=answer,
        words=words,
    )

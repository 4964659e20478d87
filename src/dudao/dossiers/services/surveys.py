"""社会认可度: counts of questionnaires and visits, with their source; a later one takes the place of the one before."""

from collections.abc import Mapping
from datetime import date, datetime

from django.db import IntegrityError, transaction
from django.db.models import Max

from dudao.audit import services as audit
from dudao.dossiers.counting import LABELS
from dudao.dossiers.models import Ledger, Survey
from dudao.dossiers.services.rights import may_manage, not_ahead, said
from dudao.files import services as files
from dudao.files.services import Received
from dudao.shell.acts import Actor
from dudao.shell.clock import day_of
from dudao.shell.errors import Refused

#: What may not be more than what: part and whole.
ORDER = (("survey_satisfied", "survey_valid"), ("survey_valid", "survey_sent"), ("visit_satisfied", "visit_total"))


@transaction.atomic
def record_survey(
    *, ledger: Ledger, counts: Mapping[str, int], source: str, from_on: date, until_on: date, place: str = "",
    received: Received | None = None, by: Actor, now: datetime,
) -> Survey:  # fmt: skip
    """Write down the counts of a survey.

    Args:
        counts: the five counts, and each for parents (``…_parent``).
        source: who surveyed and how: 第三方、国家平台、县里组织.
        place: sheet and cells they were read from.
        received: the table or report they come from.

    Raises:
        Refused: ``dossiers.not_allowed``, ``.words``, ``.future``, ``.days``, ``.counts`` (满意 > 有效, 有效 > 发放, parents more
            than all): at the field that is too large.
    """
    may_manage(by)
    source = said(source, "source", "请写明数据来源。")
    if until_on < from_on:
        raise Refused("调查结束不能早于开始。", code="dossiers.days", field="until_on")
    not_ahead(until_on, now, "until_on", "调查结束日期")
    _check(counts)
    last = ledger.surveys.aggregate(last=Max("no"))["last"] or 0
    row = Survey(
        county=ledger.county, ledger=ledger, no=last + 1, source=source, from_on=from_on, until_on=until_on, place=place[:200],
        file=received.key if received else None, file_name=received.name if received else "", by_person=by.person,
        by_name=by.name, recorded_at=now, **counts,
    )  # fmt: skip
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError:
        raise Refused("刚有人登记了一次，请看过再提交。", code="dossiers.twice") from None
    if received:
        files.attach(received, subject=row, by=by, now=now, occurred_on=until_on)
    audit.record(
        action="survey.recorded", subject=ledger,
        summary=f"登记社会认可度：问卷 {row.survey_satisfied}/{row.survey_valid}，走访 {row.visit_satisfied}/{row.visit_total}",
        by=by, now=now, occurred_on=until_on, values=dict(counts), file_name=row.file_name,
    )  # fmt: skip
    return row


def _check(counts: Mapping[str, int]) -> None:
    for ending, who in (("", ""), ("_parent", "家长")):
        for part, whole in ORDER:
            if counts[part + ending] > counts[whole + ending]:
                raise Refused(
                    f"{who}{LABELS[part]}（{counts[part + ending]}）多于{LABELS[whole]}（{counts[whole + ending]}），请核对。",
                    code="dossiers.counts",
                    field=part + ending,
                )
    for name, label in LABELS.items():
        if counts[f"{name}_parent"] > counts[name]:
            raise Refused(
                f"家长的{label}（{counts[f'{name}_parent']}）多于全部（{counts[name]}），请核对。",
                code="dossiers.counts",
                field=f"{name}_parent",
            )


@transaction.atomic
def take_back_survey(*, survey: Survey, reason: str, by: Actor, now: datetime) -> None:
    """Counts were wrong; the row stays with the reason, and the one before counts again.

    Raises:
        Refused: ``dossiers.not_allowed``, ``.words``, ``.twice``.
    """
    may_manage(by)
    reason = said(reason, "reason", "请写明撤回的原因。")
    rows = Survey.objects.filter(pk=survey.pk, taken_back_on__isnull=True)
    if not rows.update(taken_back_on=day_of(now), taken_back_reason=reason, taken_back_by=by.name):
        raise Refused("这次登记已经撤回了。", code="dossiers.twice")
    audit.record(
        action="survey.taken_back", subject=survey.ledger, summary=f"撤回社会认可度登记：{reason}"[:200], by=by, now=now,
        reason=reason,
    )  # fmt: skip

"""推荐、审核、公示、公布, the ends of terms, and the yearly assessment."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta

from django.db import IntegrityError, transaction

from dudao.audit import services as audit
from dudao.files import services as files
from dudao.files.services import Received
from dudao.inspectors import library
from dudao.inspectors.models import Assessment, ConditionCheck, Inspector, Term, TermStep
from dudao.inspectors.queries import conditions_of, years_before
from dudao.inspectors.services.rights import may_manage, not_ahead
from dudao.shell.acts import Actor
from dudao.shell.claims import claimed
from dudao.shell.clock import day_of
from dudao.shell.errors import Conflict, Refused

S, Step = Term.State, TermStep.Step
#: From which state each step leads where; the order of 推荐、审核、公示、公布 is the rule's (NAT1).
NEXT = {
    Step.REVIEW: (S.RECOMMENDED, S.REVIEWED), Step.PUBLICISE: (S.REVIEWED, S.PUBLICISED),
    Step.ANNOUNCE: (S.PUBLICISED, S.ANNOUNCED),
}  # fmt: skip
#: What 条例 article 7 asks for.
DEGREES = (Inspector.Education.BACHELOR, Inspector.Education.MASTER, Inspector.Education.DOCTOR)
#: States of a term on its way; one more cannot begin beside it.
COMING = (S.RECOMMENDED, S.REVIEWED, S.PUBLICISED)


@transaction.atomic
def begin_term(
    *,
    inspector: Inspector,
    recommended_on: date,
    who: str,
    words: str = "",
    paper: Received | None = None,
    by: Actor,
    now: datetime,
) -> Term:
    """Recommend somebody for a term: the first, or one more after it.

    Args:
        who: the unit that recommends.

    Raises:
        Refused: ``inspectors.not_allowed``; ``inspectors.future``; ``inspectors.twice``, a term is on its way already;
            ``inspectors.terms``, part-time inspectors serve at most three in a row (教育督导条例 article 6).
    """
    may_manage(by)
    not_ahead(recommended_on, now, "recommended_on", "推荐日期")
    terms = list(inspector.terms.exclude(state=S.REFUSED).order_by("ordinal"))
    if any(one.state in COMING for one in terms):
        raise Refused("已经有一届正在推荐、审核或公示。", code="inspectors.twice")
    if any(one.state == S.ANNOUNCED and one.end_on is None for one in terms):
        raise Refused("现任没有任期止日，先结束现任再推荐。", code="inspectors.twice")
    most = library.rules()["most_terms"]
    if inspector.kind == Inspector.Kind.PART and in_a_row(terms) >= most.value:
        raise Refused(f"兼职督学连续任职不超过 {most.value} 届（{most.clause}）。", code="inspectors.terms")
    term = Term(inspector=inspector, ordinal=max((one.ordinal for one in terms), default=0) + 1)
    try:
        with transaction.atomic():
            term.save(force_insert=True)
    except IntegrityError:
        raise Conflict("别人刚刚推荐过，请刷新后再看。", code="inspectors.changed") from None
    _step(term, Step.RECOMMEND, recommended_on, who=who, words=words, paper=paper, by=by, now=now)
    return term


@transaction.atomic
def take_step(
    *, term: Term, base_version: int, step: str, occurred_on: date, who: str = "", words: str = "", until: date | None = None,
    start_on: date | None = None, end_on: date | None = None, document: str = "", paper: Received | None = None,
    by: Actor, now: datetime,
) -> Term:  # fmt: skip
    """审核, 公示, 公布, or 不予通过.

    Args:
        until: with 公示, its last day.
        start_on, end_on, document: with 公布, the days of the term and the number of the paper. The end of a part-time term is three
            years later where none is given (条例 article 6); a full-time one may have none.

    Raises:
        Refused: ``inspectors.not_allowed``, ``.future``, ``.state`` (another step comes first), ``.dates`` (days out of order),
            ``.words`` (a refusal without a reason), ``.conditions`` (article 7 asks for a degree and ten years).
        Conflict: ``inspectors.changed``.
    """
    may_manage(by)
    not_ahead(occurred_on, now, "occurred_on", "日期")
    inspector, last = term.inspector, term.steps.order_by("-occurred_on").first()
    if last and occurred_on < last.occurred_on:
        raise Refused("不能早于上一步的日期。", code="inspectors.dates", field="occurred_on")
    if step == Step.REFUSE:
        if not words.strip():
            raise Refused("请写明不予通过的原因。", code="inspectors.words", field="words")
        _claim(term, base_version, COMING, state=S.REFUSED)
        _step(term, step, occurred_on, who=who, words=words, paper=paper, by=by, now=now)
        return term
    if step not in NEXT:
        raise Refused("没有这一步。", code="inspectors.state")
    before, after = NEXT[Step(step)]
    changes: dict[str, object] = {"state": after}
    if step == Step.REVIEW and (lacks := short_of(inspector, day=occurred_on)):
        raise Refused(
            f"不符合条例第七条：{'；'.join(lacks)}。请先在登记页补登记、核查任职条件。", code="inspectors.conditions"
        )
    if step == Step.PUBLICISE and (until is None or until < occurred_on):
        raise Refused("请写明公示到哪一天，不早于公示开始。", code="inspectors.dates", field="until")
    if step == Step.ANNOUNCE:
        if last and last.step == Step.PUBLICISE and last.until and occurred_on <= last.until:
            raise Refused(
                f"公示到 {last.until.isoformat()}，期满后才能公布。", code="inspectors.dates", field="occurred_on"
            )
        changes |= _days(term, start_on or occurred_on, end_on)
        changes["document"] = document.strip()
    _claim(term, base_version, (before,), **changes)
    _step(term, step, occurred_on, until=until, who=who, words=words, paper=paper, by=by, now=now)
    return term


def short_of(inspector: Inspector, *, day: date) -> list[str]:
    """What the register lacks for article 7: the degree, the ten years, and each of the six conditions looked at and met."""
    years = library.rules()["education_years"]
    found = []
    if inspector.education not in DEGREES:
        found.append("登记的学历不是本科以上" if inspector.education else "没有登记学历")
    if inspector.since_year is None:
        found.append("没有登记从教年份")
    elif day.year - inspector.since_year < years.value:
        found.append(f"从教 {day.year - inspector.since_year} 年，不满 {years.value} 年")
    looked = conditions_of(inspector)
    if unmet := [one.short for one, check in looked if check and not check.is_met]:
        found.append(f"核查为不符合：{'、'.join(unmet)}")
    if unseen := [one.short for one, check in looked if check is None]:
        found.append(f"还没有核查：{'、'.join(unseen)}")
    return found


def breaks(education: str, since_year: int | None, *, day: date) -> dict[str, str]:
    """What is said of somebody that article 7 of the 教育督导条例 does not allow on the first day of a term; what is not said breaks
    nothing.

    Returns:
        by field, ``education`` and ``since_year``, the reason with the clause.
    """
    years, found = library.rules()["education_years"], {}
    if education and education not in DEGREES:
        found["education"] = "任督学应有大学本科以上学历（教育督导条例第七条）。"
    if since_year is not None and day.year - since_year < years.value:
        found["since_year"] = (
            f"到任期起从教 {max(0, day.year - since_year)} 年，不满 {years.value} 年（教育督导条例第七条）。"
        )
    return found


@transaction.atomic
def record_conditions(
    *, inspector: Inspector, found: Mapping[str, tuple[bool, str]], looked_on: date, who: str, paper: Received | None = None,
    by: Actor, now: datetime,
) -> list[ConditionCheck]:  # fmt: skip
    """Record that somebody looked at conditions of 条例 article 7. Earlier looks stay; the latest counts. None can be waived: they
    are the law's.

    Args:
        found: by condition, whether it is met and against which paper.
        who: who looked.

    Raises:
        Refused: ``inspectors.not_allowed``, ``.future``, ``.conditions`` (none, or one that there is not), ``.words`` (no paper).
    """
    may_manage(by)
    not_ahead(looked_on, now, "looked_on", "核查日期")
    known = {one.id: one for one in library.conditions()}
    if not found or not set(found) <= set(known):
        raise Refused("请至少核查一条。", code="inspectors.conditions")
    for code, (_, against) in found.items():
        if not against.strip():
            raise Refused(f"“{known[code].short}”请写明依据的材料。", code="inspectors.words", field=f"against_{code}")
    if not who.strip():
        raise Refused("请写明核查人。", code="inspectors.words", field="who")
    file = files.attach(paper, subject=inspector, by=by, now=now, occurred_on=looked_on) if paper else None
    rows = ConditionCheck.objects.bulk_create(
        ConditionCheck(
            inspector=inspector, condition=code, is_met=is_met, looked_on=looked_on, who=who.strip(), against=against.strip(),
            file=file, by_person=by.person, recorded_at=now,
        )
        for code, (is_met, against) in found.items()
    )  # fmt: skip
    # Which, and not how: that is personal.
    audit.record(
        action="inspector.conditions", subject=inspector, summary=f"核查任职条件：{inspector.person.name}", by=by, now=now,
        occurred_on=looked_on, conditions=sorted(found),
    )  # fmt: skip
    return rows


def span(kind: str, start_on: date, end_on: date | None) -> date | None:
    """The last day of a term: for a part-time inspector three years where none is said, and not longer.

    Raises:
        Refused: ``inspectors.dates``.
    """
    years = library.rules()["term_years"].value
    is_part = kind == Inspector.Kind.PART
    if end_on is None and is_part:
        end_on = years_before(start_on, -years) - timedelta(days=1)
    if end_on and end_on < start_on:
        raise Refused("任期的止日不能早于起日。", code="inspectors.dates", field="end_on")
    if end_on and is_part and end_on >= years_before(start_on, -years):
        raise Refused(f"兼职督学每届任期 {years} 年（教育督导条例第六条）。", code="inspectors.dates", field="end_on")
    return end_on


def apart(start_on: date, others: Iterable[Term]) -> None:
    """A term begins after those that run.

    Raises:
        Refused: ``inspectors.dates``.
    """
    if any(one.state == S.ANNOUNCED and (one.end_on is None or start_on <= one.end_on) for one in others):
        raise Refused("和现任任期重叠，请改起日或先结束现任。", code="inspectors.dates", field="start_on")


def _days(term: Term, start_on: date, end_on: date | None) -> dict[str, object]:
    end_on = span(term.inspector.kind, start_on, end_on)
    apart(start_on, term.inspector.terms.filter(state=S.ANNOUNCED).exclude(pk=term.pk))
    return {"start_on": start_on, "end_on": end_on}


def in_a_row(terms: Sequence[Term]) -> int:
    """How many terms follow one another up to the last, without a gap of more than a year.

    Args:
        terms: of one inspector in their order. A first one that was noted as the second or third counts those before it.
    """
    row: list[Term] = []
    begun = [one for one in terms if one.start_on]
    for one in reversed(begun):
        end = one.ended_on or one.end_on
        if row and end and row[-1].start_on and years_before(row[-1].start_on, 1) > end:
            break
        row.append(one)
    return len(row) + (row[-1].ordinal - 1 if row and row[-1] is begun[0] else 0)


@transaction.atomic
def note_term(
    *, inspector: Inspector, start_on: date, end_on: date | None = None, ordinal: int | None = None, document: str = "",
    by: Actor, now: datetime,
) -> Term:  # fmt: skip
    """Write down a term that had been announced before it came into this register. Its steps are not made up.

    Args:
        ordinal: which term it was; left out, the next.

    Raises:
        Refused: ``inspectors.not_allowed``; ``inspectors.twice``, a term is on its way; ``inspectors.terms``; ``inspectors.dates``.
        Conflict: ``inspectors.changed``.
    """
    may_manage(by)
    terms = list(inspector.terms.exclude(state=S.REFUSED).order_by("ordinal"))
    ordinal = notable(inspector.kind, terms, ordinal)
    term = Term(
        inspector=inspector, ordinal=ordinal, state=S.ANNOUNCED, start_on=start_on,
        end_on=span(inspector.kind, start_on, end_on), document=document.strip(),
    )  # fmt: skip
    apart(start_on, terms)
    try:
        with transaction.atomic():
            term.save(force_insert=True)
    except IntegrityError:
        raise Conflict("别人刚刚登记过任期，请刷新后再看。", code="inspectors.changed") from None
    _step(term, Step.NOTE, min(start_on, day_of(now)), by=by, now=now)
    return term


def notable(kind: str, terms: Sequence[Term], ordinal: int | None) -> int:
    """Which term one that was announced elsewhere is, beside those known.

    Raises:
        Refused: ``inspectors.twice``; ``inspectors.terms``.
    """
    if any(one.state in COMING for one in terms):
        raise Refused("已经有一届正在推荐、审核或公示。", code="inspectors.twice", field="start_on")
    last = max((one.ordinal for one in terms), default=0)
    ordinal = ordinal or last + 1
    most = library.rules()["most_terms"]
    if ordinal <= last:
        raise Refused(f"第 {ordinal} 届已经登记过。", code="inspectors.terms", field="ordinal")
    if kind == Inspector.Kind.PART and (ordinal > most.value if not terms else in_a_row(terms) >= most.value):
        raise Refused(
            f"兼职督学连续任职不超过 {most.value} 届（{most.clause}）。", code="inspectors.terms", field="ordinal"
        )
    return ordinal


@transaction.atomic
def end_term(
    *, term: Term, base_version: int, ended_on: date, ground: str, words: str = "", paper: Received | None = None, by: Actor,
    now: datetime,
) -> Term:  # fmt: skip
    """End a running term on a day, for a ground.

    Raises:
        Refused: ``inspectors.not_allowed``, ``.future``, ``.state``, ``.dates``, ``.words`` (another ground than expiry says why).
        Conflict: ``inspectors.changed``.
    """
    may_manage(by)
    not_ahead(ended_on, now, "ended_on", "结束日期")
    if term.start_on and ended_on < term.start_on:
        raise Refused("结束日期不能早于任期起日。", code="inspectors.dates", field="ended_on")
    if ground not in Term.Ground.values:
        raise Refused("请选择结束的原因。", code="inspectors.words", field="ground")
    if ground not in (Term.Ground.EXPIRED, Term.Ground.RENEWED) and not words.strip():
        raise Refused("请写明原因和依据。", code="inspectors.words", field="words")
    _claim(
        term, base_version, (S.ANNOUNCED,), state=S.ENDED, ended_on=ended_on, ground=ground, ground_words=words.strip()
    )
    _step(term, Step.END, ended_on, words=words, paper=paper, by=by, now=now)
    return term


@transaction.atomic
def assess(
    *,
    inspector: Inspector,
    year: int,
    grade: str,
    is_fail: bool,
    words: str = "",
    assessed_on: date,
    by: Actor,
    now: datetime,
) -> Assessment:
    """Record the yearly assessment. What is recorded once is not written over.

    Raises:
        Refused: ``inspectors.not_allowed``, ``.future``, ``.words``, ``.twice``.
    """
    may_manage(by)
    not_ahead(assessed_on, now, "assessed_on", "考核日期")
    if not grade.strip():
        raise Refused("请填写等次。", code="inspectors.words", field="grade")
    if not 2012 <= year <= assessed_on.year:
        raise Refused("请核对年度。", code="inspectors.dates", field="year")
    row = Assessment(
        inspector=inspector, year=year, grade=grade.strip(), is_fail=is_fail, words=words.strip(), assessed_on=assessed_on,
        by_person=by.person, by_name=by.name, recorded_at=now,
    )  # fmt: skip
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError:
        raise Refused(f"{year} 年度已经登记过考核。", code="inspectors.twice", field="year") from None
    audit.record(
        action="inspector.assessed", subject=inspector, summary=f"登记督学 {year} 年度考核：{inspector.person.name}", by=by, now=now,
        occurred_on=assessed_on,
    )  # fmt: skip
    return row


def _claim(term: Term, base_version: int, states: tuple[str, ...], **changes: object) -> None:
    if claimed(term, base_version, changes, state__in=states):
        return
    if term.state not in states:
        raise Refused(f"这一届现在是“{term.get_state_display()}”，不能办这一步。", code="inspectors.state")
    raise Conflict("别人刚刚办过，请刷新后再看。", code="inspectors.changed")


def _step(
    term: Term, step: str, occurred_on: date, *, until: date | None = None, who: str = "", words: str = "",
    paper: Received | None = None, by: Actor, now: datetime,
) -> None:  # fmt: skip
    row = TermStep(
        term=term, step=step, occurred_on=occurred_on, until=until, who=who.strip(), words=words.strip(), by_person=by.person,
        by_name=by.name, recorded_at=now,
    )  # fmt: skip
    if paper:
        row.file = files.attach(paper, subject=term.inspector, by=by, now=now, occurred_on=occurred_on)
    row.save(force_insert=True)
    name = term.inspector.person.name
    audit.record(
        action="inspector.term_step", subject=term.inspector, summary=f"{name}第{term.ordinal}届：{row.get_step_display()}", by=by, now=now,
        occurred_on=occurred_on,
    )  # fmt: skip

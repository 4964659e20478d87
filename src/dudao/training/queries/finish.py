"""Who has finished a batch, and what is missing to it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from dudao.inspectors.models import Inspector
from dudao.training.models import Attendance, Batch, Certificate, Score
from dudao.training.queries.competence import plain


@dataclass(frozen=True, slots=True)
class Finish:
    """How somebody who was named for a batch stands at its end. ``lacks``: what is missing to the certificate, in words."""

    inspector: Inspector
    hours: Decimal
    lacks: tuple[str, ...]
    certificate: Certificate | None


def finishing(batch: Batch, *, today: date) -> Mapping[UUID, Finish]:
    """By inspector, in the order of names. Six statements."""
    sessions = list(batch.sessions.filter(cancelled_why=""))
    exams = list(batch.exams.all())
    total = sum((one.hours for one in sessions), Decimal(0))
    wanted = batch.hours_wanted if batch.hours_wanted is not None else total
    came: dict[UUID, Decimal] = {}
    said: set[tuple[UUID, UUID]] = set()
    for row in Attendance.objects.filter(session__in=[one.pk for one in sessions]):
        came[row.inspector_id] = came.get(row.inspector_id, Decimal(0)) + row.hours
        said.add((row.session_id, row.inspector_id))
    scores = {(one.exam_id, one.inspector_id): one for one in Score.objects.filter(exam__batch=batch)}
    papers = {one.inspector_id: one for one in batch.certificates.all()}
    found = {}
    people = Inspector.objects.filter(pk__in=batch.invitations.values("inspector")).select_related("person")
    for person in people.order_by("person__sort_key", "pk"):
        hours, lacks = came.get(person.pk, Decimal(0)), []
        if not sessions:
            lacks.append("还没有安排课次")
        elif hours < wanted:
            unsaid = [one for one in sessions if (one.pk, person.pk) not in said]
            ahead = sum(one.day > today for one in unsaid)
            notes = [f"{ahead} 次还没有上"] * bool(ahead)
            notes += [f"{len(unsaid) - ahead} 次没有登记"] * (len(unsaid) > ahead)
            lacks.append(
                f"出勤 {plain(hours)} 学时，结业要 {plain(wanted)} 学时" + (f"（{'，'.join(notes)}）" if notes else "")
            )
        for exam in exams:
            score = scores.get((exam.pk, person.pk))
            if score is None:
                lacks.append(f"{exam.title}没有成绩")
            elif score.points is None:
                lacks.append(f"{exam.title}缺考")
            elif score.points < exam.pass_mark:
                lacks.append(f"{exam.title} {plain(score.points)} 分，合格线 {plain(exam.pass_mark)} 分")
        found[person.pk] = Finish(person, hours, tuple(lacks), papers.get(person.pk))
    return found

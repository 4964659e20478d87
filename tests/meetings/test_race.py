"""At the same moment: one meeting is proposed, one text of a paragraph stands, minutes are finished once."""

from datetime import timedelta

import pytest

from dudao.accounts.queries import actor_for
from dudao.meetings import services
from dudao.meetings.models import Meeting, Paragraph
from dudao.plan.models import Task
from dudao.shell.acts import system
from dudao.shell.errors import Conflict, Refused
from tests.cast import NOW, TODAY, county_cast
from tests.plan.test_race import at_once

pytestmark = pytest.mark.django_db(transaction=True)


def test_two_jobs_that_propose_at_once_make_one_meeting_of_each_kind() -> None:
    county_cast()
    works = [lambda: services.propose_meetings(by=system("640122"), now=NOW)] * 4
    assert at_once(works) == []
    assert sorted(Meeting.objects.values_list("kind", flat=True)) == ["inspectors", "office-monthly"]
    assert Meeting.objects.get(kind="office-monthly").members.count() == 2


def test_of_two_who_save_one_paragraph_the_second_is_told_and_finishing_happens_once() -> None:
    cast = county_cast()
    one, two = (actor_for(p.user, hat=None, day=TODAY)[0] for p in (cast.office, cast.staff))
    services.propose_meetings(by=system("640122"), now=NOW)
    meeting = Meeting.objects.get(kind="office-monthly")
    services.hold_meeting(meeting=meeting, base_version=meeting.version, day=TODAY, by=one, now=NOW)
    written = services.write_paragraph(meeting=meeting, item=None, text="请各校摸排。", by=one, now=NOW)

    def change(by: object, text: str) -> None:
        row = Paragraph.objects.select_related("meeting").get(pk=written.pk)
        services.change_paragraph(paragraph=row, base_version=1, text=text, by=by, now=NOW)  # type: ignore[arg-type]

    errors = at_once([lambda: change(one, "甲"), lambda: change(two, "乙")])
    assert [type(error) for error in errors] == [Conflict]
    written.refresh_from_db()
    assert written.text in ("甲", "乙") and written.version == 2
    due = TODAY + timedelta(days=9)
    services.decide_paragraph(
        paragraph=written, base_version=2, matter="摸排", unit=None, person=None, due_on=due, by=one, now=NOW
    )
    version = Meeting.objects.get(pk=meeting.pk).version

    def finish() -> None:
        row = Meeting.objects.get(pk=meeting.pk)
        services.finish_minutes(meeting=row, base_version=version, by=one, now=NOW)

    errors = at_once([finish, finish, finish])
    assert len(errors) == 2 and all(isinstance(error, Refused) for error in errors)
    assert Task.objects.count() == 1

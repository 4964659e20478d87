"""A meeting of April, proposed by the calendar."""

import pytest

from dudao.meetings import services
from dudao.meetings.models import Meeting
from dudao.shell.acts import system
from tests.cast import NOW, Player


@pytest.fixture
def april(office: Player) -> Meeting:
    services.propose_meetings(by=system(office.actor.county), now=NOW)
    return Meeting.objects.get(kind="office-monthly")

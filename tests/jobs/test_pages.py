"""The pages of jobs."""

import pytest
from django.test import Client
from django.urls import reverse

from dudao.jobs import services
from dudao.jobs.models import Job
from tests.cast import NOW, Cast, Player
from tests.jobs.ledger import tasks  # noqa: F401

pytestmark = pytest.mark.django_db


def signed_in(player: Player) -> Client:
    client = Client()
    # A demo account of an administrator needs no second factor.
    type(player.user).objects.filter(pk=player.user.pk).update(is_demo=True)
    client.force_login(player.user)
    return client


def test_the_system_administrator_sees_a_failed_job_and_retries_it(cast: Cast) -> None:
    job = services.start(kind="ledger.office", key="1", by=cast.office.actor, now=NOW)
    Job.objects.update(state="failed", error="断电", error_details="Traceback 示例")
    admin = signed_in(cast.system_admin)
    listed = admin.get(reverse("jobs:job_list") + "?chip=failed").content.decode()
    assert "只许督导室" in listed and "失败" in listed
    page = admin.get(reverse("jobs:job", args=[job.pk])).content.decode()
    assert "断电" in page and "Traceback 示例" in page
    admin.post(reverse("jobs:retry", args=[job.pk]))
    assert Job.objects.get().state == "queued"
    admin.post(reverse("jobs:cancel", args=[job.pk]))
    assert Job.objects.get().state == "cancelled"


def test_whoever_started_a_job_sees_it_without_its_technical_details_others_do_not(cast: Cast) -> None:
    job = services.start(kind="ledger.office", key="1", by=cast.office.actor, now=NOW)
    Job.objects.update(state="failed", error="断电", error_details="Traceback 示例")
    page = signed_in(cast.office).get(reverse("jobs:job", args=[job.pk])).content.decode()
    assert "断电" in page and "Traceback" not in page
    for player in (cast.staff, cast.head, cast.foreign_office):
        assert signed_in(player).get(reverse("jobs:job", args=[job.pk])).status_code == 404
        assert signed_in(player).post(reverse("jobs:cancel", args=[job.pk])).status_code == 404
        assert "只许督导室" not in signed_in(player).get(reverse("jobs:job_list")).content.decode()


def test_a_running_job_asks_for_its_progress_and_then_shows_the_page_anew(cast: Cast) -> None:
    job = services.start(kind="ledger.office", key="1", by=cast.office.actor, now=NOW)
    Job.objects.update(state="running", done=3, total=12)
    client = signed_in(cast.office)
    part = client.get(reverse("jobs:progress", args=[job.pk]))
    assert "3/12" in part.content.decode() and "HX-Refresh" not in part.headers
    Job.objects.update(state="done")
    assert client.get(reverse("jobs:progress", args=[job.pk])).headers["HX-Refresh"] == "true"


def test_the_schedule_is_for_the_system_administrator(cast: Cast) -> None:
    assert "封存留痕" in signed_in(cast.system_admin).get(reverse("jobs:schedule")).content.decode()
    assert signed_in(cast.office).get(reverse("jobs:schedule")).status_code == 404

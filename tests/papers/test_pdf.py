"""Issued files as PDF: made once, by the worker, away from the pages."""

import shutil
import threading
from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from dudao.jobs import runner
from dudao.papers.models import Paper
from dudao.shell import clock
from tests.cast import NOW, Player
from tests.papers.test_services import issue

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.office,
    pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed"),
]


def test_the_pdf_is_made_by_the_worker_and_given_from_then_on(
    office: Player, draft: Callable[..., Paper], client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOW)
    paper = issue(draft(), office.actor)
    client.force_login(office.user)
    address = reverse("papers:pdf", args=[paper.pk])
    assert client.post(address).status_code == 302
    assert client.post(address).status_code == 302
    job = runner.claim()
    assert job is not None
    runner.do(job, threading.Event())
    job.refresh_from_db()
    assert (job.state, job.error) == ("done", "")
    assert runner.claim() is None, "asked twice, made once"
    paper.refresh_from_db()
    assert paper.pdf is not None
    answer = client.get(reverse("papers:file", args=[paper.pk, paper.pdf]))
    assert b"".join(answer.streaming_content).startswith(b"%PDF")  # type: ignore[attr-defined]

"""Numbers under load: twenty sign at once, one is served twice at once, and the signer's process is killed."""

import os
import random
import signal
import subprocess
import sys
import time

import pytest
from django.conf import settings
from django.db import connection

from dudao.accounts.queries import actor_for
from dudao.audit.models import AuditEvent
from dudao.files import services as files
from dudao.files.models import StoredFile
from dudao.papers import checker, library, queries, services
from dudao.papers.models import NumberBook, Paper, Receipt
from dudao.shell.acts import Actor
from dudao.shell.errors import Conflict, Refused
from dudao_engines.kernel.digests import sha256_hex
from tests.cast import NOW, TODAY, Cast, county_cast
from tests.database import database_url
from tests.plan.test_race import at_once

pytestmark = pytest.mark.django_db(transaction=True)
CODE = "贺政教督发"


def drafts(count: int) -> tuple[list[Paper], Actor, Cast]:
    """Papers of the staff's, and the director who signs them."""
    cast = county_cast()
    office, staff = (actor_for(p.user, hat=None, day=TODAY)[0] for p in (cast.office, cast.staff))
    services.add_code(code=CODE, organ="示例督导委员会", numbered_by="here", by=office, now=NOW)
    base = {"subject": None, "subject_title": "", "link": "", "by": staff, "now": NOW}
    values = {field.key: "示例" for field in library.kinds()["circular"].fields}
    made = [
        services.draft_paper(kind="circular", values=values, title=f"示例通报{n}", to_units=[cast.school.pk], **base)  # type: ignore[arg-type]
        for n in range(count)
    ]
    return made, office, cast


def whole() -> list[int]:
    """The serials in use; every issued paper has its file, its words and its line in the history, and nothing is between."""
    papers = list(Paper.objects.filter(state=Paper.State.ISSUED).order_by("serial"))
    for paper in papers:
        file = StoredFile.objects.get(pk=paper.file)
        data = b"".join(files.content(file))
        assert (file.sha256, checker.digest(checker.words(data))) == (sha256_hex(data), paper.words_sha256)
        assert paper.number in checker.words(data)
    serials = [paper.serial for paper in papers if paper.serial]
    assert serials == list(range(1, len(papers) + 1)), "no gap and no number twice"
    last = NumberBook.objects.filter(code=CODE).values_list("last", flat=True).first() or 0
    assert last == len(papers), "no number is taken that is on no paper"
    assert AuditEvent.objects.filter(action="paper.issued").count() == len(papers)
    assert not Paper.objects.exclude(state=Paper.State.ISSUED).exclude(number="").exists()
    return serials


def test_twenty_who_sign_at_once_get_twenty_numbers_in_a_row() -> None:
    papers, office, _ = drafts(20)

    def issue(key: object) -> None:
        paper = Paper.objects.get(pk=key)
        services.issue_paper(paper=paper, base_version=paper.version, despite_warnings=True, by=office, now=NOW)

    assert at_once([lambda key=paper.pk: issue(key) for paper in papers]) == []  # type: ignore[misc]
    assert whole() == list(range(1, 21))
    assert queries.book(office, CODE, 2024).missing == []


def test_of_those_who_sign_one_paper_at_once_one_does_and_only_one_number_is_used() -> None:
    (paper,), office, _ = drafts(1)

    def issue() -> None:
        row = Paper.objects.get(pk=paper.pk)
        services.issue_paper(paper=row, base_version=1, despite_warnings=True, by=office, now=NOW)

    errors = at_once([issue] * 6)
    assert len(errors) == 5 and all(isinstance(one, Refused | Conflict) for one in errors), errors
    assert whole() == [1]


def test_a_unit_is_served_once_by_those_who_record_it_at_once() -> None:
    (paper,), office, cast = drafts(1)
    services.issue_paper(paper=paper, base_version=1, despite_warnings=True, by=office, now=NOW)
    facts = {"unit": cast.school.pk, "on": TODAY, "way": "oa", "received_by_words": "甲（示例）", "evidence": []}
    works = [
        lambda: services.serve_paper(paper=Paper.objects.get(pk=paper.pk), **facts, by=office, now=NOW)  # type: ignore[arg-type]
    ] * 4
    errors = at_once(works)
    assert len(errors) == 3 and all(getattr(one, "code", "") == "papers.served" for one in errors), errors
    assert Receipt.objects.count() == 1


#: Signs one paper after another, as fast as it can, in a process of its own.
SIGNER = """
import sys, django
django.setup()
from dudao.accounts.models import User
from dudao.accounts.queries import actor_for
from dudao.papers import services
from dudao.papers.models import Paper
from tests.cast import NOW, TODAY
office = actor_for(User.objects.get(username="office-director-甲"), hat=None, day=TODAY)[0]
for paper in Paper.objects.filter(state="drafting").order_by("pk"):
    services.issue_paper(paper=paper, base_version=paper.version, despite_warnings=True, by=office, now=NOW)
    print("issued", flush=True)
"""


def test_a_signer_killed_in_the_middle_leaves_no_gap_and_no_half_issued_paper() -> None:
    _, office, _ = drafts(120)
    connection.close()
    chance, done = random.Random(9704), 0
    env = {**os.environ, "DJANGO_SETTINGS_MODULE": "tests.settings", "PYTHONPATH": os.pathsep.join(sys.path)}
    env |= {"DATABASE_URL": database_url(), "DUDAO_VAR": str(settings.VAR)}
    for _ in range(3):
        with subprocess.Popen([sys.executable, "-c", SIGNER], env=env, stdout=subprocess.PIPE) as signer:
            assert signer.stdout is not None and signer.stdout.readline() == b"issued\n"
            time.sleep(chance.uniform(0.0, 0.3))
            signer.send_signal(signal.SIGKILL)
        connection.close()
        serials = whole()
        assert len(serials) > done
        done = len(serials)
    assert 0 < done < 120, "it was killed in the middle"
    paper = Paper.objects.filter(state="drafting").latest("pk")
    services.issue_paper(paper=paper, base_version=paper.version, despite_warnings=True, by=office, now=NOW)
    assert whole()[-1] == done + 1

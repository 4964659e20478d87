"""Freezing an official result: asked for on the page, made by the worker, kept with its digest in the history."""

import io
from collections import Counter
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

from dudao.audit import services as audit
from dudao.files import services as files
from dudao.jobs import services as jobs
from dudao.jobs.models import Job
from dudao.recognition import library
from dudao.recognition.gathering import Gathered, gather
from dudao.recognition.models import Snapshot
from dudao.recognition.services.rights import may
from dudao.shell.acts import Actor
from dudao.shell.clock import CHINA, day_of
from dudao.shell.errors import Refused
from dudao_engines.kernel.errors import EngineInputError
from dudao_engines.standards import snapshots
from dudao_engines.standards.compute import CONCLUSION
from dudao_engines.standards.results import Verdict
from dudao_engines.standards.snapshots import ADOPTED, REPORTED


def ask_snapshot(*, standard: str, period: str, by: Actor, now: datetime) -> Job:
    """Ask the worker for a snapshot; asked twice, one is made.

    Raises:
        Refused: ``recognition.not_allowed``, ``recognition.standard``.
    """
    may(by, "report.manage")
    if standard not in library.standards() or not period:
        raise Refused("没有这个标准或期次。", code="recognition.standard")
    payload = {"standard": standard, "period": period}
    return jobs.start(kind="recognition.snapshot", key=f"{standard}:{period}", payload=payload, by=by, now=now)


def keep_snapshot(*, standard: str, period: str, by: Actor, now: datetime) -> Snapshot:
    """Compute and freeze a result. Computes and writes the file outside the transaction. Asked again over the same facts, the
    snapshot that is there is the answer.

    Raises:
        Refused: ``recognition.not_allowed``, ``recognition.no_data``, ``recognition.standard``.
    """
    may(by, "report.manage")
    gathered = gather(by, standard, period, on=day_of(now))
    units = [records for table, records in gathered.datasets[REPORTED].tables.items() if table != "county"]
    if not any(units):
        raise Refused("这一期还没有学校（园）的数据，先发起填报或导入。", code="recognition.no_data")
    try:
        made = snapshots.take(
            standard_text=gathered.standard_text,
            form_texts=gathered.form_texts,
            settings=gathered.settings,
            datasets=gathered.datasets,
            facts={
                "county": by.county,
                "name": gathered.county,
                "year": period[:4],
                "period": gathered.period_label,
                "made_at": f"{now.astimezone(CHINA):%Y-%m-%d %H:%M}",
                "unlocked": "；".join(gathered.unlocked),
            },
        )
    except EngineInputError as error:
        raise Refused(error.message, code=error.code) from error
    digest = gathered.digest
    there = Snapshot.objects.filter(county=by.county, standard=standard, period=period).first()
    if there and there.basis_sha256 == digest and there.unlocked == list(gathered.unlocked):
        return there
    name = f"{library.standards()[standard].short_name}数据快照 {period} {made.sha256[:12]}.zip"
    received = files.receive(io.BytesIO(made.file()), name=name)
    return _keep(made, gathered, digest, received, period=period, by=by, now=now)


@transaction.atomic
def _keep(
    made: snapshots.Snapshot,
    gathered: Gathered,
    digest: str,
    received: files.Received,
    *,
    period: str,
    by: Actor,
    now: datetime,
) -> Snapshot:
    standard = made.standard
    row = Snapshot(
        county=by.county,
        standard=standard.id,
        standard_version=standard.version,
        fingerprint=standard.fingerprint,
        period=period,
        period_label=gathered.period_label,
        engine=made.content["engine"],
        file=received.key,
        sha256=made.sha256,
        sm3=made.sm3,
        basis_sha256=digest,
        counts={which: counted(made, which) for which in (REPORTED, ADOPTED)},
        reported=_conclusion(made, REPORTED),
        adopted=_conclusion(made, ADOPTED),
        unlocked=list(gathered.unlocked),
        made_by=by.person,
        made_name=by.name,
        made_at=now,
    )
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError:
        # The very same was kept a moment ago.
        return Snapshot.objects.get(county=by.county, sha256=made.sha256)
    files.attach(received, subject=row, by=by, now=now)
    audit.record(
        action="snapshot.made",
        subject=row,
        summary=f"制作{standard.short_name}{row}",
        by=by,
        now=now,
        sha256=row.sha256,
        sm3=row.sm3,
    )
    return row


def counted(made: snapshots.Snapshot, which: str) -> dict[str, dict[str, int]]:
    """How many results came to each verdict, by group of the standard."""
    groups = {one.id: one.group for one in made.standard.indicators}
    parts = {key: one.id for key, one, _ in made.standard.each_part()}
    found: dict[str, Counter[str]] = {}
    for row in made.content["results"][which]["rows"]:
        if row["verdict"] and row["indicator"] != CONCLUSION:
            found.setdefault(groups[parts[row["indicator"]]], Counter())[row["verdict"]] += 1
    return {group: dict(counter) for group, counter in found.items()}


def _conclusion(made: snapshots.Snapshot, which: str) -> str:
    rows: list[dict[str, Any]] = made.content["results"][which]["rows"]
    found = next((row["verdict"] for row in rows if row["indicator"] == CONCLUSION), None)
    return str(found or Verdict.MISSING.value)

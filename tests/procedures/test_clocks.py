"""Due days stand: a county's limit holds from its day, and a holiday table that comes later rewrites no past day."""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from dudao.findings import services
from dudao.findings.models import Finding
from dudao.findings.services import Brought
from dudao.procedures import queries
from dudao.procedures import services as steps
from dudao.procedures.models import Clock
from dudao.shell.acts import system
from dudao.shell.errors import Refused
from tests.cast import NOW, TODAY, Cast
from tests.findings.conftest import facts, outside_paper, proof

pytestmark = pytest.mark.django_db

TABLE_2027 = """
year: 2027
version: 1
document: 示例明电〔2026〕1号
issued_on: 2026-12-28
days_off:
  - { name: 元旦, from: 2027-01-01, to: 2027-01-08, days: 8 }
workdays: []
evidence: NAT1
source: 示例，不是真的放假安排
checked_on: null
"""


def _closed(cast: Cast, on: date) -> Finding:
    """A finding that was closed on a day of December 2026, when 2027 has no table yet."""
    now = datetime(on.year, on.month, on.day, 2, tzinfo=UTC)
    row = services.register_finding(facts=facts(cast, found_on=on, due_on=on), by=cast.office.actor, now=now)
    paper = outside_paper(row, "rectification-notice", cast.office.actor, cast.school.pk)
    for name, player, more in (
        ("notify", cast.office, {"paper": paper, "way": "oa", "received_by": "示例", "due_on": on}),
        ("report", cast.head, {"evidence": [proof()]}),
        ("recheck_passed", cast.staff, {"evidence": [proof()]}),
        ("close", cast.office, {}),
    ):
        brought = Brought(occurred_on=on, words="示例", **more)  # type: ignore[arg-type]
        services.act_on_finding(
            finding=row, act=name, brought=brought, base_version=row.version, by=player.actor, now=now
        )
    return row


def _working_days(cast: Cast, amount: int) -> None:
    steps.set_limit(
        procedure="finding", limit="L_LOOKBACK", amount=amount, unit="工作日", is_enabled=True,
        from_on=date(2024, 4, 1), source="示例文件", is_checked=True, by=cast.office.actor, now=NOW,
    )  # fmt: skip


def test_a_county_limit_holds_from_its_day_and_says_its_source(cast: Cast) -> None:
    _working_days(cast, 20)
    county = cast.office.actor.county
    before = queries.limits(county, "finding", date(2024, 3, 31))["L_LOOKBACK"]
    after = queries.limits(county, "finding", TODAY)["L_LOOKBACK"]
    assert (before.amount, before.unit, before.is_sure) == (90, "日", False)
    assert (after.amount, after.unit, after.is_sure, after.rule) == (20, "工作日", True, "示例文件")
    assert queries.limits("640121", "finding", TODAY)["L_LOOKBACK"].amount == 90


def test_a_limit_without_a_source_is_refused(cast: Cast) -> None:
    with pytest.raises(Refused, match="依据"):
        steps.set_limit(
            procedure="finding", limit="L_LOOKBACK", amount=30, unit="日", is_enabled=True, from_on=TODAY, source=" ",
            is_checked=False, by=cast.office.actor, now=NOW,
        )  # fmt: skip


def test_a_table_that_comes_later_settles_open_days_and_rewrites_no_past_one(
    cast: Cast, settings: Any, tmp_path: Path
) -> None:
    settings.COUNTY_LIBRARY = tmp_path
    _working_days(cast, 5)
    early = _closed(cast, date(2026, 12, 26))
    late = _closed(cast, date(2026, 12, 31))
    days = {c.subject: (c.due_on, c.is_provisional) for c in Clock.objects.filter(stopped_by__isnull=True)}
    assert days[early.pk] == (date(2027, 1, 1), True)
    assert days[late.pk] == (date(2027, 1, 7), True)
    (tmp_path / "calendars" / "holidays").mkdir(parents=True)
    (tmp_path / "calendars" / "holidays" / "2027.yaml").write_text(TABLE_2027, "utf-8")
    changed = steps.reckon_again(
        county=cast.office.actor.county, by=system(cast.office.actor.county), now=datetime(2027, 1, 3, 2, tzinfo=UTC)
    )
    assert changed == 1
    days = {c.subject: (c.due_on, c.is_provisional) for c in Clock.objects.filter(stopped_by__isnull=True)}
    assert days[early.pk] == (date(2027, 1, 1), True)
    assert days[late.pk] == (date(2027, 1, 15), False)

"""What has been kept long enough goes, with a line; nothing else does."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import yaml
from django.contrib.sessions.models import Session
from django.core.management import call_command

from dudao.accounts.models import Attempts
from dudao.audit.models import AuditEvent
from dudao.places.models import UnitImport
from dudao.upkeep import retention

NOW = datetime(2024, 4, 10, 1, tzinfo=UTC)


def imported(days: int, state: str) -> UnitImport:
    return UnitImport.objects.create(
        county="640122", file_name="单位.xlsx", valid_from=NOW.date(), state=state, made_at=NOW - timedelta(days=days)
    )


def count(identifier: str) -> int:
    return next(f.count for f in retention.due(now=NOW, machine=NOW) if f.rule.id == identifier)


@pytest.mark.django_db
def test_a_row_goes_on_the_day_after_its_time_and_not_before():
    for days in (29, 30, 31):
        imported(days, "looked_at")
    assert count("imports-not-confirmed") == 1
    assert count("imports-done") == 0
    imported(31, "done")
    assert (count("imports-not-confirmed"), count("imports-done")) == (1, 0)


@pytest.mark.django_db
def test_the_dry_run_changes_nothing_and_tells_how_many_and_since_when(
    capsys: pytest.CaptureFixture[str], settings: Any
):
    settings.DEMO_TODAY = NOW.date()
    imported(40, "looked_at")
    call_command("retention", "--dry-run")
    out = capsys.readouterr().out
    assert "没有确认的单位导入：满 30 天清理，到期 1 项，最早 2024-03-01" in out
    assert "留痕：长期保存（依据未核实" in out
    assert UnitImport.objects.count() == 1
    assert not AuditEvent.objects.exists()


@pytest.mark.django_db
def test_applying_lets_go_what_is_due_and_leaves_a_line(capsys: pytest.CaptureFixture[str], settings: Any):
    settings.DEMO_TODAY = NOW.date()
    gone, stays = imported(40, "looked_at"), imported(3, "looked_at")
    Session.objects.create(session_key="x", session_data="", expire_date=datetime(2020, 1, 1, tzinfo=UTC))
    Attempts.objects.create(key="x", last_at=datetime(2020, 1, 1, tzinfo=UTC))
    call_command("retention", "--apply")
    assert list(UnitImport.objects.all()) == [stays]
    assert gone.pk
    assert not Session.objects.exists()
    assert not Attempts.objects.exists()
    lines = AuditEvent.objects.filter(action="retention.applied")
    assert {line.subject for line in lines} == {"imports-not-confirmed", "sessions", "wrong-answers"}
    assert "没有确认的单位导入：清理 1 项" in capsys.readouterr().out
    call_command("retention", "--apply")
    assert lines.count() == 3


@pytest.mark.django_db
def test_history_is_kept_for_ever():
    kept = {rule.model for rule in retention.rules() if rule.action == "keep"}
    assert {"audit.auditevent", "audit.seal"} <= kept


RULE = {
    "id": "a",
    "what": "甲",
    "model": "places.unitimport",
    "from": "made_at",
    "days": 3,
    "action": "purge",
    "basis": "乙",
    "evidence": "DESIGN",
}


@pytest.mark.parametrize(
    "change",
    [
        {"days": 0},
        {"from": ""},
        {"from": "no_field"},
        {"model": "places.nothing"},
        {"where": {"no_field": 1}},
        {"action": "keep"},
        {"action": "burn"},
        {"evidence": "I think"},
        {"day": 3},
    ],
    ids=str,
)
def test_a_rule_that_makes_no_sense_is_refused(tmp_path: Any, settings: Any, change: dict[str, Any]):
    settings.LIBRARY = tmp_path
    (tmp_path / "retention.yaml").write_text(yaml.safe_dump({"rules": [{**RULE, **change}]}), "utf-8")
    retention.rules.cache_clear()
    try:
        with pytest.raises(ValueError):
            retention.rules()
    finally:
        retention.rules.cache_clear()


def test_a_kept_model_cannot_be_purged_by_another_rule(tmp_path: Any, settings: Any):
    settings.LIBRARY = tmp_path
    keep = {"id": "b", "what": "甲", "model": RULE["model"], "action": "keep", "basis": "乙", "evidence": "DESIGN"}
    (tmp_path / "retention.yaml").write_text(yaml.safe_dump({"rules": [RULE, keep]}), "utf-8")
    retention.rules.cache_clear()
    with pytest.raises(ValueError):
        retention.rules()
    retention.rules.cache_clear()

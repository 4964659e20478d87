"""The holiday tables on disk: ours are right, a county's are read without a restart, a broken one never counts."""

import os
from datetime import date, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import chinese_calendar
import pytest
from django.core.management import CommandError, call_command

from dudao.shell import calendars
from dudao_engines.kernel.deadlines import Due, due

TABLE = """\
year: {year}
version: {version}
document: 国办发明电〔2026〕99号
issued_on: 2026-11-10
days_off:
  - {{ name: 元旦, from: {year}-01-01, to: {year}-01-03, days: 3 }}
workdays: []
evidence: NAT1
source: 示例
checked_on: 2026-11-12
"""


@pytest.fixture
def folder(tmp_path: Path, settings: Any) -> Path:
    """The county's own folder of tables, empty."""
    settings.COUNTY_LIBRARY = tmp_path
    found = tmp_path / "calendars" / "holidays"
    found.mkdir(parents=True)
    return found


def test_every_day_of_our_tables_is_as_another_library_has_it() -> None:
    holidays = calendars.holidays()
    assert holidays.years == (2023, 2024, 2025, 2026)
    all_days = [date(2023, 1, 1) + timedelta(n) for n in range((date(2027, 1, 1) - date(2023, 1, 1)).days)]
    assert [day for day in all_days if holidays.is_working(day) != chinese_calendar.is_workday(day)] == []


def test_the_last_of_2022_is_off_by_the_notice_for_2023() -> None:
    assert not calendars.holidays().is_working(date(2022, 12, 31))


def test_a_table_put_into_the_countys_folder_is_used_at_once(folder: Path) -> None:
    start = date(2026, 12, 30)
    assert due(start, 3, "工作日", calendars.holidays()) == Due(date(2027, 1, 4), True, "2026:1")
    file = folder / "2027.yaml"
    file.write_text(TABLE.format(year=2027, version=1), "utf-8")
    # 31 December, then Monday the 4th and the 5th.
    assert due(start, 3, "工作日", calendars.holidays()) == Due(date(2027, 1, 5), False, "2026:1+2027:1")
    file.unlink()
    assert due(start, 3, "工作日", calendars.holidays()).provisional


def test_a_county_changes_a_year_of_ours_by_a_higher_version(folder: Path) -> None:
    (folder / "2026.yaml").write_text(TABLE.format(year=2026, version=2), "utf-8")
    assert due(date(2026, 10, 8), 1, "工作日", calendars.holidays()).calendar == "2026:2"
    (folder / "2026.yaml").write_text(TABLE.format(year=2026, version=1), "utf-8")
    # The same version with other days: nobody can tell which was counted with.
    assert due(date(2026, 10, 8), 1, "工作日", calendars.holidays()).provisional
    assert "version加1" in calendars.files()[-1].fault


GOOD = TABLE.format(year=2026, version=2)
BROKEN = {
    "": "valid dictionary",
    "\x00": "读不出来",
    "days_off: [": "读不出来",
    GOOD.replace("2026-01-03", "2026-13-03"): "读不出来",
    GOOD.replace("days: 3", "days: 4"): "2026-01-01至2026-01-03不是4天",
    GOOD.replace("[]", "[{ day: 2026-01-04, weekday: 星期六 }]"): "2026-01-04不是星期六",
    GOOD.replace("[]", "[{ day: 2026-01-03, weekday: 星期六 }]"): "调休上班日2026-01-03应是周末，且不放假",
    GOOD.replace("2026-01-0", "2025-01-0"): "2025-01-01不在2026年",
    GOOD.replace("year: 2026", "year: 2025"): "文件名应是2025.yaml",
    GOOD + "holidays: 3\n": "holidays：Extra inputs",
    GOOD.replace("evidence: NAT1", "evidence: RECALL"): "evidence：",
    GOOD.replace("国办发明电〔2026〕99号", "通知"): "document：",
}


@pytest.mark.parametrize(("text", "said"), BROKEN.items(), ids=range(len(BROKEN)))
def test_a_file_that_cannot_be_used_leaves_its_year_provisional_and_is_told(
    folder: Path, text: str, said: str, caplog: pytest.LogCaptureFixture
) -> None:
    (folder / "2026.yaml").write_text(text, "utf-8")
    assert due(date(2026, 6, 1), 5, "工作日", calendars.holidays()) == Due(date(2026, 6, 8), True, "")
    assert "2026.yaml cannot be used" in caplog.text
    out = StringIO()
    with pytest.raises(CommandError, match=f"2026.yaml：.*{said}"):
        call_command("calendar", "check", stdout=out)
    assert "2025年第1版 国办发明电〔2024〕12号" in out.getvalue()


def test_bytes_links_and_folders_instead_of_a_file_break_nothing(folder: Path) -> None:
    (folder / "2024.yaml").write_bytes(b"\xff\xfe\x00")
    (folder / "2025.yaml").mkdir()
    os.symlink(folder / "nowhere", folder / "2026.yaml")
    for name in ("notes", "²"):
        (folder / f"{name}.yaml").write_text(GOOD, "utf-8")
    assert calendars.holidays().years == (2023,)
    assert sum(bool(file.fault) for file in calendars.files()) == 5


def test_the_check_says_where_each_table_comes_from_and_which_year_has_none(folder: Path) -> None:
    (folder / "2027.yaml").write_text(TABLE.format(year=2027, version=1), "utf-8")
    out = StringIO()
    call_command("calendar", "check", stdout=out)
    assert "2024年第1版 国办发明电〔2023〕7号 NAT2 未与原件核对" in out.getvalue()
    assert "2027年第1版 国办发明电〔2026〕99号 NAT1 2026-11-12核对" in out.getvalue()
    assert "\n2028年及以后没有放假安排" in out.getvalue()


def test_the_check_names_years_between_and_an_empty_house(folder: Path, settings: Any, tmp_path: Path) -> None:
    (folder / "2029.yaml").write_text(TABLE.format(year=2029, version=1), "utf-8")
    out = StringIO()
    call_command("calendar", "check", stdout=out)
    settings.LIBRARY = settings.COUNTY_LIBRARY = tmp_path / "empty"
    call_command("calendar", "check", stdout=out)
    assert "2027年、2028年、2030年及以后没有放假安排" in out.getvalue()
    assert "各年没有放假安排" in out.getvalue()


def test_a_copy_of_our_own_table_changes_nothing(folder: Path, settings: Any) -> None:
    ours = settings.LIBRARY / "calendars" / "holidays" / "2026.yaml"
    (folder / "2026.yaml").write_bytes(ours.read_bytes())
    out = StringIO()
    call_command("calendar", "check", stdout=out)
    assert "2026年第1版（未使用）" in out.getvalue()
    assert calendars.holidays().years == (2023, 2024, 2025, 2026)

"""A made-up county with returns of two schools and of itself, for the standard 优质均衡."""

from collections.abc import Callable
from datetime import date

import pytest

from dudao.papers import services as papers
from dudao.recognition import services
from dudao.recognition.models import Report, Snapshot
from dudao.returns import library
from dudao.returns import services as returns
from dudao.returns.models import Campaign, Return
from tests.cast import NOW, Cast, Player
from tests.engines.standards import counties

PERIOD = "2024"


def _values(record: counties.Record, form: str) -> dict[str, str]:
    """A record of the engine's made-up county, as it would be typed."""
    known = library.forms()[form]
    words = {True: "是", False: "否"}
    found = {}
    for code, cell in record.cells.items():
        if known.get(code) and cell.value is not None:
            found[code] = words[cell.value] if isinstance(cell.value, bool) else str(cell.value)
    return found


def _campaign(form: str, level: str) -> Campaign:
    return Campaign.objects.create(
        county="640122",
        form=form,
        form_text=library.text_of(form),
        fingerprint=library.forms()[form].fingerprint,
        level=level,
        title=f"{library.forms()[form].name}（示例）",
        period=PERIOD,
        period_label="2024年9月1日",
        census_on=date(2024, 4, 1),
        opens_on=date(2024, 4, 1),
        due_on=date(2024, 4, 20),
        state="open",
        opened_at=NOW,
        made_name="示例",
        made_at=NOW,
    )


@pytest.fixture
def county(cast: Cast) -> dict[str, Return]:
    """Returns of the primary school, the junior school and the county, filled so that most is met."""
    schools, whole = _campaign("school-return", "school"), _campaign("county-return", "county")
    records = {
        "primary": (schools, cast.school, counties.school("P", primary=400, teachers_backbone=3)),
        "junior": (schools, cast.school_2, counties.school("J", "初中", junior=400)),
        "county": (whole, cast.bureau, counties.county()),
    }
    found = {}
    for name, (campaign, unit, record) in records.items():
        ret = Return.objects.create(county="640122", campaign=campaign, unit=unit, asked=6)
        values = _values(record, campaign.form)
        returns.set_cells(ret=ret, values=values, source="platform", by=cast.office.actor, now=NOW)
        found[name] = ret
    return found


@pytest.fixture
def lock(county: dict[str, Return]) -> Callable[[], None]:
    """Every return is approved and its period locked."""

    def do() -> None:
        Return.objects.update(state="approved", is_locked=True)
        Campaign.objects.update(state="locked", locked_at=NOW, locked_name="示例")

    return do


@pytest.fixture
def snapshot(county: dict[str, Return], lock: Callable[[], None], cast: Cast) -> Snapshot:
    """A snapshot over locked returns."""
    lock()
    return services.keep_snapshot(standard="balanced-2017", period=PERIOD, by=cast.staff.actor, now=NOW)


@pytest.fixture
def report(snapshot: Snapshot, cast: Cast) -> Report:
    """A draft of the staff's."""
    return services.draft_report(
        kind="balanced-2017", snapshot=snapshot, to_words="银川市人民政府教育督导室", by=cast.staff.actor, now=NOW
    )


@pytest.fixture
def code(office: Player) -> None:
    papers.add_code(code="贺政教督发", organ="贺兰县人民政府教育督导室", numbered_by="here", by=office.actor, now=NOW)

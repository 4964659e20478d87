"""Pages of results: who sees which numbers, how a number opens down to its cell, and what leaves as a table."""

import io
import re
import threading
from collections.abc import Iterable
from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from openpyxl import load_workbook

from dudao.indicators.models import Scratch, Sweep
from dudao.jobs import runner
from dudao.places.models import Unit
from dudao.returns import library
from dudao.returns import services as returns
from dudao.returns.models import Campaign, Return
from dudao_engines.standards.model import Record
from tests.cast import NOW, Cast, Player, player, unit
from tests.engines.standards import counties

pytestmark = pytest.mark.django_db
BALANCED = {"standard": "balanced-2017", "period": "2024"}
PRESCHOOL = {"standard": "preschool-2020", "period": "2024"}
WORDS = {True: "是", False: "否"}


def campaign(form: str) -> Campaign:
    made = library.forms()[form]
    return Campaign.objects.create(
        county="640122", form=form, form_text=library.text_of(form), fingerprint=made.fingerprint, level=made.level,
        title=f"{made.name}（示例）", period="2024", period_label="2024年", census_on=date(2024, 4, 1),
        opens_on=date(2024, 4, 1), due_on=date(2024, 4, 20), state="open", opened_at=NOW, made_name="示例", made_at=NOW,
    )  # fmt: skip


def report(of: Campaign, who: Unit, values: dict[str, str], by: Player) -> Return:
    ret = Return.objects.create(county="640122", campaign=of, unit=who)
    returns.set_cells(ret=ret, values=values, source="platform", by=by.actor, now=NOW)
    return ret


def typed(record: Record, form: str) -> dict[str, str]:
    known = library.forms()[form]
    cells = {code: one.value for code, one in record.cells.items() if known.get(code) and one.value is not None}
    return {code: WORDS[one] if isinstance(one, bool) else str(one) for code, one in cells.items()}


@pytest.fixture
def schools(cast: Cast) -> Campaign:
    """Two schools and the county; the first has one backbone teacher too few."""
    made = campaign("school-return")
    first = counties.school("P", primary=400, teachers_backbone=3)
    report(made, cast.school, typed(first, "school-return"), cast.office)
    report(made, cast.school_2, typed(counties.school("J", "初中", junior=400), "school-return"), cast.office)
    report(campaign("county-return"), cast.bureau, typed(counties.county(), "county-return"), cast.office)
    return made


@pytest.fixture
def kindergartens(cast: Cast) -> Campaign:
    """Three made-up kindergartens with the children of the notice: 9169, 2133 and 2317."""
    made = campaign("kindergarten-return")
    for at, (nature, children) in enumerate((("教育办园", 9169), ("普惠性民办园", 2133), ("非普惠性民办园", 2317))):
        where = unit(f"示例第{at}幼儿园", f"K{at}", "kindergarten")
        report(made, where, {"nature": nature, "enrolled_children": str(children)}, cast.office)
    return made


def get(client: Client, who: Player, name: str, *args: str, status: int = 200, **query: str) -> str:
    client.force_login(who.user)
    answer = client.get(reverse(f"indicators:{name}", args=args), query)
    assert answer.status_code == status, (name, args, answer.status_code)
    return answer.content.decode()


def book(client: Client, name: str, *args: str, **query: str) -> list[str]:
    """Every cell of every sheet of an exported table, as text."""
    answer: Any = client.get(reverse(f"indicators:{name}", args=args), {**query, "export": "xlsx"})
    assert answer.status_code == 200
    content = b"".join(answer.streaming_content) if answer.streaming else answer.content
    found = load_workbook(io.BytesIO(content))
    return [str(cell.value) for sheet in found for row in sheet.iter_rows() for cell in row if cell.value is not None]


def test_82_99_opens_down_to_the_cell_of_one_kindergarten(client: Client, cast: Cast, kindergartens: Campaign) -> None:
    page = get(client, cast.office, "county", **PRESCHOOL)
    assert "82.99" in page and "67.33" in page and "11302" in page
    address, seen = reverse("indicators:number", args=["1.2.1", "640122"]), ""
    answer = client.get(address, PRESCHOOL).content.decode()
    assert re.search(r"11302.{0,20}÷.{0,20}13619", answer)
    # First the numerator, then its first part, until a cell: at most six steps.
    path = "0"
    for _ in range(6):
        seen = client.get(address, PRESCHOOL | {"path": path}).content.decode()
        if "这个格子的经过和凭证" in seen:
            break
        path += ".0"
    cell = re.search(r'<a href="(/returns/[^"]+/cell/[^"]+)">这个格子的经过和凭证', seen)
    assert cell and "督导平台" in seen
    assert client.get(cell[1]).status_code == 200


def test_who_sees_the_county_sees_it_and_a_school_sees_itself(client: Client, cast: Cast, schools: Campaign) -> None:
    leader = player("卯", "leader", cast.bureau)
    for who in (cast.office, cast.staff, leader):
        page = get(client, who, "county", **BALANCED)
        assert "综合结论" in page and "差异系数" in page
        assert "示例第二中学" in get(client, who, "matrix", stage="初中", level="part", **BALANCED)
    own, other = cast.school.code, cast.school_2.code
    for name in ("county", "matrix"):
        page = get(client, cast.head, name, **BALANCED)
        assert "示例第一小学" in page and "示例第二中学" not in page and "综合结论" not in page and "CV2" not in page
    assert "骨干教师" in get(client, cast.head, "unit", own, **BALANCED)
    get(client, cast.head, "unit", other, status=404, **BALANCED)
    get(client, cast.head, "number", "R2", other, status=404, stage="初中", **BALANCED)
    get(client, cast.head, "number", "CV2", "640122", status=404, stage="小学", **BALANCED)
    get(client, cast.head, "indicator", "CV2", status=404, **BALANCED)
    for name in ("turning", "scratches"):
        get(client, cast.head, name, status=404, **BALANCED)
    assert "示例第二中学" not in get(client, cast.head, "missing", **BALANCED)
    get(client, cast.foreign_office, "county", status=404, **BALANCED)


def test_an_inspector_sees_the_schools_given_to_them(client: Client, cast: Cast, schools: Campaign) -> None:
    inspector = player("午", "inspector", cast.office.appointment.unit)
    page = get(client, inspector, "county", standard="balanced-2017")
    assert "示例第一小学" not in page and "综合结论" not in page


@pytest.mark.parametrize("more", [0, 25])
def test_pages_take_the_same_statements_however_many_schools(
    client: Client, cast: Cast, schools: Campaign, more: int, django_assert_max_num_queries: Any
) -> None:
    values = typed(counties.school("P", primary=400), "school-return")
    for at in range(more):
        report(schools, unit(f"示例学校{at}", f"N{at}"), values, cast.office)
    client.force_login(cast.office.user)
    pages: Iterable[tuple[str, list[str]]] = (
        ("county", []), ("matrix", []), ("indicator", ["R2"]), ("missing", []), ("unit", [cast.school.code]),
        ("number", ["CV2", "640122"]), ("turning", []),
    )  # fmt: skip
    for name, args in pages:
        query = BALANCED | ({"stage": "小学"} if name == "number" else {})
        with django_assert_max_num_queries(62):
            assert client.get(reverse(f"indicators:{name}", args=args), query).status_code == 200


def test_excel_holds_the_numbers_that_are_shown_and_a_page_prints(
    client: Client, cast: Cast, schools: Campaign
) -> None:
    page = get(client, cast.office, "matrix", stage="小学", level="part", **BALANCED)
    assert "0.75" in page
    cells = book(client, "matrix", stage="小学", level="part", **BALANCED)
    assert "0.75" in cells and "示例第一小学" in cells and "不达标" in cells
    assert "不达标" in book(client, "county", **BALANCED)
    assert "示例第一小学" in book(client, "indicator", "R2", stage="小学", **BALANCED)
    assert "骨干教师" in " ".join(book(client, "missing", **BALANCED))
    for name in ("county", "matrix"):
        assert "data-print" in get(client, cast.office, name, print="1", **BALANCED)


def test_what_is_missing_is_said_exactly(client: Client, cast: Cast, schools: Campaign) -> None:
    page = get(client, cast.office, "missing", **BALANCED)
    assert "示例第一小学" in page and "骨干教师" in page
    # Three of four: one is missing to reach one for a hundred pupils.
    cells = book(client, "missing", **BALANCED)
    at = next(n for n, one in enumerate(cells) if one.startswith("R2 "))
    assert cells[at + 2] in ("1", "1.0")


def test_a_missing_cell_is_told_and_never_a_zero(client: Client, cast: Cast, schools: Campaign) -> None:
    ret = schools.returns.get(unit=cast.school)
    returns.set_cells(ret=ret, values={"teachers_backbone": ""}, source="platform", by=cast.office.actor, now=NOW)
    page = get(client, cast.office, "unit", cast.school.code, **BALANCED)
    assert "无法判定" in page
    assert "无法判定" in get(client, cast.office, "number", "R2", cast.school.code, stage="小学", **BALANCED)


def _save(client: Client, row: Scratch, value: str, *, version: int | None = None) -> Any:
    return client.post(
        reverse("indicators:scratch", args=[row.pk]),
        {"title": "调入骨干教师", "version": row.version if version is None else version, "new-field": "school:teachers_backbone",
         "new-unit": row_unit(), "new-value": value},
    )  # fmt: skip


def row_unit() -> str:
    return "2164000001"


def test_a_scratch_copy_moves_verdicts_and_touches_nothing(client: Client, cast: Cast, schools: Campaign) -> None:
    client.force_login(cast.office.user)
    query = "?standard=balanced-2017&period=2024"
    client.post(reverse("indicators:scratches") + query, {"title": "调配教师"})
    row = Scratch.objects.get()
    wrong = _save(client, row, "三")
    assert wrong.status_code == 422 and "三" in wrong.content.decode()
    assert _save(client, row, "4").status_code == 302
    page = client.get(reverse("indicators:scratch", args=[row.pk])).content.decode()
    assert "0.75" in page and "1.00" in page and "骨干教师" in page
    row.refresh_from_db()
    assert schools.returns.get(unit=cast.school).cells.get(code="teachers_backbone").value == "3"
    # Somebody with the page of before is told, and theirs is not written over this one.
    late = _save(client, row, "9", version=row.version - 1)
    assert late.status_code in (409, 422) and "别人" in late.content.decode()
    assert Scratch.objects.get().changes[0]["value"] == "4"
    client.post(reverse("indicators:scratch_drop", args=[row.pk]))
    assert client.get(reverse("indicators:scratch", args=[row.pk])).status_code == 404
    client.post(reverse("indicators:scratch_restore", args=[row.pk]))
    assert client.get(reverse("indicators:scratch", args=[row.pk])).status_code == 200
    client.force_login(cast.head.user)
    assert client.get(reverse("indicators:scratch", args=[row.pk])).status_code == 404


def test_the_worker_finds_the_cells_that_could_turn_a_verdict(client: Client, cast: Cast, schools: Campaign) -> None:
    client.force_login(cast.office.user)
    assert (
        client.post(f"{reverse('indicators:turning')}?standard=balanced-2017&period=2024", {"within": "40"}).status_code
        == 302
    )
    while job := runner.claim():
        runner.do(job, threading.Event())
    assert any(line["code"] == "teachers_backbone" for line in Sweep.objects.get().lines)
    page = get(client, cast.office, "turning", **BALANCED)
    assert "示例第一小学" in page and "骨干教师" in page
    assert "骨干教师" in " ".join(book(client, "turning", **BALANCED))


def test_an_address_that_makes_no_sense_is_not_found(client: Client, cast: Cast, schools: Campaign) -> None:
    for query in ({"standard": "none"}, {"period": "1999"}, {"which": "guessed"}):
        get(client, cast.office, "county", status=404, **(BALANCED | query))
    get(client, cast.office, "number", "R2", "NOBODY", status=404, stage="小学", **BALANCED)
    get(client, cast.office, "number", "CV2", "640122", status=404, stage="小学", path="99.3", **BALANCED)
    get(client, cast.office, "number", "CV2", "640122", status=404, stage="小学", path="x", **BALANCED)

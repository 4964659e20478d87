"""Responsible inspectors from Excel: what each row would do is shown first, what is wrong is sent back with the reason."""

import io
import re
from datetime import date
from typing import Any

import pytest
import xlsxwriter
from django.core.files.uploadedfile import SimpleUploadedFile

from dudao.duties import services
from dudao.duties.models import Duty
from dudao.duties.services import Given
from dudao.inspectors.models import Inspector
from tests.cast import NOW, TODAY, Cast, county_cast
from tests.duties.stage import able
from tests.duties.test_pages import signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def a_day_in_april(settings: Any) -> None:
    settings.DEMO_TODAY = TODAY


@pytest.fixture
def cast() -> Cast:
    return county_cast()


@pytest.fixture
def inspector(cast: Cast) -> Inspector:
    row = able(cast, "督学癸", "证1")
    rows = [Given(cast.school.pk, row.pk)]
    services.assign_duties(rows=rows, starts_on=date(2024, 3, 1), by=cast.office.actor, now=NOW)
    return row


def sheet(*lines: tuple[str, ...]) -> SimpleUploadedFile:
    made = io.BytesIO()
    with xlsxwriter.Workbook(made, {"in_memory": True}) as book:
        page = book.add_worksheet()
        for at, line in enumerate([("责任督学登记表",), ("学校（园）", "标识码", "责任督学"), *lines]):
            page.write_row(at, 0, line)
    return SimpleUploadedFile("责任督学.xlsx", made.getvalue())


def hidden(page: str) -> dict[str, str]:
    form = page.split("确认导入")[0]
    return dict(re.findall(r'<input type="hidden" name="(pairs|base|starts_on|document)" value="([^"]*)"', form))


def test_each_row_is_looked_at_before_anything_is_written_and_then_all_good_ones_are(
    cast: Cast, inspector: Inspector
) -> None:
    able(cast, "督学子", "证2", work=cast.school_2)
    office = signed_in(cast.office)
    file = sheet(
        ("示例第一小学", "", "督学癸（示例）"),
        ("", "1164000003", "督学癸（示例）、督学子（示例）"),
        ("示例第二中学", "", "督学子（示例）"),
        ("示例第二中学", "", "督学癸（示例）"),
        ("不知哪所学校", "", "督学癸（示例）"),
        ("", "", ""),
    )
    page = office.post("/duties/table/", {"table": file, "starts_on": "2024-04-10"}).content.decode()
    for words in (
        "不变 <b", "应当回避：在该单位任职", "第 5 行已经写过这所学校（园）", "名单上没有这所学校（园）", "新安排",
    ):  # fmt: skip
        assert words in page
    assert Duty.objects.count() == 1
    said = hidden(page)
    assert office.post("/duties/table/", said).status_code == 302
    assert {one.unit_id for one in Duty.objects.all()} == {cast.school.pk, cast.kindergarten.pk}
    assert office.post("/duties/table/", said).status_code == 409
    assert Duty.objects.count() == 3


def test_the_table_of_coverage_comes_back_unchanged(cast: Cast, inspector: Inspector) -> None:
    office = signed_in(cast.office)
    answer = office.get("/duties/?export=xlsx")
    file = SimpleUploadedFile("覆盖.xlsx", b"".join(answer.streaming_content))  # type: ignore[attr-defined]
    page = office.post("/duties/table/", {"table": file, "starts_on": "2024-04-10"}).content.decode()
    assert "没有要改的" in page and '退回 <b class="dd-n">0</b>' in page and "保持现在的安排" in page


def test_what_is_no_table_is_refused_with_the_reason(cast: Cast) -> None:
    office = signed_in(cast.office)
    for content, words in ((b"", "表"), (b"\x00\x01garbage", "表"), ("姓名,年龄\n甲,3\n".encode(), "没有找到表头")):
        file = SimpleUploadedFile("a.csv" if b"," in content else "a.xlsx", content)
        answer = office.post("/duties/table/", {"table": file, "starts_on": "2024-04-10"})
        assert answer.status_code == 422 and words in answer.content.decode()
    assert office.post("/duties/table/", {"pairs": "x", "base": "", "starts_on": "2024-04-10"}).status_code == 422
    assert signed_in(cast.head).get("/duties/table/").status_code == 404

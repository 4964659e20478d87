"""Pages of standards: who may see them, who may say something, and what is refused beside the field."""

import io
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from python_calamine import CalamineWorkbook

from dudao.indicators.elements import elements
from dudao.indicators.models import Check, Choice
from dudao_engines.standards.schema import Standard
from tests.cast import Cast

pytestmark = pytest.mark.django_db
PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"


@pytest.fixture
def pages(client: Client, cast: Cast, standard: Standard) -> Client:
    client.force_login(cast.office.user)
    return client


def url(name: str, *args: Any) -> str:
    return reverse(f"indicators:{name}", args=args)


def test_the_list_and_the_standard_say_what_is_unchecked(pages: Client, standard: Standard):
    answer = pages.get(url("standards"))
    assert "示例标准" in answer.content.decode()
    page = pages.get(url("standard", standard.id)).content.decode()
    for words in (
        "未核实",
        standard.fingerprint,
        "每百名学生教师数",
        "≥ 4.2 人/百人",
        "小规模学校可加走教教师",
        "第一条",
        "外地规定",
    ):
        assert words in page
    narrowed = pages.get(url("standard", standard.id) + "?show=unchecked").content.decode()
    assert "生均公用经费" in narrowed
    assert "学校章程" not in narrowed


def test_every_element_has_a_page(pages: Client, standard: Standard):
    for key in elements(standard):
        assert pages.get(url("element", standard.id, key)).status_code == 200
    assert pages.get(url("element", standard.id, "X9")).status_code == 404
    assert pages.get(url("standard", "no-such")).status_code == 404


def test_a_comparison_is_written_down_with_its_picture(pages: Client, standard: Standard):
    address = url("check", standard.id, "P_FUND")
    assert "500 元/生" in pages.get(address).content.decode()
    data = {
        "digest": elements(standard)["P_FUND"].digest, "checked_on": "2024-04-09", "checked_by": "甲（示例）",
        "against": "示例〔2024〕1号", "place": "附件第3页", "evidence": SimpleUploadedFile("原文.pdf", PDF),
    }  # fmt: skip
    answer = pages.post(address, data)
    assert answer.status_code == 302, answer.content.decode()
    row = Check.objects.get()
    page = pages.get(answer["Location"]).content.decode()
    assert "附件第3页" in page
    assert "已核对" in page
    assert "原文.pdf" in page
    file = page.split(f"/indicators/said/check/{row.pk}/file/")[1].split("/")[0]
    assert pages.get(url("file", "check", row.pk, file)).status_code == 200


def test_what_is_missing_is_said_beside_the_field_and_what_was_typed_stays(pages: Client, standard: Standard):
    answer = pages.post(
        url("check", standard.id, "R1"), {"digest": "x", "checked_on": "2024-04-09", "against": "某文件"}
    )
    assert answer.status_code == 422
    assert "某文件" in answer.content.decode()
    assert not Check.objects.exists()


def test_a_value_a_variant_and_a_concession_are_given_on_their_pages(pages: Client, standard: Standard):
    facts = {"origin": "region", "from_on": "2024-01-01", "source": "宁财〔2024〕示例号"}
    assert pages.post(url("choose", standard.id, "P_FUND"), {**facts, "value": "600"}).status_code == 302
    assert pages.post(url("choose", standard.id, "Q1.B"), facts).status_code == 302
    assert pages.post(url("choose", standard.id, "R1c"), {**facts, "value": "open"}).status_code == 302
    assert sorted(Choice.objects.values_list("kind", "value")) == [
        ("concession", "open"), ("parameter", "600"), ("variant", "B"),
    ]  # fmt: skip
    page = pages.get(url("standard", standard.id)).content.decode()
    assert "600 元/生" in page
    assert "自治区（市）设定" in page
    assert pages.get(url("choose", standard.id, "G1")).status_code == 404
    refused = pages.post(url("choose", standard.id, "P_SURE"), {**facts, "value": "90"})
    assert refused.status_code == 422
    assert "须先与依据文件核对" in refused.content.decode()


def test_taking_back_wants_a_reason(pages: Client, standard: Standard):
    facts = {"origin": "region", "from_on": "2024-01-01", "source": "示例", "value": "600"}
    pages.post(url("choose", standard.id, "P_FUND"), facts)
    row = Choice.objects.get()
    address = url("take_back_choice", row.pk)
    assert pages.post(address, {"on": "2024-04-10", "reason": ""}).status_code == 422
    assert pages.post(address, {"on": "2024-04-10", "reason": "写错"}).status_code == 302
    row.refresh_from_db()
    assert row.taken_back_reason == "写错"


def test_the_table_for_comparing_on_paper_holds_every_element(pages: Client, standard: Standard):
    answer = pages.get(url("standard", standard.id) + "?export=xlsx")
    book = CalamineWorkbook.from_filelike(io.BytesIO(b"".join(answer.streaming_content)))
    assert [row[0] for row in book.get_sheet_by_index(0).to_python()[3:]] == list(elements(standard))


@pytest.mark.parametrize(
    ("who", "reads", "says"),
    [("office", 200, 200), ("staff", 200, 404), ("head", 404, 404), ("head_2", 404, 404)],
)
def test_who_may_read_and_who_may_say(client: Client, cast: Cast, standard: Standard, who: str, reads: int, says: int):
    client.force_login(getattr(cast, who).user)
    assert client.get(url("standard", standard.id)).status_code == reads
    assert client.get(url("check", standard.id, "R1")).status_code == says


def test_a_page_takes_the_same_statements_however_much_was_said(pages: Client, standard: Standard):
    addresses = [url("standard", standard.id), url("element", standard.id, "P_FUND")]

    def statements() -> list[int]:
        counts = []
        for address in addresses:
            with CaptureQueriesContext(connection) as caught:
                pages.get(address)
            counts.append(len(caught))
        return counts

    facts = {"origin": "region", "source": "示例", "value": "600"}
    pages.post(url("choose", standard.id, "P_FUND"), {**facts, "from_on": "2022-01-01"})
    statements()
    few = statements()
    for month in range(1, 13):
        pages.post(url("choose", standard.id, "P_FUND"), {**facts, "from_on": f"2023-{month:02}-01"})
    statements()
    assert statements() == few

"""The way of a table through the pages, as the office walks it."""

import io
from fractions import Fraction

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from python_calamine import load_workbook

from dudao.returns import services
from dudao.returns.forms.imports import ColumnsForm
from dudao.returns.models import Campaign, Correction, Profile, Return, Upload
from dudao_engines.standards import forms
from tests.cast import NOW, Cast
from tests.returns.test_imports import FIRST, table

pytestmark = pytest.mark.django_db


@pytest.fixture
def office(cast: Cast, client: Client) -> Client:
    client.force_login(cast.office.user)
    return client


def hand_in(client: Client, campaign: Campaign, content: bytes, **more: str) -> Upload:
    file = SimpleUploadedFile("平台导出.xlsx", content)
    answer = client.post(
        reverse("returns:import_new", args=[campaign.pk]),
        {"source": "platform", "purpose": "report", "table": file} | more,
    )
    assert answer.status_code == 302, answer.content.decode()
    return Upload.objects.order_by("-made_at", "-pk").first()


def name_columns(client: Client, upload: Upload, **more: str) -> None:
    page = client.get(reverse("returns:import_columns", args=[upload.pk]))
    form = page.context["form"]
    data = {name: form[name].value() or "" for name in form.fields} | more
    answer = client.post(reverse("returns:import_columns", args=[upload.pk]), data)
    assert answer.status_code == 302, answer.content.decode()


def confirm(client: Client, upload: Upload) -> None:
    upload.refresh_from_db()
    client.post(reverse("returns:import_confirm", args=[upload.pk]), {"base_version": upload.version})
    upload.refresh_from_db()
    assert upload.state == "applied"


def test_from_the_export_to_the_list_of_corrections_and_back(
    office: Client, cast: Cast, campaign: Campaign, ret: Return
) -> None:
    upload = hand_in(
        office, campaign, table(FIRST, ["3164000002", "示例第二中学", "N/A", 50, "是"], ["9", "平罗一小", 1, 1, "否"])
    )
    name_columns(office, upload, keep_as="自治区督导平台")
    page = office.get(reverse("returns:import", args=[upload.pk])).content.decode()
    assert "还没有写入" in page and "单位名册里没有" in page
    for show in ("fields", "new", "changed", "same", "kept", "refused", "rows"):
        assert office.get(reverse("returns:import", args=[upload.pk]), {"show": show}).status_code == 200
    sheet = office.get(reverse("returns:import", args=[upload.pk]), {"export": "xlsx"})
    lines = load_workbook(io.BytesIO(b"".join(sheet.streaming_content))).get_sheet_by_index(0).to_python()
    assert any("C3" in map(str, line) and "N/A" in map(str, line) for line in lines)
    confirm(office, upload)
    services.set_cells(ret=ret, values={"students_primary": "418"}, source="typed", by=cast.head.actor, now=NOW)
    page = office.get(reverse("returns:compare", args=[campaign.pk])).content.decode()
    assert "示例第一小学" in page and "420" in page and "418" in page
    office.post(reverse("returns:correction_propose", args=[campaign.pk]))
    assert Correction.objects.count() == 1
    page = office.get(reverse("returns:correction_unit", args=[campaign.pk, ret.unit_id])).content.decode()
    assert "平台上是 420，应为 418" in page
    again = hand_in(
        office,
        campaign,
        table(["2164000001", "示例第一小学", 418, 3100.5, "否"]),
        profile=str(Profile.objects.get().pk),
    )
    name_columns(office, again)
    confirm(office, again)
    assert Correction.objects.get().state == "done"
    office.post(reverse("returns:import_undo", args=[again.pk]))
    assert Correction.objects.get().state == "open"


def test_a_school_sees_its_own_corrections_and_no_imports(
    cast: Cast, client: Client, office: Client, campaign: Campaign, ret: Return
) -> None:
    upload = hand_in(office, campaign, table(FIRST))
    name_columns(office, upload)
    confirm(office, upload)
    new = reverse("returns:correction_new", args=[campaign.pk, ret.unit_id, "students_primary"])
    assert office.get(new).status_code == 200
    assert office.post(new, {"right": "3.7", "why": "花名册"}).status_code == 422
    office.post(new, {"right": "418", "why": "花名册"})
    mine = reverse("returns:correction_unit", args=[campaign.pk, ret.unit_id])
    client.force_login(cast.head.user)
    assert client.get(mine).status_code == 200
    assert "示例第一小学" in client.get(reverse("returns:corrections", args=[campaign.pk])).content.decode()
    for name, args in (
        ("imports", []),
        ("import_new", [campaign.pk]),
        ("import", [upload.pk]),
        ("compare", [campaign.pk]),
    ):
        assert client.get(reverse(f"returns:{name}", args=args)).status_code == 404
    assert client.post(reverse("returns:correction_drop", args=[Correction.objects.get().pk])).status_code == 404
    client.force_login(cast.head_2.user)
    assert client.get(mine).status_code == 404
    client.force_login(cast.foreign_office.user)
    for name, args in (
        ("import_new", [campaign.pk]),
        ("import", [upload.pk]),
        ("compare", [campaign.pk]),
        ("corrections", [campaign.pk]),
    ):
        assert client.get(reverse(f"returns:{name}", args=args)).status_code == 404


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "空"),
        (b"%PDF-1.4 nothing", "PDF"),
        (table(FIRST)[:900], "读不出来"),
        (table(["示例", "0951"], heads=["姓名", "电话"]), "没有在文件里找到"),
    ],
)
def test_what_is_wrong_with_a_file_stands_at_its_field_and_nothing_is_kept(
    office: Client, campaign: Campaign, content: bytes, said: str
) -> None:
    file = SimpleUploadedFile("a.xlsx", content)
    answer = office.post(
        reverse("returns:import_new", args=[campaign.pk]), {"source": "platform", "purpose": "report", "table": file}
    )
    assert answer.status_code == 422 and said in answer.content.decode()
    assert not Upload.objects.exists()


def test_columns_that_were_taken_wrongly_are_corrected_and_one_item_is_taken_once(
    office: Client, campaign: Campaign, ret: Return
) -> None:
    upload = hand_in(
        office, campaign, table(["2164000001", 9, 12, 3], heads=["学校标识码", "小学学生人数", "人数", "初中学生人数"])
    )
    page = office.get(reverse("returns:import_columns", args=[upload.pk]))
    form = page.context["form"]
    data = {name: form[name].value() or "" for name in form.fields}
    wrong = office.post(reverse("returns:import_columns", args=[upload.pk]), data | {"column_2": "students_primary"})
    assert wrong.status_code == 422 and "只能选一列" in wrong.content.decode()
    office.post(
        reverse("returns:import_columns", args=[upload.pk]), data | {"column_1": "", "column_2": "students_primary"}
    )
    confirm(office, upload)
    assert ret.cells.get(code="students_primary").value == "12"


def test_fixed_cells_of_one_sheet_a_school_are_read(office: Client, campaign: Campaign, ret: Return) -> None:
    upload = hand_in(office, campaign, table(FIRST))
    page = reverse("returns:import_cells", args=[upload.pk])
    assert office.get(page).status_code == 200
    wrong = office.post(page, {"base_version": upload.version, "code": "A2", "cells": "students_primary 9C"})
    assert wrong.status_code == 422 and "第 1 行" in wrong.content.decode()
    office.post(page, {"base_version": upload.version, "code": "A2", "cells": "小学学生人数 C2\narea_teaching_aux d2"})
    confirm(office, upload)
    assert (ret.cells.get(code="students_primary").value, ret.cells.get(code="area_teaching_aux").value) == (
        "420",
        "3100.5",
    )


def test_pages_take_the_same_number_of_statements_however_many_units(
    office: Client, campaign: Campaign, django_assert_max_num_queries
) -> None:
    upload = hand_in(office, campaign, table(FIRST, ["3164000002", "示例第二中学", 5, 50, "是"]))
    name_columns(office, upload)
    confirm(office, upload)
    for name, key in (("import", upload.pk), ("compare", campaign.pk), ("corrections", campaign.pk)):
        with django_assert_max_num_queries(30):
            office.get(reverse(f"returns:{name}", args=[key]))


def test_a_column_chosen_by_hand_is_converted_from_the_unit_its_head_names() -> None:
    form = forms.loads(
        "id: f-1\nversion: '1'\nname: 表\nlevel: school\nsource: 示例\nevidence: DESIGN\nsections:\n  - title: 场地\n    fields:\n"
        "      - {code: ground, label: 校内体育场面积, kind: dec, decimals: 2, unit: 平方米, evidence: DESIGN}\n",
        name="f-1",
    )
    column = {"head": "操场（亩）", "code": "", "factor": "1", "sample": []}
    table = {"columns": [column], "code_at": None, "name_at": None, "county_at": None}
    typed = {"column_0": "ground", "factor_0": "1", "base_version": "1"}
    chosen = ColumnsForm(typed, tables=[table], form=form)
    assert chosen.is_valid(), chosen.errors
    assert Fraction(chosen.profile().columns["操场(亩)"].factor) == Fraction(2000, 3)

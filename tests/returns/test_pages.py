"""The pages of data returns through the plain client: no JavaScript, every step can be finished."""

import io
from datetime import date
from typing import Any

import pytest
import xlsxwriter
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from python_calamine import CalamineWorkbook

from dudao.messages.models import Message
from dudao.places import services as places
from dudao.returns import checking, library, services
from dudao.returns.models import Campaign, CountyForm, Reading, Return
from dudao_engines.standards import templates
from dudao_engines.standards.model import Cell as Value
from tests.cast import NOW, Cast, player

pytestmark = pytest.mark.django_db

WHOLE = {
    "school_name": "示例第一小学",
    "boarding": "否",
    "students_primary": "1200",
    "students_junior": "0",
    "area_teaching_aux": "9215",
    "area_indoor_sports": "921",
}


@pytest.fixture(autouse=True)
def a_day_in_april(settings: Any) -> None:
    settings.DEMO_TODAY = date(2024, 4, 10)


def page(client: Client, name: str, *args: object, **query: str) -> str:
    return client.get(reverse(f"returns:{name}", args=args), query).content.decode()


def post(client: Client, name: str, *args: object, **data: Any) -> Any:
    return client.post(reverse(f"returns:{name}", args=args), data, follow=True)


def fill(ret: Return, cast: Cast, **values: str) -> None:
    services.set_cells(ret=ret, values=values or WHOLE, source="typed", by=cast.head.actor, now=NOW)
    ret.refresh_from_db()


def hand_in(ret: Return, cast: Cast) -> None:
    fill(ret, cast)
    services.confirm_return(ret=ret, base_version=ret.version, by=cast.head.actor, now=NOW)
    services.submit_return(ret=ret, base_version=ret.version, by=cast.head.actor, now=NOW)


def test_a_school_fills_section_by_section_checks_confirms_and_hands_in(
    client: Client, cast: Cast, ret: Return
) -> None:
    client.force_login(cast.head.user)
    assert "优质均衡填报（示例）" in page(client, "mine")
    first = post(client, "fill", ret.pk, 1, school_name="示例第一小学", boarding="否", go="2")
    assert "二、学生" in first.content.decode() and "已保存 2 项" in first.content.decode()
    wrong = post(client, "fill", ret.pk, 2, students_primary="十二", students_junior="0", go="3").content.decode()
    assert "请用阿拉伯数字" in wrong and "二、小学学生人数" in wrong
    post(client, "fill", ret.pk, 3, area_teaching_aux="921", area_indoor_sports="9215", go="check")
    check = page(client, "check", ret.pk)
    assert "还有 2 处" in check and "不能大于教学及辅助用房面积" in check and "确认并报送" not in check
    section = page(client, "fill", ret.pk, 3)
    assert 'value="9215"' in section and "9215 ＞ 921" in section
    post(client, "fill", ret.pk, 2, students_primary="1200", base_students_primary="1")
    post(client, "fill", ret.pk, 3, area_teaching_aux="9215", base_area_teaching_aux="1")
    ret.refresh_from_db()
    assert "确认并报送" in page(client, "check", ret.pk)
    done = post(client, "confirm", ret.pk, base_version=ret.version, submit="1").content.decode()
    ret.refresh_from_db()
    assert ret.state == "submitted" and "等督导室审核" in done
    assert "继续填写" not in done


def test_saving_while_typing_answers_with_what_stands_around_the_controls(
    client: Client, cast: Cast, ret: Return
) -> None:
    client.force_login(cast.head.user)
    address = reverse("returns:fill", args=[ret.pk, 2])
    typed = {"students_primary": "3.5", "students_junior": "0"}
    answer = client.post(address, typed, headers={"HX-Request": "true"})
    html = answer.content.decode()
    assert answer.status_code == 200 and 'id="e-students_primary" hx-swap-oob="true"' in html and "整数" in html
    assert "已保存，可随时离开" in html and 'name="students_primary"' not in html
    assert 'name="base_students_primary" value="1"' in html


def test_while_somebody_elses_number_is_in_the_way_the_page_does_not_say_that_all_is_saved(
    client: Client, cast: Cast, ret: Return
) -> None:
    fill(ret, cast, students_primary="12")
    client.force_login(cast.head.user)
    address = reverse("returns:fill", args=[ret.pk, 2])
    typed = {"students_primary": "43", "base_students_primary": "0"}
    html = client.post(address, typed, headers={"HX-Request": "true"}).content.decode()
    assert "1 项还没有存" in html and "可随时离开" not in html


def test_what_is_filled_before_counts_among_what_must_be_filled(cast: Cast, client: Client, coded: Return) -> None:
    services.set_cells(
        ret=coded,
        values={"school_code": "1", "students_primary": "12"},
        source="platform",
        by=cast.office.actor,
        now=NOW,
    )
    coded.refresh_from_db()
    assert (coded.filled, coded.prefilled, coded.typed) == (1, 1, 0)
    client.force_login(cast.office.user)
    assert "其中已预填 1 项" in page(client, "campaign", coded.campaign_id)


def test_a_field_that_is_asked_from_now_on_loads_the_page_anew(client: Client, cast: Cast, ret: Return) -> None:
    client.force_login(cast.head.user)
    assert "寄宿生数" not in page(client, "fill", ret.pk, 2)
    address = reverse("returns:fill", args=[ret.pk, 1])
    answer = client.post(address, {"boarding": "是"}, headers={"HX-Request": "true"})
    assert answer["HX-Refresh"] == "true"
    assert "寄宿生数" in page(client, "fill", ret.pk, 2)


def test_both_texts_are_shown_when_somebody_else_was_faster_and_one_is_chosen(
    client: Client, cast: Cast, ret: Return
) -> None:
    clerk = player("寅", "school_clerk", cast.school)
    fill(ret, cast, students_primary="12")
    client.force_login(clerk.user)
    address = reverse("returns:fill", args=[ret.pk, 2])
    mine = {"students_primary": "14", "base_students_primary": "0", "students_junior": "7", "base_students_junior": "0"}
    answer = client.post(address, mine)
    html = answer.content.decode()
    assert answer.status_code == 409 and "刚把这一项改成“12”" in html and 'value="14"' in html
    assert ret.cells.get(code="students_junior").raw == "7"
    # Saved again without a choice it stays undecided; chosen, it is written.
    assert client.post(address, mine).status_code == 409
    assert client.post(address, mine | {"mine": "students_primary", "now_students_primary": "1"}).status_code == 302
    assert ret.cells.get(code="students_primary").raw == "14"


def test_a_clerk_fills_and_only_the_head_confirms(client: Client, cast: Cast, ret: Return) -> None:
    clerk = player("寅", "school_clerk", cast.school)
    fill(ret, cast)
    client.force_login(clerk.user)
    assert "请负责人登录后在本页确认" in page(client, "check", ret.pk)
    assert client.post(reverse("returns:confirm", args=[ret.pk]), {"base_version": ret.version}).status_code == 422
    ret.refresh_from_db()
    assert ret.state == "filling"


@pytest.mark.parametrize("who", ["head_2", "foreign", "foreign_office"])
def test_nobody_else_opens_a_schools_return(client: Client, cast: Cast, ret: Return, who: str) -> None:
    client.force_login(getattr(cast, who).user)
    for name, args in (
        ("return", ()),
        ("fill", (1,)),
        ("check", ()),
        ("print", ()),
        ("cell", ("students_primary",)),
        ("template", ()),
    ):
        assert client.get(reverse(f"returns:{name}", args=[ret.pk, *args])).status_code == 404, name
    for name in ("confirm", "submit", "approve"):
        assert client.post(reverse(f"returns:{name}", args=[ret.pk]), {"base_version": ret.version}).status_code == 404


def test_the_reviewer_sends_single_cells_back_and_the_school_sees_exactly_those(
    client: Client, cast: Cast, ret: Return
) -> None:
    hand_in(ret, cast)
    client.force_login(cast.office.user)
    assert "审核：示例第一小学" in client.get(reverse("returns:return", args=[ret.pk]), follow=True).content.decode()
    refused = client.post(reverse("returns:review", args=[ret.pk]), {"base_version": ret.version})
    assert refused.status_code == 422 and "请勾选要退回的项目" in refused.content.decode()
    post(client, "review", ret.pk, base_version=ret.version, cell=["students_primary"], words="与学籍系统不符")
    ret.refresh_from_db()
    assert ret.state == "returned" and Message.objects.filter(kind="returns.returned").exists()
    client.force_login(cast.head.user)
    html = client.get(reverse("returns:return", args=[ret.pk]), follow=True).content.decode()
    assert "退回更正：只看退回的 1 项" in html and "与学籍系统不符" in html and 'name="area_teaching_aux"' not in html
    post(client, "back", ret.pk, students_primary="1199", base_students_primary="1", go="check")
    ret.refresh_from_db()
    post(client, "confirm", ret.pk, base_version=ret.version, submit="1")
    client.force_login(cast.office.user)
    assert "，已改" in page(client, "review", ret.pk)
    ret.refresh_from_db()
    post(client, "approve", ret.pk, base_version=ret.version)
    ret.refresh_from_db()
    assert ret.state == "approved" and ret.approved_name == cast.office.actor.name


def test_the_office_prepares_a_campaign_sees_what_is_missing_and_opens_it(client: Client, cast: Cast) -> None:
    client.force_login(cast.office.user)
    new = {
        "form": "school-return",
        "title": "2024年填报（示例）",
        "period": "2024",
        "period_label": "2024年9月1日",
        "census_on": "2024-04-01",
        "opens_on": "2024-04-10",
        "due_on": "2024-04-20",
        "main_source": "typed",
        "stages": ["primary", "junior"],
    }
    html = post(client, "new", **new).content.decode()
    assert "填报单位 2 个" in html and "还没有发给任何单位" in html and "发起填报" in html
    made = Campaign.objects.get()
    client.force_login(cast.head.user)
    assert "2024年填报" not in page(client, "mine")
    client.force_login(cast.office.user)
    post(client, "open", made.pk, base_version=made.version)
    ret = made.returns.get(unit=cast.school)
    assert ret.cells.get(code="school_type").raw == "小学" and ret.cells.get(code="school_type").source == "prefill"
    assert ret.asked > 50
    client.force_login(cast.head.user)
    assert "2024年填报" in page(client, "mine")
    twice = Client()
    twice.force_login(cast.office.user)
    assert "一期只有一个数" in post(twice, "new", **new).content.decode()


def test_a_lock_names_what_is_not_approved_and_wants_a_reason(
    client: Client, cast: Cast, ret: Return, campaign: Campaign
) -> None:
    client.force_login(cast.office.user)
    assert "示例第一小学（未填）" in page(client, "lock", campaign.pk)
    refused = client.post(reverse("returns:lock", args=[campaign.pk]), {"base_version": campaign.version})
    assert refused.status_code == 422 and "还没有审核通过" in refused.content.decode()
    post(client, "lock", campaign.pk, base_version=campaign.version, reason="报市截止")
    ret.refresh_from_db()
    assert ret.is_locked
    assert "报市截止" in page(client, "campaign", campaign.pk)
    client.force_login(cast.head.user)
    assert client.post(reverse("returns:fill", args=[ret.pk, 2]), {"students_primary": "1"}).status_code == 422
    client.force_login(cast.office.user)
    post(client, "reopen", ret.pk, base_version=ret.version, reason="漏报一个班")
    ret.refresh_from_db()
    assert (ret.is_locked, ret.state, ret.reopen_reason) == (False, "returned", "漏报一个班")
    hand_in(ret, cast)
    services.approve_return(ret=ret, base_version=ret.version, by=cast.office.actor, now=NOW)
    assert ret.is_locked


def test_a_school_fills_in_the_sheet_looks_at_it_and_takes_it_in(client: Client, cast: Cast, ret: Return) -> None:
    fill(ret, cast, students_primary="12")
    client.force_login(cast.head.user)
    answer = client.get(reverse("returns:template", args=[ret.pk]))
    rows = (
        CalamineWorkbook.from_filelike(io.BytesIO(b"".join(answer.streaming_content))).get_sheet_by_index(0).to_python()
    )
    new = {"students_primary": 13, "students_junior": 3.7, "area_teaching_aux": 9215.5}
    made = io.BytesIO()
    with xlsxwriter.Workbook(made) as book:
        sheet = book.add_worksheet("填报")
        for at, row in enumerate(rows):
            if row[6:7] == ["students_primary"]:
                assert row[4] == 12
            sheet.write_row(
                at, 0, [new.get(row[6], value) if to == 4 and len(row) > 6 else value for to, value in enumerate(row)]
            )
    made.seek(0)
    made.name = "填好.xlsx"
    shown = post(client, "sheet", ret.pk, sheet=made).content.decode()
    assert "变更 1" in shown and "应当是整数" in shown
    assert ret.cells.get(code="students_primary").raw == "12"
    upload = ret.campaign.uploads.get()
    post(client, "sheet_preview", ret.pk, upload.pk)
    assert ret.cells.get(code="students_primary").value == "13"
    reading = Reading.objects.get(code="area_teaching_aux")
    assert (reading.source, reading.upload, reading.value) == (
        "workbook",
        upload,
        "9215.5",
    ) and reading.place.startswith("E")
    assert "填好.xlsx" in page(client, "cell", ret.pk, "area_teaching_aux")
    assert client.post(reverse("returns:sheet_preview", args=[ret.pk, upload.pk])).status_code == 422


def test_a_note_calls_indicators_by_name() -> None:
    assert library.by_name("用于 R5") == "用于“生均体育运动场馆面积”"
    assert library.by_name("用于 Q4、G6").startswith("用于“") and "G6" not in library.by_name("用于 Q4、G6")
    assert library.by_name("按 ZZ9 填") == "按 ZZ9 填"


@pytest.fixture
def coded(campaign: Campaign, cast: Cast) -> Return:
    """A return of a form that asks for the school's code."""
    first = "      - {code: school_name,"
    said = "      - {code: school_code, label: 学校代码, kind: text, required: false, evidence: DESIGN}\n"
    campaign.form_text = campaign.form_text.replace(first, said + first)
    campaign.save()
    return campaign.returns.get(unit=cast.school)


def test_a_sheet_handed_back_untouched_changes_nothing_also_where_the_register_has_another_code(
    client: Client, cast: Cast, coded: Return
) -> None:
    fill(coded, cast, school_code="9964012202", school_name="示例二小")
    client.force_login(cast.head.user)
    made = io.BytesIO(b"".join(client.get(reverse("returns:template", args=[coded.pk])).streaming_content))
    rows = {
        row[6]: row[4] for row in CalamineWorkbook.from_filelike(made).get_sheet_by_index(0).to_python()[3:] if row[6:]
    }
    assert (rows["school_code"], rows["school_name"]) == ("9964012202", "示例二小")
    made.seek(0)
    made.name = "原样.xlsx"
    assert "变更 0" in post(client, "sheet", coded.pk, sheet=made).content.decode()


def test_the_code_of_the_register_names_the_unit_and_replaces_none_that_stands(
    client: Client, cast: Cast, coded: Return
) -> None:
    fill(coded, cast, school_code="9964012202")
    client.force_login(cast.head.user)
    look = checking.look(coded)
    for code, said in ((coded.unit.code, "变更 0"), ("9964012299", "不是本单位的 9964012202")):
        unit = templates.Unit(code, "甲", {"students_primary": Value(13)})
        made = io.BytesIO(templates.sheet_of(look.form, unit, asked=look.asked))
        made.name = "填好.xlsx"
        answer = client.post(reverse("returns:sheet", args=[coded.pk]), {"sheet": made}, follow=True)
        assert said in answer.content.decode()


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 broken", b"no table here", "学校,人数\n甲,1\n".encode()])
def test_what_is_no_sheet_of_this_form_is_refused_in_words_and_nothing_is_written(
    client: Client, cast: Cast, ret: Return, content: bytes
) -> None:
    client.force_login(cast.head.user)
    made = io.BytesIO(content)
    made.name = "坏.xlsx"
    answer = client.post(reverse("returns:sheet", args=[ret.pk]), {"sheet": made})
    assert answer.status_code == 422 and not Reading.objects.exists() and not ret.campaign.uploads.exists()


def test_the_office_records_a_signature_on_paper_with_its_picture(client: Client, cast: Cast, ret: Return) -> None:
    fill(ret, cast)
    client.force_login(cast.staff.user)
    picture = io.BytesIO(b"\x89PNG\r\n\x1a\n" + b"\0" * 64)
    picture.name = "签字.png"
    data = {"base_version": ret.version, "signed_by": "丙（示例）", "occurred_on": "2024-04-09"}
    assert client.post(reverse("returns:paper", args=[ret.pk]), data).status_code == 422
    post(client, "paper", ret.pk, **data, evidence=picture)
    ret.refresh_from_db()
    assert (ret.state, ret.confirmed_how, ret.confirmed_name) == ("submitted", "paper", "丙（示例）")


def test_a_county_edits_a_form_and_a_mistake_is_told_with_its_line(client: Client, cast: Cast) -> None:
    client.force_login(cast.office.user)
    assert "学校名称" in page(client, "form", "school-return")
    text = services.campaigns.queries.in_force(cast.office.actor, "school-return").text
    wrong = text.replace("kind: text", "kind: txet", 1)
    answer = client.post(
        reverse("returns:form_edit", args=["school-return"]), {"text": wrong, "note": "试", "base_version": "0"}
    )
    assert answer.status_code == 422 and "行" in answer.content.decode() and "txet" in answer.content.decode()
    other = text.replace("label: 学校名称", "label: 学校全称", 1)
    post(client, "form_edit", "school-return", text=other, note="改名称", base_version="0")
    assert CountyForm.objects.get().number == 1
    assert "学校全称" in page(client, "form", "school-return") and "本县第 1 版" in page(client, "form_list")
    seen = post(client, "form_edit", "school-return", text=text, base_version="1", preview="1").content.decode()
    assert "这是预览，还没有存" in seen and "修改“学校名称”" in seen and CountyForm.objects.count() == 1
    again = post(client, "form_edit", "school-return", text=text, base_version="1", again="1").content.decode()
    assert "label: 学校名称" in again and CountyForm.objects.count() == 1
    late = client.post(
        reverse("returns:form_edit", args=["school-return"]), {"text": text, "note": "晚", "base_version": "0"}
    )
    assert late.status_code == 409


def test_the_history_of_a_cell_says_who_when_and_from_where(client: Client, cast: Cast, ret: Return) -> None:
    fill(ret, cast, students_primary="12")
    fill(ret, cast, students_primary="13")
    client.force_login(cast.head.user)
    html = page(client, "cell", ret.pk, "students_primary")
    assert "2 次" in html and cast.head.actor.name in html and "学校填写" in html
    assert client.get(reverse("returns:cell", args=[ret.pk, "nothing"])).status_code == 404


def test_a_reminder_names_who_has_not_handed_in_and_waits_for_a_person(
    client: Client, cast: Cast, ret: Return, campaign: Campaign
) -> None:
    hand_in(ret, cast)
    client.force_login(cast.office.user)
    post(client, "remind", campaign.pk)
    made = Message.objects.get(kind="returns.remind")
    assert made.state == "prepared" and "示例第二中学" in made.text and "示例第一小学" not in made.text


def test_ones_own_units_return_is_approved_by_somebody_else(client: Client, cast: Cast, campaign: Campaign) -> None:
    own = Return.objects.create(county="640122", campaign=campaign, unit_id=cast.office.actor.unit, state="submitted")
    client.force_login(cast.office.user)
    assert "现在不能审核" in page(client, "review", own.pk)
    assert client.post(reverse("returns:approve", args=[own.pk]), {"base_version": own.version}).status_code == 422


@pytest.mark.parametrize("name", ["campaign", "list"])
def test_lists_take_the_same_statements_however_many_schools(
    client: Client, cast: Cast, campaign: Campaign, name: str
) -> None:
    client.force_login(cast.office.user)
    args = [campaign.pk] if name == "campaign" else []

    def count() -> int:
        with CaptureQueriesContext(
            connection,
        ) as found:
            assert client.get(reverse(f"returns:{name}", args=args)).status_code == 200
        return len(found)

    count()
    before = count()
    for number in range(6):
        unit = places.open_unit(
            code=f"21640010{number:02}",
            name=f"示例村小{number}",
            kind="school",
            valid_from=date(2023, 9, 1),
            by=cast.office.actor,
            now=NOW,
        )
        Return.objects.create(county="640122", campaign=campaign, unit=unit)
    assert count() == before


def test_the_workbench_tells_a_school_what_to_fill_in_and_the_office_what_to_review(
    client: Client, cast: Cast, ret: Return
) -> None:
    client.force_login(cast.head.user)
    assert "数据填报" in client.get("/").content.decode()
    hand_in(ret, cast)
    assert "数据填报" not in client.get("/").content.decode()
    client.force_login(cast.office.user)
    home = client.get("/").content.decode()
    assert "待审核" in home and "示例第二中学" not in home

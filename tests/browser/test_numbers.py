"""One number from the platform's export to the printed report, as an office, two schools and two checkers handle it."""

import threading
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from docx import Document
from playwright.sync_api import Page, expect

from dudao.indicators.queries import results
from dudao.jobs import runner
from dudao.papers import services as papers
from dudao.recognition.models import Report, Snapshot
from dudao.returns import library
from dudao.returns import services as returns
from dudao.returns.models import Campaign, Cell, Correction, Profile, Return, SchoolCheck, Upload
from dudao.returns.services import site_rounds
from dudao.returns.services.site_rounds import Group, Turn
from dudao.shell import clock
from dudao.shell.acts import system
from dudao_engines.standards.model import Record
from tests.browser.conftest import PHONE, WIDE
from tests.cast import Cast, Player, player
from tests.engines.standards import counties

WORDS = {True: "是", False: "否"}


@pytest.fixture(autouse=True)
def september(settings: Any) -> None:
    settings.DEMO_TODAY = date(2024, 9, 12)


def typed(record: Record, form: str) -> dict[str, str]:
    """A record of the made-up county as it would be typed."""
    known = library.forms()[form]
    cells = {code: cell.value for code, cell in record.cells.items() if known.get(code) and cell.value is not None}
    return {code: WORDS[one] if isinstance(one, bool) else str(one) for code, one in cells.items()}


def campaign(form: str, cast: Cast, units: list[Any]) -> Campaign:
    """An open campaign that calls the units."""
    days = {"census_on": date(2024, 9, 1), "opens_on": date(2024, 9, 1), "due_on": date(2024, 9, 20)}
    made = returns.prepare_campaign(
        form=form, title=f"{library.forms()[form].name}（示例）", period="2024", period_label="2024年9月1日", **days,
        main_source="platform", units=[one.pk for one in units], by=cast.office.actor, now=clock.now(),
    )  # fmt: skip
    returns.open_campaign(campaign=made, base_version=made.version, by=cast.office.actor, now=clock.now())
    return made


def export(path: Path, schools: list[tuple[str, str, Mapping[str, str]]]) -> Path:
    """What the platform gives out: a title above the heads, the columns in its own order, one under a name of its own."""
    form = library.forms()["school-return"]
    codes = [code for code in schools[0][2] if code not in ("school_name", "school_code")][::-1]
    heads = ["骨干老师（含县级）" if code == "teachers_backbone" else form.field(code).label for code in codes]
    book = xlsxwriter.Workbook(path)
    sheet = book.add_worksheet("学校")
    sheet.write(0, 0, "自治区教育督导平台导出（示例）")
    sheet.write_row(1, 0, [*heads[:5], "学校名称", *heads[5:], "学校标识码"])
    for at, (code, name, values) in enumerate(schools, 2):
        line = [values[one] for one in codes]
        sheet.write_row(at, 0, [*line[:5], name, *line[5:], code])
    book.close()
    return path


def work_off() -> None:
    while job := runner.claim():
        runner.do(job, threading.Event())


def test_a_number_from_the_platforms_export_to_the_printed_report(
    page: Page, live_server: Any, cast: Cast, sign_in: Callable[[Any], None], axe: Callable[[Page], list[str]],
    overflow: Callable[[Page], int], faults: list[str], tmp_path: Path,
) -> None:  # fmt: skip
    def go(who: Player, path: str) -> None:
        sign_in(who.user)
        page.goto(live_server.url + path)

    def good() -> None:
        # At the top: what lies half under the bar is not what a page is judged by.
        page.evaluate("scrollTo({top: 0, behavior: 'instant'})")
        assert axe(page) == [] and overflow(page) <= 0, page.url

    def bring(rows: list[tuple[str, str, Mapping[str, str]]], name: str) -> Upload:
        """Hand in a table; the page with its columns follows."""
        go(cast.office, f"/returns/imports/for/{schools.pk}/")
        page.get_by_label("文件").set_input_files(export(tmp_path / name, rows))
        if Profile.objects.exists():
            page.locator("#id_profile").select_option(str(Profile.objects.get().pk))
        page.get_by_role("button", name="上传，对应各列").click()
        return Upload.objects.order_by("made_at", "pk").last()

    page.set_viewport_size(WIDE)  # type: ignore[arg-type]
    schools = campaign("school-return", cast, [cast.school, cast.school_2])
    county = campaign("county-return", cast, [cast.bureau])
    whole = county.returns.select_related("campaign").get()
    returns.set_cells(
        ret=whole, values=typed(counties.county(), "county-return"), source="platform", by=cast.office.actor, now=clock.now()
    )  # fmt: skip
    first = typed(counties.school("P", primary=400, teachers_backbone=4), "school-return")
    second = typed(counties.school("J", "初中", junior=400), "school-return")
    first["network_multimedia_rooms"] = "40"
    rows = [(cast.school.code, "示例第一小学", first), (cast.school_2.code, "示例第二中学", second)]

    # The office brings the export in. One column has a name of the platform's own: it is mapped, and the mapping kept.
    upload = bring(rows, "平台导出.xlsx")
    strange = page.get_by_label("骨干老师（含县级）", exact=True)
    strange.select_option("teachers_backbone")
    page.get_by_label("保存为方案").fill("自治区督导平台")
    good()
    page.get_by_role("button", name="逐格核对").click()
    expect(page.get_by_text("还没有写入")).to_be_visible()
    good()
    assert not Cell.objects.filter(ret__campaign=schools, source="platform").exists()
    page.get_by_role("button", name="确认导入 2 个单位").click()
    expect(page.get_by_text("已导入").first).to_be_visible()
    upload.refresh_from_db()
    assert upload.state == "applied" and Profile.objects.get().name == "自治区督导平台"

    # The school finds a number of the platform wrong and says its own; the office asks it to correct the platform.
    ret = schools.returns.get(unit=cast.school)
    sections = library.forms()["school-return"].sections
    at = next(n for n, one in enumerate(sections, 1) if any(f.code == "network_multimedia_rooms" for f in one.fields))
    go(cast.head, f"/returns/{ret.pk}/fill/{at}/")
    field = page.locator('[name="network_multimedia_rooms"]')
    expect(field).to_have_value("40")
    field.fill("38")
    page.get_by_role("button", name="保存", exact=True).click()
    page.wait_for_load_state()
    assert Cell.objects.get(ret=ret, code="network_multimedia_rooms").value == "38"
    go(cast.office, f"/returns/imports/corrections/{schools.pk}/")
    page.get_by_role("button", name="列入已核实的").click()
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    go(cast.head, f"/returns/imports/corrections/{schools.pk}/of/{cast.school.pk}/")
    line = page.get_by_role("row").filter(has_text="38")
    expect(line).to_contain_text("40")
    good()
    page.set_viewport_size(WIDE)  # type: ignore[arg-type]

    # The platform is corrected and exported anew, with one number of the other school changed: that is all the preview shows.
    more = [(rows[0][0], rows[0][1], {**first, "network_multimedia_rooms": "38"}),
            (rows[1][0], rows[1][1], {**second, "teachers_backbone": "9"})]  # fmt: skip
    bring(more, "平台导出2.xlsx")
    expect(page.get_by_label("骨干老师（含县级）", exact=True)).to_have_value("teachers_backbone")
    page.get_by_role("button", name="逐格核对").click()
    page.get_by_role("link", name="变更").click()
    changed = page.get_by_role("table").get_by_role("row").filter(has_text="骨干")
    expect(changed).to_contain_text("示例第二中学")
    expect(page.get_by_role("table").get_by_role("row")).to_have_count(2)
    page.get_by_role("button", name="确认导入 2 个单位").click()
    expect(page.get_by_text("已导入").first).to_be_visible()
    assert Correction.objects.get().state == "done"

    # At the school: one teacher's title has run out. The checker says so on the phone.
    checkers = [player(name, "inspector", cast.office.appointment.unit) for name in ("癸", "子")]
    now, office = clock.now(), cast.office.actor
    row = site_rounds.plan_round(
        campaign=schools, title="九月实地核查（示例）", begin_on=date(2024, 9, 12), end_on=date(2024, 9, 13), scope="chosen",
        codes=["teachers_backbone"], units=[cast.school.pk], occurred_on=date(2024, 9, 10), by=office, now=now,
    )  # fmt: skip
    persons = tuple(one.person.pk for one in checkers)
    site_rounds.set_groups(row=row, groups=[Group("第一组", persons)], base_version=row.version, by=office, now=now)
    check = row.schools.get()
    turn = {check.pk: Turn(row.groups.get().pk, date(2024, 9, 12))}
    site_rounds.arrange(row=row, turns=turn, base_version=row.version, by=office, now=now)
    site_rounds.start_round(row=row, base_version=row.version, by=office, now=now)
    marks = {(cast.school.pk, "teachers_backbone"): "少 1 人，“每百名学生拥有骨干教师数”由达标变为不达标"}
    site_rounds.mark_priority(campaign=schools, asker="balanced-2017", marks=marks, by=system("640122"), now=now)
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    go(checkers[0], "/returns/site/mine/")
    page.get_by_role("link", name="示例第一小学").click()
    page.locator("#teachers_backbone").get_by_role("link", name="不符、核不了").click()
    page.locator(".dd-tri label", has_text="不符").click()
    page.get_by_label("核查值（人）").fill("3")
    page.locator("#id_proof").select_option("certificate")
    page.locator("#id_cause").select_option("title-over")
    page.get_by_role("button", name="保存", exact=True).click()
    page.wait_for_load_state()
    for who in checkers:
        go(who, f"/returns/site/school/{check.pk}/")
        page.get_by_role("link", name="核查人签字").click()
        page.get_by_label("以上记录是我在学校核查所得").check()
        page.get_by_role("button", name="签字").click()
        page.wait_for_load_state()
    go(cast.head, f"/returns/site/school/{check.pk}/")
    page.get_by_role("link", name="校（园）长签字").click()
    page.get_by_label("意见").select_option(label="核查情况属实，同意")
    page.get_by_role("button", name="签字").click()
    page.wait_for_load_state()
    go(cast.office, f"/returns/site/school/{check.pk}/")
    page.get_by_role("link", name="采用核查结果").click()
    page.get_by_role("button", name="采用", exact=True).click()
    page.wait_for_load_state()
    assert SchoolCheck.objects.get(pk=check.pk).state == "settled"

    # Reported and adopted stand side by side: exactly the one verdict of the school has turned.
    page.set_viewport_size(WIDE)  # type: ignore[arg-type]
    go(cast.office, "/indicators/?standard=balanced-2017&period=2024")
    turned = page.get_by_role("region", name="核查后判定有变的")
    of_school = turned.get_by_role("row").filter(has_text="示例第一小学")
    expect(of_school.filter(has_text="骨干教师")).to_contain_text("1.00")
    expect(of_school.filter(has_text="骨干教师")).to_contain_text("0.75")
    good()
    of_school.filter(has_text="骨干教师").get_by_role("link").click()
    page.locator("#open a").filter(has_text="分子").click()
    page.locator("#open a").filter(has_text="骨干教师").last.click()
    expect(page.locator("#open")).to_contain_text("核查采用")
    good()

    # The report: a snapshot, a draft, and it stops because nothing is locked; it says which tables.
    go(cast.staff, "/recognition/")
    page.locator('form[action="/recognition/snapshots/balanced-2017/2024/make/"] button').first.click()
    page.wait_for_load_state()
    work_off()
    snapshot = Snapshot.objects.get()
    go(cast.staff, f"/recognition/snapshots/{snapshot.pk}/")
    expect(page.get_by_text("3 张表没有锁定")).to_be_visible()
    page.get_by_role("link", name="起草").click()
    page.locator("main form [type=submit].btn-primary").click()
    page.wait_for_load_state()
    report = Report.objects.get()
    go(cast.staff, f"/recognition/reports/{report.pk}/")
    stop = page.get_by_role("alert").filter(has_text="现在不能定稿")
    expect(stop).to_contain_text("示例第二中学")
    good()
    # What cannot be done is text with what is missing, not a button.
    expect(page.get_by_text("定稿送签：先解决下列")).to_be_visible()
    expect(page.get_by_role("link", name="定稿送签")).to_have_count(0)
    report.refresh_from_db()
    assert report.state == "draft"

    # All is confirmed and approved (tests/returns walks that way); then the office locks both tables on their pages.
    Return.objects.update(state="approved")
    for one in (schools, county):
        go(cast.office, f"/returns/campaigns/{one.pk}/lock/")
        page.locator("main form [type=submit]").first.click()
        page.wait_for_load_state()
        one.refresh_from_db()
        assert one.state == "locked"
    go(cast.staff, f"/recognition/reports/{report.pk}/")
    expect(page.get_by_text("现在不能定稿")).to_have_count(0)
    page.get_by_role("link", name="定稿送签").click()
    page.locator("main form [type=submit].btn-primary").click()
    page.wait_for_load_state()
    papers.add_code(code="贺政教督发", organ="贺兰县人民政府教育督导室", numbered_by="here", by=office, now=now)
    go(cast.office, f"/recognition/reports/{report.pk}/issue/")
    page.locator("#id_code").select_option("贺政教督发")
    if page.locator("#id_despite_warnings").count():
        page.locator("#id_despite_warnings").check()
    page.locator("main form [type=submit].btn-primary").click()
    page.wait_for_load_state()
    report.refresh_from_db()
    assert report.state == "issued"
    good()
    with page.expect_download() as got:
        page.get_by_role("link", name="印发文件").click()
    words = text_of(Path(got.value.path()))
    assert "优质均衡发展核心指标自查报告" in words.replace("\n", "") and "征求意见稿" not in words
    whole_county = results.computed(office, "balanced-2017", "2024", "adopted", on=clock.today()).results
    for part in ("CV2",):
        shown = next(one.shown for one in whole_county.each(part))
        assert shown in words
    assert "示例第一小学" in words


def text_of(path: Path) -> str:
    """Every word of a .docx: paragraphs, tables and headers."""
    book = Document(str(path))
    found = [one.text for one in book.paragraphs]
    found += [cell.text for table in book.tables for row in table.rows for cell in row.cells]
    found += [one.text for section in book.sections for one in section.header.paragraphs]
    return "\n".join(found)

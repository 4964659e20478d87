"""Tables of the platform, of the statistics and of the county: looked at, written, undone; nothing half, nothing of a school overwritten."""

import io
from datetime import timedelta
from typing import Any

import pytest
import xlsxwriter

from dudao.audit.models import AuditEvent
from dudao.returns import checking, queries, services
from dudao.returns.models import Campaign, Correction, Profile, Reading, Return, Upload
from dudao.returns.queries import imports as read
from dudao.returns.services import corrections, imports
from dudao.shell.errors import Conflict, Refused
from dudao_engines.standards import mapping
from tests.cast import NOW, Cast

HEADS = ["学校标识码", "学校名称", "小学学生人数", "教学及辅助用房面积（平方米）", "是否寄宿制"]
FIRST = ["2164000001", "示例第一小学", 420, 3100.5, "否"]


def table(*lines: list[Any], heads: list[str] | None = None) -> bytes:
    made = io.BytesIO()
    with xlsxwriter.Workbook(made, {"in_memory": True}) as book:
        sheet = book.add_worksheet("学校")
        sheet.write_row(0, 0, heads or HEADS)
        for number, line in enumerate(lines, 1):
            sheet.write_row(number, 0, line)
    return made.getvalue()


def bring(
    cast: Cast, campaign: Campaign, content: bytes, *, source: str = "platform", purpose: str = "report", at: int = 0,
    name: str = "平台导出.xlsx",
) -> Upload:  # fmt: skip
    """Hand in, take the columns as proposed, look at the lines."""
    by, now = cast.office.actor, NOW + timedelta(minutes=at)
    handed = imports.receive(content=content, name=name, form=checking.form_of(campaign), profile=None)
    upload = imports.hand_in(campaign=campaign, handed=handed, source=source, purpose=purpose, by=by, now=now)
    said = mapping.kept(handed.tables[0].mapping)
    imports.name_columns(upload=upload, base_version=upload.version, said=said, by=by, now=now)
    imports.look_at(upload=upload, by=by, now=now)
    return upload


def apply(cast: Cast, upload: Upload, at: int = 1) -> None:
    imports.apply(upload=upload, base_version=upload.version, by=cast.office.actor, now=NOW + timedelta(minutes=at))


def undo(cast: Cast, upload: Upload, at: int = 9) -> None:
    imports.undo(upload=upload, by=cast.office.actor, now=NOW + timedelta(minutes=at))


def value(ret: Return, code: str) -> str:
    cell = ret.cells.filter(code=code).first()
    return cell.value if cell else ""


def test_a_preview_counts_everything_and_writes_nothing(cast: Cast, campaign: Campaign) -> None:
    upload = bring(cast, campaign, table(FIRST, ["2164000099", "平罗某小学", 1, 1, "否"]))
    assert upload.state == "previewed"
    assert (upload.counts["new"], upload.counts["refused_rows"], upload.counts["rows"]) == (4, 1, 2)
    assert not Reading.objects.exists()
    found = read.preview(cast.office.actor, upload)
    assert "名册里没有" in found.refused[0].line.why and found.refused[0].line.row == 3
    assert len(found.absent) == 1


def test_confirmed_it_writes_cells_with_sheet_and_address_and_undone_all_is_as_before(
    cast: Cast, campaign: Campaign, ret: Return
) -> None:
    first = bring(cast, campaign, table(FIRST))
    apply(cast, first)
    again = bring(cast, campaign, table(["2164000001", "示例第一小学", 418, 3100.5, "否"]), at=2)
    assert (again.counts["changed"], again.counts["same"], again.counts["new"]) == (1, 3, 0)
    [(_, item, cell)] = read.preview(cast.office.actor, again).cells("changed")
    assert (item.code, cell.before, cell.value, cell.place) == ("students_primary", "420", "418", "C2")
    apply(cast, again, at=3)
    assert value(ret, "students_primary") == "418"
    reading = Reading.objects.filter(code="students_primary").last()
    assert (reading.sheet, reading.place, reading.upload_id, reading.source) == ("学校", "C2", again.pk, "platform")
    undo(cast, again)
    assert value(ret, "students_primary") == "420"
    undo(cast, first, at=10)
    assert not ret.cells.filter(source="platform").exists()
    assert AuditEvent.objects.filter(action="import.undone").count() == 2


def test_what_a_school_typed_itself_is_kept_and_stands_in_the_comparison(
    cast: Cast, campaign: Campaign, ret: Return
) -> None:
    services.set_cells(ret=ret, values={"students_primary": "418"}, source="typed", by=cast.head.actor, now=NOW)
    upload = bring(cast, campaign, table(FIRST))
    assert upload.counts["kept"] == 1
    apply(cast, upload)
    assert value(ret, "students_primary") == "418"
    side = next(one for one in read.compare(cast.office.actor, campaign) if one.field.code == "students_primary")
    assert (side.values["reported"], side.values["platform"], side.differs) == ("418", "420", True)
    assert side.proposal == ("418", "学校核对后更正")


def test_statistics_are_only_compared_and_go_beside_a_locked_return(
    cast: Cast, campaign: Campaign, ret: Return
) -> None:
    Return.objects.filter(pk=ret.pk).update(is_locked=True)
    refused = bring(cast, campaign, table(FIRST))
    assert refused.counts["units"] == 0
    upload = bring(cast, campaign, table(FIRST), source="statistics", purpose="compare")
    apply(cast, upload)
    assert value(ret, "students_primary") == "" and Reading.objects.filter(source="statistics").count() == 4
    undo(cast, upload)
    assert not [one for one in read.compare(cast.office.actor, campaign) if one.values.get("statistics")]


def test_the_list_of_corrections_is_done_when_the_platform_shows_the_right_value(
    cast: Cast, campaign: Campaign, ret: Return
) -> None:
    apply(cast, bring(cast, campaign, table(FIRST)))
    services.set_cells(ret=ret, values={"students_primary": "418"}, source="typed", by=cast.head.actor, now=NOW)
    by = cast.office.actor
    assert corrections.propose_corrections(campaign=campaign, by=by, now=NOW) == 1
    assert corrections.propose_corrections(campaign=campaign, by=by, now=NOW) == 0
    [mine] = read.asks(cast.head.actor, campaign)
    assert "小学学生人数：平台上是 420，应为 418人（学校核对后更正）" in mine.text(campaign)
    assert read.asks(cast.head_2.actor, campaign) == []
    half = bring(cast, campaign, table(["2164000001", "示例第一小学", 419, 1, "否"]), at=2)
    apply(cast, half)
    assert Correction.objects.get().state == "open"
    fixed = bring(cast, campaign, table(["2164000001", "示例第一小学", 418, 1, "否"]), at=4)
    apply(cast, fixed)
    assert (Correction.objects.get().state, Correction.objects.get().seen_in) == ("done", fixed)
    undo(cast, fixed)
    assert Correction.objects.get().state == "open"


def test_a_correction_wants_a_value_that_is_one_and_a_reason(cast: Cast, campaign: Campaign, ret: Return) -> None:
    apply(cast, bring(cast, campaign, table(FIRST)))
    ask = {"campaign": campaign, "unit": ret.unit_id, "code": "students_primary", "by": cast.office.actor, "now": NOW}
    for right, why, code in (("3.7", "x", "value"), ("420", "x", "value"), ("418", " ", "why")):
        with pytest.raises(Refused) as refusal:
            corrections.ask_correction(**ask, right=right, why=why)
        assert refusal.value.code == f"corrections.{code}"
    corrections.ask_correction(**ask, right="418", why="花名册")
    with pytest.raises(Conflict):
        corrections.ask_correction(**ask, right="417", why="花名册")


def test_a_cell_changed_after_the_look_stops_the_whole_import(cast: Cast, campaign: Campaign, ret: Return) -> None:
    upload = bring(cast, campaign, table(FIRST, ["3164000002", "示例第二中学", 5, 5, "否"]))
    services.set_cells(ret=ret, values={"students_primary": "1"}, source="typed", by=cast.head.actor, now=NOW)
    with pytest.raises(Conflict) as refusal:
        apply(cast, upload)
    assert refusal.value.code == "imports.moved"
    assert not Reading.objects.filter(source="platform").exists()
    upload.refresh_from_db()
    assert upload.state == "previewed"


def test_an_undo_is_refused_where_somebody_built_on_it(cast: Cast, campaign: Campaign, ret: Return) -> None:
    upload = bring(cast, campaign, table(FIRST))
    apply(cast, upload)
    services.set_cells(ret=ret, values={"students_primary": "7"}, source="typed", by=cast.head.actor, now=NOW)
    with pytest.raises(Refused) as refusal:
        undo(cast, upload)
    assert refusal.value.code == "imports.built_on"
    upload.refresh_from_db()
    assert upload.state == "applied" and value(ret, "area_teaching_aux") == "3100.5"


def test_of_two_clicks_one_writes(cast: Cast, campaign: Campaign) -> None:
    upload = bring(cast, campaign, table(FIRST))
    version = upload.version
    apply(cast, upload)
    with pytest.raises(Refused):
        imports.apply(upload=upload, base_version=version, by=cast.office.actor, now=NOW)
    assert Reading.objects.count() == 4


def test_another_countys_file_is_refused_whole(cast: Cast, campaign: Campaign) -> None:
    with pytest.raises(Refused) as refusal:
        bring(cast, campaign, table(["3999000001", "平罗一小", 1, 1, "否"], ["3999000002", "平罗二小", 1, 1, "否"]))
    assert refusal.value.code == "imports.strangers" and "别的县" in refusal.value.message
    with pytest.raises(Refused) as refusal:
        bring(
            cast,
            campaign,
            table(["2164000001", "示例第一小学", 1, "平罗县"], heads=["学校标识码", "学校名称", "小学学生人数", "县"]),
        )
    assert refusal.value.code in ("imports.strangers", "imports.no_table")


def test_lines_go_to_units_by_code_then_by_whole_name_and_never_by_half(cast: Cast, campaign: Campaign) -> None:
    upload = bring(
        cast,
        campaign,
        table(
            ["", "示例第一小学", 1, 1, "否"], ["3164000002", "示例第一小学", 2, 2, "否"], ["", "第一小学", 3, 3, "否"]
        ),
    )
    found = [one.line.why for one in read.preview(cast.office.actor, upload).lines]
    assert found[0] == "" and "名称写的是" in found[1] and "名册里没有" in found[2]


def test_cells_that_cannot_be_read_are_refused_alone_and_empty_ones_change_nothing(
    cast: Cast, campaign: Campaign, ret: Return
) -> None:
    apply(cast, bring(cast, campaign, table(FIRST)))
    upload = bring(cast, campaign, table(["2164000001", "示例第一小学", "", "N/A", "是"]), at=2)
    assert (upload.counts["refused"], upload.counts["changed"]) == (1, 1)
    [(_, item, cell)] = read.preview(cast.office.actor, upload).cells("refused")
    assert (item.code, cell.place, cell.raw) == ("area_teaching_aux", "D2", "N/A") and cell.why
    apply(cast, upload, at=3)
    assert (value(ret, "students_primary"), value(ret, "area_teaching_aux"), value(ret, "boarding")) == (
        "420",
        "3100.5",
        "true",
    )


def test_a_profile_is_kept_by_name_in_versions_and_maps_next_years_file(cast: Cast, campaign: Campaign) -> None:
    by = cast.office.actor
    form = checking.form_of(campaign)
    odd = table(["2164000001", "示例第一小学", 30], heads=["学校标识码", "学校名称", "小学学生人数"])
    handed = imports.receive(content=odd, name="a.xlsx", form=form, profile=None)
    upload = imports.hand_in(campaign=campaign, handed=handed, source="platform", purpose="report", by=by, now=NOW)
    said = mapping.kept(handed.tables[0].mapping)
    for _ in range(2):
        imports.name_columns(
            upload=upload, base_version=upload.version, said=said, keep_as="自治区督导平台", by=by, now=NOW
        )
    assert Profile.objects.get().number == 1
    less = said.model_copy(update={"name": ""})
    imports.name_columns(
        upload=upload, base_version=upload.version, said=less, keep_as="自治区督导平台", by=by, now=NOW
    )
    [newest] = read.profiles_visible_to(by, form=campaign.form)
    assert newest.number == 2 and read.profiles_visible_to(cast.foreign_office.actor, form=campaign.form) == []
    moved = table([30, "示例第一小学", "2164000001"], heads=["小学学生人数", "学校名称", "学校标识码"])
    again = imports.receive(content=moved, name="b.xlsx", form=form, profile=newest)
    assert again.tables[0].mapping.code_at == 2


@pytest.mark.parametrize("name", ["数据.csv", "数据.xls", "数据.et"])
def test_a_text_file_is_taken_whatever_its_ending_says(cast: Cast, campaign: Campaign, ret: Return, name: str) -> None:
    content = ("学校标识码,学校名称,小学学生人数,是否寄宿制\r\n2164000001,示例第一小学,420,否\r\n").encode("gb18030")
    apply(cast, bring(cast, campaign, content, name=name))
    assert value(ret, "students_primary") == "420"


def test_only_the_office_of_the_county_imports(cast: Cast, campaign: Campaign) -> None:
    upload = bring(cast, campaign, table(FIRST))
    for actor in (cast.head.actor, cast.foreign.actor):
        with pytest.raises(Refused):
            imports.apply(upload=upload, base_version=upload.version, by=actor, now=NOW)
        assert not read.uploads_visible_to(actor).exists()
    assert not read.uploads_visible_to(cast.foreign_office.actor).exists()
    assert queries.readings_visible_to(cast.office.actor).count() == 0


def test_a_confirmation_of_the_head_is_void_after_an_import_that_changed_something(
    cast: Cast, campaign: Campaign, ret: Return
) -> None:
    Return.objects.filter(pk=ret.pk).update(
        state="confirmed", confirmed_at=NOW, confirmed_how="paper", confirmed_name="示例"
    )
    apply(cast, bring(cast, campaign, table(FIRST)))
    ret.refresh_from_db()
    assert ret.state == "filling" and ret.confirmed_at is None

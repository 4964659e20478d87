"""A register handed in as a table: looked at, confirmed, undone; the bad rows are told at the cell."""

import io
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
import xlsxwriter
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from dudao.accounts.models import Person
from dudao.audit.models import AuditEvent
from dudao.inspectors import lists, queries, services, tables
from dudao.inspectors.models import Inspector, InspectorImport, InspectorImportRow, Term
from dudao.inspectors.services import imports
from dudao.shell.acts import Actor, system
from dudao.shell.errors import Conflict, Refused
from tests.cast import NOW, TODAY, Cast, county_cast, player
from tests.inspectors.stage import ABLE, announced, entered

pytestmark = pytest.mark.django_db
BY = system("640122")
HEADS = ("姓名", "类别", "出生年月", "所在单位", "督学证号", "督学证止", "任期起", "学历", "从教年份")


@pytest.fixture(autouse=True)
def a_day_in_april(settings: Any) -> None:
    settings.DEMO_TODAY = TODAY


@pytest.fixture
def cast() -> Cast:
    return county_cast()


def sheet(*rows: Sequence[Any], heads: Sequence[str] = HEADS) -> bytes:
    made = io.BytesIO()
    with xlsxwriter.Workbook(made, {"default_date_format": "yyyy-mm-dd"}) as book:
        page = book.add_worksheet()
        page.write(0, 0, "2024年督学名册（示例）")
        for number, row in enumerate([heads, *rows], start=1):
            page.write_row(number, 0, row)
    return made.getvalue()


def hand_in(*rows: Sequence[Any], heads: Sequence[str] = HEADS, by: Actor = BY) -> InspectorImport:
    return imports.look_at(rows=tables.read(sheet(*rows, heads=heads)), file_name="名册.xlsx", by=by, now=NOW)


def found(batch: InspectorImport) -> list[tuple[str, dict[str, str]]]:
    return [(row.outcome, row.faults) for row in batch.rows.all()]


def confirm(batch: InspectorImport) -> None:
    imports.confirm(batch=batch, base_version=batch.version, by=BY, now=NOW)


def test_rows_of_a_table_are_new_changed_unchanged_and_only_the_first_two_are_written_on_confirmation(
    cast: Cast,
) -> None:
    known = player("督学癸", "inspector", cast.office.appointment.unit)
    row = entered(known, replace(ABLE, certificate_number="示例1", born="1979-03"))
    same = entered(
        player("督学卯", "inspector", cast.office.appointment.unit, username="mao"), replace(ABLE, born="1980-01")
    )
    batch = hand_in(
        ["督学癸（示例）", "兼职", "1979.3", "", "示例1", date(2025, 5, 1), "", "硕士", "2000年"],
        ["督学卯（示例）", "兼职督学", "", "", "", "", "", "本科", 2000],
        ["督学寅（示例）", "专职督学", "1985年12月", "示例第一小学", "示例3", "2026.8.31", "2023-09-01", "本科", 2008],
    )
    assert [outcome for outcome, _ in found(batch)] == ["changed", "unchanged", "new"], found(batch)
    changed = batch.rows.get(number=3)
    assert changed.old == {"certificate_to": "", "education": "本科"}
    assert Inspector.objects.count() == 2 and not Person.objects.filter(name="督学寅（示例）").exists()
    confirm(batch)
    row.refresh_from_db()
    assert (row.education, row.certificate_to, row.since_year) == ("master", date(2025, 5, 1), 2000)
    same.refresh_from_db()
    assert same.version == 1
    [new] = queries.roster("640122", day=TODAY)
    assert new.name == "督学寅（示例）" and new.work_unit == cast.school.pk and new.is_certified(TODAY)
    assert Inspector.objects.get(pk=new.key).person.is_example
    with pytest.raises(Conflict):
        confirm(InspectorImport.objects.get())


@pytest.mark.parametrize(
    ("row", "column", "says"),
    [
        (["督学子", "兼职", "", "", "", date(2024, 4, 9)], "certificate_to", "督学证已于 2024-04-09 过期"),
        (["督学子", "兼职", "", "", "", "2024-13-01"], "certificate_to", "看不懂“2024-13-01”，日期写成 2024-03-05"),
        (["督学子", "兼职", "七九年"], "born", "写成 1979-03"),
        (["督学子", "兼职", 1979.1], "born", "分不清 1 月和 10 月"),
        (["督学子", "兼职", "", "示例第一学"], "work_unit", "是不是“示例第一小学”"),
        (["督学子", "临时"], "kind", "不认识“临时”，可以写：专职督学、兼职督学"),
        (["督学子", ""], "kind", "没有写类别"),
        (["", "兼职"], "name", "没有写姓名"),
        (["督学子", "兼职", "", "", "示例9"], "certificate_number", "已经登记给督学癸"),
        (["督学癸（示例）", "兼职", "1981-05"], "born", "督学癸（示例）是 1979-03 出生"),
        (["督学子", "兼职", "", "", "", "", "2021-01-01", "本科", 1899], "since_year", "写四位年份"),
        (["督学子", "兼职", "", "", "", "", "2024-03-01", "大专"], "education", "条例第七条"),
        (["督学子", "兼职", "", "", "", "", "2024-03-01", "本科", 2020], "since_year", "从教 4 年，不满 10 年"),
        (["督学子", "兼职", "1990-01", "", "", "", "", "", 2000], "since_year", "对不上"),
    ],
)  # fmt: skip
def test_a_row_that_cannot_be_is_refused_at_its_cell(cast: Cast, row: list[Any], column: str, says: str) -> None:
    known = player("督学癸", "inspector", cast.office.appointment.unit)
    entered(known, replace(ABLE, certificate_number="示例9", born="1979-03"))
    [(outcome, faults)] = found(hand_in(row))
    assert outcome == "refused" and list(faults) == [column] and says in faults[column], faults


def test_people_and_certificates_that_stand_twice_in_a_table_are_refused_in_both_rows(cast: Cast) -> None:
    batch = hand_in(
        ["督学子", "兼职", "1979-03"], ["督学子", "兼职", ""],
        ["督学丑", "兼职", "1979-03", "", "示例7"], ["督学寅", "兼职", "", "", "示例7"],
        ["督学辰", "兼职", "1979-03"], ["督学辰", "兼职", "1985-03"],
    )  # fmt: skip
    assert [outcome for outcome, _ in found(batch)] == ["refused"] * 4 + ["new"] * 2
    assert found(batch)[0][1] == {"name": "和第 4 行重名：是同一个人的只留一行，不是的都填出生年月。"}
    assert found(batch)[2][1] == {"certificate_number": "和第 6 行的督学证号相同。"}


def test_a_term_over_the_running_one_or_the_fourth_or_of_four_years_is_refused(cast: Cast) -> None:
    known = player("督学癸", "inspector", cast.office.appointment.unit)
    announced(entered(known))
    heads = ("姓名", "类别", "届次", "任期起", "任期止")
    batch = hand_in(
        ["督学癸（示例）", "兼职", 2, "2024-09-01", ""], ["督学子", "兼职", 4, "2023-09-01", ""],
        ["督学丑", "兼职", 3, "2023-09-01", "2027-08-31"], ["督学寅", "兼职", "", "", "2026-08-31"],
        heads=heads,
    )  # fmt: skip
    says = [faults for _, faults in found(batch)]
    assert "重叠" in says[0]["start_on"] and "不超过 3 届" in says[1]["ordinal"]
    assert "每届任期 3 年" in says[2]["end_on"] and says[3] == {"start_on": "没有写任期起。"}


def test_who_came_in_with_the_third_term_is_not_recommended_for_a_fourth(cast: Cast) -> None:
    batch = hand_in(["督学子", "兼职", 3, "2022-09-01"], heads=("姓名", "类别", "届次", "任期起"))
    confirm(batch)
    row = Inspector.objects.get()
    assert row.terms.get().end_on == date(2025, 8, 31)
    with pytest.raises(Refused, match="不超过 3 届"):
        services.begin_term(inspector=row, recommended_on=TODAY, who="示例", by=BY, now=NOW)


def test_undoing_leaves_everything_as_it_was(cast: Cast) -> None:
    known = player("督学癸", "inspector", cast.office.appointment.unit)
    row = entered(known, replace(ABLE, work_unit=cast.school_2, certificate_to=date(2024, 6, 1)))
    people = Person.objects.count()
    batch = hand_in(
        ["督学癸（示例）", "专职", "1979-03", "示例第一小学", "", "2026-01-01", "2023-09-01"],
        ["督学子", "兼职", "", "", "", "", "2023-09-01"],
    )
    confirm(batch)
    imports.undo(batch=batch, base_version=batch.version, by=BY, now=NOW)
    row.refresh_from_db()
    assert (row.kind, row.born, row.work_unit_id, row.certificate_to) == (
        "part",
        "",
        cast.school_2.pk,
        date(2024, 6, 1),
    )
    assert Inspector.objects.count() == 1 and Term.objects.count() == 0 and Person.objects.count() == people
    # Undone, the same table can be handed in again.
    assert [o for o, _ in found(hand_in(["督学子", "兼职"]))] == ["new"]
    actions = set(AuditEvent.objects.values_list("action", flat=True))
    assert {"inspectors.imported", "inspectors.import_undone", "person.taken_back"} <= actions


def test_what_was_built_on_is_not_undone(cast: Cast) -> None:
    batch = hand_in(["督学子", "兼职", "", "", "", "", "2023-09-01"], ["督学丑", "兼职"])
    confirm(batch)
    row = Inspector.objects.get(person__name="督学子")
    services.say_recusal(
        inspector=row, unit=cast.school, ground="kin", words="示例", start_on=TODAY, said_on=TODAY, by=BY, now=NOW
    )
    with pytest.raises(Refused, match="第 3 行的登记此后又办过"):
        imports.undo(batch=batch, base_version=batch.version, by=BY, now=NOW)
    assert Inspector.objects.count() == 2


def test_nothing_is_written_when_the_register_moved_since_it_was_looked_at(cast: Cast) -> None:
    known = player("督学癸", "inspector", cast.office.appointment.unit)
    row = entered(known)
    batch = hand_in(["督学癸（示例）", "兼职", "1979-03"], ["督学子", "兼职"])
    services.change_inspector(inspector=row, base_version=1, facts=replace(ABLE, note="示例"), by=BY, now=NOW)
    with pytest.raises(Conflict, match="第 3 行的登记又变了，什么都没有写入"):
        confirm(batch)
    batch.refresh_from_db()
    assert batch.state == "looked_at" and Inspector.objects.count() == 1
    imports.look_again(batch=batch, base_version=batch.version, by=BY, now=NOW)
    confirm(batch)
    assert Inspector.objects.count() == 2


def test_what_goes_out_comes_back_unchanged(cast: Cast) -> None:
    known = player("督学癸", "inspector", cast.office.appointment.unit)
    facts = replace(
        ABLE, sex="female", born="1979-10", work_unit=cast.school, work_words="副校长", subjects=("语文", "数学"), stages=("primary", "junior"),
        lines=("school",), certificate_number="示例1", certificate_from=date(2023, 9, 1), certificate_to=date(2024, 1, 1), days_a_month=0, note="示例",
    )  # fmt: skip
    announced(entered(known, facts), document="贺示〔2023〕1号")
    book = tables.write(lists.table_rows(BY, today=TODAY), title="名册")
    batch = imports.look_at(rows=tables.read(book), file_name="名册.xlsx", by=BY, now=NOW)
    assert found(batch) == [("unchanged", {})], found(batch)


def test_who_does_not_keep_people_brings_in_nobody_new(cast: Cast) -> None:
    [(outcome, faults)] = found(hand_in(["督学子", "兼职"], by=cast.staff.actor))
    assert outcome == "refused" and "先由督导室主任登记人员" in faults["name"]
    assert found(hand_in(["督学子", "兼职"], by=cast.office.actor))[0][0] == "new"
    with pytest.raises(Refused, match="督导室管理"):
        hand_in(["督学子", "兼职"], by=cast.head.actor)


@pytest.mark.parametrize(
    ("content", "says"),
    [(b"", "是空的"), (b"%PDF-1.7", "不是表格，是PDF"), (b"PK\x03\x04broken", "读不出来"), (sheet(heads=["姓名"]), "没有找到表头"), (sheet(), "没有内容")],
)  # fmt: skip
def test_a_file_that_is_no_register_is_told_what_it_is(cast: Cast, client: Client, content: bytes, says: str) -> None:
    client.force_login(cast.office.user)
    answer = client.post("/inspectors/import/", {"table": SimpleUploadedFile("名册.xlsx", content)})
    assert answer.status_code == 422
    words = answer.content.decode()
    assert says in words or (not content and "空" in words), words[:3000]


def test_forty_from_the_page_to_the_list(cast: Cast, client: Client, django_assert_max_num_queries: Any) -> None:
    client.force_login(cast.office.user)
    assert client.get("/inspectors/import/table/?empty=1").status_code == 200
    rows = [[f"督学{at:02}（示例）", "兼职", f"19{60 + at % 20}-03", "示例第一小学", f"示例{at}", "2026-08-31", "2023-09-01", "本科", 2000] for at in range(38)]  # fmt: skip
    rows += [
        ["督学坏（示例）", "兼职", "1975-01", "", "示例99", "2024-01-01"],
        ["督学坏二（示例）", "兼职", "1975-01", "没有的单位"],
    ]
    answer = client.post("/inspectors/import/", {"table": SimpleUploadedFile("名册.xlsx", sheet(*rows))})
    assert answer.status_code == 302, answer.content.decode()
    address = answer.headers["Location"]
    with django_assert_max_num_queries(22):
        page = client.get(address).content.decode()
    assert "确认导入 38 行" in page and "督学证已于 2024-01-01 过期" in page and "单位名册里没有" in page
    assert "督学坏二（示例）" in client.get(f"{address}?outcome=refused").content.decode()
    batch = InspectorImport.objects.get()
    back = tables.read(client.get(f"{address}refused/").content)
    assert [row.cells["name"] for row in back] == ["督学坏（示例）", "督学坏二（示例）"]
    done = client.post(f"{address}confirm/", {"base_version": batch.version}, follow=True).content.decode()
    assert "已导入" in done and "撤销这次导入" in done
    assert len(queries.roster("640122", day=TODAY)) == 38
    assert InspectorImportRow.objects.filter(outcome="refused", version_left__isnull=False).count() == 0
    batch.refresh_from_db()
    client.post(f"{address}undo/", {"base_version": batch.version})
    assert Inspector.objects.count() == 0
    for who in (cast.head, cast.foreign_office):
        client.force_login(who.user)
        assert client.get(address).status_code == 404

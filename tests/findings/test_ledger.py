"""The office's own 整改台账 comes in as it is: any layout, looked at row by row, confirmed, undone."""

import io
import threading
from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import uuid4

import pytest
import xlsxwriter
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from pytest_django import Settings
from python_calamine import CalamineWorkbook

from dudao.audit.models import AuditEvent
from dudao.findings import ledger, services
from dudao.findings.models import Finding, LedgerImport, LedgerProfile, LedgerRow
from dudao.findings.services import ledgers
from dudao.jobs import runner
from dudao.jobs.models import Job
from dudao.procedures.models import Act, Clock
from dudao.shell.errors import Conflict, Refused
from tests.cast import NOW, TODAY, Cast
from tests.findings.conftest import act, facts, proof

pytestmark = pytest.mark.django_db

HEADS = (
    "序号", "责任单位", "存在问题", "依据", "检查时间", "整改措施", "整改时限", "完成情况", "完成时间", "整改责任人", "牵头科室", "备注",
)  # fmt: skip
SCHOOL, SCHOOL_2 = "示例第一小学", "示例第二中学"


@pytest.fixture(autouse=True)
def _day(settings: Settings) -> None:
    settings.DEMO_TODAY = TODAY


def book(lines: Sequence[Sequence[Any]], *, merge: Sequence[tuple[str, str]] = ()) -> bytes:
    """A real .xlsx; ``merge`` are areas with what stands in them."""
    made = io.BytesIO()
    with xlsxwriter.Workbook(made, {"in_memory": True}) as out:
        day = out.add_format({"num_format": "yyyy/m/d"})
        sheet = out.add_worksheet("台账")
        for at, line in enumerate(lines):
            for column, value in enumerate(line):
                if isinstance(value, date):
                    sheet.write_datetime(at, column, value, day)  # type: ignore[arg-type]
                elif value is not None:
                    sheet.write(at, column, value)
        for area, words in merge:
            sheet.merge_range(area, words)
    return made.getvalue()


def line(unit: str = SCHOOL, title: str = "食堂台账不全", **more: Any) -> list[Any]:
    """A row of ``HEADS``."""
    known = {
        "序号": 1, "责任单位": unit, "存在问题": title, "依据": "示例标准第3条", "检查时间": "2023.5.8", "整改措施": "补齐",
        "整改时限": "2023年6月30日", "完成情况": "已整改", "完成时间": "2023-06-20", "整改责任人": "张某（示例）", **more,
    }  # fmt: skip
    return [known.get(head) for head in HEADS]


def handed_in(cast: Cast, content: bytes, **options: Any) -> LedgerImport:
    """Handed in, and looked at with the columns as guessed."""
    by = cast.office.actor
    batch = ledgers.hand_in(grid=ledger.read(content), file_name="整改台账.xlsx", by=by, now=NOW)
    ledgers.look_at(
        batch=batch,
        base_version=batch.version,
        columns=batch.columns,
        options=ledgers.Options(**options),
        by=by,
        now=NOW,
    )
    return batch


def outcome(batch: LedgerImport) -> list[tuple[int, str, dict[str, str]]]:
    return [(row.number, row.outcome, row.faults) for row in batch.rows.order_by("number")]


def confirm(cast: Cast, batch: LedgerImport) -> None:
    ledgers.confirm(batch=batch, base_version=batch.version, by=cast.office.actor, now=NOW)


# Reading


def test_heads_are_found_under_a_title_in_two_lines_and_merged_cells() -> None:
    grid = ledger.read(
        book(
            [
                [],
                ["填报单位：示例督导室"],
                [None, None, None, None, None, None, None],
                [None, None, None, "措施", "时限", "进展情况", None],
                [1, None, "操场有裂缝", "修补", "2024.5.1", "整改中", None],
                [2, None, "台账不全", "补齐", "2024.5.1", "整改中", None],
                [3, SCHOOL_2, "门卫缺岗", "补齐", "2024.5.1", "整改中", None],
                [],
            ],
            merge=[
                ("A1:G1", "2024年教育督导问题整改台账"), ("A3:A4", "序号"), ("B3:B4", "责任单位"), ("C3:C4", "问题描述"),
                ("D3:F3", "整改情况"), ("G3:G4", "备注"), ("B5:B6", SCHOOL),
            ],
        )
    )  # fmt: skip
    assert list(grid.heads)[:6] == [
        "序号",
        "责任单位",
        "问题描述",
        "措施",
        "时限",
        "进展情况",
    ]
    assert ledger.guess(grid.heads, {})[:6] == ["", "unit", "title", "plan", "due_on", "report"]
    assert [(number, cells[1]) for number, cells in grid.lines] == [(5, SCHOOL), (6, SCHOOL), (7, SCHOOL_2)]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "ledger.empty"),
        (b"not a table", "ledger.unreadable"),
        (b"PK\x03\x04broken", "ledger.unreadable"),
        (book([["姓名", "电话"], ["张某", "1"]]), "ledger.header"),
        (book([["责任单位", "问题描述"]]), "ledger.no_rows"),
        (book([["责任单位", "问题描述"], [None, 5]]), "ledger.no_rows"),
    ],
)
def test_what_is_no_ledger_is_refused_with_what_to_do(content: bytes, code: str) -> None:
    with pytest.raises(Refused) as caught:
        ledger.read(content)
    assert caught.value.code == code


@pytest.mark.parametrize(
    ("cell", "day"),
    [
        ("2024.3.5", date(2024, 3, 5)), ("2024-03-05", date(2024, 3, 5)), ("2024/3/5", date(2024, 3, 5)),
        ("２０２４年３月５日", date(2024, 3, 5)), ("2024年3月5日前", date(2024, 3, 5)), (20240305, date(2024, 3, 5)),
        ("2024 年 3 月 5 日。", date(2024, 3, 5)), (45356, date(2024, 3, 5)), ("2024年2月底前", date(2024, 2, 29)),
        ("2024.2", date(2024, 2, 29)), ("3月5日", date(2024, 3, 5)), ("2024-03-05 00:00:00", date(2024, 3, 5)),
    ],
)  # fmt: skip
def test_days_are_read_as_people_write_them(cell: Any, day: date) -> None:
    assert ledger.day(cell, year=2024, last=True).day == day


@pytest.mark.parametrize(
    "cell", ["2024.2.30", "长期", 2024.1, "3月5日", "5", "2024年13月", "2024.3.5-3.10", "0024-01-01"]
)
def test_days_that_cannot_be_read_say_so(cell: Any) -> None:
    read = ledger.day(cell)
    assert read.day is None and read.fault


@pytest.mark.parametrize(
    ("words", "state"),
    [
        ("已整改", "closed"), ("已完成整改", "closed"), ("整改到位", "closed"), ("已销号", "closed"), ("是", "closed"), ("√", "closed"),
        ("已完成，并长期坚持", "closed"), ("整改完毕", "closed"), ("立行立改", "closed"), ("已归档", "closed"),
        ("整改中", "open"), ("未整改", "open"), ("部分完成", "open"), ("长期坚持", "open"), ("持续推进", "open"), ("整改不到位", "open"),
        ("复查合格、待销号", "open"), ("已报整改、待复查", "open"), ("未销号", "open"), ("否", "open"), ("基本完成", "open"),
        ("已撤销", "dropped"), ("", "none"), (None, "none"), ("详见附件", "unknown"),
    ],
)  # fmt: skip
def test_words_for_where_a_problem_stands_are_understood(words: str | None, state: str) -> None:
    assert ledger.state(words) == state


def test_our_own_template_and_our_own_heads_are_read_back() -> None:
    heads = CalamineWorkbook.from_filelike(io.BytesIO(ledger.template())).get_sheet_by_index(0).to_python()[0]
    codes = ledger.guess([str(head) for head in heads], {})
    assert codes == [field.code for field in ledger.FIELDS]


def test_heads_in_two_lines_that_nobody_merged_are_read_together() -> None:
    grid = ledger.read(
        book(
            [
                ["序号", "责任单位", "存在问题", "整改", None],
                [None, None, None, "措施", "时限"],
                [1, SCHOOL, "甲", "补", "2024.5.1"],
            ]
        )
    )
    assert list(grid.heads) == ["序号", "责任单位", "存在问题", "整改/措施", "时限"]
    assert len(grid.lines) == 1


# Looking at rows


def test_every_row_is_judged_with_the_reason_at_its_cell(cast: Cast) -> None:
    batch = handed_in(
        cast,
        book(
            [
                ["2023年整改台账"],
                HEADS,
                line(),
                line("示例第一小"),
                line(f"{SCHOOL}、{SCHOOL_2}", "几个单位"),
                line(title="没有依据", 依据=None),
                line(title="先到期", 整改时限="2023.5.1"),
                line(title="将来", 检查时间="2025.1.1"),
                line(title="没有期限", 完成情况="整改中", 整改时限=None, 完成时间=None),
                line(title="看不懂", 完成情况="详见附件", 完成时间=None),
                line(title="没有日期", 完成时间=None),
                line(),
                line(title="长期的", 完成情况="长期坚持", 完成时间=None, 整改时限="长期"),
                [None] * 12,
            ]
        ),
    )
    found = outcome(batch)
    assert found[0] == (3, "new", {})
    assert [(number, sorted(faults)) for number, _, faults in found[1:]] == [
        (4, ["unit"]), (5, ["unit"]), (6, ["basis"]), (7, ["due_on"]), (8, ["closed_on", "due_on", "found_on"]), (9, ["due_on"]),
        (10, ["report"]), (11, ["closed_on"]), (12, [""]), (13, ["due_on"]),
    ]  # fmt: skip
    words = {number: "".join(faults.values()) for number, _, faults in found}
    assert "示例第一小学" in words[4] and "一行只能写一个单位" in words[5] and "没有依据" in words[6]
    assert "早于发现日期" in words[7] and "晚于今天" in words[8] and "第 3 行" in words[12]
    assert not Finding.objects.exists()


def test_what_the_table_does_not_say_can_be_said_for_all_rows(cast: Cast) -> None:
    heads = ["学校", "问题", "整改情况"]
    lines = [heads, [SCHOOL, "甲", "已整改"], [SCHOOL, "乙", "长期坚持"]]
    batch = handed_in(
        cast,
        book(lines),
        basis="示例方案",
        found_on=date(2023, 9, 5),
        due_on=date(2024, 12, 31),
        closed_on=date(2023, 10, 1),
    )
    assert [o for _, o, _ in outcome(batch)] == ["new", "new"]
    confirm(cast, batch)
    done, going = Finding.objects.order_by("serial")
    assert (done.state, done.closed_on, done.basis) == ("archived", date(2023, 10, 1), "示例方案")
    assert (going.state, going.due_on) == ("rectifying", date(2024, 12, 31))


def test_a_day_of_completion_that_is_still_to_come_is_the_limit(cast: Cast) -> None:
    going = {"完成情况": "整改中", "整改时限": None}
    batch = handed_in(
        cast, book([HEADS, line(完成时间="2024.6.30", **going), line(title="乙", 完成时间="2024.3.1", **going)])
    )
    assert [(o, faults) for _, o, faults in outcome(batch)] == [("new", {}), ("new", {})]
    confirm(cast, batch)
    assert [(f.state, f.due_on) for f in Finding.objects.order_by("serial")] == [
        ("rectifying", date(2024, 6, 30)), ("rectifying", date(2024, 3, 1)),
    ]  # fmt: skip


def test_columns_must_be_whole_and_none_given_twice(cast: Cast) -> None:
    by = cast.office.actor
    batch = ledgers.hand_in(grid=ledger.read(book([HEADS, line()])), file_name="x.xlsx", by=by, now=NOW)
    for columns, says in (
        (["unit"] * 12, "不止一列"),
        ([""] * 12, "哪一列"),
        (["unit"], "重新选择"),
        (["", "unit", "title", *[""] * 9], "共同的依据"),
    ):
        with pytest.raises(Refused, match=says):
            ledgers.look_at(batch=batch, base_version=1, columns=columns, options=ledgers.Options(), by=by, now=NOW)
    ledgers.look_at(batch=batch, base_version=1, columns=batch.columns, options=ledgers.Options(), by=by, now=NOW)
    with pytest.raises(Conflict):
        ledgers.look_at(batch=batch, base_version=1, columns=batch.columns, options=ledgers.Options(), by=by, now=NOW)


def test_what_the_office_corrected_is_known_the_next_time(cast: Cast) -> None:
    lines = [["学校", "问题", "依据", "检查时间", "怪列"], [SCHOOL, "甲", "x", "2023.5.1", "2023.6.1"]]
    by = cast.office.actor
    batch = ledgers.hand_in(grid=ledger.read(book(lines)), file_name="x.xlsx", by=by, now=NOW)
    assert batch.columns == ["unit", "title", "basis", "found_on", ""]
    columns = ["unit", "title", "basis", "found_on", "closed_on"]
    ledgers.look_at(batch=batch, base_version=1, columns=columns, options=ledgers.Options(), by=by, now=NOW)
    assert LedgerProfile.objects.get().heads["怪列"] == "closed_on"
    again = ledgers.hand_in(grid=ledger.read(book(lines)), file_name="x.xlsx", by=by, now=NOW)
    assert again.columns == columns


# Writing


def test_a_closed_row_becomes_history_and_an_open_one_goes_on(cast: Cast) -> None:
    batch = handed_in(
        cast,
        book(
            [
                HEADS,
                line(牵头科室="示例科室"),
                line(SCHOOL_2, "操场有裂缝", 完成情况="整改中", 完成时间=None, 整改时限="2024.4.20"),
            ]
        ),
    )
    confirm(cast, batch)
    closed, going = Finding.objects.order_by("serial")
    assert (closed.state, closed.is_history, closed.closed_on, closed.responsible) == (
        "archived", True, date(2023, 6, 20), "张某（示例）",
    )  # fmt: skip
    first = Act.objects.get(subject=closed.pk)
    assert first.code == "history_closed" and first.occurred_on == date(2023, 6, 20)
    assert "台账所记整改措施：补齐" in first.words and "台账所记牵头（主管）单位：示例科室" in first.words
    assert (going.state, going.due_on, going.is_history) == ("rectifying", date(2024, 4, 20), True)
    clock = Clock.objects.get(subject=going.pk)
    assert (clock.started_on, clock.due_on) == (date(2023, 5, 8), date(2024, 4, 20))
    assert not Clock.objects.filter(subject=closed.pk).exists()
    assert "新增 2" in AuditEvent.objects.get(action="ledger.imported").summary
    with pytest.raises(Refused, match="没有可以导入"):
        confirm(cast, batch)


def test_the_same_ledger_again_finds_everything_there(cast: Cast) -> None:
    content = book(
        [HEADS, line(), line(SCHOOL_2, "操场有裂缝", 完成情况="整改中", 完成时间=None, 整改时限="2024.4.20")]
    )
    confirm(cast, handed_in(cast, content))
    batch = handed_in(cast, content)
    assert [o for _, o, _ in outcome(batch)] == ["same", "same"]
    with pytest.raises(Refused, match="没有可以导入"):
        confirm(cast, batch)


def test_what_leaves_as_excel_comes_back_as_known(cast: Cast, told: Finding) -> None:
    act(told, "report", cast.head, date(2024, 3, 20), evidence=[proof()])
    services.register_finding(
        facts=facts(cast, found_on=date(2023, 5, 1), due_on=date(2023, 6, 1), title="往年问题"),
        closed_on=date(2023, 5, 20), words="x", by=cast.office.actor, now=NOW,
    )  # fmt: skip
    client = Client()
    client.force_login(cast.office.user)
    content = b"".join(client.get(reverse("findings:list") + "?export=xlsx"))  # type: ignore[arg-type]
    batch = handed_in(cast, content)
    assert [(o, faults) for _, o, faults in outcome(batch)] == [("same", {}), ("same", {})]


def test_measures_and_progress_of_an_old_ledger_leave_with_the_new_one(cast: Cast) -> None:
    confirm(cast, handed_in(cast, book([HEADS, line(整改措施="补齐\n专人负责", 备注="x")])))
    client = Client()
    client.force_login(cast.office.user)
    content = b"".join(client.get(reverse("findings:list") + "?export=xlsx"))  # type: ignore[arg-type]
    rows = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python()
    found = dict(zip(rows[2], rows[3], strict=True))
    assert (found["整改措施"], found["完成情况"], found["状态"]) == ("补齐\n专人负责", "已整改", "已归档")


def test_a_changed_row_says_what_changes_and_is_undone_to_what_it_was(cast: Cast) -> None:
    going = {"完成情况": "整改中", "完成时间": None, "整改时限": "2024.4.20"}
    confirm(cast, handed_in(cast, book([HEADS, line(**going)])))
    batch = handed_in(cast, book([HEADS, line(整改责任人="李某（示例）", **going)]))
    row = batch.rows.get()
    assert (row.outcome, row.notes[0]) == ("changed", "将修改：责任人")
    confirm(cast, batch)
    assert Finding.objects.get().responsible == "李某（示例）"
    ledgers.undo(batch=batch, by=cast.office.actor, now=NOW)
    assert Finding.objects.get().responsible == "张某（示例）"


def test_an_import_is_undone_whole_while_nothing_was_done_on_its_rows(cast: Cast) -> None:
    later = services.register_finding(facts=facts(cast), told_on=date(2024, 3, 10), by=cast.office.actor, now=NOW)
    batch = handed_in(cast, book([HEADS, line(), line(SCHOOL_2, "操场有裂缝")]))
    confirm(cast, batch)
    later.refresh_from_db()
    assert later.earlier is not None
    ledgers.undo(batch=batch, by=cast.office.actor, now=NOW)
    later.refresh_from_db()
    assert later.earlier is None
    assert Finding.objects.get() == later
    assert set(Act.objects.values_list("subject", flat=True)) == {later.pk}
    assert batch.rows.count() == 2 and AuditEvent.objects.filter(action="ledger.import_undone").exists()
    with pytest.raises(Conflict):
        ledgers.undo(batch=batch, by=cast.office.actor, now=NOW)


def test_an_import_somebody_worked_on_is_not_undone(cast: Cast) -> None:
    batch = handed_in(cast, book([HEADS, line(), line(title="操场有裂缝")]))
    confirm(cast, batch)
    act(
        Finding.objects.get(title="操场有裂缝"),
        "relapse",
        cast.staff,
        TODAY,
        evidence=[proof()],
        due_on=date(2024, 5, 1),
    )
    with pytest.raises(Refused, match="第 3 行"):
        ledgers.undo(batch=batch, by=cast.office.actor, now=NOW)
    assert Finding.objects.count() == 2
    batch.refresh_from_db()
    assert batch.state == "done"


def test_a_row_that_moved_since_stops_the_whole_import(cast: Cast) -> None:
    going = {"完成情况": "整改中", "完成时间": None, "整改时限": "2024.4.20"}
    confirm(cast, handed_in(cast, book([HEADS, line(**going)])))
    batch = handed_in(cast, book([HEADS, line(title="新的"), line(整改责任人="李某（示例）", **going)]))
    found = Finding.objects.get()
    services.change_finding(finding=found, base_version=found.version, wanted="别人改了", by=cast.staff.actor, now=NOW)
    with pytest.raises(Conflict, match="什么都没有写入"):
        confirm(cast, batch)
    assert Finding.objects.count() == 1
    batch.refresh_from_db()
    assert batch.state == "looked_at"


def test_units_and_strangers_have_no_part_in_it(cast: Cast) -> None:
    with pytest.raises(Refused, match="督导室"):
        ledgers.hand_in(grid=ledger.read(book([HEADS, line()])), file_name="x", by=cast.head.actor, now=NOW)
    batch = handed_in(cast, book([HEADS, line()]))
    for who in (cast.head, cast.foreign_office):
        client = Client()
        client.force_login(who.user)
        assert client.get(reverse("findings:ledger_rows", args=[batch.pk])).status_code == 404
        assert client.post(reverse("findings:ledger_confirm", args=[batch.pk])).status_code == 404


def test_three_thousand_rows_are_looked_at_with_few_statements(cast: Cast, django_assert_max_num_queries: Any) -> None:
    lines = [line((SCHOOL, SCHOOL_2)[n % 2], f"问题{n}", 依据=f"依据{n % 40}") for n in range(3000)]
    by = cast.office.actor
    batch = ledgers.hand_in(grid=ledger.read(book([HEADS, *lines])), file_name="x.xlsx", by=by, now=NOW)
    # What rows are compared with is read once.
    with CaptureQueriesContext(connection) as caught:
        ledgers.look_at(batch=batch, base_version=1, columns=batch.columns, options=ledgers.Options(), by=by, now=NOW)
    assert sum(query["sql"].startswith("SELECT") for query in caught) <= 8
    assert batch.rows.filter(outcome="new").count() == 3000


def test_hundreds_of_rows_are_written_by_a_job_that_goes_on_after_a_stop(cast: Cast) -> None:
    lines = [line((SCHOOL, SCHOOL_2)[n % 2], f"问题{n}", 依据=f"依据{n % 40}") for n in range(240)]
    batch = handed_in(cast, book([HEADS, *lines]))
    confirm(cast, batch)
    assert batch.state == "running" and not Finding.objects.exists()
    with pytest.raises(Refused, match="正在写入"):
        ledgers.undo(batch=batch, by=cast.office.actor, now=NOW)
    # A worker was killed after its first step; one row can no longer be written.
    ledgers.write_some(batch=batch, rows=ledgers.to_write(batch)[:40], by=cast.office.actor, now=NOW)
    broken = ledgers.to_write(batch)[0]
    LedgerRow.objects.filter(pk=broken.pk).update(values={**broken.values, "severity": "unheard-of"})
    while job := runner.claim():
        runner.do(job, threading.Event())
    batch.refresh_from_db()
    assert Job.objects.get(kind=ledgers.JOB).state == "done"
    assert (batch.state, Finding.objects.count()) == ("done", 239)
    broken.refresh_from_db()
    assert (broken.outcome, broken.faults) == ("refused", {"": "请选择严重程度。"})
    ledgers.undo(batch=batch, by=cast.office.actor, now=NOW)
    assert not Finding.objects.exists() and not Act.objects.exists()


# Pages


def test_the_office_hands_in_corrects_looks_confirms_and_undoes(cast: Cast) -> None:
    client = Client()
    client.force_login(cast.office.user)
    address = reverse("findings:ledger_import")
    assert "下载空白模板" in client.get(address).content.decode()
    bad = client.post(address, {"table": SimpleUploadedFile("x.xlsx", b"nothing")})
    assert bad.status_code == 422 and "读不出表格" in bad.content.decode()
    content = book([HEADS, line(), line("不存在的学校")])
    answer = client.post(address, {"table": SimpleUploadedFile("台账.xlsx", content)})
    batch = LedgerImport.objects.get()
    columns = reverse("findings:ledger_columns", args=[batch.pk])
    assert answer["Location"] == columns
    page = client.get(columns).content.decode()
    assert "存在问题" in page and "食堂台账不全" in page
    sent = {f"column_{at}": code for at, code in enumerate(batch.columns)}
    wrong = client.post(columns, {**sent, "column_1": "", "base_version": "1", "source": "inspection"})
    assert wrong.status_code == 422 and "哪一列是“责任单位”" in wrong.content.decode()
    assert client.post(columns, {**sent, "base_version": "1", "source": "inspection"}).status_code == 302
    rows = reverse("findings:ledger_rows", args=[batch.pk])
    page = client.get(rows).content.decode()
    assert "单位名册里没有“不存在的学校”" in page and "确认导入 1 行（退回的不导入）" in page
    assert "不存在的学校" not in client.get(rows + "?outcome=new").content.decode()
    batch.refresh_from_db()
    client.post(reverse("findings:ledger_confirm", args=[batch.pk]), {"base_version": batch.version})
    assert Finding.objects.count() == 1
    assert f"问题 {Finding.objects.get().number}" in client.get(rows).content.decode()
    client.post(reverse("findings:ledger_undo", args=[batch.pk]))
    assert not Finding.objects.exists()
    assert "已撤销" in client.get(rows).content.decode()
    assert client.get(reverse("findings:ledger_rows", args=[uuid4()])).status_code == 404
    assert client.get(reverse("findings:ledger_template")).status_code == 200
    assert LedgerRow.objects.count() == 2

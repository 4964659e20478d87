"""Frozen results, reports that say only what they say, and the way to recognition."""

import io
import json
import zipfile
from collections.abc import Callable
from datetime import date

import pytest
from python_calamine import CalamineWorkbook

from dudao.audit.models import AuditEvent
from dudao.files import services as files
from dudao.files.models import StoredFile
from dudao.papers.models import Paper
from dudao.recognition import library, packing, queries, reporting, services, tasks
from dudao.recognition.models import Report, Sending, Snapshot, Stage
from dudao.recognition.services.reports import StoppedError, stopped_by
from dudao.returns.models import Cell, Return
from dudao.shell.errors import Conflict, Refused
from dudao_engines.standards import snapshots
from tests.cast import NOW, TODAY, Cast, Player
from tests.recognition.conftest import PERIOD

pytestmark = pytest.mark.django_db
Lock = Callable[[], None]


def change(ret: Return, code: str, value: str) -> None:
    """A cell is not any more as it was."""
    assert Cell.objects.filter(ret=ret, code=code).update(value=value, raw=value) == 1


def issue(report: Report, by: Player) -> Report:
    paper = Paper.objects.get(pk=report.paper_id)
    return services.issue_report(
        report=report, paper=paper, base_version=paper.version, despite_warnings=True, by=by.actor, now=NOW
    )


def finish(report: Report, cast: Cast) -> Report:
    report.refresh_from_db()
    return services.finish_report(report=report, base_version=report.version, by=cast.staff.actor, now=NOW)


# Snapshots


def test_a_snapshot_is_a_file_that_anybody_computes_again(snapshot: Snapshot) -> None:
    data = b"".join(files.content(StoredFile.objects.get(pk=snapshot.file)))
    frozen = snapshots.read(data)
    assert (frozen.sha256, frozen.sm3) == (snapshot.sha256, snapshot.sm3)
    assert list(snapshots.verify(frozen)) == []
    assert snapshot.adopted == "暂不能判定" and snapshot.unlocked == []
    event = AuditEvent.objects.get(action="snapshot.made")
    assert event.facts["sha256"] == snapshot.sha256


def test_asked_again_over_the_same_facts_the_one_that_is_there_answers(snapshot: Snapshot, cast: Cast) -> None:
    again = services.keep_snapshot(standard="balanced-2017", period=PERIOD, by=cast.staff.actor, now=NOW)
    assert again.pk == snapshot.pk and Snapshot.objects.count() == 1


def test_without_data_there_is_no_snapshot(cast: Cast) -> None:
    with pytest.raises(Refused) as refused:
        services.keep_snapshot(standard="balanced-2017", period="1999", by=cast.staff.actor, now=NOW)
    assert refused.value.code == "recognition.no_data"


def test_a_head_of_a_school_neither_makes_nor_sees_one(snapshot: Snapshot, cast: Cast) -> None:
    with pytest.raises(Refused):
        services.keep_snapshot(standard="balanced-2017", period=PERIOD, by=cast.head.actor, now=NOW)
    assert not queries.snapshots_visible_to(cast.head.actor).exists()
    assert not queries.snapshots_visible_to(cast.foreign_office.actor).exists()


def test_a_snapshot_is_stale_when_a_cell_changed_and_says_which(
    snapshot: Snapshot, county: dict[str, Return], office: Player
) -> None:
    assert queries.standing(office.actor, snapshot, today=TODAY).stands
    change(county["primary"], "network_multimedia_rooms", "401")
    standing = queries.standing(office.actor, snapshot, today=TODAY)
    assert any("网络多媒体教室" in one and "400 → 401" in one for one in standing.changes)


def test_what_is_not_locked_is_listed_by_unit(county: dict[str, Return], cast: Cast) -> None:
    row = services.keep_snapshot(standard="balanced-2017", period=PERIOD, by=cast.staff.actor, now=NOW)
    assert len(row.unlocked) == 3 and any("示例第一小学" in one for one in row.unlocked)


# Reports


def test_a_draft_carries_its_mark_on_every_page_and_says_what_the_snapshot_says(report: Report) -> None:
    paper = report.paper
    text = paper.texts.get()
    assert (paper.is_bound, text.page_mark, report.state) == (True, "征求意见稿", "draft")
    assert "2024年义务教育优质均衡发展核心指标自查报告" in report.title
    assert "小学：1所中，综合达标0所，占0.0%" in text.body and "骨干教师0所" in text.body
    assert [one.title for one in reporting.rendered(report.kind, report.snapshot, {}).annexes] == (
        text.attachments.splitlines()
    )


def test_what_people_write_stands_in_its_place_and_loose_numbers_are_told(report: Report, cast: Cast) -> None:
    words = {"measures": "2025年底前补充骨干教师37人，占比达到83.5%。", "work": "共核查学校2所。"}
    services.write_words(report=report, base_version=1, words=words, by=cast.staff.actor, now=NOW)
    text = Paper.objects.get(pk=report.paper_id).texts.first()
    assert text is not None and "补充骨干教师37人" in text.body
    made = reporting.rendered(report.kind, report.snapshot, report.words)
    assert reporting.loose_numbers(made) == ["37", "83.5"]


def test_two_who_write_at_once_do_not_write_over_each_other(report: Report, cast: Cast) -> None:
    services.write_words(report=report, base_version=1, words={"work": "甲"}, by=cast.staff.actor, now=NOW)
    with pytest.raises(Conflict):
        services.write_words(report=report, base_version=1, words={"work": "乙"}, by=cast.office.actor, now=NOW)
    report.refresh_from_db()
    assert report.words["work"] == "甲"


def test_a_report_is_finished_signed_by_another_and_issued_without_the_mark(
    report: Report, cast: Cast, office: Player, code: None
) -> None:
    finish(report, cast)
    assert Paper.objects.get(pk=report.paper_id).texts.first().page_mark == ""  # type: ignore[union-attr]
    issue(report, office)
    assert (report.state, report.paper.number) == ("issued", "贺政教督发〔2024〕1号")


def test_who_wrote_it_does_not_sign_it(report: Report, cast: Cast, code: None) -> None:
    services.write_words(report=report, base_version=1, words={"work": "甲"}, by=cast.office.actor, now=NOW)
    finish(report, cast)
    with pytest.raises(Refused) as refused:
        issue(report, cast.office)
    assert refused.value.code == "papers.own"
    report.refresh_from_db()
    assert report.state == "final"


def test_a_table_that_is_opened_again_stops_it_with_a_list(
    report: Report, county: dict[str, Return], cast: Cast
) -> None:
    Return.objects.filter(pk=county["primary"].pk).update(is_locked=False, state="returned")
    with pytest.raises(StoppedError) as stopped:
        finish(report, cast)
    assert len(stopped.value.lines) == 1 and "示例第一小学" in stopped.value.lines[0]
    report.refresh_from_db()
    assert report.state == "draft"


def test_a_number_that_changed_after_the_words_were_final_stops_the_signature(
    report: Report, county: dict[str, Return], cast: Cast, office: Player, code: None
) -> None:
    finish(report, cast)
    change(county["junior"], "students_junior", "399")
    with pytest.raises(StoppedError) as stopped:
        issue(report, office)
    assert any("400 → 399" in one for one in stopped.value.lines)
    assert Paper.objects.get(pk=report.paper_id).number == ""


def test_the_director_prints_over_a_warning_and_it_stands_on_every_page(
    report: Report, county: dict[str, Return], cast: Cast, office: Player, code: None
) -> None:
    change(county["junior"], "students_junior", "399")
    with pytest.raises(Refused) as refused:
        services.agree_over(report=report, base_version=1, reason="上报期限已到", by=cast.staff.actor, now=NOW)
    assert refused.value.code == "recognition.not_allowed"
    services.agree_over(report=report, base_version=1, reason="上报期限已到", by=office.actor, now=NOW)
    finish(report, cast)
    issue(report, office)
    mark = Paper.objects.get(pk=report.paper_id).texts.first().page_mark  # type: ignore[union-attr]
    assert mark == "数据未锁定或已变化，经甲（示例）同意印发，理由：上报期限已到"
    data = b"".join(files.content(StoredFile.objects.get(pk=report.paper.file)))
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        assert mark in package.read("word/header-mark.xml").decode()


def test_a_consent_covers_only_what_stood_open_then(report: Report, county: dict[str, Return], office: Player) -> None:
    change(county["junior"], "students_junior", "399")
    services.agree_over(report=report, base_version=1, reason="期限已到", by=office.actor, now=NOW)
    assert stopped_by(report, by=office.actor, today=TODAY) == []
    change(county["primary"], "students_primary", "401")
    assert len(stopped_by(report, by=office.actor, today=TODAY)) >= 1


def test_where_nothing_is_open_there_is_nothing_to_agree_to(report: Report, office: Player) -> None:
    with pytest.raises(Refused) as refused:
        services.agree_over(report=report, base_version=1, reason="理由", by=office.actor, now=NOW)
    assert refused.value.code == "recognition.stands"


def test_a_draft_moves_to_the_newer_snapshot_and_a_consent_ends(
    report: Report, county: dict[str, Return], cast: Cast, office: Player
) -> None:
    change(county["primary"], "network_multimedia_rooms", "4")
    services.agree_over(report=report, base_version=1, reason="期限已到", by=office.actor, now=NOW)
    newer = services.keep_snapshot(standard="balanced-2017", period=PERIOD, by=cast.staff.actor, now=NOW)
    services.move_report(report=report, base_version=2, snapshot=newer, by=cast.staff.actor, now=NOW)
    text = Paper.objects.get(pk=report.paper_id).texts.first()
    assert text is not None and "网络多媒体教室0所" in text.body
    assert (report.over_reason, stopped_by(report, by=office.actor, today=TODAY)) == ("", [])


def test_the_tables_leave_as_excel_with_the_decimals_of_the_form(report: Report) -> None:
    data = packing.workbook(reporting.rendered(report.kind, report.snapshot, {}))
    book = CalamineWorkbook.from_filelike(io.BytesIO(data))
    assert book.sheet_names[:7] == ["表Ⅰ", "表Ⅱ-1", "表Ⅱ-2", "表Ⅲ", "表Ⅳ", "表Ⅴ", "表Ⅵ"]
    rows = book.get_sheet_by_name("表Ⅱ-2").to_python()
    assert next(row for row in rows if row[1] == "示例第一小学")[7] == 0.75
    shares = next(row for row in book.get_sheet_by_name("表Ⅱ-1").to_python() if row[0] == "小学达标学校比例（%）")
    assert shares[1] == 100
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        styles = package.read("xl/styles.xml").decode()
    assert all(f'formatCode="{form}"' in styles for form in ("0.0", "0.000")), "0.00 is one of Excel's own"


# Handing up


@pytest.fixture
def sending(report: Report, cast: Cast, office: Player, code: None) -> Sending:
    finish(report, cast)
    issue(report, office)
    return services.record_sent(
        report=report, receiver="银川市人民政府教育督导室", way="oa", sent_on=TODAY, by=cast.staff.actor, now=NOW
    )


def test_a_draft_is_not_handed_up(report: Report, cast: Cast) -> None:
    with pytest.raises(Refused) as refused:
        services.record_sent(report=report, receiver="市", way="oa", sent_on=TODAY, by=cast.staff.actor, now=NOW)
    assert refused.value.code == "recognition.state"


def test_the_package_holds_report_tables_snapshot_and_a_list_with_digests(sending: Sending, cast: Cast) -> None:
    class Asked:
        payload = {"sending": str(sending.pk)}
        by, now = cast.staff.actor, NOW

    tasks.make_package(Asked())  # type: ignore[arg-type]
    sending.refresh_from_db()
    data = b"".join(files.content(StoredFile.objects.get(pk=sending.package)))
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        listed = json.loads(package.read("目录.json"))
        names = package.namelist()
        assert names[:2] == ["目录.txt", "目录.json"] and len(names) == 5
        assert snapshots.read(package.read("03 数据快照.zip")).sha256 == listed["快照 SHA-256"]
    assert [one["文件"] for one in listed["文件"]] == names[2:]


def test_a_receipt_and_a_return_are_recorded_with_words(sending: Sending, cast: Cast) -> None:
    services.record_receipt(
        sending=sending, base_version=1, receipt_on=TODAY, words="已收", by=cast.staff.actor, now=NOW
    )
    with pytest.raises(Refused):
        services.record_returned(
            sending=sending, base_version=2, returned_on=TODAY, words=" ", by=cast.staff.actor, now=NOW
        )
    services.record_returned(
        sending=sending, base_version=2, returned_on=TODAY, words="补充表Ⅰ", by=cast.staff.actor, now=NOW
    )
    with pytest.raises(Conflict):
        services.record_receipt(sending=sending, base_version=2, receipt_on=TODAY, by=cast.staff.actor, now=NOW)
    assert (sending.receipt_words, sending.returned_words) == ("已收", "补充表Ⅰ")


# The way


def stage(cast: Cast, **more: object) -> Stage:
    facts = {
        "standard": "balanced-2017", "year": 2024, "step": "self", "occurred_on": TODAY,
        "outcome": "达到标准申请复核", "document": "贺政发〔2024〕1号",
    }  # fmt: skip
    return services.record_stage(**{**facts, **more}, by=cast.staff.actor, now=NOW)  # type: ignore[arg-type]


def test_the_steps_follow_one_another_and_the_next_is_shown(cast: Cast) -> None:
    def waits() -> list[str]:
        return [one.step.id for one in queries.way(cast.office.actor, "balanced-2017", 2024) if one.is_next]

    assert waits() == ["self"]
    row = stage(cast)
    assert waits() == ["city"]
    services.strike_stage(stage=row, reason="登记错了", by=cast.staff.actor, now=NOW)
    assert waits() == ["self"]
    with pytest.raises(Conflict):
        services.strike_stage(stage=row, reason="再来", by=cast.staff.actor, now=NOW)


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"step": "none"}, "recognition.step"),
        ({"outcome": "随便"}, "recognition.outcome"),
        ({"occurred_on": date(2024, 4, 11)}, "recognition.day"),
        ({"document": ""}, "recognition.proof"),
    ],
)
def test_a_step_is_recorded_with_its_proof_and_not_ahead_of_its_day(
    cast: Cast, wrong: dict[str, object], code: str
) -> None:
    with pytest.raises(Refused) as refused:
        stage(cast, **wrong)
    assert refused.value.code == code
    assert not Stage.objects.exists()


def test_a_kill_between_number_and_report_leaves_both_undone(
    report: Report, cast: Cast, office: Player, code: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    finish(report, cast)
    monkeypatch.setattr("dudao.recognition.services.reports._issued", killed)
    with pytest.raises(KeyboardInterrupt):
        issue(report, office)
    report.refresh_from_db()
    assert (report.state, Paper.objects.get(pk=report.paper_id).number) == ("final", "")


def test_the_very_same_snapshot_kept_twice_is_one(snapshot: Snapshot, cast: Cast) -> None:
    Snapshot.objects.update(basis_sha256="another", unlocked=["示例"])
    again = services.keep_snapshot(standard="balanced-2017", period=PERIOD, by=cast.staff.actor, now=NOW)
    assert again.pk == snapshot.pk and Snapshot.objects.count() == 1


def test_a_table_that_only_the_report_lists_counts_for_the_lock_too() -> None:
    assert library.listed("preschool-2020") == {"estate"}
    assert library.listed("balanced-2017") == frozenset()

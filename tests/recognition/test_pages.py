"""Pages of snapshots, reports and the way to recognition: who sees them, what stops, what leaves as a file."""

import pytest
from django.test import Client
from django.urls import reverse

from dudao.jobs.models import Job
from dudao.recognition import queries
from dudao.recognition.models import Report, Sending, Snapshot, Stage
from dudao.returns.models import Return
from dudao.shell import clock
from tests.cast import Cast

pytestmark = pytest.mark.django_db


@pytest.fixture
def staff(client: Client, cast: Cast) -> Client:
    client.force_login(cast.staff.user)
    return client


def address(name: str, *args: object) -> str:
    return reverse(f"recognition:{name}", args=args)


def test_the_office_reads_every_page(staff: Client, report: Report) -> None:
    snapshot = report.snapshot
    pages = [
        address("list"),
        address("snapshot", snapshot.pk),
        address("report", report.pk),
        address("numbers", report.pk),
        address("words", report.pk),
        address("finish", report.pk),
        address("way", "balanced-2017"),
        address("way", "preschool-2020"),
        address("stage_new", "balanced-2017", 2024, "self"),
        address("report_new", snapshot.pk, "balanced-2017"),
    ]
    for page in pages:
        assert staff.get(page).status_code == 200, page
    text = staff.get(address("report", report.pk)).content.decode()
    assert "征求意见稿" in text and "表Ⅱ-2" in text and "现在不能定稿" not in text
    assert f"{address('numbers', report.pk)}#n1" in text


@pytest.mark.parametrize("who", ["head", "foreign_office"])
def test_others_do_not_know_that_it_is_there(client: Client, cast: Cast, report: Report, who: str) -> None:
    client.force_login(getattr(cast, who).user)
    for page in (
        address("snapshot", report.snapshot_id),
        address("report", report.pk),
        address("numbers", report.pk),
        address("docx", report.pk),
        address("xlsx", report.pk),
        address("snapshot_file", report.snapshot_id, report.snapshot.file),
    ):
        assert client.get(page).status_code == 404, page
    assert client.post(address("finish", report.pk), {"base_version": 1}).status_code == 404


def test_a_snapshot_is_asked_of_the_worker_once(staff: Client, county: dict[str, Return]) -> None:
    page = address("snapshot_make", "balanced-2017", "2024")
    for _ in range(2):
        assert staff.post(page).status_code == 302
    assert Job.objects.filter(kind="recognition.snapshot").count() == 1


def test_a_report_that_is_stopped_lists_what_stops_it(staff: Client, report: Report, county: dict[str, Return]) -> None:
    Return.objects.filter(pk=county["junior"].pk).update(is_locked=False, state="returned")
    answer = staff.post(address("finish", report.pk), {"base_version": 1})
    assert answer.status_code == 422
    assert "没有锁定：" in answer.content.decode() and "示例第二中学" in answer.content.decode()
    page = staff.get(address("report", report.pk)).content.decode()
    assert "现在不能定稿、签发：1 处" in page and "同意带提示印发</a>" not in page
    assert "1 张没有锁定（示例第二中学" in page and address("finish", report.pk) not in page
    assert "不能定稿" in staff.get(address("finish", report.pk)).content.decode()


def test_what_stops_a_report_is_told_by_kind_what_changed_first(report: Report, cast: Cast) -> None:
    lines = [f"没有锁定：学校填报：示例{n}小（{'待审核' if n else '填报中'}）" for n in range(4)]
    changed, open_ = queries.stops_by_kind(
        cast.office.actor, report.snapshot, [*lines, "已经变化：示例一小：人数 1 → 2"]
    )
    assert (changed.count, changed.lines) == (1, ("示例一小：人数 1 → 2",))
    assert open_.says == "学校填报：4 张没有锁定（填报中 1、待审核 3）"


def test_only_the_director_is_shown_the_way_over_a_warning(
    client: Client, cast: Cast, report: Report, county: dict[str, Return]
) -> None:
    Return.objects.filter(pk=county["junior"].pk).update(is_locked=False, state="returned")
    client.force_login(cast.staff.user)
    assert client.get(address("over", report.pk)).status_code == 404
    client.force_login(cast.office.user)
    answer = client.post(address("over", report.pk), {"base_version": 1, "reason": "上报期限已到"}, follow=True)
    assert "经甲（示例）同意印发" in answer.content.decode()


def test_draft_and_tables_leave_as_files(staff: Client, report: Report) -> None:
    docx, xlsx = staff.get(address("docx", report.pk)), staff.get(address("xlsx", report.pk))
    assert b"".join(docx.streaming_content).startswith(b"PK") and b"".join(xlsx.streaming_content).startswith(b"PK")  # type: ignore[attr-defined]
    assert "%E5%BE%81%E6%B1%82" in docx["Content-Disposition"]


def test_the_paper_of_a_report_is_edited_and_signed_at_the_report(staff: Client, report: Report) -> None:
    for name in ("edit", "fields", "issue", "submit", "drop", "docx"):
        answer = staff.get(reverse(f"papers:{name}", args=[report.paper_id]))
        assert (answer.status_code, answer["Location"]) == (302, address("report", report.pk)), name
    assert "在 Word 文件里" in staff.get(reverse("papers:paper", args=[report.paper_id])).content.decode()


def test_signed_on_its_page_handed_up_and_received(client: Client, cast: Cast, report: Report, code: None) -> None:
    today = clock.today()
    client.force_login(cast.staff.user)
    assert client.post(address("finish", report.pk), {"base_version": 1}).status_code == 302
    client.force_login(cast.office.user)
    page = client.get(address("issue", report.pk))
    assert page.status_code == 200
    sent = {"base_version": page.context["paper"].version, "code": "贺政教督发", "despite_warnings": "on"}
    answer = client.post(address("issue", report.pk), sent, follow=True)
    assert f"贺政教督发〔{today.year}〕1号" in answer.content.decode()
    client.post(address("send", report.pk), {"receiver": "市政府教育督导室", "way": "oa", "sent_on": today.isoformat()})
    sending = Sending.objects.get()
    assert client.post(address("package", sending.pk)).status_code == 302
    client.post(address("receipt", sending.pk), {"base_version": 1, "receipt_on": today.isoformat(), "words": "已收"})
    text = client.get(address("report", report.pk)).content.decode()
    assert "已回执" in text and "登记退回" in text


def test_a_step_of_the_way_is_recorded_and_struck_out(staff: Client) -> None:
    new = address("stage_new", "balanced-2017", 2024, "self")
    refused = staff.post(new, {"occurred_on": "2024-04-10", "outcome": "达到标准申请复核"})
    assert refused.status_code == 422 and "请写明文件，或上传材料。" in refused.content.decode()
    staff.post(new, {"occurred_on": "2024-04-10", "outcome": "达到标准申请复核", "document": "贺政发〔2024〕1号"})
    row = Stage.objects.get()
    staff.post(address("stage_strike", row.pk), {"reason": "登记错了"})
    text = staff.get(address("way", "balanced-2017")).content.decode()
    assert "已作废" in text and "未核实" in text


def test_a_list_takes_the_same_statements_however_many(
    staff: Client, snapshot: Snapshot, report: Report, django_assert_max_num_queries
) -> None:  # type: ignore[no-untyped-def]
    with django_assert_max_num_queries(40):
        staff.get(address("list"))

"""A notice typed by hand: sections, numbers, duties, and the same way on as of one that was read."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from dudao.audit.models import AuditEvent
from dudao.plan import queries, reading, services
from dudao.plan.models import Flag, Notice, Point, Task
from dudao.shell import clock
from dudao.shell.errors import Refused
from tests.cast import NOW, Cast, Player

pytestmark = pytest.mark.django_db
TYPED = [
    "一、督政",
    "1.6月底前完成学前教育普及普惠自评，上报自评报告。",
    "2.每月召开一次专题会议",
    "二、督学",
    "（一）春季开学督导全覆盖",
    "控辍保学",
]


def typed(office: Player, points: list[str] = TYPED, **more: object) -> Notice:
    given = {"title": "某镇2024年教育督导工作要点（示例）", "year": 2024, "level": "county", "doc_no": ""} | more
    return services.type_notice(**given, points=points, by=office.actor, now=NOW)  # type: ignore[arg-type]


def test_headings_numbers_and_duties_of_what_was_typed(office: Player) -> None:
    notice = typed(office)
    assert [(s.no, s.heading) for s in notice.sections.all()] == [("一", "督政"), ("二", "督学")]
    points = list(Point.objects.filter(section__notice=notice).order_by("section__position", "position"))
    assert [(p.no, p.words) for p in points] == [
        ("1", "6月底前完成学前教育普及普惠自评，上报自评报告。"),
        ("2", "每月召开一次专题会议"),
        ("一", "春季开学督导全覆盖"),
        ("", "控辍保学"),
    ]
    assert all(notice.text[p.start : p.end] == p.words for p in points)
    assert all(point.tasks.exists() for point in points)
    duty = Task.objects.filter(point=points[0]).order_by("position")[0]
    assert str(duty.due_on) == "2024-06-30"
    assert Task.objects.get(point=points[3]).title == "控辍保学"
    assert Task.objects.get(point=points[1]).rule == "monthly"
    assert not Flag.objects.exists()


def test_the_marks_of_each_point_divide_its_words(office: Player) -> None:
    notice = typed(office)
    for point in Point.objects.filter(section__notice=notice):
        assert point.marks[0][1] == point.start
        assert point.marks[-1][2] == point.end
        assert all(a[2] == b[1] for a, b in zip(point.marks, point.marks[1:], strict=False))
    laid = reading.laid_out(queries.outline(office.actor, notice.pk), None)  # type: ignore[arg-type]
    shown = "".join(piece.text for _, words in laid for one in words for piece in one.pieces)
    assert shown == "".join(p.words for p in Point.objects.filter(section__notice=notice).order_by("start"))


def test_lines_that_are_all_numbered_in_chinese_are_points(office: Player) -> None:
    notice = typed(office, ["一、开展摸排", "二、开展劝返", "三、上报情况"])
    assert [p.no for p in Point.objects.filter(section__notice=notice).order_by("position")] == ["一", "二", "三"]
    assert notice.sections.count() == 1


def test_it_is_checked_and_confirmed_like_one_that_was_read(office: Player) -> None:
    tasks = services.confirm_notice(notice=typed(office), by=office.actor, now=NOW)
    assert len({task.number for task in tasks}) == len(tasks) >= 4
    assert AuditEvent.objects.filter(action="notice.typed").count() == 1


@pytest.mark.parametrize(
    ("points", "more", "code"),
    [
        ([], {}, "plan.points"),
        (["  "], {}, "plan.points"),
        (["一、只有标题", "1.", "二、也是"], {"title": " "}, "plan.title"),
        (["开展摸排"], {"year": 1999}, "plan.year"),
        (["督" * 5001], {}, "plan.points"),
        (["督\x00导"], {}, "plan.points"),
        (["督导"] * 501, {}, "plan.points"),
    ],
)
def test_what_cannot_be_kept_is_refused_and_leaves_nothing(
    office: Player, points: list[str], more: dict[str, object], code: str
) -> None:
    with pytest.raises(Refused) as refusal:
        typed(office, points, **more)
    assert refusal.value.code == code
    assert not Notice.objects.exists()


def test_odd_lines_are_kept_as_words(office: Player) -> None:
    notice = typed(office, ["1.", "3.5万元以上的项目逐项核查", "一、", "（）", "12、"])
    kept = [p.words for p in Point.objects.filter(section__notice=notice).order_by("start")]
    assert "3.5万元以上的项目逐项核查" in kept
    assert Task.objects.filter(notice=notice).count() >= len(kept)


def test_the_same_lines_again_and_the_same_number_are_refused(office: Player) -> None:
    typed(office, doc_no="示教督〔2024〕1号")
    with pytest.raises(Refused, match="导入"):
        typed(office)
    with pytest.raises(Refused) as refusal:
        typed(office, ["另一项"], doc_no="示教督〔2024〕1号")
    assert refusal.value.code == "plan.same_number"
    typed(office, ["另一项"], doc_no="示教督〔2024〕1号", same_number=True)


def test_a_school_types_no_notice(cast: Cast, client: Client) -> None:
    with pytest.raises(Refused):
        typed(cast.head)
    client.force_login(cast.head.user)
    assert client.get(reverse("plan:notice_type")).status_code == 404


def test_from_a_scan_one_gets_to_typing_and_on_to_checking(client: Client, office: Player) -> None:
    client.force_login(office.user)
    scan = SimpleUploadedFile("扫描.jpg", b"\xff\xd8\xff\xe0" + b"\1" * 99)
    refused = client.post(reverse("plan:notice_new"), {"text": "", "file": scan}).content.decode()
    assert reverse("plan:notice_type") in refused
    lines = {
        "title": "示例要点",
        "year": clock.today().year,
        "level": "city",
        "doc_no": "",
        "points": "\r\n".join(TYPED),
    }
    bad = client.post(reverse("plan:notice_type"), {**lines, "year": "x"})
    assert bad.status_code == 422
    assert "春季开学督导全覆盖" in bad.content.decode()
    page = client.post(reverse("plan:notice_type"), lines, follow=True)
    assert "春季开学督导全覆盖" in page.content.decode()
    assert Notice.objects.get().level == "city"
    assert set(Task.objects.values_list("level", flat=True)) == {"city"}


def test_the_list_of_notices_filters_finds_and_exports(client: Client, office: Player) -> None:
    client.force_login(office.user)
    typed(office)
    typed(office, ["开展监测"], title="市2023年督导要点（示例）", year=2023, level="city", doc_no="示市督〔2023〕9号")
    page = reverse("plan:notice_list")
    assert "市2023年督导要点" in client.get(page).content.decode()
    assert "市2023年督导要点" not in client.get(page, {"level": "county"}).content.decode()
    assert "某镇2024年" not in client.get(page, {"year": "2023"}).content.decode()
    assert "市2023年督导要点" in client.get(page, {"q": "示市督"}).content.decode()
    assert client.get(page, {"export": "xlsx"})["Content-Type"].startswith("application/vnd.openxml")


def test_the_list_of_notices_takes_the_same_statements_for_two_as_for_twenty(client: Client, office: Player) -> None:
    client.force_login(office.user)
    taken = []
    for many in (range(2), range(2, 20)):
        for at in many:
            typed(office, [f"开展第{at}项督导", "上报结果"], title=f"示例要点{at}")
        client.get(reverse("plan:notice_list"))
        with CaptureQueriesContext(connection) as asked:
            client.get(reverse("plan:notice_list"))
        taken.append(len(asked))
    assert taken[0] == taken[1]

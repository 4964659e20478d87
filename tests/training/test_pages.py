"""Pages of the training: who sees what, the way from the plan to the certificate, the table from Excel."""

import io
from datetime import date, time
from decimal import Decimal
from typing import Any

import pytest
import xlsxwriter
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image
from python_calamine import CalamineWorkbook

from dudao.inspectors import services as register
from dudao.inspectors.models import Inspector
from dudao.messages.models import Message
from dudao.shell import clock
from dudao.training import services
from dudao.training.models import Attendance, Batch, Certificate, Claim, Exam, Session
from dudao.training.queries import competence, hours
from dudao.training.queries.hours import book
from tests.cast import NOW, TODAY, Cast, Player, player
from tests.inspectors.stage import announced, entered
from tests.training.stage import came, planned, session

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def a_day_in_april(settings: Any) -> None:
    settings.DEMO_TODAY = TODAY


@pytest.fixture
def people(cast: Cast) -> list[Player]:
    return [player(f"督学{sign}", "inspector", cast.office.appointment.unit, username=f"i{sign}") for sign in "子丑寅"]


@pytest.fixture
def rows(people: list[Player]) -> list[Inspector]:
    found = [entered(one) for one in people]
    for row in found:
        announced(row)
    return found


def test_the_way_from_the_plan_to_the_certificate(cast: Cast, rows: list[Inspector], client: Client) -> None:
    client.force_login(cast.staff.user)
    facts = {
        "title": "春季培训（示例）", "year": "2024", "level": "county", "kind": "class", "areas": ["school"], "starts_on": "2024-04-01",
        "ends_on": "2024-04-02",
    }  # fmt: skip
    wrong = client.post("/training/new/", {**facts, "ends_on": "2024-03-01"})
    assert wrong.status_code == 422 and "结束不能早于开始" in wrong.content.decode()
    client.post("/training/new/", facts)
    batch = Batch.objects.get()
    home = f"/training/batch/{batch.pk}/"
    lesson = {
        "title": "第一讲（示例）", "day": "2024-04-01", "begins": "09:00", "ends": "12:00", "hours": "4", "opens_before": "30",
        "closes_after": "30",
    }  # fmt: skip
    assert client.post(f"{home}session/", lesson).status_code == 302
    assert client.post(f"{home}invite/", {"inspectors": [str(one.pk) for one in rows]}).status_code == 302
    where = Session.objects.get()
    sent = {f"state_{rows[0].pk}": "present", f"state_{rows[1].pk}": "leave", f"was_{rows[0].pk}": "0"}
    sent |= {f"was_{one.pk}": "0" for one in rows}
    refused = client.post(f"/training/session/{where.pk}/", sent)
    assert refused.status_code == 422 and "请假要写事由" in refused.content.decode()
    sent[f"reason_{rows[1].pk}"] = "开会（示例）"
    assert client.post(f"/training/session/{where.pk}/", sent).status_code == 302
    exam = {"title": "测试（示例）", "day": "2024-04-02", "full": "100", "pass_mark": "60"}
    assert client.post(f"{home}exam/", exam).status_code == 302
    test = Exam.objects.get()
    scores = {"base_version": "1", f"points_{rows[0].pk}": "88.5", f"away_{rows[1].pk}": "on"}
    assert client.post(f"/training/exam/{test.pk}/", scores).status_code == 302
    page = client.get(home).content.decode()
    assert "可以发证" in page and "缺考" in page and "没有登记" in page
    done = client.post(f"{home}certify/", {"inspectors": [str(rows[0].pk)], "issued_on": "2024-04-08"}, follow=True)
    assert "督培〔2024〕0001" in done.content.decode()
    printed = client.get(f"{home}certificates/").content.decode()
    assert rows[0].person.name in printed and "完成 4 学时" in printed
    client.post(f"{home}certificates/")
    assert Certificate.objects.get().printed_at is not None
    assert "4 学时" in client.get(f"/training/file/{rows[0].pk}/").content.decode()


def test_an_inspector_scans_and_is_signed_in_and_sees_the_own_file_only(
    cast: Cast, people: list[Player], rows: list[Inspector], client: Client
) -> None:
    now = clock.now().astimezone(clock.CHINA)
    begins = min(now.time().replace(second=0, microsecond=0), time(23, 58))
    batch = planned(rows[:1], starts_on=TODAY, ends_on=TODAY)
    where = session(batch, day=TODAY, begins=begins, ends=time(23, 59))
    client.force_login(cast.office.user)
    wall = client.get(f"/training/session/{where.pk}/screen/")
    code = services.code(where, clock.now())
    assert wall["Refresh"] == "20" and "data:image/svg" in wall.content.decode()
    client.force_login(people[0].user)
    page = client.get(f"/training/sign/{where.pk}/?code={code}").content.decode()
    assert f'value="{code}"' in page and not Attendance.objects.exists()
    done = client.post(f"/training/sign/{where.pk}/", {"code": code}, follow=True).content.decode()
    assert "已签到" in done and Attendance.objects.get().inspector == rows[0]
    # The wall is the office's; sessions of others are not there; the own file is, another's is not.
    assert client.get(f"/training/session/{where.pk}/screen/").status_code == 404
    assert client.get(f"/training/file/{rows[0].pk}/").status_code == 200
    assert client.get(f"/training/file/{rows[1].pk}/").status_code == 404
    client.force_login(people[1].user)
    assert client.get(f"/training/sign/{where.pk}/").status_code == 404
    assert client.get(f"/training/batch/{batch.pk}/").status_code == 404


@pytest.mark.parametrize(
    "path", ["", "hours/", "new/", "batch/{batch}/", "batch/{batch}/invite/", "session/{session}/"]
)
def test_pages_by_role(cast: Cast, people: list[Player], rows: list[Inspector], client: Client, path: str) -> None:
    batch = planned(rows[:1])
    where = session(batch)
    address = "/training/" + path.format(batch=batch.pk, session=where.pk)
    leader = player("分管卯", "leader", cast.bureau)
    reads = path in ("", "hours/", "batch/{batch}/", "session/{session}/")
    for who, status in (
        (cast.office, 200), (cast.staff, 200), (leader, 200 if reads else 404), (people[0], 200 if path == "batch/{batch}/" else 404),
        (people[1], 404), (cast.head, 404), (cast.foreign_office, 200 if path in ("", "hours/", "new/") else 404),
    ):  # fmt: skip
        client.force_login(who.user)
        assert client.get(address).status_code == status, (path, who.person.name)


def test_scores_and_reasons_are_for_the_office_and_the_person(
    cast: Cast, people: list[Player], rows: list[Inspector], client: Client
) -> None:
    batch = planned(rows[:2])
    came(session(batch), rows[0], state="leave", reason="住院（示例）")
    exam = services.set_exam(
        batch=batch, title="结业测试（示例）", day=date(2024, 3, 8), areas=(), full=Decimal(100), pass_mark=Decimal(60),
        by=cast.office.actor, now=NOW,
    )  # fmt: skip
    services.record_scores(exam=exam, base_version=1, points={rows[0]: Decimal("37.5")}, by=cast.office.actor, now=NOW)
    leader = player("分管卯", "leader", cast.bureau)
    for who, sees in ((cast.office, True), (people[0], True), (leader, False)):
        client.force_login(who.user)
        for page in (f"/training/file/{rows[0].pk}/", f"/training/batch/{batch.pk}/"):
            assert ("37.5" in client.get(page).content.decode()) == sees, (who.person.name, page)
        assert ("住院" in client.get(f"/training/file/{rows[0].pk}/").content.decode()) == sees
        book = b"".join(client.get(f"/training/file/{rows[0].pk}/?export=xlsx").streaming_content)  # type: ignore[attr-defined]
        sheets = CalamineWorkbook.from_filelike(io.BytesIO(book))
        text = str([sheets.get_sheet_by_name(name).to_python() for name in sheets.sheet_names])
        assert ("37.5" in text, "住院" in text) == (sees, sees), who.person.name
    # Another who takes part sees the training and nothing of this.
    client.force_login(people[1].user)
    page = client.get(f"/training/batch/{batch.pk}/").content.decode()
    assert "37.5" not in page and rows[0].person.name not in page


def excel(*lines: tuple[object, ...]) -> io.BytesIO:
    made = io.BytesIO()
    with xlsxwriter.Workbook(made, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        for at, line in enumerate((("姓名", "督学证号", "出勤", "学时", "事由"), *lines)):
            sheet.write_row(at, 0, line)
    made.seek(0)
    made.name = "出勤.xlsx"
    return made


def test_a_table_is_looked_at_row_by_row_before_it_is_written(
    cast: Cast, rows: list[Inspector], client: Client
) -> None:
    where = session(planned(rows))
    names = [one.person.name for one in rows]
    came(where, rows[2])
    client.force_login(cast.staff.user)
    address = f"/training/session/{where.pk}/upload/"
    answer = client.post(
        address,
        {
            "table": excel(
                (names[0], "", "到", 3.5, ""), (names[1], "", "请假", "", ""), ("查无此人", "", "到", "", ""),
                (names[0], "", "缺席", "", ""), (names[2], "", "到", "", ""), (names[1], "", "来了", "", ""),
                (names[1], "", "到", "四", ""), (names[1], "", "到", 9, ""), ("", "", "到", "", ""),
            )
        },
    )  # fmt: skip
    page = answer.content.decode()
    assert answer.status_code == 200 and Attendance.objects.count() == 1
    for words in (
        "请假要写事由", "参训名单里没有“查无此人”", "和第 2 行是同一个人", "没有变化", "出勤写的是“来了”", "学时“四”不是数字",
        "学时 9 不在 0 到 4 之间", "没有姓名", "新登记 1 行，改动 0 行，没有变化 1 行，不能写入 7 行",
    ):  # fmt: skip
        assert words in page, words
    packed = answer.context["packed"]
    assert client.post(address, {"rows": packed + "x"}).status_code == 422
    assert client.post(address, {"rows": packed}).status_code == 302
    row = Attendance.objects.get(inspector=rows[0])
    assert (row.hours, row.way) == (Decimal("3.50"), "table")
    # Confirmed twice: what was new then is on record now, nothing changes.
    assert client.post(address, {"rows": packed}).status_code == 302
    assert client.post(address, {"table": io.BytesIO(b"garbage")}).status_code == 422


def test_the_year_names_who_is_short_and_excel_says_the_same(cast: Cast, rows: list[Inspector], client: Client) -> None:
    batch = planned(rows, year=2023, starts_on=date(2023, 11, 6), ends_on=date(2023, 11, 10))
    for day in range(6, 10):
        came(session(batch, "10", day=date(2023, 11, day)), *(rows if day < 9 else rows[:1]), hours=None)
    came(batch.sessions.get(day=date(2023, 11, 9)), rows[1], rows[2], state="absent")
    client.force_login(cast.office.user)
    page = client.get("/training/hours/?year=2023").content.decode()
    assert "2023年不足 40 学时的 2 人" in page
    for row in rows[1:]:
        assert f"{row.person.name}差 10 学时" in page
    assert f"{rows[0].person.name}差" not in page
    book = b"".join(client.get("/training/hours/?year=2023&v=short&export=xlsx").streaming_content)  # type: ignore[attr-defined]
    lines = CalamineWorkbook.from_filelike(io.BytesIO(book)).get_sheet_by_index(0).to_python()[3:]
    assert [(line[0], line[6], line[9], line[10]) for line in lines] == [
        (row.person.name, 30.0, 10.0, "不足") for row in rows[1:]
    ]
    # A year that still runs finds nobody at fault.
    assert "没有记录" in client.get("/training/hours/").content.decode()


def test_pages_take_the_same_statements_for_many(
    cast: Cast, rows: list[Inspector], client: Client, django_assert_max_num_queries: Any
) -> None:
    more = [
        entered(player(f"多{at}", "inspector", cast.office.appointment.unit, username=f"m{at}")) for at in range(12)
    ]
    for row in more:
        announced(row)
    for _ in range(4):
        batch = planned([*rows, *more])
        came(session(batch), *rows, *more)
    client.force_login(cast.office.user)
    for page, most in (
        ("/training/", 34), ("/training/hours/", 30), (f"/training/batch/{batch.pk}/", 30), (f"/training/file/{rows[0].pk}/", 64),
        (f"/training/session/{batch.sessions.get().pk}/", 26),
    ):  # fmt: skip
        with django_assert_max_num_queries(most):
            assert client.get(page).status_code == 200


def test_needs_say_why_and_the_matrix_opens_down_to_what_a_level_rests_on(
    cast: Cast, people: list[Player], rows: list[Inspector], client: Client
) -> None:
    batch = planned(rows[:1], areas=("school",))
    came(session(batch, "8"), rows[0])
    register.assess(
        inspector=rows[1],
        year=2023,
        grade="不合格（示例）",
        is_fail=True,
        assessed_on=TODAY,
        by=cast.office.actor,
        now=NOW,
    )
    client.force_login(cast.staff.user)
    page = client.get("/training/needs/").content.decode()
    for words in (
        "2024年还差 32 学时",
        "2023年度考核不合格（示例）",
        "2022年以来没有参加过集中培训",
        "没有登记督学证",
        "未达一级：教育政策法规",
    ):
        assert words in page, words
    failed = client.get("/training/needs/?ground=assessment").context["rows"]
    assert [one.known.key for one in failed] == [rows[1].pk]
    cell = f"/training/competence/{rows[0].pk}/school/"
    assert cell in client.get("/training/competence/").content.decode()
    shown = client.get(cell).content.decode()
    assert "三年内该领域满8学时" in shown and "8学时" in shown
    assert client.post(f"{cell}judge/", {"level": "3", "reason": "", "judged_on": "2024-04-10"}).status_code == 422
    client.post(f"{cell}judge/", {"level": "3", "reason": "带队两年（示例）", "judged_on": "2024-04-10"})
    assert "督导室评定：带队两年（示例）" in client.get(cell).content.decode()
    client.post(f"{cell}judge/", {"level": "back", "reason": "收回（示例）", "judged_on": "2024-04-10"})
    assert "督学实务：1 了解" in client.get(cell).content.decode()
    # The person sees the own cell; the others, leaders and heads do not.
    leader = player("分管卯", "leader", cast.bureau)
    for who, status in ((people[0], 200), (people[1], 404), (leader, 404), (cast.head, 404)):
        client.force_login(who.user)
        assert client.get(cell).status_code == status, who.person.name
        assert client.get("/training/needs/").status_code == client.get("/training/competence/").status_code == 404
    client.force_login(leader.user)
    assert "带队两年" not in client.get(f"/training/file/{rows[0].pk}/").content.decode()


def test_hours_from_elsewhere_come_with_proof_and_somebody_else_decides(
    cast: Cast, people: list[Player], rows: list[Inspector], client: Client
) -> None:
    facts = {
        "title": "自治区班（示例）", "level": "region", "kind": "class", "organiser": "示例学院", "starts_on": "2024-03-04", "ends_on": "2024-03-08",
        "hours": "36.5", "areas": ["school"], "certificate": "示例8",
    }  # fmt: skip
    client.force_login(people[0].user)
    none = client.post("/training/claims/new/", facts)
    assert none.status_code == 422 and "请选择文件" in none.content.decode() and "36.5" in none.content.decode()
    # Whose claim it is cannot be said by who claims.
    sent = client.post("/training/claims/new/", {**facts, "proofs": paper(), "inspector": str(rows[1].pk)})
    claim = Claim.objects.get()
    assert sent.status_code == 302 and claim.inspector == rows[0]
    assert client.post("/training/claims/new/", {**facts, "proofs": paper()}).status_code == 422
    address = f"/training/claims/{claim.pk}/"
    decision = {"base_version": "1", "accepts": "1", "decided_on": "2024-04-10"}
    assert client.post(address, decision).status_code == 404
    client.force_login(people[1].user)
    assert client.get(address).status_code == 404
    assert book("640122", 2024, today=TODAY).rows[0].counted is None
    client.force_login(cast.office.user)
    [proof] = client.get(address).context["proofs"]
    assert client.get(f"{address}proof/{proof.pk}/").status_code == 200
    no = client.post(address, {**decision, "accepts": "0"})
    assert no.status_code == 422 and "写明理由" in no.content.decode()
    assert client.post(address, decision).status_code == 302
    assert hours("640122", 2024) == {rows[0].pk: Decimal("36.5")}
    assert competence("640122", day=TODAY)[rows[0].pk] == {"school": 3}
    assert "已经是“已认定”" in client.post(address, decision).content.decode()


def test_who_takes_part_is_told_by_a_message_that_the_office_sends(
    cast: Cast, people: list[Player], rows: list[Inspector], client: Client
) -> None:
    batch = planned(starts_on=TODAY, ends_on=TODAY, place="示例教室")
    session(batch, "3.5", day=TODAY)
    client.force_login(cast.office.user)
    empty = client.post(f"/training/batch/{batch.pk}/notice/", follow=True)
    assert "还没有确定参训人员" in empty.content.decode() and not Message.objects.exists()
    services.invite(batch=batch, inspectors=rows[:2], by=cast.office.actor, now=NOW)
    for _ in range(2):
        assert client.post(f"/training/batch/{batch.pk}/notice/").status_code == 302
    message = Message.objects.get()
    assert message.state == Message.State.PREPARED and "3.5 学时" in message.text and "示例教室" in message.text
    assert {one.person_id for one in message.recipients.all()} == {one.person.pk for one in people[:2]}


def test_somebody_scans_in_whatever_hat(cast: Cast, client: Client) -> None:
    row = entered(cast.head)
    announced(row)
    begins = min(clock.now().astimezone(clock.CHINA).time().replace(second=0, microsecond=0), time(23, 58))
    where = session(planned([row], starts_on=TODAY, ends_on=TODAY), day=TODAY, begins=begins, ends=time(23, 59))
    client.force_login(cast.head.user)
    code = services.code(where, clock.now())
    assert client.post(f"/training/sign/{where.pk}/", {"code": code}).status_code == 302
    assert Attendance.objects.get().by_person == cast.head.person.pk


def test_the_county_sets_its_own_number_with_its_source(cast: Cast, client: Client) -> None:
    client.force_login(cast.office.user)
    low = client.post("/training/rules/training_hours/", {"value": "30", "from_on": "2024-01-01", "source": "示例文件"})
    assert low.status_code == 422 and "不能低于 40 学时" in low.content.decode()
    client.post("/training/rules/training_hours/", {"value": "48", "from_on": "2024-01-01", "source": "示例文件"})
    page = client.get("/training/rules/").content.decode()
    assert "48 学时" in page and "示例文件" in page and "本县规定" in page
    assert client.get("/training/rules/nothing/").status_code == 404


def paper() -> SimpleUploadedFile:
    made = io.BytesIO()
    Image.new("RGB", (8, 8), "white").save(made, "PNG")
    return SimpleUploadedFile("证明（示例）.png", made.getvalue(), "image/png")

"""The pages of inspections, as each role meets them."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.test import Client

from dudao.findings.models import Finding, Measure
from dudao.inspections import queries, services
from dudao.inspections.forms import pasted_lines
from dudao.inspections.models import Inspection
from dudao.papers.models import Paper
from tests.cast import NOW, Cast, Player
from tests.findings.conftest import proof
from tests.inspections.conftest import line, planned, served, take

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def on_the_day(settings: Any) -> None:
    settings.DEMO_TODAY = date(2024, 4, 10)


@pytest.fixture
def signed_in(client: Client) -> Callable[[Player], Client]:
    def into(who: Player) -> Client:
        client.force_login(who.user)
        return client

    return into


SignIn = Callable[[Player], Client]


def test_the_office_plans_the_same_inspection_for_two_schools(
    cast: Cast, inspectors: list[Player], signed_in: SignIn
) -> None:
    office = signed_in(cast.office)
    typed = {
        "kind": "special", "title": "规范办学行为", "matters": "课程开设\n食堂管理", "begin_on": "2024-05-06",
        "end_on": "2024-05-07", "occurred_on": "2024-04-10", "units": [str(cast.school.pk), str(cast.school_2.pk)],
        "lead": str(inspectors[0].person.pk), "persons": [str(inspectors[1].person.pk)],
        "guests": "刘某（示例） 县医院医生",
    }  # fmt: skip
    answer = office.post("/inspections/new/", typed)
    assert answer.status_code == 302 and "?batch=" in answer["Location"]
    page = office.get(answer["Location"]).content.decode()
    assert "示例第一小学" in page and "示例第二中学" in page
    assert [one.role for one in Inspection.objects.first().team.all()] == ["lead", "member", "invited"]  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"end_on": "2024-05-01"}, "结束日期不能早于进驻日期"),
        ({"occurred_on": "2024-04-11"}, "不能晚于今天"),
        ({"units": ["00000000-0000-0000-0000-000000000007"]}, "有一项现在不能选"),
    ],
)
def test_what_is_wrong_is_said_at_the_place_and_stays_typed(
    cast: Cast, signed_in: SignIn, changes: dict[str, object], words: str
) -> None:
    typed = {
        "kind": "special", "title": "规范办学行为示例", "matters": "课程开设", "begin_on": "2024-05-06",
        "end_on": "2024-05-07", "occurred_on": "2024-04-10", "units": [str(cast.school.pk)],
    }  # fmt: skip
    answer = signed_in(cast.office).post("/inspections/new/", {**typed, **changes})
    page = answer.content.decode()
    assert answer.status_code == 422 and words in page and "规范办学行为示例" in page
    assert not Inspection.objects.exists()


def test_the_member_who_belongs_to_the_unit_is_named(cast: Cast, signed_in: SignIn) -> None:
    typed = {
        "kind": "special", "title": "示例", "matters": "课程", "begin_on": "2024-05-06", "end_on": "2024-05-07",
        "occurred_on": "2024-04-10", "units": [str(cast.school.pk)], "invited": [str(cast.head.person.pk)],
    }  # fmt: skip
    answer = signed_in(cast.office).post("/inspections/new/", typed)
    assert "丙（示例）在示例第一小学任职" in answer.content.decode()


def test_pages_are_there_for_whom_they_are_meant(
    cast: Cast, fed_back: Inspection, inspectors: list[Player], signed_in: SignIn
) -> None:
    page = f"/inspections/{fed_back.pk}/"
    expected = {
        "office": (cast.office, 200), "staff": (cast.staff, 200), "inspector": (inspectors[0], 200),
        "head": (cast.head, 200), "other head": (cast.head_2, 404), "other county": (cast.foreign_office, 404),
    }  # fmt: skip
    for name, (who, status) in expected.items():
        assert signed_in(who).get(page).status_code == status, name
    for name in ("change", "team", "reward", "draft/opinion"):
        assert signed_in(cast.head).get(f"{page}{name}/").status_code == 404
        assert signed_in(inspectors[0]).get(f"{page}{name}/").status_code == 404
    assert signed_in(cast.head).get(f"{page}problems/").status_code == 404


def test_the_unit_answers_and_does_not_see_the_notes_of_the_team(
    cast: Cast, fed_back: Inspection, signed_in: SignIn
) -> None:
    from dudao.procedures.models import Act

    Act.objects.filter(subject=fed_back.pk, code="leave").update(words="只给自己看的现场记录")
    head = signed_in(cast.head)
    page = head.get(f"/inspections/{fed_back.pk}/").content.decode()
    assert "提出申辩" in page and "表示没有异议" in page and "示例问题1" not in page
    assert "只给自己看" not in page and "综合分析" not in page
    act = head.get(f"/inspections/{fed_back.pk}/act/defend/")
    assert act.status_code == 200 and "申辩的条目和理由" in act.content.decode()
    assert head.get(f"/inspections/{fed_back.pk}/act/analyse/").status_code in (404, 422)
    assert head.get(f"/inspections/{fed_back.pk}/act/none_such/").status_code == 404
    office = signed_in(cast.office)
    assert "只给自己看" in office.get(f"/inspections/{fed_back.pk}/").content.decode()


def test_a_file_of_the_team_is_not_given_to_the_unit(cast: Cast, fed_back: Inspection, signed_in: SignIn) -> None:
    from dudao.files.models import StoredFile

    take(fed_back, "defend", cast.head, date(2024, 3, 20), evidence=[proof()])
    own = StoredFile.objects.get()
    address = f"/inspections/{fed_back.pk}/file/{own.pk}/"
    assert signed_in(cast.head).get(address).status_code == 200
    assert signed_in(cast.head_2).get(address).status_code == 404
    StoredFile.objects.update(subject=str(fed_back.pk))
    assert signed_in(cast.office).get(address).status_code == 404


def lines_of(*rows: dict[str, str], **head: str) -> dict[str, str]:
    data = {"f-TOTAL_FORMS": str(len(rows)), "f-INITIAL_FORMS": "0", "found_on": "2024-03-12", **head}
    for at, row in enumerate(rows):
        data |= {f"f-{at}-{name}": value for name, value in {"severity": "ordinary", **row}.items()}
    return data


def test_problems_are_typed_several_at_once_with_one_day_for_all(
    cast: Cast, on_site: Inspection, signed_in: SignIn
) -> None:
    office, address = signed_in(cast.office), f"/inspections/{on_site.pk}/problems/"
    assert office.get(address).status_code == 200
    wrong = lines_of({"title": "甲", "basis": "1条"}, {"title": "乙"}, {}, due_on="2024-04-30")
    answer = office.post(address, wrong)
    assert answer.status_code == 422 and not Finding.objects.exists()
    early = lines_of({"title": "甲", "basis": "1条", "due_on": "2024-03-01"}, due_on="2024-04-30")
    answer = office.post(address, early)
    assert answer.status_code == 422 and "整改期限不能早于发现日期" in answer.content.decode()
    right = lines_of({"title": "甲", "basis": "1条"}, {"title": "乙", "basis": "2条", "due_on": "2024-05-31"}, {},
                     due_on="2024-04-30")  # fmt: skip
    assert office.post(address, right).status_code == 302
    assert [one.due_on for one in queries.all_findings(on_site)] == [date(2024, 4, 30), date(2024, 5, 31)]


def test_a_form_sent_twice_writes_once(cast: Cast, on_site: Inspection, signed_in: SignIn) -> None:
    office, address = signed_in(cast.office), f"/inspections/{on_site.pk}/problems/"
    sent = lines_of({"title": "甲", "basis": "1条", "key": "01900000-0000-7000-8000-00000000000a"})
    for _ in range(2):
        assert office.post(address, sent).status_code == 302
    assert Finding.objects.count() == 1
    plan = {
        "kind": "special", "title": "示例两次", "matters": "课程", "begin_on": "2024-05-06", "end_on": "2024-05-07",
        "occurred_on": "2024-04-10", "units": [str(cast.school.pk)], "key": "01900000-0000-7000-8000-00000000000b",
    }  # fmt: skip
    assert office.post("/inspections/new/", plan)["Location"] == office.post("/inspections/new/", plan)["Location"]
    plan |= {"units": [str(cast.school.pk), str(cast.school_2.pk)], "key": "01900000-0000-7000-8000-00000000000c"}
    assert office.post("/inspections/new/", plan)["Location"] == office.post("/inspections/new/", plan)["Location"]
    assert Inspection.objects.filter(title="示例两次").count() == 3


def test_a_table_of_twelve_is_pasted_and_looked_at_before_it_is_saved(
    cast: Cast, on_site: Inspection, signed_in: SignIn
) -> None:
    table = "序号\t问题\n" + "\n".join(f"{n}\t示例问题{n}\t第{n}条\t整改\t2024年5月{n}日前" for n in range(1, 13))
    assert len(pasted_lines(table)) >= 12
    office, address = signed_in(cast.office), f"/inspections/{on_site.pk}/problems/"
    page = office.post(address, {**lines_of({}), "paste": "1", "pasted": table}).content.decode()
    assert "示例问题12" in page and "2024-05-12" in page and not Finding.objects.exists()


def test_of_two_who_change_a_line_the_second_sees_what_stands(
    cast: Cast, on_site: Inspection, signed_in: SignIn
) -> None:
    one = services.keep_findings(inspection=on_site, lines=[line()], by=cast.office.actor, now=NOW)[0]
    office, address = signed_in(cast.office), f"/inspections/{on_site.pk}/problems/"
    mine = {"finding": str(one.pk), "base_version": "1", "title": "我的说法", "basis": "1条"}
    services.keep_findings(
        inspection=on_site,
        lines=[line(1, title="同事的说法", finding=one.pk, base_version=1)],
        by=cast.staff.actor,
        now=NOW,
    )
    answer = office.post(address, lines_of(mine))
    page = answer.content.decode()
    assert answer.status_code == 409 and "同事的说法" in page and "我的说法" in page
    assert 'name="f-0-base_version" value="2"' in page
    assert office.post(address, lines_of({**mine, "base_version": "2"})).status_code == 302
    one.refresh_from_db()
    assert one.title == "我的说法"


def test_papers_are_drafted_from_the_page_and_not_by_looking(
    cast: Cast, on_site: Inspection, signed_in: SignIn
) -> None:
    services.keep_findings(inspection=on_site, lines=[line()], by=cast.office.actor, now=NOW)
    staff, address = signed_in(cast.staff), f"/inspections/{on_site.pk}/draft/preliminary-opinion/"
    before = Paper.objects.count()
    assert staff.get(address).status_code == 200 and Paper.objects.count() == before
    answer = staff.post(address)
    paper = Paper.objects.get(kind="preliminary-opinion")
    assert answer["Location"].startswith(f"/papers/{paper.pk}/")
    assert "一件没有签发的" in staff.get(address).content.decode()
    assert staff.get(f"/inspections/{on_site.pk}/draft/minutes/").status_code == 404


def test_an_opinion_from_the_oa_is_served_on_the_act_page(cast: Cast, fed_back: Inspection, signed_in: SignIn) -> None:
    take(fed_back, "accept", cast.head, date(2024, 3, 20))
    take(fed_back, "analyse", cast.office, date(2024, 3, 25))
    office, address = signed_in(cast.office), f"/inspections/{fed_back.pk}/act/issue/"
    page = office.get(address)
    assert page.status_code == 200 and "3 个问题，各按自己的期限" in page.content.decode()
    typed = {
        "base_version": str(fed_back.version), "key": "01900000-0000-7000-8000-000000000001", "paper": "outside",
        "number": "贺政教督督〔2024〕9号", "paper_on": "2024-03-28", "occurred_on": "2024-03-29", "way": "oa",
        "received_by": "示例签收人",
    }  # fmt: skip
    future = office.post(address, {**typed, "occurred_on": "2024-04-11"})
    assert future.status_code == 422 and "不能晚于今天" in future.content.decode()
    assert office.post(address, typed).status_code == 302
    assert {one.state for one in queries.all_findings(fed_back)} == {"rectifying"}
    assert office.post(address, typed).status_code == 302, "sent twice, taken once"
    head = signed_in(cast.head).get(f"/inspections/{fed_back.pk}/").content.decode()
    assert "示例问题1" in head and "贺政教督督〔2024〕9号" in head


def test_a_unit_without_problems_is_praised(cast: Cast, on_site: Inspection, signed_in: SignIn) -> None:
    take(on_site, "leave", cast.office, date(2024, 3, 13),
         ticks=("现场考察", "征求公众意见", "专门听取学生、家长和教师意见"))  # fmt: skip
    served(on_site, "feed_back", "preliminary-opinion", cast, date(2024, 3, 18))
    take(on_site, "accept", cast.head, date(2024, 3, 20))
    take(on_site, "analyse", cast.office, date(2024, 3, 25))
    served(on_site, "issue", "opinion", cast, date(2024, 3, 29))
    office, address = signed_in(cast.office), f"/inspections/{on_site.pk}/reward/"
    page = office.get(address).content.decode()
    assert "没有发现需要整改的问题" in page
    typed = {"title": "示例：督导结果好", "wanted": "示例理由", "occurred_on": "2024-04-10"}
    assert office.post(address, typed).status_code == 302
    reward = Measure.objects.get()
    assert (reward.kind, reward.origin, reward.origin_link) == (
        "reward",
        str(on_site.pk),
        f"/inspections/{on_site.pk}/",
    )


def test_the_list_takes_the_same_statements_however_long(
    cast: Cast, signed_in: SignIn, django_assert_max_num_queries: Any
) -> None:
    office = signed_in(cast.office)
    planned(cast)
    office.get("/inspections/")
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as few:
        office.get("/inspections/")
    planned(cast, units=[cast.school.pk, cast.school_2.pk, cast.kindergarten.pk])
    with CaptureQueriesContext(connection) as many:
        assert office.get("/inspections/").status_code == 200
    assert len(many) == len(few)
    assert office.get("/inspections/?export=xlsx").status_code == 200
    assert office.get("/inspections/?print=1&chip=late&kind=special").status_code == 200


def test_one_inspection_takes_the_same_statements_with_twelve_problems(
    cast: Cast, on_site: Inspection, signed_in: SignIn
) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    office, page = signed_in(cast.office), f"/inspections/{on_site.pk}/"
    services.keep_findings(inspection=on_site, lines=[line()], by=cast.office.actor, now=NOW)
    office.get(page)
    with CaptureQueriesContext(connection) as few:
        office.get(page)
    services.keep_findings(inspection=on_site, lines=[line(n) for n in range(2, 13)], by=cast.office.actor, now=NOW)
    with CaptureQueriesContext(connection) as many:
        assert "12 个" in office.get(page).content.decode()
    assert len(many) == len(few) < 60


def test_the_report_that_goes_up_is_not_addressed_to_the_unit(
    cast: Cast, issued: Inspection, signed_in: SignIn
) -> None:
    office, address = signed_in(cast.office), f"/inspections/{issued.pk}/act/submit_report/"
    assert office.get(address).status_code == 200
    typed = {
        "base_version": str(issued.version), "key": "01900000-0000-7000-8000-000000000002", "paper": "outside",
        "number": "贺政教督报〔2024〕1号", "paper_on": "2024-04-01", "occurred_on": "2024-04-02", "words": "已报送",
        "ticks": ["本级人民政府已收到", "上一级督导机构已备案"], "evidence": [_upload()],
    }  # fmt: skip
    assert office.post(address, typed).status_code == 302
    assert not Paper.objects.get(kind="inspection-report").addressees.exists()


def _upload() -> Any:
    from io import BytesIO

    from PIL import Image

    made = BytesIO()
    Image.new("RGB", (4, 4)).save(made, "PNG")
    made.name = "回执.png"
    made.seek(0)
    return made


def test_the_opinion_says_in_sentences_what_the_unit_said(cast: Cast, fed_back: Inspection, signed_in: SignIn) -> None:
    take(fed_back, "defend", cast.head, date(2024, 3, 20), words="第二条系临时调课（示例）", evidence=[proof()])
    take(fed_back, "analyse", cast.office, date(2024, 3, 25), words="不予采纳（示例）。")
    signed_in(cast.staff).post(f"/inspections/{fed_back.pk}/draft/opinion/")
    body = Paper.objects.get(kind="opinion").texts.get().body
    assert "对初步督导意见，你单位提出申辩：第二条系临时调课（示例）。我室综合分析认为：不予采纳（示例）。" in body

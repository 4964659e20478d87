"""The pages of on-site checks, as each role meets them."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from dudao.findings.models import Finding
from dudao.returns.models import Cell, CellCheck, CheckRound, SchoolCheck
from dudao.returns.services import site_rounds
from dudao.shell.keys import uuid7
from tests.cast import NOW, TODAY, Cast, Player
from tests.returns.test_site import (
    PNG,
    WRONG,
    adopt,
    check,
    checked,
    head_signs,
    inspectors,
    mark,
    record,
    reported,
    row,
    same,
    sign,
)

pytestmark = pytest.mark.django_db
__all__ = ["check", "checked", "inspectors", "reported", "row"]
SignIn = Callable[[Player], Client]


@pytest.fixture(autouse=True)
def on_the_day(settings: Any) -> None:
    settings.DEMO_TODAY = date(2024, 4, 10)


@pytest.fixture
def signed_in(client: Client) -> SignIn:
    def into(who: Player) -> Client:
        client.force_login(who.user)
        return client

    return into


def at(check: SchoolCheck, rest: str = "") -> str:
    return f"/returns/site/school/{check.pk}/{rest}"


def cell(**changes: Any) -> dict[str, Any]:
    typed = {
        "key": str(uuid7()), "base_version": "0", "outcome": "differs", "found": "805", "proof": "roster",
        "cause": "wrong-day", "occurred_on": "2024-04-09",
    }  # fmt: skip
    return {**typed, **changes}


def test_the_office_plans_groups_and_arranges_by_a_proposal(
    cast: Cast, reported: Any, inspectors: list[Player], signed_in: SignIn
) -> None:
    office = signed_in(cast.office)
    page = office.get("/returns/site/new/", follow=True)
    assert "优质均衡填报（示例） 实地核查" in page.content.decode()
    typed = {
        "title": "2024年实地核查", "begin_on": "2024-04-08", "end_on": "2024-04-12", "per_day": "2", "scope": "key",
        "occurred_on": "2024-04-10", "key": str(uuid7()),
    }  # fmt: skip
    answer = office.post(page.redirect_chain[-1][0], typed)
    made = CheckRound.objects.get()
    assert answer["Location"] == f"/returns/site/{made.pk}/groups/"
    people = [str(one.person.pk) for one in inspectors]
    groups = {
        "g-TOTAL_FORMS": "2", "g-INITIAL_FORMS": "2", "base_version": "1", "g-0-name": "第一组", "g-0-lead": people[0],
        "g-0-persons": [people[1]], "g-1-name": "第二组", "g-1-lead": people[2], "g-1-persons": [people[3]],
    }  # fmt: skip
    answer = office.post(f"/returns/site/{made.pk}/groups/", groups)
    assert answer["Location"] == f"/returns/site/{made.pk}/table/"
    page = office.post(f"/returns/site/{made.pk}/table/", {"propose": "1"}).content.decode()
    assert "还没有保存" in page and page.count('value="2024-04-08"') == 2
    assert not made.schools.filter(group__isnull=False).exists()
    first, second = made.groups.all()
    one, two = made.schools.order_by("pk")
    turns = {
        "t-TOTAL_FORMS": "2", "t-INITIAL_FORMS": "2", "base_version": "2", "t-0-key": str(one.pk),
        "t-0-group": str(first.pk), "t-0-on": "2024-04-08", "t-1-key": str(two.pk), "t-1-group": str(second.pk),
        "t-1-on": "2024-04-09",
    }  # fmt: skip
    wrong = office.post(f"/returns/site/{made.pk}/table/", {**turns, "t-1-on": "2024-05-09"})
    assert wrong.status_code == 422 and "这轮核查从2024年4月8日到2024年4月12日" in wrong.content.decode()
    stale = office.post(f"/returns/site/{made.pk}/table/", {**turns, "base_version": "1"})
    assert stale.status_code == 409 and "现在是：待定" in stale.content.decode()
    assert office.post(f"/returns/site/{made.pk}/table/", turns).status_code == 302
    assert office.post(f"/returns/site/{made.pk}/start/", {"base_version": "3"}).status_code == 302
    made.refresh_from_db()
    assert made.state == "running"
    page = office.get(f"/returns/site/{made.pk}/").content.decode()
    assert "示例第一小学" in page and "癸（示例）（组长）" in page
    book = office.get(f"/returns/site/{made.pk}/?export=xlsx")
    assert book.status_code == 200 and b"PK" in b"".join(book.streaming_content)[:2]  # type: ignore[attr-defined]


PAGES = [
    "",
    "sheet/",
    "same/",
    "cell/students_primary/",
    "sign/",
    "sign/paper/",
    "head/paper/",
    "reopen/",
    "adopt/",
]


def test_pages_are_there_for_whom_they_are_meant(
    cast: Cast, checked: SchoolCheck, inspectors: list[Player], signed_in: SignIn
) -> None:
    seen = {cast.office: 200, cast.head: 200, inspectors[0]: 200, inspectors[2]: 404, cast.head_2: 404,
            cast.foreign_office: 404}  # fmt: skip
    for who, status in seen.items():
        client = signed_in(who)
        for rest in ("", "sheet/", "cell/students_primary/"):
            assert client.get(at(checked, rest)).status_code == status, (who.person.name, rest)
    for rest in PAGES:
        assert signed_in(cast.office).get(at(checked, rest)).status_code == 200, rest
    # Nobody objected: there is nothing to decide.
    assert signed_in(cast.office).get(at(checked, "decide/")).status_code == 302
    head = signed_in(cast.head)
    assert head.get(at(checked, "head/")).status_code == 200 and head.get(at(checked, "adopt/")).status_code == 404
    assert signed_in(cast.office).get(at(checked, "head/")).status_code == 404
    assert signed_in(cast.office).get(at(checked, "cell/nothing/")).status_code == 404
    for rest in ("", "cells/", "first/", "sheets/"):
        assert signed_in(cast.head).get(f"/returns/site/{checked.round_id}/{rest}").status_code == 200
        assert signed_in(cast.foreign_office).get(f"/returns/site/{checked.round_id}/{rest}").status_code == 404
    for rest in ("change/", "groups/", "table/", "start/", "end/"):
        assert signed_in(cast.office).get(f"/returns/site/{checked.round_id}/{rest}").status_code == 200
        assert signed_in(inspectors[0]).get(f"/returns/site/{checked.round_id}/{rest}").status_code == 404


def test_a_checker_records_on_the_phone_and_goes_on_to_the_next_cell(
    cast: Cast, check: SchoolCheck, inspectors: list[Player], signed_in: SignIn
) -> None:
    checker = signed_in(inspectors[0])
    page = checker.get(at(check)).content.decode()
    assert "0 / 3 项" in page and "校（园）长签字</a>" not in page
    upload = SimpleUploadedFile("名册.png", PNG, "image/png")
    answer = checker.post(at(check, "cell/students_primary/"), cell(evidence=upload, next="1"))
    assert answer["Location"] == at(check, "cell/students_junior/")
    one = CellCheck.objects.get()
    assert (one.reported, one.found, one.by_name) == ("812", "805", "癸（示例）")
    page = checker.get(at(check, "cell/students_primary/")).content.decode()
    assert "名册.png" in page and "学校填写" in page
    quick = {"key": str(uuid7()), "base_version": "0", "outcome": "same", "proof": "deed", "occurred_on": "2024-04-09"}
    answer = checker.post(at(check, "cell/area_teaching_aux/"), quick)
    assert answer["Location"] == f"{at(check)}#area_teaching_aux"
    assert checker.post(at(check, "cell/area_teaching_aux/"), quick).status_code == 302
    assert CellCheck.objects.count() == 2
    page = checker.get("/returns/site/mine/").content.decode()
    assert "示例第一小学" in page and "示例第二中学" not in page
    file = one and checker.get(at(check)).context["done"][0]["line"].files[0]
    assert checker.get(at(check, f"file/{file.pk}/")).status_code == 200
    assert signed_in(cast.head_2).get(at(check, f"file/{file.pk}/")).status_code == 404


def test_what_is_wrong_is_said_at_the_field_and_stays_typed(
    check: SchoolCheck, inspectors: list[Player], signed_in: SignIn
) -> None:
    answer = signed_in(inspectors[0]).post(at(check, "cell/students_primary/"), cell(found="八百", words="示例说明"))
    page = answer.content.decode()
    assert answer.status_code == 422 and "请用阿拉伯数字" in page and "八百" in page and "示例说明" in page
    assert not CellCheck.objects.exists()


def test_two_texts_for_one_cell_are_laid_out_side_by_side(
    check: SchoolCheck, inspectors: list[Player], signed_in: SignIn
) -> None:
    record(check, inspectors[1], WRONG)
    checker = signed_in(inspectors[0])
    answer = checker.post(at(check, "cell/students_primary/"), cell(found="806"))
    page = answer.content.decode()
    assert answer.status_code == 409 and "805" in page and "806" in page and "别人刚改过" in page
    sent = cell(found="806", base_version="1", pick_found="theirs", theirs_found="805", proof_words="9月1日名册")
    assert checker.post(at(check, "cell/students_primary/"), sent).status_code == 302
    assert CellCheck.objects.get().found == "805"


def test_many_that_agree_are_ticked_at_once(check: SchoolCheck, inspectors: list[Player], signed_in: SignIn) -> None:
    checker = signed_in(inspectors[0])
    page = at(check, "same/")
    assert checker.post(page, {"on": "2024-04-09"}).status_code == 422
    sent = {
        "on": "2024-04-09", "code": ["students_primary", "area_teaching_aux"], "proof-students_primary": "roster",
        "proof-area_teaching_aux": "", "key-students_primary": str(uuid7()),
    }  # fmt: skip
    answer = checker.post(page, sent)
    assert answer.status_code == 422 and "佐证" in answer.content.decode() and not CellCheck.objects.exists()
    assert checker.post(page, {**sent, "proof-area_teaching_aux": "deed"}).status_code == 302
    assert {one.outcome for one in CellCheck.objects.all()} == {"same"} and CellCheck.objects.count() == 2


def test_signing_adopting_and_registering_go_from_page_to_page(
    cast: Cast, check: SchoolCheck, inspectors: list[Player], signed_in: SignIn
) -> None:
    record(check, inspectors[0], WRONG, same("area_teaching_aux"))
    for who in inspectors[:2]:
        client = signed_in(who)
        typed = {"seen": "2", "occurred_on": "2024-04-09", "key": str(uuid7())}
        assert client.post(at(check, "sign/"), typed).status_code == 422
        assert client.post(at(check, "sign/"), {**typed, "sure": "on"}).status_code == 302
    head = signed_in(cast.head)
    assert "校（园）长签字</a>" in head.get(at(check)).content.decode()
    typed = {"seen": "2", "agrees": "no", "occurred_on": "2024-04-09"}
    answer = head.post(at(check, "head/"), typed)
    assert answer.status_code == 422 and "有异议" in answer.content.decode()
    assert head.post(at(check, "head/"), {**typed, "agrees": "yes"}).status_code == 302
    office = signed_in(cast.office)
    page = office.get(at(check, "adopt/")).content.decode()
    assert "812" in page and "805" in page
    sent = {
        "base_version": "2",
        "occurred_on": "2024-04-10",
        "take-students_primary": "keep",
        "words-students_primary": "",
    }
    answer = office.post(at(check, "adopt/"), sent)
    assert answer.status_code == 422 and "写明理由" in answer.content.decode()
    assert office.post(at(check, "adopt/"), {**sent, "take-students_primary": "found"}).status_code == 302
    assert Cell.objects.get(ret=check.ret, code="students_primary").adopted == "805"
    key = str(uuid7())
    answer = office.post(at(check, "finding/"), {"only": "students_primary", "key": key})
    finding = Finding.objects.get()
    assert answer["Location"] == f"/findings/{finding.pk}/" and str(finding.pk) == key
    assert (
        office.post(at(check, "finding/"), {"only": "students_primary", "key": key})["Location"] == answer["Location"]
    )
    assert at(check) in office.get(answer["Location"]).content.decode()
    assert finding.number in office.get(at(check)).content.decode()
    page = office.get(f"/returns/site/{check.round_id}/cells/?by=cause").content.decode()
    assert "统计时点用错" in page and finding.number in page


def test_a_refused_paper_signature_keeps_what_was_typed(cast: Cast, checked: SchoolCheck, signed_in: SignIn) -> None:
    staff = signed_in(cast.staff)
    typed = {"seen": str(checked.version), "name": "丙（示例）", "agrees": "yes", "occurred_on": "2024-04-09"}
    answer = staff.post(at(checked, "head/paper/"), typed)
    assert answer.status_code == 422 and "丙（示例）" in answer.content.decode()
    scan = SimpleUploadedFile("签字页.png", PNG, "image/png")
    assert staff.post(at(checked, "head/paper/"), {**typed, "scan": scan}).status_code == 302
    assert "签字页.png" in staff.get(at(checked)).content.decode()


def test_marked_cells_stand_first_and_say_why(
    cast: Cast, check: SchoolCheck, inspectors: list[Player], signed_in: SignIn
) -> None:
    mark(cast, check.round.campaign, area_indoor_sports="少 12 平方米，R4 由达标变为不达标")
    page = signed_in(inspectors[0]).get(at(check)).content.decode()
    assert "先核这些（1）" in page and "R4 由达标变为不达标" in page
    assert (
        "R4 由达标变为不达标" in signed_in(cast.office).get(f"/returns/site/{check.round_id}/first/").content.decode()
    )


@pytest.mark.parametrize(
    "page", ["/returns/site/{round}/", "/returns/site/{round}/cells/", "/returns/site/", "/returns/site/mine/"]
)
def test_pages_take_the_same_statements_however_much_there_is(
    cast: Cast, checked: SchoolCheck, signed_in: SignIn, page: str
) -> None:
    office = signed_in(cast.office)
    address = page.format(round=checked.round_id)
    office.get(address)
    with CaptureQueriesContext(connection) as before:
        office.get(address)
    head_signs(checked, cast.head)
    adopt(checked, cast.office)
    for number in range(4):
        site_rounds.plan_round(
            campaign=checked.round.campaign, title=f"示例{number}", begin_on=TODAY, end_on=TODAY, occurred_on=TODAY,
            by=cast.office.actor, now=NOW,
        )  # fmt: skip
    other = SchoolCheck.objects.exclude(pk=checked.pk).filter(round=checked.round).get()
    for code in ("students_primary", "students_junior", "area_teaching_aux"):
        CellCheck.objects.create(
            check_of=other,
            code=code,
            outcome="same",
            proof="roster",
            by_name="示例",
            occurred_on=TODAY,
            recorded_at=NOW,
        )
    with CaptureQueriesContext(connection) as after:
        office.get(address)
    assert len(after) == len(before)


def test_a_sheet_takes_the_same_statements_however_many_cells(
    check: SchoolCheck, inspectors: list[Player], signed_in: SignIn
) -> None:
    checker = signed_in(inspectors[0])
    record(check, inspectors[0], WRONG)
    checker.get(at(check))
    with CaptureQueriesContext(connection) as before:
        checker.get(at(check))
    record(check, inspectors[0], same("area_teaching_aux"), same("students_junior"), same("boarding"))
    with CaptureQueriesContext(connection) as after:
        checker.get(at(check))
    assert len(after) == len(before)
    assert sign(check, inspectors[0]).place == 1

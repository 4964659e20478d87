"""Boards at the gates: what they show, what they must never show, who prints them."""

import io
from datetime import date
from typing import Any

import pytest
import segno
from django.test import Client
from django.urls import reverse

from dudao.accounts import services as people
from dudao.duties import queries, services
from dudao.duties.models import Board, PublicContact
from dudao.duties.services import Given
from dudao.files import services as files
from dudao.inspectors.models import Inspector
from tests.cast import NOW, TODAY, Cast, county_cast
from tests.duties.stage import able
from tests.duties.test_pages import signed_in

pytestmark = pytest.mark.django_db
OWN = "13800000000"


@pytest.fixture(autouse=True)
def a_day_in_april(settings: Any) -> None:
    settings.DEMO_TODAY = TODAY


@pytest.fixture
def cast() -> Cast:
    return county_cast()


@pytest.fixture
def inspector(cast: Cast) -> Inspector:
    row = able(cast, "督学癸", "证1")
    person = row.person
    people.change_person(
        person=person, base_version=person.version, name=person.name, phone=OWN, by=cast.office.actor, now=NOW
    )
    services.assign_duties(
        rows=[Given(cast.school.pk, row.pk)], starts_on=date(2024, 3, 1), by=cast.office.actor, now=NOW
    )
    return row


def test_a_board_shows_what_is_public_and_nothing_the_register_knows(cast: Cast, inspector: Inspector) -> None:
    services.keep_office_contact(
        base_version=0, name="督导室（示例）", phone="0951-8000000", hours="", by=cast.office.actor, now=NOW
    )
    page = signed_in(cast.head).get(f"/duties/unit/{cast.school.pk}/board/").content.decode()
    for words in ("责任督学公示牌", "示例第一小学", "督学癸（示例）", "督导事项", "0951-8000000", "公示牌二维码"):
        assert words in page
    path = queries.public_path(Board.objects.get().pk)
    assert path == reverse("complaints:board", args=[Board.objects.get().pk])
    for words in (OWN, "证1", str(inspector.pk)):
        assert words not in page


def test_boards_are_printed_all_at_once_with_a_warning_of_what_they_lack(
    cast: Cast, inspector: Inspector, settings: Any
) -> None:
    office = signed_in(cast.office)
    page = office.get("/duties/boards/").content.decode()
    assert "督学癸（示例）没有照片；督学癸（示例）没有公示电话；没有监督电话" in page and "2 所还没有公示牌" in page
    assert "只能在本机打开" in page
    assert office.get("/duties/boards/print/").content.decode().count('class="dd-gate"') == 1
    assert office.post("/duties/boards/make/").status_code == 302
    printed = office.get("/duties/boards/print/?print=1").content.decode()
    assert printed.count('class="dd-gate"') == 3 and "待安排" in printed and "data-print" in printed
    settings.SITE = "https://dudao.example"
    assert "只能在本机打开" not in office.get("/duties/boards/").content.decode()
    assert Board.objects.count() == 3


def test_who_may_see_which_board(cast: Cast, inspector: Inspector) -> None:
    mine, school = Client(), f"/duties/unit/{cast.school.pk}/board/"
    mine.force_login(inspector.person.users.get())
    assert mine.get(school).status_code == 200
    assert signed_in(cast.head_2).get(school).status_code == 404
    assert signed_in(cast.foreign_office).get(school).status_code == 404
    for client in (mine, signed_in(cast.head)):
        for path in ("boards/", "boards/print/", "boards/phones/", "boards/office/"):
            assert client.get(f"/duties/{path}").status_code == 404


def test_a_photo_is_for_who_sees_the_board(cast: Cast, inspector: Inspector) -> None:
    drawn = io.BytesIO()
    segno.make("照片（示例）").save(drawn, kind="png")
    drawn.seek(0)
    shown = files.attach(files.receive(drawn, name="照片.png"), subject=inspector, by=cast.office.actor, now=NOW)
    Inspector.objects.filter(pk=inspector.pk).update(photo=shown)
    path = f"/duties/photo/{inspector.pk}/"
    assert signed_in(cast.head).get(path)["Content-Type"] == "image/png"
    assert f'src="{path}"' in signed_in(cast.head).get(f"/duties/unit/{cast.school.pk}/board/").content.decode()
    assert signed_in(cast.head_2).get(path).status_code == 404


def test_public_numbers_are_checked_and_one_wrong_one_writes_none(cast: Cast, inspector: Inspector) -> None:
    second = able(cast, "督学子", "证2")
    services.assign_duties(rows=[Given(cast.school_2.pk, second.pk)], starts_on=TODAY, by=cast.office.actor, now=NOW)
    office, first, other = signed_in(cast.office), f"phone_{inspector.pk}", f"phone_{second.pk}"
    base = f"{inspector.pk}:0 {second.pk}:0"
    answer = office.post("/duties/boards/phones/", {"base": base, first: "0951-8000001", other: "12"})
    assert answer.status_code == 422 and "0951-8000001" in answer.content.decode()
    assert not PublicContact.objects.exists()
    assert office.post("/duties/boards/phones/", {"base": base, first: "0951-8000001", other: ""}).status_code == 302
    assert PublicContact.objects.get().phone == "0951-8000001"
    stale = office.post("/duties/boards/phones/", {"base": base, first: "0951-8000002", other: ""})
    assert stale.status_code == 409 and PublicContact.objects.get().phone == "0951-8000001"

"""The pages of complaints: what anybody sees at a board, who sees what inside, floods, and that nothing typed is lost."""

import io
from typing import Any

import openpyxl
import pytest
from django.test import Client

from dudao.audit.models import AuditEvent
from dudao.complaints import library
from dudao.complaints.models import Complaint, Setting
from tests.cast import TODAY, Cast, Player, player
from tests.complaints.stage import CONTACT, NAME, WORDS, Stage, answered, handed, received, stage

pytestmark = pytest.mark.django_db
TYPED = {"kind": "complaint", "about": "", "words": WORDS, "name": NAME, "contact": CONTACT, "more": ""}
PRIVATE = (WORDS, NAME, CONTACT)


@pytest.fixture(autouse=True)
def a_day_in_april(settings: Any) -> None:
    settings.DEMO_TODAY = TODAY


@pytest.fixture
def few(monkeypatch: Any) -> None:
    """Limits that a test reaches soon."""
    monkeypatch.setattr(library, "floods", lambda: library.Floods(address=3, board=5, codes=3))


@pytest.fixture
def on(cast: Cast) -> Stage:
    return stage(cast)


@pytest.fixture
def anybody() -> Client:
    return Client(enforce_csrf_checks=True)


def into(who: Any) -> Client:
    client = Client()
    client.force_login(who.user if isinstance(who, Player) else who.person.users.get())
    return client


def text_of(response: Any) -> str:
    return str(response.content.decode())


def test_anybody_says_something_at_a_board_and_reads_the_answer_by_the_code_without_a_cookie(
    on: Stage, anybody: Client
) -> None:
    page = f"/gsp/{on.board}/"
    assert on.inspector.person.name in text_of(anybody.get(page))
    done = anybody.post(page, TYPED)
    row = Complaint.objects.get()
    code = "-".join(row.code[at : at + 4] for at in (0, 4, 8))
    assert done.status_code == 200 and code in text_of(done) and "no-store" in done["Cache-Control"]
    assert (row.words, row.name, row.contact, row.unit_id, row.about_id) == (
        WORDS,
        NAME,
        CONTACT,
        on.cast.school.pk,
        None,
    )
    outcome = anybody.post("/gsp/cx/", {"code": code.lower()})
    assert "已收到" in text_of(outcome) and not any(one in text_of(outcome) for one in PRIVATE)
    assert not anybody.cookies


def test_what_is_said_about_the_inspector_names_them_and_one_of_another_board_is_refused(
    on: Stage, anybody: Client
) -> None:
    anybody.post(f"/gsp/{on.board}/", {**TYPED, "about": str(on.inspector.pk)})
    assert Complaint.objects.get().about == on.inspector.person
    again = anybody.post(f"/gsp/{on.board}/", {**TYPED, "about": str(on.other.pk), "words": "另一件事（示例）"})
    assert again.status_code == 422 and Complaint.objects.count() == 1


@pytest.mark.parametrize(("wrong", "status"), [({"words": ""}, 422), ({"kind": "x"}, 422), ({"more": "http://"}, 422)])
def test_nothing_typed_is_lost_when_the_form_is_refused(
    on: Stage, anybody: Client, wrong: dict[str, str], status: int
) -> None:
    page = anybody.post(f"/gsp/{on.board}/", {**TYPED, **wrong})
    kept = [
        one
        for one in (WORDS, NAME, CONTACT)
        if one not in (wrong.get("words", ""), "") and ("words" not in wrong or one != WORDS)
    ]
    assert page.status_code == status and all(one in text_of(page) for one in kept) and not Complaint.objects.exists()


def test_a_flood_from_one_address_is_told_so_and_loses_nothing(on: Stage, anybody: Client, few: None) -> None:
    page = f"/gsp/{on.board}/"
    answers = [anybody.post(page, {**TYPED, "words": f"第{n}件事（示例）"}) for n in range(4)]
    assert [one.status_code for one in answers] == [200] * 3 + [429]
    assert (
        "请过一小时再提交" in text_of(answers[-1])
        and "第3件事" in text_of(answers[-1])
        and NAME in text_of(answers[-1])
    )
    assert anybody.post(page, TYPED, REMOTE_ADDR="10.1.1.1").status_code == 200
    # A header that anybody can send is not believed.
    assert anybody.post(page, TYPED, HTTP_X_FORWARDED_FOR="10.9.9.9").status_code == 429


def test_a_board_lets_through_no_more_than_its_limit_whoever_sends(on: Stage, anybody: Client, few: None) -> None:
    page = f"/gsp/{on.board}/"
    for n in range(5):
        assert anybody.post(page, {**TYPED, "words": f"第{n}件事"}, REMOTE_ADDR=f"10.0.{n}.1").status_code == 200
    assert anybody.post(page, TYPED, REMOTE_ADDR="10.0.99.1").status_code == 429


def test_guessing_codes_is_stopped(on: Stage, anybody: Client, few: None) -> None:
    looks = [anybody.post("/gsp/cx/", {"code": f"AAAA-BBBB-{n:04}"}).status_code for n in range(4)]
    assert looks == [422] * 3 + [429]


@pytest.mark.parametrize("key", ["nonsense", "00000000-0000-7000-8000-000000000000", "'"])
def test_an_unknown_board_says_what_to_do(on: Stage, anybody: Client, key: str) -> None:
    page = anybody.get(f"/gsp/{key}/")
    assert page.status_code == 404 and "没有这块公示牌" in text_of(page)


def test_where_the_form_is_not_open_the_board_still_says_whom_to_call_and_takes_nothing(
    on: Stage, anybody: Client
) -> None:
    Setting.objects.update(is_open=False)
    page = anybody.get(f"/gsp/{on.board}/")
    assert (
        on.inspector.person.name in text_of(page)
        and "网上提交没有开通" in text_of(page)
        and "<form" not in text_of(page)
    )
    late = anybody.post(f"/gsp/{on.board}/", TYPED)
    assert late.status_code == 422 and WORDS in text_of(late) and not Complaint.objects.exists()


def test_markup_that_somebody_types_stays_text(on: Stage, anybody: Client) -> None:
    anybody.post(f"/gsp/{on.board}/", {**TYPED, "words": "<script>alert(1)</script>坏话"})
    page = into(on.cast.office).get(f"/complaints/{Complaint.objects.get().pk}/")
    assert "&lt;script&gt;" in text_of(page) and "<script>alert" not in text_of(page)


#: Who sees what of a complaint that was handed over: the page, the words, the step's words, and the way to who complained.
SEEN = {
    "office": {"page", "words", "steps", "who"},
    "staff": {"page", "words", "steps", "who"},
    "leader": {"page"},
    "committee_head": {"page"},
    "follower": {"page", "steps"},
    "other inspector": set(),
    "head": set(),
    "clerk": set(),
    "section_head": set(),
    "department_contact": set(),
    "township_contact": set(),
    "upper_office": set(),
    "system_admin": set(),
    "security_admin": set(),
    "audit_admin": set(),
    "foreign office": set(),
}


def test_each_role_sees_of_a_complaint_what_it_is_for_and_nobody_sees_who_complained_by_an_address_alone(
    on: Stage,
) -> None:
    cast, row = on.cast, handed(on)
    office = cast.office.appointment.unit
    roles: dict[str, Any] = {
        "office": cast.office, "staff": cast.staff, "follower": on.inspector, "other inspector": on.other, "head": cast.head,
        "system_admin": cast.system_admin, "security_admin": cast.security_admin, "audit_admin": cast.audit_admin,
        "foreign office": cast.foreign_office, "clerk": player("寅", "school_clerk", cast.school),
    }  # fmt: skip
    for post in SEEN.keys() - roles.keys():
        roles[post] = player(f"卯{post}", post, cast.bureau if post != "upper_office" else office)
    for admin in ("system_admin", "security_admin", "audit_admin"):
        roles[admin].user.is_demo = True
        roles[admin].user.save()
    for role, may in SEEN.items():
        client, address = into(roles[role]), f"/complaints/{row.pk}/"
        answer = client.get(address)
        shown = text_of(answer)
        assert answer.status_code == (200 if "page" in may else 404), role
        assert (WORDS in shown, "去食堂看一看" in shown) == ("words" in may, "steps" in may), role
        assert NAME not in shown and CONTACT not in shown and row.code not in shown, role
        for page in (
            client.get("/complaints/"),
            client.get("/complaints/?print=1"),
            client.get("/complaints/", {"q": WORDS[:6]}),
        ):
            assert not any(one in text_of(page) for one in PRIVATE), role
            assert page.status_code == (200 if may or role in ("other inspector", "foreign office") else 404), role
        who = client.post(f"{address}who/", {"reason": "要打电话核实情况"})
        assert who.status_code == (200 if "who" in may else 404) and (NAME in text_of(who)) == ("who" in may), role
        acts = {step: client.get(f"{address}{step}/").status_code for step in ("answer", "hand", "report")}
        assert acts["answer"] == acts["hand"] == (200 if "who" in may else 404), role
        assert acts["report"] == (200 if "steps" in may else 404), role
    assert AuditEvent.objects.filter(action="complaint.opened").count() == 2


def test_the_inspector_reads_the_words_only_where_the_office_says_so(on: Stage) -> None:
    row = handed(on, shows_words=True)
    assert WORDS in text_of(into(on.inspector).get(f"/complaints/{row.pk}/"))


def test_excel_has_neither_words_nor_who(on: Stage) -> None:
    answered(on)
    book = openpyxl.load_workbook(
        io.BytesIO(b"".join(into(on.cast.office).get("/complaints/?export=xlsx").streaming_content))
    )
    cells = [str(cell.value) for line in book.active.iter_rows() for cell in line]
    assert "食堂饭菜温度（示例）" in cells and not any(one in " ".join(cells) for one in (*PRIVATE, "保温设备"))


def test_the_office_writes_down_a_call_and_takes_it_to_the_end_with_plain_forms(on: Stage) -> None:
    client, cast = into(on.cast.staff), on.cast
    new = {
        "source": "phone", "received_on": "2024-04-09", "kind": "question", "unit": str(cast.school.pk), "about": "",
        "title": "问作息时间（示例）", "words": "几点放学（示例）", "name": "", "contact": "",
    }  # fmt: skip
    client.post("/complaints/new/", new)
    row = Complaint.objects.get()
    address = f"/complaints/{row.pk}/"
    assert "查询码" in text_of(client.get(address))
    for step, more in (
        ("accept", {"title": row.title, "about": ""}),
        (
            "hand",
            {
                "follower": str(on.inspector.person_id),
                "unit": str(cast.bureau.pk),
                "words": "请回复",
                "shows_words": "",
            },
        ),
        ("answer", {"verdict": "none", "words": "四点半（示例）", "way": "phone"}),
        ("close", {"words": ""}),
    ):
        row.refresh_from_db()
        sent = client.post(f"{address}{step}/", {"base_version": row.version, "occurred_on": "2024-04-10", **more})
        assert sent.status_code == 302, (step, text_of(sent))
    row.refresh_from_db()
    assert row.state == "closed" and client.get(f"{address}close/").status_code == 422


def test_a_long_list_takes_no_more_statements_than_a_short_one(on: Stage, django_assert_max_num_queries: Any) -> None:
    client = into(on.cast.office)
    for _ in range(12):
        received(on.cast)
    with django_assert_max_num_queries(32):
        client.get("/complaints/")


def test_an_inspector_whose_term_has_ended_but_whom_the_board_still_shows_is_kept_out_too(
    on: Stage, anybody: Client
) -> None:
    on.inspector.terms.update(state="ended", ended_on=TODAY, ground="moved")
    anybody.post(f"/gsp/{on.board}/", {**TYPED, "about": str(on.inspector.pk)})
    assert Complaint.objects.get().about == on.inspector.person


def test_no_photo_of_whom_the_board_does_not_show(on: Stage, anybody: Client) -> None:
    for who in (on.inspector, on.other):
        assert anybody.get(f"/gsp/{on.board}/photo/{who.pk}/").status_code == 404

"""Every post against every private field of the register, on every way out: list, Excel, whole register, entry, file, print, search."""

import io
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from django.test import Client

from dudao.accounts.posts import posts
from dudao.inspectors import services
from dudao.inspectors.models import Inspector
from tests.cast import NOW, TODAY, Cast, county_cast, player
from tests.inspectors.stage import ABLE, announced, entered

pytestmark = pytest.mark.django_db

#: What each private field holds here.
PRIVATE = {
    "born": "1971-11", "education": "博士", "since_year": "1997", "phone": "13900001234", "note": "示例备注甲", "recusal": "示例关系乙",
    "assessment": "示例评语丙", "grade": "示例等次丁", "condition": "示例体检报告戊", "absence": "示例病假己", "step": "示例意见庚", "ground": "示例依据辛",
}  # fmt: skip
#: What the whole register and its import hold of these.
IN_TABLE = {"born", "education", "since_year", "phone", "note"}
OFFICE = {"office_director", "office_staff"}


@pytest.fixture(autouse=True)
def a_day_in_april(settings: Any) -> None:
    settings.DEMO_TODAY = TODAY


def row_of_secrets(cast: Cast) -> Inspector:
    who = player("督学癸", "inspector", cast.office.appointment.unit)
    type(who.person).objects.filter(pk=who.person.pk).update(phone=PRIVATE["phone"])
    facts = replace(ABLE, born=PRIVATE["born"], education="doctor", since_year=1997, note=PRIVATE["note"])
    row, by = entered(who, facts), cast.office.actor
    term = announced(row, date(2021, 9, 1), end_on=date(2024, 3, 31))
    services.end_term(
        term=term,
        base_version=term.version,
        ended_on=date(2024, 3, 1),
        ground="idle",
        words=PRIVATE["ground"],
        by=by,
        now=NOW,
    )
    services.begin_term(inspector=row, recommended_on=TODAY, who="示例", words=PRIVATE["step"], by=by, now=NOW)
    services.record_conditions(
        inspector=row, found={"health": (True, PRIVATE["condition"])}, looked_on=TODAY, who="示例", by=by, now=NOW
    )
    services.say_recusal(
        inspector=row,
        unit=cast.school,
        ground="kin",
        words=PRIVATE["recusal"],
        start_on=TODAY,
        said_on=TODAY,
        by=by,
        now=NOW,
    )
    services.assess(
        inspector=row, year=2023, grade=PRIVATE["grade"], is_fail=False, words=PRIVATE["assessment"], assessed_on=TODAY, by=by,
        now=NOW,
    )  # fmt: skip
    services.record_absence(inspector=row, start_on=TODAY, end_on=TODAY, reason=PRIVATE["absence"], by=by, now=NOW)
    return row


def ways_out(client: Client, row: Inspector) -> Iterator[tuple[str, int, str]]:
    """Each way out: its name, status, and its words; a book unpacked."""
    for name, address in (
        ("list", "/inspectors/"), ("print", "/inspectors/?print=1"), ("excel", "/inspectors/?export=xlsx"), ("table", "/inspectors/import/table/"),
        ("entry", f"/inspectors/{row.pk}/"), ("file", f"/inspectors/{row.pk}/file/"), ("change", f"/inspectors/{row.pk}/change/"),
        ("asked", "/inspectors/asked/"), ("home", "/"), *((f"search {word}", f"/search/?q={word}") for word in (PRIVATE["note"], PRIVATE["recusal"])),
    ):  # fmt: skip
        answer = client.get(address)
        content = b"".join(answer.streaming_content) if answer.streaming else answer.content  # type: ignore[attr-defined]
        if content[:2] == b"PK":
            with zipfile.ZipFile(io.BytesIO(content)) as book:
                content = b"".join(book.read(part) for part in book.namelist())
        text = content.decode("utf-8", "replace")
        # The word that was looked for stands in the search box.
        yield (
            name,
            answer.status_code,
            text.replace(name.removeprefix("search "), "") if name.startswith("search") else text,
        )


def test_private_fields_leave_the_house_for_nobody_but_the_office_and_the_inspector(client: Client) -> None:
    cast = county_cast()
    row = row_of_secrets(cast)
    where = cast.office.appointment.unit
    people = {
        code: player(
            f"某{at}", code, cast.school_2 if code in ("school_head", "school_clerk") else where, username=f"p{at}"
        )
        for at, code in enumerate(posts())
        if code not in ("school_head", "office_director", "system_admin", "security_admin", "audit_admin")
    }
    people |= {"office_director": cast.office, "school_head": cast.head, "system_admin": cast.system_admin}
    people |= {"security_admin": cast.security_admin, "foreign": cast.foreign_office}
    for code, who in people.items():
        client.force_login(who.user)
        for name, status, text in ways_out(client, row):
            seen = {field for field, word in PRIVATE.items() if word in text}
            if code == "foreign" and name == "table":
                # The sheet that says how to fill it in names the degrees.
                seen.discard("education")
            if code not in OFFICE:
                assert not seen, (code, name, seen)
                # The office of another county has a register of its own.
                readers = {"committee_head", "leader"} | (
                    {"foreign"} if name in ("list", "print", "excel", "table") else set()
                )
                assert (
                    status in (302, 404) or name in ("home", "asked") or name.startswith("search") or code in readers
                ), (
                    code,
                    name,
                )
            elif name == "table":
                assert seen == IN_TABLE
            elif name == "file":
                assert set(PRIVATE) - seen == {"phone", "absence", "step"}
            elif name == "entry":
                assert set(PRIVATE) - seen == {"phone"}
            elif name in ("list", "print", "excel"):
                assert not seen, (code, name, seen)
    client.force_login(row.person.users.get())
    words = {name: text for name, _, text in ways_out(client, row)}
    assert set(PRIVATE) - {field for field, word in PRIVATE.items() if word in words["entry"]} == {"phone"}
    assert all(word not in words["table"] and word not in words["list"] for word in PRIVATE.values())

"""What ends, what the county sets, absences, photos, and units that ask for a recusal."""

import io
from contextlib import nullcontext
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from dudao.files import services as files
from dudao.inspectors import queries, services
from dudao.inspectors.endings import endings
from dudao.inspectors.models import Inspector
from dudao.inspectors.tasks import KIND, remind
from dudao.jobs.registry import Run
from dudao.messages.models import Message
from dudao.shell.acts import system
from dudao.shell.errors import Conflict, Refused
from tests.cast import NOW, TODAY, Cast, Player, county_cast, player
from tests.inspectors.stage import ABLE, announced, entered

pytestmark = pytest.mark.django_db
BY = system("640122")


@pytest.fixture(autouse=True)
def a_day_in_april(settings: Any) -> None:
    settings.DEMO_TODAY = TODAY


@pytest.fixture
def cast() -> Cast:
    return county_cast()


@pytest.fixture
def inspector(cast: Cast) -> Player:
    return player("督学癸", "inspector", cast.office.appointment.unit)


@pytest.fixture
def row(inspector: Player) -> Inspector:
    return entered(inspector)


def renewed(row: Inspector, ends: date) -> None:
    facts = replace(ABLE, certificate_number="示例1", certificate_to=ends)
    services.change_inspector(inspector=row, base_version=row.version, facts=facts, by=BY, now=NOW)


# What ends


def test_ends_are_told_ninety_days_before_and_after_until_they_are_renewed(cast: Cast, row: Inspector) -> None:
    announced(row)
    for days, told in ((91, 0), (90, 1), (-1, 1)):
        renewed(row, TODAY + timedelta(days=days))
        assert len(endings(BY, today=TODAY)) == told
    # The term ends on 31 August 2026.
    assert [one.what for one in endings(BY, today=date(2026, 6, 3))] == ["certificate", "term"]


def test_a_third_term_in_a_row_is_told_as_the_last(cast: Cast, row: Inspector) -> None:
    services.note_term(inspector=row, start_on=date(2021, 6, 1), ordinal=3, by=BY, now=NOW)
    [one] = endings(BY, today=TODAY)
    assert one.is_last and "不能续聘" in one.words(TODAY)


def test_a_message_waits_for_each_end_once_and_none_goes_by_itself(cast: Cast, row: Inspector) -> None:
    announced(row)
    renewed(row, TODAY + timedelta(days=30))

    class Once(Run):
        by, now, cursor = BY, NOW, None

        def step(self, **_: Any) -> Any:
            return nullcontext()

    for _ in range(2):
        remind(Once())  # type: ignore[abstract]
    message = Message.objects.get(kind=KIND)
    assert message.state == Message.State.PREPARED and "换证" in message.text and "2024年5月10日" in message.text
    renewed(row, TODAY + timedelta(days=700))
    remind(Once())  # type: ignore[abstract]
    message.refresh_from_db()
    assert message.state == Message.State.DROPPED


def test_the_workbench_shows_the_office_all_ends_and_an_inspector_the_own(
    cast: Cast, row: Inspector, inspector: Player, client: Client
) -> None:
    announced(row)
    renewed(row, TODAY + timedelta(days=30))
    other = entered(player("督学丑", "inspector", cast.office.appointment.unit, username="chou"))
    announced(other)
    services.change_inspector(
        inspector=other,
        base_version=other.version,
        facts=replace(ABLE, certificate_to=date(2024, 4, 1)),
        by=BY,
        now=NOW,
    )
    client.force_login(cast.office.user)
    page = client.get("/").content.decode()
    assert "督学证或任期快到期" in page and "督学证或任期已过" in page and "督学丑" in page
    assert "督学丑" in client.get("/inspectors/?chip=over").content.decode()
    client.force_login(inspector.user)
    page = client.get("/").content.decode()
    assert "督学证 2024-05-10 到期，还有 30 天" in page and "督学丑" not in page


# What the county sets


def test_the_countys_number_holds_from_its_day_with_its_source_and_the_law_stays(
    cast: Cast, row: Inspector, client: Client
) -> None:
    facts: dict[str, Any] = {"source": "示政教督〔2024〕1号", "is_checked": False, "now": NOW}
    services.set_rule(rule="warn_days", value=30, from_on=TODAY, by=cast.office.actor, **facts)
    before, now = (queries.rules_on("640122", day=day)["warn_days"] for day in (date(2024, 4, 9), TODAY))
    assert (before.value, now.value, now.is_sure) == (90, 30, False)
    assert queries.rules_on("640121", day=TODAY)["warn_days"].value == 90
    announced(row)
    renewed(row, TODAY + timedelta(days=60))
    assert endings(BY, today=TODAY) == []
    for rule, by, says in (
        ("most_terms", cast.office.actor, "法律法规"), ("training_hours", cast.office.actor, "别处设定"), ("warn_days", cast.head.actor, "督导室管理"),
    ):  # fmt: skip
        with pytest.raises(Refused, match=says):
            services.set_rule(rule=rule, value=4, from_on=TODAY, by=by, **facts)
    with pytest.raises(Refused, match="写明依据"):
        services.set_rule(rule="warn_days", value=4, from_on=TODAY, by=cast.office.actor, **{**facts, "source": " "})
    client.force_login(cast.office.user)
    page = client.get("/inspectors/rules/").content.decode()
    assert "示政教督〔2024〕1号" in page and "未核实" in page and "系统自带：90 日" in page
    sent = {"value": "45", "from_on": "2024-05-01", "source": "示例"}
    assert client.post("/inspectors/rules/warn_days/", sent).status_code == 302
    assert client.get("/inspectors/rules/most_terms/").status_code == 404


# Absences and photos


def test_days_away_are_said_by_the_inspector_or_the_office_and_heeded(
    cast: Cast, row: Inspector, inspector: Player, client: Client
) -> None:
    announced(row)
    facts: dict[str, Any] = {"inspector": row, "start_on": TODAY, "end_on": TODAY + timedelta(days=4), "now": NOW}
    absence = services.record_absence(by=inspector.actor, reason="示例", **facts)
    assert queries.roster("640122", day=TODAY)[0].away == ((TODAY, TODAY + timedelta(days=4)),)
    for by, change, says in (
        (cast.office.actor, {}, "重叠"), (cast.head.actor, {}, "本人或督导室"), (cast.office.actor, {"end_on": date(2024, 4, 1)}, "止日不能早于"),
        (cast.office.actor, {"end_on": date(2026, 4, 1)}, "超过一年"),
    ):  # fmt: skip
        with pytest.raises(Refused, match=says):
            services.record_absence(by=by, **{**facts, **change})
    client.force_login(inspector.user)
    assert "示例" in client.get(f"/inspectors/{row.pk}/").content.decode()
    assert client.post(f"/inspectors/{row.pk}/absence/{absence.pk}/back/").status_code == 302
    assert queries.roster("640122", day=TODAY)[0].away == ()
    with pytest.raises(Refused, match="已经撤回"):
        services.take_back_absence(absence=absence, by=cast.office.actor, now=NOW)


def picture(kind: str = "PNG") -> bytes:
    made = io.BytesIO()
    Image.new("RGB", (8, 10)).save(made, kind)
    return made.getvalue()


def test_a_photo_is_put_in_by_the_inspector_and_no_other_file_is_one(
    cast: Cast, row: Inspector, inspector: Player, client: Client
) -> None:
    client.force_login(inspector.user)
    address = f"/inspectors/{row.pk}/photo/new/"
    wrong = {"base_version": row.version, "photo": SimpleUploadedFile("示例.pdf", b"%PDF-1.7\n%%EOF\n")}
    assert client.post(address, wrong).status_code == 422
    sent = {"base_version": row.version, "photo": SimpleUploadedFile("示例.png", picture())}
    answer = client.post(address, sent)
    assert answer.status_code == 302, answer.content.decode()
    row.refresh_from_db()
    assert row.photo is not None
    shown = client.get(f"/inspectors/{row.pk}/photo/")
    assert shown.status_code == 200 and shown.headers["Content-Type"] == "image/png"
    other = player("督学丑", "inspector", cast.office.appointment.unit, username="chou")
    for who in (other, cast.head):
        client.force_login(who.user)
        assert client.get(f"/inspectors/{row.pk}/photo/").status_code == 404
        assert client.get(address).status_code == 404


# Units ask


def test_a_head_asks_and_sees_only_what_the_own_unit_asked(cast: Cast, row: Inspector, client: Client) -> None:
    announced(row)
    services.say_recusal(
        inspector=row, unit=cast.school, ground="kin", words="本人申报的示例", start_on=TODAY, said_on=TODAY, origin="declared",
        by=cast.office.actor, now=NOW,
    )  # fmt: skip
    client.force_login(cast.head.user)
    sent = {"inspector": str(row.pk), "ground": "interest", "words": "示例利害", "start_on": "2024-04-10"}
    assert client.post("/inspectors/asked/new/", {**sent, "words": ""}).status_code == 422
    page = client.post("/inspectors/asked/new/", sent, follow=True).content.decode()
    assert "示例利害" in page and "待决定" in page and "本人申报的示例" not in page
    pair = (row.person_id, cast.school.pk)
    assert pair in queries.recused("640122", [pair[0]], [pair[1]], day=TODAY)
    client.force_login(cast.head_2.user)
    assert "示例利害" not in client.get("/inspectors/asked/").content.decode()
    for who in (cast.office, cast.foreign_office):
        client.force_login(who.user)
        assert client.get("/inspectors/asked/").status_code == 404


def test_of_two_who_change_a_photo_from_one_page_one_hears_of_it(cast: Cast, row: Inspector) -> None:
    renewed(row, TODAY + timedelta(days=700))
    with pytest.raises(Conflict):
        services.set_photo(inspector=row, base_version=1, photo=_received(), by=cast.office.actor, now=NOW)


def _received() -> Any:
    return files.receive(SimpleUploadedFile("示例.png", picture()))

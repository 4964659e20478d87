"""The demo: built once, looked at from every side. It says what the notice says, and of everything else that it is made up."""

from datetime import date

import pytest
from django.test import Client

from dudao.accounts.models import User
from dudao.dossiers.models import Dossier, Survey
from dudao.findings.models import Case, Finding, Measure
from dudao.indicators.queries import results
from dudao.inspections.models import Inspection
from dudao.places.models import UnitVersion
from dudao.plan.models import Notice, Task, TaskPart
from dudao.returns import queries as returns
from dudao.returns.models import Campaign, Return, ReturnNote, SchoolCheck
from dudao.shell.acts import Actor
from dudao.workbench import demo
from dudao_engines.standards.results import Verdict
from tests.cast import NOW

pytestmark = pytest.mark.django_db
TODAY = date(2024, 4, 10)


def test_the_demo_says_what_the_notice_says_and_is_made_up_in_everything_else(client: Client) -> None:
    demo.build(now=NOW)
    director = demo._actor("shili-zhuren", NOW)
    _units_and_accounts()
    _loop()
    _returns(director)
    _numbers(director)
    _pages(client)
    demo.play(now=NOW)
    assert Notice.objects.get().state == "confirmed"
    assert Task.objects.filter(opens_on=None, notice__isnull=False).count() == 39
    assert TaskPart.objects.count() == 60 + 2 * 42 + 49 + 3
    assert 60 < TaskPart.objects.filter(state="waiting").count() < 70


def _units_and_accounts() -> None:
    kindergartens = UnitVersion.objects.filter(kind="kindergarten")
    assert (kindergartens.filter(is_private=False).count(), kindergartens.filter(is_private=True).count()) == (39, 21)
    assert all("示例" in user.person.name and user.is_demo for user in User.objects.select_related("person"))
    assert len({account.post for account in demo.accounts_by_post()}) == 14
    made_up = UnitVersion.objects.filter(kind__in=("school", "kindergarten"))
    assert all("示例" in row.name for row in made_up)


def _loop() -> None:
    assert set(Measure.objects.values_list("kind", flat=True)) == {"order", "talk", "reward"}
    states = {"planned", "on_site", "fed_back", "issued", "archived"}
    assert states == set(Inspection.objects.values_list("state", flat=True))
    assert Finding.objects.filter(relapses=1, state="rectifying", under__measure__state="running").exists()
    assert Finding.objects.filter(earlier__isnull=False).exists()
    assert Case.objects.get().members.get().name == "主任甲（示例）"


def _returns(director: Actor) -> None:
    """Last year's are locked; this year's are nearly through, so that a report over the schools stops and says where."""
    assert set(Campaign.objects.filter(period="2023").values_list("state", flat=True)) == {"locked"}
    assert all("示例" in title for title in Campaign.objects.values_list("title", flat=True))
    assert returns.is_locked(director, "2024", "kindergarten-return")
    assert not returns.is_locked(director, "2024", "school-return")
    this = Return.objects.filter(campaign__form="school-return", campaign__period="2024")
    states = [this.filter(state=state).count() for state in ("approved", "submitted", "filling", "returned")]
    assert sum(states) == 40 and states[0] > 25 and all(states)
    assert this.filter(errors__gt=0).count() == 1 and ReturnNote.objects.get().ret.state == "returned"
    assert set(SchoolCheck.objects.values_list("state", flat=True)) == {"settled", "signed", "checking"}
    assert Finding.objects.filter(source=Finding.Source.RETURN_CHECK).count() == 1
    assert {"open", "handed", "judged", "settled", "left_out"} == set(Dossier.objects.values_list("state", flat=True))
    assert Survey.objects.count() == 1


def _numbers(director: Actor) -> None:
    """82.99 and 67.33 are computed from the kindergartens; 98.01 is not, as long as nobody declares how many children there are."""
    found = results.computed(director, "preschool-2020", "2024", "adopted", on=TODAY).results
    shown = {one.part: one.shown for one in found.results if one.level == "county"}
    assert (shown["1.2.1"], shown["1.3.1"]) == ("82.99", "67.33")
    whole = found.get("1.1.1", director.county)
    assert whole is not None and whole.trial is Verdict.MISSING and "常住人口3~5岁儿童数" in whole.reason
    # What was found on site turns one verdict of one school, and no other.
    reported = results.computed(director, "balanced-2017", "2024", "reported", on=TODAY).results
    adopted = results.computed(director, "balanced-2017", "2024", "adopted", on=TODAY).results
    turned = [
        (one.part, one.unit)
        for one in adopted.results
        if (was := reported.get(one.part, one.unit, one.stage)) and was.trial is not one.trial
    ]
    assert turned == [("R7", "SL-XX11")]


def _pages(client: Client) -> None:
    client.force_login(User.objects.get(username="shili-duxue"))
    home = client.get("/").content.decode()
    assert 'id="checks"' in home and "示例城关第四小学" in home
    for name in ("zhuren", "zhuanzhi", "fenguan", "duxue", "xiaozhang", "yuanzhang", "jijiao"):
        client.force_login(User.objects.get(username=f"shili-{name}"))
        for address in (
            "/",
            "/returns/",
            "/returns/mine/",
            "/returns/site/",
            "/indicators/",
            "/dossiers/",
            "/recognition/",
        ):
            assert client.get(address).status_code in (200, 302, 403, 404), (name, address)

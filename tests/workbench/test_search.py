"""One box finds what one may see: tasks, findings, papers, units; nothing of others."""

from datetime import date

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from dudao.findings import services
from dudao.findings.models import Finding
from dudao.returns import library
from dudao.returns import services as returns
from tests.cast import NOW, Cast
from tests.findings.conftest import facts, finding, tell_on_paper

pytestmark = pytest.mark.django_db
__all__ = ["finding"]


def _page(client: Client, words: str) -> str:
    return client.get(reverse("workbench:search"), {"q": words}).content.decode()


def test_the_office_finds_a_finding_by_words_and_by_its_number(client: Client, cast: Cast, finding: Finding) -> None:
    client.force_login(cast.office.user)
    for words in ("食堂", "2024-1", "2024-0001", "示例标准"):
        assert reverse("findings:finding", args=[finding.pk]) in _page(client, words)
    assert "没有找到" in _page(client, "没有这样的字")


def test_a_unit_finds_only_what_it_was_told(client: Client, cast: Cast, finding: Finding) -> None:
    client.force_login(cast.head.user)
    assert "食堂台账" not in _page(client, "食堂台账").replace("“食堂台账”", "").replace('value="食堂台账"', "")
    tell_on_paper(cast, finding)
    assert reverse("findings:finding", args=[finding.pk]) in _page(client, "食堂")
    client.force_login(cast.head_2.user)
    assert reverse("findings:finding", args=[finding.pk]) not in _page(client, "食堂")


def test_a_word_takes_the_same_statements_however_much_it_finds(
    client: Client, cast: Cast, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    client.force_login(cast.office.user)
    for n in range(12):
        services.register_finding(facts=facts(cast, title=f"食堂问题{n}"), by=cast.office.actor, now=NOW)
    with django_assert_max_num_queries(20):
        page = _page(client, "食堂")
    assert f"{reverse('findings:list')}?q=" in page


def test_campaigns_and_the_results_of_a_unit_are_found_by_who_may_see_them(client: Client, cast: Cast) -> None:
    form = library.forms()["school-return"]
    days = {"census_on": date(2024, 4, 1), "opens_on": date(2024, 4, 1), "due_on": date(2024, 4, 20)}
    campaign = returns.prepare_campaign(
        form=form.id, title="优质均衡填报（示例）", period="2024", period_label="2024年", **days, main_source="typed",
        units=[cast.school.pk, cast.school_2.pk], by=cast.office.actor, now=NOW,
    )  # fmt: skip
    returns.open_campaign(campaign=campaign, base_version=campaign.version, by=cast.office.actor, now=NOW)
    client.force_login(cast.office.user)
    assert reverse("returns:campaign", args=[campaign.pk]) in _page(client, "优质均衡")
    for who, own, other in ((cast.office, True, True), (cast.head, True, False), (cast.foreign_office, False, False)):
        client.force_login(who.user)
        page = _page(client, "示例第")
        for school, seen in ((cast.school, own), (cast.school_2, other)):
            address = reverse("indicators:unit", args=[school.code])
            assert (address in page) is seen
            assert not seen or client.get(f"{address}?standard=balanced-2017&period=2024").status_code == 200

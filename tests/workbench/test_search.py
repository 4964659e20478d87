"""One box finds what one may see: tasks, findings, papers, units; nothing of others."""

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from dudao.findings import services
from dudao.findings.models import Finding
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
    with django_assert_max_num_queries(18):
        page = _page(client, "食堂")
    assert f"{reverse('findings:list')}?q=" in page

"""Every address there is: closed for who is not signed in, and empty for who comes from another county."""

from collections.abc import Iterator
from uuid import UUID

import pytest
from django.apps import apps
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from dudao.audit.models import AuditEvent
from tests.cast import Cast

# Whoever adds to this list opens a page to the world.
PUBLIC = {
    "accounts:sign_in",
    "accounts:second_factor",
    "accounts:sign_in_help",
    "plan:feed",
    "check_paper",
    "papers:checker",
    "complaints:outcome",
}
# The county's own public pages are off until somebody opens them.
CLOSED = {"public_list", "public_page", "public_edition", "public_file", "public_table"}
CLOSED |= {"public_draws", "public_draw", "public_draw_bundle"}
# Behind the QR code of a board at the gate.
CLOSED |= {"complaints:board", "complaints:photo"}
PUBLIC |= CLOSED
# There only for who has the whole address.
SECRET = CLOSED | {"plan:feed", "check_paper"}
SAMPLES = {"uuid": UUID(int=7), "int": 7, "str": "x", "slug": "x", "path": "x"}


def addresses() -> Iterator[tuple[str, dict[str, str]]]:
    """Name and arguments (with the kind of each) of every pattern."""

    def walk(resolver: URLResolver, space: str) -> Iterator[tuple[str, dict[str, str]]]:
        for entry in resolver.url_patterns:
            if isinstance(entry, URLResolver):
                yield from walk(entry, f"{space}{entry.namespace}:" if entry.namespace else space)
            elif isinstance(entry, URLPattern):
                assert entry.name, f"{entry.pattern} has no name"
                kinds = {
                    name: type(c).__name__.removesuffix("Converter").lower()
                    for name, c in entry.pattern.converters.items()
                }
                yield f"{space}{entry.name}", {n: {"string": "str"}.get(k, k) for n, k in kinds.items()}

    return walk(get_resolver(), "")


ALL = sorted(addresses(), key=lambda entry: entry[0])


@pytest.mark.django_db
@pytest.mark.parametrize(("name", "kinds"), ALL, ids=[name for name, _ in ALL])
def test_without_signing_in_there_is_only_the_sign_in_page(name: str, kinds: dict[str, str]):
    address = reverse(name, kwargs={n: SAMPLES[kind] for n, kind in kinds.items()})
    for method in ("get", "post"):
        response = getattr(Client(), method)(address)
        if name in PUBLIC:
            assert response.status_code in ((404, 405) if name in SECRET else (200, 302, 405, 422))
        else:
            assert response.status_code == 302, (method, response.status_code)
            assert response["Location"].startswith(reverse("accounts:sign_in"))
    assert not AuditEvent.objects.exists()


def test_somebody_of_another_county_finds_none_of_our_rows_and_changes_none(cast: Cast):
    # One row of each model is enough: the first is of our county, because the cast begins with it.
    ours = {
        row.pk
        for model in apps.get_models()
        if model.__module__.startswith("dudao.")
        for row in model.objects.order_by("pk")[:1]  # type: ignore[attr-defined]
        if isinstance(row.pk, UUID)
    }
    ours |= {cast.head.person.pk, cast.head.user.pk, cast.head.appointment.pk, cast.school.pk}
    for player in (cast.foreign, cast.foreign_office):
        client = Client()
        client.force_login(player.user)
        client.get("/")
        before = AuditEvent.objects.count()
        for name, kinds in ALL:
            if list(kinds.values()) != ["uuid"]:
                continue
            for key in ours:
                address = reverse(name, kwargs=dict.fromkeys(kinds, key))
                for method in ("get", "post"):
                    status = getattr(client, method)(address).status_code
                    assert status in (404, 405), (player.person.name, name, method, status)
        assert AuditEvent.objects.count() == before

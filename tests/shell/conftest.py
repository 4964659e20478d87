"""The cast, for tests of pages that need somebody signed in."""

import pytest
from django.test import Client

from tests.cast import Cast, county_cast


@pytest.fixture
def cast(db: None) -> Cast:
    return county_cast()


@pytest.fixture
def office(cast: Cast) -> Client:
    """The office's director, signed in."""
    client = Client()
    client.force_login(cast.office.user)
    return client

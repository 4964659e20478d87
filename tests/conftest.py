"""Shared fixtures of all tests."""

import os

import pytest
from hypothesis import settings

from tests.cast import Cast, Player, county_cast

# In CI the same examples every time; `make deep` looks for new ones for a long while.
settings.register_profile("ci", derandomize=True, deadline=None)
settings.register_profile("deep", max_examples=5000, deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))


@pytest.fixture
def cast(db: None) -> Cast:
    """Two counties with their units and people."""
    return county_cast()


@pytest.fixture
def office(cast: Cast) -> Player:
    """The county's office director."""
    return cast.office


@pytest.fixture
def head(cast: Cast) -> Player:
    """The head of a school in the same county."""
    return cast.head


@pytest.fixture
def stranger(cast: Cast) -> Player:
    """The office director of another county: sees nothing here."""
    return cast.foreign_office


@pytest.fixture
def head_2(cast: Cast) -> Player:
    """The head of another school in the same county."""
    return cast.head_2

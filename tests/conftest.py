"""Shared fixtures of all tests."""

import pytest

from tests.cast import Cast, Player, county_cast


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

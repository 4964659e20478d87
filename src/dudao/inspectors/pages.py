"""Pages of other apps about one inspector, linked from the entry. Each app names its own in its ``AppConfig``:

inspector_pages = (Page("培训档案", "training:file", icon="school"),)
"""

from dataclasses import dataclass
from uuid import UUID

from django.apps import apps
from django.urls import reverse


@dataclass(frozen=True, slots=True)
class Page:
    """One page about an inspector; its address takes the key of the entry, and whoever may see the entry may open it."""

    label: str
    url: str
    icon: str


def pages_of(key: UUID) -> list[tuple[Page, str]]:
    """The pages about an inspector with their addresses."""
    named = [page for app in apps.get_app_configs() for page in getattr(app, "inspector_pages", ())]
    return [(page, reverse(page.url, args=[key])) for page in named]

"""What apps above add to the file of one inspector. Each names its function in its ``AppConfig``:

inspector_section = "dudao.duties.sections.of_inspector"  # (actor, inspector, today) -> Section
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.apps import apps
from django.utils.module_loading import import_string

from dudao.inspectors.models import Inspector
from dudao.shell.acts import Actor
from dudao.shell.lists import Value


@dataclass(frozen=True, slots=True)
class Section:
    """A table in the file.

    Attributes:
        empty: what is said where there are no lines.
        address: of the page that tells more; empty for none.
    """

    title: str
    heads: Sequence[str]
    lines: Sequence[Sequence[Value]]
    empty: str
    address: str = ""


def sections(actor: Actor, inspector: Inspector, *, today: date) -> list[Section]:
    """What the apps above say of an inspector whom the caller found within the reader's scope, in the order of the apps."""
    names = [getattr(app, "inspector_section", "") for app in apps.get_app_configs()]
    return [import_string(name)(actor, inspector, today) for name in names if name]

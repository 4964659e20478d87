"""The kinds of papers: templates of ``library/papers``, read once."""

from functools import cache

from django.conf import settings

from dudao_engines.papers import templates
from dudao_engines.papers.templates import Template


@cache
def kinds() -> dict[str, Template]:
    """All kinds by id, in the order in which the loop uses them: by their place in the list of papers, the others last."""
    found = templates.load(settings.LIBRARY / "papers")
    order = sorted(found.values(), key=lambda one: (not one.source, one.source, one.id))
    return {one.id: one for one in order}


def kind_name(code: str) -> str:
    """What people call a kind; one that the library does not know any more as it was entered."""
    found = kinds().get(code)
    return found.name if found else code

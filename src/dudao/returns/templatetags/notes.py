"""Notes of forms as people read them."""

from django import template

from dudao.returns import library

register = template.Library()


@register.filter
def by_name(note: str) -> str:
    """A note with indicators called by name."""
    return library.by_name(note)

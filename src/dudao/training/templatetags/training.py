"""How hours and points look."""

from decimal import Decimal

from django import template

from dudao.training.queries.competence import plain as without_zeros

register = template.Library()


@register.filter
def plain(value: Decimal | None) -> str:
    """8, 4.5; — where nobody said."""
    return "—" if value is None else without_zeros(value)

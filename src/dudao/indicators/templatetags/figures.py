"""How results look in templates."""

from django import template

from dudao.indicators import board
from dudao_engines.standards.results import Verdict

register = template.Library()


@register.filter
def tone_of(verdict: Verdict) -> str:
    """The code by which ``{% verdict %}`` and the bars show a verdict."""
    return board.tone(verdict)

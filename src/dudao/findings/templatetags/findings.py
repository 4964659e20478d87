"""How a finding is shown wherever it is named."""

from datetime import date

from django import template
from django.utils.safestring import SafeString

from dudao.findings import lights
from dudao.findings.models import Finding
from dudao.shell.templatetags.parts import tag

register = template.Library()


@register.simple_tag
def finding_state(finding: Finding, today: date) -> SafeString:
    """A finding's state in the head of a page or in a row: shape, colour and word, as in the register."""
    return tag(*lights.light(finding, today))

"""Template tags of the plan."""

from datetime import date
from typing import Any

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from dudao.plan.lists import state
from dudao.plan.models import Task
from dudao.shell.templatetags.parts import status

register = template.Library()


@register.simple_tag
def task_state(task: Task, today: date) -> SafeString:
    """A task's state as in the list. The task comes from ``queries.tasks``."""
    return status(*state(task, today))


@register.simple_tag
def words_of(task: Task, field: str, words: str) -> SafeString:
    """Under a field: the notice's own words for it, leading to where they stand; or that the notice does not say."""
    if field not in task.spans:
        return SafeString('<span class="dd-words">原文未写</span>')
    return format_html('<a class="dd-words" href="#t-{}-{}">原文“{}”</a>', task.pk, field, words)


@register.filter
def minus(whole: int, part: int) -> int:
    return whole - part


@register.simple_tag
def quoted(words: str, quote: str) -> SafeString:
    """A point's words with those of one duty marked; as they are where they have been corrected away."""
    before, found, after = words.partition(quote) if quote else (words, "", "")
    return format_html("{}<mark>{}</mark>{}", before, found, after) if found else format_html("{}", words)


@register.filter
def any_selected(options: list[dict[str, Any]]) -> bool:
    """Whether a box of a group is ticked (``boxes``)."""
    return any(option["selected"] for option in options)

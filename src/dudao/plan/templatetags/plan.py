"""Template tags of the plan."""

from datetime import date

from django import template
from django.utils.safestring import SafeString

from dudao.plan.lists import state
from dudao.plan.models import Task
from dudao.shell.templatetags.parts import status

register = template.Library()


@register.simple_tag
def task_state(task: Task, today: date) -> SafeString:
    """A task's state as in the list. The task comes from ``queries.tasks``."""
    return status(*state(task, today))

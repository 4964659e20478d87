"""What training adds to the file of an inspector."""

from datetime import date

from django.urls import reverse

from dudao.inspectors.models import Inspector
from dudao.inspectors.sections import Section
from dudao.shell.acts import Actor
from dudao.training.models import Kind
from dudao.training.queries.files import file_of


def of_inspector(actor: Actor, inspector: Inspector, today: date) -> Section:
    """Hours by year and kind."""
    years = file_of(inspector, today=today).years
    lines = [(str(one.year), *(one.by_kind.get(kind.value) for kind in Kind), one.counted) for one in years]
    heads = ("年度", *(str(kind.label) for kind in Kind), "计入年度学时")
    return Section("培训学时", heads, lines, "没有培训记录。", reverse("training:file", args=[inspector.pk]))

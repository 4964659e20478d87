"""What duties add to the file of an inspector."""

from datetime import date

from dudao.duties.models import Duty
from dudao.inspectors.models import Inspector
from dudao.inspectors.sections import Section
from dudao.places import queries as places
from dudao.shell.acts import Actor, system


def of_inspector(actor: Actor, inspector: Inspector, today: date) -> Section:
    """The schools they are and were responsible for, the latest first; two statements."""
    rows = list(Duty.objects.filter(inspector=inspector, is_void=False).order_by("-starts_on", "pk"))
    names = places.unit_names(system(inspector.county), {one.unit_id for one in rows}, as_of=today)
    lines = [(names.get(one.unit_id, "—"), one.starts_on, one.ended_on) for one in rows]
    return Section("挂牌学校（园）", ("学校（园）", "起", "止"), lines, "没有挂牌。")

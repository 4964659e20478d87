"""Asking departments and schools for what is missing: the message is made ready, a person sends it."""

from collections import defaultdict
from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.urls import reverse

from dudao.dossiers import queries
from dudao.dossiers.models import Dossier, Ledger
from dudao.dossiers.services.rights import may_manage
from dudao.messages import services as messages
from dudao.messages.models import Message
from dudao.places import queries as places
from dudao.shell.acts import Actor
from dudao.shell.clock import day_of
from dudao.shell.errors import Refused

#: So many units stand in one text; the whole list is beside the message.
UNITS = 80


@transaction.atomic
def ask(*, ledger: Ledger, units: Collection[UUID] = (), by: Actor, now: datetime) -> Message:
    """Make ready one message to all who still have something to hand in, each with its items and what is missing.

    Args:
        units: only these; everybody who is asked for something where left out.

    Raises:
        Refused: ``dossiers.not_allowed``, ``dossiers.nobody``.
    """
    may_manage(by)
    if not by.can("message.send"):
        raise Refused("您的岗位不能备消息。", code="dossiers.not_allowed")
    today = day_of(now)
    rows = [
        row
        for row in queries.dossiers(by, ledger).filter(state__in=Dossier.WITH_UNIT).order_by("position", "pk")
        if (to := row.unit_id or row.department_id) and (not units or to in units)
    ]  # fmt: skip
    ended = places.endings(by, {key for row in rows if (key := row.unit_id or row.department_id)}, as_of=today)
    lacks = queries.missing_names(rows)
    of_unit: dict[UUID, list[Dossier]] = defaultdict(list)
    for row in rows:
        to = row.unit_id or row.department_id
        if to and to not in ended:
            of_unit[to].append(row)
    if not of_unit:
        raise Refused("所选部门和学校都已报送，不用提醒。", code="dossiers.nobody")
    names = places.unit_names(by, set(of_unit), as_of=today)
    notes = {unit: _note(its, lacks) for unit, its in of_unit.items()}
    lines = [f"{names.get(unit, '')}：{_line(its, lacks)}" for unit, its in list(of_unit.items())[:UNITS]]
    if len(of_unit) > UNITS:
        lines.append(f"……共 {len(of_unit)} 个单位，名单见附表")
    due = min(row.due_on for row in rows)
    return messages.prepare(
        kind="dossier.asked",
        title=f"报送材料：{ledger.title}（{len(of_unit)} 个单位）",
        text="\n".join(
            [
                f"【材料报送】{ledger.title}需要以下单位报送材料，请于{due.month}月{due.day}日前报送：",
                *lines,
                "请登录督导系统“材料与判定台账”上传，或把材料交督导室登记。",
            ]
        ),
        own_text=f"{ledger.title}需要贵单位报送材料，条目和所缺材料见本条说明。请点“去办理”上传，或把材料交督导室登记。",
        units=list(of_unit),
        notes=notes,
        subject=ledger,
        key=f"dossier.asked:{ledger.pk}:{today}:{','.join(sorted(str(one) for one in units))[:100]}",
        link=reverse("dossiers:ledger", args=[ledger.pk]),
        by=by,
        now=now,
    )


def _line(rows: list[Dossier], lacks: dict[UUID, list[str]]) -> str:
    said = []
    for row in rows:
        names = lacks.get(row.pk, [])
        said.append(f"{row.name}（{'、'.join(names) if names else '说明或佐证'}）")
    return "；".join(said)


def _note(rows: list[Dossier], lacks: dict[UUID, list[str]]) -> str:
    missing = sum(len(lacks.get(row.pk, [])) for row in rows)
    return f"{len(rows)} 项待报送" + (f"，缺 {missing} 项材料" if missing else "")

"""The table of who came to a session, as it comes back from Excel or WPS: every row with what it says or why it cannot be taken."""

from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from uuid import UUID

from django.core import signing

from dudao.inspectors.models import Inspector
from dudao.shell.errors import Refused
from dudao.shell.tables import first_sheet
from dudao.training.models import Attendance, Session
from dudao.training.queries.plan import invited
from dudao.training.services import Said

HEADS = ("姓名", "督学证号", "出勤", "学时", "事由")
_MOST_BYTES, _MOST_UNPACKED, _MOST_ROWS = 5 * 1024 * 1024, 50 * 1024 * 1024, 2000
_SALT = "training.attendance"
#: A preview can be confirmed for so many seconds.
_AGE = 24 * 3600


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the table as it was read: what it says of whom, or what is wrong with it."""

    number: int
    name: str
    said: Said | None
    was: str
    fault: str = ""

    @property
    def kind(self) -> str:
        if self.fault:
            return "refused"
        assert self.said
        return "new" if not self.said.base_version else "changed" if self.was else "same"


def _text(cell: object) -> str:
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell).strip()


def _read(content: bytes) -> list[tuple[int, dict[str, str]]]:
    if not content or len(content) > _MOST_BYTES:
        raise Refused("文件是空的，或者超过 5 MB。", code="training.table", field="table")
    lines = first_sheet(content, unpacked=_MOST_UNPACKED, too_large="training.table", unreadable="training.table")
    start = next((at for at, line in enumerate(lines) if {"姓名", "出勤"} <= {_text(one) for one in line}), None)
    if start is None:
        raise Refused("第一张表里没有找到表头（姓名、出勤）。请先下载名单再填。", code="training.table", field="table")
    heads = [_text(one) for one in lines[start]]
    found = []
    for number, line in enumerate(lines[start + 1 :], start + 2):
        cells = {head: _text(cell) for head, cell in zip(heads, line, strict=False) if head in HEADS}
        if any(cells.values()):
            found.append((number, cells))
    if len(found) > _MOST_ROWS:
        raise Refused(f"一次最多 {_MOST_ROWS} 行。", code="training.table", field="table")
    return found


def look(row: Session, content: bytes) -> list[Row]:
    """Every row with what it says, or why it cannot be taken."""
    people, known = invited(row.batch), {one.inspector_id: one for one in row.attendances.all()}
    states = {label: value for value, label in Attendance.State.choices}
    seen: dict[UUID, int] = {}
    found = []
    for number, cells in _read(content):
        name, paper = cells.get("姓名", ""), cells.get("督学证号", "")
        who = [one for one in people if one.person.name == name and (not paper or one.certificate_number == paper)]
        said, was, fault = None, "", ""
        hours = None
        if not name:
            fault = "没有姓名"
        elif not who:
            fault = f"参训名单里没有“{name}”" + (f"，督学证号 {paper}" if paper else "")
        elif len(who) > 1:
            fault = f"有 {len(who)} 个“{name}”，请写督学证号"
        elif who[0].pk in seen:
            fault = f"和第 {seen[who[0].pk]} 行是同一个人"
        elif cells.get("出勤", "") not in states:
            fault = f"出勤写的是“{cells.get('出勤', '')}”，请填到、请假或缺席"
        elif text := cells.get("学时", ""):
            try:
                hours = Decimal(text)
            except InvalidOperation:
                fault = f"学时“{text}”不是数字"
            else:
                if not hours.is_finite() or not 0 <= hours <= row.hours or hours % Decimal("0.25"):
                    fault = f"学时 {text} 不在 0 到 {row.hours.normalize():f} 之间，或细于 0.25"
        if not fault:
            person, state = who[0], states[cells["出勤"]]
            now = known.get(person.pk)
            if state == "leave" and not cells.get("事由"):
                fault = "请假要写事由"
            elif state == "present" and hours == 0:
                fault = "到的学时不能是 0"
            elif state != "present" and hours:
                fault = "没有到的不计学时"
            else:
                seen[person.pk] = number
                said = Said(person, state, hours, cells.get("事由", ""), now.version if now else 0)
                granted = (row.hours if hours is None else hours) if state == "present" else Decimal(0)
                if now and (now.state, now.hours, now.reason) != (state, granted, said.reason):
                    was = f"{now.get_state_display()}，{now.hours.normalize():f} 学时"
        found.append(Row(number, name, said, was, fault))
    return found


def packed(rows: list[Row]) -> str:
    said = [
        [str(one.said.inspector.pk), one.said.state, None if one.said.hours is None else str(one.said.hours), one.said.reason, one.said.base_version]
        for one in rows
        if one.said and one.kind != "same"
    ]  # fmt: skip
    return signing.dumps(said, salt=_SALT, compress=True)


def unpacked(text: str) -> list[Said]:
    try:
        said = signing.loads(text, salt=_SALT, max_age=_AGE)
    except signing.BadSignature:
        raise Refused("预览已经过期，请重新上传。", code="training.table", field="table") from None
    people = Inspector.objects.in_bulk([UUID(one[0]) for one in said])
    return [
        Said(people[UUID(key)], state, None if hours is None else Decimal(hours), reason, version)
        for key, state, hours, reason, version in said
    ]

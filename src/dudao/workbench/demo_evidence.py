"""The demo's evidence beside its numbers: what people judge, and schools that were visited. All of it is 示例."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from uuid import UUID

from dudao.dossiers import services as dossiers
from dudao.dossiers.models import Dossier, Ledger
from dudao.returns.library import standards
from dudao.returns.models import Campaign, CheckRound, SchoolCheck
from dudao.returns.services import site_adoption, site_cells, site_rounds
from dudao.returns.services.site_cells import Entry, Signing
from dudao.returns.services.site_rounds import Group, Turn
from dudao.shell.acts import Actor
from dudao.shell.clock import day_of
from dudao.workbench.demo_numbers import rows, scan

_PERIOD = "2024"
_LEDGERS = {
    "balanced-2017": "2024年义务教育优质均衡发展材料台账（示例）",
    "preschool-2020": "2024年学前教育普及普惠材料台账（示例）",
}
#: Of the county's own items: who hands in.
_DEPARTMENT = "SL-JJ"
#: What is not through yet: not handed in; handed in; judged, and nobody has looked at it a second time.
_OPEN = frozenset({("G15", ""), ("2.9.2", ""), ("Q7", "SL-XX29"), ("Q8", "SL-XX30")})
_HANDED = frozenset({("G10", ""), ("3.4.3", ""), ("Q3", "SL-XX04")})
_JUDGED = frozenset({("Q6", "SL-XX11"), ("2.7.2", "")})
#: Of the standard's vetoes the conclusion is in words, in the file it is a number of cases.
_NO_CASE = "无此情形"
_LEFT_OUT = "普通高中、职业学校、特殊教育学校不计入（示例）"
_COUNTS = ("survey_sent", "survey_valid", "survey_satisfied", "visit_total", "visit_satisfied")
#: The schools of the round, and what differed there: cell, found, proof, cause, words.
_VISITED: Mapping[str, tuple[tuple[str, str, str, str, str], ...]] = {
    "SL-XX01": (),
    "SL-XX03": (
        ("equipment_value_wan", "457.38", "ledger", "no-acceptance", "一批 20 万元的实验设备没有验收手续。（示例）"),
    ),
    "SL-XX11": (
        ("equipment_value_wan", "189.98", "ledger", "no-acceptance", "10 万元的音乐器材还没有验收。（示例）"),
        ("network_multimedia_rooms", "17", "counted", "planned-rooms", "现场点数 17 间，3 间还没有安装设备。（示例）"),
    ),
    "SL-XX04": (),
}
#: Looked at everywhere, and found as reported where nothing else is said.
_LOOKED = (
    "students_primary",
    "area_teaching_aux",
    "equipment_value_wan",
    "network_multimedia_rooms",
    "teachers_backbone",
)


def collect(*, units: Mapping[str, UUID], who: Callable[..., Actor], now: datetime) -> None:
    """Fill the ledgers of both standards, and visit some schools."""
    for standard, title in _LEDGERS.items():
        _judge(standard, title, units=units, who=who, now=now)
    _visit(units=units, who=who, now=now)


def _judge(
    standard: str,
    title: str,
    *,
    units: Mapping[str, UUID],
    who: Callable[..., Actor],
    now: datetime,
) -> None:
    """A ledger, handed in, judged by one and looked at by another, but for a few."""
    staff, director, today = who("shili-zhuanzhi"), who("shili-zhuren"), day_of(now)
    ledger = dossiers.open_ledger(
        standard=standards()[standard],
        period=_PERIOD,
        title=title,
        due_on=today + timedelta(days=9),
        opened_on=today - timedelta(days=30),
        by=director,
        now=now,
    )
    said = {(row["item"], row["unit"]): row for row in rows("judged", _PERIOD) if row["standard"] == standard}
    codes = {pk: code for code, pk in units.items()}
    county = ledger.dossiers.filter(unit__isnull=True).select_related("ledger")
    dossiers.assign(dossiers=list(county), department=units[_DEPARTMENT], by=director, now=now)
    for row in ledger.dossiers.select_related("ledger"):
        key = (row.item, codes[row.unit_id] if row.unit_id else "")
        if row.unit_id and key not in said:
            dossiers.leave_out(dossier=row, base_version=row.version, reason=_LEFT_OUT, by=director, now=now)
        elif key in said and key not in _OPEN:
            _conclude(row, said[key], key, staff=staff, director=director, now=now)
    if standard == "balanced-2017":
        _survey(ledger, by=staff, now=now)


def _conclude(
    row: Dossier,
    line: Mapping[str, str],
    key: tuple[str, str],
    *,
    staff: Actor,
    director: Actor,
    now: datetime,
) -> None:
    on, is_veto = day_of(now) - timedelta(days=10), row.kind == Dossier.Kind.VETO
    if not is_veto:
        dossiers.hand_in(
            dossier=row, base_version=row.version, words=line["evidence"], occurred_on=on, by=staff, now=now
        )
    if key in _HANDED:
        return
    dossiers.judge(
        dossier=row,
        base_version=row.version,
        conclusion=_NO_CASE if is_veto else line["judgement"],
        words=line["evidence"],
        evidence=[scan("核查记录")],
        judged_on=on + timedelta(days=2),
        by=staff,
        now=now,
    )
    if key not in _JUDGED:
        words = "复核材料和核查记录，同意。（示例）"
        day = on + timedelta(days=4)
        dossiers.look(
            dossier=row, base_version=row.version, agrees=True, words=words, looked_on=day, by=director, now=now
        )


def _survey(ledger: Ledger, *, by: Actor, now: datetime) -> None:
    """The questionnaire counts of the county's own table."""
    line = rows("county-return", _PERIOD)[0]
    counts = {name: int(line[name]) for one in _COUNTS for name in (one, f"{one}_parent")}
    day = day_of(now)
    dossiers.record_survey(
        ledger=ledger,
        counts=counts,
        source="县督导室委托第三方网上问卷和实地走访（示例）",
        from_on=day - timedelta(days=30),
        until_on=day - timedelta(days=20),
        by=by,
        now=now,
    )


def _visit(*, units: Mapping[str, UUID], who: Callable[..., Actor], now: datetime) -> None:
    """A round: three schools visited and signed, two of them adopted; the fourth is on the way."""
    staff, director, inspector = who("shili-zhuanzhi"), who("shili-zhuren"), who("shili-duxue")
    today = day_of(now)
    campaign = Campaign.objects.get(county=staff.county, form="school-return", period=_PERIOD)
    row = site_rounds.plan_round(
        campaign=campaign,
        title="2024年春季填报数据实地核查（示例）",
        begin_on=today - timedelta(days=8),
        end_on=today + timedelta(days=5),
        scope=CheckRound.Scope.CHOSEN,
        codes=_LOOKED,
        units=[units[code] for code in _VISITED],
        occurred_on=today - timedelta(days=10),
        by=director,
        now=now,
    )
    assert inspector.person is not None and staff.person is not None
    groups = [Group("第一核查组（示例）", (inspector.person, staff.person))]
    site_rounds.set_groups(row=row, groups=groups, base_version=row.version, by=director, now=now)
    group = row.groups.get()
    checks = {one.unit_id: one for one in row.schools.all()}
    days = {code: today - timedelta(days=6 - 2 * at) for at, code in enumerate(_VISITED)}
    turns = {checks[units[code]].pk: Turn(group.pk, on) for code, on in days.items()}
    site_rounds.arrange(row=row, turns=turns, base_version=row.version, by=director, now=now)
    site_rounds.start_round(row=row, base_version=row.version, by=director, now=now)
    for code, differing in _VISITED.items():
        check = SchoolCheck.objects.select_related("round__campaign", "ret", "group").get(round=row, unit=units[code])
        found = {one[0]: one for one in differing}
        entries = [
            Entry(name, "differs", found[name][1], found[name][2], "", *found[name][3:])
            if name in found
            else Entry(name, "same", proof="ledger")
            for name in _LOOKED
        ]
        on = days[code]
        if code == "SL-XX04":
            site_cells.record_cells(check=check, entries=entries[:2], occurred_on=on, by=inspector, now=now)
            continue
        site_cells.record_cells(check=check, entries=entries, occurred_on=on, by=inspector, now=now)
        for by in (inspector, staff):
            site_cells.sign_as_checker(check=check, signing=Signing(seen=check.version), occurred_on=on, by=by, now=now)
        signed = Signing(seen=check.version, name=f"{code} 负责人（示例）", on_paper=True, scan=[scan("核查表签字页")])
        site_cells.sign_as_head(check=check, signing=signed, occurred_on=on, by=staff, now=now)
        if code == "SL-XX03":
            continue
        site_adoption.adopt(
            check=check,
            keep={},
            base_version=check.version,
            occurred_on=today - timedelta(days=1),
            by=director,
            now=now,
        )
        if differing:
            site_adoption.register_difference(
                check=check, codes=[differing[-1][0]], due_on=today + timedelta(days=20), by=director, now=now
            )

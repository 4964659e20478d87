"""The demo's register: forty made-up inspectors, marked 示例, entered by the services as an office would."""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from uuid import UUID

from dudao.accounts import queries as accounts
from dudao.accounts import services as people
from dudao.inspectors import library
from dudao.inspectors import services as inspectors
from dudao.inspectors.models import Inspector, Term
from dudao.inspectors.services import Facts
from dudao.places.models import Unit
from dudao.shell.acts import Actor, system
from dudao.shell.clock import day_of

_SURNAMES = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜戚谢邹喻柏水窦"
_SUBJECTS = ("语文", "数学", "英语", "道德与法治", "体育", "音乐", "美术", "信息科技", "科学")
_LINES = (("school",), ("school", "government"), ("monitoring",), ("school", "technique"), ("government",))
#: Who has an account already.
_KNOWN = {"督学戊（示例）": ("full", ""), "校长己（示例）": ("part", "SL-XX02")}


def enter(*, units: Mapping[str, UUID], who: Callable[[str], Actor], now: datetime) -> None:
    """Forty inspectors: most in office, some whose certificate or term ends soon, one on the way, two recusals."""
    office = who("shili-zhuanzhi")
    by, today = system(office.county), day_of(now)
    where = {code: Unit.objects.get(pk=key) for code, key in units.items() if code.startswith(("SL-XX", "SL-YG"))}
    schools = sorted(where)
    known = {one.name: one for one in accounts.people_with_posts(by, day=today)}
    rows = []
    for at in range(40):
        if at < len(_KNOWN):
            name, (kind, code) = list(_KNOWN.items())[at]
            person = known[name]
        else:
            name, kind, code = (
                f"{_SURNAMES[at - 2]}督学（示例）",
                "full" if at % 10 == 0 else "part",
                schools[(at * 7) % len(schools)],
            )
            person = people.enter_person(name=name, by=by, now=now, is_example=True)
        young = code.startswith("SL-YG")
        ends = date(2024, 5, 31) if at % 13 == 5 else date(2024, 3, 31) if at == 20 else date(2026, 8, 31)
        facts = Facts(
            kind=kind, sex="female" if at % 2 else "male", born=f"{1968 + at % 18}-{at % 12 + 1:02}",
            work_unit=where.get(code) if kind == "part" else None, work_words="教师" if kind == "part" else "督导室",
            education="master" if at % 5 == 0 else "bachelor", since_year=1992 + at % 18,
            subjects=["学前教育" if young else _SUBJECTS[at % len(_SUBJECTS)]], stages=["preschool"] if young else ["primary", "junior"], lines=_LINES[at % len(_LINES)],
            certificate_number=f"示例DX{at + 1:03}", certificate_from=date(2023, 9, 1), certificate_to=ends, days_a_month=2 + at % 5,
        )  # fmt: skip
        row = inspectors.enter_inspector(person=person, facts=facts, by=by, now=now)
        rows.append(row)
        # A few terms began two years before the others, and end within the three months that are warned of.
        year = 2021 if at % 17 == 9 and kind == Inspector.Kind.PART else 2023
        term = inspectors.begin_term(
            inspector=row,
            recommended_on=date(year, 6, 1) if at < 39 else date(2024, 3, 20),
            who="教体局基教科（示例）",
            by=by,
            now=now,
        )
        if at < 39:
            inspectors.record_conditions(
                inspector=row, found={one.id: (True, "人事档案、考察材料（示例）") for one in library.conditions()},
                looked_on=date(year, 6, 3), who="督导室专职（示例）", by=by, now=now,
            )  # fmt: skip
            _announce(term, year=year, by=by, now=now)
    director = who("shili-zhuren")
    for row, ground, words in (
        (rows[3], "kin", "配偶在该校任教（示例）"),
        (rows[8], "pupil", "子女在该校就读（示例）"),
    ):
        said = inspectors.say_recusal(
            inspector=row, unit=where["SL-XX09"], ground=ground, words=words, origin="declared", start_on=date(2024, 3, 1),
            said_on=date(2024, 3, 1), by=office, now=now,
        )  # fmt: skip
        if ground == "kin":
            inspectors.decide_recusal(
                recusal=said,
                base_version=said.version,
                grants=True,
                decision="",
                decided_on=date(2024, 3, 4),
                by=director,
                now=now,
            )


def _announce(term: Term, *, year: int, by: Actor, now: datetime) -> None:
    """审核, 公示, 公布."""
    start = date(year, 6, 20) if year == 2021 else date(year, 9, 1)
    for step, day, more in (
        ("review", date(year, 6, 5), {"who": "督导室"}),
        ("publicise", date(year, 6, 6), {"until": date(year, 6, 12)}),
        ("announce", date(year, 6, 20), {"start_on": start, "document": f"贺政教督发〔{year}〕6号（示例）"}),
    ):
        inspectors.take_step(term=term, base_version=term.version, step=step, occurred_on=day, by=by, now=now, **more)

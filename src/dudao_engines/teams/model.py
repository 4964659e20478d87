"""Plain values of an assignment: people, schools, inspections, rules, wishes, answers. Days are dates, points are whole numbers."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import TypeAlias

#: Hard rules by code, as people read them. Where each comes from: docs/reference/teams.md.
RULES: Mapping[str, str] = {
    "recused": "应当回避的督学不得承担",
    "certificate": "督学证须在有效期内",
    "term": "须在督学任期内",
    "away": "请假或已有其他督导任务期间不得安排",
    "district": "只能由本责任区的督学承担",
    "district_pair": "每个责任区至少由规定人数的督学承担",
    "district_size": "每个责任区学校数不超过规定",
    "busy": "同一天只能参加一项督导",
    "load": "每人承担数不超过上限",
    "days": "每人参加天数不超过可用天数",
    "lead": "每组须有一名具备条件的组长",
    "fixed": "已定的安排不变",
    "size": "每所学校（每项督导）须配足人数",
}

#: What the office can do about a rule that clashes.
REMEDIES: Mapping[str, str] = {
    "recused": "核对回避登记，已不成立的先解除",
    "certificate": "办理或登记督学证",
    "term": "办理续聘，或换其他督学",
    "away": "核对请假登记，或调整督导日期",
    "district": "给责任区增加督学，或调整责任区划分",
    "district_pair": "调整责任区划分，或给责任区增加督学",
    "district_size": "调整责任区划分",
    "busy": "错开督导日期",
    "load": "提高每人上限，或增加督学",
    "days": "提高可用天数，或缩短、减少督导",
    "lead": "增加可任组长的督学",
    "fixed": "放开一项或几项已定的安排",
    "size": "减少每组人数",
}

#: Parts of the score of duties and of teams, as people read them.
DUTY_PARTS: Mapping[str, str] = {
    "fit": "学段、专长与学校相符",
    "kept": "延续原有责任",
    "rotation": "到期轮换",
    "travel": "路程",
    "even": "工作量均衡",
    "over": "超出每人约定校数",
    "spread": "集中在一个责任区",
}
TEAM_PARTS: Mapping[str, str] = {
    "skill": "专长齐备",
    "level": "能力水平",
    "mix": "学科互补",
    "again": "不重复到同一单位",
    "travel": "路程",
    "even": "全年机会均衡",
}


@dataclass(frozen=True, slots=True)
class Inspector:
    """Somebody who can be given schools or inspections.

    Attributes:
        most: how many schools (or inspections of this plan) they can take; a hard limit.
        skills: areas (督政, 学前 …) with the level from 1 to 3.
        subjects: subjects they teach or taught; only for a good mix in a team.
        place: where they work or live, the first key of ``travel``.
        load: inspections they already had this year.
        certificate: first and last day of a valid 督学证; None without one.
        term_to: last day of the term; None without an end.
        away: first and last days of absences.
        most_days: how many days of this plan they can give; None without a limit.
    """

    key: str
    name: str
    most: int
    skills: Mapping[str, int] = field(default_factory=dict)
    subjects: frozenset[str] = frozenset()
    place: str = ""
    load: int = 0
    certificate: tuple[date, date] | None = (date.min, date.max)
    term_to: date | None = None
    may_lead: bool = False
    away: tuple[tuple[date, date], ...] = ()
    most_days: int | None = None


@dataclass(frozen=True, slots=True)
class School:
    """A school or kindergarten that needs one responsible inspector. ``wants``: areas that the inspector should know."""

    key: str
    name: str
    place: str = ""
    wants: frozenset[str] = frozenset()
    district: str = ""


@dataclass(frozen=True, slots=True)
class District:
    """A 责任区 of at most ``most`` schools and at least ``least`` inspectors who have one of them (教督〔2012〕7号: 20 and 2).

    ``members``: who may take its schools; empty for whoever is free.
    """

    key: str
    name: str
    members: frozenset[str] = frozenset()
    least: int = 2
    most: int = 20


@dataclass(frozen=True, slots=True)
class Inspection:
    """An inspection of one unit from the day ``first`` to the day ``last`` by ``size`` people, one of whom leads."""

    key: str
    name: str
    unit: str
    first: date
    last: date
    size: int = 3
    place: str = ""
    wants: frozenset[str] = frozenset()

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1

    def meets(self, first: date, last: date) -> bool:
        """Whether it shares a day with these."""
        return self.first <= last and first <= self.last


@dataclass(frozen=True, slots=True)
class DutyWeights:
    """Points of the wishes for duties.

    Attributes:
        fit: for each area a school wants and its inspector has.
        kept: for a school that stays with its inspector.
        rotate: taken off when it stays although they held it for ``rotate_after`` years or more.
        travel: taken off for each step of the way.
        even: taken off n times for the n-th further school of one person, so that loads come out even.
        about, over: ``over`` is taken off for each school above ``about``.
        spread: taken off for each district beyond the first in which one person has schools.
    """

    fit: int = 6
    kept: int = 8
    rotate: int = 20
    rotate_after: int = 3
    travel: int = 3
    even: int = 2
    about: int = 5
    over: int = 15
    spread: int = 12


@dataclass(frozen=True, slots=True)
class TeamWeights:
    """Points of the wishes for teams.

    Attributes:
        skill: for each area an inspection wants and its team has.
        level: for each level above the first that somebody of the team reaches in such an area.
        mix: for each different subject in a team.
        again: taken off for each visit that a person paid to the same unit within the rotation time.
        travel: taken off for each step of the way of each person.
        even: taken off n times for the n-th further inspection in the year of one person.
    """

    skill: int = 12
    level: int = 3
    mix: int = 2
    again: int = 8
    travel: int = 2
    even: int = 3


@dataclass(frozen=True, slots=True)
class DutyProblem:
    """Who is responsible for which schools.

    Attributes:
        day: when the duties begin.
        recused: ground by (inspector, school).
        held: full years by (inspector, school) of today's duties.
        travel: steps by (place of an inspector, place of a school); between other different places ``far``.
        fixed, barred: pairs (inspector, school) that people decided: must, must not.
    """

    day: date
    inspectors: tuple[Inspector, ...]
    schools: tuple[School, ...]
    districts: tuple[District, ...] = ()
    recused: Mapping[tuple[str, str], str] = field(default_factory=dict)
    held: Mapping[tuple[str, str], int] = field(default_factory=dict)
    travel: Mapping[tuple[str, str], int] = field(default_factory=dict)
    far: int = 2
    fixed: frozenset[tuple[str, str]] = frozenset()
    barred: frozenset[tuple[str, str]] = frozenset()
    weights: DutyWeights = DutyWeights()


@dataclass(frozen=True, slots=True)
class TeamProblem:
    """Who goes on which inspection.

    Attributes:
        recused: ground by (inspector, unit).
        visited: how often an inspector was at a unit within the rotation time, by (inspector, unit).
        travel, far: as in ``DutyProblem``.
        fixed, barred: pairs (inspector, inspection) that people decided.
        leads: leader by inspection where people decided.
        least: how many a team has at the least (教育督导条例 article 16: three).
    """

    inspectors: tuple[Inspector, ...]
    inspections: tuple[Inspection, ...]
    recused: Mapping[tuple[str, str], str] = field(default_factory=dict)
    visited: Mapping[tuple[str, str], int] = field(default_factory=dict)
    travel: Mapping[tuple[str, str], int] = field(default_factory=dict)
    far: int = 2
    fixed: frozenset[tuple[str, str]] = frozenset()
    barred: frozenset[tuple[str, str]] = frozenset()
    leads: Mapping[str, str] = field(default_factory=dict)
    least: int = 3
    weights: TeamWeights = TeamWeights()


Problem: TypeAlias = DutyProblem | TeamProblem


@dataclass(frozen=True, slots=True)
class Assignment:
    """Pairs (inspector, school or inspection), and who leads which inspection."""

    pairs: frozenset[tuple[str, str]]
    leads: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Breach:
    """A rule that an assignment breaks: its code, the school or inspection (or district) and the inspector where there is one, words."""

    rule: str
    job: str
    inspector: str
    words: str


class Clash(Exception):
    """No assignment keeps these rules together; each of them is needed for the clash.

    Attributes:
        rules: codes of ``RULES``.
        jobs: the fewest schools or inspections found that already cannot be staffed together.
        words: sentences for people: the rules, whom they hit, what can be done.
    """

    def __init__(self, rules: tuple[str, ...], jobs: tuple[str, ...], words: tuple[str, ...]) -> None:
        super().__init__("".join(words))
        self.rules, self.jobs, self.words = rules, jobs, words


class Unsolved(Exception):
    """Nothing was found and nothing refuted within the effort."""

    def __init__(self) -> None:
        super().__init__("在规定的计算量内没有得出结果，请减少一次安排的数量或放宽条件后再试。")


@dataclass(frozen=True, slots=True)
class Solution:
    """The answer.

    Attributes:
        score, bound: points reached, and the most that any assignment could reach as far as is proven.
        parts: points by part of ``DUTY_PARTS`` or ``TEAM_PARTS``; their sum is ``score``.
        limits: the most that each part could have alone, as a plain count.
        reasons: why each pair stands, in words.
        notes: who could not be taken for each school or inspection and why, in words.
        effort: work done, in the solver's deterministic units.
    """

    assignment: Assignment
    score: int
    bound: int
    parts: Mapping[str, int]
    limits: Mapping[str, int]
    reasons: Mapping[tuple[str, str], str]
    notes: Mapping[str, str]
    effort: float

    @property
    def is_proven(self) -> bool:
        """Whether no assignment is better."""
        return self.score >= self.bound

    @property
    def gap(self) -> float:
        """How much better the best could at most be, as a share of this one."""
        return (self.bound - self.score) / max(1, abs(self.score))

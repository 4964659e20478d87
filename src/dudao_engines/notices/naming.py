"""Finds in a clause who is named: who acts, leads, helps, answers."""

import re
from dataclasses import dataclass, field

from dudao_engines.notices import lexicon
from dudao_engines.notices.model import Mark
from dudao_engines.notices.phrases import (
    ADVERB,
    ALONE,
    ANY_DUTY,
    BARE_ONE_EACH,
    EACH,
    GOES,
    HANDLES,
    IN_NAME,
    IN_STAGES,
    JOB_OBJECT,
    NEW,
    ROLE_BEHIND,
    STATE,
    TAIL,
    TIME,
    VERB_IN_NAME,
    VERBS,
)
from dudao_engines.notices.units import ENDING, is_unit, names_in
from dudao_engines.notices.wording import Clause, Words

# Names that begin like a verb: 督导组, 包村干部, 监测中心.
ACTING_NAME = re.compile(
    r"督导|教研|招生|检查|督查|教育|(?:包[村班校片联抓户]|联系|驻[村校园点]|挂联|帮扶|支教|送教|带队|值班|监考|巡考|参训)(?!的)"
    r"|(?:评估|考核|验收|监测|监督|核查|审计|巡查|审核|调研|评审|测评|监察|执法|研究|服务|保障|指导|管理|培训|宣传|考试|救助|防控|整治)(?:工作|领导)?(?:小?组|专家|人员|机构|单位|员|办|中心|站|局|所|院|部门|队)"
)


@dataclass(slots=True)
class Said:
    """What was read in a clause. ``duties``: places of the quotes; ``who``: place of the subject; names as places;
    ``ahead``: the units are those of what follows."""

    clause: Clause
    kind: Mark
    duties: list[tuple[int, int]] = field(default_factory=list)
    who: tuple[int, int] | None = None
    lead: list[tuple[int, int]] = field(default_factory=list)
    helping: list[tuple[int, int]] = field(default_factory=list)
    verb: str = ""
    ahead: bool = False


class Namer:
    """Reads the units in the clauses of one stretch of words."""

    def __init__(self, words: Words) -> None:
        self.words = words
        self.flat = words.flat

    def skip(self, start: int, end: int) -> int:
        """Past adverbs, connectives and times."""
        while start < end:
            each = EACH.match(self.flat, start, end)
            if each and self.verb(start + 1, end):
                start += 1
            match = (
                TIME.match(self.flat, start, end)
                or ADVERB.match(self.flat, start, end)
                or IN_STAGES.match(self.flat, start, end)
                or NEW.match(self.flat, start, end)
            )
            if match is None:
                match = BARE_ONE_EACH.match(self.flat, start, end)
                match = match if match and self.verb(match.end(), end) else None
            verb = VERBS.match(self.flat, start, end)
            if match is None:
                break
            if (
                verb
                and verb.end() >= match.end()
                and not (verb[0] == match[0] and VERBS.match(self.flat, verb.end(), end))
            ):
                break
            start = match.end()
        return start

    def verb(self, start: int, end: int) -> str:
        match = VERBS.match(self.flat, start, end)
        return match[0] if match else ""

    def is_duty(self, start: int, end: int) -> bool:
        """Whether a piece of a list begins with the verb of a duty."""
        return self.verb(self.skip(start, end), end) in lexicon.DUTY

    def units(self, clause: Clause, start: int) -> Said | None:
        """Clauses that name the units: A牵头, B配合, 会同C, X为第一责任人, 由X负责."""
        flat, end = self.flat, clause.end
        begin = self.skip(start, end)
        begin += flat.startswith("由", begin)
        owner = re.compile(r"([^，]{2,24}?)(?:为|是)[^，]{0,20}?(?:第一责任人|负责人|责任人|牵头单位|责任主体)$").match(
            flat, begin, end
        )
        if owner and is_unit(owner[1]):
            return Said(clause, Mark.WHO, who=owner.span(1), lead=[owner.span(1)])
        leading = re.compile(r"([^，]{2,40}?)(?:负责|总)?牵头(?:负责)?").match(flat, begin, end)
        if leading and self._named(*leading.span(1)):
            return self._leading(clause, leading)
        answering = re.compile(r"(?:(?<=由)|(?<=，由))([^，]{2,30}?)(?:具体)?负责$").match(flat, begin, end)
        if answering and self._named(*answering.span(1)):
            return Said(clause, Mark.WHO, who=answering.span(1), lead=list(names_in(self.words, *answering.span(1))))
        within = re.compile(r"([^，]{2,20}?)由([^，由]{2,30}?)负责$").match(flat, begin, end)
        if within and self._named(*within.span(2)):
            return Said(
                clause, Mark.ACTION, [(begin, end)], within.span(2), list(names_in(self.words, *within.span(2)))
            )
        helping = re.compile(r"([^，]{2,50}?)(?:积极|密切|全力|主动)?(配合|协助|协同|参与)").match(flat, begin, end)
        if helping and self._named(*helping.span(1)):
            return self._helping(clause, helping.span(1), helping.end())
        return self._together(clause, begin)

    def _leading(self, clause: Clause, leading: re.Match[str]) -> Said:
        names = list(names_in(self.words, *leading.span(1)))
        rest = self.skip(leading.end(), clause.end)
        said = Said(clause, Mark.WHO, who=leading.span(1), lead=names)
        if clause.end - rest >= 2:
            said.kind, said.duties = Mark.ACTION, [(leading.end(), clause.end)]
            said.verb = self.verb(rest, clause.end)
        return said

    def _helping(self, clause: Clause, names: tuple[int, int], after: int) -> Said:
        rest = self.skip(after, clause.end)
        said = Said(clause, Mark.WHO, helping=list(names_in(self.words, *names)))
        if self.verb(rest, clause.end) in lexicon.DUTY and clause.end - rest > 3:
            said.kind, said.duties, said.who = Mark.ACTION, [(rest, clause.end)], names
        return said

    def _together(self, clause: Clause, begin: int) -> Said | None:
        """会同A、B开展…, 配合C做好…, 组织A和B开展联合…"""
        flat, end = self.flat, clause.end
        pattern = re.compile(
            r"(?:积极|主动|密切|牵头)?(?:(?:配合|会同|协同|联合|协助|协调|商)(?:协调|协助|有关|相关)?|组织(?=[^，]{2,20}联合))"
        )
        mark = pattern.match(flat, begin, end)
        if mark is None:
            subject = self.subject(begin, end, frozenset(("会同", "联合", "协同", "商", "牵头会同")))
            mark = pattern.match(flat, self.skip(subject[1], end), end) if subject else None
        else:
            subject = None
        if mark is None:
            return None
        verb = next(
            (
                m
                for m in ANY_DUTY.finditer(flat, mark.end() + 2, end)
                if not (IN_NAME.match(flat, m.end(), end) or flat[m.end()] in "局所室组科队站厅会")
                and self._trimmed(mark.end(), m.start())
            ),
            None,
        )
        handled = re.compile("[对把将就在到于按]").search(flat, mark.end() + 2, end)
        names = self._trimmed(mark.end(), handled.start()) if handled else None
        if (
            handled
            and names
            and (verb is None or handled.start() < verb.start())
            and ANY_DUTY.search(flat, handled.end(), end)
        ):
            listed = list(names_in(self.words, *names))
            return Said(clause, Mark.ACTION, [(handled.start(), end)], subject, [], listed)
        if verb is None:
            every = self._trimmed(mark.end(), end)
            return (
                Said(clause, Mark.WHO, who=subject, helping=list(names_in(self.words, *every)), ahead=True)
                if every
                else None
            )
        names = self._trimmed(mark.end(), verb.start())
        return Said(
            clause,
            Mark.ACTION,
            [(verb.start(), end)],
            subject,
            [],
            list(names_in(self.words, *names or (0, 0))),
            verb[0],
        )

    def _trimmed(self, start: int, end: int) -> tuple[int, int] | None:
        """A list of units without adverbs and 等部门 behind it."""
        while True:
            tail = re.compile(rf"(?:{ADVERB.pattern}|等部门|等单位|等)$").search(self.flat, start, end)
            if tail is None or tail.start() <= start:
                break
            end = tail.start()
        return (start, end) if end > start and self._named(start, end) else None

    def _named(self, start: int, end: int) -> bool:
        names = [self.flat[a:b] for a, b in names_in(self.words, start, end)]
        if not names or (VERBS.match(names[0]) and not ACTING_NAME.match(names[0])):
            return False
        return all(is_unit(name) or len(name) <= 5 for name in names) and any(is_unit(name) for name in names)

    def subject(self, start: int, end: int, also: frozenset[str] = frozenset()) -> tuple[int, int] | None:
        """Units at the start of a clause that a verb follows, with adverbs and times between."""
        flat = self.flat
        first = start + flat.startswith("由", start, end)
        for match in ENDING.finditer(flat, first, min(end, first + 60)):
            stop = match.end()
            if stop >= end or flat[stop] in "、和及与" or ENDING.match(flat, stop, end):
                continue
            if flat[stop] == "（":
                close = flat.find("）", stop, stop + 20)
                stop = close + 1 if close > 0 and not TIME.search(flat, stop, close) else stop
                tail = ENDING.match(flat, stop, end)
                stop = tail.end() if tail else stop
            behind = ROLE_BEHIND.match(flat, stop, end)
            stop = behind.end() if behind else stop
            if self._acts(first, stop, end, also):
                return first, stop
        return None

    def _acts(self, first: int, stop: int, end: int, also: frozenset[str]) -> bool:
        flat = self.flat
        if stop - first < 2 or flat.startswith(("全县", "全市", "全区", "全省", "对", "把", "将", "按", "在"), first):
            return False
        if not self._named(first, stop) or VERB_IN_NAME.search(flat, first, stop):
            return False
        rest = self.skip(stop, end)
        verb = self.verb(rest, end)
        if not also and GOES.match(flat, rest, end):
            return True
        if not also and (lexicon.BASIS.match(flat, rest, end) or (not verb and flat.startswith(HANDLES, rest, end))):
            return True
        if not verb:
            return (
                flat.startswith(tuple(also), rest)
                if also
                else bool(
                    TAIL.match(flat, rest, end)
                    or BARE_ONE_EACH.match(flat, rest, end)
                    or flat.startswith("包", rest)
                    or (rest > stop and self._modal(stop, rest))
                    or TIME.search(flat, stop, rest)
                )
            )
        if verb in ALONE and rest + len(verb) == end:
            return True
        if rest == stop and verb in lexicon.JOB.split() and flat[first - 1] != "由":
            return bool(JOB_OBJECT.match(flat, rest + len(verb), end))
        after = flat[rest + len(verb) : end]
        return not (re.match(STATE, flat[rest:end]) and re.match(rf"{lexicon.NUMBER}|$", after))

    def _modal(self, start: int, end: int) -> bool:
        return bool(re.search(r"须|应当?|要|必须", self.flat[start:end]))

    def person(self, start: int, end: int) -> tuple[int, int] | None:
        """Who must, where words stand between the person and 须: 班主任连续2天联系不上学生的须."""
        for match in ENDING.finditer(self.flat, start, min(end, start + 20)):
            whole = match.end() == end and "的" in self.flat[start:end]
            if match.end() > start + 1 and (whole or self._named(start, match.end())):
                return start, match.end()
        return None

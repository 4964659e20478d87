"""From the words of a point to its duties: clauses told apart, lists of jobs split, units and neighbours brought in.

Every character of the words gets a mark: it belongs to a duty, or the mark says why not.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

from dudao_engines.notices import lexicon
from dudao_engines.notices.clauses import Teller
from dudao_engines.notices.joblists import Splitter
from dudao_engines.notices.model import Field, Mark, Span
from dudao_engines.notices.naming import Said
from dudao_engines.notices.phrases import ANY_DUTY, DATED, GOAL_VERBS, LEST, NO_DUTY, OFTEN, PURPOSE, SO_MANY, TIME
from dudao_engines.notices.units import Roll, Who, list_places
from dudao_engines.notices.units import field as named
from dudao_engines.notices.wording import INNER, Clause, Words

_MEETING = re.compile(r"(?:会|会议|例会|推进会|部署会|动员会|研讨会|座谈会)$")
_MET = re.compile(
    r"(?:认真|深入|专题|及时|全面)?(?:研究|部署|安排|总结|通报|分析|传达|听取|交流|讨论|研判|学习|调度|解决|动员)"
)
_PLANNED = re.compile(r"(?:分工|方案|台账|清单|任务|计划|部署|办法|细则|安排表)$")
_SPELLED = frozenset("细化 明确 分解 压实 厘清".split())
_ONCE_MORE = re.compile(r"(?:全部|一律|均)(?:印发|完成|到位|出台|报送|上报|办结|整改)(?:到位|完毕)?$")
_BARE = re.compile(
    r"(?:前|内)?(?:全部|全面|基本)?(?:完成|到岗|就位|办结|到位|落实到位|完成到位|(?:建成)?(?:交付|投入)(?:使用|运行)|建成投用|竣工|完工|完成任务)"
)
_EACH = re.compile(rf"各?(?P<verb>[^，\d]{{2,4}}?){lexicon.NUMBER}[次遍轮]$")
_VAGUE_LEAD = frozenset("扩大 提高 提升 加大 加快 办好 做好 抓好 增加 加强 优化 改善 巩固 统筹 抓实 用好 推进".split())
_AS_OF = re.compile(r"(?:目前|截至|截止|现有|全[县市区]共有|全[县市区]现有|20\d\d年[^，]{0,8}共有)")
_LEVEL_END = re.compile(rf"{lexicon.NUMBER}{lexicon.MEASURE}(?:以上|以内|以下|左右)?$")
_RATE = re.compile(r"率|占比|比例|系数|达到|保持|不低于|不少于")
_AND_TELLS = re.compile(
    r"并(?:及时|按时|统一|书面|以书面形式)?(?:报|上报|提交|反馈|公布|公示|印发|书面|回复|将|抄送|通报)"
)
_DAY = re.compile(r"\d{1,2}月")
# 有下列情形之一的，予以解聘：: the list behind says when, the duty stands before it.
SANCTION = re.compile(r"(?:应当?)?(?:予以|给予|取消|责令|追究|不予|不得)")
_YEAR = re.compile(r"全年|年内|20\d\d年(?!\d|秋|春|[上下]半)|年底")


@dataclass(slots=True)
class Draft:
    """A duty before its times: ``start``–``end`` the quote in the flat words, ``scope`` the stretches whose times are its own."""

    start: int
    end: int
    sentence: int
    scope: list[tuple[int, int]]
    who: Who = field(default_factory=Who)
    borrowed: list[tuple[int, int]] = field(default_factory=list)


@dataclass(slots=True)
class Reading:
    """The duties of some words and a mark for each of their characters."""

    words: Words
    drafts: list[Draft]
    marks: list[Mark]


@dataclass(frozen=True, slots=True)
class Setting:
    """Where words stand.

    ``guiding``: the section only gives the line of thought; nothing but levels to be reached counts. ``done``: the words
    report what has been done. ``content``: the section only says what is looked at or what was found. ``row``: a job of
    a month or of a task table, which is a duty even without a verb. ``cells``: cells of a table. ``rescue``: no verb is
    known in them, and what stands where a duty would is one. ``numbered``: they are a point of their own.
    """

    guiding: bool = False
    done: bool = False
    content: bool = False
    row: bool = False
    cells: bool = False
    rescue: bool = False
    numbered: bool = False

    @property
    def binding(self) -> bool:
        """Whether the words are there to say what to do."""
        return not (self.guiding or self.done or self.content)


def read_words(
    text: str,
    body: Sequence[Span],
    roll: Roll,
    setting: Setting,
) -> Reading:
    """The duties in the words of a point.

    Args:
        text: the notice as handed in.
        body: the words, without the point's title.
        roll: reads lists of units; knows whether a first-is-lead rule has been stated.
        setting: where they stand.

    Returns:
        Duties in order of place, and the marks.
    """
    return _Builder(Words(text, body, cells=setting.cells), roll, setting).build()


class _Builder:
    """Goes through the clauses of one stretch once."""

    def __init__(self, words: Words, roll: Roll, setting: Setting) -> None:
        self.words = words
        self.setting = setting
        self.marks = [Mark.REMARK] * len(words.flat)
        self.drafts: list[Draft] = []
        self.limits: list[list[tuple[int, int]]] = []
        self.lists = self._lists(roll)
        self.teller = Teller(words)
        self.splitter = Splitter(words, self.teller.is_duty)
        self.sentence = -1
        self.subject: tuple[int, int] | None = None
        self.subjects = 0
        self.lead: Who | None = None
        self.next: Who | None = None
        self.owner = False
        self.led = 0
        self.ahead: list[tuple[int, int]] = []
        self.here: list[Draft] = []
        self.stated = False
        self.previous: Said | None = None
        self.seen: set[str] = set()
        self.purposes: set[int] = set()
        self.host: tuple[int, int] | None = None
        self.told: list[Said] = []
        self.openings: set[int] = set()

    # Lists of units

    def _lists(self, roll: Roll) -> list[tuple[int, int, Who]]:
        """The lists of units in brackets or under 责任单位：, masked so that they divide like a full stop."""
        found = []
        for start, end in list_places(self.words):
            bracket = self.words.flat[start] == "（"
            who = roll.read(self.words, start + bracket, end - bracket)
            if who is not None:
                found.append((start, end, who))
                self.limits.append(roll.limits(self.words, start + bracket, end - bracket))
        self.words.cover([(start, end) for start, end, _ in found])
        return found

    def _govern(self) -> None:
        """Each list governs the duties in front of it, back to the list before; one in front of all governs all."""
        at = 0
        for number, (start, _, who) in enumerate(self.lists):
            alone = number == 0 and (not self.drafts or self.drafts[0].start > start)
            while at < len(self.drafts) and (self.drafts[at].start < start or (alone and len(self.lists) == 1)):
                self.drafts[at].who = self.drafts[at].who.over(who)
                self.drafts[at].borrowed += self.limits[number]
                at += 1

    # Clauses

    def build(self) -> Reading:
        clauses = self.words.clauses()
        self.openings = self._openings(clauses)
        self.purposes = {c.sentence for c in clauses if PURPOSE.search(self._flat(c.start, c.end))}
        if self.setting.row:
            self._row()
        else:
            for clause in clauses:
                if clause.sentence != self.sentence:
                    self._new_sentence(clause.sentence, clause.start)
                said = self.teller.tell(clause)
                self._take(said)
        self._close()
        if self.setting.rescue and not self.drafts:
            self._rescue()
        self._govern()
        for start, stop, _ in self.lists:
            self._mark(start, stop, Mark.WHO)
        return Reading(self.words, self.drafts, self.marks)

    def _openings(self, clauses: Sequence[Clause]) -> set[int]:
        """Paragraphs without numbers that each open with a short sentence: 建立约谈制度。…: titles, made concrete behind."""
        flat, heads = self.words.flat, set(self.words.heads)
        found = set()
        for clause, after in pairwise(clauses):
            short = 4 <= clause.end - clause.start <= 20 and not re.search(r"[\d：]", flat[clause.start : clause.stop])
            alone = clause.start in heads and after.sentence > clause.sentence and after.start not in heads
            if short and alone and flat[clause.end : clause.stop] == "。":
                found.add(clause.sentence)
        return found if len(found) > 1 else set()

    def _rescue(self) -> None:
        """The first words that can be a duty: a plain statement, else a result to be reached."""
        for kind in (Mark.REMARK, Mark.RESULT):
            for clause in (said.clause for said in self.told if said.kind is kind):
                words = self._flat(clause.start, clause.end)
                start = self.teller.skip(clause.start, clause.end)
                known = self.setting.numbered or ANY_DUTY.search(words)
                if known and clause.end - start >= 4 and not NO_DUTY.search(words):
                    self._mark(start, clause.end, Mark.ACTION)
                    self._add(start, clause.end, [(clause.start, clause.end)], Who())
                    return

    def _close(self) -> None:
        """A牵头，B配合。 in a sentence of its own says it for the whole point."""
        if self.lead is not None and not self.here and not self.owner:
            for draft in self.drafts[self.led :]:
                draft.who = draft.who.over(self.lead)
            self.led = len(self.drafts)

    def _new_sentence(self, number: int, start: int) -> None:
        self._close()
        self.sentence = number
        self.subject, self.subjects, self.lead, self.next, self.previous = None, 0, None, None, None
        if self.host and INNER.match(self.words.flat, start):
            self.subject = self.host
        else:
            self.host = None
        self.ahead, self.here, self.stated = [], [], False

    def _take(self, said: Said) -> None:
        clause = said.clause
        self._mark(clause.end, clause.stop, Mark.PUNCTUATION)
        self._reconsider(said)
        self.told.append(said)
        sanction = said.kind is Mark.ACTION and SANCTION.match(self._flat(*said.duties[0]))
        if self.words.flat[clause.end : clause.stop] == "：" and said.kind is not Mark.WHO and not sanction:
            said.kind = Mark.LEAD_IN
            self.host = said.who
        if said.kind is Mark.ACTION:
            self._duty(said)
        else:
            self._other(said)
        self.previous = said

    def _reconsider(self, said: Said) -> None:
        """What would be a duty elsewhere is none in a line of thought, in a report, or where the text says how things are."""
        clause = said.clause
        if _AS_OF.match(self.words.flat, clause.start, clause.end):
            self.stated = True
        self.stated = self.stated or said.kind is Mark.BACKGROUND
        if said.kind is Mark.RESULT and said.verb in GOAL_VERBS and not self.here and not self.setting.guiding:
            self._dated(said)
        if said.kind is not Mark.ACTION:
            return
        quote = self._flat(*said.duties[0])
        if clause.sentence in self.purposes:
            said.kind = Mark.AIM
        elif clause.sentence in self.openings:
            said.kind = Mark.LEAD_IN
        elif self.setting.guiding and not re.search(r"率|占比|\d[%％]", quote):
            said.kind = Mark.SLOGAN
        elif self.setting.content and not TIME.search(self.words.flat, clause.start, clause.end):
            said.kind = Mark.DETAIL
        elif self.here and LEST.match(quote):
            said.kind = Mark.RESULT
        elif self.setting.done or (
            self.stated and "力争" not in quote and (not said.verb or re.search(r"率|占比|比例", quote))
        ):
            said.kind = Mark.BACKGROUND

    def _dated(self, said: Said) -> None:
        """到2015年底, 港北区实现…: a result with its day, and nothing else to do for it in the sentence, is to be reached."""
        flat, clause = self.words.flat, said.clause
        first = said.who[1] if said.who else clause.start
        if any(DATED.search(flat, a, b) for a, b in [*self.ahead, (clause.start, clause.end)]):
            said.kind, said.duties = Mark.ACTION, [(self.teller.skip(first, clause.end), clause.end)]

    def _other(self, said: Said) -> None:
        """Words that are no duty may still say who and when."""
        clause = said.clause
        self._mark(clause.start, clause.end, said.kind)
        if said.kind is Mark.WHO and not (said.lead or said.helping):
            self.subject = said.who
            return
        if said.kind is Mark.WHO:
            who = Who(None, self._names(said.lead), self._names(said.helping))
            if said.ahead:
                self.next, self.subject = who, said.who or self.subject
            else:
                self._answer(said, who)
            return
        if said.who:
            self.subject = said.who
        here = self.here
        if here and OFTEN.fullmatch(self.words.flat, self.teller.inner(clause), clause.end):
            here[-1].scope.append((clause.start, clause.end))
        elif said.kind is Mark.RESULT and here:
            here[-1].borrowed.append((clause.start, clause.end))
        else:
            self.ahead.append((clause.start, clause.end))

    def _answer(self, said: Said, who: Who) -> None:
        """Who leads and helps: for the duties before in the sentence, else for the object before it, else for what follows."""
        here = self.here
        if said.who and not said.helping and self.previous and self.previous.kind is Mark.LEAD_IN and not here:
            start = self._object(self.previous)
            end = said.clause.end
            self._mark(start, end, Mark.ACTION)
            subject = named(self.words, *said.who)
            self._add(start, end, [(start, end)], Who(subject, who.lead))
            return
        owner = bool(re.search(r"责任人$|负责人$|责任主体$", self._flat(said.clause.start, said.clause.end)))
        if here and not owner:
            by = named(self.words, *said.who) if said.who and self.words.flat[said.who[0] - 1] == "由" else None
            here[-1].who = here[-1].who.over(replace(who, subject=by))
            return
        self.lead, self.owner = who.over(self.lead) if self.lead else who, owner
        if owner:
            self.subject = said.who

    def _object(self, said: Said) -> int:
        at = said.clause.start
        return at + 2 if self.words.flat.startswith(("明确对", "明确把"), at) else at

    def _duty(self, said: Said) -> None:
        clause, (start, end) = said.clause, said.duties[0]
        if self._spelled(said):
            return
        if not self.here and _BARE.fullmatch(self._flat(start, end)):
            self._mark(clause.start, clause.end, Mark.WHEN)
            self.ahead.append((clause.start, clause.end))
            return
        quoted = self._flat(start, end)
        if len(quoted) >= 6 and quoted in self.seen and said.who is None and clause.start == start:
            self._mark(clause.start, clause.end, Mark.REPEATED)
            return
        self.seen.add(quoted)
        if said.who and said.who != self.subject:
            self.subject, self.subjects = said.who, self.subjects + 1
        elif self.subjects > 1 and self.previous and self.previous.kind is Mark.ACTION:
            self.subject = None
        self._demote(said)
        who = self._who(said)
        scope = [(clause.start, clause.end)]
        self._mark(clause.start, start, Mark.WHEN)
        if said.who:
            self._mark(*said.who, Mark.WHO)
        pieces = [piece for piece in self.splitter.split(start, end, said.verb) if piece[0] < piece[1]]
        for number, (first, last) in enumerate(pieces):
            self._mark(first, last, Mark.ACTION)
            # 2023年新建2所、2024年改扩建3所: its own time before that of the clause.
            self._add(first, last, [(first, last), *scope] if number else scope, who)
        if said.lead or said.helping:
            self.subject = None if said.lead else self.subject

    def _who(self, said: Said) -> Who:
        subject = said.who or self.subject
        own = Who(named(self.words, *subject) if subject else None, self._names(said.lead), self._names(said.helping))
        if self.next:
            own, self.next = own.over(self.next), None
        return own.over(self.lead) if self.lead else own

    def _add(self, start: int, end: int, scope: list[tuple[int, int]], who: Who) -> None:
        borrowed = list(self.ahead[-8:])
        quote = self._flat(start, end)
        if self.here and (_RATE.search(quote) or SO_MANY.match(quote)):
            # Levels are measured by the year: a year said before one of them holds for the next.
            before = [*self.here[-1].scope, *self.here[-1].borrowed]
            borrowed += [s for s in before if _YEAR.search(self._flat(*s)) and not _DAY.search(self._flat(*s))]
        elif self.here and _AND_TELLS.match(self.words.flat, scope[-1][0]):
            borrowed += self.here[-1].scope
        self.drafts.append(Draft(start, end, self.sentence, list(scope), who, borrowed))
        self.here.append(self.drafts[-1])

    def _spelled(self, said: Said) -> bool:
        """Clauses that only spell out the duty before them stay with it, and give it their times."""
        if not self.here or self.previous is None:
            return False
        before, clause = self.here[-1], said.clause
        earlier, words = self._flat(before.start, before.end), self._flat(*said.duties[0])
        if _PLANNED.search(earlier) and said.verb in _SPELLED and not said.who:
            before.end = clause.end
            self._mark(before.start, clause.end, Mark.ACTION)
        elif (
            (_MEETING.search(earlier) and _MET.match(words) and not said.who)
            or self._counts(earlier, words)
            or (_ONCE_MORE.search(self._flat(clause.start, clause.end)) and not self._timed(before))
        ):
            self._mark(clause.start, clause.end, Mark.DETAIL)
        elif _BARE.fullmatch(words):
            self._mark(clause.start, clause.end, Mark.DETAIL)
            for draft in self.here[-9:-1]:
                draft.borrowed.append((clause.start, clause.end))
        else:
            return False
        before.scope.append((clause.start, clause.end))
        return True

    def _counts(self, earlier: str, words: str) -> bool:
        """负责…比对，每年各比对1次: only how often."""
        each = _EACH.search(words)
        return bool(each and earlier.startswith("负责") and earlier.endswith(each["verb"].removeprefix("各")))

    def _timed(self, draft: Draft) -> bool:
        return any(re.search(r"\d{1,2}月|年内|学期|全年|每[年月周季]", self._flat(a, b)) for a, b in draft.scope)

    def _demote(self, said: Said) -> None:
        """扩大…资源，新增…480个: words without a level, before the level that makes them concrete, are a lead-in."""
        before = self.previous
        if before is None or before.kind is not Mark.ACTION or not _LEVEL_END.search(self._flat(*said.duties[0])):
            return
        first = not self.drafts or self.drafts[-1].sentence != self.sentence
        if first or before.verb not in _VAGUE_LEAD or len(self.here) != 1:
            return
        words = self._flat(before.clause.start, before.clause.end)
        if re.search(r"\d|每|及时|《|“|(?:实施|改革|创建|整治|治理|培训|评估)$", words) or before.who or before.helping:
            return
        draft = self.drafts.pop()
        self.here.pop()
        self._mark(draft.start, draft.end, Mark.LEAD_IN)
        self.ahead.append((before.clause.start, before.clause.end))

    def _row(self) -> None:
        """A job of a month is a duty even without a verb; what follows its colon or its comma stays with it."""
        inside = False
        for clause in self.words.clauses():
            if clause.sentence != self.sentence:
                self._new_sentence(clause.sentence, clause.start)
            self._mark(clause.end, clause.stop, Mark.PUNCTUATION)
            colon = self._flat(clause.end, clause.stop) == "："
            if clause.end > clause.start:
                said = self.teller.tell(clause)
                if not inside and not colon and self._worded(said):
                    self._take(said)
                else:
                    self._nominal(clause, inside)
            inside = colon or (inside and self._flat(clause.end, clause.stop) != "。")

    def _worded(self, said: Said) -> bool:
        """Whether a job of a month is said with a verb, or who leads it."""
        if said.kind is Mark.WHO:
            return bool(self.drafts or said.lead)
        handed = bool(self.drafts) and said.kind is Mark.ACTION and said.duties[0][0] > said.clause.start
        verb = said.verb in lexicon.DUTY and said.verb not in lexicon.JOB.split()
        return said.kind is Mark.ACTION and (handed or verb or bool(said.lead or said.helping))

    def _nominal(self, clause: Clause, inside: bool) -> None:
        if self.drafts and (inside or self.here):
            self.drafts[-1].end = clause.end
            self.drafts[-1].scope.append((clause.start, clause.end))
            self._mark(self.drafts[-1].start, clause.end, Mark.ACTION)
        else:
            self._add(clause.start, clause.end, [(clause.start, clause.end)], Who())
            self._mark(clause.start, clause.end, Mark.ACTION)

    def _names(self, places: Sequence[tuple[int, int]]) -> tuple[Field, ...]:
        return tuple(named(self.words, a, b) for a, b in places)

    def _flat(self, start: int, end: int) -> str:
        return self.words.flat[start:end]

    def _mark(self, start: int, end: int, mark: Mark) -> None:
        self.marks[start:end] = [mark] * (end - start)

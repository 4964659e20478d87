"""What one clause says: a duty, or which kind of words that are none.

A duty is a verb of the lexicon with what it acts on (开展…创建工作), what is acted upon with its verb (监测报告…反馈), or a
level to be reached (…率达到100%).
"""

import re
from dataclasses import replace

from dudao_engines.notices import lexicon
from dudao_engines.notices.lexicon import any_of
from dudao_engines.notices.model import Mark
from dudao_engines.notices.naming import Namer, Said
from dudao_engines.notices.phrases import (
    ABOUT,
    AFTER,
    ALOUD,
    ANY_DUTY,
    BY_MEANS,
    BY_NORM,
    CARRIED_OUT,
    CLEAR,
    CLEAR_VERB,
    CONDITION,
    CONDITIONAL,
    DETAIL,
    DOCTRINE,
    EVENT,
    FORBIDS,
    HANDLES,
    LACKING,
    LATE_BASE,
    LEVEL,
    LONGEST,
    MANNER,
    MOMENT,
    NOMINAL,
    NORM,
    NOUN_END,
    NOW,
    NUMBERED_END,
    OF_PAPER,
    OFTEN,
    ONE_EACH,
    OWN_PAPER,
    PER_ROUND,
    RESULT_END,
    ROLES,
    SEE,
    SENT_TO,
    SERVES,
    SO_MANY,
    STRANGE,
    STRESSED,
    TASKED,
    THOSE,
    TIME,
    TOPIC,
    TURN,
    WAY,
    WHOLE,
    WITHIN,
)
from dudao_engines.notices.units import ENDING, names_in
from dudao_engines.notices.wording import Clause


class Teller(Namer):
    """Reads the clauses of one stretch of words."""

    def tell(self, clause: Clause) -> Said:
        """The kind of a clause, its duties, and who is named in it."""
        if clause.end - clause.start > LONGEST:
            return Said(clause, Mark.REMARK)
        start = self.inner(clause)
        if start >= clause.end:
            return Said(clause, Mark.PUNCTUATION)
        if ROLES.match(self.flat, self.skip(start, clause.end), clause.end):
            return Said(clause, Mark.SLOGAN)
        said = self.units(clause, start)
        return said or self._plain(clause, start)

    def inner(self, clause: Clause) -> int:
        """Where the words begin behind numbering inside a paragraph."""
        match = re.compile(
            r"（(?:\d{1,2}|[一二三四五六七八九十]{1,2})）|[①-⑳]|[一二三四五六七八九](?:是(?!否)|要(?!求))|\d{1,2}[．.、](?!\d)"
        ).match(self.flat, clause.start, clause.end)
        return match.end() if match else clause.start

    def _plain(self, clause: Clause, start: int) -> Said:
        flat, end = self.flat, clause.end
        begin = self.skip(start, end)
        if begin >= end:
            return Said(clause, Mark.WHEN if TIME.search(flat, start, end) else Mark.REMARK)
        words = flat[begin:end]
        if STRESSED.match(flat, start, end) or DETAIL.match(words) or MANNER.match(words):
            return Said(clause, Mark.DETAIL)
        if TURN.fullmatch(words) and TIME.search(flat, start, begin):
            return Said(clause, Mark.WHEN)
        if FORBIDS.match(flat, begin, end):
            return Said(clause, Mark.ACTION, [(begin, end)], verb="不")
        if OFTEN.fullmatch(flat, start, end):
            return Said(clause, Mark.DETAIL)
        none = self._none(start, begin, end)
        if none:
            return Said(clause, none)
        handed = re.compile(r"[^，由]{1,20}[^，由的](?=由[^，由]{2,30})").match(flat, begin, end)
        by = self.subject(handed.end(), end) if handed else None
        if by:
            by = (by[0] + flat.startswith("由", by[0]), by[1])
            if flat[by[1] : end].removeprefix("具体").removeprefix("统一") == "负责":
                return Said(clause, Mark.ACTION, [(begin, end)], by, list(names_in(self.words, *by)))
            said = self._acting(clause, by)
            return replace(said, duties=[(begin, end)]) if said.kind is Mark.ACTION else said
        after = AFTER.match(flat, begin, end)
        if after and self.verb(begin, end) not in lexicon.DUTY:
            place = self.skip(after.end(), end)
            if self.verb(place, end) in lexicon.DUTY and end - place > 3:
                return self._duty(clause, place, None)
            if flat.startswith(HANDLES, place, end):
                return self._by_object(clause, place, place)
        event = EVENT.match(flat, begin, end)
        if event and event.end() < end and self.verb(self.skip(event.end(), end), end) in lexicon.DUTY:
            subject = self.subject(begin, event.end())
            return self._duty(clause, self.skip(event.end(), end), subject)
        subject = self.subject(begin, end)
        if subject:
            return self._acting(clause, subject)
        verb = self.verb(begin, end)
        topic = TOPIC.match(flat, begin, end) if verb else None
        if topic:
            place = self.skip(topic.end(), end)
            return (
                self._duty(clause, place, None) if self.verb(place, end) in lexicon.DUTY else Said(clause, Mark.SLOGAN)
            )
        if verb:
            return self._by_verb(clause, begin, verb, start)
        if lexicon.BASIS.match(flat, begin, end):
            return self._from_basis(clause, begin)
        return self._by_object(clause, begin, start)

    def _none(self, start: int, begin: int, end: int) -> Mark | None:
        """Forms of words that are no duty whatever verb they hold."""
        flat = self.flat
        words, whole = flat[begin:end], flat[start:end]
        if OWN_PAPER.search(words):
            return Mark.AIM
        if lexicon.EMPTY_OBJECT.fullmatch(words):
            return Mark.SLOGAN
        if DOCTRINE.match(words) or BY_MEANS.fullmatch(words):
            return Mark.BASIS
        if re.search(r"由[^，]{2,20}(?:担任|兼任)$", words):
            return Mark.DETAIL
        if OF_PAPER.search(words):
            return Mark.BACKGROUND
        if SEE.fullmatch(whole):
            return Mark.DETAIL
        if MOMENT.fullmatch(whole):
            return Mark.WHEN
        if WAY.fullmatch(whole) or PER_ROUND.match(whole):
            return Mark.DETAIL
        verb = self.verb(begin, end)
        if "是否" in words and verb not in lexicon.DUTY and not self.subject(begin, end):
            return Mark.DETAIL
        if LACKING.search(whole) and not words.startswith(HANDLES):
            return Mark.BACKGROUND
        if CONDITIONAL.fullmatch(whole):
            return Mark.LEAD_IN
        return None

    def _acting(self, clause: Clause, subject: tuple[int, int]) -> Said:
        """A clause with a subject; a duty unless its verb is a motto or a result."""
        begin = self.skip(subject[1], clause.end)
        if TURN.fullmatch(self.flat, begin, clause.end) and TIME.search(self.flat, subject[1], begin):
            return Said(clause, Mark.WHEN, who=subject)
        if begin >= clause.end:
            return Said(clause, Mark.WHO, who=subject)
        verb = self.verb(begin, clause.end)
        if verb:
            said = self._by_verb(clause, begin, verb, begin, subject)
        elif lexicon.BASIS.match(self.flat, begin, clause.end):
            said = self._from_basis(clause, begin, acting=True)
        elif self.flat.startswith(HANDLES, begin, clause.end):
            said = self._by_object(clause, begin, begin)
        elif lexicon.EMPTY_OBJECT.fullmatch(self.flat, begin, clause.end):
            said = Said(clause, Mark.SLOGAN)
        else:
            said = Said(clause, Mark.ACTION, [(begin, clause.end)])
        return replace(said, who=subject)

    def _by_verb(
        self, clause: Clause, begin: int, verb: str, start: int, subject: tuple[int, int] | None = None
    ) -> Said:
        flat, end = self.flat, clause.end
        rest = flat[begin + len(verb) : end]
        level = bool(LEVEL.search(flat, begin, end))
        inside = self.skip(begin + len(verb), end) if verb in ("确保", "保证") else begin
        if inside > begin + len(verb) and TIME.search(flat, begin, inside) and self.verb(inside, end) in lexicon.DUTY:
            return self._duty(clause, inside, subject)
        if (
            verb == "组织"
            and re.fullmatch(r"[^，]{2,12}?(?:到|赴|前往|深入)[^，]{2,16}", rest)
            and not ANY_DUTY.search(re.split("到|赴|前往|深入", rest, maxsplit=1)[1])
        ):
            place = re.match(r"(.+?)(?:到|赴|前往|深入)", rest)
            size = len(place[1]) if place else 0
            return Said(clause, Mark.LEAD_IN, who=(begin + len(verb), begin + len(verb) + size), verb=verb)
        if level and verb not in lexicon.SLOGAN:
            return self._duty(clause, begin, subject, verb)
        if (
            verb in lexicon.RESULT
            or ALOUD.match(flat[begin:end])
            or (RESULT_END.search(rest) and verb not in lexicon.DUTY)
        ):
            return Said(clause, Mark.RESULT, verb=verb)
        about = ABOUT.match(flat, begin, end) if verb in lexicon.SLOGAN else None
        if about:
            return self._duty(clause, about.end(), subject)
        if verb in lexicon.SLOGAN:
            return Said(clause, Mark.BASIS if verb.endswith("贯彻") or "贯彻" in verb else Mark.SLOGAN, verb=verb)
        if lexicon.EMPTY_OBJECT.fullmatch(flat[begin:end]):
            return Said(clause, Mark.SLOGAN, verb=verb)
        if verb in ("对照", "对标", "参照") and "进行" not in rest and (NORM.search(rest) or not ANY_DUTY.search(rest)):
            return Said(clause, Mark.BASIS, verb=verb)
        if not rest and begin == start and not subject:
            return Said(clause, Mark.REMARK, verb=verb)
        if verb == "通过" and lexicon.BASIS.match(flat, begin, end):
            return self._from_basis(clause, begin)
        return self._duty(clause, begin, subject, verb)

    def _from_basis(self, clause: Clause, begin: int, acting: bool = False) -> Said:
        """按照…要求开展…: the duty behind what it is based on, or 按两教一保配备."""
        flat, end = self.flat, clause.end
        outside = self.words.outside
        whole = WHOLE.match(flat, begin, end)
        if whole and self.verb(whole.end(), end) in lexicon.DUTY:
            return self._duty(clause, begin, None, self.verb(whole.end(), end))
        within = WITHIN.match(flat, begin, end)
        place = self.skip(within.end(), end) if within else begin
        if within and end - place > 3 and self.verb(place, end) in lexicon.DUTY:
            return self._duty(clause, place, None, self.verb(place, end))
        if BY_NORM.search(flat, begin, end):
            return Said(clause, Mark.BASIS)
        places = [m.end() for m in LATE_BASE.finditer(flat, begin + 2, end) if m.end() == end or outside[m.end()]]
        for place in reversed(places):
            rest = self.skip(place, end)
            if self.verb(rest, end) in lexicon.DUTY and end - rest > 3 and not flat.startswith("的", place):
                return self._duty(clause, rest, None, self.verb(rest, end))
            subject = self.subject(rest, end) if rest < end else None
            if subject:
                return self._acting(clause, subject)
        if not acting and SERVES.match(flat, begin, end):
            return self._duty(clause, begin, None)
        aim = not acting and re.match(r"为(?!每|各|全)", flat[begin:end])
        for match in (
            m
            for m in (ANY_DUTY if acting else CLEAR_VERB).finditer(flat, begin + 3, end)
            if self.words.outside[m.start()]
        ):
            after = flat[match.end() : end]
            if (
                len(after) >= 3
                and not after.startswith(("的", "、", "和"))
                and flat[match.start() - 1] != "的"
                and not aim
                and len(after) > 3
            ):
                return self._duty(clause, match.start(), None, match[0])
        one_by_one = re.compile(rf"逐[校项园人一户村级班月季][^，]{{0,2}}{any_of(lexicon.JOB)}$").search(
            flat, begin + 3, end
        )
        if one_by_one and not aim:
            return self._duty(clause, begin, None, "")
        last = re.compile(rf"(?:{any_of(lexicon.PATIENT)}|执行|办理|配置|实施|发放|拨付|缴纳|收取|报销)$").search(
            flat, begin + 3, end
        )
        if last and not aim and not NOUN_END.search(flat, begin, end):
            return self._duty(clause, begin, None, last[0])
        return Said(clause, Mark.AIM if aim else Mark.BASIS)

    def _by_object(self, clause: Clause, begin: int, start: int) -> Said:
        """What is acted upon stands first: 对…予以通报, 评价结果…公布, …率达到100%, 10月县级自评."""
        flat, end = self.flat, clause.end
        words = flat[begin:end]
        if re.match(r"[对把将向给就为与同针]", words):
            verbs = [m for m in ANY_DUTY.finditer(flat, begin + 2, end) if self.words.outside[m.start()]]
            strong = re.search(
                r"进行|予以|给予|实行|作出|做出|加以|纳入|列入|的(?=发|责|约|通|限)|\d[次遍轮场]$", words
            )
            relative = flat.rfind("的", begin, end) if words[0] in "对就针" and not strong else -1
            verbs = [m for m in verbs if m.start() > relative]
            if (
                verbs
                and (strong or verbs[-1].end() == end or words[0] in "将把" or any(m[0] in CLEAR for m in verbs))
                and not words.endswith(("的", "工作"))
            ):
                return self._duty(clause, begin, None, verbs[-1][0])
            return Said(clause, Mark.LEAD_IN)
        if words.startswith("“") and flat[start:begin].endswith(("坚持", "突出", "着力")):
            return Said(clause, Mark.SLOGAN)
        if LEVEL.search(words) and THOSE.search(words) and not re.search(r"率|占比|比例", words):
            return Said(clause, Mark.LEAD_IN)
        forbidden = FORBIDS.search(flat, begin + 2, min(end, begin + 16))
        if SENT_TO.search(words) or (forbidden and not NOW.search(words)):
            return self._duty(clause, begin, None)
        if (LEVEL.search(words) or SO_MANY.match(words)) and not NOW.search(words):
            return self._duty(clause, begin, None)
        whole = WHOLE.match(flat, begin, end)
        inside = self.skip(whole.end(), end) if whole else begin
        acted = self.verb(inside, end) if whole else ""
        job = acted in lexicon.JOB.split() and not lexicon.COUNTED.search(flat, inside, end)
        if acted in lexicon.DUTY and not job and end - inside > len(acted) + 1:
            return self._duty(clause, inside, None, acted)
        by = re.compile(r"(?:的|，|由|，由)由?(?=[^，]{2,30})").search(flat, begin, end)
        inner = self.subject(flat.find("由", begin, end), end) if by and flat.find("由", begin, end) > 0 else None
        if inner:
            return self._acting(clause, inner)
        owed = re.compile(r"(?:须|必须|应当|应|要(?![求点素闻害件]))(?=.)").search(flat, begin + 2, end)
        if owed and self.verb(self.skip(owed.end(), end), end) in lexicon.DUTY:
            return self._duty(clause, self.skip(owed.end(), end), self.person(begin, owed.start()))
        last = re.compile(
            rf"{any_of(lexicon.PATIENT)}(?:到位|完毕|全[县市区省]|[县市区省]?[政府局委督导室办]{{2,8}})?$"
        ).search(flat, begin + 2, end)
        if (
            last
            or CARRIED_OUT.search(words)
            or (NUMBERED_END.match(words) and not NOW.search(words))
            or ONE_EACH.search(words)
            or re.search(r"纳入|列入|并?不低于|报[^，]{1,12}(?:同意|审定|批准|备案|审核)", words[2:])
        ):
            return self._duty(clause, begin, None)
        for time in TIME.finditer(flat, begin + 2, end):
            if self.verb(self.skip(time.end(), end), end) in lexicon.DUTY and not NOW.search(words):
                return self._duty(clause, begin, None)
        verb = ANY_DUTY.search(flat, begin + 2, end)
        if verb and TASKED.search(flat[begin : verb.start()]):
            return self._duty(clause, begin, None, verb[0])
        condition = CONDITION.match(flat, begin, end)
        if condition:
            return self._duty(clause, condition.end(), None)
        if begin > start and len(words) <= 12 and NOMINAL.search(words) and TIME.search(flat, start, begin):
            return self._duty(clause, begin, None)
        strange = STRANGE.match(flat, begin, end)
        if strange and not NOW.search(words) and not ENDING.search(flat, begin, strange.end()):
            return self._duty(clause, strange.end(), None)
        if re.search(r"坚持|突出|着力", flat[start:begin]):
            return Said(clause, Mark.SLOGAN)
        return Said(clause, Mark.BACKGROUND if NOW.search(words) else Mark.REMARK)

    def _back(self, start: int, begin: int) -> int:
        """A bare verb takes the adverb before it with it: 全部消除."""
        at = start
        while at < begin:
            time = TIME.match(self.flat, at, begin)
            if time is None:
                break
            at = time.end()
        limit = re.compile(r"限期?[^，]{0,8}$").search(self.flat, start, begin)
        if limit:
            return limit.start()
        return at if begin - at <= 4 else begin

    def _duty(self, clause: Clause, begin: int, subject: tuple[int, int] | None, verb: str = "") -> Said:
        verb = verb or self.verb(begin, clause.end)
        if begin >= clause.end:
            return Said(clause, Mark.REMARK)
        if lexicon.EMPTY_OBJECT.fullmatch(self.flat, begin, clause.end):
            return Said(clause, Mark.SLOGAN, who=subject, verb=verb)
        if clause.end - begin < 4:
            begin = self._back(subject[1] if subject and subject[1] <= begin else clause.start, begin)
        return Said(clause, Mark.ACTION, [(begin, clause.end)], subject, verb=verb)

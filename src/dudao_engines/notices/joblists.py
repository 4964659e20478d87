"""One verb with a list of jobs: which lists are several duties, and where each begins and ends."""

import re
from collections.abc import Callable
from itertools import pairwise

from dudao_engines.notices import lexicon
from dudao_engines.notices.lexicon import COUNTED, any_of
from dudao_engines.notices.phrases import LEVEL
from dudao_engines.notices.wording import Words

_JOB_END = re.compile(rf"(?:{any_of(lexicon.JOB)})$")
_JOB_VERBS = frozenset("开展 做好 组织 组织开展 完成 实施 抓好 推进 落实 举办 举行 召开 进行 迎接".split())
_LISTED = re.compile(r"(?:等各?项?(?:重点|主题|系列|专项)?(?:工作|活动|行动|任务)|等)$")
_QUOTED = re.compile(r"“[^“”]{2,16}”(?:活动|行动)?|《[^《》]{2,20}》")
_PERIODIC = re.compile(r"(?:日|周|旬|月|季|学期|年)(?!度)[^，、]{2,4}")
# 新建食堂7个、宿舍3栋: each is a job of its own.
_BUILDS = re.compile(r"新建|改建|扩建|改扩建|续建|新增|维修|改造|购置|建设|建成")
# 组织全员培训2期、外出考察1次
_HELD = re.compile(rf"{lexicon.NUMBER}[次期场]$")
_APPROVED = re.compile(r"(?:报|经|提请|送|呈)[^，]{1,16}?(?:同意|审定|审核|批准|审议|通过|审阅|审签|签发)后")
_AND_REPORT = re.compile(
    r"(?<=.{4})并(?=(?:及时|按时|适时)?(?:报送|上报|报|提交|反馈|公布|通报|印发|公示|公开|组织|开展|建立|书面|回复|报告|限期|责令|与(?=[^，]{2,14}挂钩)|形成|制定|督促|做好|落实))"
)


class Splitter:
    """Divides the quotes of one stretch of words; ``is_duty`` tells whether a piece begins with the verb of a duty."""

    def __init__(self, words: Words, is_duty: Callable[[int, int], bool]) -> None:
        self.words = words
        self.is_duty = is_duty

    def flat(self, start: int, end: int) -> str:
        """The words between two places."""
        return self.words.flat[start:end]

    def split(self, start: int, end: int, verb: str) -> list[tuple[int, int]]:
        flat = self.words.flat
        parts = (
            self._jobs(start, end, verb)
            or self._counted(start, end)
            or self._levels(start, end)
            or self._periods(start, end)
        )
        if parts:
            return parts
        approved = _APPROVED.search(flat, start, end)
        if approved and end - approved.end() >= 3 and approved.end() - start > 6:
            return [(start, approved.end() - 1), (approved.end(), end)]
        joint = next(
            (m for m in _AND_REPORT.finditer(flat, start + 4, end) if m.start() - start >= 4 and end - m.end() > 3),
            None,
        )
        if joint and not self._inside(joint.start()):
            return [(start, joint.start()), (joint.end(), end)]
        return [(start, end)]

    def _inside(self, place: int) -> bool:
        return not self.words.outside[place]

    def _items(self, start: int, end: int) -> list[tuple[int, int]]:
        """Pieces between 、 outside brackets."""
        places = [p for p in range(start, end) if self.words.flat[p] == "、" and self.words.outside[p]]
        edges = [start - 1, *places, end]
        return [(a + 1, b) for a, b in pairwise(edges)]

    def _jobs(self, start: int, end: int, verb: str) -> list[tuple[int, int]]:
        """开展A评价、B评估、C督导等工作: jobs that each have a name of their own."""
        last = _LISTED.search(self.words.flat, start, end)
        stop = last.start() if last and last.start() > start + len(verb) else end
        items = self._items(start, stop)
        if len(items) < 2 or verb not in _JOB_VERBS:
            return []
        names = [self.flat(a, b) for a, b in items]
        names[0] = names[0][len(verb) :]
        named = [len(name) >= 5 and bool(_JOB_END.search(name)) for name in names]
        quoted = [bool(_QUOTED.fullmatch(name)) for name in names]
        whole = any(named) and all(a or b for a, b in zip(named, quoted, strict=True))
        return items if whole else []

    def _counted(self, start: int, end: int) -> list[tuple[int, int]]:
        """新建公办园2所、改扩建3所: every piece has a verb and a count."""
        items = self._items(start, end)
        if len(items) < 2:
            return []
        names = [self.flat(a, b) for a, b in items]
        verbs = all(self.is_duty(a, b) for a, b in items)
        if not verbs and (_BUILDS.match(names[0]) or all(_HELD.search(name) for name in names)):
            return items if all(re.search(rf"{COUNTED.pattern}$", name) for name in names) else []
        return items if verbs and all(COUNTED.search(name) for name in names) else []

    def _levels(self, start: int, end: int) -> list[tuple[int, int]]:
        """小学达到20册、初中达到30册: every piece has a level of its own."""
        items = self._items(start, end)
        levels = len(items) >= 2 and all(LEVEL.search(self.flat(a, b)) for a, b in items)
        return items if levels else []

    def _periods(self, start: int, end: int) -> list[tuple[int, int]]:
        """实行日报告、周研判、月汇总"""
        flat = self.words.flat
        verb = next((v for v in ("实行", "建立", "执行", "落实", "坚持") if flat.startswith(v, start)), "")
        first = start + len(verb)
        items = self._items(first, end)
        if len(items) < 2 or not all(_PERIODIC.fullmatch(self.flat(a, b)) for a, b in items):
            return []
        return items

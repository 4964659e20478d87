"""Who does what: names of offices and people in office, lists of them, and the marks of lead and cooperating units.

Lead and cooperating units are read only where the text marks them (牵头, 配合, a stated first-is-lead rule); a plain
list under 责任单位 says who, not who leads.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from dudao_engines.notices.lexicon import any_of
from dudao_engines.notices.model import Field
from dudao_engines.notices.wording import Words

# Endings of offices, institutions, groups and people in office.
OFFICES = (
    "局 厅 委 委员会 政府 办公室 督导室 督导办 教研室 办 室 科 科室 股 股室 处 部 部门 单位 机构 中心 学校 中学 小学 幼儿园 高中 学区 学院 电大 职校 样本校 派出所 司法所 卫生院 卫生所 研究所 监管所 财政所 税务所 管理所 供电所 执法所 事务所 看守所 服务站 工作站 电教站 救助站 "
    "大队 中队 支队 工作队 团委 妇联 残联 工会 关工委 党委 党组 工委 督委会 教委 发改委 卫健委 编办 督导团 专班 工作组 督查室 监督室 督评室 信访办 纪检组 领导小组 小组 各组 组 督导团 督学团 专家团 顾问团 委会 村“两委” “两委” 两委 县财政 市财政 区财政 省财政 镇财政 乡财政 各级财政 督导组 检查组 督查组 评估组 考核组 验收组 专家组 核查组 调查组 责任区 督学责任区 集团 协会 保险公司 "
    "银行 法院 检察院 公安 财政 基教 人事 教研 供电公司 公司 各园 各校 每校 每园 每所学校 每所幼儿园 每县 每个县 每乡镇 每村 园所 本校 该校 本园 该园 集团校 成员校 帮扶校 薄弱校 项目校 试点校 实验校 公办园 民办园 示范园 考点 各地各校"
).split()
PERSONS = (
    "督学 责任督学 专职督学 兼职督学 校长 园长 教研员 班主任 教师 书记 负责人 负责同志 第一责任人 责任人 领导 主任 局长 副局长 科长 股长 组长 副组长 专干 联络员 督导员 信息员 工作人员 人员 家长 成员 专家 辅导员 乡长 镇长 县长 副县长 村主任 网格员 驻村干部 包村干部 任课教师"
).split()
PLACES = "乡镇 街道 社区 村 镇 乡 县 市 区 省 各地 州 旗 乡（镇）".split()
# Words that only end like the name of an office.
_NO_UNIT = re.compile(
    r"(?:全部|内部|局部|外部|好处|用处|之处|查处|到处|本科|学科|全科|教室|承办|主办|举办|民办|公办|督办|开办|创办|申办|交办|快办|协办|校区|园区|小区|地区|片区|"
    r"农村|全[县市区省]|我[县市区省]|本[县市区省]|大局|布局|格局|结局|学校办|新建学校|第一单位)$"
)
_NO_NAME = re.compile(
    r"[的由把将向到须]|(?<![主需重必])要(?![素闻害])|应(?!急|用)|后(?!勤)|对(?!外)|报(?!社|道)|^(?:为|在|按|根据|依据|向|从|以|经|因|让|使|如|若|凡|限|未|不|已|被(?!督导|检查|评估)|依托|依靠|借助|通过|利用|组织|用)"
)
OFFICE, PERSON, PLACE = (any_of(frozenset(names)) for names in (OFFICES, PERSONS, PLACES))
_BRACKET = r"（[^（）]{1,16}）"
_NAME = rf"(?:[^，。；：、（）！？“”《》\d]|{_BRACKET}){{0,26}}?"
UNIT = rf"{_NAME}(?:{OFFICE}|{PERSON}|{PLACE})(?:{_BRACKET})?(?:{OFFICE}|{PERSON})?"
_GOES_ON = {
    "部": "署分门", "办": "理学好法公园结事案", "科": "学技目研室普任", "处": "理置罚分室于", "委": "托派员", "局": "面势部", "县": "域级内城乡长",
    "市": "域级内场直民", "区": "域级内直分", "村": "级内民", "镇": "域级村", "乡": "村级镇土直", "省": "级域内", "室": "内", "股": "份", "厅": "级",
    "校长": "任期", "领导": "干", "小组": "长", "组": "织建成合团长员级装队阁别", "委会": "员", "教师": "节队", "成员": "单", "公安": "机局", "中心": "学校小",
}  # fmt: skip
ENDING = re.compile(
    "|".join(
        re.escape(name) + (f"(?![{_GOES_ON[name]}])" if name in _GOES_ON else "")
        for name in sorted({*OFFICES, *PERSONS, *PLACES} - {"财政", "基教", "人事", "教研"}, key=len, reverse=True)
    )
)
_ALL = re.compile(rf"(?:各{{0,1}}){UNIT}(?:等(?:部门|单位|科室)?)?")
_STRONG = re.compile(rf".*(?:{OFFICE}|{PLACE}|领导|负责人)(?:{_BRACKET})?(?:{OFFICE}|{PERSON})?$")
_RULE = re.compile(
    r"(?:排|列|位|名|居|首家|单位)[^，。；）]{0,6}(?:第一|首)[位个家]?[^，。；）]{0,8}(?:为|是|系)(?:牵头|主办|主要责任|第一责任)"
)
_LEAD_KEY = r"(?:牵头|主要|主办|第一)(?:责任|负责)?(?:单位|部门|科室|股室|处室|领导|人)|牵头"
_WITH_KEY = r"(?:协同|协办|配合|协助|参与|参加|联合)(?:责任)?(?:单位|部门|科室|股室|处室|配合单位|人)?|配合"
_PLAIN_KEY = (
    r"(?:责任|承办|实施|落实|完成|工作)(?:单位|部门|科室|股室|处室|主体|校|学校|人)|负责(?:单位|部门|科室|股室|人)"
)
_WHEN_KEY = r"(?:完成|办结|整改|责任|工作|落实)?(?:时限|期限|时间)(?:要求|节点)?|进度安排"
_KEYED = re.compile(
    rf"(?P<lead>{_LEAD_KEY})：|(?P<with>{_WITH_KEY})：|(?P<plain>{_PLAIN_KEY})：|(?P<when>{_WHEN_KEY})："
)
_SPOKEN = re.compile(
    r"(?P<by>由)?(?P<names>[^，；。：]{2,60}?)(?P<mark>总?牵头|负责|配合|协助|参与|协同)(?:[，；]|(?=）|$))"
)
_COLUMN_LEAD = re.compile(rf"(?:{_LEAD_KEY})$")
_COLUMN_WITH = re.compile(rf"(?:{_WITH_KEY}|协同配合单位)$")
_COLUMN_PLAIN = re.compile(rf"(?:{_PLAIN_KEY}|单位|部门|科室|股室)$")


_KEY_LINE = re.compile(
    r"(?:(?<=[。；])|^)(?:(?:完成|办结|整改)(?:时限|期限|时间)|(?:牵头|责任|配合|协同|协办|承办|主要责任|牵头责任|协同配合|参与|落实|实施)(?:责任)?(?:单位|部门|科室|主体|股室|人))：[^。（）]{1,160}"
)


@dataclass(frozen=True, slots=True)
class Who:
    """Who answers for a duty: ``subject`` as printed, units with the lead, units that help."""

    subject: Field | None = None
    lead: tuple[Field, ...] = ()
    cooperating: tuple[Field, ...] = ()

    def over(self, other: "Who") -> "Who":
        """This, with what it leaves open taken from ``other``."""
        return Who(self.subject or other.subject, self.lead or other.lead, self.cooperating or other.cooperating)


def names_in(words: Words, start: int, end: int) -> Iterator[tuple[int, int]]:
    """The single names of a list: divided by 、 ， ； 和 及 outside brackets; 等部门 and 各有关 stay off."""
    flat, at, depth = words.flat, start, 0
    for place in range(start, end + 1):
        char = flat[place] if place < end else "、"
        depth += (char == "（") - (char == "）")
        joint = char in "和及与" and depth <= 0 and _joins(flat, at, place, end)
        if place == end or (depth <= 0 and (char in "、，；" or joint)):
            first = at + 1 if flat[at:place].startswith(("和", "及", "与", "由")) and place - at > 2 else at
            last = place
            for tail in ("等有关部门", "等相关部门", "等部门", "等单位", "等科室", "等"):
                if flat[first:last].endswith(tail) and last - first > len(tail):
                    last -= len(tail)
                    break
            if last > first:
                yield first, last
            at = place + 1


def _joins(flat: str, at: int, place: int, end: int) -> bool:
    """Whether 和, 及 or 与 stands between two names and not inside one (县自然资源和规划局)."""
    before = flat[at:place]
    return len(before) >= 2 and end - place > 2 and bool(_STRONG.match(before) or re.fullmatch(PERSON, before))


def fields(words: Words, start: int, end: int) -> tuple[Field, ...]:
    """The names of a list as values."""
    return tuple(field(words, a, b) for a, b in names_in(words, start, end))


def field(words: Words, start: int, end: int) -> Field:
    """Words as printed, with their place."""
    span = words.span(start, end)
    return Field(span.of(words.text), span)


def is_unit(name: str) -> bool:
    """Whether words are the name of an office, of people in office, or of places as those that answer for something."""
    return 2 <= len(name) <= 40 and bool(_ALL.fullmatch(name)) and not (_NO_UNIT.search(name) or _NO_NAME.search(name))


def is_list(words: Words, start: int, end: int) -> bool:
    """Whether all of it is names of units."""
    names = [words.flat[a:b] for a, b in names_in(words, start, end)]
    return bool(names) and all(len(name) >= 2 and is_unit(name) and _STRONG.match(name) for name in names)


class Roll:
    """Reads lists of units in order; a first-is-lead rule that has been stated governs the lists behind it."""

    def __init__(self) -> None:
        self.ruled = False

    def state(self, words: str) -> None:
        """Words outside the points that may state the rule."""
        if len(words) < 4_000_000 and _RULE.search(words):
            self.ruled = True

    def read(self, words: Words, start: int, end: int) -> Who | None:
        """The units in ``flat[start:end]``: keyed (责任单位：…), or nothing but names; None when it is no such list."""
        flat = words.flat
        rule = _RULE.search(flat, start, end)
        here = self.ruled or bool(rule)
        if rule and ("下同" in flat[rule.start() : end] or flat[start - 1 : start] != "（"):
            self.ruled = True
        keys = list(_KEYED.finditer(flat, start, end))
        if keys and keys[0].start() - start <= 1:
            return self._keyed(words, keys, end, here)
        spoken = self._spoken(words, start, end)
        if spoken != Who():
            return spoken
        last = flat.rfind("，", start, rule.start()) if rule else end
        if last <= start or not is_list(words, start, last):
            return None
        return self._listed(words, start, last, here)

    def _keyed(self, words: Words, keys: Sequence[re.Match[str]], end: int, ruled: bool) -> Who:
        who = Who()
        for key, stop in zip(keys, [after.start() for after in keys[1:]] + [end], strict=True):
            start, last = key.end(), stop
            rule = _RULE.search(words.flat, start, last)
            last = max(start, words.flat.rfind("，", start, rule.start())) if rule else last
            while last > start and words.flat[last - 1] in "，；。、：":
                last -= 1
            if last <= start or key["when"]:
                continue
            if key["lead"]:
                who = replace(who, lead=fields(words, start, last))
            elif key["with"]:
                who = replace(who, cooperating=fields(words, start, last))
            else:
                who = who.over(self._listed(words, start, last, ruled))
        return who

    def _spoken(self, words: Words, start: int, end: int) -> Who:
        """督导室牵头，各学校配合: said in a bracket."""
        who, at = Who(), start
        while at < end:
            match = _SPOKEN.match(words.flat, at, end)
            if match is None or not is_list(words, *match.span("names")):
                return Who()
            names = fields(words, *match.span("names"))
            if match["mark"].endswith("牵头"):
                who = replace(who, lead=names)
            elif match["mark"] == "负责":
                who = replace(
                    who, **({"lead": names} if match["by"] else {"subject": field(words, *match.span("names"))})
                )
            else:
                who = replace(who, cooperating=names)
            at = match.end()
        return who

    def _listed(self, words: Words, start: int, end: int, ruled: bool) -> Who:
        names = fields(words, start, end)
        return Who(field(words, start, end), names[:1] if ruled else ())

    @staticmethod
    def limits(words: Words, start: int, end: int) -> list[tuple[int, int]]:
        """What stands under 完成时限： in a list."""
        keys = list(_KEYED.finditer(words.flat, start, end))
        stops = [*(after.start() for after in keys[1:]), end][: len(keys)]
        return [(key.end(), stop) for key, stop in zip(keys, stops, strict=True) if key["when"]]

    def column(self, head: str, words: Words) -> Who:
        """The units of a cell under a column's name."""
        if not words.flat:
            return Who()
        end = len(words.flat)
        if _COLUMN_LEAD.search(head):
            return Who(lead=fields(words, 0, end))
        if _COLUMN_WITH.search(head):
            return Who(cooperating=fields(words, 0, end))
        if _COLUMN_PLAIN.search(head):
            return self._listed(words, 0, end, self.ruled)
        return Who()


def list_places(words: Words) -> list[tuple[int, int]]:
    """Brackets at the end of a sentence, and lines that begin with 责任单位：."""
    flat = words.flat
    found: list[tuple[int, int]] = []
    for opened, closed in sorted(words.pairs):
        if flat[opened] != "（" or (found and opened < found[-1][1]):
            continue
        before, after = flat[opened - 1 : opened], flat[closed + 1 : closed + 2]
        if before in ("", "。", "；") or after in ("", "。", "；") or closed + 1 in words.heads:
            found.append((opened, closed + 1))
    for match in _KEY_LINE.finditer(flat):
        found.append(match.span())
    for head in words.heads:
        keyed = _KEY_LINE.match(flat[head : head + 200])
        if keyed and head:
            found.append((head, head + keyed.end()))
    return _apart(sorted(set(found)))


def _apart(places: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Of places that overlap the first one."""
    kept: list[tuple[int, int]] = []
    for start, end in places:
        if not kept or start >= kept[-1][1]:
            kept.append((start, end))
    return kept

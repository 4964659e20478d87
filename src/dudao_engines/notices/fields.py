"""What single lines of a page can be: record, document number, date, unit, note, imprint. No context here."""

import datetime as dt
import re
from dataclasses import dataclass
from itertools import pairwise

from dudao_engines.notices.lines import Line, fold
from dudao_engines.notices.model import Span

# fmt: off
_KEYS = (
    "文号", "发文字号", "文件编号", "文件号", "发布日期", "发布时间", "公开日期", "公开时间", "成文日期",
    "发文日期", "发文时间", "生成日期", "印发日期", "公开时限", "公开期限", "公开方式", "公开形式", "公开范围",
    "公开责任部门", "公开目录", "公开类别", "发布机构", "发布单位", "发文机关", "发文单位", "制发机关", "制定机关",
    "责任部门", "所属分类", "信息分类", "组配分类", "主题分类", "主题词", "体裁分类", "服务对象", "效力状态",
    "有效性", "文件状态", "时效性", "有效期", "失效日期", "失效时间", "废止日期", "生效日期", "生效时间",
    "实施日期", "索引号", "信息索引号", "名称", "文件名称", "文件标题", "标题", "内容概述", "内容摘要", "信息来源",
    "文章来源", "稿件来源", "来源", "信息名称", "关键词", "公文种类", "文种",
)
_NOISE_KEYS = (
    "浏览次数", "浏览量", "阅读次数", "阅读量", "阅读数", "点击数", "点击率", "点击次数", "点击量", "访问量",
    "访问次数", "字体", "字号", "字体大小", "作者", "编辑", "责任编辑", "责编", "审核", "打印", "分享", "分享到",
    "归档时间", "热度", "视力保护色", "保护视力色", "收藏", "下载次数", "下载量", "二维码", "背景色", "语音",
    "朗读", "阅读", "文件大小", "总页数", "页数", "更新时间", "总字数",
)
# fmt: on
_SPREAD = "|".join(r"[ \t\u3000]*".join(key) for key in sorted(_KEYS + _NOISE_KEYS, key=len, reverse=True))
_KEY = re.compile(rf"(?:(?<=[\s|｜【\[])|^)({_SPREAD})(?:[】\]]?[ \t\u3000]*[:：|｜][ \t\u3000]*|[】\]]|(?=\s)|$)")
# Further keys of a record line: also right behind a value, and unknown ones, where a colon marks them.
_NEXT_KEY = re.compile(
    rf"{_KEY.pattern}|(?<=\S)({_SPREAD})[ \t\u3000]*[:：]|(?<=[\s|｜])([\u4e00-\u9fff]{{2,8}})[ \t\u3000]*[:：]"
)
_NOTHING = re.compile(r"[-—－–/\\.。…]*|无|暂无|空|/|\(?无\)?")
# What 效力状态, 公开方式 and 公开时限 say.
_STATE = re.compile(
    r"(?:现行|全文|部分)?(?:有效|失效|无效|废止)|(?:主动|依申请|不予|免予)公开|公开|长期(?:公开|有效)?|永久|\d{1,2}年|常年公开"
)

_CN_YEAR = "[一二][〇○零ＯoO一二三四五六七八九]{3}"
_CN_DAY = "[一二三四五六七八九十]{1,3}"
_DAY = re.compile(
    r"(?P<y>\d{4})\s*年\s*(?P<m>\d{1,2})\s*月\s*(?P<d>\d{1,2})\s*日"
    r"|(?P<y2>\d{4})[-/.](?P<m2>\d{1,2})[-/.](?P<d2>\d{1,2})"
    rf"|(?P<y3>{_CN_YEAR})\s*年\s*(?P<m3>{_CN_DAY})\s*月\s*(?P<d3>{_CN_DAY})\s*日"
)
_OPEN, _CLOSE = "〔\\[［（(【﹝", "〕\\]］）)】﹞"
DOC_NO = re.compile(rf"[\u4e00-\u9fff]{{1,14}}\s?[{_OPEN}]\s?(?:19|20)\d{{2}}\s?[{_CLOSE}]\s?第?\s?\d{{1,5}}\s?号")
DOC_NO_IN_TITLE = re.compile(rf"[（(]({DOC_NO.pattern})[)）]$")
_DOC_NO_CUT = re.compile(rf"[\u4e00-\u9fff]{{1,14}}\s?[{_OPEN}]\s?(?:(?:19|20)\d{{2}})?\s?[{_CLOSE}]\s?\d{{0,5}}\s?号?")
_DOC_NO_RUN = re.compile(rf"[\u4e00-\u9fff]{{2,12}}\s?[{_OPEN}]?\d{{4,9}}[号號][^。，]{{0,8}}")
_ORG_END = (
    r"(?:室|局|厅|部|政府|委员会|办公室|办|中心|领导小组|学校|小学|中学|高中|幼儿园|大学|学院|党委|党组|工委|教委|督委会|督导团|支队|大队|集团|责任区|"
    r"协会|工会|团委|妇联|残联|处|科|工作组)"
)
_ORG_LINE = re.compile(rf"[\u4e00-\u9fff（）()·\d、,，]{{1,100}}{_ORG_END}(?:[（(](?:代章|盖章|章|印)[)）])?")
_ORG_IN_TITLE = re.compile(
    rf"([\u4e00-\u9fff（）()]{{1,30}}?{_ORG_END})(?:等[一二三四五六七八九十\d]*(?:个)?(?:部门|单位))?"
    r"\s*(?=关于|印发|转发|\d{4}\s*年|\d{4}\s*[—-]|二[〇○零])"
)
TITLE_END = (
    r"(?:通知|意见|方案|要点|计划|办法|决定|公告|通告|通报|报告|函|细则|安排表|安排|分解表|一览表|任务表|进度表|规划|总结|小结|名单|公示|纪要|清单|制度|规定|条例|"
    r"批复|请示|答复|任务书|指南|标准|规程|守则|指引|要求|措施|预案|目标|简报|提纲|须知|[\u4e00-\u9fff]表|月历|任务单|手册)"
)
_TITLE_LINE = re.compile(
    rf"[^。！？；;!?|]{{2,120}}{TITLE_END}[》”]?(?:\s?[（(〔][^。，()（）]{{1,30}}[)）〕](?:\d{{1,5}}号)?[)）]?)?"
)
_NOTE = re.compile(r"[（(]\s*(此件[^()（）]{0,20}|[^()（）]{0,10}公开)\s*[)）]")
_IMPRINT = re.compile(
    r"抄\s?[送报][:：]|[报送发][:：]|主题词[:：]|.{2,40}\d{1,2}\s*[日曰]\s*印发$|.{0,40}印\s?发$|共印\s?\d+\s?份"
)
_ATTACHMENT = re.compile(
    r"附\s*[:：]|附\s?件(?:\s?\d{0,2}|[一二三四五六七八九十]{0,2})\s*(?:[:：]|$)|附\s?件\s?\d{1,2}[\s.、].{0,60}$"
)
_ATTACHMENT_HEAD = re.compile(r"附\s?件?\s?(?:\d{1,2}(?![.．、])|[一二三四五六七八九十]{1,2}(?!、))?\s*[:：]?\s*")
_NEXT_NAME = re.compile(r"[\s；;]+(?=\d{1,2}\s?[.．、](?!\d))")
_ADDRESSED = re.compile(r"主\s?送(?:机关|单位)?\s*[:：]\s*")
_CONTACT = re.compile(r"(联\s?系\s?人|联系电话|联系方式|咨询电话|电子邮箱|电\s?话|邮\s?箱|传\s?真)\s*[:：]\s*")


@dataclass(frozen=True, slots=True)
class Pair:
    """A key of the record with its value as printed; ``value`` may be empty."""

    key: str
    value: str
    span: Span
    noise: bool


def pairs_of(line: Line) -> list[Pair]:
    """The key–value pairs of a line of the record; empty when the line does not start with a key."""
    lead = len(line.text) - len(line.text.lstrip("|｜ \t[【"))
    if not _KEY.match(line.text, lead):
        return []
    found = list(_NEXT_KEY.finditer(line.text, lead))
    pairs = []
    for match, after in zip(found, [m.start() for m in found[1:]] + [len(line.text)], strict=True):
        raw = line.text[match.end() : after]
        left = match.end() + len(raw) - len(raw.lstrip(" \t\u3000|｜[【:："))
        value = line.text[left:after].rstrip(" \t\u3000|｜[【").strip()
        value = "" if _NOTHING.fullmatch(value) else value
        key = fold(match[1] or match[2] or match[3])
        pairs.append(Pair(key, value, Span(line.left + left, line.left + left + len(value)), key in _NOISE_KEYS))
    return pairs


def key_only(line: Line) -> bool:
    """Whether the line is one key of the record and nothing else: its value may stand on the next line."""
    return fold(line.text.strip("|【】[]:： ")) in _KEYS


def cell(line: Line) -> Span:
    """The words of a line that is one cell of a table, without its bars."""
    words = line.text.strip("|｜ \t\u3000")
    left = line.left + line.text.index(words)
    return Span(left, left + len(words))


def fits_key(line: Line) -> bool:
    """Whether a line can only be the value of a key: a day, a number, 有效, 主动公开."""
    words = line.text.strip("|｜ \t\u3000")
    found = day_in(words)
    return bool((found and found[1].start == 0) or DOC_NO.fullmatch(words) or _STATE.fullmatch(words))


def is_doc_no(line: Line) -> bool:
    """A document number alone on its line, whole or damaged."""
    words = line.text
    damaged = _DOC_NO_CUT.fullmatch(words) or _DOC_NO_RUN.fullmatch(words)
    return len(words) <= 40 and bool(DOC_NO.fullmatch(words) or (len(words) > 4 and damaged))


def holds_number(words: str) -> bool:
    """Whether the value of 文号 is a whole number of a paper; a damaged one is only in the record, and flagged."""
    folded = fold(words)
    return bool(DOC_NO.search(folded) or re.fullmatch(rf"[{_OPEN}]?\d{{4}}[{_CLOSE}年]第?\d{{1,5}}号", folded))


def day_in(words: str) -> tuple[str | None, Span] | None:
    """The first full day in the words: ISO date (None when no such day exists) and its place in the words."""
    match = _DAY.search(words)
    if not match:
        return None
    groups = match.groupdict()
    try:
        if groups["y3"]:
            day = dt.date(_cn_year(groups["y3"]), _cn_number(groups["m3"]), _cn_number(groups["d3"]))
        else:
            day = dt.date(*(int(groups[k] or groups[k + "2"]) for k in "ymd"))
    except ValueError:
        return None, Span(*match.span())
    return day.isoformat(), Span(*match.span())


def _cn_year(words: str) -> int:
    table = {c: str(i) for i, c in enumerate("零一二三四五六七八九")}
    return int("".join(table.get(c, "0") for c in words))


def _cn_number(words: str) -> int:
    left, ten, right = words.rpartition("十")
    digits = "零一二三四五六七八九"
    if not ten:
        return digits.index(right) if len(right) == 1 else 0
    return (digits.index(left) if left else 1) * 10 + (digits.index(right) if right else 0)


def is_day(line: Line) -> bool:
    """A line that is a written day and nothing else (a date stamp like 2022-05-17 is not how an office signs)."""
    found = day_in(line.text)
    return bool(found and found[1] == Span(0, len(line.text)) and re.search(r"年|\.", line.text))


def is_org(line: Line) -> bool:
    """A line of unit names and nothing else."""
    return org_line(line.text)


def org_line(words: str) -> bool:
    """Words that are unit names and nothing else."""
    return len(words) <= 120 and bool(_ORG_LINE.fullmatch(fold(words)))


def signed_day(line: Line) -> tuple[Span, Span] | None:
    """``县教育局 2015年2月12日`` on one line: places of unit and day within the line's words."""
    found = day_in(line.text)
    if not found or found[1].end != len(line.text) or found[1].start == 0 or "年" not in line.text[found[1].start :]:
        return None
    unit = line.text[: found[1].start].rstrip()
    return (Span(0, len(unit)), found[1]) if org_line(unit) else None


def is_title(line: Line) -> bool:
    return bool(_TITLE_LINE.fullmatch(line.text)) and not line.text.startswith(("现将", "附件", "为", "根据", "按照"))


def note_of(line: Line) -> str | None:
    """``此件公开发布`` of a line ``(此件公开发布)``."""
    match = _NOTE.fullmatch(line.text)
    return match[1].strip() if match else None


def is_imprint(line: Line) -> bool:
    return len(line.text) <= 120 and bool(_IMPRINT.match(line.text))


def is_attachment(line: Line) -> bool:
    return bool(_ATTACHMENT.match(line.text))


def attachment_names(line: Line) -> str:
    """What a line beginning with 附件 names; empty for ``附件`` or ``附件1`` alone."""
    match = _ATTACHMENT_HEAD.match(line.text)
    return line.text[match.end() :].strip() if match else line.text


def named_in(names: str) -> list[tuple[int, int]]:
    """Places of the single names in what a line names: ``1.评分表 2.分组名单``."""
    edges = [0, *(match.end() for match in _NEXT_NAME.finditer(names)), len(names)]
    return [(a, a + len(names[a:b].rstrip(" \t\u3000；;"))) for a, b in pairwise(edges)]


def addressed(line: Line) -> int:
    """How many characters the label 主送： takes at the start of a line; 0 without it."""
    match = _ADDRESSED.match(line.text)
    return match.end() if match and match.end() < len(line.text) else 0


def contacts_of(line: Line) -> list[Pair]:
    """联系人 and the like at the foot of a notice."""
    found = list(_CONTACT.finditer(line.text))
    if not found or found[0].start() != 0:
        return []
    pairs = []
    for match, after in zip(found, [m.start() for m in found[1:]] + [len(line.text)], strict=True):
        value = line.text[match.end() : after].rstrip(" \u3000,，;；。")
        span = Span(line.left + match.end(), line.left + match.end() + len(value))
        pairs.append(Pair(fold(match[1]), value, span, noise=False))
    return pairs


def org_of_title(title: str) -> str | None:
    """The unit that a title names at its head (省政府教育督导办2022年工作要点)."""
    match = _ORG_IN_TITLE.match(title)
    return match[1].strip() if match else None


def signed_units(line: Line) -> list[Span]:
    """Places of the units that sign on a line (县教育局 县督导室（代章） 2015年2月12日), without seal and day."""
    both = signed_day(line)
    words = line.text[: both[0].end] if both else line.text
    names = list(re.finditer(r"[^\s、，,]+", words))
    if not all(org_line(match[0]) for match in names):
        names = list(re.finditer(r"\S.*\S", words))
    seal = re.compile(r"[（(](?:代章|盖章|章|印)[)）]$")
    return [Span(line.left + m.start(), line.left + m.start() + len(seal.sub("", m[0]))) for m in names]


def is_letterhead(line: Line) -> bool:
    """``某县人民政府教育督导室文件``, the red head of a paper."""
    return line.text.endswith("文件") and org_line(line.text.removesuffix("文件"))


def split_units(words: str) -> list[tuple[int, int]]:
    """Places of the names in a list of units; commas inside brackets do not part names."""
    spans, depth, start = [], 0, 0
    for at, char in enumerate(words + "、"):
        if char in "（(<〈":
            depth += 1
        elif char in "）)>〉":
            depth = max(0, depth - 1)
        elif (
            (char in "、，,；;" and not depth)
            or at == len(words)
            or (char.isspace() and words[at + 1 :].startswith("各"))
        ):
            name = words[start:at]
            left = start + len(name) - len(name.lstrip())
            if name.strip():
                spans.append((left, left + len(name.strip())))
            start = at + 1
    return spans

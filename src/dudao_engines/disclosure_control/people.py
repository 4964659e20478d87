"""Names and what is said of people: known names, names in their context, home addresses, labels that are never published."""

import re
from collections.abc import Iterable, Iterator

from dudao_engines.disclosure_control.model import Hit, Kind

_MARK = re.compile(r"[（(]示例[）)]")
_GAP = "[ \u3000\u00a0\u200b-\u200d\u2060\ufeff]{0,2}"
_SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林郑谢罗梁宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范金"
    "石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤温康施文牛樊葛邢安齐易乔伍庞颜倪庄聂章鲁"
    "岳翟殷詹申欧耿关兰焦俞左柳甘祝包宁尚符舒阮柯纪梅童凌毕单裴霍成苗谷盛曲翁冉骆蓝路游辛靳管柴蒙鲍华喻祁蒲房滕屈饶解牟艾尤"
    "阳时穆农司卓古吉缪简车项连芦麦褚娄窦戚岑党宫费卜冷晏席卫米柏宗瞿桂佟应臧闵苟邬边卞姬师仇栾隋商刁沙荣巫寇桑郎甄丛仲虞敖巩"
    "明佘池查麻苑迟邝丑虎哈撒锁海拜妥者喇勉摆来买虎保满铁"
)
_DOUBLE = "欧阳|上官|司马|诸葛|东方|皇甫|尉迟|公孙|慕容|司徒|令狐|端木|夏侯|轩辕|宇文|长孙|闻人"
_HAN = "[\u4e00-\u9fff]"
_NAME = f"(?:(?:{_DOUBLE}){_HAN}{{1,2}}|[{_SURNAMES}]{_HAN}{{1,2}}?)"
#: Signs and words that end a name.
_END = f"(?=[，,。、；;：:（(）)|/“”\\s]|$|同学|同志|老师|家长|成绩|获得|参加|反映|表示|家庭|父亲|母亲|就读|辍学|旷课|转学|休学|退学|入学|[的等因在于未已被患住说称系与和、向从是为有]|之(?:父|母)|{_HAN}{{0,2}}(?:本人))"
_CHILD = "学生|同学|幼儿|儿童|小朋友|孩子|少年|婴幼儿|未成年人"
_ADULT = "教师|老师|校长|园长|副校长|副园长|家长|督学|监护人|联系人|当事人|负责人|责任人|班主任|姓名|法定代表人|投诉人|举报人|父亲|母亲|经办人"
_BEFORE = re.compile(f"(?P<role>{_CHILD}|{_ADULT})(?:姓名)?[：:（(为是叫 \u3000]{{0,2}}(?P<name>{_NAME}){_END}")
_AFTER = re.compile(
    f"(?<!{_HAN})(?P<name>{_NAME})(?P<role>同学|小朋友|老师|同志|先生|女士)|"
    f"(?<!{_HAN})(?P<name2>{_NAME})[（(，,]\\s*(?:男|女)[，,）)、]"
)
# More names after one: 张甲、李乙和王丙.
_NEXT = re.compile(f"[、，,和及](?P<name>{_NAME}){_END}")
# Names before what they are: 张甲、李乙等2名学生.
_GROUP = re.compile(
    f"(?<!{_HAN})(?P<names>{_NAME}(?:[、，,和及]{_NAME})*)等?(?:[0-9]+|[一二两三四五六七八九十]+)(?:名|位|个)(?P<role>{_CHILD}|{_ADULT})"
)
# Ordinary words that begin with a sign which is also a surname.
_NOT_NAMES = frozenset(
    "安全 安排 安置 关爱 关于 关系 管理 管护 成长 成绩 成员 成立 应当 应急 应知 时间 方面 任职 任课 任务 万人 余人 高中 高年级 高校 常规 严重 严格"
    " 明确 明显 党员 项目 经费 程度 康复 文明 游戏 童年 田径 房间 左右 花费 舒适 计划 谈话 强制 包含 包括 简称 封闭 查询 查处 权益 曾经 相关 公开"
    " 和家 连续 连同 项下 满意 满员 保护 保障 保育 保教 来源 来自 古典 农村 农民 司机 单独 单位 单亲 师资 师德 师生 商品 荣誉 海报 海选 华语 解决 解除"
    " 路途 路上 金额 石油 江南 白天 龙头 武术 温暖 施教 牛奶 易感 章程 鲁莽 申请 申诉 申报 欧美 尚未 符合 纪律 梅花 毕业 单元 盛典 冷静 席位 卫生"
    " 麦田 党组 党委 党支部 费用 宫内 米饭 宗教 边缘 边远 明天 明年 池塘 买卖 来访 来信 铁路 保健 满分 时限 时代 成果 成效 方案 方式 方法 任教 解释"
    " 温度 高效 高考 安心 关注 关怀 关心 管控 向上 向下 左侧 应对 应有 包干 包保 包联 单招 于此 于是 余下 夏令营 夏季 秦腔 文化 文件 文艺 白色 常态"
    " 严肃 严禁 盛装 文体 金融 武警 康养 齐全 易错 万元 古诗 单项 师范 成年 成才 成因 方可 任免 任意 田间 关键 程序 单列".split()
)

_DETAIL = "(?:[0-9０-９一二三四五六七八九十]{1,4}(?:号楼|号院|单元|栋|幢|组|队|室|户|号))"
_ADDRESS = re.compile(
    f"(?P<town>(?:{_HAN}{{2,8}}(?:县|市|区))?(?:{_HAN}{{1,5}}(?:乡|镇|街道))?)"
    f"(?P<rest>{_HAN}{{1,8}}?(?:村|社区|小区|花园|家园|苑|路|街|巷|里){_HAN}{{0,6}}?{_DETAIL}(?:[^，。；;\\s|]{{0,4}}?{_DETAIL})*)"
)
_HOME = re.compile(
    "(?:家庭住址|家庭地址|现住址|住址|户籍地|户籍所在地|家住|住在)[：:为是 ]{0,2}(?P<rest>[^，。；;\\n|]{2,40})"
)
_LABEL = re.compile(
    "残疾|残障|智力障碍|智障|自闭症|孤独症|听力障碍|视力障碍|肢体障碍|精神障碍|抑郁|脑瘫|多动症|涉案|涉罪|罪错|犯罪|服刑|戒毒|吸毒|性侵|"
    "留守|困境|孤儿|事实无人抚养|单亲|低保|特困|建档立卡|脱贫户|监测户|贫困|艾滋|乙肝|传染病"
)
_SENTENCE = re.compile(r"[^。！？!?；;\n|]+")


def find(text: str, *, names: Iterable[str], minors: Iterable[str], units: Iterable[str]) -> Iterator[Hit]:
    """Hits of names, addresses and labels.

    Args:
        names: of known people; ``minors``: of known minors. The mark （示例） is left out of account.
        units: names of units; a known name inside one of them (陶行知小学) is no hit.
    """
    covered = _places(text, units)
    people = list(_names(text, names, minors, covered))
    yield from people
    for found in _ADDRESS.finditer(text):
        if found.start("rest") < found.end("rest"):
            yield Hit(Kind.ADDRESS, found.start("rest"), found.end("rest"), found["rest"], "＊＊", True)
    for found in _HOME.finditer(text):
        if "＊" in found["rest"]:
            continue
        yield Hit(Kind.ADDRESS, found.start("rest"), found.end("rest"), found["rest"], _to_town(found["rest"]), True)
    spans = [(s.start(), s.end()) for s in _SENTENCE.finditer(text)]
    for found in _LABEL.finditer(text):
        sentence = next(((a, b) for a, b in spans if a <= found.start() < b), (0, 0))
        named = any(sentence[0] <= one.start < sentence[1] for one in people)
        why = "同一句里有姓名，标签不能公开" if named else ""
        yield Hit(Kind.LABEL, found.start(), found.end(), found[0], "＊＊", not named, why)


def mask_name(name: str, *, minor: bool) -> str:
    """张＊＊; of a minor nothing is left."""
    if minor:
        return "某某"
    kept = 2 if re.match(_DOUBLE, name) else 1
    return name[:kept] + "＊＊"


def _places(text: str, units: Iterable[str]) -> list[tuple[int, int]]:
    bare = {_MARK.sub("", unit) for unit in units} - {""}
    found = (match for unit in bare if unit in text for match in re.finditer(re.escape(unit), text))
    return [match.span() for match in found]


def _names(text: str, names: Iterable[str], minors: Iterable[str], covered: list[tuple[int, int]]) -> Iterator[Hit]:
    young = {_MARK.sub("", name).strip() for name in minors}
    for name in sorted({_MARK.sub("", name).strip() for name in names} | young, key=lambda n: (-len(n), n)):
        # One character is a word far more often than a name.
        if len(name) < 2 or name[0] not in text:
            continue
        for found in re.finditer(_GAP.join(map(re.escape, name)), text):
            if not any(a <= found.start() and found.end() <= b for a, b in covered):
                yield _named(found[0], found.start(), minor=name in young)
    for found in _BEFORE.finditer(text):
        minor = re.fullmatch(_CHILD, found["role"]) is not None
        if _is_name(found["name"]):
            yield _named(found["name"], found.start("name"), minor=minor)
        elif "某" not in found["name"]:
            continue
        at = found.end("name")
        while more := _NEXT.match(text, at):
            if not _is_name(more["name"]):
                break
            yield _named(more["name"], more.start("name"), minor=minor)
            at = more.end("name")
    for found in _AFTER.finditer(text):
        group = "name" if found["name"] else "name2"
        if _is_name(found[group]):
            yield _named(found[group], found.start(group), minor=found["role"] in ("同学", "小朋友"))
    for found in _GROUP.finditer(text):
        minor = re.fullmatch(_CHILD, found["role"]) is not None
        for one in re.finditer("[^、，,和及]+", found["names"]):
            if _is_name(one[0]):
                yield _named(one[0], found.start("names") + one.start(), minor=minor)


def _is_name(words: str) -> bool:
    """Not an ordinary word, and not hidden already (张某)."""
    return words not in _NOT_NAMES and words[:2] not in _NOT_NAMES and "某" not in words


def _named(words: str, start: int, *, minor: bool) -> Hit:
    kind = Kind.MINOR if minor else Kind.NAME
    return Hit(kind, start, start + len(words), words, mask_name(words, minor=minor), kind.may_stay)


def _to_town(words: str) -> str:
    """An address down to the township."""
    found = re.match(f"{_HAN}{{0,20}}?(?:乡|镇|街道)", words)
    return f"{found[0]}＊＊" if found else "＊＊"

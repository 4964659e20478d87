"""Codes that people and places carry: identity numbers, regions, schools. Form and check digits only.

A code that passes is well formed; whether it was ever issued is for the registers to say.
"""

import re
from datetime import date

from dudao_engines.kernel.errors import EngineInputError

# Two-digit codes of the 34 provincial divisions, GB/T 2260-2007, table 1.
PROVINCES = {
    "11": "北京市", "12": "天津市", "13": "河北省", "14": "山西省", "15": "内蒙古自治区",
    "21": "辽宁省", "22": "吉林省", "23": "黑龙江省",
    "31": "上海市", "32": "江苏省", "33": "浙江省", "34": "安徽省", "35": "福建省", "36": "江西省", "37": "山东省",
    "41": "河南省", "42": "湖北省", "43": "湖南省", "44": "广东省", "45": "广西壮族自治区", "46": "海南省",
    "50": "重庆市", "51": "四川省", "52": "贵州省", "53": "云南省", "54": "西藏自治区",
    "61": "陕西省", "62": "甘肃省", "63": "青海省", "64": "宁夏回族自治区", "65": "新疆维吾尔自治区",
    "71": "台湾省", "81": "香港特别行政区", "82": "澳门特别行政区",
}  # fmt: skip

# How many digits of the 12 name each level, from province to village.
LEVELS = (("province", 2), ("city", 4), ("county", 6), ("town", 9), ("village", 12))

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECKS = "10X98765432"


def id_number(text: str, *, today: date | None = None) -> str:
    """Return a citizen identity number in its one form: 18 characters, ``X`` large, no blanks.

    Args:
        text: as typed; blanks around and inside and a small ``x`` are accepted.
        today: when given, a birth date after it is refused.

    Raises:
        EngineInputError: ``id_number.form`` not 17 digits and a digit or X; ``id_number.region`` unknown
            province; ``id_number.birth`` no such day, or before 1900, or after ``today``;
            ``id_number.check`` the check character is wrong, as it is after any single wrong digit.

    Source:
        GB 11643-1999 公民身份号码, 4.1 (make-up) and 4.2 with annex A (check character, ISO 7064 MOD 11-2).
    """
    number = re.sub(r"\s", "", text).upper()
    if not re.fullmatch(r"[0-9]{17}[0-9X]", number):
        raise EngineInputError("id_number.form", "身份证件号码应为18位：17位数字加1位数字或X。")
    if number[:2] not in PROVINCES:
        raise EngineInputError("id_number.region", "身份证件号码开头两位不是省级区划代码。")
    try:
        born = date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        raise EngineInputError("id_number.birth", "身份证件号码中的出生日期不存在。") from None
    if born.year < 1900 or (today and born > today):
        raise EngineInputError("id_number.birth", "身份证件号码中的出生日期不合理。")
    if number[17] != id_check_character(number[:17]):
        raise EngineInputError("id_number.check", "身份证件号码的校验位不对，请核对是否有一位写错。")
    return number


def id_check_character(body: str) -> str:
    """The 18th character for the first 17 digits (GB 11643-1999, annex A).

    >>> id_check_character("11010519491231002")
    'X'
    """
    return _CHECKS[sum(w * int(d) for w, d in zip(_WEIGHTS, body, strict=True)) % 11]


def mask_id_number(number: str) -> str:
    """The first three and the last two characters; the birth date is never shown.

    >>> mask_id_number("11010519491231002X")
    '110*************2X'
    """
    return number[:3] + "*" * (len(number) - 5) + number[-2:] if len(number) > 5 else "*" * len(number)


def region(text: str) -> str:
    """Return a region code as 12 digits; a shorter one of 2, 4, 6 or 9 digits is filled up with zeros.

    Raises:
        EngineInputError: ``region.form`` other length or characters; ``region.province`` unknown province;
            ``region.gap`` a lower level without the one above it (a town needs a county, and so on).

    Source:
        GB/T 2260-2007 for the first six digits; 统计用区划代码和城乡划分代码编制规则 (国统字〔2009〕91号) for digits 7 to 12:
        three for the town, three for the village.
    """
    code = text.strip()
    if not re.fullmatch(r"[0-9]{2}|[0-9]{4}|[0-9]{6}|[0-9]{9}|[0-9]{12}", code):
        raise EngineInputError("region.form", "区划代码应为2、4、6、9或12位数字。")
    if code[:2] not in PROVINCES:
        raise EngineInputError("region.province", "区划代码开头两位不是省级区划代码。")
    code = code.ljust(12, "0")
    empty = [not code[start:end].strip("0") for start, end in ((2, 4), (4, 6), (6, 9), (9, 12))]
    # A city-less county (省直辖县级, such as 4690xx) still writes a number at the city's place, so no gap is allowed.
    if empty != sorted(empty):
        raise EngineInputError("region.gap", "区划代码缺少上级：有下级代码而上级为零。")
    return code


def region_level(code: str) -> str:
    """``province``, ``city``, ``county``, ``town`` or ``village`` of a 12-digit code."""
    return next(name for name, digits in LEVELS if not code[digits:].strip("0"))


def region_parent(code: str) -> str:
    """The 12-digit code one level up; empty for a province.

    >>> region_parent("640122100000")
    '640122000000'
    """
    names = [name for name, _ in LEVELS]
    place = names.index(region_level(code))
    return code[: LEVELS[place - 1][1]].ljust(12, "0") if place else ""


def region_prefix(code: str) -> str:
    """The digits that every region inside this one begins with: ``640122`` for a county, nine digits for a town."""
    return code[: dict(LEVELS)[region_level(code)]]


def school_code(text: str) -> str:
    """Return a 学校（机构）标识码: ten digits, once given and never changed.

    Only the form is checked: no check digit is published. Kept as text, because Excel drops leading zeros.

    Raises:
        EngineInputError: ``school_code.form``.

    Source:
        教育事业统计: 学校（机构）标识码 is unique for life (基层统计报表, 学校（机构）基本情况).
    """
    code = text.strip()
    if not re.fullmatch(r"[0-9]{10}", code):
        raise EngineInputError("school_code.form", "学校（机构）标识码应为10位数字。")
    return code

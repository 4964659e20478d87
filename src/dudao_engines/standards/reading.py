"""What people and spreadsheets write into a cell, read strictly: a value, or none with the reason in words.

Nothing is guessed: what could mean two things (0.83 for 83 %, 1e3, 1,2345) is refused with the way to write it. What means one
thing however it is written (full-width digits, 1,234, Excel's 12.0) is read.
"""

import re
import unicodedata
from datetime import date, time, timedelta
from decimal import Decimal, InvalidOperation

from dudao_engines.standards.forms import LONGEST, Field
from dudao_engines.standards.model import Cell

Raw = str | int | float | Decimal | bool | date | time | timedelta | None
Value = int | Decimal | bool | str | None

#: Words that say "there is no number"; which is not zero.
_NOTHING = frozenset(
    ["n/a", "na", "#n/a", "nan", "none", "null", "nil", "无", "暂无", "没有", "空", "缺", "不详", "未知", "未填", "略"]
)
_STROKES = frozenset("/\\-—–―－─_.…·*?？、~～")
_ERRORS = frozenset(["#REF!", "#DIV/0!", "#VALUE!", "#NAME?", "#NUM!", "#NULL!", "#N/A", "#SPILL!", "#CALC!", "#####"])
_PLAIN = re.compile(r"(-?)(\d+)(\.\d+)?\Z", re.ASCII)
_THOUSANDS = re.compile(r"-?\d{1,3}(,\d{3})+(\.\d+)?\Z", re.ASCII)
_POWER = re.compile(r"[-+]?\d+(\.\d+)?e[-+]?\d{1,3}\Z", re.ASCII)
_CHINESE = re.compile(r"[零〇一二两三四五六七八九十百千万亿壹贰叁肆伍陆柒捌玖拾佰仟]+\Z")
_TRUE = frozenset(["是", "有", "true", "yes", "y", "√", "✓", "✔", "对", "1"])
_FALSE = frozenset(["否", "无", "没有", "不是", "false", "no", "n", "×", "✗", "✘", "x", "错", "0"])
_UNITS: dict[str, tuple[str, ...]] = {"平方米": ("m2", "平米", "平方"), "所": ("个",), "%": ("%", "百分点")}
#: Excel keeps this many digits of a number.
_DIGITS = 15
_LONGEST_NUMBER = 24


def read(raw: Raw, field: Field, where: str = "") -> Cell:
    """A cell as a field wants it.

    Args:
        raw: as it came from a form, a text file or a spreadsheet.
        field: what is asked.
        where: its place, for the cell.

    Returns:
        The cell with its value; or without one: ``problem`` says in Chinese why, and is empty where nothing stood there.
    """
    text = _text(raw)
    if not text:
        return Cell(None, "", where, "")
    value, problem = _read(raw, text, field)
    return Cell(value, problem, where, text)


def _read(raw: Raw, text: str, field: Field) -> tuple[Value, str]:
    plain = unicodedata.normalize("NFKC", text).strip()
    if plain.upper() in _ERRORS or re.fullmatch("#+", plain):
        return None, f"单元格里是错误值 {plain}，请改正公式后再填"
    if plain.startswith("=") and len(plain) > 1:
        return None, "这里是公式，不是它的结果；请填数" if field.is_number else "这里是公式，请填文字"
    if field.kind == "text":
        return _words(raw, text, plain)
    if set(plain) <= _STROKES or plain.lower() in _NOTHING - (_FALSE if field.kind == "bool" else set()):
        return None, f"“{text}”不是{'数' if field.is_number else '该填的内容'}，按没有填处理" + (
            "；确实没有的请填 0" if field.is_number and field.kind != "year" else ""
        )
    if isinstance(raw, date | time | timedelta) and not (field.kind == "year" and isinstance(raw, date)):
        return None, "这里是日期或时间，请检查单元格格式"
    if field.kind == "bool":
        return _truth(raw, text, plain)
    if field.kind == "enum":
        return _choice(text, plain, field)
    if isinstance(raw, bool):
        return None, f"这里应当填数，却是“{'TRUE' if raw else 'FALSE'}”"
    number, problem = _number(raw, text, plain, field)
    return (None, problem) if number is None else _in_range(number, plain, field)


def _text(raw: Raw) -> str:
    """What stood there, as text; a spreadsheet's number without what its storage as a binary fraction adds."""
    if raw is None:
        return ""
    if isinstance(raw, bool):
        return "TRUE" if raw else "FALSE"
    if isinstance(raw, float):
        return _float_text(raw)
    return (
        f"{raw:f}" if isinstance(raw, Decimal) and raw.is_finite() else str(raw).strip().strip("\ufeff\u200b").strip()
    )


def _float_text(raw: float) -> str:
    if raw != raw or raw in (float("inf"), float("-inf")):
        return "N/A"
    exact = Decimal(repr(raw))
    if len(exact.as_tuple().digits) > _DIGITS:
        exact = Decimal(f"{raw:.{_DIGITS}g}")
    text = f"{exact:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _words(raw: Raw, text: str, plain: str) -> tuple[Value, str]:
    if isinstance(raw, float) and abs(raw) >= 10**_DIGITS:
        return None, "数字超过 15 位，Excel 已丢失后面的数字；请把单元格设为文本格式重新填写"
    if set(plain) <= _STROKES or plain.lower() in ("n/a", "nan", "null", "none"):
        return None, f"“{text}”按没有填处理"
    if len(text) > LONGEST:
        return None, f"太长（{len(text)} 字，至多 {LONGEST} 字）"
    if any(unicodedata.category(one) == "Cc" and one not in "\n\r\t" for one in text):
        return None, "有看不见的控制字符，请重新填写"
    return text, ""


def _truth(raw: Raw, text: str, plain: str) -> tuple[Value, str]:
    if isinstance(raw, bool):
        return raw, ""
    word = plain.lower()
    if word in _TRUE:
        return True, ""
    if word in _FALSE:
        return False, ""
    return None, f"“{text}”看不懂，请填“是”或“否”"


def _choice(text: str, plain: str, field: Field) -> tuple[Value, str]:
    folded = {_folded(one): one for one in field.choices}
    folded |= {_folded(word): one for word, one in field.synonyms.items()}
    for code, one in zip(field.codes, field.choices, strict=False):
        folded |= {_folded(code): one, _folded(code + one): one}
    if (found := folded.get(_folded(plain))) is not None:
        return found, ""
    return None, f"“{text}”不在选项里，请选：{'、'.join(field.choices)}"


def _folded(text: str) -> str:
    """A choice as it is compared: without blanks, stops and differences of width."""
    return re.sub(r"[\s.、:()（）-]", "", unicodedata.normalize("NFKC", text)).casefold()


def _number(raw: Raw, text: str, plain: str, field: Field) -> tuple[Decimal | None, str]:
    if isinstance(raw, date):
        return Decimal(raw.year), ""
    bare = plain.replace("−", "-").replace("﹣", "-").lower()
    for unit in (field.unit, *_UNITS.get(field.unit, ()), *(("%",) if field.kind == "percent" else ())):
        ending = unicodedata.normalize("NFKC", unit).lower()
        if ending and bare.endswith(ending) and bare != ending:
            bare = bare.removesuffix(ending).strip()
            break
    if _POWER.match(bare):
        try:
            written = f"{Decimal(bare):f}"
        except InvalidOperation:
            written = ""
        return None, f"“{text}”是科学记数法，请写成 {written}" if len(written) <= 24 else f"“{text}”不是该填的数"
    if _THOUSANDS.match(bare):
        bare = bare.replace(",", "")
    if not _PLAIN.match(bare):
        return None, _why_no_number(text, bare, field)
    if len(bare) > _LONGEST_NUMBER:
        return None, f"“{bare[:_LONGEST_NUMBER]}…”太长，不是该填的数"
    return Decimal(bare), ""


def _why_no_number(text: str, bare: str, field: Field) -> str:
    if "," in bare and re.fullmatch(r"[-0-9,.]+", bare):
        return f"“{text}”的千分位逗号位置不对，请写成不带逗号的数"
    if re.fullmatch(r"-?[0-9][0-9.]*(\s+[0-9.]+)+", bare):
        return f"“{text}”中间有空格，请写成一个数"
    if _CHINESE.match(bare):
        return f"“{text}”请用阿拉伯数字"
    if match := re.match(r"-?[0-9]+(\.[0-9]+)?", bare):
        rest = bare[match.end() :].strip()
        asked = f"请只填数，单位是{field.unit}" if field.unit else "请只填数"
        return f"“{text}”里有“{rest}”，{asked}"
    return f"“{text}”不是数"


def _in_range(number: Decimal, plain: str, field: Field) -> tuple[Value, str]:
    said = f"{number:f}"
    if number < 0 and (field.minimum is None or Decimal(field.minimum) >= 0):
        return None, f"{said}：不能是负数"
    if field.kind in ("int", "year"):
        if number != number.to_integral_value():
            return None, f"{said}：应当是整数"
        number = Decimal(int(number))
    elif number != round(number, field.decimals):
        return None, f"{said}：最多 {field.decimals} 位小数" if field.decimals else f"{said}：应当是整数"
    if field.kind == "percent" and 0 < number <= 1 and not plain.endswith("%"):
        hundred = f"{number * 100:f}"
        hundred = hundred.rstrip("0").rstrip(".") if "." in hundred else hundred
        return None, f"百分数请填 {hundred}，不是 {said}；确是 {said}% 的请连百分号写"
    if field.minimum is not None and number < Decimal(field.minimum):
        return None, f"{said}：不能小于 {field.minimum}"
    if field.maximum is not None and number > Decimal(field.maximum):
        return None, f"{said}：不能大于 {field.maximum}"
    if field.kind in ("int", "year"):
        return int(number), ""
    return number.quantize(Decimal(1).scaleb(-field.decimals)).normalize() + 0 if number else Decimal(0), ""


# The stored and the shown form of a value


def stored(value: Value) -> str:
    """A value in the one text form in which it is kept: ``12.5``, ``true``, a text; empty where there is none."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return f"{value:f}" if isinstance(value, Decimal) else str(value)


def restored(text: str, field: Field) -> Value:
    """A value from its stored form; None for an empty text.

    Raises:
        ValueError: the text was not stored for such a field.
    """
    if text == "":
        return None
    if field.kind == "bool":
        if text not in ("true", "false"):
            raise ValueError(f"{text!r} is not a stored truth")
        return text == "true"
    if not field.is_number:
        return text
    try:
        return int(text) if field.kind in ("int", "year") else Decimal(text)
    except InvalidOperation:
        raise ValueError(f"{text!r} is not a stored number") from None


def shown(value: Value, field: Field) -> str:
    """A value as people read it: 是/否, numbers with the decimals of their field; ``read`` reads it back."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, str):
        return value
    said = f"{value:.{field.decimals}f}" if field.kind in ("dec", "percent") else str(value)
    return f"{said}%" if field.kind == "percent" and 0 < value <= 1 else said

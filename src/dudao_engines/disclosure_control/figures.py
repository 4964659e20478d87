"""Numbers that name a person: identity numbers, telephones, bank cards, dates of birth. Also written apart or full-width."""

import re
import unicodedata
from collections.abc import Iterator
from datetime import date

from dudao_engines.disclosure_control.model import Hit, Kind
from dudao_engines.kernel import codes
from dudao_engines.kernel.errors import EngineInputError

# What people put between the digits of one number: blanks of any width, hyphens, and signs that cannot be seen.
_GAP = "[ \t\u00a0\u2000-\u200d\u2060\u3000\ufeff\\-‐‑‒–—－·.]"
_RUN = re.compile(rf"(?<![0-9A-Za-z])[0-9](?:{_GAP}{{0,2}}[0-9*＊×]){{6,24}}(?:{_GAP}{{0,2}}[Xx])?(?![0-9A-Za-z])")
_MOBILE = re.compile(rf"(?<![0-9])(?:[+＋]?86{_GAP}?)?1[3-9][0-9](?:{_GAP}{{0,2}}[0-9]){{8}}(?![0-9])")
_LANDLINE = re.compile(r"(?<![0-9])[(（]?0[0-9]{2,3}[)）]?[ \u3000\-－—]{0,2}[2-8][0-9]{6,7}(?![0-9])")
_LOCAL = re.compile(r"(?:电话|手机|联系方式|传真|热线)[^0-9\n]{0,8}([2-8][0-9]{2,3}[ -]?[0-9]{4})(?![0-9])")
_MAIL = re.compile(r"[A-Za-z0-9_.+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+")
_DAY = r"(?:19|20)?[0-9]{2}\s*[年./\-]\s*[0-9]{1,2}(?:\s*[月./\-]\s*[0-9]{1,2}\s*日?|\s*月)?"
_BIRTH = re.compile(
    rf"(?:出生(?:日期|年月|于)?|生于|生日)[^0-9\n]{{0,6}}({_DAY})|({_DAY})\s*(?:出生|生(?=[，,。；;）)、\s]|$))"
)
_STARS = "*＊×"


def plain(text: str) -> str:
    """Full-width and other digits and letters as ASCII, character by character, so that places stay the same."""
    return "".join(_plain(c) for c in text)


def _plain(sign: str) -> str:
    if sign.isascii():
        return sign
    form = unicodedata.normalize("NFKC", sign)
    if len(form) == 1 and form.isascii() and form.isalnum():
        return form
    digit = unicodedata.digit(sign, -1)
    return str(digit) if digit >= 0 and len(form) == 1 else sign


def find(text: str) -> Iterator[Hit]:
    """Hits in the order of the kinds; they may lie over one another.

    Args:
        text: as typed.

    Source: GB 11643-1999 (18 digits with check character; 15 digits before 1999 without); masks DESIGN.
    """
    flat = plain(text)
    for found in _RUN.finditer(flat):
        bare = re.sub(rf"{_GAP}", "", found[0]).upper()
        if hit := _long_number(bare):
            kind, mask, why = hit
            yield _hit(kind, text, found.start(), found.end(), mask, why=why)
    for found in _MOBILE.finditer(flat):
        digits = re.sub(r"\D", "", found[0])[-11:]
        yield _hit(Kind.PHONE, text, found.start(), found.end(), f"{digits[:3]}****{digits[-4:]}")
    for found in _LANDLINE.finditer(flat):
        yield _hit(Kind.PHONE, text, found.start(), found.end(), "****")
    for found in _LOCAL.finditer(flat):
        yield _hit(Kind.PHONE, text, found.start(1), found.end(1), "****")
    for found in _MAIL.finditer(flat):
        yield _hit(Kind.EMAIL, text, found.start(), found.end(), "****")
    for found in _BIRTH.finditer(flat):
        group = 1 if found[1] else 2
        yield _hit(Kind.BIRTH, text, found.start(group), found.end(group), "****")


def _hit(kind: Kind, text: str, start: int, end: int, mask: str, *, why: str = "") -> Hit:
    return Hit(kind, start, end, text[start:end], mask, kind.may_stay, why)


def _long_number(bare: str) -> tuple[Kind, str, str] | None:
    """What a run of digits is, how it is masked, and what is to be said of it."""
    if any(star in bare for star in _STARS):
        shown = sum(c.isalnum() for c in bare)
        # 首3末2 is what may be shown of an identity number.
        if len(bare) in (15, 18) and shown > 5 and bare[:2] in codes.PROVINCES:
            return Kind.ID_NUMBER, _id_mask(bare), "遮得不够：只能留前3位和后2位"
        return None
    if len(bare) == 18 and bare[:17].isdecimal():
        try:
            codes.id_number(bare)
        except EngineInputError as error:
            if error.code == "id_number.check":
                return Kind.ID_NUMBER, _id_mask(bare), "校验位不对，可能写错一位，仍能认出是谁"
        else:
            return Kind.ID_NUMBER, _id_mask(bare), ""
    if len(bare) == 15 and bare.isdecimal() and bare[:2] in codes.PROVINCES and _is_day(f"19{bare[6:12]}"):
        return Kind.ID_NUMBER, _id_mask(bare), "15位旧号"
    if 16 <= len(bare) <= 19 and bare.isdecimal() and bare[0] in "34569" and _luhn(bare):
        return Kind.BANK_CARD, f"****{bare[-4:]}", ""
    return None


def _id_mask(bare: str) -> str:
    return codes.mask_id_number(bare)


def _is_day(digits: str) -> bool:
    try:
        date(int(digits[:4]), int(digits[4:6]), int(digits[6:8]))
    except ValueError:
        return False
    return True


def _luhn(digits: str) -> bool:
    """The check digit of bank cards (ISO/IEC 7812-1, annex B)."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        twice = int(digit) * (2 if place % 2 else 1)
        total += twice - 9 if twice > 9 else twice
    return total % 10 == 0

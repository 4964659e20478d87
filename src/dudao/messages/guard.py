"""What may not leave for a group chat: names of people, identity numbers, telephone numbers.

A group chat is kept by a company and read by whoever was ever let in, so only counts and names of units go there.
"""

import re
from collections.abc import Iterable

_ID = re.compile(r"(?<!\d)(?:\d{17}[\dXx]|\d{15})(?!\d)")
_PHONE = re.compile(r"(?<!\d)(?:(?:\+?86[- ]?)?1[3-9]\d[- ]?\d{4}[- ]?\d{4}|0\d{2,3}[- ]\d{7,8})(?!\d)")
_MAIL = re.compile(r"[\w.+-]+@[\w-]+\.[\w.]+")
_MARK = re.compile(r"[（(]示例[）)]")


def personal_in(text: str, *, names: Iterable[str], units: Iterable[str] = ()) -> list[str]:
    """What in a text tells of a person.

    Args:
        text: what is to be sent.
        names: names of the people who must not appear.
        units: names of units; a person's name inside one of them (陶行知小学) is no finding.

    Returns:
        Chinese words for what was found, each once: names as they stand, and the kind of number.
    """
    found = []
    if _ID.search(text):
        found.append("身份证件号")
    if _PHONE.search(text):
        found.append("电话号码")
    if _MAIL.search(text):
        found.append("邮箱地址")
    rest = _MARK.sub("", text)
    for unit in sorted({_MARK.sub("", u) for u in units} - {""}, key=len, reverse=True):
        rest = rest.replace(unit, "\n")
    bare = {_MARK.sub("", name).strip() for name in names}
    # One character is a word far more often than a name.
    found.extend(sorted(name for name in bare if len(name) > 1 and name in rest))
    return found

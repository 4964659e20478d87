"""Numbers of papers: 贺政教督发〔2024〕12号."""

import re

from dudao.papers.models import NumberBook, NumberCode

_NUMBER = re.compile(r"([^\s〔〕\[\]()（）]{1,20})[〔\[(（](\d{4})[〕\])）](?:第)?(\d{1,6})号?")


def words(code: str, year: int, serial: int) -> str:
    """A number as GB/T 9704-2012 7.2.5 writes it: no 第, no leading noughts, the year in 〔〕."""
    return f"{code}〔{year}〕{serial}号"


def parse(number: str) -> tuple[str, int, int] | None:
    """Code, year and serial of a number as people write it; None for what is none."""
    found = _NUMBER.fullmatch("".join(number.split()))
    if found is None or not int(found[3]):
        return None
    return found[1], int(found[2]), int(found[3])


def next_serial(county: str, code: str, year: int) -> int:
    """The number that comes next, if nobody takes it meanwhile."""
    last = NumberBook.objects.filter(county=county, code=code, year=year).values_list("last", flat=True).first()
    return (last or 0) + 1


def may_come_from_outside(county: str, code: str, year: int, serial: int) -> bool:
    """A number of a code that is numbered here may come from outside only from before the county came to this system."""
    if not NumberCode.objects.filter(county=county, code=code, by=NumberCode.By.HERE).exists():
        return True
    before = NumberBook.objects.filter(county=county, code=code, year=year).values_list("before", flat=True).first()
    return serial <= (before or 0)

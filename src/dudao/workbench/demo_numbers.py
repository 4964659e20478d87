"""The demo's numbers: two years of returns of made-up schools and kindergartens, marked 示例.

The kindergartens add up to what the notice of 2024 publishes (60, 13 619, 9 169, 2 133); each of them is made up. Everything is
written by the services, as an office would bring in the platform's export and the signed sheets.
"""

import csv
import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any
from uuid import UUID

from django.conf import settings
from PIL import Image, ImageDraw

from dudao.files import services as files
from dudao.returns import services as returns
from dudao.returns.models import Campaign, Return
from dudao.shell.acts import Actor

#: Who fills the county's own tables.
_BUREAU = "SL-JTJ"


@dataclass(frozen=True, slots=True)
class _Year:
    """One period of the demo."""

    period: str
    label: str
    census_on: date
    opens_on: date
    due_on: date


_LAST = _Year("2023", "2023年", date(2024, 1, 5), date(2024, 1, 8), date(2024, 1, 31))
_THIS = _Year("2024", "2024年", date(2024, 3, 1), date(2024, 3, 4), date(2024, 4, 12))
_TITLES = {
    "school-return": "义务教育学校数据核对（示例）",
    "county-return": "义务教育县级数据（示例）",
    "kindergarten-return": "幼儿园数据核对（示例）",
    "preschool-county": "学前教育县级数据（示例）",
}
#: Schools that have not answered yet; handed in and not yet looked at; the one that was sent a cell back.
_LATE = frozenset({"SL-XX05", "SL-XX14", "SL-XX23", "SL-XX32"})
_WAITING = frozenset({"SL-XX07", "SL-XX19", "SL-XX28"})
_SENT_BACK = ("SL-XX02", "area_sports_ground", "比上年多 2000 平方米，平台上没有新增运动场地的记录，请核对。（示例）")
#: A mistake that the form finds: the largest class is smaller than the classes say.
_MISTAKES = {("school-return", "SL-XX10"): {"max_class_size": "34"}}
#: Heads with an account; one of them leads two kindergartens.
_HEADS = {"SL-XX02": "shili-xiaozhang", "SL-YG01": "shili-yuanzhang", "SL-YG07": "shili-yuanzhang"}
_LARGE = "园舍按 14 个班设计，户外场地达标，经县教体局核定可多招一个班。（示例）"


class _Numbers:
    """One county while its numbers are brought in."""

    def __init__(self, units: Mapping[str, UUID], who: Callable[..., Actor], now: datetime) -> None:
        self.units, self.who, self.now = units, who, now
        self.staff, self.director = who("shili-zhuanzhi"), who("shili-zhuren")

    def bring_in(self, form: str, year: _Year, lines: list[dict[str, str]]) -> Campaign:
        """A campaign with what the platform exports for it, opened."""
        of_unit = {_unit(line["unit"]): line for line in lines}
        campaign = returns.prepare_campaign(
            form=form,
            title=f"{year.label}{_TITLES[form]}",
            period=year.period,
            period_label=year.label,
            census_on=year.census_on,
            opens_on=year.opens_on,
            due_on=year.due_on,
            main_source=Campaign.MainSource.PLATFORM,
            units=[self.units[code] for code in of_unit],
            by=self.staff,
            now=self.now,
        )
        for ret in campaign.returns.select_related("campaign", "unit"):
            line = of_unit[ret.unit.code] | (_MISTAKES.get((form, ret.unit.code), {}) if year is _THIS else {})
            values = {name: text for name, text in line.items() if name != "unit" and text != ""}
            returns.set_cells(ret=ret, values=values, source="platform", by=self.staff, now=self.now)
        returns.open_campaign(campaign=campaign, base_version=campaign.version, by=self.staff, now=self.now)
        return campaign

    def lock(self, campaign: Campaign, reason: str = "") -> None:
        returns.lock_campaign(
            campaign=campaign, base_version=campaign.version, reason=reason, by=self.director, now=self.now
        )

    def hand_in(self, ret: Return, *, approve: bool = True) -> None:
        """Confirmed by the head, here where the demo has one and else on paper; handed in; approved by the director."""
        head = self.head_of(ret)
        on = _THIS.due_on.replace(day=2)
        paper: dict[str, Any] = {
            "signed_by": f"{ret.unit.code} 负责人（示例）",
            "occurred_on": on,
            "evidence": [scan("签字盖章页")],
        }
        by = head or self.staff
        returns.confirm_return(ret=ret, base_version=ret.version, by=by, now=self.now, **({} if head else paper))
        returns.submit_return(ret=ret, base_version=ret.version, by=by, now=self.now)
        if approve:
            returns.approve_return(ret=ret, base_version=ret.version, by=self.director, now=self.now)

    def head_of(self, ret: Return) -> Actor | None:
        """The head of a unit that has an account in the demo."""
        username = _HEADS.get(ret.unit.code)
        return self.who(username, unit=ret.unit_id) if username else None


def scan(name: str) -> files.Received:
    """A picture that stands for a signed sheet."""
    return files.receive(io.BytesIO(_picture()), name=f"{name}（示例）.png")


def load(*, units: Mapping[str, UUID], who: Callable[..., Actor], now: datetime) -> None:
    """Bring both years into a demo county that has its units and people."""
    numbers = _Numbers(units, who, now)
    for year in (_LAST, _THIS):
        for form in _TITLES:
            lines = rows(form, year.period)
            if not lines:
                continue
            campaign = numbers.bring_in(form, year, lines)
            if year is _LAST:
                numbers.lock(campaign, "往年数据，由平台导出表补录（示例）")
            else:
                _answer(numbers, campaign)


def _answer(numbers: _Numbers, campaign: Campaign) -> None:
    """What the units made of it: nearly all are through, of the schools some are not."""
    called = campaign.returns.select_related("campaign", "unit").order_by("unit__code")
    for ret in called.exclude(unit__code__in=_LATE):
        if ret.warnings and (head := numbers.head_of(ret)):
            returns.explain(ret=ret, words={"size_360": _LARGE}, by=head, now=numbers.now)
        if ret.errors or ret.warnings or ret.filled < ret.asked:
            continue
        numbers.hand_in(ret, approve=ret.unit.code not in _WAITING)
        code, cell, words = _SENT_BACK
        if ret.unit.code == code:
            returns.send_back(
                ret=ret, base_version=ret.version, cells={cell: words}, by=numbers.director, now=numbers.now
            )
    if campaign.level == Campaign.Level.KINDERGARTEN:
        numbers.lock(campaign)


@cache
def _picture() -> bytes:
    picture = Image.new("RGB", (480, 640), "#ffffff")
    ImageDraw.Draw(picture).rectangle((300, 520, 440, 600), outline="#c0392b", width=6)
    made = io.BytesIO()
    picture.save(made, "PNG")
    return made.getvalue()


def _unit(code: str) -> str:
    return _BUREAU if code.isdigit() else code


def rows(table: str, period: str) -> list[dict[str, str]]:
    """A table of the demo's data, by its columns; empty where there is none of that period."""
    path = settings.LIBRARY / "demo" / "returns" / period / f"{table}.csv"
    if not path.is_file():
        return []
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))

"""The left navigation, by job, as data. Each app names its own pages in its ``AppConfig``:

nav = (Entry("年度工作", "任务", "plan:task_list", icon="list-check"),)
"""

from dataclasses import dataclass

from django.apps import apps
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse

from dudao.shell.acts import Actor

# Jobs in the order of the house; the first has no heading.
GROUPS = ("", "年度工作", "督导评估", "督学队伍", "问题整改", "专项", "公开", "单位与人员", "系统")


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the navigation.

    Attributes:
        group: one of ``GROUPS``.
        label: what it is called.
        url: name of the page; a page that does not exist yet is left out.
        icon: a Tabler icon.
        also: names of other pages that belong to it.
        may: for hats with one of these capabilities; empty = for everybody.
    """

    group: str
    label: str
    url: str
    icon: str
    may: frozenset[str] = frozenset()
    also: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Line:
    label: str
    address: str
    icon: str
    is_current: bool = False
    also: tuple[str, ...] = ()


def navigation(request: HttpRequest, actor: Actor | None) -> list[tuple[str, list[Line]]]:
    """Groups with the lines that the actor's hat may open; of the addresses the page stands under, the longest is current."""
    if actor is None:
        return []
    groups: dict[str, list[Line]] = {group: [] for group in GROUPS}
    for app in apps.get_app_configs():
        for entry in getattr(app, "nav", ()):
            if entry.may and not entry.may & actor.may:
                continue
            try:
                address, also = reverse(entry.url), tuple(reverse(name) for name in entry.also)
            except NoReverseMatch:
                continue
            groups[entry.group].append(Line(entry.label, address, entry.icon, also=also))
    lines = [line for group in groups.values() for line in group]
    addresses = [one for line in lines for one in (line.address, *line.also)]
    here = max((one for one in addresses if _stands_under(request.path, one)), key=len, default="")
    return [
        (group, [Line(line.label, line.address, line.icon, here in (line.address, *line.also)) for line in lines])
        for group, lines in groups.items()
        if lines
    ]


def _stands_under(path: str, address: str) -> bool:
    return path == address or (address != "/" and path.startswith(address))

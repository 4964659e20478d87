"""Forms of units."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from django import forms

from dudao.places import queries
from dudao.places.models import Campus, Unit, UnitStage, UnitVersion
from dudao.places.services import CampusFacts, UnitFacts
from dudao.shell.acts import Actor
from dudao.shell.forms import DAY

Choices = list[tuple[str, str]]


def _day(label: str, **more: Any) -> forms.DateField:
    return forms.DateField(label=label, widget=DAY, **more)


def _regions(actor: Actor, day: date) -> Choices:
    names = queries.region_names(actor, as_of=day)
    return [("", "未填"), *((code, f"{name}　{code}") for code, name in names.items())]


class UnitForm(forms.Form):
    """What a unit is from a day on."""

    name = forms.CharField(label="名称", max_length=100)
    short_name = forms.CharField(label="简称", max_length=40, required=False)
    kind = forms.ChoiceField(label="类别", choices=UnitVersion.Kind.choices)
    stages = forms.MultipleChoiceField(
        label="学段", choices=UnitStage.Stage.choices, required=False, widget=forms.CheckboxSelectMultiple
    )
    sponsor = forms.CharField(label="举办者", max_length=40, required=False)
    is_private = forms.ChoiceField(label="公办或民办", choices=(("", "公办"), ("yes", "民办")), required=False)
    is_inclusive = forms.ChoiceField(
        label="普惠",
        choices=(("", "不适用"), ("yes", "普惠"), ("no", "非普惠")),
        required=False,
        help_text="只用于幼儿园。",
    )
    region_code = forms.ChoiceField(label="所在地", required=False)
    parent = forms.ChoiceField(label="上级单位", required=False)

    def __init__(self, *args: Any, actor: Actor, day: date, unit: Unit | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        regions = _regions(actor, day)
        own = str(self.initial.get("region_code") or "")
        if own and own not in dict(regions):
            regions.append((own, own))
        self.fields["region_code"].choices = regions  # type: ignore[attr-defined]
        others = [(str(v.unit_id), v.name) for v in queries.units_visible_to(actor, as_of=day)]
        self.fields["parent"].choices = [  # type: ignore[attr-defined]
            ("", "无"),
            *(pair for pair in others if unit is None or pair[0] != str(unit.pk)),
        ]
        if unit is None:
            code = forms.CharField(
                label="标识码", max_length=20, help_text="学校（机构）标识码 10 位；没有的用统一社会信用代码或自编码。"
            )
            self.fields = {"code": code, **self.fields, "valid_from": _day("自哪天起")}
        else:
            self.fields["valid_from"] = _day("变更自哪天起", help_text="与现有信息同一天，就是更正；晚于它，就是变更。")
            self.fields["reason"] = forms.CharField(label="变更原因或依据", max_length=200)
            self.fields["version"] = forms.IntegerField(widget=forms.HiddenInput)

    def facts(self, campuses: tuple[CampusFacts, ...] = ()) -> UnitFacts:
        data = self.cleaned_data
        return UnitFacts(
            name=data["name"],
            kind=data["kind"],
            short_name=data["short_name"],
            sponsor=data["sponsor"],
            is_private=data["is_private"] == "yes",
            is_inclusive={"yes": True, "no": False}.get(data["is_inclusive"]),
            region_code=data["region_code"],
            parent=UUID(data["parent"]) if data["parent"] else None,
            stages=frozenset(data["stages"]),
            campuses=campuses,
        )

    @staticmethod
    def initial_of(facts: UnitFacts) -> dict[str, Any]:
        """What the form shows of a standing version."""
        return {
            "name": facts.name,
            "kind": facts.kind,
            "short_name": facts.short_name,
            "sponsor": facts.sponsor,
            "is_private": "yes" if facts.is_private else "",
            "is_inclusive": {True: "yes", False: "no", None: ""}[facts.is_inclusive],
            "region_code": facts.region_code,
            "parent": str(facts.parent or ""),
            "stages": sorted(facts.stages),
        }


class CampusForm(forms.Form):
    """A campus or a teaching point; an empty name leaves the row out."""

    kind = forms.ChoiceField(label="类别", choices=Campus.Kind.choices, required=False)
    name = forms.CharField(label="名称", max_length=100, required=False)
    region_code = forms.ChoiceField(label="所在地", required=False)
    address = forms.CharField(label="地址", max_length=200, required=False)

    def __init__(self, *args: Any, regions: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["region_code"].choices = regions  # type: ignore[attr-defined]


_Campuses = forms.formset_factory(CampusForm, extra=2, max_num=50)


def campus_rows(data: Any, *, facts: Sequence[CampusFacts], actor: Actor, day: date) -> "forms.BaseFormSet[CampusForm]":
    """The rows of a unit's campuses and teaching points, with two empty ones."""
    initial = [{"kind": c.kind, "name": c.name, "region_code": c.region_code, "address": c.address} for c in facts]
    return _Campuses(data, initial=initial, prefix="campus", form_kwargs={"regions": _regions(actor, day)})


def campus_facts(rows: "forms.BaseFormSet[CampusForm]") -> tuple[CampusFacts, ...]:
    """What the rows say, after they were found valid."""
    filled = [form.cleaned_data for form in rows.forms if form.cleaned_data.get("name")]
    return tuple(CampusFacts(r["kind"] or "campus", r["name"], r["region_code"], r["address"]) for r in filled)


class EndForm(forms.Form):
    """How a unit ends."""

    WAYS = (
        ("end", "终止（撤销、停办）"),
        ("merge", "并入另一个单位"),
        ("split", "分设为几个单位，本单位终止"),
        ("part", "分出一部分，本单位继续"),
    )
    way = forms.ChoiceField(label="怎样变", choices=WAYS)
    on = _day("日期", help_text="终止：最后一天。合并、分设：新单位承接的第一天。")
    into = forms.MultipleChoiceField(
        label="由哪些单位承接",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="合并选一个；分设选两个以上；分出一部分可只选一个。新设的单位请先登记。",
    )
    reason = forms.CharField(label="原因或依据", max_length=200, help_text="例如批复文号。")
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, actor: Actor, day: date, unit: Unit, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        versions = queries.units_visible_to(actor, as_of=day).exclude(unit=unit)
        self.fields["into"].choices = [(str(v.unit_id), v.name) for v in versions]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        chosen = data.get("into") or []
        if data.get("way") == "merge" and len(chosen) != 1:
            self.add_error("into", "请选一个承接的单位。")
        if data.get("way") == "split" and len(chosen) < 2:
            self.add_error("into", "请选两个以上承接的单位；只分出一部分的，选“分出一部分，本单位继续”。")
        if data.get("way") == "part" and not chosen:
            self.add_error("into", "请选承接的单位。")
        return data


class TableForm(forms.Form):
    """A table of units to be looked at."""

    table = forms.FileField(
        label="表格文件",
        help_text="Excel 或 WPS：.xlsx、.xls、.et，5 MB 以内。",
        widget=forms.FileInput(attrs={"accept": ".xlsx,.xls,.et,.ods"}),
    )
    valid_from = _day("表里的内容自哪天起", help_text="新单位从这天起设立，变更从这天起生效。")

"""Forms of duties and districts. They check what was typed; rules of the work are the services'."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django import forms

from dudao.duties.checking import Given
from dudao.duties.queries import Contact
from dudao.inspectors.models import Inspector
from dudao.shell.forms import DAY, Choices, choose


def versions(text: str) -> dict[UUID, int]:
    """Versions by key, as a page carried them: ``key:version`` between blanks."""
    try:
        return {UUID(key): int(version) for key, version in (one.split(":") for one in text.split())}
    except ValueError:
        raise forms.ValidationError("页面内容不完整，请刷新后再办。") from None


class _Warned(forms.Form):
    """A form whose sending is first answered with what speaks against it. The box appears with the answer."""

    seen = forms.BooleanField(label="提醒已看过，仍然这样安排", required=False)

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        if not self.is_bound:
            del self.fields["seen"]


class AssignForm(_Warned):
    """Who is responsible for some schools from a day on."""

    units = forms.MultipleChoiceField(label="学校（园）", widget=forms.CheckboxSelectMultiple)
    inspectors = forms.MultipleChoiceField(
        label="责任督学", widget=forms.CheckboxSelectMultiple,
        help_text="选一名；勾几名的，由他们共同负责所选的每所学校。不再勾的，到前一天为止。",
    )  # fmt: skip
    starts_on = forms.DateField(label="从哪天起", widget=DAY)
    document = forms.CharField(label="文号或依据", max_length=120, required=False)
    reason = forms.CharField(label="原因", max_length=200, required=False)
    #: Boards as the reader saw them, so that two who assign the same school at once do not write over each other.
    base = forms.CharField(widget=forms.HiddenInput, required=False)
    field_order = ("units", "inspectors", "starts_on", "document", "reason", "seen")

    def __init__(self, *args: Any, units: Choices, inspectors: Choices, **more: Any) -> None:
        super().__init__(*args, **more)
        choose(self, "units", units)
        choose(self, "inspectors", inspectors)

    def clean_base(self) -> dict[UUID, int]:
        """Versions of boards by unit."""
        return versions(self.cleaned_data["base"])


class RotateForm(_Warned):
    """Two inspectors change places."""

    first = forms.ChoiceField(label="督学")
    second = forms.ChoiceField(label="与谁交换")
    district = forms.ChoiceField(label="只换这个责任区的学校", required=False)
    starts_on = forms.DateField(label="从哪天起", widget=DAY)
    document = forms.CharField(label="文号或依据", max_length=120, required=False)
    reason = forms.CharField(label="原因", max_length=200, initial="定期交流轮换")
    field_order = ("first", "second", "district", "starts_on", "document", "reason", "seen")

    def __init__(self, *args: Any, inspectors: Choices, districts: Choices, **more: Any) -> None:
        super().__init__(*args, **more)
        choose(self, "first", [("", "请选择"), *inspectors])
        choose(self, "second", [("", "请选择"), *inspectors])
        choose(self, "district", [("", "全部学校"), *districts])


class EndForm(forms.Form):
    """The end of a duty or a district."""

    last_day = forms.DateField(label="最后一天", widget=DAY)
    reason = forms.CharField(label="原因", max_length=200)
    base_version = forms.IntegerField(widget=forms.HiddenInput, required=False)


class DistrictForm(forms.Form):
    """A district with its schools and inspectors."""

    base_version = forms.IntegerField(widget=forms.HiddenInput, required=False)
    name = forms.CharField(label="名称", max_length=40)
    starts_on = forms.DateField(label="从哪天起", widget=DAY)
    inspectors = forms.MultipleChoiceField(label="督学", required=False, widget=forms.CheckboxSelectMultiple)
    units = forms.MultipleChoiceField(
        label="学校（园）", required=False, widget=forms.CheckboxSelectMultiple,
        help_text="已在别的责任区的，写在名称后面；勾上就划过来。",
    )  # fmt: skip

    def __init__(self, *args: Any, units: Choices, inspectors: Choices, **more: Any) -> None:
        super().__init__(*args, **more)
        choose(self, "units", units)
        choose(self, "inspectors", inspectors)


class OfficeForm(forms.Form):
    """What every board says of the office."""

    base_version = forms.IntegerField(widget=forms.HiddenInput)
    name = forms.CharField(label="督导机构", max_length=80)
    phone = forms.CharField(label="监督电话", max_length=20, required=False)
    hours = forms.CharField(label="接听时间", max_length=60, required=False, help_text="如：工作日 8:30—18:00")


class PhonesForm(forms.Form):
    """One box for each responsible inspector."""

    #: Versions by inspector as the reader saw them.
    base = forms.CharField(widget=forms.HiddenInput, required=False)
    is_quiet = True

    def __init__(self, data: Any = None, *, rows: Sequence[Contact]) -> None:
        self.rows = rows
        seen = " ".join(f"{one.inspector.pk}:{one.version}" for one in rows)
        super().__init__(data, initial={"base": seen} | {f"phone_{one.inspector.pk}": one.phone for one in rows})
        for one in rows:
            self.fields[f"phone_{one.inspector.pk}"] = forms.CharField(
                label=one.inspector.person.name, max_length=20, required=False
            )

    def clean_base(self) -> dict[UUID, int]:
        """Versions by inspector."""
        return versions(self.cleaned_data["base"])

    def changed(self) -> list[tuple[Inspector, int, str]]:
        """Inspector, version seen, number, of those that were changed."""
        base = self.cleaned_data["base"]
        said = [(one, self.cleaned_data[f"phone_{one.inspector.pk}"].strip()) for one in self.rows]
        return [
            (one.inspector, base.get(one.inspector.pk, one.version), phone) for one, phone in said if phone != one.phone
        ]


class TableForm(forms.Form):
    """A table of who is responsible for which school."""

    table = forms.FileField(
        label="表格", help_text="Excel、WPS 或 CSV，要有“学校（园）”和“责任督学”两列；可以用“导出 Excel”的表改。"
    )
    starts_on = forms.DateField(label="从哪天起", widget=DAY)
    document = forms.CharField(label="文号或依据", max_length=120, required=False)


class ConfirmForm(forms.Form):
    """What was looked at, sent back to be done."""

    pairs = forms.CharField(widget=forms.HiddenInput)
    base = forms.CharField(widget=forms.HiddenInput)
    starts_on = forms.DateField(label="从哪天起", widget=forms.HiddenInput)
    document = forms.CharField(widget=forms.HiddenInput, max_length=120, required=False)

    def clean_pairs(self) -> list[Given]:
        """Who for which school."""
        try:
            said = [one.split(":") for one in self.cleaned_data["pairs"].split()]
            return [Given(UUID(unit), UUID(inspector)) for unit, inspector in said]
        except ValueError:
            raise forms.ValidationError("页面内容不完整，请重新选择表格。") from None

    def clean_base(self) -> dict[UUID, int]:
        """Versions of boards by unit."""
        return versions(self.cleaned_data["base"])

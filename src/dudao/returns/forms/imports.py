"""Forms of imports."""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from django import forms

from dudao.returns.models import Profile, Source, Upload
from dudao.returns.services.imports import SOURCES
from dudao_engines.kernel import workbooks
from dudao_engines.standards import mapping
from dudao_engines.standards.forms import Form
from dudao_engines.standards.tables import factor as factor_of
from dudao_engines.standards.tables import normal

#: What numbers of a column are multiplied by.
FACTORS = (
    ("1", "不换算"), ("1/10000", "元 → 万元"), ("10000", "万元 → 元"), ("2000/3", "亩 → 平方米"), ("10000/1", "公顷 → 平方米、万人 → 人"),
    ("1000", "千元 → 元"), ("1/10", "千元 → 万元"), ("100", "小数 → 百分数"),
)  # fmt: skip


class UploadForm(forms.Form):
    """A table to hand in."""

    source = forms.ChoiceField(
        label="数据来源", choices=[(one.value, one.label) for one in SOURCES], initial=Source.PLATFORM
    )
    purpose = forms.ChoiceField(
        label="用途", choices=Upload.Purpose.choices, initial=Upload.Purpose.REPORT,
        help_text="学校自己填过的数不会被覆盖；不同之处列在“多源比对”里。",
    )  # fmt: skip
    profile = forms.ChoiceField(
        label="列对应方案", required=False, help_text="以前保存过的；表头对不上的列仍按表头猜。"
    )
    table = forms.FileField(
        label="文件",
        help_text="Excel、WPS 表格或 CSV，30 MB 以内。标题行、两三行表头、合并单元格、合计行都认得。",
        widget=forms.FileInput(attrs={"accept": ".xlsx,.xls,.et,.ods,.csv,.txt"}),
    )

    def __init__(self, *args: Any, profiles: Sequence[Profile], **more: Any) -> None:
        super().__init__(*args, **more)
        self.profiles = {str(one.pk): one for one in profiles}
        choices = [
            ("", "按表头猜"),
            *((key, f"{Source(one.source).label} · {one}") for key, one in self.profiles.items()),
        ]
        self.fields["profile"].choices = choices  # type: ignore[attr-defined]
        # The county's way is the platform's export; what was kept of its layout is used unless somebody says otherwise.
        newest = max(
            (one for one in profiles if one.source == Source.PLATFORM and one.kept["kind"] == "rows"),
            key=lambda one: one.made_at,
            default=None,
        )
        self.fields["profile"].initial = str(newest.pk) if newest else ""

    def chosen(self) -> Profile | None:
        return self.profiles.get(self.cleaned_data["profile"])


class ColumnsForm(forms.Form):
    """What each column is. Columns that stand on several sheets under one head are asked once."""

    base_version = forms.IntegerField(widget=forms.HiddenInput)
    code = forms.ChoiceField(label="标识码在哪一列", required=False)
    name = forms.ChoiceField(label="单位名称在哪一列", required=False)
    county = forms.ChoiceField(label="县在哪一列", required=False, help_text="有这一列时，别的县的行不导入。")
    keep_as = forms.CharField(
        label="保存为方案",
        required=False,
        max_length=60,
        help_text="起个名字，如“自治区督导平台”，下次直接用；同名的成为新一版。",
    )

    def __init__(self, *args: Any, tables: Sequence[Mapping[str, Any]], form: Form, **more: Any) -> None:
        super().__init__(*args, **more)
        self.form = form
        self.columns: dict[str, dict[str, Any]] = {}
        keys: dict[str, str] = {}
        for table in tables:
            for column in table["columns"]:
                key = normal(column["head"])
                if key:
                    self.columns.setdefault(key, column)
            for name, at in (("code", table["code_at"]), ("name", table["name_at"]), ("county", table["county_at"])):
                if at is not None:
                    keys.setdefault(name, normal(table["columns"][at]["head"]))
        heads = [("", "没有这一列"), *((key, column["head"]) for key, column in self.columns.items())]
        for name in ("code", "name", "county"):
            self.fields[name].choices = heads  # type: ignore[attr-defined]
            self.fields[name].initial = keys.get(name, "")
        fields: list[Any] = [("", "不导入")]
        fields += [(one.title, [(item.code, item.head) for item in one.fields]) for one in form.sections]
        known = {value for value, _ in FACTORS}
        for at, column in enumerate(self.columns.values()):
            self.fields[f"column_{at}"] = forms.ChoiceField(
                label=column["head"], choices=fields, required=False, initial=column["code"]
            )
            factors = list(FACTORS)
            if column["factor"] not in known:
                factors.append((column["factor"], f"乘以 {column['factor']}"))
            self.fields[f"factor_{at}"] = forms.ChoiceField(
                label=f"{column['head']}的换算", choices=factors, required=False, initial=column["factor"]
            )

    def clean(self) -> dict[str, Any]:
        found = super().clean() or self.cleaned_data
        taken: dict[str, str] = {}
        for at, column in enumerate(self.columns.values()):
            code = found.get(f"column_{at}", "")
            if code and code in taken:
                self.add_error(
                    f"column_{at}", f"“{self.form.field(code).label}”已经对应了“{taken[code]}”，只能选一列。"
                )
            elif code:
                taken[code] = column["head"]
                self._scale(found, at, column, code)
        return found

    def _scale(self, found: dict[str, Any], at: int, column: Mapping[str, Any], code: str) -> None:
        """A column that was chosen by hand is converted from the unit its head names, as a proposed one would have been."""
        if code == column["code"] or found.get(f"factor_{at}", "") != column["factor"]:
            return
        factor = factor_of(column["head"], self.form.field(code))
        if factor is None:
            said = f"表头写的单位和“{self.form.field(code).head}”不是一类，不能换算；请核对是不是这一列。"
            self.add_error(f"column_{at}", said)
        else:
            found[f"factor_{at}"] = str(factor)

    def profile(self) -> mapping.Profile:
        """What was said."""
        data = self.cleaned_data
        return mapping.Profile(
            form=self.form.id,
            columns={
                key: mapping.Taken(
                    head=column["head"],
                    code=data[f"column_{at}"],
                    factor=str(Fraction(data[f"factor_{at}"] or "1")),
                )
                for at, (key, column) in enumerate(self.columns.items())
            },
            code=data["code"],
            name=data["name"],
            county=data["county"],
        )

    def rows(self) -> list[tuple[dict[str, Any], Any, Any]]:
        return [(column, self[f"column_{at}"], self[f"factor_{at}"]) for at, column in enumerate(self.columns.values())]


class CellsForm(forms.Form):
    """Where a form's items stand on a sheet of one unit: addresses instead of heads."""

    base_version = forms.IntegerField(widget=forms.HiddenInput)
    sheet = forms.CharField(
        label="工作表", required=False, max_length=40, help_text="哪些工作表，* 代表任意字，如 教基4155*；空着是全部。"
    )
    code = forms.CharField(label="标识码的单元格", required=False, max_length=8)
    name = forms.CharField(label="单位名称的单元格", required=False, max_length=8)
    cells = forms.CharField(
        label="项目和单元格", widget=forms.Textarea(attrs={"rows": 10}),
        help_text="一行一项：项目代码或名称，空格，单元格；金额面积要换算的再写倍数。例如：area_teaching_aux C10 或 教学仪器设备资产值 D19 1/10000",
    )  # fmt: skip
    keep_as = forms.CharField(label="保存为方案", required=False, max_length=60)

    def __init__(self, *args: Any, form: Form, **more: Any) -> None:
        super().__init__(*args, **more)
        self.form = form

    def _address(self, name: str) -> str:
        said = str(self.cleaned_data[name]).strip()
        if said:
            try:
                workbooks.place(said)
            except ValueError:
                raise forms.ValidationError(f"“{said}”不是单元格地址，请写成 C9 这样。") from None
        return said

    def clean_code(self) -> str:
        return self._address("code")

    def clean_name(self) -> str:
        return self._address("name")

    def clean_cells(self) -> dict[str, tuple[str, str]]:
        vocabulary = mapping.Vocabulary(self.form)
        found: dict[str, tuple[str, str]] = {}
        for number, line in enumerate(self.cleaned_data["cells"].splitlines(), 1):
            words = line.split()
            if not words:
                continue
            code = vocabulary.code(words[0])
            if len(words) not in (2, 3) or not code:
                raise forms.ValidationError(f"第 {number} 行看不懂：{line.strip()[:40]}")
            try:
                workbooks.place(words[1])
                factor = str(Fraction(words[2])) if len(words) == 3 else "1"
            except (ValueError, ZeroDivisionError):
                raise forms.ValidationError(f"第 {number} 行的单元格或倍数不对：{line.strip()[:40]}") from None
            found[code] = (words[1].upper(), factor)
        return found

    def profile(self) -> mapping.Profile:
        data = self.cleaned_data
        return mapping.Profile(
            kind="cells",
            form=self.form.id,
            sheet=data["sheet"].strip(),
            code=data["code"].upper(),
            name=data["name"].upper(),
            cells={code: address for code, (address, _) in data["cells"].items()},
            factors={code: factor for code, (_, factor) in data["cells"].items() if factor != "1"},
        )


class CorrectionForm(forms.Form):
    """What the platform should say, and why."""

    right = forms.CharField(label="应改为", max_length=60)
    why = forms.CharField(label="依据", max_length=200, help_text="学校看得到，如：9 月 1 日花名册、现场丈量。")

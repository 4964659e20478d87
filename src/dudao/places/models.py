"""Where: regions, units with dated versions, what became of them."""

from django.db import models
from django.db.models import F, Q

from dudao.shell.keys import uuid7


class Region(models.Model):
    """A region of the statistical codes, 12 digits, from the county down to the village; dated."""

    code = models.CharField("统计用区划代码", max_length=12)
    name = models.CharField("名称", max_length=64)
    sort_key = models.CharField("拼音", max_length=200, blank=True)
    parent_code = models.CharField("上级代码", max_length=12, blank=True)
    valid_from = models.DateField("启用日期")
    valid_to = models.DateField("停用日期", null=True, blank=True)
    checked_on = models.DateField("核对日期", null=True, blank=True, help_text="未核对的代码显示“未核实”")

    class Meta:
        verbose_name = "行政区划"
        ordering = ["code"]
        constraints = [
            models.UniqueConstraint(fields=["code", "valid_from"], name="region_code_from"),
            models.UniqueConstraint(fields=["code"], condition=Q(valid_to__isnull=True), name="region_one_open"),
            models.CheckConstraint(
                name="region_days_in_order", condition=Q(valid_to__isnull=True) | Q(valid_to__gte=F("valid_from"))
            ),
        ]

    class Data:
        plain = frozenset(["id", "code", "name", "sort_key", "parent_code", "valid_from", "valid_to", "checked_on"])

    def __str__(self) -> str:
        return self.name


class Unit(models.Model):
    """A unit that lives on through its names: school, kindergarten, office, department, township."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    county = models.CharField("县代码", max_length=6)
    code = models.CharField("标识码", max_length=20, help_text="学校（机构）标识码；没有的用统一社会信用代码或自编码")
    ended_on = models.DateField("终止日期", null=True, blank=True)
    end_reason = models.CharField("终止原因", max_length=200, blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = "单位"
        constraints = [
            models.UniqueConstraint(fields=["county", "code"], name="unit_code_in_county"),
            models.CheckConstraint(
                name="unit_ended_with_reason",
                condition=Q(ended_on__isnull=True, end_reason="") | Q(ended_on__isnull=False) & ~Q(end_reason=""),
            ),
        ]

    class Data:
        plain = frozenset(["id", "county", "code", "ended_on", "end_reason", "version"])


class UnitVersion(models.Model):
    """What a unit was from one day to another: name, kind, sponsor, region, parent."""

    class Kind(models.TextChoices):
        OFFICE = "office", "督导机构"
        COMMITTEE = "committee", "督委会"
        BUREAU = "bureau", "教育行政部门"
        SECTION = "section", "科室"
        DEPARTMENT = "department", "成员单位"
        TOWNSHIP = "township", "乡镇场街道"
        VILLAGE = "village", "村（社区）"
        SCHOOL = "school", "学校"
        KINDERGARTEN = "kindergarten", "幼儿园"
        UPPER = "upper", "上级督导机构"

    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="versions")
    valid_from = models.DateField("起")
    valid_to = models.DateField("止", null=True, blank=True)
    name = models.CharField("名称", max_length=100)
    short_name = models.CharField("简称", max_length=40, blank=True)
    sort_key = models.CharField("拼音", max_length=400, blank=True)
    kind = models.CharField("类别", max_length=16, choices=Kind)
    sponsor = models.CharField("举办者", max_length=40, blank=True)
    is_private = models.BooleanField("民办", default=False)
    is_inclusive = models.BooleanField("普惠", null=True, blank=True)
    region_code = models.CharField("所在区划代码", max_length=12, blank=True)
    parent = models.ForeignKey(Unit, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    reason = models.CharField("变更原因", max_length=200, blank=True)

    class Meta:
        verbose_name = "单位信息"
        ordering = ["sort_key"]
        constraints = [
            models.UniqueConstraint(fields=["unit", "valid_from"], name="unitversion_from"),
            models.UniqueConstraint(fields=["unit"], condition=Q(valid_to__isnull=True), name="unitversion_one_open"),
            models.CheckConstraint(
                name="unitversion_days_in_order",
                condition=Q(valid_to__isnull=True) | Q(valid_to__gte=F("valid_from")),
            ),
            models.CheckConstraint(
                name="unitversion_kind_known",
                condition=Q(
                    kind__in=[
                        "office",
                        "committee",
                        "bureau",
                        "section",
                        "department",
                        "township",
                        "village",
                        "school",
                        "kindergarten",
                        "upper",
                    ]
                ),
            ),
        ]

    class Data:
        plain = frozenset(
            [
                "id",
                "unit",
                "valid_from",
                "valid_to",
                "name",
                "short_name",
                "sort_key",
                "kind",
                "sponsor",
                "is_private",
                "is_inclusive",
                "region_code",
                "parent",
                "reason",
            ]
        )

    def __str__(self) -> str:
        return self.name


class UnitStage(models.Model):
    """A stage of schooling that a unit had in one of its versions."""

    class Stage(models.TextChoices):
        PRESCHOOL = "preschool", "学前"
        PRIMARY = "primary", "小学"
        JUNIOR = "junior", "初中"
        SENIOR = "senior", "普通高中"
        VOCATIONAL = "vocational", "中职"
        SPECIAL = "special", "特殊教育"

    version = models.ForeignKey(UnitVersion, on_delete=models.CASCADE, related_name="stages")
    stage = models.CharField("学段", max_length=16, choices=Stage)

    class Meta:
        verbose_name = "学段"
        constraints = [
            models.UniqueConstraint(fields=["version", "stage"], name="unitstage_once"),
            models.CheckConstraint(
                name="unitstage_known",
                condition=Q(stage__in=["preschool", "primary", "junior", "senior", "vocational", "special"]),
            ),
        ]

    class Data:
        plain = frozenset(["id", "version", "stage"])


class Campus(models.Model):
    """A place apart that a unit had in one of its versions: a campus or a teaching point."""

    class Kind(models.TextChoices):
        CAMPUS = "campus", "校区"
        POINT = "point", "教学点"

    version = models.ForeignKey(UnitVersion, on_delete=models.CASCADE, related_name="campuses")
    kind = models.CharField("类别", max_length=8, choices=Kind)
    name = models.CharField("名称", max_length=100)
    region_code = models.CharField("所在区划代码", max_length=12, blank=True)
    address = models.CharField("地址", max_length=200, blank=True)

    class Meta:
        verbose_name = "校区和教学点"
        ordering = ["kind", "name"]
        constraints = [
            models.UniqueConstraint(fields=["version", "name"], name="campus_name_once"),
            models.CheckConstraint(name="campus_kind_known", condition=Q(kind__in=["campus", "point"])),
        ]

    class Data:
        plain = frozenset(["id", "version", "kind", "name", "region_code", "address"])


class Succession(models.Model):
    """What became of a unit: from a day its work is another's."""

    class Kind(models.TextChoices):
        MERGE = "merge", "合并"
        SPLIT = "split", "分设"

    before = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="successors")
    after = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="predecessors")
    kind = models.CharField("方式", max_length=8, choices=Kind)
    on = models.DateField("自")
    reason = models.CharField("依据", max_length=200)

    class Meta:
        verbose_name = "单位沿革"
        ordering = ["on", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["before", "after", "kind", "on"], name="succession_once"),
            models.CheckConstraint(name="succession_of_two", condition=~Q(before=F("after"))),
            models.CheckConstraint(name="succession_kind_known", condition=Q(kind__in=["merge", "split"])),
        ]

    class Data:
        plain = frozenset(["id", "before", "after", "kind", "on", "reason"])


class UnitImport(models.Model):
    """A table of units that was handed in: first only looked at, then confirmed, perhaps undone."""

    class State(models.TextChoices):
        LOOKED_AT = "looked_at", "待确认"
        DONE = "done", "已导入"
        UNDONE = "undone", "已撤销"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    county = models.CharField("县代码", max_length=6)
    file_name = models.CharField("文件名", max_length=200)
    valid_from = models.DateField("自哪天起")
    state = models.CharField("状态", max_length=12, choices=State, default=State.LOOKED_AT)
    made_by = models.UUIDField("办理人", null=True)
    made_at = models.DateTimeField("登记时间")

    class Meta:
        verbose_name = "单位导入"

    class Data:
        plain = frozenset(["id", "county", "file_name", "valid_from", "state", "made_by", "made_at"])


class UnitImportRow(models.Model):
    """One row of the table, what it would do, and what it did."""

    class Outcome(models.TextChoices):
        NEW = "new", "新增"
        CHANGED = "changed", "变更"
        UNCHANGED = "unchanged", "未变"
        REFUSED = "refused", "退回"

    batch = models.ForeignKey(UnitImport, on_delete=models.CASCADE, related_name="rows")
    number = models.PositiveIntegerField("行号")
    outcome = models.CharField("结果", max_length=12, choices=Outcome)
    reason = models.CharField("说明", max_length=400, blank=True)
    values = models.JSONField("内容", default=dict)
    # Where the unit stood when the row was looked at, and after it was written: both guard against what others did.
    unit = models.ForeignKey(Unit, null=True, on_delete=models.SET_NULL, related_name="+")
    version_seen = models.PositiveIntegerField(null=True)
    version_left = models.PositiveIntegerField(null=True)
    before = models.JSONField("原内容", null=True)

    class Meta:
        verbose_name = "单位导入行"
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["batch", "number"], name="unitimportrow_once")]

    class Data:
        plain = frozenset(
            ["id", "batch", "number", "outcome", "reason", "values", "unit", "version_seen", "version_left", "before"]
        )

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

    class Meta:
        verbose_name = "行政区划"
        constraints = [models.UniqueConstraint(fields=["code", "valid_from"], name="region_code_from")]

    class Data:
        plain = frozenset(["id", "code", "name", "sort_key", "parent_code", "valid_from", "valid_to"])

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
        constraints = [models.UniqueConstraint(fields=["county", "code"], name="unit_code_in_county")]

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
            ]
        )

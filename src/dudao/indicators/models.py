"""What a county says of a standard: what it compared with the original, and which values, variants and concessions hold.

The standard itself is a file of ``library/standards`` and is never changed here. Every row is an act of a day: it names the
file's id, version and fingerprint, is never written over, and ends by being taken back with a reason.
"""

from django.db import models
from django.db.models import F, Q

from dudao.shell.keys import uuid7

_TAKEN_BACK_WHOLE = Q(taken_back_on__isnull=True, taken_back_reason="", taken_back_by="") | Q(
    taken_back_on__isnull=False
) & ~Q(taken_back_reason="") & ~Q(taken_back_by="")


class Said(models.Model):
    """What each row names: the county, the file as it was, the element of it, who wrote it down and when."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    county = models.CharField("县代码", max_length=6)
    standard = models.CharField("标准", max_length=60)
    standard_version = models.CharField("标准文件版本", max_length=20)
    fingerprint = models.CharField("标准文件指纹", max_length=128)
    item = models.CharField("条目", max_length=80)
    # Of the element and of what it is computed from, so that a change elsewhere in the file voids nothing.
    item_digest = models.CharField("条目内容摘要", max_length=128)
    # What it was called and what it said then: the file may change.
    item_name = models.CharField("条目名称", max_length=200)
    item_words = models.TextField("条目内容")
    by_person = models.UUIDField("登记人", null=True)
    by_name = models.CharField("登记人姓名", max_length=64)
    recorded_at = models.DateTimeField("登记时间")
    taken_back_on = models.DateField("撤销日期", null=True, blank=True)
    taken_back_reason = models.CharField("撤销原因", max_length=300, blank=True)
    taken_back_by = models.CharField("撤销人", max_length=64, blank=True)

    class Meta:
        abstract = True

    PLAIN = frozenset(
        "id county standard standard_version fingerprint item item_digest item_name item_words by_person recorded_at "
        "taken_back_on".split()
    )
    PERSONAL = frozenset("by_name taken_back_reason taken_back_by".split())

    @property
    def stands(self) -> bool:
        return self.taken_back_on is None


class Check(Said):
    """Somebody compared an element of the file with the original."""

    checked_on = models.DateField("核对日期")
    checked_by = models.CharField("核对人", max_length=64)
    against = models.CharField("核对所据文件", max_length=200)
    place = models.CharField("原文位置", max_length=200)
    note = models.CharField("说明", max_length=500, blank=True)

    class Meta:
        verbose_name = "标准核对"
        ordering = ["-checked_on", "-recorded_at", "-pk"]
        constraints = [
            models.CheckConstraint(name="check_says_what", condition=~Q(against="") & ~Q(place="") & ~Q(checked_by="")),
            models.UniqueConstraint(
                fields=["county", "standard", "item", "item_digest", "checked_on", "checked_by"],
                condition=Q(taken_back_on__isnull=True),
                name="check_once_a_day",
            ),
            models.CheckConstraint(name="check_taken_back_whole", condition=_TAKEN_BACK_WHOLE),
        ]
        indexes = [models.Index(fields=["county", "standard", "item"], name="check_item")]

    class Data:
        plain = Said.PLAIN | frozenset("checked_on against place".split())
        personal = Said.PERSONAL | frozenset("checked_by note".split())


class Choice(Said):
    """What holds in the county from a day on: a parameter's value, a limit, a variant, a concession open or closed."""

    class Kind(models.TextChoices):
        PARAMETER = "parameter", "参数"
        LIMIT = "limit", "阈值"
        VARIANT = "variant", "口径"
        CONCESSION = "concession", "放宽"
        OPENED = "opened", "启用"
        JUDGE_ON = "judge_on", "判定取值"

    class Origin(models.TextChoices):
        COUNTY = "county", "本县"
        REGION = "region", "自治区（市）"
        NATION = "nation", "国家"

    kind = models.CharField("类别", max_length=12, choices=Kind)
    # A decimal or a word as text; the id of a variant; open or closed; unrounded or rounded.
    value = models.CharField("取值", max_length=80)
    origin = models.CharField("规定层级", max_length=8, choices=Origin, default=Origin.COUNTY)
    from_on = models.DateField("自何日起")
    until_on = models.DateField("至何日止", null=True, blank=True)
    source = models.CharField("依据文件", max_length=200)
    place = models.CharField("原文位置", max_length=200, blank=True)
    note = models.CharField("说明", max_length=500, blank=True)
    # Compared with the paper it comes from; then the value may be used in an official conclusion.
    checked_on = models.DateField("核对日期", null=True, blank=True)
    checked_by = models.CharField("核对人", max_length=64, blank=True)

    class Meta:
        verbose_name = "县定取值"
        ordering = ["-from_on", "-recorded_at", "-pk"]
        constraints = [
            models.CheckConstraint(name="choice_with_source", condition=~Q(source="") & ~Q(value="")),
            models.CheckConstraint(
                name="choice_days_in_order", condition=Q(until_on__isnull=True) | Q(until_on__gte=F("from_on"))
            ),
            models.CheckConstraint(
                name="choice_checked_whole",
                condition=Q(checked_on__isnull=True, checked_by="")
                | Q(checked_on__isnull=False) & ~Q(checked_by="") & ~Q(place=""),
            ),
            models.UniqueConstraint(
                fields=["county", "standard", "kind", "item", "origin", "from_on"],
                condition=Q(taken_back_on__isnull=True),
                name="choice_once_a_day",
            ),
            models.CheckConstraint(name="choice_taken_back_whole", condition=_TAKEN_BACK_WHOLE),
        ]
        indexes = [models.Index(fields=["county", "standard", "kind", "item"], name="choice_item")]

    class Data:
        plain = Said.PLAIN | frozenset("kind value origin from_on until_on source place checked_on".split())
        personal = Said.PERSONAL | frozenset("note checked_by".split())


class Scratch(models.Model):
    """A scratch copy: changes to a period's numbers that nobody reported, to see which verdicts would move."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    county = models.CharField("县代码", max_length=6)
    standard = models.CharField("标准", max_length=60)
    period = models.CharField("期次", max_length=12)
    title = models.CharField("名称", max_length=80)
    # [{"table", "unit", "name", "code", "value"}]: a value of "" takes the cell away; units may be new.
    changes = models.JSONField("改动", default=list)
    by_person = models.UUIDField("建立人", null=True)
    by_name = models.CharField("建立人姓名", max_length=64)
    made_at = models.DateTimeField("建立时间")
    changed_at = models.DateTimeField("修改时间")
    dropped_at = models.DateTimeField("删除时间", null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = "试算"
        ordering = ["-changed_at", "-pk"]
        constraints = [models.CheckConstraint(name="scratch_has_title", condition=~Q(title=""))]
        indexes = [models.Index(fields=["county", "standard", "period"], name="scratch_of_period")]

    class Data:
        plain = frozenset(
            "id county standard period title changes by_person made_at changed_at dropped_at version".split()
        )
        personal = frozenset({"by_name"})

    def __str__(self) -> str:
        return self.title


class Sweep(models.Model):
    """Which single cells could still turn a verdict: one search over a period's numbers, kept with what it rests on."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    county = models.CharField("县代码", max_length=6)
    standard = models.CharField("标准", max_length=60)
    period = models.CharField("期次", max_length=12)
    # An error of at most this share of the value, in thousandths.
    within = models.PositiveSmallIntegerField("误差范围（千分之）", default=100)
    # Of the data, the standard and the settings it was searched over.
    digest = models.CharField("数据指纹", max_length=64)
    # [{"part", "of_unit", "stage", "unit", "name", "code", "now", "then", "from", "to", "change"}], the nearest first.
    lines = models.JSONField("结果", default=list)
    by_name = models.CharField("提交人姓名", max_length=64)
    made_at = models.DateTimeField("完成时间")

    class Meta:
        verbose_name = "优先核查名单"
        ordering = ["-made_at", "-pk"]
        indexes = [models.Index(fields=["county", "standard", "period"], name="sweep_of_period")]

    class Data:
        plain = frozenset("id county standard period within digest lines made_at".split())
        personal = frozenset({"by_name"})

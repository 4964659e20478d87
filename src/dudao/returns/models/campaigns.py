"""Campaigns: one form, one period, the units that are called; and forms that a county has edited."""

from django.db import models
from django.db.models import F, Q

from dudao.shell.keys import uuid7


class CountyForm(models.Model):
    """A form as the county has edited it; the newest version in force takes the place of the library's. Never changed."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    county = models.CharField("县代码", max_length=6)
    form = models.CharField("表", max_length=40, help_text="library/forms 中的编号")
    number = models.PositiveIntegerField("第几版")
    text = models.TextField("内容（YAML）")
    fingerprint = models.CharField("指纹", max_length=64)
    note = models.CharField("改了什么", max_length=200)
    made_by = models.UUIDField("办理人", null=True)
    made_name = models.CharField("办理人姓名", max_length=64)
    made_at = models.DateTimeField("登记时间")

    class Meta:
        verbose_name = "本县的表"
        ordering = ["form", "-number"]
        constraints = [models.UniqueConstraint(fields=["county", "form", "number"], name="countyform_number_once")]

    class Data:
        plain = frozenset("id county form number text fingerprint note made_by made_at".split())
        personal = frozenset({"made_name"})

    def __str__(self) -> str:
        return f"{self.form} 第 {self.number} 版"


class Campaign(models.Model):
    """One form asked of many units for one period. The form is frozen into it when it opens."""

    class State(models.TextChoices):
        DRAFT = "draft", "筹备中"
        OPEN = "open", "填报中"
        LOCKED = "locked", "已锁定"
        CANCELLED = "cancelled", "已取消"

    class MainSource(models.TextChoices):
        PLATFORM = "platform", "平台导入，学校核对"
        TYPED = "typed", "学校填写"

    class Level(models.TextChoices):
        SCHOOL = "school", "学校"
        KINDERGARTEN = "kindergarten", "幼儿园"
        ESTATE = "estate", "小区配套幼儿园"
        COUNTY = "county", "县"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    county = models.CharField("县代码", max_length=6)
    form = models.CharField("表", max_length=40)
    form_text = models.TextField("表的内容（YAML）")
    fingerprint = models.CharField("表的指纹", max_length=64)
    level = models.CharField("填报对象", max_length=16, choices=Level)
    title = models.CharField("名称", max_length=100)
    # "2024": the census of 1 September 2024, or the spring of 2024 for preschool; the label says which.
    period = models.CharField("期次", max_length=12)
    period_label = models.CharField("期次说明", max_length=60)
    census_on = models.DateField("统计时点")
    opens_on = models.DateField("开始日期")
    due_on = models.DateField("截止日期")
    main_source = models.CharField("数据来源", max_length=12, choices=MainSource, default=MainSource.TYPED)
    words = models.TextField("填报说明", max_length=2000, blank=True)
    state = models.CharField("状态", max_length=12, choices=State, default=State.DRAFT)
    opened_at = models.DateTimeField("发起时间", null=True, blank=True)
    locked_at = models.DateTimeField("锁定时间", null=True, blank=True)
    locked_name = models.CharField("锁定人", max_length=64, blank=True)
    lock_reason = models.CharField("尚有未审核的仍锁定的理由", max_length=400, blank=True)
    made_by = models.UUIDField("登记人", null=True)
    made_name = models.CharField("登记人姓名", max_length=64)
    made_at = models.DateTimeField("登记时间")
    version = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = "填报任务"
        ordering = ["-census_on", "form", "-pk"]
        constraints = [
            # One number for one unit, form and period.
            models.UniqueConstraint(
                fields=["county", "form", "period"], condition=~Q(state="cancelled"), name="campaign_form_period_once"
            ),
            models.CheckConstraint(name="campaign_days_in_order", condition=Q(due_on__gte=F("opens_on"))),
            models.CheckConstraint(
                name="campaign_locked_with_time",
                condition=Q(state="locked", locked_at__isnull=False) | ~Q(state="locked") & Q(locked_at__isnull=True),
            ),
        ]
        indexes = [models.Index(fields=["county", "period"], name="campaign_of_period")]

    class Data:
        plain = frozenset(
            "id county form form_text fingerprint level title period period_label census_on opens_on due_on main_source"
            " words state opened_at locked_at lock_reason made_by made_at version".split()
        )
        personal = frozenset({"locked_name", "made_name"})

    def __str__(self) -> str:
        return self.title

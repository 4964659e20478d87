"""What one unit reports, cell by cell, and every reading of every cell."""

from django.db import models
from django.db.models import Q

from dudao.shell.keys import uuid7


class Source(models.TextChoices):
    """Where a number comes from."""

    TYPED = "typed", "学校填写"
    PLATFORM = "platform", "督导平台"
    STATISTICS = "statistics", "教育事业统计"
    WORKBOOK = "workbook", "表格导入"
    PREFILL = "prefill", "系统预填"
    SITE = "site", "实地核查"


class Return(models.Model):
    """One unit's form of a campaign."""

    class State(models.TextChoices):
        EMPTY = "empty", "未填"
        FILLING = "filling", "填报中"
        CONFIRMED = "confirmed", "负责人已确认"
        SUBMITTED = "submitted", "已报送，待审核"
        RETURNED = "returned", "已退回"
        APPROVED = "approved", "已审核"

    class How(models.TextChoices):
        SYSTEM = "system", "在系统中确认"
        PAPER = "paper", "纸质签字，督导室代登记"

    #: States in which the unit may change its numbers.
    WRITABLE = (State.EMPTY, State.FILLING, State.CONFIRMED, State.RETURNED)
    #: States in which the numbers are with the reviewer or through.
    HANDED_IN = (State.SUBMITTED, State.APPROVED)

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    county = models.CharField("县代码", max_length=6)
    campaign = models.ForeignKey("returns.Campaign", on_delete=models.PROTECT, related_name="returns")
    unit = models.ForeignKey("places.Unit", on_delete=models.PROTECT, related_name="+")
    state = models.CharField("状态", max_length=12, choices=State, default=State.EMPTY)
    is_locked = models.BooleanField("已锁定", default=False)
    # Kept up by every change of a cell, so that a list needs no count of its own.
    asked = models.PositiveIntegerField("应填项", default=0)
    filled = models.PositiveIntegerField("已填项", default=0)
    errors = models.PositiveIntegerField("需改正", default=0)
    warnings = models.PositiveIntegerField("需说明", default=0)
    # The burden: what was there already, what was typed by hand, and how long the page was worked at.
    prefilled = models.PositiveIntegerField("已预填项", default=0)
    typed = models.PositiveIntegerField("手工填写项", default=0)
    seconds = models.PositiveIntegerField("填报用时（秒）", default=0)
    worked_at = models.DateTimeField("最近填写时间", null=True, blank=True)
    confirmed_by = models.UUIDField("确认人", null=True, blank=True)
    confirmed_name = models.CharField("确认人姓名", max_length=64, blank=True)
    confirmed_at = models.DateTimeField("确认时间", null=True, blank=True)
    confirmed_on = models.DateField("确认日期", null=True, blank=True)
    confirmed_how = models.CharField("确认方式", max_length=8, choices=How, blank=True)
    submitted_name = models.CharField("报送人", max_length=64, blank=True)
    submitted_at = models.DateTimeField("报送时间", null=True, blank=True)
    approved_by = models.UUIDField("审核人", null=True, blank=True)
    approved_name = models.CharField("审核人姓名", max_length=64, blank=True)
    approved_at = models.DateTimeField("审核时间", null=True, blank=True)
    reopened_at = models.DateTimeField("重新开放时间", null=True, blank=True)
    reopen_reason = models.CharField("重新开放理由", max_length=400, blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = "填报表"
        constraints = [
            models.UniqueConstraint(fields=["campaign", "unit"], name="return_once"),
            models.CheckConstraint(
                name="return_confirmed_with_name",
                condition=Q(confirmed_at__isnull=True, confirmed_how="")
                | Q(confirmed_at__isnull=False) & ~Q(confirmed_how="") & ~Q(confirmed_name=""),
            ),
        ]
        indexes = [models.Index(fields=["county", "state"], name="return_state")]

    class Data:
        plain = frozenset(
            "id county campaign unit state is_locked asked filled errors warnings prefilled typed seconds worked_at"
            " confirmed_by confirmed_at confirmed_on confirmed_how submitted_at approved_by approved_at reopened_at"
            " reopen_reason version".split()
        )
        personal = frozenset({"confirmed_name", "submitted_name", "approved_name"})

    @property
    def minutes(self) -> int:
        return -(-self.seconds // 60)

    @property
    def is_writable(self) -> bool:
        """Whether its numbers may be changed now, by whom ever."""
        return not self.is_locked and self.state in self.WRITABLE


class Cell(models.Model):
    """One number of a unit: as reported, as found on site, as adopted. What was reported is never overwritten by the others."""

    class Adopted(models.TextChoices):
        NONE = "", "未核查"
        FOUND = "found", "已核查，待采用"
        ADOPTED = "adopted", "已采用"

    ret = models.ForeignKey(Return, on_delete=models.CASCADE, related_name="cells")
    code = models.CharField("项目", max_length=60)
    # As it was written, and as it was read: a decimal, "true" or "false", or text; empty where there is none.
    raw = models.CharField("填写内容", max_length=2000, blank=True)
    value = models.CharField("值", max_length=2000, blank=True)
    problem = models.CharField("问题", max_length=300, blank=True)
    source = models.CharField("来源", max_length=12, choices=Source)
    found = models.CharField("核查值", max_length=2000, blank=True)
    adopted = models.CharField("采用值", max_length=2000, blank=True)
    adopted_state = models.CharField("核查状态", max_length=8, choices=Adopted, blank=True, default=Adopted.NONE)
    cause = models.CharField("差异原因", max_length=400, blank=True)
    changed_at = models.DateTimeField("变更时间")
    changed_name = models.CharField("变更人", max_length=64)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = "填报项"
        constraints = [models.UniqueConstraint(fields=["ret", "code"], name="cell_once")]

    class Data:
        # Names of heads and telephone numbers stand in some forms.
        plain = frozenset("id ret code source adopted_state changed_at version".split())
        personal = frozenset("raw value problem found adopted cause changed_name".split())


class Reading(models.Model):
    """One reading of one cell from one source; never changed. History of a cell, and what sources are compared by."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    campaign = models.ForeignKey("returns.Campaign", on_delete=models.PROTECT, related_name="readings")
    unit = models.ForeignKey("places.Unit", on_delete=models.PROTECT, related_name="+")
    code = models.CharField("项目", max_length=60)
    source = models.CharField("来源", max_length=12, choices=Source)
    raw = models.CharField("原内容", max_length=2000, blank=True)
    value = models.CharField("值", max_length=2000, blank=True)
    problem = models.CharField("问题", max_length=300, blank=True)
    upload = models.ForeignKey(
        "returns.Upload", on_delete=models.PROTECT, related_name="readings", null=True, blank=True
    )
    sheet = models.CharField("工作表", max_length=60, blank=True)
    place = models.CharField("单元格", max_length=20, blank=True)
    by_person = models.UUIDField("办理人", null=True)
    by_name = models.CharField("办理人姓名", max_length=64)
    recorded_at = models.DateTimeField("登记时间")

    class Meta:
        verbose_name = "填报读数"
        ordering = ["recorded_at", "pk"]
        indexes = [models.Index(fields=["campaign", "unit", "code"], name="reading_of_cell")]

    class Data:
        plain = frozenset("id campaign unit code source upload sheet place by_person recorded_at".split())
        personal = frozenset("raw value problem by_name".split())


class Explanation(models.Model):
    """Why a number that looks odd is right."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    ret = models.ForeignKey(Return, on_delete=models.CASCADE, related_name="explanations")
    relation = models.CharField("校验关系", max_length=60)
    words = models.CharField("说明", max_length=400)
    # The values it was given for: where they change, it is asked for again.
    about = models.JSONField("所说的值", default=dict)
    by_person = models.UUIDField("说明人", null=True)
    by_name = models.CharField("说明人姓名", max_length=64)
    made_at = models.DateTimeField("登记时间")

    class Meta:
        verbose_name = "变动说明"
        constraints = [models.UniqueConstraint(fields=["ret", "relation"], name="explanation_once")]

    class Data:
        plain = frozenset("id ret relation by_person made_at".split())
        personal = frozenset("words about by_name".split())


class ReturnNote(models.Model):
    """A cell that the reviewer sent back, with words; settled when the unit hands in again."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    ret = models.ForeignKey(Return, on_delete=models.CASCADE, related_name="notes")
    code = models.CharField("项目", max_length=60)
    words = models.CharField("退回意见", max_length=400)
    # What stood there when it was sent back.
    value = models.CharField("退回时的值", max_length=2000, blank=True)
    by_person = models.UUIDField("退回人", null=True)
    by_name = models.CharField("退回人姓名", max_length=64)
    made_at = models.DateTimeField("退回时间")
    answer = models.CharField("学校说明", max_length=400, blank=True)
    settled_at = models.DateTimeField("再次报送时间", null=True, blank=True)

    class Meta:
        verbose_name = "退回的填报项"
        ordering = ["made_at", "pk"]
        indexes = [models.Index(fields=["ret", "code"], name="note_of_cell")]

    class Data:
        plain = frozenset("id ret code by_person made_at settled_at".split())
        personal = frozenset("words value by_name answer".split())

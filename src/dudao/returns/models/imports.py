"""Tables that were handed in: what their columns are, what each row would do, what was done; and what schools are to correct."""

from django.db import models
from django.db.models import Q

from dudao.shell.keys import uuid7


class Profile(models.Model):
    """What the columns of one kind of table are, by a county's name for it. A version is never changed; the newest is used."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    county = models.CharField("县代码", max_length=6)
    source = models.CharField("来源", max_length=12)
    form = models.CharField("表", max_length=40)
    name = models.CharField("名称", max_length=60)
    number = models.PositiveIntegerField("第几版")
    # ``dudao_engines.standards.mapping.Profile``.
    kept = models.JSONField("对应关系")
    made_by = models.UUIDField("办理人", null=True)
    made_name = models.CharField("办理人姓名", max_length=64)
    made_at = models.DateTimeField("登记时间")

    class Meta:
        verbose_name = "列对应方案"
        ordering = ["name", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["county", "source", "form", "name", "number"], name="profile_number_once")
        ]

    class Data:
        plain = frozenset("id county source form name number kept made_by made_at".split())
        personal = frozenset({"made_name"})

    def __str__(self) -> str:
        return f"{self.name}（第 {self.number} 版）"


class Upload(models.Model):
    """A table handed in for a campaign: its columns named, looked at, then applied, perhaps undone."""

    class State(models.TextChoices):
        HANDED_IN = "handed_in", "待对应列"
        PREVIEWED = "previewed", "待确认"
        APPLIED = "applied", "已导入"
        UNDONE = "undone", "已撤销"

    class Purpose(models.TextChoices):
        REPORT = "report", "写入填报数，学校核对"
        COMPARE = "compare", "只作比较，不改填报数"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    county = models.CharField("县代码", max_length=6)
    campaign = models.ForeignKey("returns.Campaign", on_delete=models.PROTECT, related_name="uploads")
    source = models.CharField("来源", max_length=12)
    purpose = models.CharField("用途", max_length=8, choices=Purpose, default=Purpose.REPORT)
    name = models.CharField("文件名", max_length=200)
    file = models.ForeignKey("files.StoredFile", on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    state = models.CharField("状态", max_length=12, choices=State, default=State.PREVIEWED)
    # The heads that were found, with what stands under them and what they were taken for: one entry a table.
    tables = models.JSONField("认出的表", default=list)
    # ``mapping.Profile`` as corrected on the page, and the kept one it came from.
    mapping = models.JSONField("对应关系", null=True, blank=True)
    profile = models.ForeignKey(Profile, on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    notes = models.JSONField("说明", default=list)
    # Cells by outcome, rows refused, units that the file does not have: counted once, when it was looked at.
    counts = models.JSONField("计数", default=dict)
    made_by = models.UUIDField("办理人", null=True)
    made_name = models.CharField("办理人姓名", max_length=64)
    made_at = models.DateTimeField("登记时间")
    applied_at = models.DateTimeField("导入时间", null=True, blank=True)
    applied_name = models.CharField("导入人", max_length=64, blank=True)
    undone_at = models.DateTimeField("撤销时间", null=True, blank=True)
    undone_name = models.CharField("撤销人", max_length=64, blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = "导入"
        ordering = ["-made_at", "-pk"]
        indexes = [models.Index(fields=["campaign", "source", "state"], name="upload_of_campaign")]

    class Data:
        plain = frozenset(
            "id county campaign source purpose name file state mapping profile counts made_by made_at applied_at undone_at"
            " version".split()
        )
        # Samples of cells and notes about rows may name people.
        personal = frozenset("tables notes made_name applied_name undone_name".split())

    def __str__(self) -> str:
        return self.name


class UploadPart(models.Model):
    """Up to 2000 lines of a table as they were read, column by column; thousands of rows of their own would take longer to
    write than to read. ``before`` is what the cells held that it changed."""

    upload = models.ForeignKey(Upload, on_delete=models.CASCADE, related_name="parts")
    number = models.PositiveIntegerField("第几部分")
    content = models.TextField("内容")
    before = models.TextField("导入前的值", blank=True)

    class Meta:
        verbose_name = "导入的行"
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["upload", "number"], name="uploadpart_once")]

    class Data:
        plain = frozenset({"id", "upload", "number"})
        personal = frozenset({"content", "before"})


class Correction(models.Model):
    """A number that a school is to correct on the region's platform."""

    class State(models.TextChoices):
        OPEN = "open", "待改正"
        DONE = "done", "已改正"
        DROPPED = "dropped", "不需改正"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    campaign = models.ForeignKey("returns.Campaign", on_delete=models.PROTECT, related_name="corrections")
    unit = models.ForeignKey("places.Unit", on_delete=models.PROTECT, related_name="+")
    code = models.CharField("项目", max_length=60)
    found = models.CharField("平台上的值", max_length=400, blank=True)
    right = models.CharField("应改为", max_length=400)
    why = models.CharField("依据", max_length=200)
    state = models.CharField("状态", max_length=8, choices=State, default=State.OPEN)
    # The import that showed the corrected value.
    seen_in = models.ForeignKey(Upload, on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    settled_at = models.DateTimeField("了结时间", null=True, blank=True)
    settled_name = models.CharField("了结人", max_length=64, blank=True)
    made_by = models.UUIDField("登记人", null=True)
    made_name = models.CharField("登记人姓名", max_length=64)
    made_at = models.DateTimeField("登记时间")

    class Meta:
        verbose_name = "平台改正"
        ordering = ["unit", "code"]
        constraints = [
            models.UniqueConstraint(
                fields=["campaign", "unit", "code"], condition=Q(state="open"), name="correction_open_once"
            ),
            models.CheckConstraint(
                name="correction_settled_with_time",
                condition=Q(state="open", settled_at__isnull=True) | ~Q(state="open") & Q(settled_at__isnull=False),
            ),
        ]
        indexes = [models.Index(fields=["campaign", "state"], name="correction_of_campaign")]

    class Data:
        plain = frozenset("id campaign unit code state seen_in settled_at made_by made_at".split())
        personal = frozenset("found right why settled_name made_name".split())

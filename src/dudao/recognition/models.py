"""Official results frozen, the reports that are said over them, where they were sent, and how far the recognition has come."""

from django.db import models
from django.db.models import F, Q

from dudao.shell.keys import uuid7


class Snapshot(models.Model):
    """An official result of one standard and period, frozen with all it rests on. Never changed; a later one takes its place."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    county = models.CharField("县代码", max_length=6)
    standard = models.CharField("标准", max_length=60)
    standard_version = models.CharField("标准文件版本", max_length=20)
    fingerprint = models.CharField("标准文件指纹", max_length=64)
    period = models.CharField("期次", max_length=12)
    period_label = models.CharField("期次说明", max_length=60)
    engine = models.CharField("计算程序版本", max_length=20)
    file = models.UUIDField("快照文件")
    sha256 = models.CharField("SHA-256 摘要", max_length=64)
    sm3 = models.CharField("SM3 摘要", max_length=64)
    # Of what it rests on; another one today says that it is stale.
    basis_sha256 = models.CharField("依据的摘要", max_length=64)
    # How many results came to which verdict, by group of the standard, as reported and as adopted.
    counts = models.JSONField("结论统计", default=dict)
    reported = models.CharField("按填报值的结论", max_length=10)
    adopted = models.CharField("按采用值的结论", max_length=10)
    # Returns that were not approved and locked then, in words.
    unlocked = models.JSONField("当时没有锁定的表", default=list)
    made_by = models.UUIDField("制作人", null=True)
    made_name = models.CharField("制作人姓名", max_length=64)
    made_at = models.DateTimeField("制作时间")

    class Meta:
        verbose_name = "数据快照"
        ordering = ["-made_at", "-pk"]
        constraints = [models.UniqueConstraint(fields=["county", "sha256"], name="snapshot_digest_once")]
        indexes = [models.Index(fields=["county", "standard", "period", "-made_at"], name="snapshot_newest")]

    class Data:
        plain = frozenset(
            "id county standard standard_version fingerprint period period_label engine file sha256 sm3 basis_sha256 counts"
            " reported adopted unlocked made_by made_at".split()
        )
        personal = frozenset({"made_name"})

    def __str__(self) -> str:
        return f"{self.period_label}数据快照 {self.sha256[:12]}"


class Report(models.Model):
    """A self-check report over a snapshot: its own words, its paper, and whether it may be printed over a warning."""

    class State(models.TextChoices):
        DRAFT = "draft", "征求意见"
        FINAL = "final", "已定稿，待签发"
        ISSUED = "issued", "已印发"
        DROPPED = "dropped", "不用了"

    OPEN = (State.DRAFT, State.FINAL)

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    county = models.CharField("县代码", max_length=6)
    kind = models.CharField("报告", max_length=60, help_text="library/reports")
    snapshot = models.ForeignKey(Snapshot, on_delete=models.PROTECT, related_name="reports", verbose_name="快照")
    state = models.CharField("状态", max_length=8, choices=State, default=State.DRAFT)
    title = models.CharField("标题", max_length=200)
    to_words = models.CharField("主送", max_length=200)
    # What people wrote in the places that are theirs, by the id of the place.
    words = models.JSONField("自写部分", default=dict, blank=True)
    paper = models.OneToOneField("papers.Paper", on_delete=models.PROTECT, related_name="+", verbose_name="公文")
    # Printed although numbers are not locked or no longer stand: who agreed, why, and to what.
    over_reason = models.CharField("同意带提示印发的理由", max_length=200, blank=True)
    over_name = models.CharField("同意人", max_length=64, blank=True)
    over_by = models.UUIDField("同意人编号", null=True)
    over_at = models.DateTimeField("同意时间", null=True, blank=True)
    over_what = models.JSONField("同意时的提示", default=list, blank=True)
    made_by = models.UUIDField("起草人", null=True)
    made_name = models.CharField("起草人姓名", max_length=64)
    made_at = models.DateTimeField("起草时间")
    version = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = "自查报告"
        ordering = ["-made_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                name="report_over_whole",
                condition=Q(over_reason="", over_name="", over_at__isnull=True)
                | ~Q(over_reason="") & ~Q(over_name="") & Q(over_at__isnull=False),
            ),
        ]
        indexes = [models.Index(fields=["county", "-made_at"], name="report_newest")]

    class Data:
        plain = frozenset(
            "id county kind snapshot state to_words paper over_by over_at over_what made_by made_at version".split()
        )
        personal = frozenset("title words over_reason over_name made_name".split())

    def __str__(self) -> str:
        return self.title


class Sending(models.Model):
    """A report handed up: the package, to whom and when, the receipt, or how it was returned for change."""

    class Way(models.TextChoices):
        PLATFORM = "platform", "平台上报"
        OA = "oa", "OA 报送"
        PAPER = "paper", "纸质报送"
        MAIL = "mail", "邮箱报送"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    report = models.ForeignKey(Report, on_delete=models.PROTECT, related_name="sendings")
    receiver = models.CharField("接收单位", max_length=100)
    way = models.CharField("方式", max_length=10, choices=Way)
    sent_on = models.DateField("报送日期")
    package = models.UUIDField("材料包", null=True, blank=True)
    package_sha256 = models.CharField("材料包 SHA-256", max_length=64, blank=True)
    receipt_on = models.DateField("回执日期", null=True, blank=True)
    receipt_words = models.CharField("回执", max_length=200, blank=True)
    returned_on = models.DateField("退回日期", null=True, blank=True)
    returned_words = models.CharField("退回意见", max_length=1000, blank=True)
    recorded_by = models.UUIDField("登记人", null=True)
    recorded_name = models.CharField("登记人姓名", max_length=64)
    recorded_at = models.DateTimeField("登记时间")
    version = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = "上报"
        ordering = ["-sent_on", "-pk"]
        constraints = [
            models.CheckConstraint(
                name="sending_days_in_order",
                condition=(Q(receipt_on__isnull=True) | Q(receipt_on__gte=F("sent_on")))
                & (Q(returned_on__isnull=True) | Q(returned_on__gte=F("sent_on"))),
            ),
            models.CheckConstraint(
                name="sending_returned_with_words",
                condition=Q(returned_on__isnull=True, returned_words="")
                | Q(returned_on__isnull=False) & ~Q(returned_words=""),
            ),
        ]

    class Data:
        plain = frozenset(
            "id report receiver way sent_on package package_sha256 receipt_on returned_on recorded_by recorded_at version".split()
        )
        personal = frozenset("receipt_words returned_words recorded_name".split())


class Stage(models.Model):
    """A step of the recognition that was taken: on which day, how it ended, by which paper. Struck out with a reason, never changed."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    county = models.CharField("县代码", max_length=6)
    standard = models.CharField("标准", max_length=60)
    year = models.PositiveSmallIntegerField("申报年度")
    step = models.CharField("环节", max_length=20, help_text="library/recognition")
    on = models.DateField("日期")
    outcome = models.CharField("结果", max_length=40)
    document = models.CharField("文件", max_length=200, blank=True)
    words = models.CharField("说明", max_length=1000, blank=True)
    report = models.ForeignKey(Report, on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    recorded_by = models.UUIDField("登记人", null=True)
    recorded_name = models.CharField("登记人姓名", max_length=64)
    recorded_at = models.DateTimeField("登记时间")
    struck_at = models.DateTimeField("作废时间", null=True, blank=True)
    struck_reason = models.CharField("作废原因", max_length=200, blank=True)

    class Meta:
        verbose_name = "认定环节"
        ordering = ["on", "recorded_at", "pk"]
        constraints = [
            models.CheckConstraint(
                name="stage_struck_with_reason",
                condition=Q(struck_at__isnull=True, struck_reason="")
                | Q(struck_at__isnull=False) & ~Q(struck_reason=""),
            ),
        ]
        indexes = [models.Index(fields=["county", "standard", "year"], name="stage_of_year")]

    class Data:
        plain = frozenset(
            "id county standard year step on outcome document report recorded_by recorded_at struck_at".split()
        )
        personal = frozenset("words recorded_name struck_reason".split())

"""The training of inspectors: batches with their sessions, who came, tests, certificates, hours from elsewhere, competence.

What rules ask: at least forty hours of 集中培训 a year, a file for each inspector (督学管理暂行办法 article 21, NAT2).
"""

from decimal import Decimal

from django.db import models
from django.db.models import F, Q

from dudao.shell.fields import EncryptedTextField
from dudao.shell.keys import uuid7


class Level(models.TextChoices):
    NATIONAL = "national", "国家级"
    REGION = "region", "自治区级"
    CITY = "city", "市级"
    COUNTY = "county", "县级"


class Kind(models.TextChoices):
    CLASS = "class", "集中"
    ONLINE = "online", "网络"
    SELF = "self", "自学"


class Batch(models.Model):
    """One training of the yearly plan: who holds it, for what, on which days."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    county = models.CharField("县代码", max_length=6)
    year = models.PositiveSmallIntegerField("年度")
    title = models.CharField("名称", max_length=120)
    level = models.CharField("级别", max_length=10, choices=Level)
    kind = models.CharField("方式", max_length=8, choices=Kind)
    #: Codes of ``library/training.yaml``.
    areas = models.JSONField("领域", default=list)
    organiser = models.CharField("主办单位", max_length=120, blank=True)
    place = models.CharField("地点", max_length=120, blank=True)
    starts_on = models.DateField("开始")
    ends_on = models.DateField("结束")
    seats = models.PositiveSmallIntegerField("名额", null=True, blank=True)
    #: Hours that one must have attended for the certificate; empty: all sessions that were held.
    hours_wanted = models.DecimalField("结业学时", max_digits=5, decimal_places=2, null=True, blank=True)
    note = models.CharField("说明", max_length=400, blank=True)
    #: Not empty: it does not take place.
    cancelled_why = models.CharField("取消原因", max_length=200, blank=True)
    recorded_at = models.DateTimeField("登记时间")
    version = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = "培训批次"
        ordering = ["starts_on", "pk"]
        constraints = [models.CheckConstraint(name="batch_days", condition=Q(ends_on__gte=F("starts_on")))]

    class Data:
        plain = frozenset(
            "id county year title level kind areas organiser place starts_on ends_on seats hours_wanted note cancelled_why recorded_at version".split()
        )

    def __str__(self) -> str:
        return self.title


class Session(models.Model):
    """One meeting of a batch, with its hours and the window in which one signs in."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    batch = models.ForeignKey(Batch, on_delete=models.PROTECT, related_name="sessions")
    title = models.CharField("内容", max_length=120)
    day = models.DateField("日期")
    begins = models.TimeField("开始")
    ends = models.TimeField("结束")
    hours = models.DecimalField("学时", max_digits=4, decimal_places=2)
    areas = models.JSONField("领域", default=list)
    place = models.CharField("地点", max_length=120, blank=True)
    teacher = models.CharField("主讲", max_length=80, blank=True)
    # Minutes around the beginning within which the code signs in.
    opens_before = models.PositiveSmallIntegerField("提前签到（分钟）", default=30)
    closes_after = models.PositiveSmallIntegerField("开始后可签到（分钟）", default=30)
    #: What the codes on the screen are made from.
    secret = EncryptedTextField("签到密钥")
    cancelled_why = models.CharField("取消原因", max_length=200, blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = "培训课次"
        ordering = ["day", "begins", "pk"]
        constraints = [
            models.CheckConstraint(name="session_times", condition=Q(ends__gt=F("begins"))),
            models.CheckConstraint(name="session_hours", condition=Q(hours__gt=0)),
        ]

    class Data:
        plain = frozenset(
            "id batch title day begins ends hours areas place opens_before closes_after cancelled_why version".split()
        )
        personal = frozenset({"teacher"})
        secret = frozenset({"secret"})

    def __str__(self) -> str:
        return self.title


class Invitation(models.Model):
    """Who is to take part in a batch."""

    batch = models.ForeignKey(Batch, on_delete=models.CASCADE, related_name="invitations")
    inspector = models.ForeignKey("inspectors.Inspector", on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField("登记时间")

    class Meta:
        verbose_name = "参训人员"
        constraints = [models.UniqueConstraint(fields=["batch", "inspector"], name="invited_once")]

    class Data:
        plain = frozenset("id batch inspector recorded_at".split())


class Attendance(models.Model):
    """Who came to a session, and the hours granted for it. No row: nobody has said yet."""

    class State(models.TextChoices):
        PRESENT = "present", "到"
        LEAVE = "leave", "请假"
        ABSENT = "absent", "缺席"

    class Way(models.TextChoices):
        CODE = "code", "扫码签到"
        LIST = "list", "名单登记"
        TABLE = "table", "Excel 导入"

    session = models.ForeignKey(Session, on_delete=models.PROTECT, related_name="attendances")
    inspector = models.ForeignKey("inspectors.Inspector", on_delete=models.PROTECT, related_name="+")
    state = models.CharField("出勤", max_length=8, choices=State)
    hours = models.DecimalField("学时", max_digits=4, decimal_places=2, default=Decimal(0))
    reason = models.CharField("事由", max_length=100, blank=True)
    way = models.CharField("登记方式", max_length=8, choices=Way)
    recorded_at = models.DateTimeField("登记时间")
    by_person = models.UUIDField("登记人", null=True)
    by_name = models.CharField("登记人姓名", max_length=64)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = "培训出勤"
        constraints = [
            models.UniqueConstraint(fields=["session", "inspector"], name="attended_once"),
            models.CheckConstraint(
                name="attendance_hours", condition=Q(state="present", hours__gt=0) | (~Q(state="present") & Q(hours=0))
            ),
        ]

    class Data:
        plain = frozenset("id session inspector state hours way recorded_at by_person version".split())
        personal = frozenset({"reason", "by_name"})


class Exam(models.Model):
    """A test at the end of a batch."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    batch = models.ForeignKey(Batch, on_delete=models.PROTECT, related_name="exams")
    title = models.CharField("名称", max_length=120)
    day = models.DateField("日期")
    areas = models.JSONField("领域", default=list)
    full = models.DecimalField("满分", max_digits=6, decimal_places=2)
    pass_mark = models.DecimalField("合格线", max_digits=6, decimal_places=2)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = "培训测试"
        ordering = ["day", "pk"]
        constraints = [
            models.CheckConstraint(
                name="exam_marks", condition=Q(full__gt=0, pass_mark__gt=0, pass_mark__lte=F("full"))
            )
        ]

    class Data:
        plain = frozenset("id batch title day areas full pass_mark version".split())

    def __str__(self) -> str:
        return self.title


class Score(models.Model):
    """What somebody reached in an exam; ``points`` is empty for who did not sit it."""

    exam = models.ForeignKey(Exam, on_delete=models.PROTECT, related_name="scores")
    inspector = models.ForeignKey("inspectors.Inspector", on_delete=models.PROTECT, related_name="+")
    points = models.DecimalField("得分", max_digits=6, decimal_places=2, null=True, blank=True)
    recorded_at = models.DateTimeField("登记时间")
    by_name = models.CharField("登记人姓名", max_length=64)

    class Meta:
        verbose_name = "测试成绩"
        constraints = [
            models.UniqueConstraint(fields=["exam", "inspector"], name="score_once"),
            models.CheckConstraint(name="score_not_negative", condition=Q(points__isnull=True) | Q(points__gte=0)),
        ]

    class Data:
        plain = frozenset("id exam inspector recorded_at".split())
        personal = frozenset({"points", "by_name"})


class Certificate(models.Model):
    """That somebody has finished a batch."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    county = models.CharField("县代码", max_length=6)
    batch = models.ForeignKey(Batch, on_delete=models.PROTECT, related_name="certificates")
    inspector = models.ForeignKey("inspectors.Inspector", on_delete=models.PROTECT, related_name="+")
    number = models.CharField("证书编号", max_length=40)
    issued_on = models.DateField("发证日期")
    hours = models.DecimalField("学时", max_digits=5, decimal_places=2)
    printed_at = models.DateTimeField("打印时间", null=True, blank=True)
    recorded_at = models.DateTimeField("登记时间")
    by_name = models.CharField("登记人姓名", max_length=64)

    class Meta:
        verbose_name = "结业证书"
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["batch", "inspector"], name="certificate_once"),
            models.UniqueConstraint(fields=["county", "number"], name="certificate_number_once"),
        ]

    class Data:
        plain = frozenset("id county batch inspector issued_on hours printed_at recorded_at".split())
        personal = frozenset({"number", "by_name"})

    def __str__(self) -> str:
        return self.number


class Claim(models.Model):
    """Hours of a training elsewhere, claimed with proof; they count once the office has accepted them."""

    class State(models.TextChoices):
        PENDING = "pending", "待认定"
        ACCEPTED = "accepted", "已认定"
        REFUSED = "refused", "不予认定"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    county = models.CharField("县代码", max_length=6)
    inspector = models.ForeignKey("inspectors.Inspector", on_delete=models.PROTECT, related_name="+")
    title = models.CharField("培训名称", max_length=120)
    level = models.CharField("级别", max_length=10, choices=Level)
    kind = models.CharField("方式", max_length=8, choices=Kind)
    areas = models.JSONField("领域", default=list)
    organiser = models.CharField("主办单位", max_length=120)
    starts_on = models.DateField("开始")
    ends_on = models.DateField("结束")
    hours = models.DecimalField("学时", max_digits=5, decimal_places=2)
    #: Of the proof; competence follows from it, where there is one.
    certificate = models.CharField("证书编号", max_length=60, blank=True)
    state = models.CharField("状态", max_length=10, choices=State, default=State.PENDING)
    by_person = models.UUIDField("登记人", null=True)
    by_name = models.CharField("登记人姓名", max_length=64)
    recorded_at = models.DateTimeField("登记时间")
    decided_on = models.DateField("认定日期", null=True, blank=True)
    decided_name = models.CharField("认定人姓名", max_length=64, blank=True)
    decision = models.CharField("认定说明", max_length=200, blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = "学时认定"
        ordering = ["-ends_on", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["inspector", "title", "starts_on"], name="claim_once", condition=~Q(state="refused")
            ),
            models.CheckConstraint(name="claim_days", condition=Q(ends_on__gte=F("starts_on"))),
            models.CheckConstraint(name="claim_hours", condition=Q(hours__gt=0)),
            models.CheckConstraint(
                name="claim_decided_has_day",
                condition=Q(state="pending", decided_on__isnull=True)
                | (~Q(state="pending") & Q(decided_on__isnull=False)),
            ),
        ]

    class Data:
        plain = frozenset(
            "id county inspector title level kind areas organiser starts_on ends_on hours state by_person recorded_at decided_on version".split()
        )
        personal = frozenset({"certificate", "by_name", "decided_name", "decision"})

    def __str__(self) -> str:
        return self.title


class Judgement(models.Model):
    """What the office judges of somebody's competence in an area, with the reason. The latest stands."""

    inspector = models.ForeignKey("inspectors.Inspector", on_delete=models.PROTECT, related_name="+")
    area = models.CharField("领域", max_length=12)
    #: Empty: the judgement is taken back; what is on record counts again.
    level = models.PositiveSmallIntegerField("水平", null=True, blank=True)
    reason = models.CharField("理由", max_length=400)
    judged_on = models.DateField("评定日期")
    by_person = models.UUIDField("登记人", null=True)
    by_name = models.CharField("登记人姓名", max_length=64)
    recorded_at = models.DateTimeField("登记时间")

    class Meta:
        verbose_name = "能力评定"
        ordering = ["judged_on", "pk"]
        constraints = [
            models.CheckConstraint(name="judgement_level", condition=Q(level__isnull=True) | Q(level__lte=3)),
            models.CheckConstraint(name="judgement_with_reason", condition=~Q(reason="")),
        ]

    class Data:
        plain = frozenset("id inspector area judged_on by_person recorded_at".split())
        personal = frozenset({"level", "reason", "by_name"})


class RuleValue(models.Model):
    """What a county says of a number of the rules from a day on, with its source."""

    county = models.CharField("县代码", max_length=6)
    rule = models.CharField("规则", max_length=24)
    value = models.PositiveSmallIntegerField("取值")
    from_on = models.DateField("自何日起")
    source = models.CharField("依据", max_length=200)
    set_by = models.CharField("设定人", max_length=64)
    set_at = models.DateTimeField("设定时间")

    class Meta:
        verbose_name = "县定培训口径"
        ordering = ["rule", "from_on"]
        constraints = [
            models.UniqueConstraint(fields=["county", "rule", "from_on"], name="training_rule_once"),
            models.CheckConstraint(name="training_rule_with_source", condition=~Q(source="")),
        ]

    class Data:
        plain = frozenset("id county rule value from_on source set_at".split())
        personal = frozenset({"set_by"})

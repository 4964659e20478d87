"""The register of inspectors: who they are, their terms and the steps to them, recusals, absences, yearly assessments.

What rules say of 督学: 教育督导条例 articles 6–10 (LAW); 督学管理暂行办法（教督〔2016〕2号） as far as it is known (NAT1, NAT2).
"""

from django.db import models
from django.db.models import F, Q

from dudao.shell.fields import EncryptedTextField
from dudao.shell.keys import uuid7


class Inspector(models.Model):
    """One person in the register of a county. In office on a day is who has a term that was announced and runs on that day."""

    class Kind(models.TextChoices):
        FULL = "full", "专职督学"
        PART = "part", "兼职督学"

    class Sex(models.TextChoices):
        MALE = "male", "男"
        FEMALE = "female", "女"

    class Education(models.TextChoices):
        COLLEGE = "college", "专科"
        BACHELOR = "bachelor", "本科"
        MASTER = "master", "硕士"
        DOCTOR = "doctor", "博士"

    class Line(models.TextChoices):
        GOVERNMENT = "government", "督政"
        SCHOOL = "school", "督学"
        MONITORING = "monitoring", "评估监测"
        TECHNIQUE = "technique", "技术"

    class Stage(models.TextChoices):
        PRESCHOOL = "preschool", "学前"
        PRIMARY = "primary", "小学"
        JUNIOR = "junior", "初中"
        SENIOR = "senior", "高中"
        VOCATIONAL = "vocational", "职业"
        SPECIAL = "special", "特殊"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    county = models.CharField("县代码", max_length=6)
    person = models.ForeignKey("accounts.Person", on_delete=models.PROTECT, related_name="+", verbose_name="人员")
    kind = models.CharField("类别", max_length=8, choices=Kind)
    sex = models.CharField("性别", max_length=8, choices=Sex, blank=True)
    #: 1979-03, as registers say it.
    born = models.CharField("出生年月", max_length=7, blank=True)
    # Where they work; somebody from outside the county only in words.
    work_unit = models.ForeignKey("places.Unit", on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    work_words = models.CharField("单位及职务", max_length=200, blank=True)
    education = models.CharField("学历", max_length=10, choices=Education, blank=True)
    #: Year in which they began in education; years of service are counted from it.
    since_year = models.PositiveSmallIntegerField("从教年份", null=True, blank=True)
    subjects = models.JSONField("学科", default=list)
    stages = models.JSONField("学段", default=list)
    lines = models.JSONField("专长", default=list)
    certificate_number = models.CharField("督学证号", max_length=40, blank=True)
    certificate_from = models.DateField("督学证起", null=True, blank=True)
    certificate_to = models.DateField("督学证止", null=True, blank=True)
    photo = models.ForeignKey("files.StoredFile", on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    #: How many days a month they can give; empty where nobody said.
    days_a_month = models.PositiveSmallIntegerField("每月可用天数", null=True, blank=True)
    note = models.CharField("备注", max_length=400, blank=True)
    recorded_at = models.DateTimeField("登记时间")
    version = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = "督学"
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["county", "person"], name="inspector_once"),
            models.UniqueConstraint(
                fields=["county", "certificate_number"],
                name="inspector_certificate_once",
                condition=~Q(certificate_number=""),
            ),
            models.CheckConstraint(
                name="inspector_certificate_days",
                condition=Q(certificate_from__isnull=True)
                | Q(certificate_to__isnull=True)
                | Q(certificate_to__gte=F("certificate_from")),
            ),
        ]

    class Data:
        plain = frozenset("id county person kind work_unit subjects stages lines photo recorded_at version".split())
        personal = frozenset(
            "sex born work_words education since_year certificate_number certificate_from certificate_to days_a_month note".split()
        )

    def __str__(self) -> str:
        return f"督学 {self.pk}"


class Term(models.Model):
    """One term of an inspector, from the recommendation to its end. Part-time: three years, at most three terms (条例 article 6)."""

    class State(models.TextChoices):
        RECOMMENDED = "recommended", "已推荐"
        REVIEWED = "reviewed", "已审核"
        PUBLICISED = "publicised", "公示中"
        ANNOUNCED = "announced", "任职中"
        ENDED = "ended", "已结束"
        REFUSED = "refused", "未通过"

    class Ground(models.TextChoices):
        EXPIRED = "expired", "任期届满"
        RENEWED = "renewed", "续聘"
        RESIGNED = "resigned", "本人申请"
        MOVED = "moved", "工作变动"
        FAILED = "failed", "考核不合格"
        IDLE = "idle", "不履行职责"
        OFFENCE = "offence", "违纪违法"
        ARTICLE_26 = "article_26", "条例第二十六条情形"
        OTHER = "other", "其他"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    inspector = models.ForeignKey(Inspector, on_delete=models.PROTECT, related_name="terms")
    ordinal = models.PositiveSmallIntegerField("届次", default=1)
    state = models.CharField("状态", max_length=12, choices=State, default=State.RECOMMENDED)
    start_on = models.DateField("任期起", null=True, blank=True)
    #: Empty for a full-time inspector who was appointed without an end.
    end_on = models.DateField("任期止", null=True, blank=True)
    document = models.CharField("任命（聘任）文号", max_length=80, blank=True)
    ended_on = models.DateField("实际结束日期", null=True, blank=True)
    ground = models.CharField("结束原因", max_length=12, choices=Ground, blank=True)
    ground_words = models.CharField("原因说明", max_length=400, blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = "任期"
        ordering = ["ordinal", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["inspector", "ordinal"], name="term_once", condition=~Q(state__in=("refused",))
            ),
            models.CheckConstraint(
                name="term_days",
                condition=Q(start_on__isnull=True) | Q(end_on__isnull=True) | Q(end_on__gte=F("start_on")),
            ),
            models.CheckConstraint(
                name="term_announced_has_days",
                condition=~Q(state__in=("announced", "ended")) | Q(start_on__isnull=False),
            ),
            models.CheckConstraint(
                name="term_ended_has_day_and_ground",
                condition=Q(state="ended", ended_on__isnull=False, ground__gt="")
                | (~Q(state="ended") & Q(ended_on__isnull=True, ground="")),
            ),
        ]

    class Data:
        plain = frozenset("id inspector ordinal state start_on end_on document ended_on version".split())
        personal = frozenset({"ground", "ground_words"})

    def __str__(self) -> str:
        return f"第{self.ordinal}届"


class TermStep(models.Model):
    """One step of 推荐、审核、公示、公布, or of an end: who said what on which day, with the paper."""

    class Step(models.TextChoices):
        RECOMMEND = "recommend", "推荐"
        REVIEW = "review", "审核"
        PUBLICISE = "publicise", "公示"
        ANNOUNCE = "announce", "公布"
        REFUSE = "refuse", "不予通过"
        END = "end", "结束任期"
        TAKE_BACK = "take_back", "撤回"
        NOTE = "note", "补录任期"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    term = models.ForeignKey(Term, on_delete=models.CASCADE, related_name="steps")
    step = models.CharField("步骤", max_length=12, choices=Step)
    occurred_on = models.DateField("发生日期")
    #: Last day of a 公示.
    until = models.DateField("至", null=True, blank=True)
    who = models.CharField("经办单位", max_length=120, blank=True)
    words = models.CharField("意见", max_length=400, blank=True)
    file = models.ForeignKey("files.StoredFile", on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    by_person = models.UUIDField("登记人", null=True)
    by_name = models.CharField("登记人姓名", max_length=64)
    recorded_at = models.DateTimeField("登记时间")

    class Meta:
        verbose_name = "聘任步骤"
        ordering = ["occurred_on", "recorded_at", "pk"]

    class Data:
        plain = frozenset("id term step occurred_on until who file by_person recorded_at".split())
        personal = frozenset({"words", "by_name"})

    def __str__(self) -> str:
        return self.get_step_display()


class Assessment(models.Model):
    """The yearly assessment of an inspector (条例 article 8). Which grades there are, no national text at hand says: the county's words."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    inspector = models.ForeignKey(Inspector, on_delete=models.PROTECT, related_name="assessments")
    year = models.PositiveSmallIntegerField("年度")
    grade = models.CharField("等次", max_length=20)
    is_fail = models.BooleanField("不合格", default=False)
    words = models.CharField("评语", max_length=800, blank=True)
    assessed_on = models.DateField("考核日期")
    by_person = models.UUIDField("登记人", null=True)
    by_name = models.CharField("登记人姓名", max_length=64)
    recorded_at = models.DateTimeField("登记时间")
    version = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = "年度考核"
        ordering = ["-year", "pk"]
        constraints = [models.UniqueConstraint(fields=["inspector", "year"], name="assessment_once_a_year")]

    class Data:
        plain = frozenset("id inspector year assessed_on by_person recorded_at version".split())
        personal = frozenset({"grade", "is_fail", "words", "by_name"})

    def __str__(self) -> str:
        return f"{self.year}年度"


class Recusal(models.Model):
    """Why an inspector must not inspect a unit (条例 article 10). What appointments say needs no row: ``queries.recused`` adds it."""

    class Ground(models.TextChoices):
        KIN = "kin", "近亲属在该单位任职"
        PUPIL = "pupil", "子女在该单位就读"
        WORK = "work", "现在或三年内在该单位任职"
        INTEREST = "interest", "其他利害关系"

    class Origin(models.TextChoices):
        DECLARED = "declared", "本人申报"
        ASKED = "asked", "单位提出"
        ORDERED = "ordered", "督导机构责令"

    class State(models.TextChoices):
        PENDING = "pending", "待决定"
        GRANTED = "granted", "应当回避"
        REFUSED = "refused", "不需回避"
        ENDED = "ended", "已解除"

    #: Holds from the day it is said: who has declared an interest does not go there while it is decided.
    HOLDING = (State.PENDING, State.GRANTED)

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    county = models.CharField("县代码", max_length=6)
    inspector = models.ForeignKey(Inspector, on_delete=models.PROTECT, related_name="recusals")
    unit = models.ForeignKey("places.Unit", on_delete=models.PROTECT, related_name="+", verbose_name="单位")
    ground = models.CharField("情形", max_length=10, choices=Ground)
    words = EncryptedTextField("关系说明", blank=True)
    origin = models.CharField("提出方式", max_length=10, choices=Origin)
    state = models.CharField("状态", max_length=10, choices=State, default=State.PENDING)
    start_on = models.DateField("起")
    end_on = models.DateField("止", null=True, blank=True)
    said_on = models.DateField("提出日期")
    by_person = models.UUIDField("登记人", null=True)
    by_name = models.CharField("登记人姓名", max_length=64)
    recorded_at = models.DateTimeField("登记时间")
    decided_on = models.DateField("决定日期", null=True, blank=True)
    decided_by = models.UUIDField("决定人", null=True, blank=True)
    decided_name = models.CharField("决定人姓名", max_length=64, blank=True)
    decision = models.CharField("决定说明", max_length=400, blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = "回避"
        ordering = ["-said_on", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["inspector", "unit", "ground"],
                name="recusal_standing_once",
                condition=Q(state__in=("pending", "granted")),
            ),
            models.CheckConstraint(
                name="recusal_days", condition=Q(end_on__isnull=True) | Q(end_on__gte=F("start_on"))
            ),
            models.CheckConstraint(
                name="recusal_decided_has_day",
                condition=Q(state="pending", decided_on__isnull=True)
                | (~Q(state="pending") & Q(decided_on__isnull=False)),
            ),
        ]

    class Data:
        plain = frozenset(
            "id county inspector unit origin state start_on end_on said_on by_person recorded_at decided_on decided_by version".split()
        )
        personal = frozenset({"ground", "by_name", "decided_name", "decision"})
        sensitive = frozenset({"words"})

    def __str__(self) -> str:
        return f"回避 {self.pk}"


class ConditionCheck(models.Model):
    """Somebody looked whether an inspector meets one of the conditions of 条例 article 7, on a day, against a paper. The latest counts."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    inspector = models.ForeignKey(Inspector, on_delete=models.CASCADE, related_name="condition_checks")
    condition = models.CharField("条件", max_length=16)
    is_met = models.BooleanField("符合")
    looked_on = models.DateField("核查日期")
    who = models.CharField("核查人", max_length=64)
    against = models.CharField("依据的材料", max_length=200)
    file = models.ForeignKey("files.StoredFile", on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    by_person = models.UUIDField("登记人", null=True)
    recorded_at = models.DateTimeField("登记时间")

    class Meta:
        verbose_name = "任职条件核查"
        ordering = ["looked_on", "recorded_at", "pk"]
        constraints = [models.CheckConstraint(name="condition_against_a_paper", condition=~Q(against=""))]

    class Data:
        plain = frozenset("id inspector condition looked_on file by_person recorded_at".split())
        personal = frozenset({"is_met", "who", "against"})

    def __str__(self) -> str:
        return self.condition


class RuleValue(models.Model):
    """What a county says of a number of ``library/inspectors.yaml`` from a day on, with its source and whether it was compared."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    county = models.CharField("县代码", max_length=6)
    rule = models.CharField("规则", max_length=24)
    value = models.PositiveSmallIntegerField("取值")
    from_on = models.DateField("自何日起")
    source = models.CharField("依据", max_length=200)
    is_checked = models.BooleanField("已与原文核对", default=False)
    set_by = models.CharField("设定人", max_length=64)
    set_at = models.DateTimeField("设定时间")

    class Meta:
        verbose_name = "县定督学规则"
        ordering = ["rule", "from_on"]
        constraints = [
            models.UniqueConstraint(fields=["county", "rule", "from_on"], name="inspector_rule_once"),
            models.CheckConstraint(name="inspector_rule_with_source", condition=~Q(source="")),
        ]

    class Data:
        plain = frozenset("id county rule value from_on source is_checked set_at".split())
        personal = frozenset({"set_by"})

    def __str__(self) -> str:
        return self.rule


class Absence(models.Model):
    """Days on which an inspector cannot be sent anywhere."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    inspector = models.ForeignKey(Inspector, on_delete=models.CASCADE, related_name="absences")
    start_on = models.DateField("起")
    end_on = models.DateField("止")
    reason = models.CharField("事由", max_length=100, blank=True)
    by_person = models.UUIDField("登记人", null=True)
    recorded_at = models.DateTimeField("登记时间")
    #: It came otherwise: the row stays, and counts no more.
    taken_back_at = models.DateTimeField("撤回时间", null=True, blank=True)

    class Meta:
        verbose_name = "不能参加的日子"
        ordering = ["start_on", "pk"]
        constraints = [models.CheckConstraint(name="absence_days", condition=Q(end_on__gte=F("start_on")))]

    class Data:
        plain = frozenset("id inspector start_on end_on by_person recorded_at taken_back_at".split())
        personal = frozenset({"reason"})

    def __str__(self) -> str:
        return f"{self.start_on}—{self.end_on}"


class InspectorImport(models.Model):
    """A register that was handed in as a table: first only looked at, then confirmed, perhaps undone."""

    class State(models.TextChoices):
        LOOKED_AT = "looked_at", "待确认"
        DONE = "done", "已导入"
        UNDONE = "undone", "已撤销"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    county = models.CharField("县代码", max_length=6)
    file_name = models.CharField("文件名", max_length=200)
    state = models.CharField("状态", max_length=12, choices=State, default=State.LOOKED_AT)
    made_by = models.UUIDField("办理人", null=True)
    made_name = models.CharField("办理人姓名", max_length=64)
    made_at = models.DateTimeField("登记时间")
    version = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = "督学名册导入"
        ordering = ["-made_at"]

    class Data:
        plain = frozenset("id county file_name state made_by made_at version".split())
        personal = frozenset({"made_name"})

    def __str__(self) -> str:
        return self.file_name


class InspectorImportRow(models.Model):
    """One row of a table of inspectors, what it would do, and what it did."""

    class Outcome(models.TextChoices):
        NEW = "new", "新增"
        CHANGED = "changed", "变更"
        UNCHANGED = "unchanged", "未变"
        REFUSED = "refused", "退回"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    batch = models.ForeignKey(InspectorImport, on_delete=models.CASCADE, related_name="rows")
    number = models.PositiveIntegerField("行号")
    #: As handed in, by column.
    cells = models.JSONField("原内容", default=dict)
    #: What cannot be read of a cell, by column; it stays true however often the row is looked at.
    unread = models.JSONField("读不出的", default=dict)
    outcome = models.CharField("结果", max_length=12, choices=Outcome, blank=True)
    #: What is wrong with which column; "" for the row as a whole.
    faults = models.JSONField("退回原因", default=dict)
    #: What the register says now of columns that change.
    old = models.JSONField("原登记", default=dict)
    notes = models.JSONField("说明", default=list)
    # Where the entry stood when the row was looked at, and after it was written: both guard against what others did.
    inspector = models.ForeignKey(Inspector, on_delete=models.SET_NULL, related_name="+", null=True)
    version_seen = models.PositiveIntegerField(null=True)
    version_left = models.PositiveIntegerField(null=True)
    #: What was made beside the entry, so that undoing takes it away too.
    made_person = models.UUIDField("新登记的人员", null=True)
    made_term = models.UUIDField("新登记的任期", null=True)
    #: What a changed entry said before.
    before = models.JSONField("变更前", null=True)

    class Meta:
        verbose_name = "督学名册导入行"
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["batch", "number"], name="inspector_import_row_once")]

    class Data:
        plain = frozenset(
            "id batch number outcome notes inspector version_seen version_left made_person made_term".split()
        )
        personal = frozenset("cells unread faults old before".split())

    def __str__(self) -> str:
        return f"第{self.number}行"

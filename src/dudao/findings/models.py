"""Whatever is wrong anywhere becomes a finding; measures and cases stand beside it and never end it."""

from django.db import models
from django.db.models import Q

from dudao.procedures.models import Matter, data_of
from dudao.shell.fields import EncryptedTextField
from dudao.shell.keys import uuid7


class Cause(models.Model):
    """A root cause of the county's own list."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    county = models.CharField("县代码", max_length=6)
    name = models.CharField("原因", max_length=40)
    position = models.PositiveSmallIntegerField("次序", default=0)
    is_used = models.BooleanField("使用中", default=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = "问题原因"
        ordering = ["position", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["county", "name"], name="cause_once"),
            models.CheckConstraint(name="cause_has_name", condition=~Q(name="")),
        ]

    class Data:
        plain = frozenset("id county name position is_used version".split())

    def __str__(self) -> str:
        return self.name


class Finding(Matter):
    """One thing that is wrong at one unit, by one clause or indicator. Its number stays when it relapses."""

    PROCEDURE = "finding"

    class Source(models.TextChoices):
        INSPECTION = "inspection", "督导检查"
        VISIT = "visit", "经常性督导"
        RETURN_CHECK = "return-check", "数据核查"
        INDICATOR = "indicator", "指标监测"
        MONITORING = "monitoring", "质量监测报告"
        COMPLAINT = "complaint", "投诉举报"
        ENROLMENT = "enrolment", "控辍保学"
        SAFETY = "safety", "安全检查"
        UPPER = "upper", "上级督导"
        SELF_CHECK = "self-check", "自查"

    class Severity(models.TextChoices):
        ORDINARY = "ordinary", "一般"
        SERIOUS = "serious", "较重"
        DANGER = "danger", "危及师生安全"

    #: States in which something has to be put right (the procedure's ``rest`` and ``final`` states and 销号 apart).
    OPEN = ("registered", "rectifying", "reported", "not_in_place", "passed")

    source = models.CharField("来源", max_length=16, choices=Source)
    # The row of a higher floor it comes from: an inspection, a return check, a child's case…
    origin_type = models.CharField("来源对象类别", max_length=64, blank=True)
    origin = models.CharField("来源对象", max_length=64, blank=True)
    origin_words = models.CharField("来源说明", max_length=200, blank=True)
    origin_link = models.CharField("来源页面", max_length=200, blank=True)
    unit = models.ForeignKey("places.Unit", on_delete=models.PROTECT, related_name="+", verbose_name="被督导单位")
    department = models.ForeignKey(
        "places.Unit",
        on_delete=models.PROTECT,
        related_name="+",
        null=True,
        blank=True,
        verbose_name="主管（责任）部门",
    )
    responsible = models.CharField("责任人", max_length=64, blank=True)
    basis = models.CharField("依据（条款或指标）", max_length=200)
    # The basis without blanks and signs, for the same one in another year and for the heat map.
    basis_key = models.CharField("依据索引", max_length=64)
    title = models.CharField("问题概述", max_length=200)
    facts = models.TextField("事实和证据说明", blank=True)
    severity = models.CharField("严重程度", max_length=8, choices=Severity, default=Severity.ORDINARY)
    cause = models.ForeignKey(
        Cause, on_delete=models.PROTECT, related_name="+", null=True, blank=True, verbose_name="原因"
    )
    wanted = models.CharField("整改要求", max_length=300, blank=True)
    found_on = models.DateField("发现日期")
    due_on = models.DateField("整改期限", null=True, blank=True)
    relapses = models.PositiveSmallIntegerField("反弹次数", default=0)
    closed_on = models.DateField("销号日期", null=True, blank=True)
    is_history = models.BooleanField("历史台账导入", default=False)
    # The number it bears in the office's own ledger.
    ledger_number = models.CharField("台账编号", max_length=40, blank=True)
    # The same basis at the same unit in an earlier year.
    earlier = models.ForeignKey(
        "self", on_delete=models.PROTECT, related_name="later", null=True, blank=True, verbose_name="往年同类问题"
    )

    class Meta:
        verbose_name = "问题"
        ordering = ["-year", "-serial"]
        constraints = [
            models.UniqueConstraint(fields=["county", "year", "serial"], name="finding_number_once"),
            models.CheckConstraint(name="finding_has_title", condition=~Q(title="")),
            models.CheckConstraint(name="finding_has_basis", condition=~Q(basis="")),
            models.CheckConstraint(
                name="finding_due_after_found", condition=Q(due_on__isnull=True) | Q(due_on__gte=models.F("found_on"))
            ),
            models.CheckConstraint(
                name="finding_closed_with_day",
                condition=Q(state__in=("closed", "archived")) | Q(closed_on__isnull=True),
            ),
        ]
        indexes = [
            # The register's counts and the map are read from these alone.
            models.Index(fields=["county", "state", "due_on", "severity", "relapses", "unit"], name="finding_counts"),
            models.Index(fields=["county", "found_on", "basis_key", "unit", "state"], name="finding_by_day"),
            models.Index(fields=["unit", "basis_key"], name="finding_unit_basis"),
            models.Index(fields=["origin_type", "origin"], name="finding_origin"),
        ]

    Data = data_of(
        "source origin_type origin origin_words origin_link unit department basis basis_key title severity cause wanted"
        " found_on due_on relapses closed_on is_history ledger_number earlier",
        "responsible facts",
    )

    @property
    def number(self) -> str:
        """问题 2024-0012: stays as long as the finding does."""
        return f"{self.year}-{self.serial:04d}"

    @property
    def is_open(self) -> bool:
        return self.state in self.OPEN

    @property
    def relapse_words(self) -> str:
        return f"反弹 {self.relapses} 次"

    def __str__(self) -> str:
        return f"{self.number} {self.title}"


class Complainant(models.Model):
    """Who complained: a secret of its own, apart from the finding; each look leaves a line."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    county = models.CharField("县代码", max_length=6)
    finding = models.OneToOneField(Finding, on_delete=models.PROTECT, related_name="complainant")
    name = EncryptedTextField("投诉人", blank=True)
    contact = EncryptedTextField("联系方式", blank=True)
    words = EncryptedTextField("投诉内容", blank=True)
    recorded_at = models.DateTimeField("登记时间")

    class Meta:
        verbose_name = "投诉人"

    class Data:
        plain = frozenset("id county finding recorded_at".split())
        sensitive = frozenset("name contact words".split())


class Measure(Matter):
    """督办单, 约谈, 通报, 曝光 or 激励: about one unit, one or many findings, in a state of its own."""

    PROCEDURE = "measure"

    class Kind(models.TextChoices):
        ORDER = "order", "督办单"
        TALK = "talk", "约谈"
        CIRCULAR = "circular", "通报"
        EXPOSURE = "exposure", "曝光"
        REWARD = "reward", "激励"

    #: States in which something is still to be done.
    ENDED = ("ended", "cancelled")

    kind = models.CharField("类别", max_length=8, choices=Kind)
    unit = models.ForeignKey("places.Unit", on_delete=models.PROTECT, related_name="+", verbose_name="单位")
    title = models.CharField("事由", max_length=200)
    grounds = models.JSONField("情形", default=list)
    wanted = models.TextField("要求", blank=True)
    # 第几次 for this unit and kind in the year, counted when it is served.
    ordinal = models.PositiveSmallIntegerField("第几次", null=True, blank=True)
    due_on = models.DateField("期限", null=True, blank=True)
    # What a reward without findings goes by: an inspection.
    origin_type = models.CharField("依据对象类别", max_length=64, blank=True)
    origin = models.CharField("依据对象", max_length=64, blank=True)
    origin_words = models.CharField("依据说明", max_length=200, blank=True)
    origin_link = models.CharField("依据页面", max_length=200, blank=True)
    findings = models.ManyToManyField(Finding, through="MeasureFinding", related_name="measures")

    class Meta:
        verbose_name = "措施"
        ordering = ["-year", "-serial"]
        constraints = [
            models.UniqueConstraint(fields=["county", "year", "serial"], name="measure_number_once"),
            models.CheckConstraint(name="measure_has_title", condition=~Q(title="")),
        ]
        indexes = [
            models.Index(fields=["county", "kind", "state"], name="measure_kind_state"),
            models.Index(fields=["unit", "kind"], name="measure_unit_kind"),
        ]

    Data = data_of(
        "kind unit title grounds wanted ordinal due_on origin_type origin origin_words origin_link",
    )

    @property
    def kind_code(self) -> str:
        return self.kind

    @property
    def number(self) -> str:
        return f"{self.year}-{self.serial:04d}"

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.number} {self.title}"


class MeasureFinding(models.Model):
    """A finding that a measure is about."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    measure = models.ForeignKey(Measure, on_delete=models.CASCADE, related_name="about")
    finding = models.ForeignKey(Finding, on_delete=models.PROTECT, related_name="under")
    # 第几次: which order of this finding it is.
    ordinal = models.PositiveSmallIntegerField("第几次", null=True, blank=True)

    class Meta:
        verbose_name = "措施涉及的问题"
        constraints = [models.UniqueConstraint(fields=["measure", "finding"], name="measure_finding_once")]

    class Data:
        plain = frozenset("id measure finding ordinal".split())


class Case(Matter):
    """问责: a case of the committee, seen by its members only. Findings it names are put right all the same."""

    PROCEDURE = "accountability"
    SIDE = "remedy"
    IS_SECRET = True

    class Method(models.TextChoices):
        """问责办法: on units, on persons. What the county cannot do itself is only proposed to, or handed over to, who can."""

        CRITICISM = "criticism", "对单位：公开批评"
        TALK = "talk", "对单位：约谈"
        CIRCULAR = "circular", "对单位：督导通报"
        RESOURCES = "resources", "对单位：资源调整（建议）"
        PENALTY = "penalty", "对单位：行政处罚（移送）"
        REVIEW = "review", "对人员：责令检查"
        TALK_PERSON = "talk-person", "对人员：约谈"
        CIRCULAR_PERSON = "circular-person", "对人员：通报批评"
        POST = "post", "对人员：组织处理（建议）"
        DISCIPLINE = "discipline", "对人员：处分（建议）"
        HAND_OVER = "hand-over", "对人员：移交监察机关或司法机关（移送）"

    #: Methods that another body carries out: the county proposes or hands over, and keeps the answer.
    BY_OTHERS = (Method.RESOURCES, Method.PENALTY, Method.POST, Method.DISCIPLINE, Method.HAND_OVER)

    unit = models.ForeignKey("places.Unit", on_delete=models.PROTECT, related_name="+", verbose_name="单位")
    title = EncryptedTextField("事由")
    # Persons held to account, and what is proposed for whom.
    persons = EncryptedTextField("责任人", blank=True)
    methods = models.JSONField("拟用方式", default=list)
    grounds = models.JSONField("情形", default=list)
    # Earlier decisions within the window of a year make it heavier (从重).
    heavier = models.JSONField("从重情形", default=list)
    work_done_on = models.DateField("督导工作完成日期")
    decided_on = models.DateField("收到问责决定日期", null=True, blank=True)
    findings = models.ManyToManyField(Finding, through="CaseFinding", related_name="cases")

    class Meta:
        verbose_name = "问责案件"
        ordering = ["-year", "-serial"]
        constraints = [models.UniqueConstraint(fields=["county", "year", "serial"], name="case_number_once")]
        indexes = [models.Index(fields=["county", "state"], name="case_state")]

    Data = data_of(
        "unit methods grounds heavier work_done_on decided_on",
        sensitive=frozenset({"title", "persons"}),
    )

    @property
    def number(self) -> str:
        return f"{self.year}-{self.serial:03d}"

    @property
    def method_names(self) -> list[str]:
        return [self.Method(one).label for one in self.methods if one in self.Method.values]

    @property
    def is_for_others(self) -> bool:
        """Whether another body is to carry it out."""
        return bool(set(self.methods) & set(self.BY_OTHERS))

    def __str__(self) -> str:
        return f"问责案件 {self.number}"


class CaseFinding(models.Model):
    """A finding that a case names."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="about")
    finding = models.ForeignKey(Finding, on_delete=models.PROTECT, related_name="+")

    class Meta:
        verbose_name = "问责涉及的问题"
        constraints = [models.UniqueConstraint(fields=["case", "finding"], name="case_finding_once")]

    class Data:
        plain = frozenset("id case finding".split())


class CaseMember(models.Model):
    """Somebody who may see a case, from the day they were named to the day they were taken out."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="members")
    person = models.ForeignKey("accounts.Person", on_delete=models.PROTECT, related_name="+")
    name = models.CharField("姓名", max_length=64)
    role = models.CharField("职责", max_length=40, blank=True)
    named_on = models.DateField("指定日期")
    ended_on = models.DateField("退出日期", null=True, blank=True)

    class Meta:
        verbose_name = "问责案件成员"
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["case", "person"], condition=Q(ended_on__isnull=True), name="case_member_once"
            )
        ]

    class Data:
        plain = frozenset("id case person role named_on ended_on".split())
        personal = frozenset({"name"})


class Proposal(models.Model):
    """What a night run found to be due of a matter, once; the message that tells the unit, where the unit is to act."""

    class What(models.TextChoices):
        DANGER = "danger", "危险未上报"
        LATE = "late", "已逾期"
        LAPSED = "lapsed", "申辩期满"
        SERVED = "served", "文书待登记"
        DUE = "due", "今天到期"
        SOON = "soon", "即将到期"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    county = models.CharField("县代码", max_length=6)
    procedure = models.CharField("程序", max_length=24)
    subject = models.UUIDField("事项")
    unit = models.ForeignKey("places.Unit", on_delete=models.PROTECT, related_name="+", verbose_name="单位")
    what = models.CharField("情况", max_length=8, choices=What)
    # The day it counts from, and the how manieth time it is said since (each week anew).
    day = models.DateField("起算日")
    step = models.PositiveSmallIntegerField("第几次", default=0)
    is_for_unit = models.BooleanField("由单位办理", default=False)
    proposed_on = models.DateField("提出日期")
    message = models.UUIDField("消息", null=True, blank=True)

    class Meta:
        verbose_name = "到期提醒"
        constraints = [
            models.UniqueConstraint(fields=["subject", "what", "day", "step"], name="proposal_once"),
            models.CheckConstraint(
                name="proposal_what_known", condition=Q(what__in=("danger", "late", "lapsed", "served", "due", "soon"))
            ),
        ]
        indexes = [
            models.Index(
                fields=["county", "unit"],
                condition=Q(message__isnull=True, is_for_unit=True),
                name="proposal_unsaid",
            )
        ]

    class Data:
        plain = frozenset("id county procedure subject unit what day step is_for_unit proposed_on message".split())


class LedgerProfile(models.Model):
    """What a county says of the heads of its own ledgers: which column is what."""

    county = models.CharField("县代码", max_length=6, primary_key=True)
    # By the head without blanks and signs; empty for a column that is not taken in.
    heads = models.JSONField("表头", default=dict)

    class Meta:
        verbose_name = "台账表头"

    class Data:
        plain = frozenset({"county", "heads"})


class LedgerImport(models.Model):
    """A ledger that was handed in: its columns named, looked at row by row, written, perhaps undone."""

    class State(models.TextChoices):
        HANDED_IN = "handed_in", "待对应表头"
        LOOKED_AT = "looked_at", "待确认"
        RUNNING = "running", "正在写入"
        DONE = "done", "已导入"
        UNDONE = "undone", "已撤销"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    county = models.CharField("县代码", max_length=6)
    file_name = models.CharField("文件名", max_length=200)
    sheet = models.CharField("工作表", max_length=100)
    heads = models.JSONField("表头", default=list)
    # Of each column the field it is, or nothing.
    columns = models.JSONField("对应", default=list)
    # What goes for all rows that do not say: year, source, basis and days.
    options = models.JSONField("补充", default=dict)
    state = models.CharField("进度", max_length=12, choices=State, default=State.HANDED_IN)
    made_by = models.UUIDField("办理人", null=True)
    made_name = models.CharField("办理人姓名", max_length=64)
    made_at = models.DateTimeField("登记时间")
    version = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = "台账导入"
        ordering = ["-made_at"]
        indexes = [models.Index(fields=["county", "-made_at"], name="ledger_by_county")]

    class Data:
        plain = frozenset("id county file_name sheet heads columns options state made_by made_at version".split())
        personal = frozenset({"made_name"})

    def __str__(self) -> str:
        return self.file_name


class LedgerRow(models.Model):
    """One row of a ledger, what it would do, and what it did."""

    class Outcome(models.TextChoices):
        NEW = "new", "新增"
        CHANGED = "changed", "变更"
        SAME = "same", "已有"
        REFUSED = "refused", "退回"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    batch = models.ForeignKey(LedgerImport, on_delete=models.CASCADE, related_name="rows")
    number = models.PositiveIntegerField("行号")
    cells = models.JSONField("原内容", default=list)
    outcome = models.CharField("结果", max_length=8, choices=Outcome, blank=True)
    # What is wrong with which field; "" for the row as a whole.
    faults = models.JSONField("退回原因", default=dict)
    notes = models.JSONField("说明", default=list)
    # As understood: what goes into the services.
    values = models.JSONField("读出的内容", default=dict)
    finding = models.ForeignKey(Finding, on_delete=models.SET_NULL, related_name="+", null=True, blank=True)
    # Where the finding stood when the row was looked at, and after it was written: both guard against what others did.
    version_seen = models.PositiveIntegerField(null=True)
    version_left = models.PositiveIntegerField(null=True)
    # What a changed finding was.
    before = models.JSONField("变更前", null=True)

    class Meta:
        verbose_name = "台账行"
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["batch", "number"], name="ledger_row_once")]
        indexes = [models.Index(fields=["batch", "outcome", "number"], name="ledger_row_outcome")]

    class Data:
        plain = frozenset("id batch number outcome notes finding version_seen version_left".split())
        personal = frozenset("cells faults values before".split())

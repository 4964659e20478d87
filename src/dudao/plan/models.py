"""The year's plan: a notice, what was read in it, the tasks it becomes, and each unit's part."""

from django.db import models
from django.db.models import F, Q

from dudao.shell.keys import uuid7


class Level(models.TextChoices):
    """From which level of government a task comes."""

    NATION = "nation", "国家"
    REGION = "region", "自治区"
    CITY = "city", "市"
    COUNTY = "county", "县"


class Notice(models.Model):
    """An official notice as handed in. Its words are kept for ever; from any task one gets back to them."""

    class State(models.TextChoices):
        CHECKING = "checking", "核对中"
        CONFIRMED = "confirmed", "已确认"
        DROPPED = "dropped", "已作废"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    county = models.CharField("县代码", max_length=6)
    year = models.PositiveSmallIntegerField("年度")
    level = models.CharField("层级", max_length=8, choices=Level, default=Level.COUNTY)
    title = models.CharField("标题", max_length=300)
    doc_no = models.CharField("文号", max_length=100, blank=True)
    issuer = models.CharField("发文机关", max_length=200, blank=True)
    dated_on = models.DateField("成文日期", null=True, blank=True)
    metadata = models.JSONField("元数据", default=dict)
    checks = models.JSONField("数字核对", default=list, help_text="kind, quotes, holds, why, spans")
    text = models.TextField("原文")
    file_name = models.CharField("来源文件", max_length=200, blank=True)
    digest = models.CharField("原文 SHA-256", max_length=64)
    reader = models.CharField("识读引擎版本", max_length=32)
    state = models.CharField("状态", max_length=12, choices=State, default=State.CHECKING)
    drop_reason = models.CharField("作废原因", max_length=200, blank=True)
    handed_in_at = models.DateTimeField("导入时间")
    confirmed_at = models.DateTimeField("确认时间", null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = "要点"
        ordering = ["-year", "-handed_in_at"]
        constraints = [
            # The same words again are refused, until the earlier reading is dropped.
            models.UniqueConstraint(
                fields=["county", "digest"], condition=~Q(state="dropped"), name="notice_once_in_county"
            ),
            models.CheckConstraint(
                name="notice_confirmed_with_moment",
                condition=Q(state="confirmed", confirmed_at__isnull=False)
                | (~Q(state="confirmed") & Q(confirmed_at__isnull=True)),
            ),
        ]

    class Data:
        plain = frozenset(
            "id county year level title doc_no issuer dated_on metadata checks text file_name digest reader state drop_reason"
            " handed_in_at confirmed_at version".split()
        )

    def __str__(self) -> str:
        return self.title


class Section(models.Model):
    """A section of the outline, with its place in the text."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    notice = models.ForeignKey(Notice, on_delete=models.PROTECT, related_name="sections")
    position = models.PositiveSmallIntegerField("次序")
    no = models.CharField("序号", max_length=16, blank=True)
    heading = models.CharField("标题", max_length=300, blank=True)
    is_repaired = models.BooleanField("补过序号", default=False)
    start = models.PositiveIntegerField("起", null=True)
    end = models.PositiveIntegerField("止", null=True)

    class Meta:
        verbose_name = "部分"
        ordering = ["position"]
        constraints = [models.UniqueConstraint(fields=["notice", "position"], name="section_position")]

    class Data:
        plain = frozenset("id notice position no heading is_repaired start end".split())

    def __str__(self) -> str:
        return f"{self.no}、{self.heading}" if self.no else self.heading


class Point(models.Model):
    """A work point: its words in the notice, and what a person made of them."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    section = models.ForeignKey(Section, on_delete=models.PROTECT, related_name="points")
    position = models.PositiveSmallIntegerField("次序")
    no = models.CharField("序号", max_length=16, blank=True)
    title = models.CharField("标题", max_length=300, blank=True)
    words = models.TextField("原文")
    start = models.PositiveIntegerField("起", null=True)
    end = models.PositiveIntegerField("止", null=True)
    marks = models.JSONField("读出的是什么", default=list, help_text="mark, start, end: divides the words")
    is_corrected = models.BooleanField("已更正", default=False)
    checked_at = models.DateTimeField("核对时间", null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = "工作要点"
        ordering = ["position"]
        constraints = [models.UniqueConstraint(fields=["section", "position"], name="point_position")]

    class Data:
        plain = frozenset("id section position no title words start end marks is_corrected checked_at version".split())

    def __str__(self) -> str:
        return f"{self.no}．{self.title}" if self.no and self.title else self.title or self.words[:20]


class Flag(models.Model):
    """Something in the text that the reader repaired or doubts; a person accepts it."""

    notice = models.ForeignKey(Notice, on_delete=models.PROTECT, related_name="flags")
    code = models.CharField("类别", max_length=64)
    quote = models.CharField("原文", max_length=300)
    why = models.CharField("说明", max_length=300)
    start = models.PositiveIntegerField("起", null=True)
    end = models.PositiveIntegerField("止", null=True)
    accepted_at = models.DateTimeField("认可时间", null=True, blank=True)

    class Meta:
        verbose_name = "识读提示"
        ordering = ["start", "pk"]

    class Data:
        plain = frozenset("id notice code quote why start end accepted_at".split())


class Task(models.Model):
    """One duty of the year, from its words in the notice to its end.

    While its notice is checked it is ``checking``: what the reader found, for a person to correct. Confirmed it gets its
    number. One that comes again (``rule``) has a child for each period, with ``period`` and ``opens_on``; the children are
    handed down and closed, the parent only holds them together.
    """

    class State(models.TextChoices):
        CHECKING = "checking", "核对中"
        DROPPED = "dropped", "不列任务"
        DRAFT = "draft", "未下达"
        HANDED = "handed", "已下达"
        PAUSED = "paused", "暂停"
        DONE = "done", "办结"
        WITHDRAWN = "withdrawn", "已撤销"

    class Line(models.TextChoices):
        GOVERNMENT = "government", "督政"
        SCHOOL = "school", "督学"
        MONITORING = "monitoring", "评估监测"

    class Rule(models.TextChoices):
        WEEKLY = "weekly", "每周"
        MONTHLY = "monthly", "每月"
        QUARTERLY = "quarterly", "每季度"
        TERMLY = "termly", "每学期"
        HALF_YEARLY = "half-yearly", "每半年"
        YEARLY = "yearly", "每年"
        SPRING_AND_AUTUMN = "spring-and-autumn-start", "春秋季开学"
        OTHER = "other", "不定期"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    county = models.CharField("县代码", max_length=6)
    year = models.PositiveSmallIntegerField("年度")
    notice = models.ForeignKey(Notice, on_delete=models.PROTECT, related_name="tasks", null=True, blank=True)
    point = models.ForeignKey(Point, on_delete=models.PROTECT, related_name="tasks", null=True, blank=True)
    parent = models.ForeignKey("self", on_delete=models.PROTECT, related_name="children", null=True, blank=True)
    position = models.PositiveIntegerField("次序", default=0)
    number = models.CharField("编号", max_length=16, blank=True)
    title = models.CharField("任务", max_length=300)
    # The words it comes from, and where they stand in the notice; ``spans`` of its other fields: name to [start, end].
    quote = models.TextField("原文", blank=True)
    start = models.PositiveIntegerField("起", null=True, blank=True)
    end = models.PositiveIntegerField("止", null=True, blank=True)
    spans = models.JSONField("各项出处", default=dict, blank=True)
    # What is no notice's: who gave it, and the page it came from.
    origin = models.CharField("来源", max_length=200, blank=True)
    origin_link = models.CharField("来源地址", max_length=200, blank=True)
    level = models.CharField("层级", max_length=8, choices=Level, blank=True)
    level_label = models.CharField("层级的叫法", max_length=20, blank=True, help_text="国检、区考、市强等")
    line = models.CharField("工作线", max_length=12, choices=Line, blank=True)
    subject = models.CharField("责任主体", max_length=300, blank=True, help_text="要点里的叫法")
    lead = models.ForeignKey(
        "places.Unit", on_delete=models.PROTECT, related_name="+", null=True, blank=True, verbose_name="牵头"
    )
    lead_words = models.CharField("牵头（原文）", max_length=200, blank=True)
    cooperating = models.CharField("配合", max_length=300, blank=True)
    leader = models.ForeignKey(
        "accounts.Person", on_delete=models.PROTECT, related_name="+", null=True, blank=True, verbose_name="分管领导"
    )
    person = models.ForeignKey(
        "accounts.Person", on_delete=models.PROTECT, related_name="+", null=True, blank=True, verbose_name="责任人"
    )
    due_on = models.DateField("完成时限", null=True, blank=True)
    due_words = models.CharField("时限（原文）", max_length=100, blank=True)
    rule = models.CharField("频次", max_length=24, choices=Rule, blank=True)
    rrule = models.CharField("RFC 5545", max_length=200, blank=True)
    times = models.PositiveSmallIntegerField("每期次数", null=True, blank=True)
    rule_words = models.CharField("频次（原文）", max_length=100, blank=True)
    period = models.CharField("期次", max_length=40, blank=True)
    opens_on = models.DateField("开始", null=True, blank=True)
    proof = models.CharField("佐证要求", max_length=500, blank=True)
    state = models.CharField("状态", max_length=12, choices=State, default=State.DRAFT)
    reason = models.CharField("原因", max_length=200, blank=True, help_text="不列、暂停、撤销的原因")
    result = models.TextField("办理结果", blank=True)
    done_on = models.DateField("办结日期", null=True, blank=True)
    checked_at = models.DateTimeField("核对时间", null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    #: States in which a task is not part of the plan.
    OUTSIDE = (State.CHECKING, State.DROPPED, State.WITHDRAWN)
    #: States in which something is still to be done.
    OPEN = (State.DRAFT, State.HANDED)
    #: States that are not the end of a task.
    UNDONE = (*OPEN, State.PAUSED)

    class Meta:
        verbose_name = "任务"
        ordering = ["-year", "position", "number"]
        constraints = [
            models.UniqueConstraint(
                fields=["notice", "number"],
                condition=~Q(state__in=("checking", "dropped", "withdrawn")),
                name="task_number_in_notice",
            ),
            models.UniqueConstraint(
                fields=["county", "year", "number"],
                condition=Q(notice__isnull=True) & ~Q(state="withdrawn"),
                name="task_number_without_notice",
            ),
            models.UniqueConstraint(
                fields=["parent", "opens_on"],
                condition=Q(opens_on__isnull=False) & ~Q(state="withdrawn"),
                name="task_period_once",
            ),
            models.CheckConstraint(
                name="task_done_with_day",
                condition=Q(state="done", done_on__isnull=False) | (~Q(state="done") & Q(done_on__isnull=True)),
            ),
        ]
        indexes = [
            models.Index(fields=["county", "state", "due_on"], name="task_county_state"),
            models.Index(fields=["county", "-year", "position", "number", "id", "state"], name="task_county_year"),
        ]

    class Data:
        plain = frozenset(
            "id county year notice point parent position number title quote start end spans origin origin_link level"
            " level_label line subject lead lead_words cooperating due_on due_words rule rrule times rule_words period"
            " opens_on proof state reason result done_on checked_at version".split()
        )
        personal = frozenset({"leader", "person"})

    def __str__(self) -> str:
        return f"{self.number} {self.title}"

    @property
    def named(self) -> str:
        """The title with the period, for a task that comes again."""
        return f"{self.title}（{self.period}）" if self.period else self.title


class TaskChange(models.Model):
    """A wish to extend, pause or resume a task, of the whole or of one unit's part, and what was decided."""

    class Kind(models.TextChoices):
        EXTEND = "extend", "延期"
        PAUSE = "pause", "暂停"
        RESUME = "resume", "恢复"

    class State(models.TextChoices):
        ASKED = "asked", "待批准"
        APPROVED = "approved", "已批准"
        REFUSED = "refused", "未批准"
        TAKEN_BACK = "taken_back", "已撤回"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    county = models.CharField("县代码", max_length=6)
    task = models.ForeignKey(Task, on_delete=models.PROTECT, related_name="changes")
    part = models.ForeignKey("TaskPart", on_delete=models.PROTECT, related_name="changes", null=True, blank=True)
    kind = models.CharField("事项", max_length=8, choices=Kind)
    due_on = models.DateField("延至", null=True, blank=True)
    reason = models.CharField("理由", max_length=300)
    asked_on = models.DateField("申请日期")
    asked_by = models.CharField("申请人", max_length=64)
    asked_person = models.UUIDField("申请人标识", null=True, blank=True)
    state = models.CharField("状态", max_length=12, choices=State, default=State.ASKED)
    decided_on = models.DateField("批准日期", null=True, blank=True)
    decided_by = models.CharField("批准人", max_length=64, blank=True)
    decided_how = models.CharField("批准方式", max_length=200, blank=True, help_text="代为登记时写明：书面、口头等")
    note = models.CharField("批准意见", max_length=300, blank=True)

    class Meta:
        verbose_name = "延期与暂停"
        ordering = ["-asked_on", "-pk"]
        constraints = [
            # One open wish of a kind at a time, for the whole and for each unit.
            models.UniqueConstraint(
                fields=["task", "kind"], condition=Q(state="asked", part__isnull=True), name="change_open_once"
            ),
            models.UniqueConstraint(
                fields=["part", "kind"], condition=Q(state="asked", part__isnull=False), name="change_of_part_open_once"
            ),
            models.CheckConstraint(
                name="change_decided_with_day",
                condition=Q(state__in=("approved", "refused"), decided_on__isnull=False)
                | (Q(state__in=("asked", "taken_back")) & Q(decided_on__isnull=True)),
            ),
        ]
        indexes = [models.Index(fields=["county", "state"], name="change_county_state")]

    class Data:
        plain = frozenset("id county task part kind due_on reason asked_on state decided_on decided_how note".split())
        personal = frozenset({"asked_by", "asked_person", "decided_by"})


class TaskPart(models.Model):
    """What one unit has of a task: handed down, signed for."""

    class State(models.TextChoices):
        WAITING = "waiting", "待签收"
        SIGNED = "signed", "进行中"
        ANSWERED = "answered", "待审核"
        DONE = "done", "办结"
        WITHDRAWN = "withdrawn", "已撤回"

    #: States in which the unit or the office has still to act.
    OPEN = (State.WAITING, State.SIGNED, State.ANSWERED)

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    county = models.CharField("县代码", max_length=6)
    task = models.ForeignKey(Task, on_delete=models.PROTECT, related_name="parts")
    unit = models.ForeignKey("places.Unit", on_delete=models.PROTECT, related_name="+")
    state = models.CharField("状态", max_length=12, choices=State, default=State.WAITING)
    handed_on = models.DateField("下达日期")
    sign_by = models.DateField("签收期限")
    due_on = models.DateField("完成时限", null=True, blank=True, help_text="任务的时限，或为这个单位延到的日子")
    withdraw_reason = models.CharField("撤回原因", max_length=200, blank=True)
    signed_on = models.DateField("签收日期", null=True, blank=True)
    signed_by = models.CharField("签收人", max_length=64, blank=True)
    signed_how = models.CharField("签收方式", max_length=200, blank=True, help_text="代为登记时写明：电话、纸质、OA 等")
    answer = models.TextField("办理情况", blank=True)
    answered_on = models.DateField("报送日期", null=True, blank=True)
    answered_by = models.CharField("报送人", max_length=64, blank=True)
    review_note = models.CharField("审核意见", max_length=500, blank=True)
    done_on = models.DateField("办结日期", null=True, blank=True)

    class Meta:
        verbose_name = "单位承办"
        indexes = [
            models.Index(fields=["county", "state", "sign_by", "task"], name="taskpart_waiting"),
            models.Index(fields=["unit", "state", "sign_by"], name="taskpart_of_unit"),
            models.Index(fields=["task", "state", "sign_by"], name="taskpart_of_task"),
            models.Index(fields=["county", "state", "due_on", "task", "unit"], name="taskpart_due"),
            # A unit's parts of a year's tasks, without reading those of other years.
            models.Index(fields=["unit", "task", "state", "due_on"], name="taskpart_unit_task"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["task", "unit"], condition=~Q(state="withdrawn"), name="taskpart_unit_once"
            ),
            models.CheckConstraint(
                name="taskpart_signed_with_day",
                condition=Q(state__in=("signed", "answered", "done"), signed_on__isnull=False)
                | Q(state="waiting", signed_on__isnull=True)
                | Q(state="withdrawn"),
            ),
            models.CheckConstraint(
                name="taskpart_answered_with_day",
                condition=~Q(state__in=("answered", "done")) | Q(answered_on__isnull=False),
            ),
            models.CheckConstraint(
                name="taskpart_done_with_day",
                condition=Q(state="done", done_on__isnull=False) | (~Q(state="done") & Q(done_on__isnull=True)),
            ),
            models.CheckConstraint(
                name="taskpart_signed_after_handed",
                condition=Q(signed_on__isnull=True) | Q(signed_on__gte=F("handed_on")),
            ),
        ]

    class Data:
        plain = frozenset(
            "id county task unit state handed_on sign_by due_on withdraw_reason signed_on signed_how answer answered_on"
            " review_note done_on".split()
        )
        personal = frozenset({"signed_by", "answered_by"})


class Feed(models.Model):
    """A calendar that one person in one hat subscribes to; the address holds a secret of which only the digest is kept."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    county = models.CharField("县代码", max_length=6)
    user = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+")
    hat = models.UUIDField("身份")
    hat_label = models.CharField("身份名称", max_length=200)
    digest = models.CharField("地址摘要", max_length=64, unique=True)
    made_at = models.DateTimeField("开通时间")
    revoked_at = models.DateTimeField("停用时间", null=True, blank=True)

    class Meta:
        verbose_name = "日历订阅"
        ordering = ["-made_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "hat"], condition=Q(revoked_at__isnull=True), name="feed_one_address"
            )
        ]

    class Data:
        plain = frozenset("id county user hat hat_label made_at revoked_at".split())
        secret = frozenset({"digest"})


class Summary(models.Model):
    """What was done in half a year or a year, point by point: drafted from the plan, edited by people, frozen at the end."""

    class Half(models.TextChoices):
        FIRST = "1", "上半年"
        SECOND = "2", "下半年"
        YEAR = "year", "全年"

    class State(models.TextChoices):
        DRAFT = "draft", "起草中"
        FINAL = "final", "已定稿"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    county = models.CharField("县代码", max_length=6)
    year = models.PositiveSmallIntegerField("年度")
    half = models.CharField("时段", max_length=4, choices=Half)
    state = models.CharField("状态", max_length=8, choices=State, default=State.DRAFT)
    facts_on = models.DateField("取数日")
    drafted_at = models.DateTimeField("起草时间")
    finished_at = models.DateTimeField("定稿时间", null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = "工作总结"
        ordering = ["-year", "half"]
        constraints = [
            models.UniqueConstraint(fields=["county", "year", "half"], name="summary_once"),
            models.CheckConstraint(
                name="summary_final_with_moment",
                condition=Q(state="final", finished_at__isnull=False) | Q(state="draft", finished_at__isnull=True),
            ),
        ]

    class Data:
        plain = frozenset("id county year half state facts_on drafted_at finished_at version".split())

    def __str__(self) -> str:
        span = f"{self.year}年" if self.half == self.Half.YEAR else f"{self.year}年{self.get_half_display()}"
        return f"{span}教育督导工作总结"


class SummaryParagraph(models.Model):
    """One point's paragraph: the draft with the rows behind its numbers, and the text as it stands."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    summary = models.ForeignKey(Summary, on_delete=models.PROTECT, related_name="paragraphs")
    about = models.CharField("写什么", max_length=36, help_text="opening、要点的标识或 others")
    position = models.PositiveSmallIntegerField("次序")
    section = models.CharField("部分", max_length=320, blank=True)
    heading = models.CharField("小标题", max_length=340, blank=True)
    draft = models.JSONField("初稿", default=list, help_text="words, rows: divides the drafted text")
    facts_on = models.DateField("取数日")
    text = models.TextField("文字")
    is_edited = models.BooleanField("改过", default=False)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = "总结的一段"
        ordering = ["position", "pk"]
        constraints = [models.UniqueConstraint(fields=["summary", "about"], name="summary_paragraph_once")]

    class Data:
        plain = frozenset("id summary about position section heading draft facts_on text is_edited version".split())

    def __str__(self) -> str:
        return self.heading.rstrip("。") or "开头"

"""Where matters stand: the base of every matter, the acts taken on it, the clocks that run, a county's own limits."""

from typing import Any, ClassVar

from django.db import models
from django.db.models import Q

from dudao.procedures import library
from dudao.shell.keys import uuid7


class Matter(models.Model):
    """Something that goes through a procedure. The states change through ``services.take`` only."""

    #: id of the file in library/procedures.
    PROCEDURE: ClassVar[str]
    #: The second track, where the procedure has one.
    SIDE: ClassVar[str] = ""
    #: Seen by named persons only: its evidence is kept encrypted, and each look at it leaves a line.
    IS_SECRET: ClassVar[bool] = False

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    county = models.CharField("县代码", max_length=6)
    year = models.PositiveSmallIntegerField("年度")
    serial = models.PositiveIntegerField("序号")
    state = models.CharField("状态", max_length=24)
    state_since = models.DateField("进入现状态的日期")
    side_state = models.CharField("旁支状态", max_length=24, blank=True)
    side_since = models.DateField("旁支进入现状态的日期", null=True, blank=True)
    round = models.PositiveSmallIntegerField("轮次", default=1)
    recorded_at = models.DateTimeField("登记时间")
    recorded_by = models.UUIDField("登记人", null=True)
    recorded_name = models.CharField("登记人姓名", max_length=64)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        abstract = True

    #: Fields of this class, for the ``Data`` of the classes below it.
    PLAIN: ClassVar[frozenset[str]] = frozenset(
        "id county year serial state state_since side_state side_since round recorded_at recorded_by version".split()
    )
    PERSONAL: ClassVar[frozenset[str]] = frozenset({"recorded_name"})

    @property
    def kind_code(self) -> str:
        """The kind within the procedure; empty where it has none."""
        return ""

    @property
    def states(self) -> tuple[tuple[str, str], ...]:
        """Pairs (track, state) as the engine takes them; empty before the first act."""
        if not self.state:
            return ()
        side = ((self.SIDE, self.side_state),) if self.SIDE else ()
        return tuple(sorted((("main", self.state), *side)))

    @property
    def state_words(self) -> str:
        return library.state_name(self.PROCEDURE, self.state)

    @property
    def side_words(self) -> str:
        return library.state_name(self.PROCEDURE, self.side_state) if self.side_state else ""

    @property
    def is_final(self) -> bool:
        return library.procedure(self.PROCEDURE).state(self.state).final


class Act(models.Model):
    """One act taken on a matter; never changed afterwards."""

    class Way(models.TextChoices):
        SYSTEM = "system", "在系统中办理"
        PAPER = "paper", "书面"
        IN_PERSON = "in-person", "当面"
        POST = "post", "邮寄"
        OA = "oa", "OA"
        PHONE = "phone", "电话"
        LEFT = "left", "留置"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    county = models.CharField("县代码", max_length=6)
    procedure = models.CharField("程序", max_length=24)
    version_of = models.PositiveSmallIntegerField("程序版本")
    subject = models.UUIDField("事项")
    code = models.CharField("动作", max_length=32)
    name = models.CharField("动作名称", max_length=64)
    track = models.CharField("轨道", max_length=16)
    round = models.PositiveSmallIntegerField("轮次")
    before = models.CharField("原状态", max_length=24, blank=True)
    after = models.CharField("新状态", max_length=24)
    occurred_on = models.DateField("发生日期")
    recorded_at = models.DateTimeField("登记时间")
    by_person = models.UUIDField("办理人", null=True)
    by_name = models.CharField("办理人姓名", max_length=64)
    hat_label = models.CharField("身份", max_length=200, blank=True)
    on_behalf = models.CharField("代谁登记", max_length=200, blank=True)
    behalf_person = models.UUIDField("被代登记的人", null=True, blank=True)
    way = models.CharField("方式", max_length=12, choices=Way, default=Way.SYSTEM)
    words = models.TextField("内容", blank=True)
    ticks = models.JSONField("勾选", default=list, blank=True)
    due_on = models.DateField("所定期限", null=True, blank=True)
    paper = models.ForeignKey("papers.Paper", on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    # The act of another matter that this one was told by.
    told_by = models.ForeignKey("self", on_delete=models.PROTECT, related_name="told", null=True, blank=True)
    # Sent by the page: the same act sent twice is taken once.
    key = models.UUIDField("幂等键", null=True, blank=True)

    class Meta:
        verbose_name = "办理记录"
        ordering = ["occurred_on", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["subject", "key"], condition=Q(key__isnull=False), name="act_taken_once")
        ]
        indexes = [
            models.Index(fields=["subject", "round"], name="act_of_subject"),
            models.Index(fields=["county", "procedure", "code", "occurred_on", "subject"], name="act_by_code"),
        ]

    class Data:
        plain = frozenset(
            "id county procedure version_of subject code name track round before after occurred_on recorded_at"
            " by_person behalf_person way ticks due_on paper told_by key".split()
        )
        personal = frozenset({"by_name", "hat_label", "on_behalf", "words"})

    def __str__(self) -> str:
        return self.name


class Clock(models.Model):
    """A limit that runs on a matter. The due day stands; only what was 暂估 and has not passed is reckoned again."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    county = models.CharField("县代码", max_length=6)
    procedure = models.CharField("程序", max_length=24)
    subject = models.UUIDField("事项")
    round = models.PositiveSmallIntegerField("轮次")
    limit = models.CharField("期限", max_length=42)
    name = models.CharField("期限名称", max_length=64)
    amount = models.PositiveSmallIntegerField("数量", null=True, blank=True)
    unit = models.CharField("单位", max_length=4, blank=True)
    rule = models.CharField("依据", max_length=200, blank=True)
    is_sure = models.BooleanField("已核实", default=True)
    started_on = models.DateField("起算事件日期")
    started_by = models.ForeignKey(Act, on_delete=models.PROTECT, related_name="started")
    due_on = models.DateField("到期日")
    calendar = models.CharField("放假安排版本", max_length=100, blank=True)
    is_provisional = models.BooleanField("暂估", default=False)
    stopped_on = models.DateField("停止日期", null=True, blank=True)
    stopped_by = models.ForeignKey(Act, on_delete=models.PROTECT, related_name="stopped", null=True, blank=True)

    class Meta:
        verbose_name = "期限"
        ordering = ["due_on", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["subject", "limit"], condition=Q(stopped_by__isnull=True), name="clock_runs_once"
            ),
            models.CheckConstraint(
                name="clock_stopped_with_day",
                condition=Q(stopped_by__isnull=True, stopped_on__isnull=True)
                | Q(stopped_by__isnull=False, stopped_on__isnull=False),
            ),
            models.CheckConstraint(name="clock_due_after_start", condition=Q(due_on__gte=models.F("started_on"))),
        ]
        indexes = [
            models.Index(fields=["subject", "round"], name="clock_of_subject"),
            models.Index(fields=["county", "limit", "due_on"], name="clock_by_limit"),
            models.Index(
                fields=["county", "due_on"], condition=Q(stopped_by__isnull=True), name="clock_running_by_due"
            ),
        ]

    class Data:
        plain = frozenset(
            "id county procedure subject round limit name amount unit rule is_sure started_on started_by due_on"
            " calendar is_provisional stopped_on stopped_by".split()
        )

    def __str__(self) -> str:
        return self.name


class LimitValue(models.Model):
    """What a county says of a limit from a day on: another span, switched on or off, or that it was compared."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    county = models.CharField("县代码", max_length=6)
    procedure = models.CharField("程序", max_length=24)
    limit = models.CharField("期限", max_length=42)
    amount = models.PositiveSmallIntegerField("数量", null=True, blank=True)
    unit = models.CharField("单位", max_length=4)
    is_enabled = models.BooleanField("启用", default=True)
    from_on = models.DateField("自何日起")
    source = models.CharField("依据", max_length=200)
    is_checked = models.BooleanField("已与原文核对", default=False)
    set_by = models.CharField("设定人", max_length=64)
    set_at = models.DateTimeField("设定时间")

    class Meta:
        verbose_name = "县定期限"
        ordering = ["procedure", "limit", "from_on"]
        constraints = [
            models.UniqueConstraint(fields=["county", "procedure", "limit", "from_on"], name="limit_value_once"),
            models.CheckConstraint(name="limit_value_with_source", condition=~Q(source="")),
        ]

    class Data:
        plain = frozenset("id county procedure limit amount unit is_enabled from_on source is_checked set_at".split())
        personal = frozenset({"set_by"})


def data_of(plain: str = "", personal: str = "", **more: Any) -> type:
    """The ``Data`` of a matter: its own fields beside those of ``Matter``."""
    return type(
        "Data",
        (),
        {
            "plain": Matter.PLAIN | frozenset(plain.split()),
            "personal": Matter.PERSONAL | frozenset(personal.split()),
            **more,
        },
    )

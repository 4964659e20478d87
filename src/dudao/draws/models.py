"""A draw from its preparation to its result. From the freezing on nothing of what was frozen changes; what was wrong is voided."""

from django.db import models
from django.db.models import Q

from dudao.shell.keys import uuid7
from dudao_engines.draws import Method

#: Methods by their words.
METHODS = (
    (Method.SIMPLE.value, "简单随机（每个机会相等）"),
    (Method.STRATIFIED.value, "分层随机（每层各抽几个）"),
    (Method.SYSTEMATIC.value, "按规模等距（PPS）"),
    (Method.LASTING.value, "按规模、永久随机数（以后可扩大）"),
)


class Draw(models.Model):
    """One draw: what is drawn for what, the list, where the seed comes from, the result."""

    class State(models.TextChoices):
        DRAFT = "draft", "准备中"
        FROZEN = "frozen", "已冻结，待种子"
        SEEDED = "seeded", "种子已公布，待抽取"
        DRAWN = "drawn", "已抽取"
        VOID = "void", "已作废"

    #: In which the list stands fast and no result is there.
    WAITING = (State.FROZEN, State.SEEDED)

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    county = models.CharField("县代码", max_length=6)
    purpose = models.CharField("抽取事项", max_length=200)
    method = models.CharField("抽取方法", max_length=12, choices=METHODS)
    state = models.CharField("状态", max_length=8, choices=State, default=State.DRAFT)
    # On which the drawn ones are to be visited: recusals, certificates and absences are those of this day.
    held_on = models.DateField("计划开展日期")
    #: How many; by stratum where the method asks for it.
    take = models.JSONField("抽取数量", null=True, blank=True)
    #: The list before it is frozen: [code, name, stratum, size, key of the unit or ""].
    lines = models.JSONField("名单", default=list)
    lines_from = models.CharField("名单来源", max_length=400, blank=True)
    # 双随机: inspectors too.
    is_crewed = models.BooleanField("同时抽取督学", default=False)
    each = models.PositiveSmallIntegerField("每校人数", null=True, blank=True)
    most = models.PositiveSmallIntegerField("每人最多校数", null=True, blank=True)
    #: [number, name, key in the register, person, salt]; frozen are the number and, by an explicit choice, the name.
    members = models.JSONField("督学名单", default=list)
    shows_names = models.BooleanField("名单写督学姓名", default=False)
    # Where the seed comes from: a public event, or else the commitments.
    event = models.CharField("约定的公开事件", max_length=300, blank=True)
    event_on = models.DateField("事件日期", null=True, blank=True)
    # What was frozen, byte for byte as its digests were taken (UTF-8).
    frozen_text = models.TextField("冻结的内容", blank=True)
    sha256 = models.CharField("SHA-256", max_length=64, blank=True)
    sm3 = models.CharField("SM3", max_length=64, blank=True)
    frozen_on = models.DateField("冻结日期", null=True, blank=True)
    frozen_at = models.DateTimeField("冻结时间", null=True, blank=True)
    frozen_by_name = models.CharField("冻结人", max_length=64, blank=True)
    seed = models.CharField("种子", max_length=1100, blank=True)
    seed_from = models.CharField("种子在哪里查得到", max_length=400, blank=True)
    seed_on = models.DateField("种子公布日期", null=True, blank=True)
    seed_by_name = models.CharField("登记种子的人", max_length=64, blank=True)
    #: As ``dudao_engines.draws.bundle.published`` gives it, without the frozen content.
    result = models.JSONField("结果", null=True, blank=True)
    drawn_on = models.DateField("抽取日期", null=True, blank=True)
    drawn_at = models.DateTimeField("抽取时间", null=True, blank=True)
    drawn_by_name = models.CharField("抽取人", max_length=64, blank=True)
    witnesses = models.CharField("监督人员", max_length=200, blank=True)
    # Anybody may see its public page.
    is_open = models.BooleanField("对外公开", default=False)
    adopted_on = models.DateField("列入督导日期", null=True, blank=True)
    #: Keys of the inspections that came of it, in the order of the drawn units.
    inspections = models.JSONField("督导检查", default=list)
    voided_on = models.DateField("作废日期", null=True, blank=True)
    void_reason = models.CharField("作废原因", max_length=400, blank=True)
    voided_by_name = models.CharField("作废人", max_length=64, blank=True)
    # Drawn again in the place of a voided one.
    follows = models.ForeignKey("self", on_delete=models.PROTECT, related_name="followers", null=True, blank=True)
    made_by_name = models.CharField("建立人", max_length=64)
    made_at = models.DateTimeField("建立时间")
    version = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = "随机抽取"
        ordering = ["-made_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                name="draw_frozen_has_digest",
                condition=Q(state__in=("draft", "void")) | Q(frozen_on__isnull=False, sha256__gt="", sm3__gt=""),
            ),
            models.CheckConstraint(
                name="draw_result_with_day",
                condition=Q(result__isnull=True, drawn_on__isnull=True)
                | Q(result__isnull=False, drawn_on__isnull=False, state__in=("drawn", "void")),
            ),
            models.CheckConstraint(
                name="draw_void_with_reason",
                condition=Q(state="void", voided_on__isnull=False, void_reason__gt="")
                | (~Q(state="void") & Q(voided_on__isnull=True, void_reason="")),
            ),
        ]
        indexes = [models.Index(fields=["county", "state", "made_at"], name="draw_county_state")]

    class Data:
        plain = frozenset(
            "id county purpose method state held_on take lines lines_from is_crewed each most shows_names event event_on sha256 sm3 "
            "frozen_on frozen_at seed seed_from seed_on drawn_on drawn_at is_open adopted_on inspections voided_on void_reason "
            "follows made_at version result".split()
        )
        personal = frozenset(
            "members frozen_text frozen_by_name seed_by_name drawn_by_name witnesses voided_by_name made_by_name".split()
        )

    def __str__(self) -> str:
        return self.purpose


class Commitment(models.Model):
    """What one party put aside before the freezing, and what it said afterwards."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    draw = models.ForeignKey(Draw, on_delete=models.CASCADE, related_name="commitments")
    position = models.PositiveSmallIntegerField("次序")
    who = models.CharField("谁", max_length=60)
    sha256 = models.CharField("封存的摘要", max_length=64)
    put_on = models.DateField("封存日期")
    secret = models.CharField("公开的数", max_length=200, blank=True)
    revealed_on = models.DateField("公开日期", null=True, blank=True)
    recorded_at = models.DateTimeField("登记时间")

    class Meta:
        verbose_name = "封存的数"
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["draw", "position"], name="commitment_position_once"),
            models.CheckConstraint(
                name="commitment_revealed_with_day",
                condition=Q(secret="", revealed_on__isnull=True) | Q(secret__gt="", revealed_on__isnull=False),
            ),
        ]

    class Data:
        plain = frozenset("id draw position sha256 put_on secret revealed_on recorded_at".split())
        personal = frozenset({"who"})

    def __str__(self) -> str:
        return self.who


class Enlargement(models.Model):
    """More units from the same draw, later: the next ones by the same tickets."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    draw = models.ForeignKey(Draw, on_delete=models.CASCADE, related_name="enlargements")
    position = models.PositiveSmallIntegerField("次序")
    #: How many now, all together; by stratum as in the draw.
    take = models.JSONField("扩大到")
    #: Keys of the units that came in.
    added = models.JSONField("新增")
    reason = models.CharField("原因", max_length=400)
    on = models.DateField("日期")
    by_name = models.CharField("经办人", max_length=64)
    recorded_at = models.DateTimeField("登记时间")

    class Meta:
        verbose_name = "扩大样本"
        ordering = ["position"]
        constraints = [models.UniqueConstraint(fields=["draw", "position"], name="enlargement_position_once")]

    class Data:
        plain = frozenset("id draw position take added reason on recorded_at".split())
        personal = frozenset({"by_name"})

    def __str__(self) -> str:
        return f"扩大 {self.position}"

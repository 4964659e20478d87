"""Plans of who is responsible for which schools and of who goes on which inspection: what they were made from, and what came out."""

from django.db import models
from django.db.models import Q

from dudao.shell.keys import uuid7


class Plan(models.Model):
    """One plan. Its inputs are frozen under a digest; the same inputs and decisions have the same answer."""

    class Kind(models.TextChoices):
        DUTIES = "duties", "责任分工"
        TEAMS = "teams", "督导组队"

    class State(models.TextChoices):
        SOLVING = "solving", "正在求解"
        SOLVED = "solved", "待采用"
        IMPOSSIBLE = "impossible", "无法安排"
        ADOPTED = "adopted", "已采用"
        DROPPED = "dropped", "已放弃"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    county = models.CharField("县代码", max_length=6)
    kind = models.CharField("类别", max_length=8, choices=Kind)
    title = models.CharField("名称", max_length=80)
    #: First day of the duties, or of the first inspection.
    starts_on = models.DateField("起")
    state = models.CharField("状态", max_length=12, choices=State, default=State.SOLVING)
    inputs = models.JSONField("依据")
    digest = models.CharField("依据摘要", max_length=64)
    #: What people decided: pairs that must be, that must not be, leaders.
    decisions = models.JSONField("人工确定", default=dict)
    answer = models.JSONField("安排", null=True)
    #: Why nothing came out, in sentences.
    clash = models.JSONField("冲突", null=True)
    #: Changed by hand since the last solving.
    is_by_hand = models.BooleanField("人工改过", default=False)
    document = models.CharField("文号或依据", max_length=120, blank=True)
    by_person = models.UUIDField("制订人", null=True)
    by_name = models.CharField("制订人姓名", max_length=64)
    made_at = models.DateTimeField("制订时间")
    solved_at = models.DateTimeField("求解时间", null=True)
    adopted_at = models.DateTimeField("采用时间", null=True)
    adopted_by = models.UUIDField("采用人", null=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = "组队与分工方案"
        ordering = ["-made_at", "-pk"]
        indexes = [models.Index(fields=["county", "-made_at"], name="plan_newest")]
        constraints = [
            models.CheckConstraint(
                name="plan_adopted_has_time",
                condition=Q(state="adopted", adopted_at__isnull=False)
                | (~Q(state="adopted") & Q(adopted_at__isnull=True)),
            ),
            models.CheckConstraint(
                name="plan_solved_has_answer", condition=~Q(state__in=("solved", "adopted")) | Q(answer__isnull=False)
            ),
        ]

    class Data:
        plain = frozenset(
            "id county kind title starts_on state digest is_by_hand document by_person made_at solved_at adopted_at "
            "adopted_by version".split()
        )
        personal = frozenset({"inputs", "decisions", "answer", "clash", "by_name"})

    def __str__(self) -> str:
        return f"{self.get_kind_display()}：{self.title}"

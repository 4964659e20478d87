"""Work in the background: jobs that somebody started, and duties that come round by themselves."""

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q

from dudao.jobs.registry import kinds
from dudao.shell.keys import uuid7


class Job(models.Model):
    """One piece of work for the worker. Who holds the lease may write; every other claim fails."""

    class State(models.TextChoices):
        QUEUED = "queued", "排队"
        RUNNING = "running", "进行中"
        DONE = "done", "完成"
        FAILED = "failed", "失败"
        CANCELLED = "cancelled", "已取消"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    county = models.CharField("县代码", max_length=6)
    kind = models.CharField("类别", max_length=64)
    key = models.CharField("防重键", max_length=120)
    payload = models.JSONField("参数", default=dict, encoder=DjangoJSONEncoder)
    state = models.CharField("状态", max_length=12, choices=State, default=State.QUEUED)
    cursor = models.JSONField("做到哪里", null=True, encoder=DjangoJSONEncoder)
    done = models.PositiveIntegerField("已完成", default=0)
    total = models.PositiveIntegerField("总数", default=0)
    message = models.CharField("进度说明", max_length=200, blank=True)
    result = models.JSONField("结果", null=True, encoder=DjangoJSONEncoder)
    error = models.CharField("原因", max_length=400, blank=True)
    error_details = models.TextField("技术细节", blank=True)
    cancel_asked = models.BooleanField("要求取消", default=False)
    by_user = models.UUIDField("账号", null=True)
    by_person = models.UUIDField("办理人", null=True)
    by_name = models.CharField("办理人姓名", max_length=64)
    hat = models.UUIDField("身份", null=True)
    created_at = models.DateTimeField("提交时间")
    started_at = models.DateTimeField("开始时间", null=True)
    ended_at = models.DateTimeField("结束时间", null=True)
    # By the machine's clock, which a stepped demo day does not move.
    lease = models.UUIDField("租约", null=True)
    lease_until = models.DateTimeField("租约到", null=True)
    heartbeat_at = models.DateTimeField("最近心跳", null=True)
    not_before = models.DateTimeField("不早于", null=True)
    attempts = models.PositiveSmallIntegerField("尝试次数", default=0)

    class Meta:
        verbose_name = "后台任务"
        constraints = [
            models.UniqueConstraint(
                fields=["county", "kind", "key"],
                condition=Q(state__in=["queued", "running"]),
                name="job_once_while_open",
            )
        ]
        indexes = [
            models.Index(fields=["state", "id"], name="job_state"),
            models.Index(fields=["county", "-created_at"], name="job_newest"),
        ]

    class Data:
        plain = frozenset(
            [
                "id",
                "county",
                "kind",
                "key",
                "state",
                "done",
                "total",
                "cancel_asked",
                "by_user",
                "by_person",
                "hat",
                "created_at",
                "started_at",
                "ended_at",
                "lease",
                "lease_until",
                "heartbeat_at",
                "not_before",
                "attempts",
            ]
        )
        personal = frozenset({"payload", "cursor", "message", "result", "error", "error_details", "by_name"})

    @property
    def title(self) -> str:
        """What people call the kind, also one that this version no longer knows: then its code."""
        return kinds[self.kind].title if self.kind in kinds else self.kind

    @property
    def is_open(self) -> bool:
        return self.state in (self.State.QUEUED, self.State.RUNNING)

    @property
    def percent(self) -> int | None:
        return min(100, self.done * 100 // self.total) if self.total else None


class Round(models.Model):
    """When a periodic duty (``registry.duties``) last came round. One row a duty; the duty itself is code."""

    duty = models.CharField("事项", max_length=64, primary_key=True)
    # The end of the span that a worker took last, and of the span that was done last: after a kill or a failure the next
    # round is told of everything since the latter. By the machine's clock for duties of seconds, else by the office's.
    taken_until = models.DateTimeField("上次截至")
    done_until = models.DateTimeField("完成截至", null=True)
    ran_at = models.DateTimeField("上次运行", null=True)
    outcome = models.CharField("结果", max_length=200, blank=True)
    failures = models.PositiveIntegerField("连续失败", default=0)
    error_details = models.TextField("技术细节", blank=True)

    class Meta:
        verbose_name = "定时事项"

    class Data:
        plain = frozenset({"duty", "taken_until", "done_until", "ran_at", "outcome", "failures"})
        personal = frozenset({"error_details"})

"""What happened: append-only events, without foreign keys, so that history neither blocks nor follows an end."""

from typing import Any, NoReturn

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models

from dudao.shell.keys import uuid7


class AppendOnly(models.QuerySet[Any]):
    """Rows come in and stay as they are. (A writer around the application shows in ``dudao audit verify``.)"""

    def update(self, **kwargs: Any) -> NoReturn:
        raise TypeError("history is append-only")

    def delete(self) -> NoReturn:
        raise TypeError("history is append-only")


class AuditEvent(models.Model):
    """One act of one person in one hat, written in the same transaction as what it changed."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    county = models.CharField("县代码", max_length=6)
    action = models.CharField("动作", max_length=64)
    subject_type = models.CharField("对象类别", max_length=64)
    subject = models.CharField("对象", max_length=64)
    summary = models.CharField("摘要", max_length=200)
    facts = models.JSONField("内容", default=dict, encoder=DjangoJSONEncoder)
    by_user = models.UUIDField("账号", null=True)
    by_person = models.UUIDField("办理人", null=True)
    by_name = models.CharField("办理人姓名", max_length=64)
    hat = models.UUIDField("身份", null=True)
    hat_label = models.CharField("身份名称", max_length=200)
    on_behalf_of = models.UUIDField("代谁办理", null=True)
    occurred_on = models.DateField("发生日期")
    recorded_at = models.DateTimeField("登记时间")

    objects = AppendOnly.as_manager()

    class Meta:
        verbose_name = "留痕"
        indexes = [
            models.Index(fields=["county", "subject_type", "subject"], name="audit_subject"),
            models.Index(fields=["county", "recorded_at"], name="audit_recorded"),
            models.Index(fields=["county", "action"], name="audit_action"),
        ]

    class Data:
        plain = frozenset(
            [
                "id",
                "county",
                "action",
                "subject_type",
                "subject",
                "by_user",
                "by_person",
                "hat",
                "hat_label",
                "on_behalf_of",
                "occurred_on",
                "recorded_at",
            ]
        )
        personal = frozenset({"summary", "facts", "by_name"})


class Seal(models.Model):
    """The place of one event in its county's chain. Written by the sealer, seconds after the event."""

    county = models.CharField("县代码", max_length=6)
    number = models.PositiveBigIntegerField("序号")
    event = models.UUIDField("事件", unique=True)
    digest = models.CharField("事件摘要", max_length=64)
    previous = models.CharField("上一链值", max_length=64)
    chain = models.CharField("链值", max_length=64)
    sealed_at = models.DateTimeField("封存时间")

    objects = AppendOnly.as_manager()

    class Meta:
        verbose_name = "封存"
        # Two sealers at once: the second one fails here, and nothing of its batch stays.
        constraints = [models.UniqueConstraint(fields=["county", "number"], name="seal_number_in_county")]

    class Data:
        plain = frozenset({"id", "county", "number", "event", "digest", "previous", "chain", "sealed_at"})

"""Evidence: what a file is, whose it is, what it proves."""

from django.db import models

from dudao.files.kinds import KINDS
from dudao.shell.keys import uuid7


class StoredFile(models.Model):
    """One piece of evidence. Its bytes lie on disk (``storage``); the row is written after them."""

    class Guard(models.TextChoices):
        ORDINARY = "ordinary", "一般"
        SENSITIVE = "sensitive", "敏感（加密保存）"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    county = models.CharField("县代码", max_length=6)
    name = models.CharField("文件名", max_length=120)
    kind = models.CharField("类型", max_length=8, choices=[(k.code, k.label) for k in KINDS.values()])
    size = models.PositiveBigIntegerField("大小（字节）")
    sha256 = models.CharField("SHA-256", max_length=64)
    sm3 = models.CharField("SM3", max_length=64)
    guard = models.CharField("保密类别", max_length=10, choices=Guard, default=Guard.ORDINARY)
    subject_type = models.CharField("对象类别", max_length=64)
    subject = models.CharField("对象", max_length=64)
    by_person = models.UUIDField("提交人", null=True)
    by_name = models.CharField("提交人姓名", max_length=64)
    occurred_on = models.DateField("形成日期")
    recorded_at = models.DateTimeField("登记时间")

    class Meta:
        verbose_name = "佐证材料"
        indexes = [
            models.Index(fields=["subject_type", "subject"], name="file_subject"),
            models.Index(fields=["sha256"], name="file_sha256"),
        ]

    class Data:
        plain = frozenset(
            [
                "id",
                "county",
                "kind",
                "size",
                "sha256",
                "sm3",
                "guard",
                "subject_type",
                "subject",
                "by_person",
                "occurred_on",
                "recorded_at",
            ]
        )
        personal = frozenset({"name", "by_name"})

    @property
    def is_sensitive(self) -> bool:
        return self.guard == self.Guard.SENSITIVE

    @property
    def shows_inline(self) -> bool:
        return KINDS[self.kind].inline

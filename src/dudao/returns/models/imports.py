"""Tables that were handed in."""

from django.db import models

from dudao.shell.keys import uuid7


class Upload(models.Model):
    """A table handed in for a campaign: first looked at, then applied, perhaps undone."""

    class State(models.TextChoices):
        PREVIEWED = "previewed", "待确认"
        APPLIED = "applied", "已导入"
        UNDONE = "undone", "已撤销"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    county = models.CharField("县代码", max_length=6)
    campaign = models.ForeignKey("returns.Campaign", on_delete=models.PROTECT, related_name="uploads")
    source = models.CharField("来源", max_length=12)
    name = models.CharField("文件名", max_length=200)
    file = models.ForeignKey("files.StoredFile", on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    state = models.CharField("状态", max_length=12, choices=State, default=State.PREVIEWED)
    made_by = models.UUIDField("办理人", null=True)
    made_name = models.CharField("办理人姓名", max_length=64)
    made_at = models.DateTimeField("登记时间")
    version = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = "导入"
        ordering = ["-made_at", "-pk"]

    class Data:
        plain = frozenset("id county campaign source name file state made_by made_at version".split())
        personal = frozenset({"made_name"})

    def __str__(self) -> str:
        return self.name

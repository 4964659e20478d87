"""What the shell itself keeps: the demo's day and people's unfinished forms."""

from django.db import models

from dudao.shell.fields import EncryptedTextField
from dudao.shell.keys import uuid7


class DemoDay(models.Model):
    """The day the demo stands on, once it was stepped. At most one row."""

    day = models.DateField("演示日期")

    class Data:
        plain = frozenset({"id", "day"})


class Draft(models.Model):
    """A form as somebody left it. Written and read through ``dudao.shell.drafts`` only."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    person = models.UUIDField("谁的")
    form = models.CharField("表单", max_length=81)
    of = models.CharField("对象", max_length=64, blank=True)
    data = EncryptedTextField("填写内容")
    base_version = models.PositiveIntegerField("所据版本", null=True)
    saved_at = models.DateTimeField("存于")

    class Meta:
        verbose_name = "草稿"
        constraints = [models.UniqueConstraint(name="draft_one_per_form", fields=["person", "form", "of"])]

    class Data:
        plain = frozenset({"id", "person", "form", "of", "base_version", "saved_at"})
        personal = frozenset({"data"})

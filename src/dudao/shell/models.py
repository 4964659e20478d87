"""What the shell itself keeps: the demo's day and people's unfinished forms."""

from django.db import models


class DemoDay(models.Model):
    """The day the demo stands on, once it was stepped. At most one row."""

    day = models.DateField("演示日期")

    class Data:
        plain = frozenset({"id", "day"})

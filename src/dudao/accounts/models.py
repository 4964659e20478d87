"""Who: people, their accounts, their posts, and what was lent to them."""

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import F, Q

from dudao.shell.keys import uuid7


class Person(models.Model):
    """A person, with or without an account."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    county = models.CharField("县代码", max_length=6)
    name = models.CharField("姓名", max_length=64)
    sort_key = models.CharField("拼音", max_length=200, blank=True)
    phone = models.CharField("电话", max_length=20, blank=True)
    is_example = models.BooleanField("示例", default=False)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = "人员"

    class Data:
        plain = frozenset({"id", "county", "is_example", "version"})
        personal = frozenset({"name", "sort_key", "phone"})


class Users(BaseUserManager["User"]):
    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(username=username)


class User(AbstractBaseUser):
    """An account: how a person signs in. Rights come from appointments, never from here."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    username = models.CharField("账号", max_length=40, unique=True)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="users")
    is_active = models.BooleanField("启用", default=True)
    is_demo = models.BooleanField("演示账号", default=False)
    must_change_password = models.BooleanField("须改密码", default=False)

    USERNAME_FIELD = "username"
    objects = Users()

    class Meta:
        verbose_name = "账号"

    class Data:
        plain = frozenset({"id", "username", "person", "is_active", "is_demo", "must_change_password", "last_login"})
        secret = frozenset({"password"})


class Appointment(models.Model):
    """A person holds a post in a unit from a day to a day."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    county = models.CharField("县代码", max_length=6)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="appointments")
    post = models.CharField("岗位", max_length=32)
    unit = models.ForeignKey("places.Unit", on_delete=models.PROTECT, related_name="+")
    start_on = models.DateField("起")
    end_on = models.DateField("止", null=True, blank=True)
    end_reason = models.CharField("结束原因", max_length=200, blank=True)

    class Meta:
        verbose_name = "任职"
        constraints = [
            models.CheckConstraint(
                name="appointment_days_in_order", condition=Q(end_on__isnull=True) | Q(end_on__gte=F("start_on"))
            )
        ]

    class Data:
        plain = frozenset(["id", "county", "person", "post", "unit", "start_on", "end_on", "end_reason"])


class Delegation(models.Model):
    """The holder of an appointment lets another person act under it for a time."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    appointment = models.ForeignKey(Appointment, on_delete=models.PROTECT, related_name="delegations")
    to = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="delegations")
    start_on = models.DateField("起")
    end_on = models.DateField("止")
    reason = models.CharField("事由", max_length=200)

    class Meta:
        verbose_name = "委托"
        constraints = [models.CheckConstraint(name="delegation_days_in_order", condition=Q(end_on__gte=F("start_on")))]

    class Data:
        plain = frozenset(["id", "appointment", "to", "start_on", "end_on", "reason"])


class Grant(models.Model):
    """A person or a unit may see or do something with one object or one unit, for a purpose, for a time."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    county = models.CharField("县代码", max_length=6)
    to_person = models.ForeignKey(Person, null=True, blank=True, on_delete=models.PROTECT, related_name="grants")
    to_unit = models.ForeignKey("places.Unit", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    on_type = models.CharField("对象类别", max_length=64, help_text="例如 plan.task；places.unit 表示整个单位")
    on_key = models.CharField("对象", max_length=64)
    purpose = models.CharField("用途", max_length=64, help_text="能力代码，例如 plan.sign")
    start_on = models.DateField("起")
    end_on = models.DateField("止", null=True, blank=True)
    reason = models.CharField("事由", max_length=200)

    class Meta:
        verbose_name = "授权"
        indexes = [models.Index(fields=["on_type", "on_key"], name="grant_on")]
        constraints = [
            models.CheckConstraint(
                name="grant_to_one",
                condition=Q(to_person__isnull=True, to_unit__isnull=False)
                | Q(to_person__isnull=False, to_unit__isnull=True),
            ),
            models.CheckConstraint(
                name="grant_days_in_order", condition=Q(end_on__isnull=True) | Q(end_on__gte=F("start_on"))
            ),
        ]

    class Data:
        plain = frozenset(
            ["id", "county", "to_person", "to_unit", "on_type", "on_key", "purpose", "start_on", "end_on", "reason"]
        )

"""Who: people, their accounts, their posts, and what was lent to them."""

from datetime import date

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import F, Q

from dudao.shell.fields import BlindIndexField, EncryptedTextField
from dudao.shell.keys import uuid7


class Person(models.Model):
    """A person, with or without an account."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    county = models.CharField("县代码", max_length=6)
    name = models.CharField("姓名", max_length=64)
    sort_key = models.CharField("拼音", max_length=200, blank=True)
    phone = models.CharField("电话", max_length=20, blank=True)
    id_number = EncryptedTextField("身份证件号", null=True, blank=True)
    id_number_index = BlindIndexField("身份证件号索引", of="id_number")
    is_example = models.BooleanField("示例", default=False)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = "人员"
        ordering = ["sort_key", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["county", "id_number_index"], name="person_id_number_once"),
            models.CheckConstraint(name="person_has_name", condition=~Q(name="")),
        ]

    class Data:
        plain = frozenset({"id", "county", "is_example", "version"})
        personal = frozenset({"name", "sort_key", "phone"})
        sensitive = frozenset({"id_number", "id_number_index"})

    def __str__(self) -> str:
        return self.name


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
            ),
            models.UniqueConstraint(
                fields=["person", "post", "unit"], condition=Q(end_on__isnull=True), name="appointment_open_once"
            ),
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
    taken_back_at = models.DateTimeField("收回时间", null=True, blank=True)
    end_reason = models.CharField("收回原因", max_length=200, blank=True)

    class Meta:
        verbose_name = "委托"
        constraints = [
            models.CheckConstraint(name="delegation_days_in_order", condition=Q(end_on__gte=F("start_on"))),
            models.CheckConstraint(
                name="delegation_taken_back_with_reason",
                condition=Q(taken_back_at__isnull=True, end_reason="")
                | Q(taken_back_at__isnull=False) & ~Q(end_reason=""),
            ),
        ]

    class Data:
        plain = frozenset(["id", "appointment", "to", "start_on", "end_on", "reason", "taken_back_at", "end_reason"])

    def holds_on(self, day: date) -> bool:
        return self.taken_back_at is None and self.start_on <= day <= self.end_on


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
    taken_back_at = models.DateTimeField("收回时间", null=True, blank=True)
    end_reason = models.CharField("收回原因", max_length=200, blank=True)

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
            models.CheckConstraint(
                name="grant_taken_back_with_reason",
                condition=Q(taken_back_at__isnull=True, end_reason="")
                | Q(taken_back_at__isnull=False) & ~Q(end_reason=""),
            ),
        ]

    class Data:
        plain = frozenset(
            [
                "id",
                "county",
                "to_person",
                "to_unit",
                "on_type",
                "on_key",
                "purpose",
                "start_on",
                "end_on",
                "reason",
                "taken_back_at",
                "end_reason",
            ]
        )

    def holds_on(self, day: date) -> bool:
        return self.taken_back_at is None and self.start_on <= day and (self.end_on is None or self.end_on >= day)


class OneTimeCode(models.Model):
    """A code on paper with which somebody signs in once to set a password. Shown once, kept as a keyed digest."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="codes")
    digest = models.CharField("摘要", max_length=64)
    made_by = models.UUIDField("办理人", null=True)
    made_at = models.DateTimeField("发放时间")
    expires_at = models.DateTimeField("到期时间")
    spent_at = models.DateTimeField("用完时间", null=True)

    class Meta:
        verbose_name = "一次性码"
        constraints = [
            # A new code ends the one before it.
            models.UniqueConstraint(fields=["user"], condition=Q(spent_at__isnull=True), name="onetimecode_one_open"),
            models.CheckConstraint(name="onetimecode_times_in_order", condition=Q(expires_at__gt=F("made_at"))),
        ]

    class Data:
        plain = frozenset({"id", "user", "made_by", "made_at", "expires_at", "spent_at"})
        secret = frozenset({"digest"})


class Attempts(models.Model):
    """Wrong answers in a row for one account name as typed, one second factor, or one network address.

    The key is a keyed digest, so that names which do not exist count alike and a password typed into the
    name's place is not kept.
    """

    key = models.CharField("摘要", max_length=64, unique=True)
    wrong = models.PositiveIntegerField("连错次数", default=0)
    last_at = models.DateTimeField("最近一次")
    locked_until = models.DateTimeField("锁定至", null=True)

    class Meta:
        verbose_name = "登录失败计数"

    class Data:
        plain = frozenset({"id", "key", "wrong", "last_at", "locked_until"})


class SignIn(models.Model):
    """One sign-in on one device. The session carries its key; the row decides whether the session still stands."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="sign_ins")
    device = models.CharField("设备", max_length=200, blank=True)
    address = models.CharField("地址", max_length=45, blank=True)
    started_at = models.DateTimeField("登录时间")
    seen_at = models.DateTimeField("最近活动")
    ended_at = models.DateTimeField("结束时间", null=True)
    end_reason = models.CharField("结束原因", max_length=40, blank=True)

    class Meta:
        verbose_name = "登录"
        indexes = [models.Index(fields=["user", "ended_at"], name="signin_open")]

    class Data:
        plain = frozenset({"id", "user", "started_at", "seen_at", "ended_at", "end_reason"})
        personal = frozenset({"device", "address"})


class SecondFactor(models.Model):
    """One-time passwords by time (RFC 6238) from an app on the phone."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.OneToOneField(User, on_delete=models.CASCADE, related_name="second_factor")
    secret = EncryptedTextField("密钥")
    confirmed_at = models.DateTimeField("启用时间", null=True)
    # The last time step that was used; each counts once.
    last_step = models.BigIntegerField("最近时间步", default=0)

    class Meta:
        verbose_name = "动态口令"

    class Data:
        plain = frozenset({"id", "user", "confirmed_at", "last_step"})
        secret = frozenset({"secret"})


class RecoveryCode(models.Model):
    """One of ten codes on paper for the day the phone is lost; each works once."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="recovery_codes")
    digest = models.CharField("摘要", max_length=64)
    spent_at = models.DateTimeField("用完时间", null=True)

    class Meta:
        verbose_name = "备用码"
        constraints = [models.UniqueConstraint(fields=["user", "digest"], name="recoverycode_once")]

    class Data:
        plain = frozenset({"id", "user", "spent_at"})
        secret = frozenset({"digest"})

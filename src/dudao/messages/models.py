"""What is prepared to be said, to whom, and what became of each way it was sent."""

from datetime import datetime, timedelta
from uuid import UUID

from django.db import models
from django.db.models import Q

from dudao.shell.fields import EncryptedTextField
from dudao.shell.keys import uuid7

# A delivery that was begun and not ended after so long was cut off: nobody knows whether it arrived.
UNDER_WAY = timedelta(minutes=2)


class Channel(models.TextChoices):
    IN_APP = "in_app", "站内"
    EMAIL = "email", "邮件"
    SMS = "sms", "短信"
    BOT = "bot", "群机器人"


class Message(models.Model):
    """A text for units and persons. The system or a person prepares it, a person sends it."""

    class State(models.TextChoices):
        PREPARED = "prepared", "待发送"
        SENT = "sent", "已发送"
        DROPPED = "dropped", "不发了"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    county = models.CharField("县代码", max_length=6)
    kind = models.CharField("类别", max_length=64)
    # Two preparations with the same key are one message.
    key = models.CharField("防重键", max_length=200, null=True, blank=True)
    subject_type = models.CharField("事项类型", max_length=64, blank=True)
    subject_key = models.CharField("事项", max_length=64, blank=True)
    title = models.CharField("标题", max_length=200)
    text = models.TextField("正文")
    # What a recipient reads, where the text tells of others too.
    own_text = models.TextField("单位看到的话", blank=True)
    # A page of this house where one does what is asked.
    link = models.CharField("办理页", max_length=200, blank=True)
    # What may go to a group chat outside the house: counts and names of units.
    bot_text = models.TextField("群消息", blank=True)
    state = models.CharField("状态", max_length=12, choices=State, default=State.PREPARED)
    version = models.PositiveIntegerField(default=1)
    prepared_at = models.DateTimeField("备好时间")
    prepared_by = models.UUIDField("备稿人", null=True)
    prepared_by_name = models.CharField("备稿人姓名", max_length=64)
    ended_at = models.DateTimeField("发送或撤下时间", null=True)
    ended_by = models.UUIDField("发送或撤下的人", null=True)
    ended_by_name = models.CharField("发送或撤下的人姓名", max_length=64, blank=True)
    drop_reason = models.CharField("不发的原因", max_length=200, blank=True)

    class Meta:
        verbose_name = "消息"
        ordering = ["-prepared_at", "-pk"]
        indexes = [
            models.Index(fields=["county", "state", "-prepared_at"], name="message_by_state"),
            models.Index(fields=["county", "subject_type", "subject_key"], name="message_by_subject"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["county", "key"], name="message_prepared_once"),
            models.CheckConstraint(name="message_state_known", condition=Q(state__in=["prepared", "sent", "dropped"])),
            models.CheckConstraint(
                name="message_ended_with_time",
                condition=Q(state="prepared", ended_at__isnull=True) | ~Q(state="prepared", ended_at__isnull=True),
            ),
        ]

    class Data:
        plain = frozenset(
            "id county kind key subject_type subject_key state version prepared_at prepared_by ended_at ended_by link "
            "bot_text".split()
        )
        personal = frozenset(["title", "text", "own_text", "prepared_by_name", "ended_by_name", "drop_reason"])

    def __str__(self) -> str:
        return self.title

    @property
    def said(self) -> str:
        """What a recipient reads."""
        return self.own_text or self.text


class Recipient(models.Model):
    """A unit or a person whom a message is for, and whether they have done what it asks."""

    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="recipients")
    unit = models.ForeignKey("places.Unit", null=True, on_delete=models.PROTECT, related_name="+")
    person = models.ForeignKey("accounts.Person", null=True, on_delete=models.PROTECT, related_name="+")
    name = models.CharField("称呼", max_length=100)
    sort_key = models.CharField("拼音", max_length=200, blank=True)
    note = models.CharField("说明", max_length=200, blank=True)
    answered_at = models.DateTimeField("办理时间", null=True)

    class Meta:
        verbose_name = "收件人"
        ordering = ["sort_key", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["message", "unit"], name="recipient_unit_once"),
            models.UniqueConstraint(fields=["message", "person"], name="recipient_person_once"),
            models.CheckConstraint(
                name="recipient_unit_or_person",
                condition=Q(unit__isnull=True, person__isnull=False) | Q(unit__isnull=False, person__isnull=True),
            ),
        ]

    class Data:
        plain = frozenset(["id", "message", "unit", "person", "note", "answered_at"])
        personal = frozenset(["name", "sort_key"])

    @property
    def target(self) -> UUID | None:
        """Key of the unit or the person."""
        return self.unit_id or self.person_id


class Reading(models.Model):
    """A person has opened a message that is for them or for their unit."""

    recipient = models.ForeignKey(Recipient, on_delete=models.CASCADE, related_name="readings")
    person = models.ForeignKey("accounts.Person", on_delete=models.PROTECT, related_name="+")
    read_at = models.DateTimeField("阅读时间")

    class Meta:
        verbose_name = "阅读"
        constraints = [models.UniqueConstraint(fields=["recipient", "person"], name="reading_once")]

    class Data:
        plain = frozenset(["id", "recipient", "person", "read_at"])


class Bot(models.Model):
    """A robot in a group chat of the county. Its address is a secret: who has it can write there."""

    class Kind(models.TextChoices):
        WECOM = "wecom", "企业微信"
        DINGTALK = "dingtalk", "钉钉"
        FEISHU = "feishu", "飞书"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    county = models.CharField("县代码", max_length=6)
    kind = models.CharField("平台", max_length=12, choices=Kind)
    name = models.CharField("群名", max_length=60)
    url = EncryptedTextField("机器人地址")
    is_on = models.BooleanField("启用", default=True)

    class Meta:
        verbose_name = "群机器人"
        ordering = ["name", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["county", "name"], name="bot_name_once"),
            models.CheckConstraint(name="bot_kind_known", condition=Q(kind__in=["wecom", "dingtalk", "feishu"])),
        ]

    class Data:
        plain = frozenset(["id", "county", "kind", "name", "is_on"])
        secret = frozenset(["url"])


class Contact(models.Model):
    """Where a unit or a person can be reached from outside: an e-mail address or a mobile number."""

    class Kind(models.TextChoices):
        EMAIL = "email", "邮箱"
        SMS = "sms", "手机"

    county = models.CharField("县代码", max_length=6)
    unit = models.ForeignKey("places.Unit", null=True, on_delete=models.PROTECT, related_name="+")
    person = models.ForeignKey("accounts.Person", null=True, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField("方式", max_length=8, choices=Kind)
    address = models.CharField("地址或号码", max_length=200)

    class Meta:
        verbose_name = "联系方式"
        constraints = [
            models.UniqueConstraint(fields=["unit", "kind"], name="contact_unit_once"),
            models.UniqueConstraint(fields=["person", "kind"], name="contact_person_once"),
            models.CheckConstraint(
                name="contact_unit_or_person",
                condition=Q(unit__isnull=True, person__isnull=False) | Q(unit__isnull=False, person__isnull=True),
            ),
        ]

    class Data:
        plain = frozenset(["id", "county", "unit", "person", "kind"])
        personal = frozenset(["address"])


class KindSetting(models.Model):
    """How messages of one kind go out in a county: through which channels, and whether without a click."""

    county = models.CharField("县代码", max_length=6)
    kind = models.CharField("类别", max_length=64)
    is_automatic = models.BooleanField("自动发送", default=False)
    # Codes of channels; a bot as "bot:<key>".
    channels = models.JSONField("渠道", default=list)

    class Meta:
        verbose_name = "发送设置"
        constraints = [models.UniqueConstraint(fields=["county", "kind"], name="kindsetting_once")]

    class Data:
        plain = frozenset(["id", "county", "kind", "is_automatic", "channels"])


class Delivery(models.Model):
    """One way to one target. It is ``unknown`` from the moment before it leaves until the answer is in: a crash in
    between leaves the truth standing, and a person decides whether to send again."""

    class State(models.TextChoices):
        QUEUED = "queued", "待发出"
        SENT = "sent", "已送达"
        FAILED = "failed", "未送达"
        UNKNOWN = "unknown", "结果不明"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="deliveries")
    recipient = models.ForeignKey(Recipient, null=True, on_delete=models.CASCADE, related_name="deliveries")
    bot = models.ForeignKey(Bot, null=True, on_delete=models.PROTECT, related_name="+")
    channel = models.CharField("渠道", max_length=8, choices=Channel)
    # Address, number, or key: the same message never goes twice to the same one.
    target = models.CharField("目标", max_length=200)
    state = models.CharField("状态", max_length=8, choices=State, default=State.QUEUED)
    attempts = models.PositiveSmallIntegerField("次数", default=0)
    # By the machine's clock, which a demo day does not move. None: at once.
    next_try_at = models.DateTimeField("下次尝试", null=True)
    attempted_at = models.DateTimeField("最近尝试", null=True)
    error = models.CharField("原因", max_length=300, blank=True)
    settled_at = models.DateTimeField("送达时间", null=True)

    class Meta:
        verbose_name = "送达记录"
        ordering = ["pk"]
        indexes = [models.Index(fields=["next_try_at"], name="delivery_due", condition=Q(state="queued"))]
        constraints = [
            models.UniqueConstraint(fields=["message", "channel", "target"], name="delivery_once"),
            models.CheckConstraint(
                name="delivery_state_known", condition=Q(state__in=["queued", "sent", "failed", "unknown"])
            ),
            models.CheckConstraint(
                name="delivery_channel_known", condition=Q(channel__in=["in_app", "email", "sms", "bot"])
            ),
        ]

    class Data:
        plain = frozenset("id message recipient bot channel state attempts next_try_at attempted_at settled_at".split())
        personal = frozenset(["target", "error"])

    def is_under_way(self, machine: datetime) -> bool:
        """Begun just now; its answer may still come."""
        return (
            self.state == self.State.UNKNOWN
            and not self.error
            and self.attempted_at is not None
            and machine - self.attempted_at < UNDER_WAY
        )

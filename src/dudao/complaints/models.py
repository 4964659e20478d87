"""What people say through the board at a gate, by phone, letter or in person, and what becomes of it.

受理核实投诉 is one of the five duties of a responsible inspector (中小学校责任督学挂牌督导办法: NAT1); complaints about inspectors
are taken by the office (督学管理暂行办法: NAT1).
"""

from django.db import models
from django.db.models import F, Q

from dudao.shell.fields import BlindIndexField, EncryptedTextField
from dudao.shell.keys import uuid7


class Complaint(models.Model):
    """One thing that somebody said of a school or of an inspector. Who said it and their words stay closed."""

    class Kind(models.TextChoices):
        COMPLAINT = "complaint", "投诉"
        SUGGESTION = "suggestion", "建议"
        QUESTION = "question", "咨询"

    class Source(models.TextChoices):
        BOARD = "board", "公示牌"
        PHONE = "phone", "电话"
        LETTER = "letter", "来信"
        IN_PERSON = "in_person", "来访"
        UPPER = "upper", "上级转来"

    class State(models.TextChoices):
        RECEIVED = "received", "已收"
        ACCEPTED = "accepted", "受理"
        REFUSED = "refused", "不予受理"
        HANDED = "handed", "转办"
        ANSWERED = "answered", "已答复"
        CLOSED = "closed", "办结"

    class Verdict(models.TextChoices):
        TRUE = "true", "属实"
        PARTLY = "partly", "部分属实"
        UNTRUE = "untrue", "不属实"
        UNKNOWN = "unknown", "无法核实"
        NONE = "none", "不涉及事实认定"

    class Way(models.TextChoices):
        CODE = "code", "凭查询码自己看"
        PHONE = "phone", "电话"
        LETTER = "letter", "书面"
        IN_PERSON = "in_person", "当面"

    #: Somebody still has to do something, by ``due_on``.
    OPEN = (State.RECEIVED, State.ACCEPTED, State.HANDED)

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    county = models.CharField("县代码", max_length=6)
    year = models.PositiveSmallIntegerField("年度")
    serial = models.PositiveIntegerField("序号")
    #: Sent by the page: the same form sent twice is one complaint.
    sent_key = models.UUIDField("提交键", null=True, blank=True)
    source = models.CharField("来源", max_length=12, choices=Source)
    kind = models.CharField("类别", max_length=12, choices=Kind)
    unit = models.ForeignKey("places.Unit", on_delete=models.PROTECT, related_name="+", verbose_name="学校（园）")
    # The inspector whom it is about: never sees it.
    about = models.ForeignKey(
        "accounts.Person", on_delete=models.PROTECT, related_name="+", null=True, blank=True, verbose_name="所投诉督学"
    )
    received_on = models.DateField("收到日期")
    recorded_at = models.DateTimeField("登记时间")
    by_person = models.UUIDField("登记人", null=True)
    by_name = models.CharField("登记人姓名", max_length=64, blank=True)
    words = EncryptedTextField("原话")
    name = EncryptedTextField("称呼", blank=True)
    contact = EncryptedTextField("联系方式", blank=True)
    code = EncryptedTextField("查询码")
    code_index = BlindIndexField("查询码索引", of="code")
    #: What it is about in the office's words, without who said it.
    title = models.CharField("事项", max_length=100, blank=True)
    state = models.CharField("状态", max_length=10, choices=State, default=State.RECEIVED)
    due_on = models.DateField("期限", null=True, blank=True)
    # Follows it to its end, and does it where no unit does.
    follower = models.ForeignKey(
        "accounts.Person", on_delete=models.PROTECT, related_name="+", null=True, blank=True, verbose_name="跟踪督学"
    )
    handed_unit = models.ForeignKey(
        "places.Unit", on_delete=models.PROTECT, related_name="+", null=True, blank=True, verbose_name="承办单位"
    )
    shows_words = models.BooleanField("原话给承办督学看", default=False)
    reported_on = models.DateField("报告办理情况日期", null=True, blank=True)
    ground = models.CharField("不予受理的情形", max_length=16, blank=True)
    verdict = models.CharField("核实结果", max_length=10, choices=Verdict, blank=True)
    answer = EncryptedTextField("答复", blank=True)
    answered_way = models.CharField("答复方式", max_length=10, choices=Way, blank=True)
    answered_on = models.DateField("答复日期", null=True, blank=True)
    closed_on = models.DateField("办结日期", null=True, blank=True)
    finding = models.OneToOneField(
        "findings.Finding", on_delete=models.PROTECT, related_name="+", null=True, blank=True, verbose_name="转成的问题"
    )
    version = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = "投诉"
        ordering = ["-received_on", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["county", "year", "serial"], name="complaint_number_once"),
            models.UniqueConstraint(
                fields=["sent_key"], condition=Q(sent_key__isnull=False), name="complaint_sent_once"
            ),
            models.CheckConstraint(
                name="complaint_handed_to_somebody", condition=~Q(state="handed") | Q(follower__isnull=False)
            ),
            models.CheckConstraint(
                name="complaint_not_to_whom_it_is_about",
                condition=Q(about__isnull=True) | Q(follower__isnull=True) | ~Q(about=F("follower")),
            ),
            models.CheckConstraint(
                name="complaint_closed_with_day",
                condition=Q(state="closed", closed_on__isnull=False) | (~Q(state="closed") & Q(closed_on__isnull=True)),
            ),
        ]
        indexes = [
            models.Index(fields=["county", "state", "due_on"], name="complaint_state_due"),
            models.Index(fields=["unit", "state"], name="complaint_unit"),
        ]

    class Data:
        plain = frozenset(
            "id county year serial sent_key source kind unit received_on recorded_at by_person code_index state due_on follower"
            " handed_unit shows_words reported_on ground verdict answered_way answered_on closed_on finding version".split()
        )
        personal = frozenset({"about", "by_name", "title"})
        sensitive = frozenset({"words", "name", "contact", "answer"})
        secret = frozenset({"code"})

    @property
    def number(self) -> str:
        """投诉 2024-0012."""
        return f"{self.year}-{self.serial:04d}"

    @property
    def is_open(self) -> bool:
        return self.state in self.OPEN

    def __str__(self) -> str:
        return f"投诉 {self.number}"


class ComplaintStep(models.Model):
    """One step of a complaint: who did what on which day; never changed afterwards."""

    class Step(models.TextChoices):
        RECEIVE = "receive", "收到"
        ACCEPT = "accept", "受理"
        REFUSE = "refuse", "不予受理"
        HAND = "hand", "转办"
        REPORT = "report", "报告办理情况"
        ANSWER = "answer", "答复"
        CLOSE = "close", "办结"
        REOPEN = "reopen", "重新办理"
        FINDING = "finding", "转为问题"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    complaint = models.ForeignKey(Complaint, on_delete=models.PROTECT, related_name="steps")
    step = models.CharField("步骤", max_length=10, choices=Step)
    occurred_on = models.DateField("发生日期")
    # To whom it was handed, the ground, the verdict: in plain words.
    said = models.CharField("办理", max_length=200, blank=True)
    words = EncryptedTextField("内容", blank=True)
    by_person = models.UUIDField("办理人", null=True)
    by_name = models.CharField("办理人姓名", max_length=64)
    recorded_at = models.DateTimeField("登记时间")

    class Meta:
        verbose_name = "投诉办理"
        ordering = ["recorded_at", "pk"]

    class Data:
        plain = frozenset("id complaint step occurred_on by_person recorded_at".split())
        personal = frozenset({"said", "by_name"})
        sensitive = frozenset({"words"})

    def __str__(self) -> str:
        return self.get_step_display()


class Setting(models.Model):
    """How a county takes complaints: whether the form behind the boards is open, its days and what they go by."""

    county = models.CharField("县代码", max_length=6, unique=True)
    is_open = models.BooleanField("公示牌网上投诉", default=False)
    accept_days = models.PositiveSmallIntegerField("决定是否受理（日）", null=True, blank=True)
    answer_days = models.PositiveSmallIntegerField("答复（日）", null=True, blank=True)
    source = models.CharField("期限的依据", max_length=200, blank=True)
    set_by = models.CharField("设定人", max_length=64, blank=True)
    set_on = models.DateField("设定日期", null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = "投诉设置"

    class Data:
        plain = frozenset("id county is_open accept_days answer_days source set_on version".split())
        personal = frozenset({"set_by"})


class Count(models.Model):
    """How many came in one hour from one network address or at one board. The key is a keyed digest; no address is kept."""

    key = models.CharField("摘要", max_length=64, unique=True)
    number = models.PositiveIntegerField("次数", default=0)
    last_at = models.DateTimeField("最近一次")

    class Meta:
        verbose_name = "投诉提交计数"

    class Data:
        plain = frozenset({"id", "key", "number", "last_at"})

"""Meetings of the office: from the proposal to the minutes, and the decisions that become tasks."""

from django.db import models
from django.db.models import Q

from dudao.shell.keys import uuid7


class Meeting(models.Model):
    """One meeting, proposed by the calendar or set up by hand; the minutes end it."""

    class State(models.TextChoices):
        PROPOSED = "proposed", "拟召开"
        CALLED = "called", "已通知"
        HELD = "held", "已召开"
        MINUTED = "minuted", "纪要已定"
        CANCELLED = "cancelled", "已取消"

    #: States in which it has not been held.
    OPEN = (State.PROPOSED, State.CALLED)

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    county = models.CharField("县代码", max_length=6)
    kind = models.CharField("会议类别", max_length=24, help_text="library/meetings.yaml")
    year = models.PositiveSmallIntegerField("年度")
    title = models.CharField("会议名称", max_length=200)
    period_on = models.DateField("期次首日", null=True, blank=True)
    is_proposed = models.BooleanField("按日历提议", default=False)
    day = models.DateField("日期", null=True, blank=True)
    at = models.TimeField("时间", null=True, blank=True)
    place = models.CharField("地点", max_length=100, blank=True)
    chair = models.CharField("主持人", max_length=64, blank=True)
    recorder = models.CharField("记录人", max_length=64, blank=True)
    state = models.CharField("状态", max_length=12, choices=State, default=State.PROPOSED)
    # The day the agenda was taken from the plan; until then it is computed whenever it is looked at.
    agenda_on = models.DateField("议程留存日期", null=True, blank=True)
    cancel_reason = models.CharField("取消原因", max_length=200, blank=True)
    finished_at = models.DateTimeField("定稿时间", null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = "会议"
        ordering = ["-year", "-period_on", "-pk"]
        constraints = [
            # The calendar proposes a period's meeting once, whatever becomes of it: a cancelled one does not come back.
            models.UniqueConstraint(
                fields=["county", "kind", "period_on"], condition=Q(is_proposed=True), name="meeting_proposed_once"
            ),
            models.CheckConstraint(
                name="meeting_cancelled_with_reason",
                condition=Q(state="cancelled") & ~Q(cancel_reason="") | ~Q(state="cancelled") & Q(cancel_reason=""),
            ),
            models.CheckConstraint(
                name="meeting_called_with_day",
                condition=Q(state__in=("proposed", "cancelled")) | Q(day__isnull=False),
            ),
            models.CheckConstraint(
                name="meeting_minutes_with_time",
                condition=Q(state="minuted", finished_at__isnull=False)
                | ~Q(state="minuted") & Q(finished_at__isnull=True),
            ),
        ]
        indexes = [models.Index(fields=["county", "-year", "-period_on"], name="meeting_county_year")]

    class Data:
        plain = frozenset(
            "id county kind year title period_on is_proposed day at place state agenda_on cancel_reason finished_at"
            " version".split()
        )
        personal = frozenset({"chair", "recorder"})

    def __str__(self) -> str:
        return self.title


class Member(models.Model):
    """Somebody invited to a meeting: a person of the county, or a guest from outside by name; and whether they came."""

    class Attendance(models.TextChoices):
        PRESENT = "present", "出席"
        LEAVE = "leave", "请假"
        ABSENT = "absent", "缺席"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    meeting = models.ForeignKey(Meeting, on_delete=models.CASCADE, related_name="members")
    position = models.PositiveIntegerField("次序", default=0)
    person = models.ForeignKey("accounts.Person", on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    name = models.CharField("姓名", max_length=64)
    post_words = models.CharField("单位职务", max_length=200, blank=True)
    attendance = models.CharField("出席情况", max_length=8, choices=Attendance, blank=True)
    note = models.CharField("备注", max_length=100, blank=True)

    class Meta:
        verbose_name = "参会人员"
        ordering = ["position", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["meeting", "person"], condition=Q(person__isnull=False), name="member_person_once"
            ),
            models.CheckConstraint(name="member_has_name", condition=~Q(name="")),
        ]
        indexes = [models.Index(fields=["person", "meeting"], name="member_of_person")]

    class Data:
        plain = frozenset({"id", "meeting", "position", "person", "attendance"})
        personal = frozenset({"name", "post_words", "note"})

    def __str__(self) -> str:
        return self.name


class AgendaItem(models.Model):
    """One thing to be spoken of: of the office's own, or taken from the plan on the day the agenda was kept."""

    class Group(models.TextChoices):
        OWN = "own", "议题"
        DECISION = "decision", "以往会议决定"
        OVERDUE = "overdue", "逾期"
        BLOCKED = "blocked", "受阻"
        DUE = "due", "近期到期"
        WAITING = "waiting", "待签收、待报送、待审核"
        DONE = "done", "新近办结"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    meeting = models.ForeignKey(Meeting, on_delete=models.CASCADE, related_name="items")
    group = models.CharField("类别", max_length=10, choices=Group, default=Group.OWN)
    position = models.PositiveIntegerField("次序", default=0)
    title = models.CharField("议题", max_length=340)
    words = models.TextField("情况", blank=True)
    task = models.ForeignKey("plan.Task", on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    is_removed = models.BooleanField("已移出", default=False)

    class Meta:
        verbose_name = "议程"
        ordering = ["position", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["meeting", "task"], condition=Q(task__isnull=False), name="agenda_task_once"
            ),
            models.CheckConstraint(name="agenda_item_has_title", condition=~Q(title="")),
        ]

    class Data:
        plain = frozenset("id meeting group position title words task is_removed".split())

    def __str__(self) -> str:
        return self.title


class Paragraph(models.Model):
    """One paragraph of the minutes, under an agenda item or by itself; a decision names who does what until when."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    meeting = models.ForeignKey(Meeting, on_delete=models.CASCADE, related_name="paragraphs")
    item = models.ForeignKey(AgendaItem, on_delete=models.PROTECT, related_name="paragraphs", null=True, blank=True)
    position = models.PositiveIntegerField("次序", default=0)
    text = models.TextField("内容")
    is_removed = models.BooleanField("已删除", default=False)
    is_decision = models.BooleanField("决定", default=False)
    matter = models.CharField("决定事项", max_length=300, blank=True)
    unit = models.ForeignKey(
        "places.Unit", on_delete=models.PROTECT, related_name="+", null=True, blank=True, verbose_name="责任单位"
    )
    person = models.ForeignKey(
        "accounts.Person", on_delete=models.PROTECT, related_name="+", null=True, blank=True, verbose_name="责任人"
    )
    due_on = models.DateField("时限", null=True, blank=True)
    task = models.OneToOneField("plan.Task", on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    written_by = models.CharField("记录", max_length=64)
    written_at = models.DateTimeField("记录时间")
    version = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = "纪要段落"
        ordering = ["position", "pk"]
        constraints = [
            models.CheckConstraint(name="paragraph_has_text", condition=~Q(text="")),
            models.CheckConstraint(
                name="paragraph_decision_with_matter", condition=Q(is_decision=False) | ~Q(matter="")
            ),
            models.CheckConstraint(
                name="paragraph_task_of_decision", condition=Q(task__isnull=True) | Q(is_decision=True)
            ),
        ]

    class Data:
        plain = frozenset(
            "id meeting item position text is_removed is_decision matter unit due_on task written_at version".split()
        )
        personal = frozenset({"person", "written_by"})


class Amendment(models.Model):
    """A change of minutes that stand: what was there, what is there now, and why."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    paragraph = models.ForeignKey(Paragraph, on_delete=models.CASCADE, related_name="amendments")
    before = models.TextField("原文", blank=True)
    after = models.TextField("改为")
    reason = models.CharField("原因", max_length=200)
    made_by = models.CharField("更正人", max_length=64)
    made_at = models.DateTimeField("更正时间")

    class Meta:
        verbose_name = "纪要更正"
        ordering = ["made_at", "pk"]
        constraints = [models.CheckConstraint(name="amendment_with_reason", condition=~Q(reason=""))]

    class Data:
        plain = frozenset("id paragraph before after reason made_at".split())
        personal = frozenset({"made_by"})


class Rhythm(models.Model):
    """How often the office wants a kind of meeting, where that is not as the library says."""

    county = models.CharField("县代码", max_length=6)
    kind = models.CharField("会议类别", max_length=24)
    every = models.CharField("多久一次", max_length=12)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = "会议安排"
        constraints = [models.UniqueConstraint(fields=["county", "kind"], name="rhythm_of_kind_once")]

    class Data:
        plain = frozenset("id county kind every version".split())

"""An inspection of one unit and who goes there. What is wrong stands in findings, which go their own way."""

from django.db import models
from django.db.models import F, Q

from dudao.procedures.models import Matter, data_of
from dudao.shell.keys import uuid7


class Inspection(Matter):
    """专项 or 综合督导 of one unit, from the plan to the archive, with its report beside it."""

    PROCEDURE = "inspection"
    SIDE = "report"

    class Kind(models.TextChoices):
        SPECIAL = "special", "专项督导"
        COMPREHENSIVE = "comprehensive", "综合督导"

    #: States in which the team is not in the unit yet.
    AHEAD = ("planned", "notified")
    #: States in which the team can still change.
    GATHERING = ("planned", "notified", "on_site")
    #: States in which what is wrong is collected, before the unit is told.
    COLLECTING = ("on_site", "deliberating", "fed_back", "opinion")

    kind = models.CharField("类别", max_length=16, choices=Kind)
    unit = models.ForeignKey("places.Unit", on_delete=models.PROTECT, related_name="+", verbose_name="被督导单位")
    title = models.CharField("名称", max_length=100)
    # 督导事项, one a line.
    matters = models.TextField("督导事项", max_length=2000)
    begin_on = models.DateField("计划进驻日期")
    end_on = models.DateField("计划结束日期")
    task = models.ForeignKey(
        "plan.Task", on_delete=models.PROTECT, related_name="+", null=True, blank=True, verbose_name="年度任务"
    )
    # Planned in one step for several units.
    batch = models.UUIDField("同批", null=True, blank=True)

    class Meta:
        verbose_name = "督导检查"
        ordering = ["-year", "-serial"]
        constraints = [
            models.UniqueConstraint(fields=["county", "year", "serial"], name="inspection_number_once"),
            models.CheckConstraint(name="inspection_has_title", condition=~Q(title="")),
            models.CheckConstraint(name="inspection_days_in_order", condition=Q(end_on__gte=F("begin_on"))),
        ]
        indexes = [
            models.Index(fields=["county", "state", "begin_on"], name="inspection_state_day"),
            models.Index(fields=["unit", "begin_on"], name="inspection_of_unit"),
        ]

    Data = data_of("kind unit title matters begin_on end_on task batch")

    @property
    def kind_code(self) -> str:
        return self.kind

    @property
    def number(self) -> str:
        return f"{self.year}-{self.serial:03d}"

    @property
    def matter_lines(self) -> list[str]:
        return [line for line in self.matters.splitlines() if line]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.number} {self.title}"


class TeamMember(models.Model):
    """Somebody of the team. Inspectors count for its size; others are invited for what they know."""

    class Role(models.TextChoices):
        LEAD = "lead", "组长"
        MEMBER = "member", "组员（督学）"
        INVITED = "invited", "特邀人员"

    #: Who counts as an inspector.
    INSPECTORS = (Role.LEAD, Role.MEMBER)

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    inspection = models.ForeignKey(Inspection, on_delete=models.CASCADE, related_name="team")
    # Empty for somebody from outside the county.
    person = models.ForeignKey("accounts.Person", on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    name = models.CharField("姓名", max_length=64)
    post_words = models.CharField("单位及职务", max_length=200, blank=True)
    role = models.CharField("分工", max_length=8, choices=Role)
    position = models.PositiveSmallIntegerField("次序", default=0)

    class Meta:
        verbose_name = "督导小组成员"
        ordering = ["position", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["inspection", "person"], condition=Q(person__isnull=False), name="team_member_once"
            ),
            models.UniqueConstraint(fields=["inspection"], condition=Q(role="lead"), name="team_has_one_lead"),
            models.CheckConstraint(name="team_member_has_name", condition=~Q(name="")),
            models.CheckConstraint(
                name="team_inspector_is_of_county", condition=Q(role="invited") | Q(person__isnull=False)
            ),
        ]
        indexes = [models.Index(fields=["person", "inspection"], name="team_of_person")]

    class Data:
        plain = frozenset("id inspection person role position".split())
        personal = frozenset({"name", "post_words"})

    def __str__(self) -> str:
        return self.name

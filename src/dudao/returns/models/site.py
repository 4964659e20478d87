"""On-site verification (实地核查): who goes to which school when, what they found cell by cell, and who signed.

What was reported is copied beside what was found and never changed by it.
"""

from django.db import models
from django.db.models import F, Q

from dudao.shell.keys import uuid7


class CheckRound(models.Model):
    """A round of on-site checks of one campaign, with its 核查安排表."""

    class State(models.TextChoices):
        PLANNED = "planned", "安排中"
        RUNNING = "running", "核查中"
        CLOSED = "closed", "已结束"
        CANCELLED = "cancelled", "已取消"

    class Scope(models.TextChoices):
        KEY = "key", "重点项：优先核查的、存疑的和每校必核的"
        UNSEEN = "unseen", "重点项，加上次没有核查的"
        CHOSEN = "chosen", "选定的填报项目"
        ALL = "all", "全部填报项目"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    county = models.CharField("县代码", max_length=6)
    campaign = models.ForeignKey("returns.Campaign", on_delete=models.PROTECT, related_name="rounds")
    title = models.CharField("名称", max_length=100)
    begin_on = models.DateField("开始日期")
    end_on = models.DateField("结束日期")
    per_day = models.PositiveSmallIntegerField("每组每天核查学校数", default=2)
    scope = models.CharField("核查范围", max_length=8, choices=Scope, default=Scope.KEY)
    # Codes of the chosen fields, where the scope is that.
    codes = models.JSONField("选定的填报项目", default=list, blank=True)
    state = models.CharField("状态", max_length=12, choices=State, default=State.PLANNED)
    end_words = models.CharField("结束说明", max_length=300, blank=True)
    version = models.PositiveIntegerField(default=1)
    by_person = models.UUIDField("登记人", null=True)
    by_name = models.CharField("登记人姓名", max_length=64)
    occurred_on = models.DateField("安排日期")
    recorded_at = models.DateTimeField("登记时间")

    class Meta:
        verbose_name = "实地核查"
        ordering = ["-begin_on", "-pk"]
        constraints = [
            models.CheckConstraint(name="checkround_has_title", condition=~Q(title="")),
            models.CheckConstraint(name="checkround_days_in_order", condition=Q(end_on__gte=F("begin_on"))),
            models.CheckConstraint(name="checkround_per_day", condition=Q(per_day__gte=1, per_day__lte=20)),
        ]
        indexes = [models.Index(fields=["county", "state"], name="checkround_state")]

    class Data:
        plain = frozenset(
            "id county campaign title begin_on end_on per_day scope codes state end_words version by_person occurred_on"
            " recorded_at".split()
        )
        personal = frozenset({"by_name"})

    @property
    def is_open(self) -> bool:
        return self.state in (self.State.PLANNED, self.State.RUNNING)

    def __str__(self) -> str:
        return self.title


class CheckGroup(models.Model):
    """A group (核查组) of a round."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    round = models.ForeignKey(CheckRound, on_delete=models.CASCADE, related_name="groups")
    name = models.CharField("组名", max_length=40)
    position = models.PositiveSmallIntegerField("次序", default=0)

    class Meta:
        verbose_name = "核查组"
        ordering = ["position", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["round", "name"], name="checkgroup_name_once"),
            models.CheckConstraint(name="checkgroup_has_name", condition=~Q(name="")),
        ]

    class Data:
        plain = frozenset("id round name position".split())

    def __str__(self) -> str:
        return self.name


class CheckMember(models.Model):
    """Somebody of a group."""

    class Role(models.TextChoices):
        LEAD = "lead", "组长"
        MEMBER = "member", "组员"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    group = models.ForeignKey(CheckGroup, on_delete=models.CASCADE, related_name="members")
    person = models.ForeignKey("accounts.Person", on_delete=models.PROTECT, related_name="+")
    name = models.CharField("姓名", max_length=64)
    role = models.CharField("分工", max_length=8, choices=Role)
    position = models.PositiveSmallIntegerField("次序", default=0)

    class Meta:
        verbose_name = "核查组成员"
        ordering = ["position", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["group", "person"], name="checkmember_once"),
            models.UniqueConstraint(fields=["group"], condition=Q(role="lead"), name="checkgroup_one_lead"),
            models.CheckConstraint(name="checkmember_has_name", condition=~Q(name="")),
        ]
        indexes = [models.Index(fields=["person", "group"], name="checkmember_person")]

    class Data:
        plain = frozenset("id group person role position".split())
        personal = frozenset({"name"})

    def __str__(self) -> str:
        return self.name


class SchoolCheck(models.Model):
    """The check of one school in a round: its place in the table, its sheet, and where it stands."""

    class State(models.TextChoices):
        PLANNED = "planned", "待核查"
        CHECKING = "checking", "核查中"
        HALF_SIGNED = "half_signed", "待第二名核查人签字"
        CHECKED = "checked", "待校（园）长签字"
        REFUSED = "refused", "校（园）长有异议"
        SIGNED = "signed", "已签字，待采用"
        SETTLED = "settled", "已采用"
        LEFT_OUT = "left_out", "本轮不核查"

    #: What checkers found can still be written.
    WRITING = (State.PLANNED, State.CHECKING)
    #: The checkers have signed, or begun to; what they found stands.
    STANDING = (State.HALF_SIGNED, State.CHECKED, State.REFUSED, State.SIGNED, State.SETTLED)

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    county = models.CharField("县代码", max_length=6)
    round = models.ForeignKey(CheckRound, on_delete=models.CASCADE, related_name="schools")
    unit = models.ForeignKey("places.Unit", on_delete=models.PROTECT, related_name="+", verbose_name="学校")
    ret = models.ForeignKey("returns.Return", on_delete=models.PROTECT, related_name="checks")
    group = models.ForeignKey(CheckGroup, on_delete=models.SET_NULL, related_name="schools", null=True, blank=True)
    planned_on = models.DateField("计划日期", null=True, blank=True)
    state = models.CharField("状态", max_length=12, choices=State, default=State.PLANNED)
    state_words = models.CharField("说明", max_length=500, blank=True)
    checked_on = models.DateField("到校日期", null=True, blank=True)
    # Counts up with each cell written, so that a signature stands for what its signer saw.
    version = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = "学校核查"
        ordering = ["planned_on", "pk"]
        constraints = [models.UniqueConstraint(fields=["round", "unit"], name="schoolcheck_once")]
        indexes = [
            models.Index(fields=["county", "state"], name="schoolcheck_state"),
            models.Index(fields=["unit", "state"], name="schoolcheck_unit"),
            models.Index(fields=["group", "planned_on"], name="schoolcheck_group"),
        ]

    class Data:
        plain = frozenset("id county round unit ret group planned_on state state_words checked_on version".split())


class CellCheck(models.Model):
    """One cell looked at: reported → found → adopted, on what proof, why it differs. Its key is made on the phone."""

    class Outcome(models.TextChoices):
        SAME = "same", "相符"
        DIFFERS = "differs", "不符"
        UNABLE = "unable", "未能核实"

    class Adoption(models.TextChoices):
        OPEN = "", "待定"
        ADOPTED = "adopted", "采用核查值"
        KEPT = "kept", "保留填报值"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    check_of = models.ForeignKey(SchoolCheck, on_delete=models.CASCADE, related_name="cells")
    code = models.CharField("填报项目", max_length=64)
    # As it stood when the checkers looked; canonical text, "" where nothing was reported.
    reported = models.CharField("填报值", max_length=2000, blank=True)
    outcome = models.CharField("核查结果", max_length=8, choices=Outcome)
    found = models.CharField("核查值", max_length=2000, blank=True)
    proof = models.CharField("佐证", max_length=32, blank=True)
    proof_words = models.CharField("佐证说明", max_length=300, blank=True)
    cause = models.CharField("差异原因", max_length=32, blank=True)
    words = models.CharField("说明", max_length=500, blank=True)
    adoption = models.CharField("采用", max_length=8, choices=Adoption, blank=True, default=Adoption.OPEN)
    adopted = models.CharField("采用值", max_length=2000, blank=True)
    adoption_words = models.CharField("采用说明", max_length=300, blank=True)
    finding = models.ForeignKey(
        "findings.Finding", on_delete=models.PROTECT, related_name="+", null=True, blank=True, verbose_name="问题"
    )
    by_person = models.UUIDField("核查人", null=True)
    by_name = models.CharField("核查人姓名", max_length=64)
    occurred_on = models.DateField("核查日期")
    recorded_at = models.DateTimeField("登记时间")
    version = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = "数据项核查"
        ordering = ["check_of", "code"]
        constraints = [
            models.UniqueConstraint(fields=["check_of", "code"], name="cellcheck_once"),
            # A found value without a proof is a rumour; a difference has a cause.
            models.CheckConstraint(name="cellcheck_has_proof", condition=Q(outcome="unable") | ~Q(proof="")),
            models.CheckConstraint(name="cellcheck_has_cause", condition=~Q(outcome="differs") | ~Q(cause="")),
            models.CheckConstraint(name="cellcheck_unable_says_why", condition=~Q(outcome="unable") | ~Q(words="")),
        ]
        indexes = [
            models.Index(fields=["code", "outcome"], name="cellcheck_code"),
            models.Index(fields=["finding"], name="cellcheck_finding"),
        ]

    class Data:
        # Names and telephone numbers stand in some forms.
        plain = frozenset(
            "id check_of code outcome proof proof_words cause words adoption adoption_words finding by_person occurred_on"
            " recorded_at version".split()
        )
        personal = frozenset({"reported", "found", "adopted", "by_name"})


class CheckSignature(models.Model):
    """Somebody signed a sheet, or refused to; one that is taken back stays with its reason. Its key is made on the phone."""

    class Role(models.TextChoices):
        CHECKER = "checker", "核查人"
        HEAD = "head", "校（园）长"

    class Way(models.TextChoices):
        HERE = "here", "本人在系统签字"
        PAPER = "paper", "纸质签字（扫描件）"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    check_of = models.ForeignKey(SchoolCheck, on_delete=models.CASCADE, related_name="signatures")
    role = models.CharField("身份", max_length=8, choices=Role)
    # 1 and 2 for the checkers, 3 for the head: so that two who sign at one moment get one place each.
    place = models.PositiveSmallIntegerField("签字栏")
    person = models.ForeignKey("accounts.Person", on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    name = models.CharField("签字人", max_length=64)
    agrees = models.BooleanField("同意", default=True)
    words = models.CharField("意见", max_length=500, blank=True)
    way = models.CharField("方式", max_length=8, choices=Way, default=Way.HERE)
    # SM3 of the sheet that was signed.
    digest = models.CharField("核查表摘要", max_length=64)
    occurred_on = models.DateField("签字日期")
    by_person = models.UUIDField("登记人", null=True)
    by_name = models.CharField("登记人姓名", max_length=64)
    recorded_at = models.DateTimeField("登记时间")
    ended_at = models.DateTimeField("作废时间", null=True, blank=True)
    end_words = models.CharField("作废原因", max_length=300, blank=True)

    class Meta:
        verbose_name = "核查签字"
        ordering = ["recorded_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["check_of", "place"], condition=Q(ended_at__isnull=True), name="checksignature_place_once"
            ),
            models.UniqueConstraint(
                fields=["check_of", "person"], condition=Q(ended_at__isnull=True), name="checksignature_person_once"
            ),
            models.CheckConstraint(
                name="checksignature_place_of_role",
                condition=Q(role="checker", place__in=(1, 2)) | Q(role="head", place=3),
            ),
            models.CheckConstraint(name="checksignature_checker_agrees", condition=Q(role="head") | Q(agrees=True)),
            models.CheckConstraint(name="checksignature_refusal_says_why", condition=Q(agrees=True) | ~Q(words="")),
            models.CheckConstraint(name="checksignature_has_name", condition=~Q(name="")),
            models.CheckConstraint(
                name="checksignature_ends_with_words",
                condition=Q(ended_at__isnull=True, end_words="") | Q(ended_at__isnull=False) & ~Q(end_words=""),
            ),
        ]

    class Data:
        plain = frozenset(
            "id check_of role place person agrees words way digest occurred_on by_person recorded_at ended_at"
            " end_words".split()
        )
        personal = frozenset({"name", "by_name"})


class CheckMark(models.Model):
    """A cell that is to be looked at first, and why: an unchecked cell that could still turn a verdict. Written from above."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    campaign = models.ForeignKey("returns.Campaign", on_delete=models.CASCADE, related_name="marks")
    unit = models.ForeignKey("places.Unit", on_delete=models.PROTECT, related_name="+")
    code = models.CharField("填报项目", max_length=64)
    #: Whose question it answers: a standard. Two standards may both want the same cell.
    asker = models.CharField("提出者", max_length=60)
    words = models.CharField("原因", max_length=500)
    marked_at = models.DateTimeField("标记时间")

    class Meta:
        verbose_name = "优先核查"
        constraints = [
            models.UniqueConstraint(fields=["campaign", "unit", "code", "asker"], name="checkmark_once"),
            models.CheckConstraint(name="checkmark_says_why", condition=~Q(words="")),
        ]

    class Data:
        plain = frozenset("id campaign unit code asker words marked_at".split())

"""What people judge with papers in hand: the ledger of a standard and a period, its dossiers, materials and judgements.

A ledger has one dossier for each item that is judged by a named person (material, grade, attest, veto), and for items of
schools one for each school. Nothing is written over: a file is a new version, a judgement ends by being taken back.
"""

from django.db import models
from django.db.models import F, Q

from dudao.shell.keys import uuid7


class Ledger(models.Model):
    """The dossiers of one standard in one period."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    county = models.CharField("县代码", max_length=6)
    standard = models.CharField("标准", max_length=60)
    standard_version = models.CharField("标准文件版本", max_length=20)
    fingerprint = models.CharField("标准文件指纹", max_length=128)
    period = models.CharField("年度", max_length=12)
    title = models.CharField("名称", max_length=120)
    due_on = models.DateField("报送时限")
    opened_on = models.DateField("建立日期")
    opened_by_name = models.CharField("建立人", max_length=64)
    opened_at = models.DateTimeField("登记时间")
    version = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = "材料台账"
        ordering = ["-period", "standard"]
        constraints = [
            models.UniqueConstraint(fields=["county", "standard", "period"], name="ledger_once"),
            models.CheckConstraint(name="ledger_due_after_opened", condition=Q(due_on__gte=F("opened_on"))),
        ]

    class Data:
        plain = frozenset(
            "id county standard standard_version fingerprint period title due_on opened_on opened_at version".split()
        )
        personal = frozenset({"opened_by_name"})

    def __str__(self) -> str:
        return self.title


class Dossier(models.Model):
    """One item of a ledger, of the county or of one school: who is asked for what, and where it stands."""

    class Kind(models.TextChoices):
        MATERIAL = "material", "材料"
        GRADE = "grade", "等级"
        ATTEST = "attest", "定性"
        VETO = "veto", "一票否决"
        EVIDENCE = "evidence", "佐证"

    class State(models.TextChoices):
        OPEN = "open", "待报送"
        HANDED = "handed", "待判定"
        RETURNED = "returned", "退回补充"
        JUDGED = "judged", "待复核"
        SETTLED = "settled", "已判定"
        LEFT_OUT = "left_out", "不计入"

    #: States in which the duty department may add and hand in.
    WITH_UNIT = (State.OPEN, State.RETURNED)

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    county = models.CharField("县代码", max_length=6)
    ledger = models.ForeignKey(Ledger, on_delete=models.CASCADE, related_name="dossiers")
    item = models.CharField("条目", max_length=60)
    position = models.PositiveSmallIntegerField("次序")
    group = models.CharField("部分", max_length=60, blank=True)
    name = models.CharField("名称", max_length=200)
    kind = models.CharField("类别", max_length=10, choices=Kind)
    clause = models.CharField("条款", max_length=200, blank=True)
    # A school where the item is judged school by school; then the school itself hands in, unless a department is named.
    unit = models.ForeignKey("places.Unit", on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    department = models.ForeignKey("places.Unit", on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    # Who is asked to judge; sees the dossier for that.
    judge = models.ForeignKey("accounts.Person", on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    due_on = models.DateField("报送时限")
    state = models.CharField("状态", max_length=10, choices=State, default=State.OPEN)
    handed_on = models.DateField("报送日期", null=True, blank=True)
    handed_by_name = models.CharField("报送人", max_length=64, blank=True)
    words = models.CharField("报送说明", max_length=1000, blank=True)
    # Why it was sent back, or is left out.
    reason = models.CharField("退回或不计入的原因", max_length=500, blank=True)
    # The conclusion that a second person agreed with; empty until then.
    conclusion = models.CharField("结论", max_length=20, blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = "材料档案"
        ordering = ["position", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["ledger", "item", "unit"], condition=Q(unit__isnull=False), name="dossier_of_unit_once"
            ),
            models.UniqueConstraint(
                fields=["ledger", "item"], condition=Q(unit__isnull=True), name="dossier_of_county_once"
            ),
            models.CheckConstraint(
                name="dossier_handed_whole",
                condition=Q(handed_on__isnull=True, handed_by_name="")
                | Q(handed_on__isnull=False) & ~Q(handed_by_name=""),
            ),
            models.CheckConstraint(
                name="dossier_reason_where_needed",
                condition=~Q(state__in=("returned", "left_out")) | ~Q(reason=""),
            ),
            models.CheckConstraint(
                name="dossier_settled_with_conclusion",
                condition=Q(state="settled") & ~Q(conclusion="") | ~Q(state="settled") & Q(conclusion=""),
            ),
        ]
        indexes = [
            models.Index(fields=["department", "state"], name="dossier_department"),
            models.Index(fields=["unit", "state"], name="dossier_unit"),
            models.Index(fields=["ledger", "item"], name="dossier_item"),
        ]

    class Data:
        plain = frozenset(
            "id county ledger item position group name kind clause unit department judge due_on state handed_on conclusion "
            "version".split()
        )
        personal = frozenset("handed_by_name words reason".split())

    def __str__(self) -> str:
        return f"{self.item} {self.name}"


class Material(models.Model):
    """A material that a dossier wants: named by the standard, or added here."""

    class Origin(models.TextChoices):
        FILE = "file", "标准所列"
        ADDED = "added", "自行增加"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    dossier = models.ForeignKey(Dossier, on_delete=models.CASCADE, related_name="materials")
    no = models.PositiveSmallIntegerField("序号")
    name = models.CharField("材料名称", max_length=200)
    origin = models.CharField("来源", max_length=6, choices=Origin, default=Origin.FILE)
    added_by_name = models.CharField("增加人", max_length=64, blank=True)
    is_dropped = models.BooleanField("不需要", default=False)
    drop_reason = models.CharField("不需要的原因", max_length=300, blank=True)
    dropped_by_name = models.CharField("认定不需要的人", max_length=64, blank=True)

    class Meta:
        verbose_name = "应有材料"
        ordering = ["no"]
        constraints = [
            models.UniqueConstraint(fields=["dossier", "no"], name="material_no_once"),
            models.CheckConstraint(
                name="material_dropped_with_reason",
                condition=Q(is_dropped=False, drop_reason="", dropped_by_name="")
                | Q(is_dropped=True) & ~Q(drop_reason="") & ~Q(dropped_by_name=""),
            ),
        ]

    class Data:
        plain = frozenset("id dossier no name origin is_dropped".split())
        personal = frozenset("added_by_name drop_reason dropped_by_name".split())

    def __str__(self) -> str:
        return self.name


class Piece(models.Model):
    """One version of a material: a file, or an address where it is public."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    material = models.ForeignKey(Material, on_delete=models.CASCADE, related_name="pieces")
    no = models.PositiveSmallIntegerField("版次")
    # The stored file's key; none where only an address is given.
    file = models.UUIDField("文件", null=True, blank=True)
    file_name = models.CharField("文件名", max_length=120, blank=True)
    address = models.URLField("网址", max_length=500, blank=True)
    note = models.CharField("说明", max_length=300, blank=True)
    formed_on = models.DateField("形成日期")
    # Kept closed, and left out of what leaves the house.
    is_restricted = models.BooleanField("不外带", default=False)
    by_person = models.UUIDField("提交人", null=True)
    by_name = models.CharField("提交人姓名", max_length=64)
    by_unit = models.UUIDField("提交单位", null=True)
    recorded_at = models.DateTimeField("提交时间")
    taken_back_on = models.DateField("撤回日期", null=True, blank=True)
    taken_back_reason = models.CharField("撤回原因", max_length=300, blank=True)
    taken_back_by = models.CharField("撤回人", max_length=64, blank=True)

    class Meta:
        verbose_name = "材料版本"
        ordering = ["no"]
        constraints = [
            models.UniqueConstraint(fields=["material", "no"], name="piece_no_once"),
            models.CheckConstraint(name="piece_is_something", condition=Q(file__isnull=False) | ~Q(address="")),
            models.CheckConstraint(
                name="piece_taken_back_whole",
                condition=Q(taken_back_on__isnull=True, taken_back_reason="", taken_back_by="")
                | Q(taken_back_on__isnull=False) & ~Q(taken_back_reason="") & ~Q(taken_back_by=""),
            ),
        ]

    class Data:
        plain = frozenset(
            "id material no file address formed_on is_restricted by_person by_unit recorded_at taken_back_on".split()
        )
        personal = frozenset("file_name note by_name taken_back_reason taken_back_by".split())


class Judgement(models.Model):
    """What a named person concluded, on which evidence, and what a second person said of it."""

    class Look(models.TextChoices):
        PENDING = "pending", "待复核"
        AGREED = "agreed", "同意"
        SENT_BACK = "sent_back", "退回"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    dossier = models.ForeignKey(Dossier, on_delete=models.CASCADE, related_name="judgements")
    no = models.PositiveSmallIntegerField("次数")
    conclusion = models.CharField("结论", max_length=20)
    words = models.CharField("判定理由", max_length=2000)
    judged_on = models.DateField("判定日期")
    by_person = models.UUIDField("判定人", null=True)
    by_behalf = models.UUIDField("代谁判定", null=True, blank=True)
    by_name = models.CharField("判定人姓名", max_length=64)
    by_hat = models.CharField("判定人身份", max_length=120)
    recorded_at = models.DateTimeField("登记时间")
    look = models.CharField("复核", max_length=10, choices=Look, default=Look.PENDING)
    looked_on = models.DateField("复核日期", null=True, blank=True)
    look_words = models.CharField("复核意见", max_length=1000, blank=True)
    look_person = models.UUIDField("复核人", null=True, blank=True)
    look_name = models.CharField("复核人姓名", max_length=64, blank=True)
    look_hat = models.CharField("复核人身份", max_length=120, blank=True)
    looked_at = models.DateTimeField("复核登记时间", null=True, blank=True)
    taken_back_on = models.DateField("撤回日期", null=True, blank=True)
    taken_back_reason = models.CharField("撤回原因", max_length=500, blank=True)
    taken_back_by = models.CharField("撤回人", max_length=64, blank=True)

    class Meta:
        verbose_name = "判定"
        ordering = ["-no"]
        constraints = [
            models.UniqueConstraint(fields=["dossier", "no"], name="judgement_no_once"),
            models.UniqueConstraint(
                fields=["dossier"],
                condition=Q(look__in=("pending", "agreed"), taken_back_on__isnull=True),
                name="judgement_one_stands",
            ),
            models.CheckConstraint(name="judgement_with_words", condition=~Q(words="") & ~Q(conclusion="")),
            models.CheckConstraint(
                name="judgement_look_whole",
                condition=Q(look="pending", looked_on__isnull=True, look_name="")
                | ~Q(look="pending") & Q(looked_on__isnull=False) & ~Q(look_name="") & ~Q(look_words=""),
            ),
            models.CheckConstraint(
                name="judgement_second_person",
                condition=Q(look_person__isnull=True) | Q(by_person__isnull=True) | ~Q(look_person=F("by_person")),
            ),
            models.CheckConstraint(
                name="judgement_taken_back_whole",
                condition=Q(taken_back_on__isnull=True, taken_back_reason="", taken_back_by="")
                | Q(taken_back_on__isnull=False) & ~Q(taken_back_reason="") & ~Q(taken_back_by=""),
            ),
        ]

    class Data:
        plain = frozenset(
            "id dossier no conclusion judged_on by_person by_behalf recorded_at look looked_on look_person looked_at "
            "taken_back_on".split()
        )
        personal = frozenset(
            "words by_name by_hat look_words look_name look_hat taken_back_reason taken_back_by".split()
        )


class Ground(models.Model):
    """A version of a material that a judgement rests on."""

    judgement = models.ForeignKey(Judgement, on_delete=models.CASCADE, related_name="grounds")
    piece = models.ForeignKey(Piece, on_delete=models.PROTECT, related_name="+")

    class Meta:
        verbose_name = "判定所据材料"
        constraints = [models.UniqueConstraint(fields=["judgement", "piece"], name="ground_once")]

    class Data:
        plain = frozenset("id judgement piece".split())


class Case(models.Model):
    """One case of what a veto item names: registered, then confirmed or not by a named person and a second one."""

    class State(models.TextChoices):
        REGISTERED = "registered", "待核实"
        FOUND = "found", "已核实，待复核"
        CONFIRMED = "confirmed", "确认成立"
        REFUTED = "refuted", "确认不成立"
        TAKEN_BACK = "taken_back", "登记撤回"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    county = models.CharField("县代码", max_length=6)
    dossier = models.ForeignKey(Dossier, on_delete=models.CASCADE, related_name="cases")
    no = models.PositiveSmallIntegerField("序号")
    title = models.CharField("事由", max_length=200)
    facts = models.CharField("事实", max_length=2000)
    source = models.CharField("线索来源", max_length=200)
    happened_on = models.DateField("发生日期")
    registered_on = models.DateField("登记日期")
    by_person = models.UUIDField("登记人", null=True)
    by_name = models.CharField("登记人姓名", max_length=64)
    recorded_at = models.DateTimeField("登记时间")
    state = models.CharField("状态", max_length=12, choices=State, default=State.REGISTERED)
    # What the named person found.
    is_so = models.BooleanField("成立", null=True, blank=True)
    found_words = models.CharField("核实情况", max_length=2000, blank=True)
    found_on = models.DateField("核实日期", null=True, blank=True)
    found_person = models.UUIDField("核实人", null=True, blank=True)
    found_behalf = models.UUIDField("代谁核实", null=True, blank=True)
    found_name = models.CharField("核实人姓名", max_length=64, blank=True)
    look_words = models.CharField("复核意见", max_length=1000, blank=True)
    looked_on = models.DateField("复核日期", null=True, blank=True)
    look_person = models.UUIDField("复核人", null=True, blank=True)
    look_name = models.CharField("复核人姓名", max_length=64, blank=True)
    end_reason = models.CharField("撤回原因", max_length=500, blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = "一票否决线索"
        ordering = ["no"]
        constraints = [
            models.UniqueConstraint(fields=["dossier", "no"], name="case_no_once"),
            models.CheckConstraint(
                name="case_found_whole",
                condition=Q(state__in=("registered", "taken_back"))
                | Q(is_so__isnull=False, found_on__isnull=False) & ~Q(found_words="") & ~Q(found_name=""),
            ),
            models.CheckConstraint(
                name="case_looked_whole",
                condition=~Q(state__in=("confirmed", "refuted"))
                | Q(looked_on__isnull=False) & ~Q(look_words="") & ~Q(look_name=""),
            ),
            models.CheckConstraint(
                name="case_second_person",
                condition=Q(look_person__isnull=True)
                | Q(found_person__isnull=True)
                | ~Q(look_person=F("found_person")),
            ),
            models.CheckConstraint(
                name="case_taken_back_with_reason", condition=~Q(state="taken_back") | ~Q(end_reason="")
            ),
        ]

    class Data:
        plain = frozenset(
            "id county dossier no happened_on registered_on by_person recorded_at state is_so found_on found_person found_behalf "
            "looked_on look_person version".split()
        )
        personal = frozenset(
            "title facts source by_name found_words found_name look_words look_name end_reason".split()
        )


class Survey(models.Model):
    """Counts of 社会认可度 (表Ⅵ): all and of them parents; questionnaires and visits. A later one takes the place."""

    #: The counts in the order of the table; each also for parents.
    COUNTS = ("survey_sent", "survey_valid", "survey_satisfied", "visit_total", "visit_satisfied")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    county = models.CharField("县代码", max_length=6)
    ledger = models.ForeignKey(Ledger, on_delete=models.CASCADE, related_name="surveys")
    no = models.PositiveSmallIntegerField("次数")
    survey_sent = models.PositiveIntegerField("问卷总数")
    survey_valid = models.PositiveIntegerField("回收有效问卷数")
    survey_satisfied = models.PositiveIntegerField("满意问卷数")
    visit_total = models.PositiveIntegerField("实地走访人数")
    visit_satisfied = models.PositiveIntegerField("走访满意人数")
    survey_sent_parent = models.PositiveIntegerField("问卷总数（家长）")
    survey_valid_parent = models.PositiveIntegerField("回收有效问卷数（家长）")
    survey_satisfied_parent = models.PositiveIntegerField("满意问卷数（家长）")
    visit_total_parent = models.PositiveIntegerField("实地走访人数（家长）")
    visit_satisfied_parent = models.PositiveIntegerField("走访满意人数（家长）")
    source = models.CharField("数据来源", max_length=200)
    from_on = models.DateField("调查开始")
    until_on = models.DateField("调查结束")
    place = models.CharField("出处", max_length=200, blank=True)
    file = models.UUIDField("来源文件", null=True, blank=True)
    file_name = models.CharField("文件名", max_length=120, blank=True)
    by_person = models.UUIDField("登记人", null=True)
    by_name = models.CharField("登记人姓名", max_length=64)
    recorded_at = models.DateTimeField("登记时间")
    taken_back_on = models.DateField("撤回日期", null=True, blank=True)
    taken_back_reason = models.CharField("撤回原因", max_length=300, blank=True)
    taken_back_by = models.CharField("撤回人", max_length=64, blank=True)

    class Meta:
        verbose_name = "社会认可度调查"
        ordering = ["-no"]
        constraints = [
            models.UniqueConstraint(fields=["ledger", "no"], name="survey_no_once"),
            models.CheckConstraint(
                name="survey_in_order",
                condition=Q(
                    survey_satisfied__lte=F("survey_valid"),
                    survey_valid__lte=F("survey_sent"),
                    visit_satisfied__lte=F("visit_total"),
                    survey_satisfied_parent__lte=F("survey_valid_parent"),
                    survey_valid_parent__lte=F("survey_sent_parent"),
                    visit_satisfied_parent__lte=F("visit_total_parent"),
                ),
            ),
            models.CheckConstraint(
                name="survey_parents_among_all",
                condition=Q(
                    survey_sent_parent__lte=F("survey_sent"),
                    survey_valid_parent__lte=F("survey_valid"),
                    survey_satisfied_parent__lte=F("survey_satisfied"),
                    visit_total_parent__lte=F("visit_total"),
                    visit_satisfied_parent__lte=F("visit_satisfied"),
                ),
            ),
            models.CheckConstraint(name="survey_with_source", condition=~Q(source="")),
            models.CheckConstraint(name="survey_days_in_order", condition=Q(until_on__gte=F("from_on"))),
            models.CheckConstraint(
                name="survey_taken_back_whole",
                condition=Q(taken_back_on__isnull=True, taken_back_reason="", taken_back_by="")
                | Q(taken_back_on__isnull=False) & ~Q(taken_back_reason="") & ~Q(taken_back_by=""),
            ),
        ]

    class Data:
        plain = frozenset(
            "id county ledger no survey_sent survey_valid survey_satisfied visit_total visit_satisfied survey_sent_parent "
            "survey_valid_parent survey_satisfied_parent visit_total_parent visit_satisfied_parent source from_on until_on "
            "place file by_person recorded_at taken_back_on".split()
        )
        personal = frozenset("file_name by_name taken_back_reason taken_back_by".split())


class Export(models.Model):
    """A package of a ledger's dossiers: numbered folders with their list; large ones in several parts."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    ledger = models.ForeignKey(Ledger, on_delete=models.CASCADE, related_name="exports")
    title = models.CharField("名称", max_length=120)
    parts = models.PositiveSmallIntegerField("分卷数")
    files = models.PositiveIntegerField("文件数")
    left_out = models.PositiveIntegerField("未随包件数")
    size = models.PositiveBigIntegerField("大小（字节）")
    made_by_name = models.CharField("制作人", max_length=64)
    made_at = models.DateTimeField("制作时间")

    class Meta:
        verbose_name = "材料包"
        ordering = ["-made_at", "-pk"]

    class Data:
        plain = frozenset("id ledger title parts files left_out size made_at".split())
        personal = frozenset({"made_by_name"})

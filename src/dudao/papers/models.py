"""Papers of the office: drafted, co-signed, signed, numbered, frozen, served, withdrawn."""

from django.db import models
from django.db.models import F, Q

from dudao.shell.keys import uuid7


class Paper(models.Model):
    """One official paper. Its words are in its texts, the newest of which stands; issued, nothing of it changes any more."""

    class State(models.TextChoices):
        DRAFTING = "drafting", "拟稿"
        CIRCULATING = "circulating", "会签中"
        SUBMITTED = "submitted", "待签发"
        ISSUED = "issued", "已印发"
        WITHDRAWN = "withdrawn", "已撤回"
        DROPPED = "dropped", "不用了"

    #: States in which its words can change.
    OPEN = (State.DRAFTING, State.CIRCULATING, State.SUBMITTED)
    #: States in which it has a number and its words stand.
    STANDING = (State.ISSUED, State.WITHDRAWN)

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    county = models.CharField("县代码", max_length=6)
    kind = models.CharField("文种", max_length=40, help_text="library/papers")
    state = models.CharField("状态", max_length=12, choices=State, default=State.DRAFTING)
    # What it belongs to: type and key of a row of any app, what that is called, and its page.
    subject_type = models.CharField("事项类型", max_length=64, blank=True)
    subject_key = models.CharField("事项", max_length=64, blank=True)
    subject_title = models.CharField("事项名称", max_length=300, blank=True)
    link = models.CharField("事项页", max_length=200, blank=True)
    # Where serving moves the state of the matter it belongs to, it is served on the matter's page.
    is_served_here = models.BooleanField("在公文页送达", default=True)
    # Its words are made by the matter it belongs to, and change and are signed there: a report that says only what data say.
    is_bound = models.BooleanField("文字由事项生成", default=False)
    title = models.CharField("标题", max_length=200)
    # What the template's fields were filled with.
    values = models.JSONField("要素", default=dict, blank=True)
    is_restricted = models.BooleanField("限阅", default=False)
    # Issued on paper or by another system; only its file and its number are kept.
    is_outside = models.BooleanField("系统外印发", default=False)
    drafted_by = models.UUIDField("拟稿人", null=True)
    drafted_by_name = models.CharField("拟稿人姓名", max_length=64)
    drafted_at = models.DateTimeField("拟稿时间")
    # Records and receipts take no number.
    is_numbered = models.BooleanField("编号", default=True)
    # The number: code, year and serial where it was given here, the whole in words always.
    code = models.CharField("机关代字", max_length=20, blank=True)
    year = models.PositiveSmallIntegerField("年份", null=True, blank=True)
    serial = models.PositiveIntegerField("顺序号", null=True, blank=True)
    number = models.CharField("发文字号", max_length=60, blank=True)
    issued_on = models.DateField("成文日期", null=True, blank=True)
    issued_at = models.DateTimeField("登记印发时间", null=True, blank=True)
    signed_by = models.UUIDField("签发人", null=True)
    signed_by_name = models.CharField("签发人姓名", max_length=64, blank=True)
    # Signed on paper: the day it was, and who entered it here.
    is_signed_on_paper = models.BooleanField("纸质签发", default=False)
    recorded_by_name = models.CharField("登记人姓名", max_length=64, blank=True)
    # Digests of the words of the issued file, blanks left out: what the QR code says and the verification page compares.
    words_sha256 = models.CharField("文字 SHA-256", max_length=64, blank=True)
    words_sm3 = models.CharField("文字 SM3", max_length=64, blank=True)
    # The public address for verifying; known only from the QR code.
    check_key = models.CharField("核验码", max_length=24, null=True, blank=True, unique=True)
    file = models.UUIDField("印发文件", null=True)
    pdf = models.UUIDField("印发文件 PDF", null=True)
    withdrawn_on = models.DateField("撤回日期", null=True, blank=True)
    end_reason = models.CharField("撤回或不用的原因", max_length=200, blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = "公文"
        ordering = ["-drafted_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["county", "code", "year", "serial"], condition=Q(serial__isnull=False), name="paper_serial_once"
            ),
            models.UniqueConstraint(fields=["county", "number"], condition=~Q(number=""), name="paper_number_once"),
            models.CheckConstraint(
                name="paper_standing_with_number_and_day",
                condition=Q(state__in=("issued", "withdrawn"), issued_on__isnull=False, issued_at__isnull=False)
                & (~Q(number="") | Q(is_numbered=False))
                | ~Q(state__in=("issued", "withdrawn")) & Q(number="", issued_on__isnull=True, serial__isnull=True),
            ),
            models.CheckConstraint(
                name="paper_issued_here_with_file_and_digest",
                condition=Q(is_outside=True)
                | ~Q(state__in=("issued", "withdrawn"))
                | Q(file__isnull=False, check_key__isnull=False) & ~Q(words_sha256="") & ~Q(words_sm3=""),
            ),
            models.CheckConstraint(
                name="paper_ended_with_reason",
                condition=Q(state__in=("withdrawn", "dropped")) & ~Q(end_reason="")
                | ~Q(state__in=("withdrawn", "dropped")) & Q(end_reason=""),
            ),
            models.CheckConstraint(
                name="paper_withdrawn_not_before_issue",
                condition=Q(state="withdrawn", withdrawn_on__gte=F("issued_on"))
                | ~Q(state="withdrawn") & Q(withdrawn_on__isnull=True),
            ),
        ]
        indexes = [
            models.Index(fields=["county", "-drafted_at"], name="paper_newest"),
            models.Index(fields=["county", "subject_type", "subject_key"], name="paper_subject"),
            models.Index(fields=["county", "state"], name="paper_state"),
        ]

    class Data:
        plain = frozenset(
            "id county kind state subject_type subject_key link is_served_here is_bound is_restricted is_outside is_numbered drafted_by"
            " drafted_at code year serial number issued_on issued_at signed_by is_signed_on_paper words_sha256 words_sm3"
            " check_key file pdf withdrawn_on version".split()
        )
        personal = frozenset(
            "subject_title title values drafted_by_name signed_by_name recorded_by_name end_reason".split()
        )

    def __str__(self) -> str:
        return self.title


class PaperText(models.Model):
    """The words of a paper as somebody left them: one row for each time they were saved. Never changed."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    paper = models.ForeignKey(Paper, on_delete=models.CASCADE, related_name="texts")
    no = models.PositiveIntegerField("稿次")
    title = models.CharField("标题", max_length=200)
    to_words = models.CharField("主送", max_length=500, blank=True)
    body = models.TextField("正文", blank=True)
    attachments = models.TextField("附件", blank=True)
    # Tables and charts that the matter has made (dudao_engines.papers.annexes), one for each line of attachments.
    annexes = models.JSONField("附表", default=list, blank=True)
    # What stands at the head of every page.
    page_mark = models.CharField("页眉标记", max_length=300, blank=True)
    organ = models.CharField("署名", max_length=200, blank=True)
    note = models.CharField("附注", max_length=200, blank=True)
    copies_words = models.CharField("抄送", max_length=500, blank=True)
    # What the drafter says of the change.
    remark = models.CharField("修改说明", max_length=200, blank=True)
    written_by = models.UUIDField("执笔人", null=True)
    written_for = models.UUIDField("代谁执笔", null=True)
    written_by_name = models.CharField("执笔人姓名", max_length=64)
    written_at = models.DateTimeField("保存时间")

    class Meta:
        verbose_name = "公文稿"
        ordering = ["-no"]
        constraints = [models.UniqueConstraint(fields=["paper", "no"], name="papertext_no_once")]

    class Data:
        plain = frozenset("id paper no written_by written_for written_at".split())
        personal = frozenset(
            "title to_words body attachments annexes page_mark organ note copies_words remark written_by_name".split()
        )


class Addressee(models.Model):
    """A unit that a paper is sent to."""

    paper = models.ForeignKey(Paper, on_delete=models.CASCADE, related_name="addressees")
    unit = models.ForeignKey("places.Unit", on_delete=models.PROTECT, related_name="+")
    position = models.PositiveSmallIntegerField("次序", default=0)

    class Meta:
        verbose_name = "主送单位"
        ordering = ["position", "pk"]
        constraints = [models.UniqueConstraint(fields=["paper", "unit"], name="addressee_once")]
        indexes = [models.Index(fields=["unit", "paper"], name="addressee_of_unit")]

    class Data:
        plain = frozenset("id paper unit position".split())


class Reader(models.Model):
    """A person who may read a restricted paper."""

    paper = models.ForeignKey(Paper, on_delete=models.CASCADE, related_name="readers")
    person = models.ForeignKey("accounts.Person", on_delete=models.PROTECT, related_name="+")

    class Meta:
        verbose_name = "限阅人员"
        constraints = [models.UniqueConstraint(fields=["paper", "person"], name="reader_once")]

    class Data:
        plain = frozenset({"id", "paper"})
        personal = frozenset({"person"})


class Cosign(models.Model):
    """A person or a unit is asked to agree to a paper, and what they said to which text."""

    class Answer(models.TextChoices):
        AGREED = "agreed", "同意"
        OBJECTED = "objected", "有不同意见"

    class Way(models.TextChoices):
        SYSTEM = "system", "系统内"
        PAPER = "paper", "纸质会签"
        PHONE = "phone", "电话"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    paper = models.ForeignKey(Paper, on_delete=models.CASCADE, related_name="cosigns")
    person = models.ForeignKey("accounts.Person", on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    unit = models.ForeignKey("places.Unit", on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    asked_by_name = models.CharField("提请人", max_length=64)
    asked_at = models.DateTimeField("提请时间")
    answer = models.CharField("意见", max_length=10, choices=Answer, blank=True)
    words = models.CharField("会签意见", max_length=500, blank=True)
    way = models.CharField("方式", max_length=8, choices=Way, blank=True)
    # The text that it was said to.
    text_no = models.PositiveIntegerField("稿次", null=True, blank=True)
    answered_on = models.DateField("会签日期", null=True, blank=True)
    answered_at = models.DateTimeField("登记时间", null=True, blank=True)
    answered_by = models.UUIDField("登记人", null=True)
    answered_by_name = models.CharField("登记人姓名", max_length=64, blank=True)

    class Meta:
        verbose_name = "会签"
        ordering = ["asked_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["paper", "person"], condition=Q(person__isnull=False), name="cosign_person_once"
            ),
            models.UniqueConstraint(fields=["paper", "unit"], condition=Q(unit__isnull=False), name="cosign_unit_once"),
            models.CheckConstraint(
                name="cosign_person_or_unit",
                condition=Q(person__isnull=True, unit__isnull=False) | Q(person__isnull=False, unit__isnull=True),
            ),
            models.CheckConstraint(
                name="cosign_answered_with_day",
                condition=Q(answer="", answered_on__isnull=True, answered_at__isnull=True)
                | ~Q(answer="") & Q(answered_on__isnull=False, answered_at__isnull=False),
            ),
            models.CheckConstraint(name="cosign_objection_with_words", condition=~Q(answer="objected") | ~Q(words="")),
        ]

    class Data:
        plain = frozenset("id paper unit asked_at answer way text_no answered_on answered_at answered_by".split())
        personal = frozenset("person asked_by_name words answered_by_name".split())


class Receipt(models.Model):
    """A unit has a paper in its hands, since a day, in a way that can be shown."""

    class Way(models.TextChoices):
        SYSTEM = "system", "系统签收"
        PAPER = "paper", "送达回证"
        OA = "oa", "OA 签收"
        LEFT = "left", "留置送达"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    paper = models.ForeignKey(Paper, on_delete=models.CASCADE, related_name="receipts")
    unit = models.ForeignKey("places.Unit", on_delete=models.PROTECT, related_name="+")
    on = models.DateField("收到日期")
    way = models.CharField("送达方式", max_length=8, choices=Way)
    received_by_words = models.CharField("签收人", max_length=100, blank=True)
    note = models.CharField("备注", max_length=200, blank=True)
    recorded_by = models.UUIDField("登记人", null=True)
    recorded_by_name = models.CharField("登记人姓名", max_length=64)
    recorded_at = models.DateTimeField("登记时间")

    class Meta:
        verbose_name = "送达"
        ordering = ["on", "pk"]
        constraints = [models.UniqueConstraint(fields=["paper", "unit"], name="receipt_unit_once")]
        indexes = [models.Index(fields=["unit", "paper"], name="receipt_of_unit")]

    class Data:
        plain = frozenset("id paper unit on way recorded_by recorded_at".split())
        personal = frozenset("received_by_words note recorded_by_name".split())


class NumberCode(models.Model):
    """A 机关代字 of the county, and whether its numbers are given here or by the OA."""

    class By(models.TextChoices):
        HERE = "here", "本系统编号"
        OA = "oa", "由 OA 编号，这里登记"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    county = models.CharField("县代码", max_length=6)
    code = models.CharField("机关代字", max_length=20, help_text="例如 贺政教督发")
    organ = models.CharField("发文机关", max_length=100)
    by = models.CharField("编号", max_length=8, choices=By, default=By.HERE)
    position = models.PositiveSmallIntegerField("次序", default=0)
    is_active = models.BooleanField("在用", default=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = "机关代字"
        ordering = ["position", "code"]
        constraints = [
            models.UniqueConstraint(fields=["county", "code"], name="numbercode_once"),
            models.CheckConstraint(name="numbercode_has_code", condition=~Q(code="") & ~Q(organ="")),
        ]

    class Data:
        plain = frozenset("id county code organ by position is_active version".split())

    def __str__(self) -> str:
        return self.code


class NumberBook(models.Model):
    """How far a code has counted in a year. It moves in the transaction that issues a paper, and only there."""

    county = models.CharField("县代码", max_length=6)
    code = models.CharField("机关代字", max_length=20)
    year = models.PositiveSmallIntegerField("年份")
    # Numbers up to here were used before the county came to this system.
    before = models.PositiveIntegerField("启用前已用到", default=0)
    last = models.PositiveIntegerField("已用到", default=0)

    class Meta:
        verbose_name = "发文登记簿"
        constraints = [
            models.UniqueConstraint(fields=["county", "code", "year"], name="numberbook_once"),
            models.CheckConstraint(name="numberbook_not_backwards", condition=Q(last__gte=F("before"))),
        ]

    class Data:
        plain = frozenset("id county code year before last".split())


class TemplateFile(models.Model):
    """A county's own .docx for a kind of paper. Each that was handed in stays; at most one is in use."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    county = models.CharField("县代码", max_length=6)
    kind = models.CharField("文种", max_length=40)
    no = models.PositiveIntegerField("版次")
    file = models.UUIDField("文件")
    is_current = models.BooleanField("在用", default=False)
    note = models.CharField("说明", max_length=200, blank=True)
    handed_in_by_name = models.CharField("提交人", max_length=64)
    handed_in_at = models.DateTimeField("提交时间")

    class Meta:
        verbose_name = "公文模板"
        ordering = ["kind", "-no"]
        constraints = [
            models.UniqueConstraint(fields=["county", "kind", "no"], name="templatefile_no_once"),
            models.UniqueConstraint(
                fields=["county", "kind"], condition=Q(is_current=True), name="templatefile_one_in_use"
            ),
        ]

    class Data:
        plain = frozenset("id county kind no file is_current note handed_in_at".split())
        personal = frozenset({"handed_in_by_name"})

    def __str__(self) -> str:
        return f"{self.kind} {self.no}"

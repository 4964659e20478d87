"""What leaves the house for the public: publications, their editions, reviews, what was found of people, packages."""

from django.db import models
from django.db.models import F, Q

from dudao.shell.keys import uuid7


class Publication(models.Model):
    """One thing published. Its address and its 索引号, once given, stay; what it says is in its editions."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    county = models.CharField("县代码", max_length=6)
    # The last part of its public address.
    key = models.CharField("公开地址", max_length=16, unique=True)
    index_no = models.CharField("索引号", max_length=80, null=True, blank=True, unique=True)
    paper = models.ForeignKey("papers.Paper", on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    # What else it belongs to: type and key of a row of any app, what that is called, and its page.
    subject_type = models.CharField("事项类型", max_length=64, blank=True)
    subject_key = models.CharField("事项", max_length=64, blank=True)
    subject_title = models.CharField("事项名称", max_length=300, blank=True)
    link = models.CharField("事项页", max_length=200, blank=True)
    made_by_name = models.CharField("建立人", max_length=64)
    made_at = models.DateTimeField("建立时间")
    is_dropped = models.BooleanField("不用", default=False)
    withdrawn_on = models.DateField("撤下日期", null=True, blank=True)
    withdraw_reason = models.CharField("撤下原因", max_length=300, blank=True)
    withdrawn_by_name = models.CharField("撤下人", max_length=64, blank=True)

    class Meta:
        verbose_name = "公开事项"
        ordering = ["-made_at", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["paper"], condition=Q(is_dropped=False), name="publication_of_paper_once"),
            models.CheckConstraint(
                name="publication_withdrawn_with_reason",
                condition=Q(withdrawn_on__isnull=True, withdraw_reason="")
                | Q(withdrawn_on__isnull=False) & ~Q(withdraw_reason=""),
            ),
        ]
        indexes = [models.Index(fields=["county", "subject_type", "subject_key"], name="publication_subject")]

    class Data:
        plain = frozenset(
            "id county key index_no paper subject_type subject_key link made_at is_dropped withdrawn_on".split()
        )
        personal = frozenset("subject_title made_by_name withdraw_reason withdrawn_by_name".split())


class Edition(models.Model):
    """One edition of a publication, with its own checks and its own limit. A correction is the next edition."""

    class State(models.TextChoices):
        DRAFT = "draft", "准备中"
        REVIEW = "review", "待公开审查"
        SECRECY = "secrecy", "待保密审查"
        CHECK = "check", "待处理个人信息"
        READY = "ready", "待上网"
        PUBLISHED = "published", "已公开"
        WITHHELD = "withheld", "不公开"
        DROPPED = "dropped", "不用了"

    #: States in which the limit runs.
    RUNNING = (State.DRAFT, State.REVIEW, State.SECRECY, State.CHECK, State.READY)

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    county = models.CharField("县代码", max_length=6)
    publication = models.ForeignKey(Publication, on_delete=models.CASCADE, related_name="editions")
    no = models.PositiveSmallIntegerField("版次", default=1)
    note = models.CharField("更正说明", max_length=300, blank=True)
    state = models.CharField("状态", max_length=12, choices=State, default=State.DRAFT)
    # As it was taken over: of a paper its words, of an edition the one before.
    source_title = models.CharField("原题", max_length=200, blank=True)
    source_body = models.TextField("原文", blank=True)
    # The wording that stands; the older ones are in ``Wording``.
    wording_no = models.PositiveIntegerField("稿次", default=1)
    title = models.CharField("名称", max_length=200)
    body = models.TextField("正文", blank=True)
    summary = models.CharField("内容概述", max_length=500, blank=True)
    sources = models.TextField("数字怎么来的", blank=True)
    # The facts of the page.
    doc_no = models.CharField("文号", max_length=60, blank=True)
    formed_on = models.DateField("生成日期")
    term = models.CharField("公开时限", max_length=40)
    publisher = models.CharField("发布机构", max_length=100)
    signed_by = models.CharField("署名", max_length=100, blank=True)
    category = models.CharField("所属分类", max_length=40)
    validity = models.CharField("效力状态", max_length=20)
    department = models.CharField("责任部门", max_length=100)
    mode = models.CharField("公开方式", max_length=20)
    # The limit: from ``formed_on``; a due day that has passed is never moved.
    due_on = models.DateField("应公开日期")
    calendar = models.CharField("放假安排版本", max_length=100, blank=True)
    is_provisional = models.BooleanField("暂估", default=False)
    published_on = models.DateField("公开日期", null=True, blank=True)
    portal_address = models.URLField("公开网址", max_length=500, blank=True)
    published_at = models.DateTimeField("登记公开时间", null=True, blank=True)
    published_by_name = models.CharField("登记公开的人", max_length=64, blank=True)
    # Its words may not be shown any more; a later edition says what is right.
    is_hidden = models.BooleanField("不再显示", default=False)
    end_reason = models.CharField("不公开或不用的原因", max_length=500, blank=True)
    prepared_by = models.UUIDField("准备人", null=True)
    prepared_by_name = models.CharField("准备人姓名", max_length=64)
    prepared_at = models.DateTimeField("准备时间")
    version = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = "公开版本"
        ordering = ["-no"]
        constraints = [
            models.UniqueConstraint(fields=["publication", "no"], name="edition_no_once"),
            models.UniqueConstraint(
                fields=["publication"],
                condition=Q(state__in=("draft", "review", "secrecy", "check", "ready")),
                name="edition_one_under_way",
            ),
            models.CheckConstraint(
                name="edition_published_with_day_and_address",
                condition=Q(state="published", published_on__isnull=False, published_at__isnull=False)
                & ~Q(portal_address="")
                | ~Q(state="published") & Q(published_on__isnull=True, published_at__isnull=True, portal_address=""),
            ),
            models.CheckConstraint(
                name="edition_published_not_before_formed",
                condition=Q(published_on__isnull=True) | Q(published_on__gte=F("formed_on")),
            ),
            models.CheckConstraint(
                name="edition_ended_with_reason",
                condition=Q(state__in=("withheld", "dropped")) & ~Q(end_reason="")
                | ~Q(state__in=("withheld", "dropped")) & Q(end_reason=""),
            ),
            models.CheckConstraint(name="edition_correction_with_note", condition=Q(no=1) | ~Q(note="")),
        ]
        indexes = [
            models.Index(fields=["county", "state", "due_on"], name="edition_state"),
            models.Index(fields=["county", "-published_on"], name="edition_published"),
        ]

    class Data:
        plain = frozenset(
            "id county publication no state wording_no doc_no formed_on term category validity mode due_on calendar"
            " is_provisional published_on portal_address published_at is_hidden prepared_by prepared_at version".split()
        )
        personal = frozenset(
            "note source_title source_body title body summary sources publisher signed_by department"
            " published_by_name end_reason prepared_by_name".split()
        )

    def __str__(self) -> str:
        return self.title

    @property
    def is_running(self) -> bool:
        return self.state in self.RUNNING


class Wording(models.Model):
    """The words of an edition as somebody left them. Never changed."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    edition = models.ForeignKey(Edition, on_delete=models.CASCADE, related_name="wordings")
    no = models.PositiveIntegerField("稿次")
    title = models.CharField("名称", max_length=200)
    body = models.TextField("正文", blank=True)
    summary = models.CharField("内容概述", max_length=500, blank=True)
    sources = models.TextField("数字怎么来的", blank=True)
    remark = models.CharField("修改说明", max_length=200, blank=True)
    written_by = models.UUIDField("执笔人", null=True)
    written_for = models.UUIDField("代谁执笔", null=True)
    written_by_name = models.CharField("执笔人姓名", max_length=64)
    written_at = models.DateTimeField("保存时间")

    class Meta:
        verbose_name = "公开稿"
        ordering = ["-no"]
        constraints = [models.UniqueConstraint(fields=["edition", "no"], name="wording_no_once")]

    class Data:
        plain = frozenset("id edition no written_by written_for written_at".split())
        personal = frozenset("title body summary sources remark written_by_name".split())


class Attachment(models.Model):
    """A file that is published along. The file itself stays when it is taken out."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    edition = models.ForeignKey(Edition, on_delete=models.CASCADE, related_name="attachments")
    file = models.UUIDField("文件")
    name = models.CharField("文件名", max_length=120)
    size = models.PositiveBigIntegerField("大小（字节）", default=0)
    # What was found in it of people, kind and how often; whether its words could be read at all.
    found = models.JSONField("发现", default=dict, blank=True)
    is_read = models.BooleanField("能读出文字", default=False)
    is_removed = models.BooleanField("移出", default=False)

    class Meta:
        verbose_name = "公开附件"
        ordering = ["pk"]

    class Data:
        plain = frozenset("id edition file size found is_read is_removed".split())
        personal = frozenset({"name"})


class Review(models.Model):
    """What somebody concluded on one wording. It falls with the words it was said of."""

    class Kind(models.TextChoices):
        OPENNESS = "openness", "公开审查"
        SECRECY = "secrecy", "保密审查"

    class Conclusion(models.TextChoices):
        OPEN = "open", "公开"
        PARTLY = "partly", "部分公开"
        CLOSED = "closed", "不公开"
        BACK = "back", "退回修改"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    edition = models.ForeignKey(Edition, on_delete=models.CASCADE, related_name="reviews")
    kind = models.CharField("审查", max_length=10, choices=Kind)
    wording_no = models.PositiveIntegerField("稿次")
    conclusion = models.CharField("结论", max_length=8, choices=Conclusion)
    grounds = models.JSONField("依据", default=list, blank=True)
    words = models.CharField("审查意见", max_length=500, blank=True)
    on = models.DateField("审查日期")
    reviewer = models.UUIDField("审查人", null=True)
    reviewer_name = models.CharField("审查人姓名", max_length=64)
    is_on_paper = models.BooleanField("纸质审查", default=False)
    recorded_by_name = models.CharField("登记人姓名", max_length=64)
    recorded_at = models.DateTimeField("登记时间")
    is_taken_back = models.BooleanField("因改稿作废", default=False)

    class Meta:
        verbose_name = "公开审查、保密审查"
        ordering = ["recorded_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["edition", "kind"],
                condition=Q(is_taken_back=False, conclusion__in=("open", "partly")),
                name="review_stands_once",
            ),
            models.CheckConstraint(name="review_closed_with_words", condition=Q(conclusion="open") | ~Q(words="")),
        ]

    class Data:
        plain = frozenset(
            "id edition kind wording_no conclusion grounds on is_on_paper recorded_at is_taken_back".split()
        )
        personal = frozenset("words reviewer reviewer_name recorded_by_name".split())

    @property
    def conclusion_words(self) -> str:
        """As the kind of review says it."""
        if self.kind == self.Kind.SECRECY:
            words = {"open": "不涉密，可以公开", "closed": "涉密或敏感，不得公开"}
            return words.get(self.conclusion, self.get_conclusion_display())
        return self.get_conclusion_display()


class Trace(models.Model):
    """Something found of a person in a wording or a file, and what was decided of it. The words themselves stay in the wording."""

    class Part(models.TextChoices):
        TITLE = "title", "名称"
        SUMMARY = "summary", "内容概述"
        BODY = "body", "正文"
        SOURCES = "sources", "数字怎么来的"
        FILE = "file", "附件"

    class State(models.TextChoices):
        OPEN = "open", "待处理"
        KEPT = "kept", "保留"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    edition = models.ForeignKey(Edition, on_delete=models.CASCADE, related_name="traces")
    wording_no = models.PositiveIntegerField("稿次")
    part = models.CharField("位置", max_length=8, choices=Part)
    attachment = models.ForeignKey(Attachment, on_delete=models.CASCADE, related_name="+", null=True, blank=True)
    start = models.PositiveIntegerField("起", default=0)
    end = models.PositiveIntegerField("止", default=0)
    kind = models.CharField("类别", max_length=16)
    group = models.PositiveSmallIntegerField("表", default=0)
    # Something in its table is hidden already.
    has_hidden = models.BooleanField("表中有隐去的数", default=False)
    mask = models.CharField("遮盖为", max_length=200, blank=True)
    why = models.CharField("说明", max_length=300, blank=True)
    may_stay = models.BooleanField("可以保留", default=True)
    state = models.CharField("处理", max_length=6, choices=State, default=State.OPEN)
    reason = models.CharField("保留理由", max_length=200, blank=True)
    # Digest of what was found and of the line it stands in: a reason goes along while the line stays as it is.
    line = models.CharField("所在行摘要", max_length=64, blank=True)
    decided_by_name = models.CharField("处理人", max_length=64, blank=True)
    decided_at = models.DateTimeField("处理时间", null=True, blank=True)

    class Meta:
        verbose_name = "个人信息线索"
        ordering = ["part", "start", "pk"]
        constraints = [
            models.CheckConstraint(
                name="trace_kept_with_reason",
                condition=Q(state="kept", may_stay=True) & ~Q(reason="") | Q(state="open", reason=""),
            )
        ]
        indexes = [models.Index(fields=["edition", "wording_no", "state"], name="trace_of_wording")]

    class Data:
        plain = frozenset(
            "id edition wording_no part attachment start end kind group has_hidden may_stay state line decided_at".split()
        )
        personal = frozenset({"mask", "why", "reason", "decided_by_name"})


class Package(models.Model):
    """What is handed to the people of the county government's portal, as one file."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    edition = models.ForeignKey(Edition, on_delete=models.CASCADE, related_name="packages")
    wording_no = models.PositiveIntegerField("稿次")
    file = models.UUIDField("压缩包")
    text_file = models.UUIDField("正文文件")
    size = models.PositiveBigIntegerField("大小（字节）")
    sha256 = models.CharField("SHA-256", max_length=64)
    sm3 = models.CharField("SM3", max_length=64)
    made_by_name = models.CharField("制作人", max_length=64)
    made_at = models.DateTimeField("制作时间")

    class Meta:
        verbose_name = "公开材料包"
        ordering = ["-made_at", "-pk"]

    class Data:
        plain = frozenset("id edition wording_no file text_file size sha256 sm3 made_at".split())
        personal = frozenset({"made_by_name"})


class Setting(models.Model):
    """How the county publishes: its code, its 索引号, what the facts of a page begin with, whether its own pages are on."""

    county = models.CharField("县代码", max_length=6, unique=True)
    org_code = models.CharField("组织机构代码", max_length=40, blank=True)
    index_template = models.CharField("索引号格式", max_length=60)
    index_digits = models.PositiveSmallIntegerField("流水号位数", default=5)
    publisher = models.CharField("发布机构", max_length=100, blank=True)
    department = models.CharField("责任部门", max_length=100, blank=True)
    signed_by = models.CharField("署名", max_length=100, blank=True)
    contact = models.CharField("有不同意见怎么反映", max_length=200, blank=True)
    is_site_on = models.BooleanField("公开网页", default=False)
    switched_at = models.DateTimeField("开关时间", null=True, blank=True)
    switched_by_name = models.CharField("开关人", max_length=64, blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = "公开设置"

    class Data:
        plain = frozenset(
            "id county org_code index_template index_digits publisher department is_site_on switched_at version".split()
        )
        personal = frozenset({"signed_by", "contact", "switched_by_name"})


class IndexBook(models.Model):
    """How far 索引号 has counted in a year. It only goes up."""

    county = models.CharField("县代码", max_length=6)
    year = models.PositiveSmallIntegerField("年份")
    last = models.PositiveIntegerField("已用到", default=0)

    class Meta:
        verbose_name = "索引号登记簿"
        constraints = [models.UniqueConstraint(fields=["county", "year"], name="indexbook_once")]

    class Data:
        plain = frozenset("id county year last".split())

"""Who is responsible for which school: districts, the inspectors and schools in them, responsibilities, boards at the gates.

中小学校责任督学挂牌督导办法 (2013), 教督〔2019〕3号 for kindergartens, 教督〔2012〕7号 for districts (NAT2).
"""

from django.db import models
from django.db.models import F, Q

from dudao.shell.keys import uuid7

#: Of a row that has a first and perhaps a last day.
_IN_ORDER = Q(ended_on__isnull=True) | Q(ended_on__gte=F("starts_on"))


class District(models.Model):
    """A 责任区: some schools and the inspectors who look after them."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    county = models.CharField("县代码", max_length=6)
    name = models.CharField("名称", max_length=40)
    starts_on = models.DateField("起")
    ended_on = models.DateField("止", null=True, blank=True)
    end_reason = models.CharField("撤销原因", max_length=200, blank=True)
    recorded_at = models.DateTimeField("登记时间")
    version = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = "责任区"
        ordering = ["name", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["county", "name"], condition=Q(ended_on__isnull=True), name="district_name_once"
            ),
            models.CheckConstraint(name="district_days", condition=_IN_ORDER),
        ]

    class Data:
        plain = frozenset("id county name starts_on ended_on end_reason recorded_at version".split())

    def __str__(self) -> str:
        return self.name


class DistrictMember(models.Model):
    """An inspector of a district, from a day to a day. One may help in several."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    district = models.ForeignKey(District, on_delete=models.PROTECT, related_name="members")
    inspector = models.ForeignKey("inspectors.Inspector", on_delete=models.PROTECT, related_name="+")
    starts_on = models.DateField("起")
    ended_on = models.DateField("止", null=True, blank=True)

    class Meta:
        verbose_name = "责任区督学"
        constraints = [
            models.UniqueConstraint(
                fields=["district", "inspector"], condition=Q(ended_on__isnull=True), name="district_member_open_once"
            ),
            models.CheckConstraint(name="district_member_days", condition=_IN_ORDER),
        ]

    class Data:
        plain = frozenset("id district inspector starts_on ended_on".split())


class DistrictUnit(models.Model):
    """A school or kindergarten of a district, from a day to a day. It belongs to one at a time."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    district = models.ForeignKey(District, on_delete=models.PROTECT, related_name="places")
    unit = models.ForeignKey("places.Unit", on_delete=models.PROTECT, related_name="+")
    starts_on = models.DateField("起")
    ended_on = models.DateField("止", null=True, blank=True)

    class Meta:
        verbose_name = "责任区学校"
        constraints = [
            models.UniqueConstraint(
                fields=["unit"], condition=Q(ended_on__isnull=True), name="district_unit_open_once"
            ),
            models.CheckConstraint(name="district_unit_days", condition=_IN_ORDER),
        ]

    class Data:
        plain = frozenset("id district unit starts_on ended_on".split())


class Board(models.Model):
    """The 公示牌 of a school. Its key stands in the QR code at the gate and never changes; its version decides who was first
    when two people assign the same school."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    county = models.CharField("县代码", max_length=6)
    unit = models.OneToOneField("places.Unit", on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField("登记时间")
    version = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = "公示牌"

    class Data:
        plain = frozenset("id county unit recorded_at version".split())


class Duty(models.Model):
    """An inspector is responsible for a school or kindergarten, from a day to a day.

    A duty that was replaced before or on its first day never held: it is void and keeps its days.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    county = models.CharField("县代码", max_length=6)
    inspector = models.ForeignKey("inspectors.Inspector", on_delete=models.PROTECT, related_name="+")
    unit = models.ForeignKey("places.Unit", on_delete=models.PROTECT, related_name="+")
    starts_on = models.DateField("起")
    ended_on = models.DateField("止", null=True, blank=True)
    is_void = models.BooleanField("未生效", default=False)
    #: What assigned it: the number of a paper, or words.
    document = models.CharField("文号或依据", max_length=120, blank=True)
    reason = models.CharField("安排原因", max_length=200, blank=True)
    end_reason = models.CharField("结束原因", max_length=200, blank=True)
    #: Lets the inspector see the school; ends with the duty.
    grant = models.ForeignKey("accounts.Grant", on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    by_person = models.UUIDField("登记人", null=True)
    by_name = models.CharField("登记人姓名", max_length=64)
    recorded_at = models.DateTimeField("登记时间")

    class Meta:
        verbose_name = "挂牌责任"
        ordering = ["-starts_on", "-pk"]
        indexes = [
            models.Index(fields=["county", "ended_on"], name="duty_county_end"),
            models.Index(fields=["unit", "starts_on"], name="duty_unit"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["unit", "inspector"], condition=Q(ended_on__isnull=True, is_void=False), name="duty_open_once"
            ),
            models.CheckConstraint(name="duty_days", condition=_IN_ORDER),
        ]

    class Data:
        plain = frozenset(
            "id county inspector unit starts_on ended_on is_void document grant by_person recorded_at".split()
        )
        personal = frozenset({"reason", "end_reason", "by_name"})


class PublicContact(models.Model):
    """The number of an inspector that may stand on boards. What the house knows of their own phone never does."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    inspector = models.OneToOneField("inspectors.Inspector", on_delete=models.PROTECT, related_name="+")
    phone = models.CharField("公示电话", max_length=20, blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = "公示联系方式"

    class Data:
        plain = frozenset("id inspector version".split())
        personal = frozenset({"phone"})


class OfficeContact(models.Model):
    """What every board of a county says of its office."""

    county = models.CharField("县代码", max_length=6, unique=True)
    name = models.CharField("督导机构", max_length=80)
    phone = models.CharField("监督电话", max_length=20, blank=True)
    hours = models.CharField("接听时间", max_length=60, blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = "公示牌设置"

    class Data:
        plain = frozenset("id county name phone hours version".split())

"""The register as a list: on the page, in Excel and on paper."""

from datetime import date, timedelta
from typing import Any

from django.db.models import Exists, OuterRef, Q
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from dudao.inspectors import queries
from dudao.inspectors.models import Inspector, Recusal, Term
from dudao.inspectors.services.imports import as_row
from dudao.places import queries as places
from dudao.shell.acts import Actor, system
from dudao.shell.lists import Chip, Column, Filter, ListPage
from dudao.shell.templatetags.parts import fullday, status


def labels(codes: list[str], of: Any) -> str:
    return "、".join(of(one).label for one in codes if one in of.values)


def standing(row: Any, today: date, warn: int) -> tuple[str, str]:
    """Tone and words of how an inspector stands: the running term, one on its way, or none."""
    terms = sorted(row.terms.all(), key=lambda one: -one.ordinal)
    running = next((one for one in terms if queries.runs_on(one, today)), None)
    coming = next((one for one in terms if one.state in ("recommended", "reviewed", "publicised")), None)
    if running:
        if running.end_on and (running.end_on - today).days <= warn:
            return "soon", f"第{running.ordinal}届，{(running.end_on - today).days} 天后到期"
        return "done", f"第{running.ordinal}届，任职中"
    if coming:
        return "wait", f"第{coming.ordinal}届，{coming.get_state_display()}"
    if any(one.state == Term.State.ANNOUNCED for one in terms):
        return "late", "任期已过，没有续聘或结束"
    return "none", "不在任"


def certificate(row: Inspector, today: date, warn: int) -> tuple[str, str]:
    """Tone and words of how the certificate stands on a day."""
    if not row.certificate_number:
        return "none", "没有登记"
    if row.certificate_to is None:
        return "done", "有效"
    left = (row.certificate_to - today).days
    if left < 0:
        return "late", f"过期 {-left} 天"
    return ("soon", f"{left} 天后到期") if left <= warn else ("done", "有效")


def table_rows(actor: Actor, *, today: date) -> list[dict[str, str]]:
    """The register in the columns of ``tables``, each with the term that runs; four statements."""
    names = places.names_on(system(actor.county), day=today)
    rows = queries.inspectors_visible_to(actor).select_related("person", "work_unit").prefetch_related("terms")
    return [
        as_row(
            row,
            unit=names.get(row.work_unit_id, "") if row.work_unit_id else "",
            term=next((one for one in row.terms.all() if queries.runs_on(one, today)), None),
        )
        for row in rows.order_by("person__sort_key", "pk")
    ]


def register(actor: Actor, *, today: date, warn: int) -> ListPage:
    """All inspectors whom the reader sees; ``warn``: how many days before an end are told."""
    names = places.names_on(system(actor.county), day=today)
    soon = today + timedelta(days=warn)
    running = Term.objects.filter(queries.in_office(today), inspector=OuterRef("pk"))
    ending = Exists(running.filter(end_on__lte=soon)) | Q(certificate_to__gte=today, certificate_to__lte=soon)
    # A term that ran out and that no other followed.
    after = Term.objects.filter(inspector=OuterRef("inspector"), ordinal__gt=OuterRef("ordinal")).exclude(
        state=Term.State.REFUSED
    )
    ran_out = Term.objects.filter(
        ~Exists(after), inspector=OuterRef("pk"), state=Term.State.ANNOUNCED, end_on__lt=today
    )
    over = Q(certificate_to__lt=today) | Exists(ran_out)
    waiting = Recusal.objects.filter(inspector=OuterRef("pk"), state=Recusal.State.PENDING)

    def link(row: Any) -> SafeString:
        return format_html('<a href="{}">{}</a>', reverse("inspectors:entry", args=[row.pk]), row.person.name)

    def work(row: Any) -> str:
        return "，".join(filter(None, (names.get(row.work_unit_id, ""), row.work_words)))

    return ListPage(
        title="督学名册",
        columns=(
            Column("姓名", lambda r: r.person.name, sort=("person__sort_key",), show=link, head=True),
            Column("类别", lambda r: r.get_kind_display(), sort=("kind",), css="nowrap"),
            Column("任期", lambda r: standing(r, today, warn)[1], show=lambda r: status(*standing(r, today, warn)), css="nowrap"),
            Column("单位及职务", work),
            Column("学段", lambda r: labels(r.stages, Inspector.Stage), css="hide"),
            Column("学科", lambda r: "、".join(r.subjects), css="hide"),
            Column("专长", lambda r: labels(r.lines, Inspector.Line), css="hide"),
            Column("督学证号", lambda r: r.certificate_number, css="hide nowrap"),
            Column(
                "督学证止", lambda r: r.certificate_to, sort=("certificate_to",), css="nowrap",
                show=lambda r: format_html(
                    "{} {}", fullday(r.certificate_to) if r.certificate_to else "", status(*certificate(r, today, warn))
                ),
            ),
        ),
        order=("person__sort_key", "pk"),
        search=("person__name", "work_words", "certificate_number"), search_label="姓名、单位或证号",
        filters=(
            Filter("kind", "类别", Inspector.Kind.choices, lambda v: Q(kind=v)),
            Filter("stage", "学段", Inspector.Stage.choices, lambda v: Q(stages__icontains=f'"{v}"')),
            Filter("line", "专长", Inspector.Line.choices, lambda v: Q(lines__icontains=f'"{v}"')),
        ),
        chips=(
            Chip("in_office", "在任", Q(Exists(running))),
            Chip("ending", f"{warn} 日内到期", Q(ending), tone="soon"),
            Chip("over", "督学证或任期已过", Q(over), tone="late"),
            Chip("recusal", "回避待决定", Q(Exists(waiting)), tone="soon"),
        ),
        empty={
            "title": "名册里还没有督学",
            "hint": "从“登记督学”开始：先登记人员的情况，再推荐、审核、公示、公布。",
        },
    )  # fmt: skip

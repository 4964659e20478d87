"""Inspectors by their training: hours of a year, needs, files, competence, claims."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import Q
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.html import format_html
from django.views.decorators.http import require_GET

from dudao.files import queries as files
from dudao.files import services as stored
from dudao.inspectors import queries as inspectors
from dudao.inspectors.models import Inspector
from dudao.shell import clock
from dudao.shell.errors import Refused
from dudao.shell.http import Request, get_or_post, may
from dudao.shell.lists import Chip, Column, Filter, ListPage, Value
from dudao.shell.pages import form_page, refuse
from dudao.shell.sheets import Sheet, table
from dudao.shell.templatetags.parts import fullday, status
from dudao.training import library, queries, services
from dudao.training.forms import ClaimForm, DecideForm, JudgeForm, RuleForm
from dudao.training.models import Claim, Judgement, Kind, Level, RuleValue
from dudao.training.queries.competence import matrix, plain
from dudao.training.queries.files import File, file_of
from dudao.training.queries.hours import Year, book
from dudao.training.queries.needs import GROUNDS, by_area, wanted
from dudao.training.queries.needs import needs as find_needs
from dudao.training.queries.rules import SWITCHES
from dudao.training.views.parts import area_names, shared, year_of, years

READ = may("training.manage", "inspector.read")
TAKES_PART = may("training.manage", "inspector.read", "inspector.self")
VERDICTS = {
    "met": ("done", "达到"),
    "short": ("late", "不足"),
    "unknown": ("wait", "待登记"),
    "none": ("none", "没有记录"),
}


def verdict(row: Year, *, is_over: bool) -> tuple[str, str]:
    """Tone and words of how somebody stands; while the year still runs being short is no fault yet."""
    tone, words = VERDICTS[row.verdict]
    return ("soon", "还差") if row.verdict == "short" and not is_over else (tone, words)


@require_GET
@READ
def hours(request: Request) -> HttpResponseBase:
    """Hours of a year by kind, and who is short by how much."""
    year, today = year_of(request), clock.today()
    found = book(request.actor.county, year, today=today)
    is_over = today.year > year
    asked = request.GET.get("v", "")
    shown = [one for one in found.rows if not asked or one.verdict == asked]
    if request.GET.get("export") == "xlsx":
        heads = (
            "姓名",
            "类别",
            "督学证号",
            *(f"{one.label}学时" for one in Kind),
            "计入学时",
            "待登记学时",
            "应达学时",
            "差",
            "结论",
        )
        lines: list[tuple[Value, ...]] = [
            (
                one.known.name, Inspector.Kind(one.known.kind).label, one.known.certificate_number,
                *(one.by_kind.get(kind.value) for kind in Kind), one.counted, one.open or None, found.need, one.short,
                verdict(one, is_over=is_over)[1],
            )
            for one in shown
        ]  # fmt: skip
        said = f"计入：{'、'.join(Kind(one).label for one in Kind.values if one in found.kinds)}"
        return table(f"{year}年督学培训学时", [("学时", heads, lines)], said=said, today=today)
    context = shared(
        request, "hours", year=year, years=years(request, year), book=found, is_over=is_over, asked=asked,
        rows=[(one, verdict(one, is_over=is_over), [one.by_kind.get(kind.value) for kind in Kind]) for one in shown],
        kinds=list(Kind), counts=[
            (code, "还差" if code == "short" and not is_over else words, found.count(code))
            for code, (_, words) in VERDICTS.items()
        ],
        counted="、".join(Kind(one).label for one in Kind.values if one in found.kinds),
        short=[one for one in found.rows if one.verdict == "short"], silent=found.count("none"), printing=request.GET.get("print") == "1",
    )  # fmt: skip
    return render(request, "training/hours.html", context)


@require_GET
@may("inspector.self")
def mine(request: Request) -> HttpResponse:
    """The way to the reader's own file."""
    row = inspectors.inspectors_visible_to(request.actor).filter(person__in=request.actor.hands).first()
    if row is None:
        return render(request, "inspectors/none.html")
    return redirect(reverse("training:file", args=[row.pk]))


@require_GET
@TAKES_PART
def file(request: Request, key: UUID) -> HttpResponseBase:
    """The training file of one inspector."""
    row = get_object_or_404(inspectors.inspectors_visible_to(request.actor).select_related("person"), pk=key)
    today = clock.today()
    found = file_of(row, today=today)
    # A leader sees hours and certificates; scores and judgements are for the office and the inspector.
    private = inspectors.may_read_private(request.actor, row)
    if request.GET.get("export") == "xlsx":
        return table(
            f"督学培训档案_{row.person.name}", _sheets(found, private=private), said=row.person.name, today=today
        )
    known = next((one for one in inspectors.roster(row.county, day=today) if one.key == row.pk), None)
    standing = book(row.county, today.year, today=today, only=known) if known else None
    levels = matrix(row.county, day=today, only=[row.pk])[row.pk]
    needed = find_needs(row.county, today=today, only=known)[0].reasons if known and private else ()
    proofs: dict[str, list[Any]] = {}
    if private:
        for one in files.files_of_many(request.actor, Claim, [one.pk for one in found.claims]):
            proofs.setdefault(one.subject, []).append(one)
    context = shared(
        request, "file", row=row, file=found, private=private, known=known, book=standing,
        year=standing.rows[0] if standing else None, needed=needed, labels=dict(Level.choices), kinds=list(Kind), kind_names=dict(Kind.choices),
        own=row.person_id in request.actor.hands,
        years=[(one, [one.by_kind.get(kind.value) for kind in Kind]) for one in found.years],
        areas=[(area, name, levels.get(area)) for area, name in library.areas().items()], level_names=library.levels(),
        claims=[(one, proofs.get(str(one.pk), [])) for one in found.claims], printing=request.GET.get("print") == "1",
    )  # fmt: skip
    return render(request, "training/file.html", context)


def _sheets(found: File, *, private: bool) -> list[Sheet]:
    levels, kinds = dict(Level.choices), dict(Kind.choices)
    states = {"present": "到", "leave": "请假", "absent": "缺席"}
    sheets: list[Sheet] = [
        (
            "学时", ("日期", "内容", "级别", "方式", "出勤", "学时", "说明"),
            [
                (one.day, one.title, levels[Level(one.level)], kinds[Kind(one.kind)], states[one.state], one.hours, one.words if private or one.state == "present" else "")
                for one in found.lines
            ],
        ),
        (
            "结业证书", ("证书编号", "培训", "级别", "学时", "发证日期"),
            [
                (one.number, one.batch.title, one.batch.get_level_display(), one.hours, one.issued_on)
                for one in found.certificates
            ],
        ),
    ]  # fmt: skip
    if private:
        sheets.append(
            (
                "测试成绩", ("日期", "测试", "培训", "得分", "满分", "合格线"),
                [
                    (one.exam.day, one.exam.title, one.exam.batch.title, "缺考" if one.points is None else one.points, one.exam.full, one.exam.pass_mark)
                    for one in found.scores
                ],
            )
        )  # fmt: skip
        sheets.append(
            (
                "学时认定", ("培训", "主办单位", "级别", "方式", "开始", "结束", "学时", "状态", "说明"),
                [
                    (one.title, one.organiser, one.get_level_display(), one.get_kind_display(), one.starts_on, one.ends_on, one.hours, one.get_state_display(), one.decision)
                    for one in found.claims
                ],
            )
        )  # fmt: skip
    return sheets


@require_GET
@may("training.manage")
def needs(request: Request) -> HttpResponseBase:
    """Who needs which training, and why."""
    today = clock.today()
    everybody = find_needs(request.actor.county, today=today)
    ground, area = request.GET.get("ground", ""), request.GET.get("area", "")
    shown = [
        one
        for one in everybody
        if one.reasons
        and (not ground or any(r.ground == ground for r in one.reasons))
        and (not area or area in one.areas)
    ]
    if request.GET.get("export") == "xlsx":
        heads = ("姓名", *GROUNDS.values())
        lines = [
            (one.known.name, *("；".join(r.words for r in one.reasons if r.ground == code) for code in GROUNDS))
            for one in shown
        ]
        return table("督学培训需求", [("需求", heads, lines)], said="", today=today)
    counts = by_area(everybody)
    context = shared(
        request, "needs", rows=shown, people=len(everybody), needing=sum(bool(one.reasons) for one in everybody),
        grounds=[
            (code, words, sum(any(r.ground == code for r in one.reasons) for one in everybody))
            for code, words in GROUNDS.items()
        ],
        areas=[(code, name, counts[code]) for code, name in library.areas().items()], ground=ground, area=area,
        printing=request.GET.get("print") == "1",
    )  # fmt: skip
    return render(request, "training/needs.html", context)


@require_GET
@may("training.manage")
def competence(request: Request) -> HttpResponseBase:
    """Inspectors by areas, with levels."""
    today = clock.today()
    people = inspectors.roster(request.actor.county, day=today)
    cells = matrix(request.actor.county, day=today, only=[one.key for one in people])
    areas = library.areas()
    if request.GET.get("export") == "xlsx":
        heads = ("姓名", *(part for name in areas.values() for part in (name, "怎么来的")))
        lines: list[tuple[Value, ...]] = [
            (
                one.name,
                *(
                    part
                    for area in areas
                    for cell in [cells[one.key].get(area)]
                    for part in ((cell.level, cell.how) if cell else (None, None))
                ),
            )
            for one in people
        ]
        return table("督学能力矩阵", [("能力", heads, lines)], said="没有依据的空着", today=today)
    context = shared(
        request, "competence", areas=list(areas.items()), levels=list(library.levels().items()), ways=library.reached(),
        rows=[
            (one, [(area, name, cells[one.key].get(area), area in wanted(one)) for area, name in areas.items()])
            for one in people
        ],
        totals=[
            sum(bool(cell and cell.level) for one in people for cell in [cells[one.key].get(area)]) for area in areas
        ],
        printing=request.GET.get("print") == "1",
    )  # fmt: skip
    return render(request, "training/competence.html", context)


def _inspector(request: Request, key: UUID) -> Inspector:
    rows = inspectors.inspectors_visible_to(request.actor).select_related("person")
    row = get_object_or_404(rows, pk=key)
    if not inspectors.may_read_private(request.actor, row):
        raise Http404
    return row


@require_GET
@may("training.manage", "inspector.self")
def cell(request: Request, key: UUID, area: str) -> HttpResponse:
    """What a level rests on, row by row."""
    row = _inspector(request, key)
    if area not in library.areas():
        raise Http404
    found = matrix(row.county, day=clock.today(), only=[row.pk])[row.pk].get(area)
    context = shared(
        request, "competence", row=row, area=area, name=library.areas()[area], cell=found, level_names=library.levels(),
        ways=library.reached(),
        judgements=list(Judgement.objects.filter(inspector=row, area=area).order_by("-judged_on", "-pk")),
    )  # fmt: skip
    return render(request, "training/cell.html", context)


@get_or_post
@may("training.manage")
def judge(request: Request, key: UUID, area: str) -> HttpResponse:
    """What the office judges in place of what is on record."""
    row = _inspector(request, key)
    if area not in library.areas():
        raise Http404
    last = Judgement.objects.filter(inspector=row, area=area).order_by("judged_on", "pk").last()
    form = JudgeForm(
        request.POST or None, takes_back=bool(last and last.level is not None), initial={"judged_on": clock.today()}
    )

    def act(data: dict[str, Any]) -> None:
        level = None if data.pop("level") == "back" else int(form.data["level"])
        services.judge(inspector=row, area=area, level=level, by=request.actor, now=clock.now(), **data)

    return form_page(
        request, form, act, title=f"评定能力：{row.person.name}，{library.areas()[area]}", button="评定",
        back=reverse("training:cell", args=[key, area]), done="已评定。", lead="评定代替按记录算出的水平，直到收回；要写理由。",
    )  # fmt: skip


def _claims_list() -> ListPage:
    return ListPage(
        title="学时认定",
        columns=(
            Column("督学", lambda r: r.inspector.person.name, sort=("inspector__person__sort_key",), head=True, show=lambda r: format_html('<a href="{}">{}</a>', reverse("training:claim", args=[r.pk]), r.inspector.person.name)),
            Column("培训", lambda r: r.title),
            Column("级别", lambda r: r.get_level_display(), css="nowrap"),
            Column("方式", lambda r: r.get_kind_display(), css="nowrap"),
            Column("结束", lambda r: r.ends_on, sort=("ends_on",), show=lambda r: fullday(r.ends_on), css="nowrap"),
            Column("学时", lambda r: r.hours, css="num", show=lambda r: plain(r.hours)),
            Column("状态", lambda r: r.get_state_display(), css="nowrap", show=lambda r: status({"pending": "wait", "accepted": "done"}.get(r.state, "none"), r.get_state_display())),
        ),
        order=("-ends_on",),
        search=("inspector__person__name", "title"), search_label="姓名或培训",
        filters=(Filter("kind", "方式", Kind.choices, lambda v: Q(kind=v)), Filter("level", "级别", Level.choices, lambda v: Q(level=v))),
        chips=(Chip("pending", "待认定", Q(state="pending"), tone="soon"), Chip("accepted", "已认定", Q(state="accepted"))),
        empty={"title": "还没有人申报学时", "hint": "外出、网络培训和自学的学时由本人或督导室申报，附证明。"},
    )  # fmt: skip


@require_GET
@may("training.manage")
def claims(request: Request) -> HttpResponseBase:
    """Hours from elsewhere, claimed and decided."""
    rows = queries.claims_visible_to(request.actor).select_related("inspector__person")
    return _claims_list().respond(request, rows, "training/claims.html", shared(request, "claims"))


@get_or_post
@may("training.manage", "inspector.self")
def add_claim(request: Request) -> HttpResponse:
    """A claim, by the inspector for themselves or by the office for somebody."""
    found = inspectors.inspectors_visible_to(request.actor).select_related("person").order_by("person__sort_key")
    managing = queries.may_manage(request.actor)
    if not managing:
        found = found.filter(person__in=request.actor.hands)
    people = {str(one.pk): one for one in found}
    if not people:
        return render(request, "inspectors/none.html")
    form = ClaimForm(
        request.POST or None, request.FILES or None, people=[(key, one.person.name) for key, one in people.items()],
        initial={"inspector": request.GET.get("inspector", "")},
    )  # fmt: skip
    back = reverse("training:claims") if managing else reverse("training:mine")

    def act(data: dict[str, Any]) -> None:
        who = people[data.get("inspector") or next(iter(people))]
        proofs = [stored.receive(one) for one in data["proofs"]]
        services.claim_hours(
            inspector=who, elsewhere=form.elsewhere(), proofs=proofs, by=request.actor, now=clock.now()
        )

    return form_page(
        request, form, act, title="申报学时", button="申报", back=back, done="已申报，等督导室认定。",
        lead="外出、网络培训和自学的学时，附证明；由另一位同志认定以后才计入。",
    )  # fmt: skip


@get_or_post
@may("training.manage", "inspector.self")
def claim(request: Request, key: UUID) -> HttpResponse:
    """One claim with its proofs; the office decides."""
    rows = queries.claims_visible_to(request.actor).select_related("inspector__person")
    row = get_object_or_404(rows, pk=key)
    decides = queries.may_manage(request.actor) and row.state == Claim.State.PENDING
    form = DecideForm(request.POST or None, initial={"base_version": row.version, "decided_on": clock.today()})
    status_ = 200
    if request.method == "POST":
        if not queries.may_manage(request.actor):
            raise Http404
        status_ = 422
        if form.is_valid():
            data = dict(form.cleaned_data)
            accepts = data.pop("accepts") == "1"
            try:
                services.decide_claim(claim=row, accepts=accepts, by=request.actor, now=clock.now(), **data)
            except Refused as refusal:
                status_ = refuse(form, refusal)
            else:
                messages.success(request, f"{row.get_state_display()}。")
                return redirect(reverse("training:claim", args=[key]))
    context = shared(
        request, "claims", claim=row, form=form, decides=decides, areas=area_names(row.areas),
        proofs=list(files.files_of(request.actor, row)),
        own=bool(request.actor.hands & {row.by_person, row.inspector.person_id}),
    )  # fmt: skip
    return render(request, "training/claim.html", context, status=status_)


@require_GET
@may("training.manage", "inspector.self")
def proof(request: Request, key: UUID, file: UUID) -> HttpResponseBase:
    """A proof, for who sees the claim."""
    row = get_object_or_404(queries.claims_visible_to(request.actor), pk=key)
    found = files.file_of(request.actor, row, file)
    if found is None:
        raise Http404
    return stored.respond(found, by=request.actor, now=clock.now())


@require_GET
@READ
def rules(request: Request) -> HttpResponse:
    """The numbers that rules name, or the county in their place, with how sure they are."""
    found = queries.rules(request.actor.county, day=clock.today())
    values = list(RuleValue.objects.filter(county=request.actor.county).order_by("-from_on", "-pk"))
    names = {key: one.name for key, one in found.items()}
    context = shared(
        request, "rules", rules=list(found.values()), values=[(one, names[one.rule]) for one in values],
        ways=library.reached(), levels=list(library.levels().items()),
    )  # fmt: skip
    return render(request, "training/rules.html", context)


@get_or_post
@may("training.manage")
def set_rule(request: Request, rule: str) -> HttpResponse:
    """What holds in the county from a day on."""
    found = queries.rules(request.actor.county, day=clock.today()).get(rule)
    if found is None:
        raise Http404
    form = RuleForm(
        request.POST or None, initial={"value": found.value, "from_on": clock.today().replace(month=1, day=1)}
    )

    def act(data: dict[str, Any]) -> None:
        services.set_rule(rule=rule, by=request.actor, now=clock.now(), **data)

    return form_page(
        request, form, act, title=f"设定：{found.name}", button="保存", back=reverse("training:rules"), done="已设定。",
        lead=f"现在是 {found.shown}：{found.clause}，{found.sure}。" + ("填 1 计入，0 不计入。" if rule in SWITCHES else ""),
    )  # fmt: skip

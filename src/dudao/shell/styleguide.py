"""What the style guide shows: every part, with data as long and as many as a real county has. All of it is made up."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django import forms
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import FileResponse
from django.urls import reverse

from dudao.shell import clock, drafts
from dudao.shell.conflicts import Clash
from dudao.shell.http import Request
from dudao.shell.lists import Bulk, Chip, Column, Filter, ListPage

SLOT = drafts.Slot("shell.sample")
SCHOOLS = (
    "示例第一小学",
    "示例回民第二小学教育集团南校区",
    "示例镇中心幼儿园",
    "示例县立岗镇九年一贯制学校附属示例湖滨教学点",
    "示例高级中学",
)
WORDS = (
    "将履行教育职责评价结果向社会公布",
    "质量评价自评材料收齐",
    "组织开展义务教育优质均衡发展县创建摸底，形成核心指标自查报告并上报市人民政府教育督导室",
    "秋季学期开学摸排督查",
    "构建学科互补的专业团队",
)


@dataclass(frozen=True, slots=True)
class Sample:
    """One made-up task."""

    pk: int
    number: str
    words: str
    lead: str
    due_on: date | None
    done: int
    total: int

    def __str__(self) -> str:
        return self.number


class SampleForm(forms.Form):
    """Every kind of field."""

    name = forms.CharField(label="学校名称", max_length=60, help_text="按办学许可证上的全称填写")
    area = forms.DecimalField(label="室内体育用房面积（平方米）", min_value=0, decimal_places=2)
    built = forms.IntegerField(
        label="教学楼建成年份", min_value=1900, error_messages={"invalid": "请填四位数字，如 2008"}
    )
    kind = forms.ChoiceField(label="办学类型", choices=[("primary", "小学"), ("nine", "九年一贯制学校")])
    due = forms.DateField(label="期限", widget=forms.DateInput(attrs={"type": "date"}), required=False)
    groups = forms.MultipleChoiceField(
        label="配合单位",
        choices=[("基层", [("1", "各乡镇场"), ("2", "各中小学")]), ("科室", [("3", "基教"), ("4", "人事")])],
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    checked = forms.BooleanField(label="已与平台数据核对", required=False)
    words = forms.CharField(label="变动说明", widget=forms.Textarea(attrs={"rows": 3}), required=False)


def samples(today: date) -> list[Sample]:
    """Sixty tasks around today, in a fixed pattern."""
    return [
        Sample(
            pk=n,
            number=f"{n // 5 + 1:02}-{n % 5 + 1}",
            words=WORDS[n % len(WORDS)],
            lead=SCHOOLS[n * 3 % len(SCHOOLS)],
            due_on=None if n % 17 == 16 else today + timedelta(days=n * 7 % 60 - 6),
            done=n * 5 % 43,
            total=42,
        )
        for n in range(60)
    ]


PAGE = ListPage(
    title="示例任务",
    columns=(
        Column("编号", lambda t: t.number, sort=("number",), css="nowrap ink3"),
        Column("任务", lambda t: t.words, sort=("words",), head=True),
        Column("牵头", lambda t: t.lead, css="hide"),
        Column("期限", lambda t: t.due_on, sort=("due_on",), cell="shell/_sample_due.html", css="nowrap"),
        Column("状态", lambda t: t.due_on, cell="shell/_sample_state.html", css="nowrap"),
        Column("已办 / 应办", lambda t: f"{t.done} / {t.total}", sort=("done",), css="num"),
    ),
    order=("due_on",),
    search=("words",),
    search_label="任务",
    filters=(Filter("lead", "牵头", [(name, name) for name in SCHOOLS], lambda value: Q(lead=value)),),
    chips=(Chip("late", "逾期", Q(), "late"), Chip("soon", "三日内到期", Q(), "soon")),
    bulk=(Bulk("只看所选", "", icon="eye"),),
    name="task",
)


def _narrowed(request: Request, today: date) -> tuple[list[Sample], list[str], str]:
    """Rows in memory as asked for; pages of the house give ``ListPage.respond`` a query set instead."""
    asked = request.GET
    rows, said = samples(today), []
    if ticked := asked.getlist("task"):
        rows, said = [row for row in rows if str(row.pk) in ticked], ["所选"]
    if chip := next((c for c in PAGE.chips if c.name == asked.get("chip")), None):
        rows, said = [row for row in rows if _tone(row, today) == chip.name], [*said, chip.label]
    if words := asked.get("q", ""):
        rows, said = [row for row in rows if words in row.words], [*said, f"含“{words}”"]
    if lead := asked.get("lead", ""):
        rows, said = [row for row in rows if row.lead == lead], [*said, f"牵头：{lead}"]
    sort = asked.get("sort", "3")
    index = sort.removeprefix("-")
    value = PAGE.columns[int(index)].value if index in ("0", "1", "3") else lambda t: t.done
    rows.sort(key=lambda row: (value(row) is None, value(row) or date.min), reverse=sort.startswith("-"))
    return rows, said, sort


def _list(request: Request, today: date) -> dict[str, Any]:
    rows, said, sort = _narrowed(request, today)
    counts: Counter[str] = Counter(_tone(row, today) for row in samples(today))
    counts["total_"] = counts.total()
    page = Paginator(rows, PAGE.size(request)).get_page(request.GET.get("page"))
    return PAGE.shown(request, page, counts, said, sort)


def excel(request: Request) -> FileResponse:
    """The list as Excel."""
    rows, said, _ = _narrowed(request, clock.today())
    return PAGE.excel(rows, said)


def _tone(row: Sample, today: date) -> str:
    left = (row.due_on - today).days if row.due_on else 99
    return "late" if left < 0 else "soon" if left <= 3 else "go"


@dataclass(frozen=True, slots=True)
class SampleEvent:
    """One made-up line of history."""

    summary: str
    by_name: str
    hat_label: str
    recorded_at: datetime
    occurred_on: date


def _events(now: datetime) -> Sequence[SampleEvent]:
    said = ("拟督办单第 2 稿，改报告期限为 9月27日", "整改期限届满，标为逾期", "随访记录，附照片 2 张，离线补传")
    return [
        SampleEvent(
            words,
            "专职督学甲（示例）",
            "督导室 · 督导室专职",
            now - timedelta(days=n),
            (now - timedelta(days=n)).date(),
        )
        for n, words in enumerate(said)
    ]


def job(done: int) -> dict[str, Any]:
    """A long job that has come so far."""
    address = f"{reverse('shell:styleguide_progress')}?done={done}"
    return {
        "title": "导入自治区督导平台数据",
        "done": done,
        "total": 42,
        "unit": "所",
        "running": done < 42,
        "address": address,
        "page": address,
        "lines": [("新增 18，变更 241，未变 3016", ""), ("拒收 2 行：学校代码不存在", "")],
    }


def shown(request: Request) -> dict[str, Any]:
    """The whole page."""
    today, now = clock.today(), clock.now()
    form = SampleForm(initial={"name": SCHOOLS[3], "area": "921", "kind": "nine", "groups": ["1", "3"]})
    wrong = SampleForm(
        {"name": SCHOOLS[3], "area": "-5", "built": "二〇〇八", "kind": "nine", "words": "内容都在"}, auto_id="wrong_%s"
    )
    wrong.is_valid()
    return {
        **_list(request, today),
        "form": form,
        "wrong": wrong,
        "slot": SLOT,
        "draft": drafts.restore(form, SLOT, by=request.actor),
        "events": _events(now),
        "clashes": [
            Clash("due", "期限", "2024年10月15日", "2024年10月10日", ["2024-10-15"]),
            Clash("groups", "配合单位", "基教、人事", "基教", ["3", "4"]),
        ],
        "facts": [("牵头", "督导室"), ("依据", "贺政教督发〔2024〕4号 第 2 项"), ("证件号", None)],
        "trail": [("问题与整改", reverse("shell:styleguide")), ("示例第二小学", "")],
        "steps": ("导入通知", "核对要点", "确认", "下达", "签收"),
        "start_on": today - timedelta(days=64),
        "due_on": today - timedelta(days=2),
        "days": [today + timedelta(days=n) for n in (-6, 0, 1, 2, 9)],
        "job": job(26),
        "now": now,
    }

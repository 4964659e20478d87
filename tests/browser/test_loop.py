"""One finding, one loop: from the preliminary opinion to the circular, on the days on which an office does it."""

import io
import threading
from collections.abc import Callable, Iterator
from datetime import date
from itertools import count
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Locator, Page, expect

from dudao.disclosure.models import Edition
from dudao.findings import services as findings
from dudao.findings.models import Case, Finding, Measure
from dudao.inspections.models import Inspection
from dudao.jobs import runner
from dudao.papers import services as papers
from dudao.papers.models import Paper
from dudao.procedures.models import Act
from dudao.shell import clock
from tests.browser.conftest import PHONE, WIDE
from tests.cast import Cast, Player, player

NUMBERS = count(1)


@pytest.fixture(autouse=True)
def first_of_march(settings: Any) -> Iterator[None]:
    settings.DEMO_TODAY = date(2024, 3, 1)
    yield


class Office:
    """Who sits before the browser, and what they do on its pages."""

    def __init__(self, page: Page, url: str, cast: Cast, sign_in: Callable[[Any], None]) -> None:
        self.page, self.url, self.cast, self._sign_in = page, url, cast, sign_in
        unit = cast.office.appointment.unit
        self.director, self.staff, self.head = cast.office, cast.staff, cast.head
        self.clerk = player("寅", "office_staff", unit)
        self.leader = player("卯", "leader", cast.bureau)
        papers.add_code(
            code="贺政教督督",
            organ="贺兰县人民政府教育督导室",
            numbered_by="here",
            by=cast.office.actor,
            now=clock.now(),
        )

    def go(self, who: Player, path: str) -> None:
        self._sign_in(who.user)
        self.page.goto(self.url + path)

    def fill(self, **values: Any) -> None:
        """Fill the fields of the page's form by their names."""
        for name, value in values.items():
            field = self.page.locator(f'main [name="{name}"]')
            kind = field.first.evaluate("e => e.tagName === 'INPUT' ? e.type : e.tagName.toLowerCase()")
            if kind in ("checkbox", "radio"):
                for one in value if isinstance(value, list | tuple) else [value]:
                    self.page.locator(f'main [name="{name}"][value="{one}"]').check()
            elif kind == "file":
                field.set_input_files(value)
            elif kind == "select":
                field.select_option(value)
            else:
                field.fill(value.isoformat() if isinstance(value, date) else str(value))

    def press(self, button: Locator) -> None:
        """Press a button and wait for the page that answers; what it refuses fails the test in its own words."""
        with self.page.expect_navigation():
            button.click()
        wrong = self.page.locator("main .dd-err, main .dd-note.late[role=alert]")
        assert not wrong.count(), wrong.all_inner_texts()

    def send(self) -> None:
        """Send the form of the page."""
        self.press(self.page.locator("main form [type=submit].btn-primary").first)

    def take(self, name: str, **values: Any) -> None:
        """Open an act from the list of what may be done, fill and send it."""
        row = self.page.get_by_role("row").filter(has=self.page.get_by_role("rowheader", name=name, exact=True))
        row.get_by_role("link").last.click()
        self.fill(**values)
        self.send()

    def own(self, name: str, **values: Any) -> None:
        """The unit's own button, fill and send."""
        self.page.get_by_role("link", name=name, exact=True).first.click()
        self.fill(**values)
        self.send()

    def outside(self, **more: Any) -> dict[str, Any]:
        """A paper that came out of the OA today and was signed for."""
        return {
            "paper": "outside", "number": f"贺政教督办〔2024〕{next(NUMBERS)}号", "paper_on": clock.today(), "way": "oa",
            "received_by": "示例签收人", **more,
        }  # fmt: skip

    def write(self, matter: str, draft: str, **fields: Any) -> Paper:
        """A paper drafted by one, filled, submitted, and signed by the director."""
        self.go(self.staff, draft)
        self.send()
        paper = Paper.objects.order_by("-drafted_at").first()
        assert paper is not None
        if fields:
            self.page.goto(f"{self.url}/papers/{paper.pk}/fields/")
        for name, words in fields.items():
            self.page.get_by_label(f"{name}（必备）").fill(words)
        if fields:
            self.send()
        self.page.goto(f"{self.url}/papers/{paper.pk}/submit/")
        self.press(self.page.get_by_role("main").get_by_role("button", name="送签"))
        self.go(self.director, f"/papers/{paper.pk}/")
        self.page.get_by_role("link", name="签发").first.click()
        again = self.page.locator('main [name="despite_warnings"]')
        if again.count():
            again.check()
        self.press(self.page.get_by_role("button", name="签发"))
        paper.refresh_from_db()
        assert paper.state == "issued" and paper.number.startswith("贺政教督督〔2024〕"), paper.state
        self.page.goto(f"{self.url}{matter}")
        return paper


@pytest.fixture
def office(page: Page, live_server: Any, cast: Cast, sign_in: Callable[[Any], None]) -> Office:
    return Office(page, live_server.url, cast, sign_in)


def proof(name: str) -> dict[str, Any]:
    """A picture as the file box takes it."""
    made = io.BytesIO()
    Image.new("RGB", (8, 8)).save(made, "PNG")
    return {"name": f"{name}.png", "mimeType": "image/png", "buffer": made.getvalue()}


def work_off() -> None:
    """What the worker would do in the next second."""
    while job := runner.claim():
        runner.do(job, threading.Event())


def plan(office: Office, unit: Any, title: str) -> Inspection:
    """The staff plans an inspection and the team is told; the unit has the notice of today."""
    office.go(office.staff, "/inspections/new/")
    office.fill(
        title=title, matters="课程开设\n食堂管理", units=[unit.pk], begin_on=clock.today(), end_on=clock.today(),
        lead=str(office.staff.person.pk), persons=[office.director.person.pk, office.clerk.person.pk],
    )  # fmt: skip
    office.send()
    office.take("送达督导通知", **office.outside())
    office.take("进驻")
    return Inspection.objects.get(title=title)


def leave(office: Office) -> None:
    ticks = ["现场考察", "征求公众意见", "专门听取学生、家长和教师意见"]
    office.take("现场结束", words="查阅资料，座谈三场（示例）。", ticks=ticks)


def register(office: Office, inspection: Inspection, *due: date) -> list[Finding]:
    """What was found goes into the list in one step."""
    office.page.get_by_role("link", name="登记问题").click()
    for at, day in enumerate(due):
        office.fill(**{
            f"f-{at}-title": f"示例问题{at + 1}", f"f-{at}-basis": f"示例标准第{at + 1}条",
            f"f-{at}-wanted": "整改到位并建立台账", f"f-{at}-due_on": day,
        })  # fmt: skip
    office.send()
    return list(Finding.objects.filter(origin=str(inspection.pk)).order_by("serial"))


def test_a_problem_goes_the_whole_way_from_the_preliminary_opinion_to_the_circular(
    office: Office, cast: Cast, axe: Callable[[Page], list[str]], overflow: Callable[[Page], int]
) -> None:
    """Three of the office, the head of the school and the leader.

    The opinion holds three problems; one is late: order, not in place, talk on paper, passed, closed. In summer it is back:
    second order, circular.
    """
    page, head, staff, clerk, director = office.page, office.head, office.staff, office.clerk, office.director
    inspection = plan(office, cast.school, "规范办学行为")
    at = f"/inspections/{inspection.pk}/"
    late, *others = register(office, inspection, date(2024, 3, 25), date(2024, 12, 20), date(2024, 12, 20))
    leave(office)

    # Preliminary opinion: drafted, signed by another, served. The school objects, the office weighs it.
    office.write(
        at, f"{at}draft/preliminary-opinion/", 逐事项初步结论="课程开设基本规范。", 申辩方式="书面并加盖公章。"
    )
    clock.step_demo_day(days=1)
    office.go(staff, at)
    office.take("送达初步意见", way="oa", received_by="示例签收人")
    office.go(head, at)
    expect(page.get_by_text("示例问题1")).to_have_count(0)
    office.take("提出申辩", words="第1条已经在改。", evidence=proof("申辩"))
    office.go(director, at)
    office.take("综合分析申辩、拟制意见书", words="情况属实，维持。")

    # The opinion with three problems; the school signs for it by itself.
    opinion = office.write(
        at, f"{at}draft/opinion/", 逐事项评价="总体规范。", 建议="建立长效机制。", 整改报告时限="整改结束后10日内",
    )  # fmt: skip
    body = opinion.texts.first()
    assert body is not None and all(f"示例问题{n}" in body.body for n in (1, 2, 3))
    clock.step_demo_day(days=1)
    office.go(head, at)
    office.take("送达督导意见书")
    assert set(Finding.objects.values_list("state", flat=True)) == {"rectifying"}
    for size in (WIDE, PHONE):
        page.set_viewport_size(size)  # type: ignore[arg-type]
        office.go(staff, at)
        assert not axe(page) and overflow(page) == 0
    page.set_viewport_size(WIDE)  # type: ignore[arg-type]

    # One is late: an order.
    clock.step_demo_day(days=25)
    here = f"/findings/{late.pk}/"
    office.go(staff, here)
    expect(page.get_by_text("逾期 3 天").first).to_be_visible()
    order = propose(office, "order", cast.school.pk, "not_timely", late)
    office.take("送达督办单", due_on=date(2024, 4, 12), **office.outside())
    expect(page.get_by_text("第 1 次").first).to_be_visible()

    # The school reports; looked at on the spot it is not in place; the order leads on to a talk.
    clock.step_demo_day(days=5)
    office.go(head, here)
    office.own("报送整改报告", words="已建立台账。", evidence=proof("台账"))
    office.go(head, f"/findings/measures/{order.pk}/")
    office.own("反馈督办情况", words="已落实。")
    clock.step_demo_day(days=2)
    office.go(clerk, here)
    office.take("复查不到位", words="现场查看，台账缺两周。", evidence=proof("现场"))
    office.go(director, f"/findings/measures/{order.pk}/")
    office.take("督办未果、转下一措施", words="转约谈。")
    talk = propose(office, "talk", cast.school.pk, "after_order", late)
    office.take("送达约谈通知", **office.outside())
    clock.step_demo_day(days=3)
    # Held on paper, entered with the scan.
    office.go(staff, f"/findings/measures/{talk.pk}/")
    office.take(
        "记录约谈", paper="outside", paper_on=clock.today(), scan=proof("约谈记录扫描件"), words="校长承诺两周内到位。",
        due_on=date(2024, 4, 26), evidence=proof("签字页"),
    )  # fmt: skip
    office.take("约谈备案", words="报县委县政府和市督导室。")
    assert Measure.objects.get(pk=talk.pk).state == "ended"

    # Passed and closed, by others than who reported.
    clock.step_demo_day(days=8)
    office.go(head, here)
    office.own("报送整改报告", words="台账补齐，专人负责。", evidence=proof("台账2"))
    office.go(clerk, here)
    office.take("复查合格", words="现场查看，台账齐全。", evidence=proof("现场2"))
    office.go(director, here)
    office.take("销号")
    late.refresh_from_db()
    assert (late.state, late.number) == ("closed", "2024-0001")

    # In summer the look-back finds it back: the same number, and a second order.
    clock.step_demo_day(days=90)
    office.go(clerk, here)
    office.take("问题反弹、重新整改", words="台账又停记。", evidence=proof("回头看"), due_on=date(2024, 7, 31))
    late.refresh_from_db()
    assert (late.state, late.number, late.relapses) == ("rectifying", "2024-0001", 1)
    clock.step_demo_day(days=30)
    second = propose(office, "order", cast.school.pk, "not_timely", late)
    office.take("送达督办单", due_on=date(2024, 8, 25), **office.outside())
    expect(page.get_by_text("第 2 次").first).to_be_visible()

    # Its day passes without a word; the school is told of the circular, may speak, and the circular goes out.
    clock.step_demo_day(days=25)
    office.go(director, f"/findings/measures/{second.pk}/")
    office.take("督办未果、转下一措施", words="期满没有反馈，转通报。")
    circular = propose(office, "circular", cast.school.pk, "not_rectified", late)
    office.take("送达事先告知", **office.outside())
    office.go(head, f"/findings/measures/{circular.pk}/")
    office.own("陈述申辩（或表示放弃）", words="放弃陈述申辩。")
    there = f"/findings/measures/{circular.pk}/"
    paper = office.write(there, f"{there}paper/circular/", 改正期限="2024-09-30")
    office.go(staff, there)
    office.take("印发通报", way="oa", received_by="示例签收人", due_on=date(2024, 9, 30))
    late.refresh_from_db()
    circular.refresh_from_db()
    assert (circular.state, late.state, late.due_on) == ("issued", "rectifying", date(2024, 9, 30))
    assert Act.objects.filter(subject=late.pk, told_by__isnull=False).values_list("code", flat=True).count() == 5
    office.go(staff, here)
    for name in ("意见书送达", "送达督办单", "记录约谈", "销号", "问题反弹", "印发通报"):
        expect(page.get_by_text(name).first).to_be_visible()
    states = Finding.objects.filter(pk__in=[one.pk for one in others]).values_list("state", flat=True)
    assert set(states) == {"rectifying"}

    # Published: reviewed by two, packed, and the portal's address recorded.
    office.go(director, "/disclosure/setting/")
    office.fill(org_code="EXAMPLE", publisher="贺兰县人民政府教育督导室", department="督导室")
    office.send()
    office.go(staff, "/disclosure/waiting/")
    office.press(page.get_by_role("row").filter(has_text=paper.number).get_by_role("button"))
    edition = Edition.objects.get()
    open_page = f"/disclosure/{edition.publication_id}/"
    office.go(staff, f"{open_page}words/")
    office.fill(summary="对示例第一小学整改不力的通报。", sources="来源：督导室复查记录。")
    office.send()
    page.get_by_role("link", name="送公开审查").first.click()
    office.press(page.get_by_role("button", name="送审"))
    for who, step in ((director, "openness"), (office.leader, "secrecy")):
        office.go(who, f"{open_page}{step}/")
        office.fill(conclusion="open")
        office.send()
    office.go(staff, open_page)
    office.press(page.get_by_role("button", name="制作材料包").first)
    work_off()
    office.go(staff, open_page)
    expect(page.get_by_role("link", name="下载材料包")).to_be_visible()
    page.get_by_role("link", name="登记公开网址").first.click()
    office.fill(address="https://www.example.gov.cn/show_1.html", on=clock.today(), evidence=proof("网页截图"))
    office.send()
    edition.refresh_from_db()
    assert (edition.state, edition.published_on) == ("published", clock.today())


def propose(office: Office, kind: str, unit: Any, ground: str, finding: Finding) -> Measure:
    """The staff proposes a measure on a finding."""
    office.go(office.staff, f"/findings/measures/new/?kind={kind}&unit={unit}")
    office.fill(findings=[finding.pk], grounds=[ground], title=f"示例问题（{ground}）", wanted="限期整改到位（示例）。")
    office.send()
    # The page of the new measure says that it is written.
    expect(office.page.get_by_role("heading", level=1)).to_contain_text(f"示例问题（{ground}）")
    made = Measure.objects.order_by("-serial").first()
    assert made is not None and made.kind == kind
    return made


def test_a_school_without_problems_is_praised(office: Office, cast: Cast) -> None:
    """Nothing was found; the office proposes, the leader agrees, the school has the decision."""
    page = office.page
    inspection = plan(office, cast.school_2, "春季开学工作")
    at = f"/inspections/{inspection.pk}/"
    leave(office)
    office.take("送达初步意见", **office.outside())
    office.go(cast.head_2, at)
    office.take("表示没有异议", words="没有异议。")
    office.go(office.director, at)
    office.take("综合分析申辩、拟制意见书", words="没有需要整改的问题。")
    office.go(office.staff, at)
    office.take("送达督导意见书", **office.outside())
    page.get_by_role("link", name="提出激励").click()
    expect(page.get_by_label("督导结果和激励的理由")).to_have_value(
        "示例第二中学在春季开学工作中没有发现需要整改的问题，建议通报表扬。"
    )
    office.send()
    reward = Measure.objects.get()
    there = f"/findings/measures/{reward.pk}/"
    office.go(office.leader, there)
    office.take("批准激励", words="同意。")
    office.go(office.staff, there)
    office.take("送达激励决定", **office.outside())
    reward.refresh_from_db()
    assert (reward.kind, reward.state, reward.origin) == ("reward", "ended", str(inspection.pk))


def test_a_problem_is_put_right_and_closed_while_a_case_about_it_runs(office: Office, cast: Cast) -> None:
    """Only the members see the case; the school reports, another looks, the problem is closed, the case is still open."""
    page, here = office.page, ""
    finding = findings.register_finding(
        facts=findings.Facts(
            unit=cast.school.pk, source="safety", basis="示例标准第1条", title="围墙倾斜（示例）", facts="示例事实",
            found_on=clock.today(), due_on=date(2024, 4, 1),
        ),
        told_on=clock.today(), by=cast.office.actor, now=clock.now(),
    )  # fmt: skip
    here = f"/findings/{finding.pk}/"
    office.go(office.director, f"/findings/cases/new/?unit={cast.school.pk}")
    office.fill(
        findings=[finding.pk], grounds=["safety"], title="围墙隐患未处置（示例）", words="现场查实。", persons="后勤负责人（示例）",
        work_done_on=clock.today(), occurred_on=clock.today(),
    )  # fmt: skip
    office.send()
    case = Case.objects.get()
    at = f"/findings/cases/{case.pk}/"
    office.take("成立调查认定工作组", words="会同示例安全科，三人。")
    office.go(office.staff, "/findings/cases/")
    expect(page.get_by_text(case.title)).to_have_count(0)
    answer = page.request.get(office.url + at)
    assert answer.status == 404, "nobody but its members sees a case"

    office.go(office.head, here)
    office.own("报送整改报告", words="已拆除重建。", evidence=proof("现场"))
    office.go(office.staff, here)
    expect(page.get_by_text(case.title)).to_have_count(0)
    office.take("复查合格", words="现场查看，隐患消除。", evidence=proof("复查"))
    office.go(office.clerk, here)
    office.take("销号")
    finding.refresh_from_db()
    case.refresh_from_db()
    assert (finding.state, case.state) == ("closed", "investigating")
    office.go(office.director, at)
    office.take("形成事实材料", words="事实、证据和责任认定（示例）。", evidence=proof("材料"))
    expect(page.get_by_text("已销号、待回头看").first).to_be_visible()

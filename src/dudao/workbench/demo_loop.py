"""The demo's register: inspections, findings, measures and a case as an office has them in spring. All of it is 示例.

Played with the services on past days, so that the pages show what the rules make of it.
"""

import io
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timedelta
from itertools import count
from typing import Any
from uuid import UUID

from django.urls import reverse
from PIL import Image, ImageDraw

from dudao.files import services as files
from dudao.findings import services as findings
from dudao.findings.models import Case, Finding, Measure
from dudao.findings.services import Brought, Facts
from dudao.inspections import services as inspections
from dudao.inspections.models import Inspection, TeamMember
from dudao.inspections.services import Line, Member
from dudao.papers.library import kind_name
from dudao.procedures.services import Outside
from dudao.shell.acts import Actor
from dudao.shell.clock import day_of

_TICKS = ("现场考察", "征求公众意见", "专门听取学生、家长和教师意见")
_UP = ("本级人民政府已收到", "上一级督导机构已备案")
_SENT = "报县人民政府，同时报市督导室备案（示例）。"


def play(*, units: Mapping[str, UUID], who: Callable[[str], Actor], now: datetime) -> None:
    """Play the register into a demo county that has its units and people."""
    loop = _Loop(units, who, now)
    loop.conduct()
    loop.all_well()
    loop.finished()
    loop.under_way()
    loop.on_danger()
    loop.from_before()


class _Loop:
    def __init__(self, units: Mapping[str, UUID], who: Callable[[str], Actor], now: datetime) -> None:
        self.units, self.now, self.today = units, now, day_of(now)
        self.director, self.staff, self.leader = who("shili-zhuren"), who("shili-zhuanzhi"), who("shili-fenguan")
        self.head, self.inspector = who("shili-xiaozhang"), who("shili-duxue")
        self.numbers = count(1)
        picture = Image.new("RGB", (480, 320), "#eef1f5")
        ImageDraw.Draw(picture).rectangle((40, 40, 440, 280), outline="#5b6675", width=6)
        made = io.BytesIO()
        picture.save(made, "PNG")
        self.picture = made.getvalue()

    def ago(self, days: int) -> date:
        return self.today - timedelta(days=days)

    def proof(self, name: str) -> files.Received:
        return files.receive(io.BytesIO(self.picture), name=f"{name}（示例）.png")

    def paper(self, kind: str, matter: Inspection | Measure | Case, on: date) -> Outside:
        """A paper that the office issued before it had this system."""
        pages = {Inspection: "inspections:inspection", Measure: "findings:measure", Case: "findings:case"}
        link = reverse(pages[type(matter)], args=[matter.pk]) if type(matter) is not Case else ""
        number = f"贺政教督督〔{on.year}〕{next(self.numbers)}号"
        return Outside(kind, number, on, f"{kind_name(kind)}（示例）", link)

    # ---- one act each

    def inspect(self, row: Inspection, act: str, days: int, by: Actor, paper: str = "", **more: Any) -> None:
        on = self.ago(days)
        if paper:
            more |= {"outside": self.paper(paper, row, on)}
        if paper and act != "submit_report":
            more |= {"way": "oa", "received_by": "办公室签收（示例）"}
        brought = Brought(occurred_on=on, **more)
        inspections.act_on_inspection(
            inspection=row, act=act, brought=brought, base_version=row.version, by=by, now=self.now
        )

    def find(self, row: Finding, act: str, days: int, by: Actor, words: str = "", **more: Any) -> None:
        row.refresh_from_db()
        if act == "report" and not by.is_of(row.unit_id):
            more |= {"on_behalf": "学校办公室（示例）", "way": "paper"}
        if act in ("report", "recheck_passed", "recheck_failed", "look_back_passed", "relapse"):
            more |= {"evidence": (self.proof("现场照片"),)}
        brought = Brought(occurred_on=self.ago(days), words=words, **more)
        findings.act_on_finding(finding=row, act=act, brought=brought, base_version=row.version, by=by, now=self.now)

    def measure(self, row: Measure, act: str, days: int, by: Actor, paper: str = "", **more: Any) -> None:
        on = self.ago(days)
        if paper:
            more |= {"outside": self.paper(paper, row, on)}
        if paper and paper != "talk-record":
            more |= {"way": "oa", "received_by": "办公室签收（示例）"}
        brought = Brought(occurred_on=on, **more)
        findings.act_on_measure(measure=row, act=act, brought=brought, base_version=row.version, by=by, now=self.now)

    def propose(self, kind: str, unit: str, found: Sequence[Finding], ground: str, days: int, **more: Any) -> Measure:
        for one in found:
            one.refresh_from_db()
        return findings.propose_measure(
            kind=kind, unit=self.units[unit], findings=found, grounds=[ground], occurred_on=self.ago(days),
            by=self.staff, now=self.now, **more,
        )  # fmt: skip

    def plan(
        self, title: str, units: Sequence[str], days: int, begin: int, kind: str = "special", **more: Any
    ) -> list[Inspection]:
        roles = TeamMember.Role
        people = (self.director, self.staff, self.inspector)
        team = [Member(roles.MEMBER if at else roles.LEAD, one.person) for at, one in enumerate(people)]
        return inspections.plan_inspection(
            units=[self.units[code] for code in units], kind=kind, title=title, begin_on=self.ago(begin),
            end_on=self.ago(begin - 1), members=team, occurred_on=self.ago(days), by=self.director, now=self.now,
            **more,
        )  # fmt: skip

    def until_leaving(self, row: Inspection, start: int, lines: Sequence[tuple[str, str, str, int]]) -> list[Finding]:
        """Notice, days on site, and what was found: problem, basis, what is wanted, due so many days ago."""
        self.inspect(row, "notify", start + 7, self.staff, "inspection-notice")
        self.inspect(row, "enter", start, self.staff)
        found = inspections.keep_findings(
            inspection=row,
            lines=[
                Line(
                    title=title, basis=basis, wanted=wanted, found_on=self.ago(start), due_on=self.ago(due),
                    facts=f"{title}，现场查看并有照片（示例）。", department=self.units["SL-JJ"],
                )
                for title, basis, wanted, due in lines
            ],
            by=self.staff,
            now=self.now,
        )  # fmt: skip
        words = "查阅资料、走访课堂，召开学生、家长和教师座谈会（示例）。"
        self.inspect(row, "leave", start - 1, self.staff, ticks=_TICKS, words=words)
        return found

    # ---- what is played

    def conduct(self) -> None:
        """Three problems: one closed, one by way of an order to a talk, one late."""
        row = self.plan("2024年春季学期规范办学行为", ["SL-XX02"], 97, 87, matters="课程开设\n作业管理\n收费公示")[0]
        basis = "宁夏规范办学行为督导要点（示例）第{}条"
        closed, talked, _ = self.until_leaving(row, 87, [
            ("体育课被占用，每周少开1节", basis.format(3), "按课程方案开足体育课", 45),
            ("书面作业没有公示，两个年级超量", basis.format(7), "建立作业公示和审核制度", 38),
            ("校服收费项目没有公示", basis.format(11), "在校门口和公众号公示收费项目", 6),
        ])  # fmt: skip
        self.inspect(row, "feed_back", 82, self.staff, "preliminary-opinion")
        words = "第2条所列五年级作业超量，系期末复习周情况，已附作业登记。"
        self.inspect(row, "defend", 78, self.head, words=words, evidence=(self.proof("作业登记"),))
        self.inspect(
            row, "analyse", 76, self.director, words="经核对，作业超量的情况存在，维持；措辞改为“两个年级超量”。"
        )
        self.inspect(row, "issue", 72, self.staff, "opinion")
        self.find(closed, "plan", 68, self.head, "教务处每周核对课表，责任人教务主任（示例）。")
        self.find(closed, "report", 55, self.head, "已调整课表，连续四周开足。")
        self.find(closed, "recheck_passed", 50, self.staff, "查看课表、随机听课两节、访谈学生，体育课已开足。")
        self.find(closed, "close", 49, self.director)
        order = self.propose("order", "SL-XX02", [talked], "not_timely", 36, title="作业管理整改逾期未报",
                             wanted="十五日内整改到位并报送整改报告。")  # fmt: skip
        self.measure(order, "serve_order", 34, self.staff, "supervision-order", due_on=self.ago(19))
        self.measure(order, "reply_order", 22, self.head, words="已制定作业公示办法，随整改报告报送。")
        self.find(talked, "report", 22, self.head, "已制定作业公示办法并在班级群公布。")
        self.find(talked, "recheck_failed", 17, self.staff, "抽查三个班，两个班没有公示，五年级仍超量。")
        self.measure(order, "hand_on", 16, self.director, words="督办后复查仍不到位，转约谈。")
        talk = self.propose("talk", "SL-XX02", [talked], "after_order", 15, title="督办后作业管理仍整改不到位",
                            wanted="约谈校长，说明原因，限期整改。")  # fmt: skip
        self.measure(talk, "call", 13, self.staff, "talk-notice")
        self.measure(
            talk, "hold_talk", 9, self.director, "talk-record", words="校长表态：四月底前全部公示到位，逐周自查。",
            evidence=(self.proof("约谈记录签字页"),), due_on=self.ago(-15),
        )  # fmt: skip
        self.measure(talk, "file_talk", 8, self.staff, words="报县委、县政府和市督导室备案，机要件。")
        self.inspect(
            row,
            "submit_report",
            60,
            self.staff,
            "inspection-report",
            words=_SENT,
            ticks=_UP,
            evidence=(self.proof("回执"),),
        )
        self.inspect(row, "publish_report", 48, self.staff, words="县政府门户网站政府信息公开栏：https://helan.example/gk/2024-1（示例）。",
                     evidence=(self.proof("网页截图"),))  # fmt: skip

    def all_well(self) -> None:
        """A school without problems, and its reward."""
        row = self.plan("2024年春季开学工作", ["SL-XX05"], 60, 50, matters="开学准备\n教材发放\n校园安全")[0]
        self.until_leaving(row, 50, [])
        self.inspect(row, "feed_back", 45, self.staff, "preliminary-opinion")
        self.inspect(row, "accept", 43, self.staff, words="没有异议。", on_behalf="示例城关第五小学校长（示例）",
                     way="paper", evidence=(self.proof("反馈意见签字页"),))  # fmt: skip
        self.inspect(row, "analyse", 42, self.director, words="单位没有异议，没有需要整改的问题。")
        self.inspect(row, "issue", 40, self.staff, "opinion")
        reward = self.propose(
            "reward", "SL-XX05", [], "good_result", 30, title="春季开学督导结果好",
            wanted="在2024年春季开学工作专项督导中没有发现需要整改的问题，建议通报表扬。", origin=row,
            origin_words=str(row), origin_link=reverse("inspections:inspection", args=[row.pk]),
        )  # fmt: skip
        self.measure(reward, "approve_reward", 26, self.leader, words="同意通报表扬。")
        self.measure(reward, "give_reward", 22, self.staff, "reward")

    def finished(self) -> None:
        """Everything closed and looked back at; one problem came back and is under an order."""
        row = self.plan(
            "食品安全和营养改善", ["SL-XX01"], 98, 90, matters="食堂管理\n营养餐资金", kind="comprehensive"
        )[0]
        basis = "学校食品安全与营养健康管理规定（示例）第{}条"
        good, back = self.until_leaving(row, 90, [
            ("食堂留样记录缺六天", basis.format(40), "补齐制度，专人留样登记", 60),
            ("库房食材没有离墙离地存放", basis.format(37), "配齐货架，离墙离地存放", 60),
        ])  # fmt: skip
        self.inspect(row, "feed_back", 86, self.staff, "preliminary-opinion")
        self.inspect(row, "analyse", 75, self.director, words="申辩期满，单位没有提出申辩。")
        self.inspect(row, "issue", 74, self.staff, "opinion")
        for one in (good, back):
            self.find(one, "report", 66, self.director, "已整改，附照片。")
            self.find(one, "recheck_passed", 62, self.staff, "现场查看，情况属实。")
            self.find(one, "close", 61, self.staff)
        self.inspect(
            row,
            "submit_report",
            58,
            self.staff,
            "inspection-report",
            words=_SENT,
            ticks=_UP,
            evidence=(self.proof("回执"),),
        )
        self.inspect(row, "keep_back", 50, self.leader, words="涉及未公开的供货商信息，按政府信息公开条例15条不公开。")
        self.inspect(row, "archive", 49, self.director)
        self.find(good, "look_back_passed", 20, self.staff, "回头看：留样柜、登记本齐全。")
        self.find(back, "relapse", 20, self.staff, "回头看：库房又有米面直接放在地上。", due_on=self.ago(6))
        order = self.propose("order", "SL-XX01", [back], "not_timely", 4, title="食材存放问题反弹后逾期未整改",
                             wanted="立即整改，十五日内报送整改报告。")  # fmt: skip
        self.measure(order, "serve_order", 2, self.staff, "supervision-order", due_on=self.ago(-13))

    def under_way(self) -> None:
        """One that the unit may still answer, one on site, and three planned in one step."""
        row = self.plan("校园安全", ["SL-XX02"], 30, 12, matters="消防设施\n安全演练")[0]
        basis = "中小学幼儿园安全管理办法（示例）第{}条"
        self.until_leaving(row, 12, [
            ("消防通道堆放课桌椅", basis.format(18), "清理消防通道，保持畅通", -30),
            ("本学期没有开展疏散演练", basis.format(41), "四月底前组织一次疏散演练", -30),
        ])  # fmt: skip
        self.inspect(row, "feed_back", 4, self.staff, "preliminary-opinion")
        row = self.plan("保教质量", ["SL-YG01"], 20, 1, matters="一日活动\n师幼互动")[0]
        self.inspect(row, "notify", 8, self.staff, "inspection-notice")
        self.inspect(row, "enter", 1, self.staff)
        inspections.keep_findings(
            inspection=row,
            lines=[Line(title="大班有提前教写拼音的情况", basis="幼儿园保育教育质量评估指南（示例）第12条",
                        found_on=self.ago(1), wanted="停止小学化内容，调整周计划")],
            by=self.inspector, now=self.now,
        )  # fmt: skip
        self.plan("控辍保学和学籍管理", ["SL-XX27", "SL-XX31", "SL-XX34"], 3, -26, matters="学籍变动\n劝返复学")

    def on_danger(self) -> None:
        """A complaint about danger to life: told at once, reported up, a case beside it."""
        facts = Facts(
            unit=self.units["SL-XX04"], source=Finding.Source.COMPLAINT, basis="中小学幼儿园安全管理办法（示例）第23条",
            title="围墙倾斜，课间仍有学生在墙下活动", facts="家长反映，到校查看属实（示例）。",
            found_on=self.ago(40), severity=Finding.Severity.DANGER, department=self.units["SL-AQ"],
            wanted="立即隔离，限期拆除重建", due_on=self.ago(25),
        )  # fmt: skip
        row = findings.register_finding(facts=facts, told_on=self.ago(40), by=self.staff, now=self.now)
        self.find(row, "report_up", 40, self.staff, "当日电话报告分管县领导，学校拉警戒线隔离。")
        self.find(row, "report", 20, self.director, "已拆除并临时围挡，重建已列入计划。")
        case = findings.open_case(
            unit=self.units["SL-XX04"], findings=[row], grounds=["safety"], title="围墙隐患长期未处置（示例）",
            persons="后勤负责人（示例）", methods=[], words="投诉线索，经现场查实。", work_done_on=self.ago(30),
            occurred_on=self.ago(18), by=self.director, now=self.now,
        )  # fmt: skip
        findings.act_on_case(
            case=case, act="set_group", base_version=case.version, by=self.director, now=self.now,
            brought=Brought(occurred_on=self.ago(12), words="会同县教体局安全科、县应急局，三人（示例）。"),
        )  # fmt: skip
        self.find(row, "recheck_passed", 10, self.staff, "现场查看，隐患已消除。")

    def from_before(self) -> None:
        """Last year's lines of the office's own ledger; one basis comes again this year."""
        for at, (unit, title, closed) in enumerate((
            ("SL-XX01", "食堂留样记录不全", True), ("SL-XX11", "专任教师体检记录缺失", True),
            ("SL-XX27", "辍学学生劝返台账不全", False), ("SL-YM05", "班额超标", False),
        )):  # fmt: skip
            basis = "学校食品安全与营养健康管理规定（示例）第40条" if not at else f"2023年督导要点（示例）第{at + 3}条"
            found = date(self.today.year - 1, 10, 10 + at)
            facts = Facts(
                unit=self.units[unit], source=Finding.Source.UPPER if at == 2 else Finding.Source.INSPECTION,
                basis=basis, title=title, facts=f"{title}（示例）。", found_on=found, wanted="限期整改",
                due_on=None if closed else self.ago(12 - 20 * (at == 3)), ledger_number=f"台账{at + 1:02d}",
            )  # fmt: skip
            findings.register_finding(
                facts=facts,
                told_on=None if closed else found,
                closed_on=found + timedelta(days=50) if closed else None,
                by=self.staff,
                now=self.now,
            )

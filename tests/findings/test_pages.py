"""The pages of findings and measures, through a browser without scripts."""

import re
from datetime import date
from io import BytesIO
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from PIL import Image

from dudao.accounts import services as accounts
from dudao.findings import filling, services
from dudao.findings.models import Finding, Measure
from dudao.papers import services as papers
from dudao.papers.models import Paper
from dudao.procedures.models import Act, Clock
from dudao.shell.models import Draft
from tests.cast import NOW, TODAY, Cast, Player, player
from tests.findings.conftest import act, facts, outside_paper, proof

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _on_the_day(settings: Any) -> None:
    settings.DEMO_TODAY = TODAY


def signed_in(who: Player) -> Client:
    client = Client()
    client.force_login(who.user)
    return client


def picture(name: str = "照片.png") -> SimpleUploadedFile:
    made = BytesIO()
    Image.new("RGB", (4, 4)).save(made, "PNG")
    return SimpleUploadedFile(name, made.getvalue(), content_type="image/png")


def page(who: Player, name: str, *args: object, status: int = 200) -> str:
    answer = signed_in(who).get(reverse(f"findings:{name}", args=args))
    assert answer.status_code == status, answer.content.decode()[:2000]
    return answer.content.decode()


def send(who: Player, name: str, *args: object, **data: Any) -> Any:
    """Open a form, and send it with what stands in it and what is typed."""
    client, address = signed_in(who), reverse(f"findings:{name}", args=args)
    opened = client.get(address)
    assert opened.status_code == 200, opened.content.decode()[:2000]
    form = opened.context["form"]
    typed = {name: field.value() for name, field in ((f, form[f]) for f in form.fields)}
    typed = {k: v for k, v in typed.items() if v not in (None, "", []) and k not in ("evidence", "scan")}
    return client.post(address, {**typed, **data})


# ---- who sees what


def test_everybody_sees_their_own_finding_and_nobody_elses(cast: Cast, told: Finding) -> None:
    for who in (cast.office, cast.staff):
        assert "现在可以办的" in page(who, "finding", told.pk)
    assert "请整改并报送整改报告" in page(cast.head, "finding", told.pk)
    page(cast.head_2, "finding", told.pk, status=404)
    page(cast.foreign_office, "finding", told.pk, status=404)


def test_a_finding_not_told_yet_is_no_page_for_the_unit(cast: Cast, finding: Finding) -> None:
    page(cast.head, "finding", finding.pk, status=404)


def test_the_office_registers_a_finding_by_hand(cast: Cast) -> None:
    answer = send(
        cast.office, "finding_new", unit=str(cast.school.pk), title="消防通道堆放杂物", basis="示例标准第9条",
        facts="北侧出口锁闭（示例）。", found_on="2024-04-01", due_on="2024-05-01", evidence=[picture(), picture("二.png")],
    )  # fmt: skip
    row = Finding.objects.get()
    assert answer.status_code == 302 and answer.url == reverse("findings:finding", args=[row.pk])
    assert (row.state, row.unit_id, row.source) == ("registered", cast.school.pk, "visit")
    shown = page(cast.office, "finding", row.pk)
    assert "照片.png" in shown and "二.png" in shown


def test_what_is_wrong_stands_at_the_field_and_what_was_typed_stays(cast: Cast) -> None:
    answer = send(
        cast.office, "finding_new", unit=str(cast.school.pk), title="门禁失灵", basis="示例第1条", facts="示例事实",
        found_on="2024-04-05", due_on="2024-04-01", evidence=[SimpleUploadedFile("木马.exe", b"MZ\x90\x00" * 40)],
    )  # fmt: skip
    assert answer.status_code == 422
    shown = answer.content.decode()
    assert "木马.exe" in shown and 'value="门禁失灵"' in shown
    assert answer.context["form"].errors.keys() == {"evidence"}
    answer = send(
        cast.office, "finding_new", unit=str(cast.school.pk), title="门禁失灵", basis="示例第1条", facts="示例事实",
        found_on="2024-04-05", due_on="2024-04-01",
    )  # fmt: skip
    assert answer.context["form"].errors["due_on"] == ["整改期限不能早于发现日期。"]
    assert not Finding.objects.exists()


def test_the_same_registration_sent_twice_makes_one_finding(cast: Cast) -> None:
    client, address = signed_in(cast.office), reverse("findings:finding_new")
    key = client.get(address).context["form"]["key"].value()
    typed = {
        "key": key, "unit": str(cast.school.pk), "source": "visit", "title": "门禁失灵", "basis": "示例第1条",
        "facts": "示例事实", "found_on": "2024-04-05", "severity": "ordinary",
    }  # fmt: skip
    assert {client.post(address, typed).url for _ in range(2)} == {reverse("findings:finding", args=[key])}
    assert Finding.objects.count() == 1


def test_a_school_registers_nothing(cast: Cast) -> None:
    assert signed_in(cast.head).get(reverse("findings:finding_new")).status_code == 404


# ---- the loop by forms


def test_a_paper_from_the_oa_is_entered_and_served_on_one_page(cast: Cast, finding: Finding) -> None:
    answer = send(
        cast.office, "finding_act", finding.pk, "notify", paper="outside", number="贺教督〔2024〕8号", paper_on="2024-04-01",
        occurred_on="2024-04-02", way="oa", received_by="示例签收人", due_on="2024-05-06",
    )  # fmt: skip
    assert answer.status_code == 302, answer.context["form"].errors
    finding.refresh_from_db()
    assert (finding.state, finding.due_on) == ("rectifying", date(2024, 5, 6))
    paper = Paper.objects.get()
    assert (paper.kind, paper.number, paper.is_outside) == ("rectification-notice", "贺教督〔2024〕8号", True)
    assert "贺教督〔2024〕8号" in page(cast.head, "finding", finding.pk)


def test_a_paper_that_comes_along_is_entered_once_though_the_form_is_sent_twice(cast: Cast, finding: Finding) -> None:
    client, address = signed_in(cast.office), reverse("findings:finding_act", args=[finding.pk, "notify"])
    form = client.get(address).context["form"]
    typed = {
        "base_version": form["base_version"].value(), "key": form["key"].value(), "paper": "outside", "way": "oa",
        "number": "贺教督〔2024〕8号", "paper_on": "2024-04-01", "occurred_on": "2024-04-02", "received_by": "示例签收人",
        "due_on": "2024-05-06",
    }  # fmt: skip
    for _ in range(2):
        assert client.post(address, typed).status_code == 302
    assert (Paper.objects.count(), Act.objects.filter(code="notify").count()) == (1, 1)


def test_service_on_paper_wants_the_receipt_and_writes_nothing_without(cast: Cast, finding: Finding) -> None:
    answer = send(
        cast.office, "finding_act", finding.pk, "notify", paper="outside", number="贺教督〔2024〕9号", paper_on="2024-04-01",
        occurred_on="2024-04-02", way="paper", received_by="示例签收人", due_on="2024-05-06",
    )  # fmt: skip
    assert answer.status_code == 422
    assert "送达回证" in answer.context["form"].errors["evidence"][0]
    assert not Paper.objects.exists()


def test_service_in_the_future_is_refused_at_the_day(cast: Cast, finding: Finding) -> None:
    answer = send(
        cast.office, "finding_act", finding.pk, "notify", paper="outside", number="贺教督〔2024〕9号", paper_on="2024-04-01",
        occurred_on="2024-04-12", way="oa", received_by="示例签收人", due_on="2024-05-06",
    )  # fmt: skip
    assert answer.context["form"].errors.keys() == {"occurred_on"}


def test_the_unit_reports_from_a_phone_and_a_second_person_rechecks(cast: Cast, told: Finding) -> None:
    answer = send(
        cast.head,
        "finding_act",
        told.pk,
        "report",
        words="已补齐台账（示例）。",
        evidence=[picture(), picture("台账.png")],
    )
    assert answer.status_code == 302
    told.refresh_from_db()
    assert told.state == "reported"
    answer = send(
        cast.office, "finding_act", told.pk, "recheck_failed", words="现场查看，仍缺两天。", evidence=[picture()]
    )
    told.refresh_from_db()
    assert told.state == "not_in_place"


def test_the_office_writes_down_what_the_unit_did_on_paper_with_a_proof(cast: Cast, told: Finding) -> None:
    shown = page(cast.office, "finding_act", told.pk, "report")
    assert "代为登记：报送整改报告" in shown
    typed = {"words": "学校书面报告（示例）。", "way": "paper", "behalf_person": str(cast.head.person.pk)}
    assert send(cast.office, "finding_act", told.pk, "report", **typed).context["form"].errors.keys() == {"evidence"}
    assert send(cast.office, "finding_act", told.pk, "report", **typed, evidence=[picture()]).status_code == 302
    row = Act.objects.get(subject=told.pk, code="report")
    assert (row.behalf_person, row.way) == (cast.head.person.pk, "paper")
    assert "示例第一小学" in row.on_behalf
    # Who wrote it down does not recheck it.
    shown = page(cast.office, "finding_act", told.pk, "recheck_passed")
    assert "换人办理" in shown
    assert (
        send(cast.staff, "finding_act", told.pk, "recheck_passed", words="已到位。", evidence=[picture()]).status_code
        == 302
    )


def test_an_act_that_is_not_theirs_is_refused_in_words(cast: Cast, told: Finding) -> None:
    answer = signed_in(cast.head).get(reverse("findings:finding_act", args=[told.pk, "close"]))
    assert answer.status_code == 422 and "不由您现在的身份办理" in answer.content.decode()
    assert signed_in(cast.office).get(reverse("findings:finding_act", args=[told.pk, "nonsense"])).status_code == 404
    assert signed_in(cast.office).get(reverse("findings:finding_act", args=[told.pk, "supervised"])).status_code == 404


def test_what_cannot_be_done_yet_says_what_is_missing(cast: Cast, told: Finding) -> None:
    shown = page(cast.staff, "finding_act", told.pk, "close")
    assert "现在还不能销号" in shown and "整改中" in shown


def test_of_two_officers_the_second_sees_how_things_stand_and_keeps_the_words(cast: Cast, told: Finding) -> None:
    client, address = signed_in(cast.head), reverse("findings:finding_act", args=[told.pk, "plan"])
    form = client.get(address).context["form"]
    typed = {"base_version": form["base_version"].value(), "key": form["key"].value(), "occurred_on": "2024-04-10"}
    act(told, "plan", cast.head, date(2024, 4, 1), words="先前的方案（示例）")
    answer = client.post(address, {**typed, "words": "我写的方案（示例）"})
    assert answer.status_code == 409
    shown = answer.content.decode()
    assert "先前的方案" in shown and "我写的方案" in shown
    typed["base_version"] = answer.context["form"]["base_version"].value()
    assert client.post(address, {**typed, "words": "我写的方案（示例）"}).status_code == 302


def test_the_same_form_sent_twice_is_taken_once(cast: Cast, told: Finding) -> None:
    client, address = signed_in(cast.head), reverse("findings:finding_act", args=[told.pk, "plan"])
    form = client.get(address).context["form"]
    typed = {"base_version": form["base_version"].value(), "key": form["key"].value(), "occurred_on": "2024-04-10"}
    for _ in range(2):
        assert client.post(address, {**typed, "words": "方案（示例）"}).status_code == 302
    assert Act.objects.filter(subject=told.pk, code="plan").count() == 1
    # Back by the browser's button and other words: not lost, and taken when sent again.
    answer = client.post(address, {**typed, "words": "补充的方案（示例）"})
    assert answer.status_code == 409 and "补充的方案（示例）" in answer.content.decode()
    again = {n: answer.context["form"][n].value() for n in ("base_version", "key", "words")}
    assert client.post(address, again).status_code == 302
    assert Act.objects.filter(subject=told.pk, code="plan").count() == 2


def test_what_was_typed_is_kept_as_a_draft_and_gone_when_taken(cast: Cast, told: Finding) -> None:
    client = signed_in(cast.head)
    client.post(reverse("shell:draft_keep"), {"_draft": f"finding.plan|{told.pk}", "words": "写到一半（示例）"})
    shown = client.get(reverse("findings:finding_act", args=[told.pk, "plan"])).content.decode()
    assert "写到一半（示例）" in shown and "没写完的内容" in shown
    send(cast.head, "finding_act", told.pk, "plan")
    assert not Draft.objects.exists()
    assert Act.objects.get(subject=told.pk, code="plan").words == "写到一半（示例）"


def test_evidence_is_given_out_to_those_who_see_the_finding(cast: Cast, told: Finding) -> None:
    act(told, "report", cast.head, date(2024, 3, 20), evidence=[proof()])
    row = Act.objects.get(subject=told.pk, code="report")
    [(_, address)] = signed_in(cast.office).get(reverse("findings:finding", args=[told.pk])).context["files"]
    assert str(row.pk) in address
    for who, status in ((cast.office, 200), (cast.head, 200), (cast.head_2, 404), (cast.foreign_office, 404)):
        assert signed_in(who).get(address).status_code == status


def test_a_correction_lies_out_both_texts(cast: Cast, finding: Finding) -> None:
    client, address = signed_in(cast.office), reverse("findings:finding_change", args=[finding.pk])
    form = client.get(address).context["form"]
    typed = {n: form[n].value() or "" for n in form.fields}
    services.change_finding(
        finding=finding, base_version=finding.version, title="台账缺六天", by=cast.staff.actor, now=NOW
    )
    answer = client.post(address, {**typed, "title": "食堂台账不完整"})
    assert answer.status_code == 409
    shown = answer.content.decode()
    assert "台账缺六天" in shown and "食堂台账不完整" in shown


# ---- measures


def order_of(cast: Cast, told: Finding) -> Measure:
    return services.propose_measure(
        kind="order", unit=cast.school.pk, findings=[told], grounds=["not_timely"], title="食堂台账整改逾期",
        wanted="十五日内整改到位并报告。", occurred_on=TODAY, by=cast.office.actor, now=NOW,
    )  # fmt: skip


def measure_address(name: str, cast: Cast, kind: str) -> str:
    return f"{reverse(name)}?kind={kind}&unit={cast.school.pk}"


def test_an_order_is_begun_on_late_findings_and_the_others_say_why_not(cast: Cast, told: Finding) -> None:
    fresh = services.register_finding(facts=facts(cast, title="门口积水"), by=cast.office.actor, now=NOW)
    client, address = signed_in(cast.office), measure_address("findings:measure_new", cast, "order")
    shown = client.get(address)
    assert [one.finding for one in shown.context["refused"]] == [fresh]
    assert "现在是“待告知”" in shown.content.decode()
    typed = {"grounds": ["not_timely"], "title": "整改逾期", "wanted": "限期整改（示例）", "occurred_on": "2024-04-10"}
    answer = client.post(address, typed)
    assert answer.status_code == 422, "an order needs a finding"
    key = shown.context["form"]["key"].value()
    for _ in range(2):
        answer = client.post(address, {**typed, "key": key, "findings": [str(told.pk)]})
        assert answer.status_code == 302
    row = Measure.objects.get()
    assert (row.kind, row.state, list(row.findings.all())) == ("order", "drafting", [told])


def test_the_order_says_which_it_is_how_late_and_the_number_of_the_notice(cast: Cast, told: Finding) -> None:
    order = order_of(cast, told)
    answer = signed_in(cast.office).post(reverse("findings:measure_paper", args=[order.pk, "supervision-order"]))
    assert answer.status_code == 302
    paper = Paper.objects.get(kind="supervision-order")
    assert answer.url == reverse("papers:paper", args=[paper.pk])
    text = paper.texts.get()
    assert "第1次" in text.body and "整改不及时" in text.body and "2024-0001" in text.body and "| 5 |" in text.body
    assert Paper.objects.get(kind="rectification-notice").number in text.body
    assert paper.link == reverse("findings:measure", args=[order.pk]) and not paper.is_served_here


def test_the_department_that_answers_gets_a_copy_of_the_order(cast: Cast, told: Finding) -> None:
    Finding.objects.filter(pk=told.pk).update(department=cast.bureau)
    order = order_of(cast, told)
    signed_in(cast.office).post(reverse("findings:measure_paper", args=[order.pk, "supervision-order"]))
    assert Paper.objects.get(kind="supervision-order").texts.get().copies_words == "贺兰县教育体育局（示例）"


def test_an_order_is_served_with_its_default_day_and_sets_the_findings_day(cast: Cast, told: Finding) -> None:
    order = order_of(cast, told)
    outside_paper(order, "supervision-order", cast.office.actor, cast.school.pk, on=TODAY)
    shown = page(cast.office, "measure_act", order.pk, "serve_order")
    assert "未核实" in shown and 'value="2024-04-25"' in shown
    answer = send(cast.office, "measure_act", order.pk, "serve_order", way="oa", received_by="示例签收人", due_on="")
    assert answer.status_code == 302, answer.context["form"].errors
    told.refresh_from_db()
    assert told.due_on == date(2024, 4, 25)
    shown = page(cast.head, "measure", order.pk)
    assert "请贵单位办理" in shown and "反馈督办情况" in shown
    page(cast.head_2, "measure", order.pk, status=404)
    assert "督办单送达" in page(cast.head, "finding", told.pk)


def test_an_order_is_served_with_the_day_that_its_paper_says(cast: Cast, told: Finding) -> None:
    order = order_of(cast, told)
    paper = outside_paper(order, "supervision-order", cast.office.actor, cast.school.pk, on=TODAY)
    Paper.objects.filter(pk=paper.pk).update(values={"办结期限": "2024-05-10"})
    shown = page(cast.office, "measure_act", order.pk, "serve_order")
    assert 'value="2024-05-10"' in shown and "要与文书一致" in shown
    brought = {"way": "oa", "received_by": "示例签收人"}
    refused = send(cast.office, "measure_act", order.pk, "serve_order", due_on="2024-05-01", **brought)
    assert refused.status_code == 422
    assert "文书写明的期限是2024年5月10日" in refused.content.decode()
    assert "要重新选一次" not in refused.content.decode(), "no file was chosen"
    answer = send(cast.office, "measure_act", order.pk, "serve_order", due_on="", **brought)
    assert answer.status_code == 302, answer.context["form"].errors
    told.refresh_from_db()
    assert told.due_on == date(2024, 5, 10)


def test_a_measure_that_is_only_drafted_is_no_page_for_the_unit(cast: Cast, told: Finding) -> None:
    page(cast.head, "measure", order_of(cast, told).pk, status=404)


def test_a_talk_on_paper_is_entered_with_its_scan(cast: Cast, told: Finding) -> None:
    talk = services.propose_measure(
        kind="talk", unit=cast.school.pk, findings=[told], grounds=["not_timely"], title="约谈", wanted="约谈事由",
        occurred_on=date(2024, 4, 8), by=cast.office.actor, now=NOW,
    )  # fmt: skip
    answer = send(
        cast.office, "measure_act", talk.pk, "call", paper="outside", number="贺教督〔2024〕11号", paper_on="2024-04-08",
        occurred_on="2024-04-08", way="oa", received_by="示例签收人",
    )  # fmt: skip
    assert answer.status_code == 302, answer.context["form"].errors
    answer = send(
        cast.office, "measure_act", talk.pk, "hold_talk", paper="outside", paper_on="2024-04-09", scan=picture("记录.png"),
        occurred_on="2024-04-09", words="表示整改（示例）", due_on="2024-05-01", evidence=[picture("签字页.png")],
    )  # fmt: skip
    assert answer.status_code == 302, answer.context["form"].errors
    talk.refresh_from_db()
    told.refresh_from_db()
    assert (talk.state, told.due_on) == ("held", date(2024, 5, 1))
    assert Paper.objects.filter(kind="talk-record", subject_key=str(talk.pk)).exists()


def test_a_finding_is_dropped_from_a_measure_that_is_not_served(cast: Cast, told: Finding) -> None:
    other = services.register_finding(
        facts=facts(cast, title="门口积水", due_on=date(2024, 3, 30)), told_on=date(2024, 3, 10), by=cast.office.actor,
        now=NOW,
    )  # fmt: skip
    order = services.propose_measure(
        kind="order", unit=cast.school.pk, findings=[told, other], grounds=["not_timely"], title="逾期", wanted="整改",
        occurred_on=TODAY, by=cast.office.actor, now=NOW,
    )  # fmt: skip
    address = reverse("findings:measure_drop", args=[order.pk, other.pk])
    assert signed_in(cast.office).post(address, {"base_version": order.version}).status_code == 302
    assert list(order.findings.all()) == [told]
    assert signed_in(cast.head).post(address, {"base_version": order.version}).status_code == 404


# ---- the same number of statements however much there is


def statements(who: Player, address: str) -> int:
    client = signed_in(who)
    client.get(address)
    with CaptureQueriesContext(
        connection,
    ) as seen:
        assert client.get(address).status_code == 200
    return len(seen)


def test_a_finding_takes_the_same_number_of_statements_however_much_happened(cast: Cast, told: Finding) -> None:
    address = reverse("findings:finding", args=[told.pk])
    act(told, "plan", cast.head, date(2024, 3, 12), evidence=[proof()])
    order_of(cast, told)
    before = statements(cast.office, address)
    for n in range(6):
        act(told, "plan", cast.head, date(2024, 3, 13 + n), evidence=[proof(f"{n}.png")])
    for _ in range(2):
        services.propose_measure(
            kind="talk", unit=cast.school.pk, findings=[told], grounds=["duty"], title="示例约谈", wanted="示例",
            occurred_on=TODAY, by=cast.office.actor, now=NOW,
        )  # fmt: skip
    assert statements(cast.office, address) == before


def test_choosing_findings_for_an_order_takes_the_same_number_of_statements(cast: Cast, told: Finding) -> None:
    address = measure_address("findings:measure_new", cast, "order")
    before = statements(cast.office, address)
    for n in range(8):
        services.register_finding(
            facts=facts(cast, title=f"问题{n}"), told_on=date(2024, 3, 10), by=cast.office.actor, now=NOW
        )
    assert statements(cast.office, address) == before


# ---- papers written here


def issued(cast: Cast, paper: Paper) -> Paper:
    """Filled by the staff, signed by the director, who did not draft it."""
    text = paper.texts.first()
    assert text is not None
    body = re.sub("【待填：[^】]+】", "示例", text.body)
    papers.change_text(
        paper=paper, base_version=paper.version, title=text.title, body=body, by=cast.staff.actor, now=NOW
    )
    papers.submit_paper(paper=paper, base_version=paper.version, by=cast.staff.actor, now=NOW)
    papers.issue_paper(paper=paper, base_version=paper.version, despite_warnings=True, by=cast.office.actor, now=NOW)
    return paper


@pytest.fixture
def drafted(cast: Cast, finding: Finding) -> Paper:
    papers.add_code(code="示教督", organ="示例", numbered_by="here", by=cast.office.actor, now=NOW)
    signed_in(cast.staff).post(reverse("findings:finding_paper", args=[finding.pk, "rectification-notice"]))
    return Paper.objects.get()


def test_a_paper_signed_here_is_served_with_the_act(cast: Cast, finding: Finding, drafted: Paper) -> None:
    shown = page(cast.staff, "finding_act", finding.pk, "notify")
    assert "还没有签发的整改通知书" in shown
    paper = issued(cast, drafted)
    answer = send(
        cast.staff, "finding_act", finding.pk, "notify", way="paper", received_by="示例签收人", due_on="2024-05-10",
        evidence=[picture("回证.png")],
    )  # fmt: skip
    assert answer.status_code == 302, answer.context["form"].errors
    finding.refresh_from_db()
    assert (finding.state, finding.due_on) == ("rectifying", date(2024, 5, 10))
    assert Act.objects.get(subject=finding.pk, code="notify").paper == paper


def test_the_unit_signs_for_it_itself_and_does_not_set_the_day(cast: Cast, finding: Finding, drafted: Paper) -> None:
    Finding.objects.filter(pk=finding.pk).update(due_on=None)
    again = signed_in(cast.staff).post(reverse("findings:finding_paper", args=[finding.pk, "rectification-notice"]))
    assert again.url == reverse("papers:paper", args=[drafted.pk]), "a button pressed twice drafts one"
    issued(cast, drafted)
    assert "还没有确定期限" in page(cast.head, "finding_act", finding.pk, "notify")
    Finding.objects.filter(pk=finding.pk).update(due_on=date(2024, 4, 9))
    assert "已过" in page(cast.head, "finding_act", finding.pk, "notify")
    Finding.objects.filter(pk=finding.pk).update(due_on=date(2024, 5, 10))
    shown = page(cast.head, "finding", finding.pk)
    assert "请签收" in shown
    form = signed_in(cast.head).get(reverse("findings:finding_act", args=[finding.pk, "notify"])).context["form"]
    assert not {"due_on", "way", "evidence", "number"} & set(form.fields)
    answer = send(cast.head, "finding_act", finding.pk, "notify")
    assert answer.status_code == 302, answer.context["form"].errors
    finding.refresh_from_db()
    assert (finding.state, finding.due_on) == ("rectifying", date(2024, 5, 10))


@pytest.mark.parametrize(
    ("kind", "grounds"),
    [
        ("order", ["not_timely"]), ("talk", ["not_timely"]), ("circular", ["not_timely"]), ("exposure", ["false_data"]),
        ("reward", ["good_result"]),
    ],
)  # fmt: skip
def test_every_paper_of_a_measure_is_drafted_with_what_is_known(
    cast: Cast, told: Finding, kind: str, grounds: list[str]
) -> None:
    row = services.propose_measure(
        kind=kind, unit=cast.school.pk, findings=[] if kind == "reward" else [told], grounds=grounds, title="示例事由",
        wanted="示例要求", occurred_on=TODAY, by=cast.office.actor, now=NOW,
    )  # fmt: skip
    for paper_kind in filling.OF_MEASURE[Measure.Kind(kind)]:
        answer = send(cast.staff, "measure_paper", row.pk, paper_kind)
        assert answer.status_code == 302
        text = Paper.objects.get(kind=paper_kind, subject_key=str(row.pk)).texts.get()
        assert "示例第一小学" in text.body + text.title + text.to_words
        if kind != "reward":
            assert "食堂台账不全" in text.body
    assert "预览" in page(cast.office, "measure", row.pk)


def test_the_records_of_recheck_and_look_back_say_who_found_what(cast: Cast, told: Finding) -> None:
    act(told, "report", cast.head, date(2024, 3, 20), words="已补齐（示例）", evidence=[proof()])
    act(told, "recheck_passed", cast.staff, date(2024, 3, 25), words="现场查看台账（示例）", evidence=[proof("查.png")])
    send(cast.staff, "finding_paper", told.pk, "recheck-record")
    body = Paper.objects.get(kind="recheck-record").texts.get().body
    for words in (
        "已补齐（示例）",
        "现场查看台账（示例）",
        "销号",
        cast.staff.person.name,
        "2024-0001",
        "2024年3月25日",
    ):
        assert words in body
    act(told, "close", cast.office, date(2024, 3, 26))
    act(told, "relapse", cast.staff, date(2024, 4, 1), words="又缺两天（示例）", evidence=[proof("反弹.png")],
        due_on=date(2024, 5, 1))  # fmt: skip
    send(cast.staff, "finding_paper", told.pk, "look-back-record")
    body = Paper.objects.get(kind="look-back-record").texts.get().body
    assert "又缺两天（示例）" in body and "| 是否反弹 | 是 | 反弹次数 | 1 |" in body


# ---- several at once


def test_several_findings_are_rechecked_on_one_page_all_or_none(cast: Cast, told: Finding) -> None:
    other = services.register_finding(
        facts=facts(cast, title="门口积水"), told_on=date(2024, 3, 10), by=cast.office.actor, now=NOW
    )
    for row in (told, other):
        act(row, "report", cast.head, date(2024, 3, 20), evidence=[proof()])
    client = signed_in(cast.staff)
    address = f"{reverse('findings:bulk_recheck')}?finding={told.pk}&finding={other.pk}"
    versions = {f"version_{row.pk.hex}": row.version for row in (told, other)}
    typed = {
        **versions, "words": "现场逐项查看（示例）。", "occurred_on": "2024-04-09",
        f"outcome_{told.pk.hex}": "recheck_passed", f"outcome_{other.pk.hex}": "recheck_failed",
    }  # fmt: skip
    stale = {**typed, f"version_{other.pk.hex}": 1, "evidence": [picture()]}
    answer = client.post(address, stale)
    assert answer.status_code == 409 and other.number in answer.content.decode()
    told.refresh_from_db()
    assert told.state == "reported", "all or none"
    assert client.post(address, {**typed, "evidence": [picture(), picture("二.png")]}).status_code == 302
    told.refresh_from_db()
    other.refresh_from_db()
    assert (told.state, other.state) == ("passed", "not_in_place")


def test_findings_of_two_units_are_not_handled_at_once(cast: Cast, told: Finding) -> None:
    other = services.register_finding(facts=facts(cast, unit=cast.school_2.pk), by=cast.office.actor, now=NOW)
    asked = f"?finding={told.pk}&finding={other.pk}&finding=nonsense"
    for name in ("bulk_recheck", "bulk_order"):
        answer = signed_in(cast.office).get(reverse(f"findings:{name}") + asked)
        assert answer.status_code == 302 and answer.url == reverse("findings:list")
    answer = signed_in(cast.office).get(f"{reverse('findings:bulk_order')}?finding={told.pk}")
    assert f"unit={cast.school.pk}" in answer.url and f"finding={told.pk}" in answer.url


# ---- other roles


def test_a_leader_begins_a_talk_and_nothing_else(cast: Cast, told: Finding) -> None:
    leader = player("领", "leader", cast.bureau)
    assert "现在可以办的" in page(leader, "finding", told.pk)
    shown = page(leader, "measure_new")
    assert "约谈" in shown and "激励" not in shown
    page(cast.head, "measure_new", status=404)


def test_an_inspector_sees_and_rechecks_the_units_granted_to_them(cast: Cast, told: Finding) -> None:
    inspector = player("督", "inspector", cast.bureau)
    page(inspector, "finding", told.pk, status=404)
    accounts.give_grant(
        on_type="places.unit", on_key=str(cast.school.pk), purpose="inspector.responsible", start_on=date(2024, 3, 1),
        reason="示例", to_person=inspector.person, by=cast.security_admin.actor, now=NOW,
    )  # fmt: skip
    act(told, "report", cast.head, date(2024, 3, 20), evidence=[proof()])
    assert "复查合格" in page(inspector, "finding", told.pk)
    assert (
        send(
            inspector, "finding_act", told.pk, "recheck_passed", words="现场查看（示例）。", evidence=[picture()]
        ).status_code
        == 302
    )


def test_the_department_sees_what_it_answers_for(cast: Cast) -> None:
    department = player("科", "section_head", cast.bureau)
    row = services.register_finding(
        facts=facts(cast, department=cast.bureau.pk), told_on=date(2024, 3, 10), by=cast.office.actor, now=NOW
    )
    assert "食堂台账不全" in page(department, "finding", row.pk)
    assert signed_in(department).get(reverse("findings:finding_act", args=[row.pk, "report"])).status_code == 422


def test_every_page_opens(cast: Cast, told: Finding) -> None:
    order = order_of(cast, told)
    for name, args in (("finding_print", [told.pk]), ("measure", [order.pk]), ("measures", []), ("measure_new", [])):
        page(cast.office, name, *args)


def test_the_paper_that_is_worked_on_stands_beside_its_finding(cast: Cast, finding: Finding) -> None:
    signed_in(cast.staff).post(reverse("findings:finding_paper", args=[finding.pk, "rectification-notice"]))
    paper = Paper.objects.get()
    assert finding.title in paper.texts.get().body
    shown = page(cast.office, "finding", finding.pk)
    assert "整改通知书预览" in shown and "去看后签发" in shown
    page(cast.office, "finding_paper", finding.pk, "opinion", status=404)


def test_a_unit_cannot_make_itself_punctual(cast: Cast, told: Finding) -> None:
    """Due on 5 April, today is the 10th: what the head does here is of today, whatever day is sent along."""
    assert 'name="occurred_on"' not in page(cast.head, "finding_act", told.pk, "report")
    answer = send(
        cast.head, "finding_act", told.pk, "report", occurred_on="2024-04-04", words="已整改（示例）",
        evidence=[picture("整改.png")],
    )  # fmt: skip
    assert answer.status_code == 302
    row = Act.objects.get(subject=told.pk, code="report")
    assert row.occurred_on == TODAY
    clock = Clock.objects.get(subject=told.pk, limit="L_RECT_DEADLINE")
    assert (clock.due_on, clock.stopped_on) == (date(2024, 4, 5), TODAY)


def test_an_order_gives_only_reasons_that_are_true(cast: Cast, told: Finding) -> None:
    client, address = signed_in(cast.office), measure_address("findings:measure_new", cast, "order")
    form = client.get(address).context["form"]
    typed = {"title": "整改逾期", "wanted": "限期整改（示例）", "occurred_on": "2024-04-10", "key": form["key"].value()}
    answer = client.post(address, {**typed, "grounds": ["not_timely", "not_in_place"], "findings": [str(told.pk)]})
    assert answer.status_code == 422 and "不能以“整改不到位”为由" in answer.content.decode()

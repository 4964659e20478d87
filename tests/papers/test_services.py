"""Papers: drafted, signed by a second person, numbered one after another, frozen, served, withdrawn."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest

from dudao.files import services as files
from dudao.files.models import StoredFile
from dudao.messages.models import Message
from dudao.papers import checker, queries, services, verifying
from dudao.papers.models import NumberBook, NumberCode, Paper, Receipt
from dudao.shell.acts import Actor
from dudao.shell.errors import Conflict, Refused
from dudao_engines.kernel.digests import sha256_hex
from dudao_engines.papers.annexes import Annex, Words
from tests.cast import NOW, TODAY, Cast, Player
from tests.papers.parts import scan

pytestmark = pytest.mark.django_db
Draft = Callable[..., Paper]


def issue(paper: Paper, by: Actor, **more: object) -> Paper:
    paper.refresh_from_db()
    return services.issue_paper(paper=paper, base_version=paper.version, by=by, now=NOW, **more)  # type: ignore[arg-type]


def test_an_issued_paper_has_the_next_number_a_day_and_a_frozen_file_whose_words_the_qr_code_tells(
    office: Player, draft: Draft
) -> None:
    one, two = issue(draft(), office.actor), issue(draft(), office.actor)
    assert [one.number, two.number] == ["贺政教督发〔2024〕1号", "贺政教督发〔2024〕2号"]
    assert (one.state, one.issued_on, one.signed_by) == ("issued", TODAY, office.person.pk)
    file = StoredFile.objects.get(pk=one.file)
    data = b"".join(files.content(file))
    assert file.sha256 == sha256_hex(data)
    words = checker.words(data)
    assert "消防通道堆放杂物" in words and "贺政教督发〔2024〕1号" in words
    assert one.words_sha256 == checker.digest(words)
    assert (m := Message.objects.get(kind="papers.issued", subject_key=str(one.pk))).title == f"请签收：{one.title}"
    assert m.recipients.count() == 1


def test_who_wrote_any_of_the_words_does_not_sign_them_in_whatever_hat(
    office: Player, cast: Cast, draft: Draft
) -> None:
    paper = draft()
    with pytest.raises(Refused, match="不能办理"):
        issue(paper, cast.staff.actor)
    services.change_text(
        paper=paper, base_version=paper.version, title="改过的标题", body="改。", by=office.actor, now=NOW
    )
    with pytest.raises(Refused, match="拟稿、改稿的人不能签发"):
        issue(paper, office.actor)
    lent = Actor(
        county="640122", person=cast.head.person.pk, name="代", on_behalf_of=office.person.pk, may=office.actor.may
    )
    with pytest.raises(Refused, match="拟稿、改稿的人不能签发"):
        issue(paper, lent)
    assert not NumberBook.objects.filter(last__gt=0).exists(), "a refused issue burns no number"


def test_a_signature_on_paper_is_recorded_with_its_scan_by_somebody_who_did_not_write(
    office: Player, cast: Cast, draft: Draft
) -> None:
    paper = draft()
    facts = {"signed_by": office.person.pk, "signed_on": TODAY - timedelta(days=2)}
    with pytest.raises(Refused, match="不能登记纸质签发"):
        issue(paper, cast.staff.actor, **facts, evidence=[scan()])
    with pytest.raises(Refused, match="扫描件"):
        issue(paper, office.actor, **facts)
    with pytest.raises(Refused, match="没有签发权"):
        issue(paper, office.actor, **{**facts, "signed_by": cast.head.person.pk}, evidence=[scan()])
    with pytest.raises(Refused, match="晚于今天"):
        issue(paper, office.actor, **{**facts, "signed_on": TODAY + timedelta(days=1)}, evidence=[scan()])
    issue(paper, office.actor, **facts, evidence=[scan()])
    assert (paper.issued_on, paper.is_signed_on_paper) == (TODAY - timedelta(days=2), True)
    assert StoredFile.objects.filter(subject=str(paper.pk)).count() == 2


def test_two_who_have_read_different_texts_the_second_is_told(office: Player, cast: Cast, draft: Draft) -> None:
    paper = draft()
    read = paper.version
    services.change_text(
        paper=paper, base_version=read, title=paper.title, body="又改了一处。", by=cast.staff.actor, now=NOW
    )
    with pytest.raises(Conflict):
        services.issue_paper(paper=paper, base_version=read, by=office.actor, now=NOW)
    with pytest.raises(Conflict):
        services.change_text(paper=paper, base_version=read, title="甲", body="乙", by=cast.staff.actor, now=NOW)
    assert list(paper.texts.values_list("no", flat=True)) == [3, 2, 1]


def test_each_unit_is_served_by_itself_on_a_day_that_can_be(office: Player, cast: Cast, draft: Draft) -> None:
    paper = draft(to_units=[cast.school.pk, cast.school_2.pk])
    facts = {"paper": paper, "unit": cast.school.pk, "on": TODAY, "received_by_words": "王某（示例）", "now": NOW}
    with pytest.raises(Refused, match="拟稿"):
        services.serve_paper(**facts, way="oa", evidence=[], by=office.actor)
    issue(paper, office.actor)
    for on, words in ((TODAY + timedelta(days=1), "晚于今天"), (TODAY - timedelta(days=1), "早于成文日期")):
        with pytest.raises(Refused, match=words):
            services.serve_paper(**{**facts, "on": on}, way="oa", evidence=[], by=office.actor)
    with pytest.raises(Refused, match="扫描件"):
        services.serve_paper(**facts, way="paper", evidence=[], by=office.actor)
    with pytest.raises(Refused, match="没有发给"):
        services.serve_paper(**{**facts, "unit": cast.kindergarten.pk}, way="oa", evidence=[], by=office.actor)
    with pytest.raises(Refused, match="系统签收由单位自己办理"):
        services.serve_paper(**facts, way="system", evidence=[], by=office.actor)
    services.serve_paper(**facts, way="system", evidence=[], by=cast.head.actor)
    services.serve_paper(**{**facts, "unit": cast.school_2.pk}, way="paper", evidence=[scan()], by=cast.staff.actor)
    with pytest.raises(Refused, match="已经登记过"):
        services.serve_paper(**facts, way="system", evidence=[], by=cast.head.actor)
    with pytest.raises(Refused):
        services.serve_paper(**{**facts, "unit": cast.school_2.pk}, way="system", evidence=[], by=cast.head.actor)
    assert Receipt.objects.count() == 2


def test_a_withdrawn_paper_keeps_its_number_and_its_units_are_told(office: Player, cast: Cast, draft: Draft) -> None:
    paper = issue(draft(), office.actor)
    services.serve_paper(
        paper=paper,
        unit=cast.school.pk,
        on=TODAY,
        way="system",
        received_by_words="",
        evidence=[],
        by=cast.head.actor,
        now=NOW,
    )
    with pytest.raises(Refused, match="原因"):
        services.withdraw_paper(paper=paper, base_version=paper.version, reason=" ", by=office.actor, now=NOW)
    services.withdraw_paper(paper=paper, base_version=paper.version, reason="依据有误", by=office.actor, now=NOW)
    assert issue(draft(), office.actor).serial == 2
    message = Message.objects.get(kind="papers.withdrawn")
    assert message.recipients.get().unit_id == cast.school.pk and "依据有误" in message.text
    verdict = verifying.verify(paper.check_key, paper.number)
    assert verdict and verdict.is_withdrawn and verdict.number


def test_a_paper_from_outside_keeps_its_own_number_and_none_is_used_twice(
    office: Player, cast: Cast, code: NumberCode
) -> None:
    facts = {"kind": "opinion", "subject": ("x.y", "1"), "subject_title": "示例", "link": "/", "title": "督导意见书"}
    more = {
        "issued_on": date(2023, 12, 1),
        "to_units": [cast.school.pk],
        "received": scan(),
        "by": office.actor,
        "now": NOW,
    }
    paper = services.record_outside_paper(**facts, number="贺教督〔2023〕7号", **more)
    assert list(queries.issued_of(("x.y", "1"), "opinion")) == [paper]
    assert list(queries.papers_of(office.actor, ("x.y", "1"))) == [paper]
    with pytest.raises(Refused, match="登记过"):
        services.record_outside_paper(**facts, number="贺教督〔2023〕7号", **{**more, "received": None})
    with pytest.raises(Refused, match="本系统编号"):
        services.record_outside_paper(**facts, number="贺政教督发〔2023〕7号", **{**more, "received": None})
    services.set_before(code="贺政教督发", year=2023, before=9, by=office.actor, now=NOW)
    services.record_outside_paper(**facts, number="贺政教督发〔2023〕7号", **{**more, "received": None})


def test_a_restricted_paper_is_there_only_for_the_persons_named(office: Player, cast: Cast, draft: Draft) -> None:
    paper = draft(readers=[office.person.pk], subject=("x.case", "1"))
    issue(paper, office.actor)
    seen = {
        name: paper in queries.papers_visible_to(getattr(cast, name).actor)
        for name in ("office", "staff", "head", "head_2", "system_admin", "audit_admin", "foreign_office")
    }
    assert [name for name, sees in seen.items() if sees] == ["office", "staff"], "the drafter and the one who was named"
    assert StoredFile.objects.get(pk=paper.file).is_sensitive
    services.set_readers(paper=paper, readers=[office.person.pk], by=office.actor, now=NOW)
    assert paper not in queries.papers_of(cast.staff.actor, ("x.case", "1"))


def test_units_see_what_was_issued_to_them_and_no_draft(office: Player, cast: Cast, draft: Draft) -> None:
    paper = draft()
    assert paper not in queries.papers_visible_to(cast.head.actor)
    issue(paper, office.actor)
    assert paper in queries.papers_visible_to(cast.head.actor)
    assert paper not in queries.papers_visible_to(cast.head_2.actor)
    assert paper not in queries.papers_visible_to(cast.foreign_office.actor)


def test_cosigners_agree_or_object_with_words_and_the_signer_is_told(office: Player, cast: Cast, draft: Draft) -> None:
    paper = draft()
    rows = services.ask_cosign(
        paper=paper,
        base_version=paper.version,
        persons=[office.person.pk],
        units=[cast.school_2.pk],
        by=cast.staff.actor,
        now=NOW,
    )
    facts = {"words": "", "now": NOW}
    with pytest.raises(Refused, match="没有请您"):
        services.answer_cosign(cosign=rows[0], answer="agreed", by=cast.staff.actor, **facts)
    services.answer_cosign(cosign=rows[0], answer="agreed", by=office.actor, **facts)
    with pytest.raises(Refused, match="不同意见"):
        services.answer_cosign(cosign=rows[1], answer="objected", by=cast.head_2.actor, **facts)
    with pytest.raises(Refused, match="还有 1 方没有会签"):
        issue(paper, office.actor)
    services.answer_cosign(
        cosign=rows[1],
        answer="objected",
        words="期限太短",
        way="paper",
        evidence=[scan()],
        by=cast.staff.actor,
        now=NOW,
    )
    with pytest.raises(Refused, match="1 方会签时有不同意见"):
        issue(paper, office.actor)
    assert issue(paper, office.actor, despite_warnings=True).serial == 1


def test_sums_that_do_not_come_out_are_said_before_signing(office: Player, cast: Cast, draft: Draft) -> None:
    paper = draft()
    services.change_text(
        paper=paper, base_version=paper.version, title=paper.title,
        body="在园幼儿13619人，其中公办园9169人，占比为68.33%。", by=cast.staff.actor, now=NOW,
    )  # fmt: skip
    with pytest.raises(Refused, match="数字核对不符"):
        issue(paper, office.actor)


def test_a_paper_with_gaps_is_not_issued_and_says_which(office: Player, cast: Cast, draft: Draft) -> None:
    paper = draft()
    services.change_text(
        paper=paper, base_version=paper.version, title=paper.title,
        body="请于【待填：改正期限】前改正。", by=cast.staff.actor, now=NOW,
    )  # fmt: skip
    services.submit_paper(paper=paper, base_version=paper.version, by=cast.staff.actor, now=NOW)
    with pytest.raises(Refused, match="没有填完：改正期限") as refused:
        issue(paper, office.actor, despite_warnings=True)
    assert refused.value.code == "papers.missing"
    paper.refresh_from_db()
    assert (paper.state, paper.number) == ("submitted", "")


def test_a_kind_for_named_persons_is_not_drafted_without_them(office: Player, cast: Cast, draft: Draft) -> None:
    with pytest.raises(Refused, match="指定人员"):
        draft(kind="accountability-decision")
    assert draft(kind="accountability-decision", readers=[office.person.pk]).is_restricted


def test_days_in_the_values_of_a_case_are_kept_and_worded(office: Player, cast: Cast, code: NumberCode) -> None:
    paper = services.draft_paper(
        kind="inspection-notice",
        subject=None,
        subject_title="",
        link="",
        values={"被督导单位": "示例第一小学", "自评报告报送时限": date(2024, 5, 6)},
        by=cast.staff.actor,
        now=NOW,
    )
    paper.refresh_from_db()
    assert paper.values["自评报告报送时限"] == "2024-05-06"
    assert "2024年5月6日" in paper.texts.get().body


# Words that a matter has made

MADE = services.Made("一、示例\n共 3 所。", (Annex(title="附表", blocks=(Words(text="共 3 所。"),)),), "征求意见稿")


def bound_paper(cast: Cast) -> Paper:
    return services.draft_paper(
        kind="self-check-report", subject=("recognition.report", "1"), subject_title="示例自查报告", link="/recognition/",
        values={"报告名称": "示例自查报告", "报告正文": "见附件"}, to_words="市政府教育督导室", made=MADE,
        by=cast.staff.actor, now=NOW,
    )  # fmt: skip


def test_words_that_a_matter_made_are_changed_and_signed_at_the_matter_only(cast: Cast, office: Player) -> None:
    paper = bound_paper(cast)
    text = paper.texts.get()
    assert (text.body, text.attachments, text.page_mark) == (MADE.body, "附表", "征求意见稿")
    with pytest.raises(Refused) as refused:
        services.change_text(paper=paper, base_version=1, title="改", body="改", by=cast.staff.actor, now=NOW)
    assert refused.value.code == "papers.bound"
    with pytest.raises(Refused) as refused:
        services.issue_paper(paper=paper, base_version=1, by=office.actor, now=NOW)
    assert refused.value.code == "papers.bound"


def test_the_matter_puts_new_words_and_the_ones_before_stay(cast: Cast) -> None:
    paper, by = bound_paper(cast), cast.staff.actor
    anew = services.Made("二、示例", (), "")
    services.put_words(paper=paper, base_version=1, title="示例自查报告", made=anew, by=by, now=NOW)
    texts = list(paper.texts.values_list("no", "body", "page_mark"))
    assert texts == [(2, "二、示例", ""), (1, MADE.body, "征求意见稿")]
    with pytest.raises(Conflict):
        services.put_words(paper=paper, base_version=1, title="示例", made=anew, by=by, now=NOW)

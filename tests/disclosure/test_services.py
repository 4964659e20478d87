"""From a text to the portal: reviews by two people, nothing of a person left, a number for ever, a limit that stops."""

import io
import json
import zipfile
from datetime import date, timedelta
from hashlib import sha256
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from docx import Document

from dudao.accounts import services as accounts
from dudao.audit.models import AuditEvent
from dudao.disclosure import queries, services
from dudao.disclosure.models import Edition, IndexBook, Publication, Review, Trace
from dudao.disclosure.services import Decision, OnPaper, Wanted, Words, words_of
from dudao.files import services as files
from dudao.papers.models import Paper
from dudao.shell import calendars
from dudao.shell.errors import Conflict, Refused
from dudao_engines.kernel.codes import id_check_character
from dudao_engines.kernel.deadlines import Holidays, Table
from tests.cast import NOW, Cast, Player
from tests.disclosure.conftest import BODY, FORMED, Typed, passed, picture, publish, review, submit
from tests.papers.parts import picture as png
from tests.papers.parts import scan

pytestmark = pytest.mark.django_db

ID = "64999919900307123" + id_check_character("64999919900307123")


def code(refusal: Any) -> str:
    return str(refusal.value.code)


def open_kinds(edition: Edition) -> list[str]:
    return [row.kind for row in queries.open_traces(edition)]


# ---- the whole way --------------------------------------------------------------------------------------------------


def test_a_report_of_the_office_goes_to_the_portal_and_its_limit_stops(cast: Cast, set_up: None, report: Paper) -> None:
    assert [one.paper for one in queries.waiting(cast.staff.actor)] == [report]
    edition = services.prepare_paper(paper=report, by=cast.staff.actor, now=NOW)
    # 20 working days after 20 March 2024; 4 and 5 April off, 7 April worked.
    assert (edition.doc_no, edition.formed_on, edition.due_on) == (report.number, FORMED, date(2024, 4, 18))
    assert queries.waiting(cast.staff.actor) == []
    words = Words(edition.title, BODY, "食堂督导结果。")
    services.change_words(edition=edition, base_version=1, words=words, remark="", by=cast.staff.actor, now=NOW)
    passed(edition, cast)
    assert edition.state == "ready" and edition.publication.index_no == "12640122MB0000001X/2024-00001"
    publish(edition, cast.staff)
    assert (edition.state, edition.published_on, services.days_late(edition)) == ("published", date(2024, 4, 10), 0)
    assert AuditEvent.objects.filter(action="publication.published", subject=str(edition.pk)).exists()


def test_what_is_late_says_by_how_many_days(cast: Cast, set_up: None) -> None:
    words = Words("旧结果（示例）", BODY, "概述")
    edition = services.prepare_text(words=words, formed_on=date(2024, 1, 5), by=cast.staff.actor, now=NOW)
    passed(edition, cast)
    publish(edition, cast.staff)
    assert services.days_late(edition) == (date(2024, 4, 10) - edition.due_on).days > 0


# ---- who may --------------------------------------------------------------------------------------------------------


def test_who_wrote_the_words_does_not_say_that_they_hold_no_secret(cast: Cast, typed: Typed, leader: Player) -> None:
    edition = services.prepare_text(
        words=Words("结果（示例）", BODY, "概述"), formed_on=FORMED, by=cast.office.actor, now=NOW
    )
    submit(edition, cast.office)
    review(edition, "openness", cast.office)
    with pytest.raises(Refused) as refusal:
        review(edition, "secrecy", cast.office)
    assert code(refusal) == "disclosure.own" and edition.state == "secrecy"
    review(edition, "secrecy", leader)
    assert edition.state == "ready"


def test_masking_makes_one_a_writer(cast: Cast, typed: Typed, leader: Player) -> None:
    edition = typed(f"{BODY}\n联系电话：13900001234")
    (trace,) = queries.open_traces(edition)
    services.decide(
        edition=edition,
        base_version=edition.version,
        decisions={trace.pk: Decision("mask")},
        by=cast.office.actor,
        now=NOW,
    )
    submit(edition, cast.staff)
    review(edition, "openness", cast.office)
    with pytest.raises(Refused, match="不能做保密审查"):
        review(edition, "secrecy", cast.office)
    review(edition, "secrecy", leader)
    assert edition.state == "ready"


@pytest.mark.parametrize("who", ["head", "system_admin", "staff"])
def test_only_the_named_posts_review(cast: Cast, typed: Typed, who: str) -> None:
    edition = typed()
    submit(edition, cast.staff)
    with pytest.raises(Refused) as refusal:
        review(edition, "openness", getattr(cast, who))
    assert code(refusal) == "disclosure.not_allowed"


def test_units_other_counties_and_administrators_see_nothing_of_it(cast: Cast, typed: Typed) -> None:
    typed()
    for player in (cast.head, cast.foreign_office, cast.system_admin):
        assert not queries.editions(player.actor).exists()
    for player in (cast.head, cast.system_admin):
        with pytest.raises(Refused):
            services.prepare_text(words=Words("示例", BODY), formed_on=FORMED, by=player.actor, now=NOW)
    assert queries.editions(cast.office.actor).count() == 1


def test_a_leader_signs_on_paper_and_the_office_records_it_with_the_scan(
    cast: Cast, typed: Typed, leader: Player
) -> None:
    edition = typed()
    submit(edition, cast.staff)
    on_paper = OnPaper(leader.person, date(2024, 4, 8), [])
    with pytest.raises(Refused) as refusal:
        review(edition, "openness", cast.staff, on_paper=on_paper)
    assert code(refusal) == "disclosure.scan"
    review(edition, "openness", cast.staff, on_paper=OnPaper(leader.person, date(2024, 4, 8), [scan()]))
    row = edition.reviews.get()
    assert (row.reviewer_name, row.recorded_by_name, row.on) == (
        leader.person.name, cast.staff.person.name, date(2024, 4, 8),
    )  # fmt: skip
    # The staff's own hand on paper is still the staff's own hand; a school head has no such duty.
    for person, said in ((cast.staff.person, "disclosure.reviewer"), (cast.head.person, "disclosure.reviewer")):
        with pytest.raises(Refused) as refusal:
            review(edition, "secrecy", cast.staff, on_paper=OnPaper(person, date(2024, 4, 8), [scan()]))
        assert code(refusal) == said
    for day in (date(2024, 4, 11), FORMED - timedelta(days=1)):
        with pytest.raises(Refused) as refusal:
            review(edition, "secrecy", cast.staff, on_paper=OnPaper(leader.person, day, [scan()]))
        assert code(refusal) == "disclosure.day"


# ---- reviews --------------------------------------------------------------------------------------------------------


def test_a_changed_text_takes_back_every_review(cast: Cast, typed: Typed) -> None:
    edition = passed(typed(), cast)
    words = Words(edition.title, f"{BODY}\n二、下一步\n加强管理。", edition.summary)
    services.change_words(
        edition=edition, base_version=edition.version, words=words, remark="补充", by=cast.staff.actor, now=NOW
    )
    assert edition.state == "draft" and queries.standing_reviews(edition) == {}
    with pytest.raises(Refused) as refusal:
        publish(edition, cast.staff)
    assert code(refusal) == "disclosure.state"
    number = edition.publication.index_no
    passed(edition, cast)
    assert edition.publication.index_no == number


def test_what_is_withheld_names_its_article_and_can_be_assessed_again(cast: Cast, typed: Typed) -> None:
    edition = typed()
    submit(edition, cast.staff)
    for more, said in (({}, "disclosure.ground"), ({"grounds": ["process"]}, "disclosure.words")):
        with pytest.raises(Refused) as refusal:
            review(edition, "openness", cast.office, "closed", **more)
        assert code(refusal) == said
    review(edition, "openness", cast.office, "closed", grounds=["process", "nonsense"], words="过程稿，不公开。")
    assert (edition.state, edition.end_reason) == ("withheld", "过程稿，不公开。")
    assert edition.reviews.get().grounds == ["process"]
    services.reopen(
        edition=edition, base_version=edition.version, words="年度评估，可以公开", by=cast.office.actor, now=NOW
    )
    passed(edition, cast)
    assert edition.state == "ready"


def test_partly_public_means_that_something_was_left_out(cast: Cast, typed: Typed) -> None:
    edition = typed()
    submit(edition, cast.staff)
    with pytest.raises(Refused) as refusal:
        review(edition, "openness", cast.office, "partly", grounds=["internal"], words="删去内部安排")
    assert code(refusal) == "disclosure.partly"
    review(edition, "openness", cast.office, "back", words="删去内部安排")
    words = Words(edition.title, BODY.split("\n")[0], edition.summary)
    services.change_words(
        edition=edition, base_version=edition.version, words=words, remark="", by=cast.staff.actor, now=NOW
    )
    submit(edition, cast.staff)
    review(edition, "openness", cast.office, "partly", grounds=["internal"], words="已删去内部安排")
    assert edition.state == "secrecy"


def test_figures_are_not_published_without_their_source(cast: Cast, typed: Typed) -> None:
    edition = typed("普惠性幼儿园覆盖率82.99%。")
    with pytest.raises(Refused) as refusal:
        submit(edition, cast.staff)
    assert code(refusal) == "disclosure.sources"
    words = Words(edition.title, edition.body, edition.summary, "(9169 + 2133) ÷ 13619 × 100%，各园上报")
    services.change_words(
        edition=edition, base_version=edition.version, words=words, remark="", by=cast.staff.actor, now=NOW
    )
    submit(edition, cast.staff)
    assert edition.state == "review"


def test_two_who_act_at_once_one_wins(cast: Cast, typed: Typed) -> None:
    edition = typed()
    version = edition.version
    submit(edition, cast.staff)
    with pytest.raises(Refused):
        services.drop(edition=edition, base_version=version, reason="不发了", by=cast.office.actor, now=NOW)
    with pytest.raises(Conflict):
        services.review(
            edition=edition, kind="openness", base_version=version, conclusion="open", by=cast.office.actor, now=NOW
        )
    assert edition.state == "review" and not edition.reviews.exists()


# ---- people ---------------------------------------------------------------------------------------------------------


def test_nothing_goes_on_with_an_open_trace_and_masking_reviews_anew(cast: Cast, typed: Typed) -> None:
    edition = passed(typed(f"{BODY}\n校长：李示例，电话13900001234。"), cast)
    assert edition.state == "check" and open_kinds(edition) == ["name", "phone"]
    name, phone = queries.open_traces(edition)
    left = services.decide(
        edition=edition, base_version=edition.version, by=cast.office.actor, now=NOW,
        decisions={name.pk: Decision("keep", "校长姓名按规定公开"), phone.pk: Decision("mask")},
    )  # fmt: skip
    assert left == 0 and edition.state == "review" and "139****1234" in edition.body
    submitted = edition.reviews.filter(is_taken_back=False)
    assert not submitted.exists()
    review(edition, "openness", cast.office)
    assert edition.state == "secrecy"


def test_a_reason_goes_along_while_its_line_stays_as_it_is(cast: Cast, typed: Typed) -> None:
    edition = typed(f"{BODY}\n校长：李示例。\n联系电话：13900001234。")
    name, phone = queries.open_traces(edition)
    decisions = {name.pk: Decision("keep", "校长姓名按规定公开"), phone.pk: Decision("words", "见县政府网站")}
    services.decide(edition=edition, base_version=edition.version, decisions=decisions, by=cast.office.actor, now=NOW)
    assert open_kinds(edition) == [] and edition.body.endswith("联系电话：见县政府网站。")
    kept = queries.traces(edition).get()
    assert (kept.state, kept.reason, kept.decided_by_name) == ("kept", "校长姓名按规定公开", cast.office.person.name)


@pytest.mark.parametrize("words", [f"当事人证件号{ID}", "学生张小示成绩优秀", "学生张小示，孤独症"])
def test_an_identity_number_a_minor_and_a_label_beside_a_name_never_stay(cast: Cast, typed: Typed, words: str) -> None:
    edition = typed(f"{BODY}\n{words}")
    for trace in queries.open_traces(edition):
        with pytest.raises(Refused) as refusal:
            services.decide(
                edition=edition, base_version=edition.version, decisions={trace.pk: Decision("keep", "就要")},
                by=cast.office.actor, now=NOW,
            )  # fmt: skip
        assert code(refusal) == "disclosure.stay"
    # Nor can a row in the database say so.
    row = Trace.objects.filter(may_stay=False).first()
    assert row is not None
    with pytest.raises(IntegrityError), transaction.atomic():
        Trace.objects.filter(pk=row.pk).update(state="kept", reason="x")


TABLE = "| 乡镇 | 男 | 女 | 合计 |\n| --- | --- | --- | --- |\n| 甲镇 | 3 | 20 | 23 |\n| 乙镇 | 30 | 8 | 38 |\n| 合计 | 33 | 28 | 61 |"


def test_hiding_a_small_count_alone_is_not_enough(cast: Cast, typed: Typed) -> None:
    edition = typed(TABLE, sources="示例")
    small, *others = queries.open_traces(edition)
    decisions = {small.pk: Decision("mask")}
    left = services.decide(
        edition=edition, base_version=edition.version, decisions=decisions, by=cast.office.actor, now=NOW
    )
    assert left == len(others) == 3 and {row.kind for row in queries.open_traces(edition)} == {"complement"}
    rest = {row.pk: Decision("mask") for row in queries.open_traces(edition)}
    assert not services.decide(
        edition=edition, base_version=edition.version, decisions=rest, by=cast.office.actor, now=NOW
    )
    assert edition.body.count("＊") == 4


def test_a_count_that_stays_frees_what_would_have_been_hidden_with_it(cast: Cast, typed: Typed) -> None:
    edition = typed(TABLE, sources="示例")
    small = queries.open_traces(edition)[0]
    decisions = {small.pk: Decision("keep", "是学校数，不是人数")}
    assert not services.decide(
        edition=edition, base_version=edition.version, decisions=decisions, by=cast.office.actor, now=NOW
    )


def test_what_was_decided_of_older_words_is_refused(cast: Cast, typed: Typed) -> None:
    edition = typed(f"{BODY}\n电话13900001234。")
    (old,) = queries.open_traces(edition)
    words = Words(edition.title, f"{BODY}\n电话13900005678。", edition.summary)
    services.change_words(
        edition=edition, base_version=edition.version, words=words, remark="", by=cast.staff.actor, now=NOW
    )
    with pytest.raises(Conflict):
        services.decide(
            edition=edition, base_version=edition.version, decisions={old.pk: Decision("mask")},
            by=cast.office.actor, now=NOW,
        )  # fmt: skip


def test_known_people_of_the_county_are_found_by_name(cast: Cast, typed: Typed) -> None:
    accounts.enter_person(name="陶示例（示例）", by=cast.office.actor, now=NOW, is_example=True)
    assert open_kinds(typed(f"{BODY}\n陶示例在会上发言。")) == ["name"]


def test_a_file_is_read_and_somebody_has_to_look_at_it(cast: Cast, typed: Typed) -> None:
    edition = typed()
    made, document = io.BytesIO(), Document()
    document.add_paragraph(f"当事人证件号{ID}")
    document.save(made)
    made.seek(0)
    attachment = services.add_attachment(
        edition=edition, base_version=edition.version, upload=made, name="附表.docx", by=cast.staff.actor, now=NOW
    )
    assert sorted(open_kinds(edition)) == ["file", "id_number"]
    number = next(row for row in queries.open_traces(edition) if row.kind == "id_number")
    with pytest.raises(Refused):
        services.decide(
            edition=edition, base_version=edition.version, decisions={number.pk: Decision("mask")},
            by=cast.office.actor, now=NOW,
        )  # fmt: skip
    services.remove_attachment(
        edition=edition, attachment=attachment, base_version=edition.version, by=cast.staff.actor, now=NOW
    )
    assert open_kinds(edition) == []


# ---- number, limit, package -----------------------------------------------------------------------------------------


def test_an_index_number_is_given_once_and_never_again(cast: Cast, typed: Typed) -> None:
    first = passed(typed(), cast)
    services.drop(edition=first, base_version=first.version, reason="不发了", by=cast.staff.actor, now=NOW)
    second = passed(typed(), cast)
    numbers = [one.publication.index_no for one in (first, second)]
    assert numbers == ["12640122MB0000001X/2024-00001", "12640122MB0000001X/2024-00002"]
    assert IndexBook.objects.get().last == 2
    with pytest.raises(IntegrityError), transaction.atomic():
        Publication.objects.filter(pk=second.publication_id).update(index_no=numbers[0])


@pytest.mark.parametrize("template", ["{机构}-{流水}", "{年}{流水}{区}", "{年}{年}{流水}", "{年}", "年"])
def test_a_template_that_could_give_a_number_twice_is_refused(cast: Cast, set_up: None, template: str) -> None:
    wanted = Wanted("12640122", template, 5, "", "", "", "")
    with pytest.raises(Refused) as refusal:
        services.change_setting(base_version=1, wanted=wanted, by=cast.office.actor, now=NOW)
    assert code(refusal) == "disclosure.template"


def test_without_a_code_of_the_county_nothing_is_sent_to_review(cast: Cast) -> None:
    edition = services.prepare_text(
        words=Words("结果（示例）", BODY, "概述"), formed_on=FORMED, by=cast.staff.actor, now=NOW
    )
    facts = dict.fromkeys(services.FACTS, "示例")
    services.change_facts(edition=edition, base_version=1, formed_on=FORMED, facts=facts, by=cast.staff.actor, now=NOW)
    with pytest.raises(Refused) as refusal:
        submit(edition, cast.staff)
    assert code(refusal) == "disclosure.index"


def test_a_holiday_table_that_comes_later_moves_no_day_that_is_over(
    cast: Cast, typed: Typed, monkeypatch: pytest.MonkeyPatch
) -> None:
    edition = typed()
    Edition.objects.filter(pk=edition.pk).update(due_on=date(2024, 4, 17), is_provisional=True, calendar="")
    over = typed()
    Edition.objects.filter(pk=over.pk).update(due_on=date(2024, 4, 9), is_provisional=True, calendar="")
    assert services.reckon_again(by=cast.office.actor, now=NOW) == 1
    edition.refresh_from_db()
    over.refresh_from_db()
    assert (edition.due_on, edition.is_provisional) == (date(2024, 4, 18), False)
    assert (over.due_on, over.is_provisional) == (date(2024, 4, 9), True)
    assert services.reckon_again(by=cast.office.actor, now=NOW) == 0


def test_a_year_without_a_table_gives_a_provisional_day(
    cast: Cast, typed: Typed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries, "holidays", lambda: Holidays([Table(2023, 1, frozenset(), frozenset())]))
    assert typed().is_provisional
    assert calendars.holidays().years


class Worker:
    """A run of the worker's, without the worker."""

    def __init__(self, edition: Edition, player: Player) -> None:
        self.payload = {"edition": str(edition.pk)}
        self.cursor, self.by, self.now = None, player.actor, NOW

    def step(self, **_: Any) -> Any:
        return transaction.atomic()

    def progress(self, **_: Any) -> None: ...

    def check(self) -> None: ...


def test_the_package_holds_text_facts_files_and_a_list_with_digests(cast: Cast, typed: Typed) -> None:
    edition = typed(
        f"{BODY}\n{TABLE.replace('| 3 |', '| 30 |').replace('23', '50').replace('33', '60').replace('61', '88')}",
        sources="各校上报（示例）",
    )
    services.add_attachment(
        edition=edition, base_version=edition.version, upload=io.BytesIO(png()), name="现场.png", by=cast.staff.actor,
        now=NOW,
    )  # fmt: skip
    (trace,) = queries.open_traces(edition)
    services.decide(
        edition=edition, base_version=edition.version, decisions={trace.pk: Decision("keep", "已逐页看过")},
        by=cast.staff.actor, now=NOW,
    )  # fmt: skip
    passed(edition, cast)
    assert edition.state == "ready"
    job = services.ask_package(edition=edition, by=cast.staff.actor, now=NOW)
    assert job.kind == "disclosure.package"
    services.make_package(run=Worker(edition, cast.staff))
    package = queries.package_of(edition)
    assert package is not None
    stored = queries.file_of(cast.staff.actor, edition, package.file)
    assert stored is not None and stored.sha256 == package.sha256
    whole = zipfile.ZipFile(io.BytesIO(b"".join(files.content(stored))))
    names = set(whole.namelist())
    title = edition.title
    assert names == {
        f"正文/{title}.docx", f"正文/{title}.txt", f"正文/{title}.html", "正文/表1.csv", "公开信息/公开信息.xlsx",
        "公开信息/公开信息.json", "公开信息/公开信息.xml", "公开审查表.docx", "附件/现场.png", "清单.json", "清单.txt",
    }  # fmt: skip
    manifest = json.loads(whole.read("清单.json"))
    for one in manifest["files"]:
        assert sha256(whole.read(one["name"])).hexdigest() == one["sha256"]
    assert {one["name"] for one in manifest["files"]} == names - {"清单.json", "清单.txt"}
    facts = json.loads(whole.read("公开信息/公开信息.json"))
    assert facts["index_no"] == edition.publication.index_no and facts["publisher"] != facts["signed_by"]
    page = whole.read(f"正文/{title}.html").decode()
    assert "<table" in page and "style=" not in page and "<script" not in page
    sheet = Document(io.BytesIO(whole.read("公开审查表.docx")))
    cells = "\n".join(cell.text for table in sheet.tables for row in table.rows for cell in row.cells)
    assert cast.office.person.name in cells and "不涉密，可以公开" in cells and "已逐页看过" in cells


def test_a_package_of_words_that_changed_meanwhile_is_not_kept(cast: Cast, typed: Typed) -> None:
    edition = passed(typed(), cast)
    worker = Worker(edition, cast.staff)
    words = Words(edition.title, f"{BODY}\n补充。", edition.summary)
    services.change_words(
        edition=edition, base_version=edition.version, words=words, remark="", by=cast.staff.actor, now=NOW
    )
    with pytest.raises(Refused):
        services.make_package(run=worker)
    assert queries.package_of(edition) is None


@pytest.mark.parametrize(
    ("address", "on", "evidence", "said"),
    [
        ("www.example.gov.cn", date(2024, 4, 10), True, "disclosure.address"),
        ("javascript:alert(1)", date(2024, 4, 10), True, "disclosure.address"),
        ("https://", date(2024, 4, 10), True, "disclosure.address"),
        ("https://[", date(2024, 4, 10), True, "disclosure.address"),
        ("https://a.cn/1", date(2024, 4, 11), True, "disclosure.day"),
        ("https://a.cn/1", date(2024, 3, 1), True, "disclosure.day"),
        ("https://a.cn/1", date(2024, 4, 9), True, "disclosure.day"),
        ("https://a.cn/1", date(2024, 4, 10), False, "disclosure.scan"),
    ],
)
def test_what_cannot_be_an_address_a_day_or_a_proof_is_said(
    cast: Cast, typed: Typed, address: str, on: date, evidence: bool, said: str
) -> None:
    edition = passed(typed(), cast)
    with pytest.raises(Refused) as refusal:
        services.record_published(
            edition=edition, base_version=edition.version, address=address, on=on,
            evidence=picture() if evidence else [], by=cast.staff.actor, now=NOW,
        )  # fmt: skip
    edition.refresh_from_db()
    assert code(refusal) == said and edition.state == "ready" and edition.published_on is None


@pytest.mark.parametrize(
    ("words", "formed_on", "said"),
    [
        (Words("", BODY), FORMED, "disclosure.title"),
        (Words("题" * 201, BODY), FORMED, "disclosure.title"),
        (Words("题", " \n "), FORMED, "disclosure.body"),
        (Words("题", "字" * 200_001), FORMED, "disclosure.body"),
        (Words("题", BODY, "述" * 501), FORMED, "disclosure.summary"),
        (Words("题", BODY), date(2024, 4, 11), "disclosure.day"),
        (Words("题", BODY), date(1999, 1, 1), "disclosure.day"),
    ],
)
def test_bad_input_is_refused_and_nothing_is_half_saved(cast: Cast, words: Words, formed_on: date, said: str) -> None:
    with pytest.raises(Refused) as refusal:
        services.prepare_text(words=words, formed_on=formed_on, by=cast.staff.actor, now=NOW)
    assert code(refusal) == said
    assert not Edition.objects.exists() and not Publication.objects.exists()


# ---- corrections, ends ----------------------------------------------------------------------------------------------


def test_a_correction_is_a_new_edition_with_its_own_checks_and_limit(cast: Cast, typed: Typed) -> None:
    first = passed(typed(), cast)
    publish(first, cast.staff)
    second = services.correct(
        publication=first.publication, note="食堂数应为39所", changed_on=date(2024, 4, 10), by=cast.staff.actor, now=NOW
    )
    assert (second.no, second.state, second.formed_on) == (2, "draft", date(2024, 4, 10))
    assert second.due_on > first.due_on and words_of(second).body == words_of(first).body
    with pytest.raises(Refused) as refusal:
        services.correct(
            publication=first.publication, note="再改", changed_on=date(2024, 4, 10), by=cast.staff.actor, now=NOW
        )
    assert code(refusal) == "disclosure.under_way"
    words = Words(second.title, BODY.replace("38", "39"), second.summary)
    services.change_words(
        edition=second, base_version=second.version, words=words, remark="", by=cast.staff.actor, now=NOW
    )
    passed(second, cast)
    publish(second, cast.staff, address="https://www.example.gov.cn/2")
    first.refresh_from_db()
    assert first.state == "published" and first.publication.index_no == second.publication.index_no
    assert [one.no for one in queries.catalogue(cast.office.actor)] == [2]


def test_what_was_never_published_cannot_be_corrected_or_taken_off(cast: Cast, typed: Typed) -> None:
    edition = typed()
    with pytest.raises(Refused):
        services.correct(publication=edition.publication, note="改", changed_on=FORMED, by=cast.staff.actor, now=NOW)
    with pytest.raises(Refused):
        services.withdraw(publication=edition.publication, on=FORMED, reason="错了", by=cast.staff.actor, now=NOW)


def test_a_paper_can_be_taken_up_again_after_it_was_dropped(cast: Cast, set_up: None, report: Paper) -> None:
    edition = services.prepare_paper(paper=report, by=cast.staff.actor, now=NOW)
    with pytest.raises(Refused) as refusal:
        services.prepare_paper(paper=report, by=cast.office.actor, now=NOW)
    assert code(refusal) == "disclosure.taken"
    services.drop(edition=edition, base_version=1, reason="重做", by=cast.staff.actor, now=NOW)
    assert [one.paper for one in queries.waiting(cast.staff.actor)] == [report]
    services.prepare_paper(paper=report, by=cast.office.actor, now=NOW)
    assert Review.objects.count() == 0


def test_a_note_a_reason_and_a_fact_that_are_published_name_nobody(cast: Cast, typed: Typed) -> None:
    edition = passed(typed(), cast)
    publish(edition, cast.staff)
    with pytest.raises(Refused, match="13900001234"):
        services.correct(
            publication=edition.publication, note="家长电话13900001234误登", changed_on=date(2024, 4, 10),
            by=cast.staff.actor, now=NOW,
        )  # fmt: skip
    with pytest.raises(Refused) as refusal:
        services.withdraw(
            publication=edition.publication,
            on=date(2024, 4, 10),
            reason="学生张小示的信息误登",
            by=cast.staff.actor,
            now=NOW,
        )
    assert code(refusal) == "disclosure.people"
    other = typed()
    facts = {name: str(getattr(other, name)) for name in services.FACTS}
    with pytest.raises(Refused) as refusal:
        services.change_facts(
            edition=other, base_version=other.version, formed_on=FORMED, by=cast.staff.actor, now=NOW,
            facts={**facts, "signed_by": "校长：李示例"},
        )  # fmt: skip
    assert (code(refusal), refusal.value.field) == ("disclosure.people", "signed_by")


def test_what_was_taken_off_can_be_put_right_and_stands_again(cast: Cast, typed: Typed) -> None:
    edition = passed(typed(), cast)
    publish(edition, cast.staff)
    services.withdraw(
        publication=edition.publication, on=date(2024, 4, 10), reason="数据有误", by=cast.staff.actor, now=NOW
    )
    second = services.correct(
        publication=edition.publication, note="数据已核对", changed_on=date(2024, 4, 10), by=cast.staff.actor, now=NOW
    )
    publish(passed(second, cast), cast.staff)
    assert Publication.objects.get(pk=edition.publication_id).withdrawn_on is None


def test_what_waits_lies_on_the_desk_of_who_may_go_on(cast: Cast, typed: Typed, leader: Player) -> None:
    edition = typed()
    assert [list(queries.on_desk(one.actor)) for one in (cast.staff, cast.head)] == [[edition], []]
    submit(edition, cast.staff)
    assert not queries.on_desk(cast.staff.actor).exists() and queries.on_desk(leader.actor).exists()
    own = services.prepare_text(
        words=Words("结果（示例）", BODY, "概述"), formed_on=FORMED, by=cast.office.actor, now=NOW
    )
    submit(own, cast.office)
    review(own, "openness", cast.office)
    assert own not in queries.on_desk(cast.office.actor) and own in queries.on_desk(leader.actor)

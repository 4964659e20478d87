"""Cases of a veto, and the counts of 社会认可度 typed and read from a table."""

import io
from datetime import date
from typing import Any

import pytest
import xlsxwriter
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from dudao.dossiers import counting, queries, services
from dudao.dossiers.models import Case, Dossier, Ledger, Survey
from dudao.shell.errors import Conflict, Refused
from tests.cast import NOW, TODAY, Cast, Player
from tests.dossiers.conftest import dossier, judge, look
from tests.papers.parts import scan

pytestmark = pytest.mark.django_db


def cell(cast: Cast, ledger: Ledger, code: str) -> Any:
    return queries.judged(cast.office.actor, ledger.standard, "2024").get(("", code))


def register(row: Dossier, by: Player) -> Case:
    return services.register_case(
        dossier=row, title="某校笔试选生", facts="4月8日组织笔试（示例）", source="信访件", happened_on=date(2024, 4, 8),
        registered_on=TODAY, by=by.actor, now=NOW,
    )  # fmt: skip


def find(case: Case, by: Player, is_so: bool = True, **more: Any) -> None:
    facts = {"words": "调取试卷属实", "found_on": TODAY, "evidence": [scan()], **more}
    services.find_case(case=case, base_version=case.version, is_so=is_so, by=by.actor, now=NOW, **facts)


def look_case(case: Case, by: Player, agrees: bool = True) -> None:
    services.look_case(
        case=case, base_version=case.version, agrees=agrees, words="同意", looked_on=TODAY, by=by.actor, now=NOW
    )


# Veto


def test_nothing_said_is_not_none(cast: Cast, ledger: Ledger):
    found = cell(cast, ledger, "veto:V1")
    assert (found.value, found.problem) == (None, "尚未核定有无此情形（待报送）")


def test_none_is_said_by_two_people(cast: Cast, ledger: Ledger):
    row = dossier(ledger, "V1")
    judge(row, cast.staff, conclusion="无此情形", evidence=[scan()])
    assert cell(cast, ledger, "veto:V1").value is None
    row.refresh_from_db()
    look(row, cast.office)
    assert cell(cast, ledger, "veto:V1").value == 0


def test_a_case_counts_when_a_second_person_agrees(cast: Cast, ledger: Ledger):
    row = dossier(ledger, "V1")
    case = register(row, cast.staff)
    assert cell(cast, ledger, "veto:V1").problem == "有 1 条线索还没有核实、复核"
    find(case, cast.staff)
    with pytest.raises(Refused) as refused:
        look_case(case, cast.staff)
    assert refused.value.code == "dossiers.same_person"
    look_case(case, cast.office)
    assert case.state == Case.State.CONFIRMED
    assert cell(cast, ledger, "veto:V1").value == 1
    with pytest.raises(IntegrityError), transaction.atomic():
        Case.objects.filter(pk=case.pk).update(look_person=case.found_person)


def test_that_it_is_so_wants_evidence(cast: Cast, ledger: Ledger):
    case = register(dossier(ledger, "V1"), cast.staff)
    with pytest.raises(Refused, match="要附证据"):
        find(case, cast.staff, evidence=[])
    find(case, cast.staff, is_so=False, evidence=[])


def test_sent_back_a_case_is_looked_into_again(cast: Cast, ledger: Ledger):
    case = register(dossier(ledger, "V1"), cast.staff)
    find(case, cast.staff)
    look_case(case, cast.office, agrees=False)
    assert (case.state, case.is_so, case.found_name) == (Case.State.REGISTERED, None, "")
    find(case, cast.office, is_so=False)
    look_case(case, cast.staff)
    assert case.state == Case.State.REFUTED


def test_open_cases_hold_up_the_conclusion_and_confirmed_ones_make_it(cast: Cast, ledger: Ledger):
    row = dossier(ledger, "V1")
    case = register(row, cast.staff)
    with pytest.raises(Refused, match="先办完线索"):
        judge(row, cast.staff, conclusion="无此情形", evidence=[scan()])
    find(case, cast.staff)
    look_case(case, cast.office)
    row.refresh_from_db()
    with pytest.raises(Refused, match="结论应为“有此情形”"):
        judge(row, cast.staff, conclusion="无此情形", evidence=[scan()])
    judge(row, cast.staff, conclusion="有此情形", evidence=[scan()])


def test_a_case_confirmed_later_ends_that_there_was_none_and_it_does_not_come_back(cast: Cast, ledger: Ledger):
    row = dossier(ledger, "V1")
    judge(row, cast.staff, conclusion="无此情形", evidence=[scan()])
    row.refresh_from_db()
    look(row, cast.office)
    case = register(row, cast.staff)
    assert cell(cast, ledger, "veto:V1").value is None
    find(case, cast.staff)
    look_case(case, cast.office)
    assert cell(cast, ledger, "veto:V1").value == 1
    row.refresh_from_db()
    assert (row.state, row.conclusion) == (Dossier.State.OPEN, "")
    # One person alone does not turn a confirmed case into none.
    services.take_back_case(case=case, base_version=case.version, reason="主体有误", by=cast.office.actor, now=NOW)
    assert cell(cast, ledger, "veto:V1").value is None


def test_two_who_look_at_once_do_not_both_count(cast: Cast, ledger: Ledger):
    case = register(dossier(ledger, "V1"), cast.staff)
    find(case, cast.staff)
    stale = case.version
    look_case(case, cast.office)
    with pytest.raises(Refused):
        services.look_case(
            case=case, base_version=stale, agrees=False, words="不同意", looked_on=TODAY, by=cast.office.actor, now=NOW
        )
    assert case.state == Case.State.CONFIRMED


def test_a_stale_case_is_a_conflict(cast: Cast, ledger: Ledger):
    case = register(dossier(ledger, "V1"), cast.staff)
    with pytest.raises(Conflict):
        services.find_case(
            case=case, base_version=9, is_so=False, words="无", found_on=TODAY, by=cast.staff.actor, now=NOW
        )


def test_only_vetoes_have_cases_and_departments_register_none(cast: Cast, ledger: Ledger, section_head: Player):
    with pytest.raises(Refused) as refused:
        register(dossier(ledger, "G1"), cast.staff)
    assert refused.value.code == "dossiers.kind"
    with pytest.raises(Refused) as refused:
        register(dossier(ledger, "V1"), section_head)
    assert refused.value.code == "dossiers.not_allowed"


# Survey

COUNTS = {
    "survey_sent": 1000, "survey_valid": 960, "survey_satisfied": 900, "visit_total": 100, "visit_satisfied": 95,
    "survey_sent_parent": 600, "survey_valid_parent": 580, "survey_satisfied_parent": 550, "visit_total_parent": 60,
    "visit_satisfied_parent": 58,
}  # fmt: skip


def record(ledger: Ledger, by: Player, **more: Any) -> Survey:
    counts = {**COUNTS, **{name: more.pop(name) for name in list(more) if name in COUNTS}}
    facts = {"source": "第三方调查（示例）", "from_on": date(2024, 3, 1), "until_on": date(2024, 3, 20), **more}
    return services.record_survey(ledger=ledger, counts=counts, by=by.actor, now=NOW, **facts)


def test_counts_of_the_survey_join_the_data_with_their_source(cast: Cast, ledger: Ledger):
    record(ledger, cast.staff)
    found = cell(cast, ledger, "survey_satisfied")
    assert (found.value, "第三方调查（示例）" in found.where) == (900, True)
    assert cell(cast, ledger, "visit_satisfied_parent").value == 58
    assert cell(cast, ledger, "valid_responses").value == 960


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("survey_satisfied", 961, "满意问卷数（961）多于回收有效问卷数（960）"),
        ("survey_valid", 1001, "回收有效问卷数（1001）多于问卷总数（1000）"),
        ("visit_satisfied", 101, "走访满意人数（101）多于实地走访人数（100）"),
        ("survey_satisfied_parent", 581, "家长满意问卷数"),
        ("survey_sent_parent", 1001, "家长的问卷总数（1001）多于全部（1000）"),
    ],
)
def test_sums_that_cannot_be_are_refused_at_the_field(cast: Cast, ledger: Ledger, field: str, value: int, said: str):
    with pytest.raises(Refused) as refused:
        record(ledger, cast.staff, **{field: value})
    assert said in refused.value.message
    assert refused.value.field == field
    assert not Survey.objects.exists()


def test_a_later_count_takes_the_place_until_it_is_taken_back(cast: Cast, ledger: Ledger):
    record(ledger, cast.staff)
    later = record(ledger, cast.staff, survey_satisfied=950)
    assert cell(cast, ledger, "survey_satisfied").value == 950
    services.take_back_survey(survey=later, reason="统计口径有误", by=cast.office.actor, now=NOW)
    assert cell(cast, ledger, "survey_satisfied").value == 900


def test_the_database_refuses_impossible_counts(cast: Cast, ledger: Ledger):
    row = record(ledger, cast.staff)
    with pytest.raises(IntegrityError), transaction.atomic():
        Survey.objects.filter(pk=row.pk).update(survey_valid=2000)


def national(rows: list[list[Any]]) -> bytes:
    made = io.BytesIO()
    with xlsxwriter.Workbook(made, {"in_memory": True}) as book:
        sheet = book.add_worksheet("表Ⅵ")
        for at, row in enumerate(rows):
            for column, value in enumerate(row):
                sheet.write(at, column, value)
    return made.getvalue()


HEAD = [["社会认可度调查情况"], ["", "问卷总数", "有效", "满意", "满意度", "走访", "满意", "满意度"]]


@pytest.mark.parametrize(
    "rows",
    [
        [["计", 1000, 960, 900, 93.8, 100, 95, 95.0], ["其中：家长", 600, 580, 550, 94.8, 60, 58, 96.7]],
        [["合计", "１，０００", "960", 900, 93.8, 100, 95, 95.0], ["其中： 家长", 600, 580, 550, 94.8, 60, 58, 96.7]],
    ],
)
def test_the_small_table_is_read_as_offices_make_it(rows: list[list[Any]]):
    found = counting.read(national(HEAD + rows), name="表6.xlsx")
    assert found
    assert found.problems == ()
    assert found.counts == COUNTS
    assert found.place == "表Ⅵ!A3:H4"


def test_a_table_without_percentages_is_read_too():
    rows = [
        ["", "发放", "有效", "满意", "走访", "走访满意"],
        ["计", 1000, 960, 900, 100, 95],
        ["其中：家长", 600, 580, 550, 60, 58],
    ]
    found = counting.read(national(rows), name="表6.xlsx")
    assert found
    assert found.counts == COUNTS


def test_a_percentage_never_becomes_a_count_where_cells_are_empty():
    rows = [["计", 1000, 960, 900, 94, "", "", ""], ["其中：家长", 600, 580, 550, 95, "", "", ""]]
    found = counting.read(national(HEAD + rows), name="表6.xlsx")
    assert found
    assert "visit_total" not in found.counts
    assert len(found.problems) == 4


def test_what_cannot_be_read_is_told_by_its_cell():
    rows = [["计", 1000, "N/A", 900, 93.8, 100, -5, 95.0], ["其中：家长", 600, 580.5, 550, 94.8, 60, "", 96.7]]
    found = counting.read(national(HEAD + rows), name="表6.xlsx")
    assert found
    assert [one.split()[0] for one in found.problems] == ["表Ⅵ!C3", "表Ⅵ!G3", "表Ⅵ!C4", "表Ⅵ!G4"]
    assert "survey_valid" not in found.counts


def test_the_template_is_read_back_and_what_is_no_such_table_is_said(cast: Cast, ledger: Ledger):
    row = record(ledger, cast.staff)
    found = counting.read(counting.write(row), name="表6.xlsx")
    assert found
    assert found.counts == COUNTS
    assert counting.read(counting.write(None), name="空表.xlsx") is None


def test_read_looked_at_and_kept_with_its_file(client: Client, cast: Cast, ledger: Ledger):
    client.force_login(cast.office.user)
    table = national([*HEAD, ["计", 1000, 960, 900, "", 100, 95, ""], ["其中：家长", 600, 580, 550, "", 60, 58, ""]])
    answer = client.post(
        reverse("dossiers:survey_read", args=[ledger.pk]), {"table": SimpleUploadedFile("表6.xlsx", table)}
    )
    page = answer.content.decode()
    assert answer.status_code == 200, page
    assert 'value="960"' in page
    assert not Survey.objects.exists()
    form = answer.context["form"]
    data = {name: form.initial[name] for name in (*COUNTS, "received", "place")}
    address = reverse("dossiers:survey", args=[ledger.pk])
    more = {"source": "第三方调查（示例）", "from_on": "2024-03-01", "until_on": "2024-03-20"}
    refused = client.post(address, {**data, **more, "survey_satisfied": "961"})
    assert refused.status_code == 422
    assert "多于" in refused.content.decode()
    assert client.post(address, {**data, **more}).status_code == 302
    row = Survey.objects.get()
    assert (row.file_name, row.place) == ("表6.xlsx", "表6.xlsx · 表Ⅵ!A3:H4")
    assert client.get(reverse("dossiers:survey_file", args=[ledger.pk, row.pk])).status_code == 200
    forged = client.post(address, {**data, **more, "received": "forged"})
    assert forged.status_code == 422


def test_a_paper_that_is_no_table_is_refused_beside_the_field(client: Client, cast: Cast, ledger: Ledger):
    client.force_login(cast.office.user)
    for content in (b"", b"not a table at all", b"PK\x03\x04broken"):
        answer = client.post(
            reverse("dossiers:survey_read", args=[ledger.pk]), {"table": SimpleUploadedFile("表6.xlsx", content)}
        )
        assert answer.status_code == 422
    assert not Survey.objects.exists()

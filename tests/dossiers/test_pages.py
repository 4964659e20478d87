"""Pages of ledgers and dossiers: the whole way by forms, who sees what, and what stays as typed."""

import io
import re
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from python_calamine import CalamineWorkbook

from dudao.dossiers import services
from dudao.dossiers.models import Dossier, Judgement, Ledger, Piece
from dudao.messages.models import Message
from dudao.places.models import Unit
from dudao_engines.standards.schema import Standard
from tests.cast import NOW, Cast, Player, unit
from tests.dossiers.conftest import dossier, judge, look
from tests.papers.parts import picture

pytestmark = pytest.mark.django_db


def url(name: str, *args: Any) -> str:
    return reverse(f"dossiers:{name}", args=args)


def text(answer: Any) -> str:
    return str(answer.content.decode())


def as_(client: Client, who: Player) -> Client:
    client.force_login(who.user)
    return client


def upload(name: str = "布局规划图（示例）.png") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, picture())


def test_the_whole_way_from_the_ledger_to_the_second_look(
    client: Client, cast: Cast, standard: Standard, section: Unit, section_head: Player
):
    as_(client, cast.office)
    assert "建立台账" in text(client.get(url("list")))
    answer = client.post(url("new"), {
        "standard": standard.id, "period": "2024", "title": "", "opened_on": "2024-04-10", "due_on": "2024-04-30",
    })  # fmt: skip
    ledger = Ledger.objects.get()
    assert answer["Location"] == url("assign", ledger.pk)
    assert ledger.title == "2024年示例标准材料台账"
    client.post(
        url("assign", ledger.pk), {"items": ["G1"], "department": str(section.pk), "judge": str(cast.staff.person.pk)}
    )
    row = dossier(ledger, "G1")
    assert (row.department_id, row.judge_id) == (section.pk, cast.staff.person.pk)
    overview = text(client.get(url("ledger", ledger.pk)))
    assert "学校布局规划图、相关文件" in overview
    assert "教体局基教科（示例）" in overview

    as_(client, section_head)
    mine = text(client.get(url("ledger", ledger.pk)))
    assert "学校规划布局合理" in mine
    assert "学校章程" not in mine
    for one in row.materials.all():
        answer = client.post(url("piece_add", row.pk, one.pk), {"file": upload(), "formed_on": "2024-04-01"})
        assert answer.status_code == 302, text(answer)
    answer = client.post(
        url("hand_in", row.pk), {"base_version": dossier(ledger, "G1").version, "occurred_on": "2024-04-10"}
    )
    assert answer.status_code == 302, text(answer)
    assert client.get(url("judge", row.pk)).status_code == 404

    as_(client, cast.staff)
    row = dossier(ledger, "G1")
    page = text(client.get(url("judge", row.pk)))
    pieces = re.findall(r'name="pieces" value="([^"]+)"', page)
    assert len(pieces) == 2
    answer = client.post(url("judge", row.pk), {
        "base_version": row.version, "conclusion": "达标", "words": "与规划一致", "pieces": pieces, "judged_on": "2024-04-10",
    })  # fmt: skip
    assert answer.status_code == 302, text(answer)
    assert "您是判定人，复核要由另一位同志办理" in text(client.get(url("dossier", row.pk)))

    as_(client, section_head)
    assert "与规划一致" not in text(client.get(url("dossier", row.pk)))

    as_(client, cast.office)
    row = dossier(ledger, "G1")
    assert "与规划一致" in text(client.get(url("look", row.pk)))
    client.post(
        url("look", row.pk), {"base_version": row.version, "agrees": "1", "words": "同意", "looked_on": "2024-04-10"}
    )
    assert dossier(ledger, "G1").conclusion == "达标"

    as_(client, section_head)
    assert "与规划一致" in text(client.get(url("dossier", row.pk)))


def test_what_is_refused_stands_beside_the_field_and_what_was_typed_stays(client: Client, cast: Cast, handed: Dossier):
    as_(client, cast.staff)
    data = {"base_version": handed.version, "conclusion": "", "words": "理由写了很长", "judged_on": "2024-04-10"}
    answer = client.post(url("judge", handed.pk), data)
    assert answer.status_code == 422
    assert "理由写了很长" in text(answer)
    answer = client.post(url("judge", handed.pk), {**data, "conclusion": "达标"})
    assert answer.status_code == 422
    assert "请选判定所据的材料" in text(answer)
    answer = client.post(
        url("judge", handed.pk), {**data, "conclusion": "达标", "base_version": 1, "evidence": upload()}
    )
    assert answer.status_code == 409
    assert not Judgement.objects.exists()


def test_a_restricted_paper_is_kept_closed_and_opened_with_a_line(client: Client, cast: Cast, ledger: Ledger):
    as_(client, cast.office)
    row = dossier(ledger, "G1")
    one = row.materials.get(no=1)
    client.post(url("piece_add", row.pk, one.pk), {"file": upload(), "formed_on": "2024-04-01", "is_restricted": "on"})
    piece = Piece.objects.get()
    assert piece.is_restricted
    answer = client.get(url("piece", row.pk, piece.pk))
    assert b"".join(answer.streaming_content) == picture()
    assert "不外带" in text(client.get(url("dossier", row.pk)))


@pytest.mark.parametrize(
    ("who", "own", "other", "county", "survey"),
    [
        ("office", 200, 200, 200, 200),
        ("leader", 200, 200, 200, 200),
        ("head", 200, 404, 404, 404),
        ("head_2", 404, 200, 404, 404),
        ("inspector", 200, 404, 404, 404),
        ("section_head", 404, 404, 404, 404),
        ("stranger", 404, 404, 404, 404),
    ],
)
def test_who_sees_which_dossier(
    request: Any, client: Client, cast: Cast, ledger: Ledger, who: str, own: int, other: int, county: int, survey: int
):
    as_(client, getattr(cast, who, None) or request.getfixturevalue(who))
    for row, status in (
        (dossier(ledger, "M1", cast.school), own), (dossier(ledger, "M1", cast.school_2), other), (dossier(ledger, "G1"), county),
    ):  # fmt: skip
        assert client.get(url("dossier", row.pk)).status_code == status
    assert client.get(url("survey", ledger.pk)).status_code == survey


ACTS = (
    "material_add", "hand_in", "send_back", "leave_out", "judge", "look", "take_back", "case_new",
)  # fmt: skip


@pytest.mark.parametrize(
    ("who", "allowed"),
    [
        ("office", set(ACTS) - {"look", "case_new"}),
        ("head", {"material_add", "hand_in"}),
        ("leader", set()),
        ("inspector", {"judge", "send_back", "take_back"}),
    ],
)
def test_who_is_shown_which_form(request: Any, client: Client, cast: Cast, ledger: Ledger, who: str, allowed: set[str]):
    as_(client, getattr(cast, who, None) or request.getfixturevalue(who))
    row = dossier(ledger, "M1", cast.school)
    assert {act for act in ACTS if client.get(url(act, row.pk)).status_code == 200} == allowed


def test_the_message_is_made_ready_and_shown(client: Client, cast: Cast, ledger: Ledger):
    as_(client, cast.office)
    page = text(client.get(url("ask", ledger.pk)))
    assert "示例第一小学（2 项）" in page
    answer = client.post(url("ask", ledger.pk), {"units": [str(cast.school.pk)]})
    message = Message.objects.get()
    assert answer["Location"] == reverse("messages:message", args=[message.pk])
    assert client.post(url("ask", ledger.pk), {}).status_code == 422


def test_the_overview_is_narrowed_printed_and_taken_to_excel(
    client: Client, cast: Cast, ledger: Ledger, handed: Dossier
):
    as_(client, cast.office)
    assert "学校章程" not in text(client.get(url("ledger", ledger.pk) + "?show=handed"))
    assert client.get(url("ledger", ledger.pk) + "?print=1").status_code == 200
    answer = client.get(url("ledger", ledger.pk) + "?export=xlsx&show=handed")
    rows = (
        CalamineWorkbook.from_filelike(io.BytesIO(b"".join(answer.streaming_content))).get_sheet_by_index(0).to_python()
    )
    assert rows[3][0] == "G1"
    assert len(rows) == 4
    listed = client.get(url("all", ledger.pk) + "?chip=lacking&export=xlsx")
    rows = (
        CalamineWorkbook.from_filelike(io.BytesIO(b"".join(listed.streaming_content))).get_sheet_by_index(0).to_python()
    )
    assert [row[6] for row in rows[3:] if row[0] == "M1"] == ["学校章程", "学校章程"]


def test_a_ledger_takes_the_same_statements_however_many_schools(
    client: Client, cast: Cast, ledger: Ledger, standard: Standard
):
    as_(client, cast.office)
    row = dossier(ledger, "G1")
    pages = [
        url("ledger", ledger.pk),
        url("all", ledger.pk),
        url("list"),
        url("dossier", row.pk),
        url("assign", ledger.pk),
    ]

    def statements() -> list[int]:
        counts = []
        for page in pages:
            with CaptureQueriesContext(connection) as caught:
                assert client.get(page).status_code == 200
            counts.append(len(caught))
        return counts

    statements()
    few = statements()
    for number in range(15):
        unit(f"示例村小{number}", f"216400020{number:02}")
    services.refresh_ledger(ledger=ledger, standard=standard, by=cast.office.actor, now=NOW)
    statements()
    assert statements() == few


def test_two_looks_on_a_veto_say_that_there_is_none(client: Client, cast: Cast, ledger: Ledger):
    as_(client, cast.staff)
    row = dossier(ledger, "V1")
    answer = client.post(url("judge", row.pk), {
        "base_version": row.version, "conclusion": "无此情形", "words": "查阅信访和招生记录", "judged_on": "2024-04-10", "evidence": upload("核查记录.png"),
    })  # fmt: skip
    assert answer.status_code == 302, text(answer)
    as_(client, cast.office)
    row = dossier(ledger, "V1")
    client.post(
        url("look", row.pk), {"base_version": row.version, "agrees": "1", "words": "同意", "looked_on": "2024-04-10"}
    )
    assert "无此情形" in text(client.get(url("dossier", row.pk)))
    file = re.search(r"/judgement/[0-9a-f-]+/file/[0-9a-f-]+/", text(client.get(url("dossier", row.pk))))
    assert file
    assert client.get(f"/dossiers/{row.pk}{file[0]}").status_code == 200


def test_a_settled_dossier_is_taken_back_on_its_page(client: Client, cast: Cast, handed: Dossier):
    judge(handed, cast.staff)
    handed.refresh_from_db()
    look(handed, cast.office)
    handed.refresh_from_db()
    as_(client, cast.office)
    answer = client.post(
        url("take_back", handed.pk), {"base_version": handed.version, "on": "2024-04-10", "reason": "规划过期"}
    )
    assert answer.status_code == 302
    assert "规划过期" in text(client.get(url("dossier", handed.pk)))


def test_a_school_that_is_not_judged_is_left_out_of_all_its_items_at_once(
    client: Client, cast: Cast, ledger: Ledger, handed: Dossier
):
    as_(client, cast.office)
    judge(handed, cast.staff)
    rows = [dossier(ledger, "M1", cast.school), dossier(ledger, "W1", cast.school), handed]
    assert url("leave_out_many", ledger.pk) in text(client.get(url("all", ledger.pk)))
    address = url("leave_out_many", ledger.pk) + "?" + "&".join(f"key={row.pk}" for row in rows) + "&key=none"
    assert "共 3 份" in text(client.get(address))
    assert client.post(address, {"reason": ""}).status_code == 422
    assert client.post(address, {"reason": "特殊教育学校不计入"}).status_code == 302
    states = [Dossier.objects.get(pk=row.pk).state for row in rows]
    assert states == ["left_out", "left_out", "judged"]
    assert client.post(address, {"reason": "再来一次"}).status_code == 422
    as_(client, cast.head)
    assert client.get(address).status_code == 404

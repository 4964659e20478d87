"""The pages: from a new draw to its bundle, who sees them, and how many statements they take."""

import io
import json
import zipfile
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from python_calamine import CalamineWorkbook

from dudao.draws import packing, reading, services
from dudao.draws.content import Line
from dudao.draws.models import Draw
from dudao.shell.errors import Refused
from tests.cast import TODAY, Cast, Player, player
from tests.draws.stage import LATER, drawn, frozen, lines, named, prepared, school_lines, seeded

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def a_day_in_april(settings: Any) -> None:
    settings.DEMO_TODAY = TODAY


@pytest.fixture
def leader(cast: Cast) -> Player:
    return player("分管寅", "leader", cast.bureau)


def post(client: Client, draw: Draw, page: str, **data: Any) -> Any:
    draw.refresh_from_db()
    return client.post(f"/draws/{draw.pk}/{page}/", {"base_version": draw.version, **data})


#: Steps that are refused in words where a draw stands elsewhere: sent twice, say.
ACTS = {"seed/", "run/", "enlarge/", "adopt/", "freeze/", "take/"}


def upload(data: bytes, name: str = "名单.xlsx") -> io.BytesIO:
    made = io.BytesIO(data)
    made.name = name
    return made


def test_from_the_form_to_the_bundle(cast: Cast, client: Client, settings: Any) -> None:
    client.force_login(cast.staff.user)
    assert "还没有随机抽取" in client.get("/draws/").content.decode()
    wrong = client.post("/draws/new/", {"purpose": "", "method": "simple", "held_on": "2024-04-22"})
    assert wrong.status_code == 422
    sent = {"purpose": "食堂抽查（示例）", "method": "simple", "held_on": "2024-04-22"}
    assert client.post("/draws/new/", sent).status_code == 302
    draw = Draw.objects.get()
    page = client.get(f"/draws/{draw.pk}/").content.decode()
    assert "还不能冻结" in page and "还没有约定种子来源" in page
    assert post(client, draw, "register", kinds=["school"]).status_code == 302
    draw.refresh_from_db()
    assert [one[1] for one in draw.lines] == ["示例第二中学", "示例第一小学"] or len(draw.lines) == 2
    assert "单位名册（类别：学校）" in draw.lines_from
    assert post(client, draw, "take", take=5).status_code == 422
    assert post(client, draw, "take", take=1).status_code == 302
    assert post(client, draw, "event", event="双色球（示例）", event_on="2024-04-10").status_code == 422
    assert post(client, draw, "event", event="双色球（示例）", event_on="2024-04-12").status_code == 302
    assert "都备齐了" in client.get(f"/draws/{draw.pk}/").content.decode()
    assert post(client, draw, "freeze").status_code == 422
    assert post(client, draw, "freeze", sure="on").status_code == 302
    draw.refresh_from_db()
    page = client.get(f"/draws/{draw.pk}/").content.decode()
    assert draw.sha256 in page and draw.sm3 in page and "等种子：2024年4月12日" in page
    early = post(client, draw, "seed", seed="0311", seed_from="示例", on="2024-04-10")
    assert early.status_code == 422 and "那天以前给出的种子不能用" in early.content.decode()
    settings.DEMO_TODAY = LATER.date()
    assert post(client, draw, "seed", seed="0311", seed_from="示例", on="2024-04-12").status_code == 302
    assert post(client, draw, "run", witnesses="纪检丑（示例）").status_code == 302
    page = client.get(f"/draws/{draw.pk}/").content.decode()
    assert "抽中 1 个" in page and "50.00%" in page and "1 ÷ 2 = 1/2" in page
    assert "监督人员（签名）" in client.get(f"/draws/{draw.pk}/print/").content.decode()
    book = b"".join(client.get(f"/draws/{draw.pk}/export/").streaming_content)  # type: ignore[attr-defined]
    rows = CalamineWorkbook.from_filelike(io.BytesIO(book)).get_sheet_by_index(0).to_python()
    assert any("1/2" in line and "抽中" in line for line in rows)
    data = b"".join(client.get(f"/draws/{draw.pk}/bundle/").streaming_content)  # type: ignore[attr-defined]
    with zipfile.ZipFile(io.BytesIO(data)) as packed:
        assert set(packed.namelist()) == {"draw.json", "frozen.json", "名单.csv", "verify.py", "说明.txt"}
    answer = client.post("/draws/check/", {"file": upload(data, "核验包.zip"), "draw": ""})
    assert "核验通过" in answer.content.decode()
    assert post(client, draw, "void", reason="").status_code == 422


def test_a_tampered_list_is_refused_with_its_line_on_the_page(cast: Cast, client: Client) -> None:
    draw = drawn(cast)
    said = packing.opened(packing.bundle(draw))
    said["frozen"]["units"][6][1] = "示例乙校"
    client.force_login(cast.office.user)
    sent = upload(json.dumps(said).encode(), "draw.json")
    page = client.post("/draws/check/", {"file": sent, "draw": ""}).content.decode()
    assert "冻结以后内容被改过" in page and "第 7 行“示例6校”的名称由“示例6校”改成“示例乙校”" in page
    assert client.post("/draws/check/", {"file": upload(b"PK\x03\x04", "核验包.zip")}).status_code == 422
    assert client.post("/draws/check/", {}).status_code == 422


def test_the_workbench_tells_the_office_when_a_seed_can_be_published_and_a_draw_run(
    cast: Cast, leader: Player, client: Client, settings: Any
) -> None:
    frozen(cast)
    client.force_login(cast.office.user)
    assert "种子可以公布" not in client.get("/").content.decode()
    settings.DEMO_TODAY = LATER.date()
    seeded(cast)
    page = client.get("/").content.decode()
    assert "种子可以公布" in page and "可以抽取" in page
    client.force_login(leader.user)
    assert "种子可以公布" not in client.get("/").content.decode()


def test_a_list_comes_from_a_table_and_its_units_are_known(cast: Cast, client: Client) -> None:
    client.force_login(cast.office.user)
    draw = prepared(cast)
    mixed = [*school_lines(cast, 1), *lines(2, sizes=(30, 40))]
    table = reading.sheet(mixed)
    assert post(client, draw, "table", table=upload(table)).status_code == 302
    draw.refresh_from_db()
    assert [bool(one[4]) for one in draw.lines] == [True, False, False] and draw.lines[1][3] == 30
    bad = upload(reading.sheet([]))
    assert "名单是空的" in post(client, draw, "table", table=bad).content.decode()
    assert "读不出表格" in post(client, draw, "table", table=upload(b"rubbish")).content.decode()
    lacking = post(client, draw, "sizes", table=upload(reading.sheet(lines(1, sizes=(30,)))))
    assert "2 个没有规模" in lacking.content.decode() or "没有规模" in lacking.content.decode()
    assert post(client, draw, "sizes").status_code == 422
    down = b"".join(client.get(f"/draws/{draw.pk}/lines/").streaming_content)  # type: ignore[attr-defined]
    assert len(CalamineWorkbook.from_filelike(io.BytesIO(down)).get_sheet_by_index(0).to_python()) == 4


PAGES = (
    "", "change/", "register/", "table/", "sizes/", "lines/", "take/", "people/", "event/", "commit/", "freeze/", "void/", "export/",
)  # fmt: skip


def test_the_office_prepares_leaders_look_and_nobody_else_sees_it(cast: Cast, leader: Player, client: Client) -> None:
    draw = named(prepared(cast), cast)
    inspector = player("督学癸", "inspector", cast.office.appointment.unit)
    for who in (cast.office, cast.staff, leader, cast.head, inspector, cast.foreign_office):
        client.force_login(who.user)
        for where in PAGES:
            looks = who in (cast.office, cast.staff) or (who == leader and where in ("", "lines/", "export/"))
            answer = client.get(f"/draws/{draw.pk}/{where}")
            assert answer.status_code == (200 if looks else 404), (who.person.name, where)


@pytest.mark.parametrize(
    ("stage", "pages"),
    [
        (frozen, ("seed/", "void/")),
        (seeded, ("run/",)),
        (drawn, ("enlarge/", "adopt/", "print/", "bundle/", "export/")),
    ],
)
def test_each_state_has_its_pages(
    cast: Cast, leader: Player, client: Client, stage: Any, pages: tuple[str, ...]
) -> None:
    draw = stage(cast)
    every = ("seed/", "run/", "enlarge/", "adopt/", "print/", "bundle/", "freeze/", "take/")
    client.force_login(cast.office.user)
    for page in {*every, *pages}:
        wanted = 200 if page in pages else 422 if page in ACTS else 404
        assert client.get(f"/draws/{draw.pk}/{page}").status_code == wanted, page
    client.force_login(leader.user)
    for page in pages:
        assert client.get(f"/draws/{draw.pk}/{page}").status_code == (
            200 if page in ("print/", "bundle/", "export/") else 404
        )


def test_leaders_do_not_see_who_is_behind_a_number(cast: Cast, leader: Player, client: Client) -> None:
    draw = prepared(cast)
    Draw.objects.filter(pk=draw.pk).update(
        members=[["01", "某督学（示例）", "k", "p", "salt"]], is_crewed=True, each=1, most=1
    )
    for who, sees in ((cast.office, True), (leader, False)):
        client.force_login(who.user)
        assert ("某督学" in client.get(f"/draws/{draw.pk}/").content.decode()) == sees


def test_pages_take_the_same_statements_for_long_lists(
    cast: Cast, client: Client, django_assert_max_num_queries: Any
) -> None:
    for at in range(12):
        one = drawn(cast, lines(300), take=40) if at == 0 else frozen(cast)
        if at == 0:
            long = one
    client.force_login(cast.office.user)
    client.get("/draws/")
    with django_assert_max_num_queries(22):
        assert client.get("/draws/").status_code == 200
    with django_assert_max_num_queries(24):
        page = client.get(f"/draws/{long.pk}/").content.decode()
    assert page.count("<tr>") <= 120 and "第 1—25 项，共 300 项" in page
    found = client.get(f"/draws/{long.pk}/?q=示例7校").content.decode()
    assert "共 1 项" in found
    services.void(draw=long, base_version=long.version, reason="示例", by=cast.office.actor, now=LATER)
    assert "已作废" in client.get("/draws/?chip=void").content.decode()


def test_an_uploaded_list_with_identity_numbers_or_another_schools_name_is_refused(cast: Cast) -> None:
    units = {"2164000001": ("k", "示例第一小学")}
    for line, words in (
        (Line("P001", "学生示例 110105194912310021", "", None, ""), "第 2 行有身份证件号"),
        (Line("2164000001", "示例第二小学", "", None, ""), "是“示例第一小学”，不是“示例第二小学”"),
    ):
        with pytest.raises(Refused, match=words):
            reading.read(SimpleUploadedFile("名单.xlsx", reading.sheet([line])), units=units)

"""Pages of units, as each person meets them."""

import re
from datetime import timedelta
from urllib.parse import quote

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from dudao.places import queries, services, tables
from dudao.places.models import Region, Unit, UnitImport
from dudao.shell import clock
from tests.cast import Cast, Player, unit
from tests.places.test_intake import sheet


def inside(player: Player) -> Client:
    client = Client()
    client.force_login(player.user)
    return client


def page(client: Client, name: str, *args: object, **query: str):
    return client.get(reverse(f"places:{name}", args=args), query)


def typed(client: Client, key: object) -> dict[str, str]:
    """What the edit page holds, as a browser would send it back."""
    html = page(client, "unit_edit", key).content.decode()
    version = re.search(r'name="version" value="(\d+)"', html)
    assert version
    return {
        "version": version[1], "name": "示例第一小学", "kind": "school", "stages": "primary",
        "region_code": "640122100000", "valid_from": clock.today().isoformat(), "reason": "示例批复",
        "campus-TOTAL_FORMS": "1", "campus-INITIAL_FORMS": "0", "campus-0-kind": "point",
        "campus-0-name": "示例教学点", "campus-0-region_code": "", "campus-0-address": "示例路1号",
    }  # fmt: skip


@pytest.mark.parametrize("role", ["office", "staff", "head", "foreign"])
def test_everybody_reads_units_and_only_those_who_keep_them_change_them(cast: Cast, role: str):
    client = inside(getattr(cast, role))
    keeps = role in ("office", "staff")
    assert page(client, "units").status_code == page(client, "regions").status_code == 200
    assert page(client, "unit", cast.school.pk).status_code == (404 if role == "foreign" else 200)
    for name in ("unit_new", "imports", "table"):
        assert page(client, name).status_code == (200 if keeps else 404), name
    for name in ("unit_edit", "unit_end"):
        assert page(client, name, cast.school.pk).status_code == (200 if keeps else 404), name
        if not keeps:
            sent = client.post(reverse(f"places:{name}", args=[cast.school.pk]), {"reason": "x"})
            assert sent.status_code == 404


def test_the_list_is_searched_filtered_and_read_on_another_day(cast: Cast):
    client = inside(cast.office)
    html = page(client, "units", q="花园", kind="kindergarten", private="yes").content.decode()
    assert "示例花园幼儿园" in html and "示例第一小学" not in html
    assert "示例第一小学" in page(client, "units", q="4000001").content.decode()
    assert "没有" in page(client, "units", on="2020-09-01").content.decode()
    assert page(client, "units", on="不是日子").status_code == 200
    assert page(client, "units", export="xlsx").status_code == 200


def test_a_change_is_entered_with_its_teaching_point_and_the_old_name_stays_in_its_time(cast: Cast):
    client = inside(cast.office)
    url = reverse("places:unit_edit", args=[cast.school.pk])
    response = client.post(url, {**typed(client, cast.school.pk), "name": "示例实验小学"})
    assert response.status_code == 302
    html = page(client, "unit", cast.school.pk).content.decode()
    assert "示例实验小学" in html and "示例教学点" in html and "示例批复" in html
    yesterday = (clock.today() - timedelta(days=1)).isoformat()
    assert "<h1>示例第一小学</h1>" in page(client, "unit", cast.school.pk, on=yesterday).content.decode()


def test_when_two_change_a_unit_the_second_sees_both_texts_and_can_still_save(cast: Cast):
    client = inside(cast.office)
    url = reverse("places:unit_edit", args=[cast.school.pk])
    mine, theirs = typed(client, cast.school.pk), typed(client, cast.school.pk)
    assert client.post(url, {**theirs, "name": "同事改的名称"}).status_code == 302
    response = client.post(url, {**mine, "name": "我改的名称"})
    html = response.content.decode()
    assert response.status_code == 409
    assert "同事改的名称" in html and 'value="我改的名称"' in html
    assert client.post(url, {**typed(client, cast.school.pk), "name": "我改的名称"}).status_code == 302


def test_a_mistake_is_said_at_its_field_and_nothing_typed_is_lost(cast: Cast):
    client = inside(cast.office)
    response = client.post(
        reverse("places:unit_new"),
        {"code": "2164000001", "name": "又一所", "kind": "school", "valid_from": clock.today().isoformat()},
    )
    html = response.content.decode()
    assert response.status_code == 422 and "已经登记过" in html and 'value="又一所"' in html


@pytest.mark.parametrize(
    ("way", "into", "status"),
    [
        ("end", 0, 302),
        ("merge", 1, 302),
        ("merge", 0, 422),
        ("merge", 2, 422),
        ("split", 2, 302),
        ("part", 1, 302),
        ("split", 0, 422),
        ("split", 1, 422),
    ],
)
def test_a_unit_ends_in_each_of_the_ways(cast: Cast, way: str, into: int, status: int):
    others = [str(cast.school_2.pk), str(cast.kindergarten.pk)][:into]
    response = inside(cast.office).post(
        reverse("places:unit_end", args=[cast.school.pk]),
        {"way": way, "on": clock.today().isoformat(), "into": others, "reason": "示例批复", "version": "1"},
    )
    assert response.status_code == status
    cast.school.refresh_from_db()
    assert bool(cast.school.ended_on) == (status == 302 and way != "part")


def test_a_change_that_has_not_begun_is_told_and_taken_back_with_one_click(cast: Cast):
    client, ahead = inside(cast.office), clock.today() + timedelta(days=30)
    edit = reverse("places:unit_edit", args=[cast.school.pk])
    client.post(edit, typed(client, cast.school.pk) | {"name": "示例实验小学", "valid_from": ahead.isoformat()})
    html = page(client, "unit", cast.school.pk).content.decode()
    assert "<h1>示例第一小学</h1>" in html and "变更为“示例实验小学”，还没有开始" in html
    take_back = reverse("places:unit_take_back", args=[cast.school.pk])
    assert inside(cast.head).post(take_back, {"version": "2"}).status_code == 404
    html = client.post(take_back, {"version": "2"}, follow=True).content.decode()
    assert "已撤回" in html and "还没有开始" not in html and "示例实验小学" not in html


def test_a_table_is_looked_at_confirmed_and_undone_from_the_pages(cast: Cast):
    client = inside(cast.office)
    content = sheet(
        ["2164000001", "示例改名小学", "学校", "小学", "否", ""],
        ["9164000777", "示例<script>新校", "学校", "小学", "否", ""],
        ["9164000778", "示例错校", "城堡", "小学", "否", ""],
    )
    data = {"table": SimpleUploadedFile("单位<b>.xlsx", content), "valid_from": clock.today().isoformat()}
    response = client.post(reverse("places:imports"), data)
    (batch,) = UnitImport.objects.all()
    html = client.get(response["Location"]).content.decode()
    assert "示例&lt;script&gt;新校" in html and "“类别”不认识：城堡" in html
    assert Unit.objects.filter(code="9164000777").count() == 0
    client.post(reverse("places:import_confirm", args=[batch.pk]))
    assert Unit.objects.filter(code="9164000777").count() == 1
    # A second click is told, not done again.
    again = client.post(reverse("places:import_confirm", args=[batch.pk]), follow=True)
    assert "已经确认过" in again.content.decode()
    client.post(reverse("places:import_undo", args=[batch.pk]))
    assert Unit.objects.filter(code="9164000777").count() == 0
    assert queries.unit_names(cast.office.actor, {cast.school.pk}, as_of=clock.today()) == {
        cast.school.pk: "示例第一小学"
    }


@pytest.mark.parametrize("content", [b"", b"\x00garbage", "标识码".encode("gbk"), b"x" * (tables.LIMIT_BYTES + 1)])
def test_what_is_no_table_gets_a_clear_word_and_leaves_no_trace(cast: Cast, content: bytes):
    data = {"table": SimpleUploadedFile("x.xlsx", content), "valid_from": clock.today().isoformat()}
    response = inside(cast.office).post(reverse("places:imports"), data)
    assert response.status_code == 422
    assert 'id="id_table_error"' in response.content.decode()
    assert not UnitImport.objects.exists()


def test_what_is_downloaded_comes_back_unchanged(cast: Cast):
    client = inside(cast.office)
    out = page(client, "table").content
    assert len(tables.read(out)) == 5
    data = {"table": SimpleUploadedFile("out.xlsx", out), "valid_from": clock.today().isoformat()}
    client.post(reverse("places:imports"), data)
    assert set(UnitImport.objects.get().rows.values_list("outcome", flat=True)) == {"unchanged"}
    assert tables.read(page(client, "table", empty="1").content) == []


def test_the_regions_of_the_file_are_loaded_once_and_stand_as_not_checked(cast: Cast, capsys):
    call_command("regions")
    call_command("regions")
    assert "载入 0 条" in capsys.readouterr().out
    assert Region.objects.filter(code="640122100000", name="习岗镇", checked_on=None).count() == 1
    html = page(inside(cast.office), "regions").content.decode()
    assert html.count("未核实") >= 8


def test_the_template_has_a_chinese_name_and_only_schools_are_public_or_private(cast: Cast):
    client = inside(cast.office)
    assert quote("单位导入模板.xlsx") in page(client, "table", empty="1")["Content-Disposition"]
    assert "公办" in page(client, "unit", cast.school.pk).content.decode()
    assert "公办" not in page(client, "unit", cast.bureau.pk).content.decode()


def test_pages_cost_the_same_however_many_units(cast: Cast, django_assert_max_num_queries):
    client = inside(cast.office)
    page(client, "units")
    for n in range(30):
        unit(f"示例{n}校", f"N{n}", stages=frozenset({"primary"}))
    for n in range(5):
        row = Unit.objects.get(pk=cast.school.pk)
        services.change_unit(
            unit=row, base_version=row.version, facts=services.UnitFacts(f"名{n}", "school"),
            valid_from=clock.today() + timedelta(days=n), reason="x", by=cast.office.actor, now=clock.now(),
        )  # fmt: skip
    with django_assert_max_num_queries(18):
        page(client, "units", size="100")
    with django_assert_max_num_queries(20):
        page(client, "unit", cast.school.pk)

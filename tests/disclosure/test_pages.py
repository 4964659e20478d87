"""The pages of publication through the plain client: three people of the office, no JavaScript; and what anybody sees."""

import io
from datetime import date
from typing import Any
from uuid import UUID

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from python_calamine import CalamineWorkbook

from dudao.disclosure import queries, services
from dudao.disclosure.models import Edition, Setting
from dudao.papers.models import Paper
from tests.cast import NOW, Cast, Player
from tests.disclosure.conftest import BODY, Typed, passed, publish
from tests.disclosure.test_services import Worker
from tests.papers.parts import picture

pytestmark = pytest.mark.django_db


def at(player: Player) -> Client:
    client = Client()
    client.force_login(player.user)
    return client


def to(name: str, edition: Edition | None = None, *more: object) -> str:
    return reverse(f"disclosure:{name}", args=[*([edition.publication_id] if edition else []), *more])


def shot() -> SimpleUploadedFile:
    return SimpleUploadedFile("截图（示例）.png", picture(), "image/png")


def text(client: Client, address: str) -> str:
    response = client.get(address)
    assert response.status_code == 200, (address, response.status_code)
    return response.content.decode()


def test_three_people_of_the_office_publish_a_report_by_plain_forms(cast: Cast, set_up: None, report: Paper) -> None:
    staff, director = at(cast.staff), at(cast.office)
    page = text(staff, to("waiting"))
    assert report.title in page and "教育督导条例第二十三条" in page
    staff.post(reverse("disclosure:take_up", args=[report.pk]))
    edition = Edition.objects.get()
    assert "2024年4月18日" in text(staff, to("publication", edition))
    # The OA's paper has no words here: they are typed, with a telephone number among them.
    form = {
        "title": edition.title,
        "body": f"{BODY}\n联系电话：13900001234",
        "summary": "概述",
        "base_version": edition.version,
    }
    staff.post(to("words", edition), form)
    edition.refresh_from_db()
    page = text(staff, to("publication", edition))
    assert "处理个人信息（1 处）" in page and "送审前先处理个人信息" in page
    (trace,) = queries.open_traces(edition)
    page = text(staff, to("traces", edition))
    assert "139****1234" in page
    answer = staff.post(to("traces", edition), {"base_version": edition.version, f"choice_{trace.pk}": "keep"})
    assert answer.status_code == 422 and "请写明保留的理由" in answer.content.decode()
    staff.post(to("traces", edition), {"base_version": edition.version, f"choice_{trace.pk}": "mask"})
    edition.refresh_from_db()
    assert "139****1234" in edition.body
    assert "送公开审查？" in text(staff, to("submit", edition))
    staff.post(to("submit", edition), {"base_version": edition.version, "confirmed": "1"})
    edition.refresh_from_db()
    # The staff cannot review; they may enter what a leader signed on paper.
    assert "登记的是纸质审查" in text(staff, to("openness", edition))
    answer = staff.post(to("openness", edition), {"base_version": edition.version, "conclusion": "open"})
    assert answer.status_code == 422
    answer = director.post(to("openness", edition), {"base_version": edition.version, "conclusion": "closed"})
    assert answer.status_code == 422 and "条例第十四至十六条" in answer.content.decode()
    director.post(to("openness", edition), {"base_version": edition.version, "conclusion": "open"})
    edition.refresh_from_db()
    director.post(to("secrecy", edition), {"base_version": edition.version, "conclusion": "open"})
    edition.refresh_from_db()
    assert edition.state == "ready"
    page = text(staff, to("publication", edition))
    assert "制作材料包" in page and "12640122MB0000001X/2024-00001" in page
    answer = staff.post(to("package", edition), follow=True)
    assert "制作公开材料包" in answer.content.decode()
    services.make_package(run=Worker(edition, cast.staff))
    page = text(staff, to("publication", edition))
    assert "下载材料包" in page
    package = queries.package_of(edition)
    assert package is not None
    answer = staff.get(to("file", edition, package.file))
    assert b"".join(answer.streaming_content)[:2] == b"PK"
    bad = {"base_version": edition.version, "address": "example.cn", "on": "2024-04-10", "evidence": shot()}
    answer = staff.post(to("publish", edition), bad)
    assert answer.status_code == 422 and "完整网址" in answer.content.decode()
    staff.post(to("publish", edition), {**bad, "address": "https://www.example.gov.cn/1", "evidence": shot()})
    edition.refresh_from_db()
    assert edition.state == "published"
    page = text(staff, to("publication", edition))
    assert "按期公开" in page and "https://www.example.gov.cn/1" in page


def test_a_leader_reviews_on_paper_through_the_form(cast: Cast, typed: Typed, leader: Player) -> None:
    edition = typed()
    services.submit(edition=edition, base_version=1, by=cast.staff.actor, now=NOW)
    staff = at(cast.staff)
    form = {
        "base_version": edition.version, "conclusion": "open", "reviewer": str(leader.person.pk), "on": "2024-04-09",
        "scan": shot(),
    }  # fmt: skip
    assert staff.post(to("openness", edition), form).status_code == 302
    page = text(staff, to("publication", edition))
    assert leader.person.name in page and "（纸质，" in page and "截图（示例）.png" in page


def test_who_wrote_it_sees_that_another_must_review_its_secrecy(cast: Cast, typed: Typed, leader: Player) -> None:
    edition = services.prepare_text(
        words=services.Words("结果（示例）", BODY, "概述"), formed_on=date(2024, 3, 20), by=cast.office.actor, now=NOW
    )
    services.submit(edition=edition, base_version=1, by=cast.office.actor, now=NOW)
    director = at(cast.office)
    director.post(to("openness", edition), {"base_version": edition.version, "conclusion": "open"})
    page = text(director, to("secrecy", edition))
    assert "您不能做这一次保密审查" in page and leader.person.name in page and f'"{cast.office.person.pk}"' not in page


def test_two_who_change_the_words_at_once_see_both(cast: Cast, typed: Typed) -> None:
    edition = typed()
    staff, director = at(cast.staff), at(cast.office)
    form = {"title": edition.title, "body": f"{BODY}\n甲改的。", "summary": "概述", "base_version": 1}
    assert staff.post(to("words", edition), form).status_code == 302
    answer = director.post(to("words", edition), {**form, "body": f"{BODY}\n乙改的。"})
    page = answer.content.decode()
    assert answer.status_code == 409 and "甲改的" in page and "乙改的" in page


def test_the_comparison_shows_source_and_wording(cast: Cast, typed: Typed) -> None:
    edition = typed()
    words = services.Words(edition.title, BODY.replace("38", "39"), edition.summary)
    services.change_words(edition=edition, base_version=1, words=words, remark="", by=cast.staff.actor, now=NOW)
    page = text(at(cast.office), to("compare", edition))
    assert "<del>38</del><ins>39</ins>" in page
    assert "没有不同" in text(at(cast.office), f"{to('compare', edition)}?a=2")


def test_the_list_takes_the_same_statements_however_long_it_is(cast: Cast, typed: Typed) -> None:
    client, counts = at(cast.office), set()
    client.get("/")
    for more in (2, 8):
        for _ in range(more):
            typed(f"{BODY}\n电话13900001234")
        with CaptureQueriesContext(connection) as caught:
            assert "待处理个人信息" in text(client, to("list"))
        counts.add(len(caught))
    assert len(counts) == 1


def test_excel_and_catalogue(cast: Cast, typed: Typed) -> None:
    edition = passed(typed(), cast)
    publish(edition, cast.staff)
    client = at(cast.office)
    for name in ("list", "catalogue"):
        answer = client.get(f"{to(name)}?export=xlsx&year=2024")
        book = CalamineWorkbook.from_filelike(io.BytesIO(b"".join(answer.streaming_content)))
        cells = [str(cell) for row in book.get_sheet_by_index(0).to_python() for cell in row]
        assert edition.title in cells and edition.publication.index_no in cells
    assert edition.summary in text(client, to("catalogue"))


def test_units_and_other_counties_have_no_such_pages(cast: Cast, typed: Typed) -> None:
    edition = typed()
    for player in (cast.head, cast.foreign_office):
        client = at(player)
        for name in ("publication", "words", "traces", "openness", "secrecy", "publish", "compare", "print"):
            assert client.get(to(name, edition)).status_code == 404, (player.person.name, name)
    assert at(cast.staff).post(to("switch"), {"base_version": 1, "is_on": "1"}).status_code == 404


# ---- what anybody sees ----------------------------------------------------------------------------------------------


@pytest.fixture
def opened(cast: Cast, set_up: None) -> None:
    at(cast.office).post(to("switch"), {"base_version": Setting.objects.get().version, "is_on": "1"})
    assert Setting.objects.get().switched_by_name == cast.office.person.name


@pytest.fixture
def published(cast: Cast, typed: Typed) -> Edition:
    edition = typed(
        f"{BODY}\n| 指标 | 数值 |\n| --- | --- |\n| 覆盖率 | 82.99% |", sources="算式：(9169 + 2133) ÷ 13619\n各园上报"
    )
    passed(edition, cast)
    services.make_package(run=Worker(edition, cast.staff))
    publish(edition, cast.staff)
    return edition


def test_the_public_pages_are_off_until_somebody_opens_them(published: Edition) -> None:
    for address in (reverse("public_list"), reverse("public_page", args=[published.publication.key])):
        assert Client().get(address).status_code == 404


def test_anybody_reads_what_is_published_without_a_cookie(opened: None, published: Edition, settings: Any) -> None:
    settings.SITE = "https://dudao.example.gov.cn/"
    client = Client()
    page = text(client, reverse("public_list"))
    assert published.title in page
    assert published.title in text(client, f"{reverse('public_list')}?q=食堂")
    assert "没有找到" in text(client, f"{reverse('public_list')}?q=没有这个")
    response = client.get(reverse("public_page", args=[published.publication.key]))
    page = response.content.decode()
    assert not response.cookies and "max-age=300" in response["Cache-Control"] and "public" in response["Cache-Control"]
    assert "发布机构" in page and "署名" in page and "数字怎么来的" in page and "(9169 + 2133) ÷ 13619" in page
    assert f"https://dudao.example.gov.cn/gk/{published.publication.key}/" in page
    # Nobody of the house is named, and no way to write.
    assert "（示例）" in page and "乙（示例）" not in page and "甲（示例）" not in page and "csrf" not in page
    answer = client.get(reverse("public_table", args=[published.publication.key, 1, 1]))
    assert answer.content.decode("utf-8-sig") == "指标,数值\r\n覆盖率,82.99%\r\n"
    package = queries.package_of(published)
    assert package is not None
    answer = client.get(reverse("public_file", args=[published.publication.key, 1, package.text_file]))
    assert answer.status_code == 200 and not answer.cookies
    # The package with its review sheet, and the picture, are not for the public.
    for key in (package.file, UUID(int=3)):
        assert client.get(reverse("public_file", args=[published.publication.key, 1, key])).status_code == 404
    assert client.post(reverse("public_list")).status_code == 405


def test_what_is_under_way_is_not_public(opened: None, typed: Typed, cast: Cast) -> None:
    edition = passed(typed(), cast)
    assert Client().get(reverse("public_page", args=[edition.publication.key])).status_code == 404
    assert edition.title not in text(Client(), reverse("public_list"))


def test_a_correction_leads_to_the_old_edition_and_back(opened: None, published: Edition, cast: Cast) -> None:
    key = published.publication.key
    second = services.correct(
        publication=published.publication,
        note="食堂数应为39所",
        changed_on=date(2024, 4, 10),
        by=cast.staff.actor,
        now=NOW,
    )
    words = services.Words(second.title, BODY.replace("38", "39"), second.summary)
    services.change_words(edition=second, base_version=1, words=words, remark="", by=cast.staff.actor, now=NOW)
    assert "38所" in text(Client(), reverse("public_page", args=[key]))
    publish(passed(second, cast), cast.staff)
    page = text(Client(), reverse("public_page", args=[key]))
    assert "39所" in page and "食堂数应为39所" in page and reverse("public_edition", args=[key, 1]) in page
    old = text(Client(), reverse("public_edition", args=[key, 1]))
    assert "38所" in old and "后来更正过" in old
    assert "第2版" in text(at(cast.office), to("publication", second))
    assert "这是较早的一版" in text(at(cast.office), f"{to('publication', second)}?no=1")


def test_what_is_taken_off_says_so_under_its_address(opened: None, published: Edition, cast: Cast) -> None:
    at(cast.staff).post(to("withdraw", published), {"reason": "数据有误", "on": "2024-04-10"})
    page = text(Client(), reverse("public_page", args=[published.publication.key]))
    assert "已撤下" in page and "数据有误" in page and "明厨亮灶" not in page
    assert published.title not in text(Client(), reverse("public_list"))
    package = queries.package_of(published)
    assert package is not None
    for name, more in (("public_file", package.text_file), ("public_table", 1)):
        assert Client().get(reverse(name, args=[published.publication.key, 1, more])).status_code == 404


def test_an_edition_that_said_too_much_is_not_shown_any_more(opened: None, published: Edition, cast: Cast) -> None:
    key = published.publication.key
    form = {"note": "删去不应公开的内容", "changed_on": "2024-04-10", "hides": "on"}
    at(cast.staff).post(to("correct", published), form)
    for address in (reverse("public_page", args=[key]), reverse("public_edition", args=[key, 1])):
        page = text(Client(), address)
        assert "不再显示" in page and "明厨亮灶" not in page and published.title not in page
    assert published.title not in text(Client(), reverse("public_list"))
    assert Client().get(reverse("public_table", args=[key, 1, 1])).status_code == 404
    second = Edition.objects.get(no=2)
    publish(passed(second, cast), cast.staff)
    page = text(Client(), reverse("public_page", args=[key]))
    assert "明厨亮灶" in page and reverse("public_edition", args=[key, 1]) not in page
    assert "不再显示" in text(Client(), reverse("public_edition", args=[key, 1]))


def test_everything_that_was_found_is_masked_at_one_click(cast: Cast, typed: Typed) -> None:
    edition = typed(f"{BODY}\n学生张小示，家住示例镇示例村3组，电话13900001234。")
    at(cast.office).post(to("traces", edition), {"base_version": edition.version, "all": "mask"})
    edition.refresh_from_db()
    assert queries.open_traces(edition) == [] and "学生某某，家住示例镇＊＊，电话139****1234。" in edition.body


def test_the_address_is_recorded_from_a_draft_and_at_the_second_try(cast: Cast, typed: Typed) -> None:
    edition = passed(typed(), cast)
    staff = at(cast.staff)
    form = {"base_version": 1, "address": "https://www.example.gov.cn/1", "on": "2024-04-10"}
    key = f"disclosure.publish|{edition.publication_id}"
    staff.post(reverse("shell:draft_keep"), {**form, "_draft": key})
    page = text(staff, to("publish", edition))
    now = f'name="base_version" value="{edition.version}"'
    assert now in page and "https://www.example.gov.cn/1" in page
    answer = staff.post(to("publish", edition), {**form, "evidence": shot()})
    page = answer.content.decode()
    assert answer.status_code == 409 and "又有办理" in page and "别人" not in page and now in page
    answer = staff.post(to("publish", edition), {**form, "base_version": edition.version, "evidence": shot()})
    edition.refresh_from_db()
    assert answer.status_code == 302 and edition.state == "published"

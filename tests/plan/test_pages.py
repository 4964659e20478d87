"""The pages of the plan through the plain client: no JavaScript, every task can be finished."""

import io
import zipfile
from datetime import date, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from PIL import Image

from dudao.accounts import services as accounts
from dudao.accounts.queries import actor_for, hats
from dudao.places import services as places
from dudao.plan import queries, services
from dudao.plan.models import Notice, Point, Task, TaskPart
from dudao.shell import clock
from dudao.shell.acts import system
from dudao.shell.errors import Refused
from tests.cast import NOW, SINCE, TODAY, Cast, Player, unit

pytestmark = pytest.mark.django_db


def soon() -> str:
    """A day to sign by, as a browser sends it."""
    return (clock.today() + timedelta(days=3)).isoformat()


def duties_as_shown(point: Point) -> dict[str, object]:
    """The duties of a point as the page sends them back when nothing is touched."""
    return {
        f"d{task.pk.hex}-{name}": value
        for task in point.tasks.filter(state="checking")
        for name, value in {
            "base_version": task.version,
            "title": task.title,
            "subject": task.subject,
            "lead_id": task.lead_id or "",
            "cooperating": task.cooperating,
            "due_on": task.due_on or "",
            "rule": task.rule,
        }.items()
    }


@pytest.fixture
def at_office(client: Client, office: Player) -> Client:
    client.force_login(office.user)
    return client


def test_pasting_the_notice_leads_to_its_points(at_office: Client, text: str) -> None:
    page = at_office.post(reverse("plan:notice_new"), {"text": text}, follow=True)
    body = page.content.decode()
    assert "贺兰县2024年教育督导工作要点" in body
    assert "按顺序" in body
    assert "生成 39 项任务" in body


def test_a_merged_unit_is_marked_on_the_task_and_left_out_of_the_reminder(
    at_office: Client, office: Player, cast: Cast, text: str
) -> None:
    notice = services.hand_in_notice(text=text, by=office.actor, now=clock.now())
    task = services.confirm_notice(notice=notice, by=office.actor, now=clock.now())[8]
    by, gone = {"by": office.actor, "now": clock.now()}, cast.kindergarten
    services.hand_down(tasks=[task], units=[gone.pk, cast.school.pk], sign_by=clock.today(), **by)
    merge = {"units": [(gone, gone.version)], "into": cast.school_2, "on": clock.today(), "reason": "示例批复"}
    places.merge_units(**merge, **by)
    assert "单位已终止，并入示例第二中学" in at_office.get(reverse("plan:task", args=[task.pk])).content.decode()
    urged = at_office.post(reverse("plan:task_urge", args=[task.pk]), follow=True).content.decode()
    assert "没有催这些单位：示例花园幼儿园已终止，并入示例第二中学" in urged


def test_uploading_the_same_file_reads_the_same(at_office: Client, text: str) -> None:
    upload = SimpleUploadedFile("要点.txt", text.encode("gb18030"))
    at_office.post(reverse("plan:notice_new"), {"text": "", "file": upload})
    assert Notice.objects.get().sections.count() == 4


def test_a_pasted_text_left_half_way_stands_there_again_until_it_is_handed_in(at_office: Client, text: str) -> None:
    at_office.post(reverse("shell:draft_keep"), {"_draft": "plan.notice|", "text": text})
    assert "贺兰县2024年教育督导工作要点" in at_office.get(reverse("plan:notice_new")).content.decode()
    at_office.post(reverse("plan:notice_new"), {"text": text})
    assert "没写完的内容" not in at_office.get(reverse("plan:notice_new")).content.decode()


def test_a_correction_left_half_way_stands_there_again_until_it_is_saved(at_office: Client, text: str) -> None:
    at_office.post(reverse("plan:notice_new"), {"text": text})
    point = Point.objects.get(no="11")
    address = f"{reverse('plan:notice', args=[point.section.notice_id])}?point={point.pk}"
    typed = duties_as_shown(point)
    first = point.tasks.order_by("position")[0]
    typed[f"d{first.pk.hex}-title"] = "改了一半的标题"
    at_office.post(reverse("shell:draft_keep"), {"_draft": f"plan.point|{point.pk}", **typed})
    assert 'value="改了一半的标题"' in at_office.get(address).content.decode()
    at_office.post(address, typed)
    first.refresh_from_db()
    assert first.title == "改了一半的标题"
    assert "没写完的内容" not in at_office.get(address).content.decode()


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("empty.txt", b""),
        ("binary.txt", bytes(range(256)) * 40),
        ("scan.pdf", b"%PDF-1.4\n%%EOF"),
        ("old.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600),
        ("<script>alert(1)</script>.exe", b"MZ" + b"\0" * 100),
    ],
)
def test_a_bad_file_says_what_to_do_where_it_was_chosen(at_office: Client, name: str, data: bytes) -> None:
    page = at_office.post(reverse("plan:notice_new"), {"text": "", "file": SimpleUploadedFile(name, data)})
    assert page.status_code == 422
    assert 'id="id_file_error"' in page.content.decode()
    assert not Notice.objects.exists()


@pytest.mark.parametrize("program", [None, "/usr/bin/soffice"])
def test_the_page_offers_old_word_files_only_where_they_can_be_read(
    program: str | None, at_office: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dudao_engines.notices.office.converter", lambda: program)
    page = at_office.get(reverse("plan:notice_new")).content.decode()
    assert (".pdf,.doc,.wps,.rtf,.odt" in page) == bool(program)
    assert ("没有文字的扫描件和 .doc、.wps 请打开后复制正文" in page) != bool(program)


def test_a_docx_bomb_is_refused(at_office: Client) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as bomb:
        bomb.writestr("word/document.xml", b" " * 300_000_000)
    page = at_office.post(
        reverse("plan:notice_new"), {"file": SimpleUploadedFile("bomb.docx", packed.getvalue()), "text": ""}
    )
    assert page.status_code == 422
    assert not Notice.objects.exists()


def test_pasted_text_stays_when_it_is_refused(at_office: Client, notice: Notice) -> None:
    page = at_office.post(reverse("plan:notice_new"), {"text": notice.text})
    body = page.content.decode()
    assert page.status_code == 422
    assert "已于2024年4月10日导入" in body
    assert "深耕督导,护航发展" in body


def test_script_in_a_notice_stays_text(at_office: Client, text: str) -> None:
    page = at_office.post(
        reverse("plan:notice_new"), {"text": text.replace("精准培训", "<script>alert(1)</script>精准培训")}, follow=True
    )
    assert "<script>alert(1)" not in page.content.decode()
    assert "&lt;script&gt;alert(1)" in page.content.decode()


def test_correcting_one_point_confirming_handing_down_and_signing(
    at_office: Client, notice: Notice, head: Player
) -> None:
    point = Point.objects.get(section__notice=notice, no="9")
    address = reverse("plan:notice", args=[notice.pk]) + f"?point={point.pk}"
    first = point.tasks.order_by("position")[0]
    typed = duties_as_shown(point) | {f"d{first.pk.hex}-title": "深化“双减”专项督导"}
    assert at_office.post(address, typed).status_code == 302
    at_office.post(reverse("plan:notice_confirm", args=[notice.pk]))
    task = Task.objects.get(number="09-1")
    assert task.title == "深化“双减”专项督导"
    typed = {"tasks": [task.pk], "units": [head.appointment.unit.pk], "sign_by": soon()}
    at_office.post(reverse("plan:hand_down"), typed)
    part = TaskPart.objects.get()

    school = Client()
    school.force_login(head.user)
    page = school.get(reverse("plan:task", args=[task.pk])).content.decode()
    assert "待签收" in page
    assert "深化“双减”督导" in page
    signed = school.post(reverse("plan:part_sign", args=[part.pk]), follow=True).content.decode()
    assert "已签收" in signed
    part.refresh_from_db()
    assert (part.state, part.signed_by) == ("signed", "丙（示例）")


def test_a_notice_of_which_something_was_handed_down_is_not_offered_to_go_back(
    at_office: Client, tasks: list[Task], office: Player, head: Player
) -> None:
    notice = tasks[0].notice
    assert notice
    page, back = reverse("plan:notice", args=[notice.pk]), reverse("plan:notice_reopen", args=[notice.pk])
    assert back in at_office.get(page).content.decode()
    units, by = [head.appointment.unit.pk], {"by": office.actor, "now": NOW}
    services.hand_down(tasks=tasks[8:9], units=units, sign_by=date(2024, 4, 13), **by)
    assert back not in at_office.get(page).content.decode()


def test_a_unit_is_told_the_whole_task_of_its_period_without_a_link_it_cannot_open(
    tasks: list[Task], office: Player, head: Player
) -> None:
    period = Task.objects.get(number="10-2.01")
    units, by = [head.appointment.unit.pk], {"by": office.actor, "now": NOW}
    services.hand_down(tasks=[period], units=units, sign_by=date(2024, 4, 13), **by)
    whole = reverse("plan:task", args=[period.parent_id])
    school, desk = Client(), Client()
    school.force_login(head.user)
    desk.force_login(office.user)
    page = school.get(reverse("plan:task", args=[period.pk])).content.decode()
    assert "10-2 开展摸排督查工作" in page
    assert f'href="{whole}"' not in page
    assert f'href="{whole}"' in desk.get(reverse("plan:task", args=[period.pk])).content.decode()


def test_a_conflict_shows_both_texts(at_office: Client, notice: Notice, office: Player) -> None:
    point = Point.objects.get(section__notice=notice, no="9")
    task = point.tasks.order_by("position")[0]
    typed = duties_as_shown(point) | {f"d{task.pk.hex}-title": "我的标题"}
    services.correct_task(task=task, base_version=1, title="别人的标题", by=office.actor, now=NOW)
    address = reverse("plan:notice", args=[notice.pk]) + f"?point={point.pk}"
    page = at_office.post(address, typed)
    body = page.content.decode()
    assert page.status_code == 409
    assert "别人的标题" in body
    assert "我的标题" in body
    name = f"d{task.pk.hex}-title"
    assert f'name="pick_{name}"' in body
    again = typed | {f"d{task.pk.hex}-base_version": 2, f"pick_{name}": "theirs", f"theirs_{name}": "别人的标题"}
    assert at_office.post(address, again).status_code == 302
    task.refresh_from_db()
    assert task.title == "别人的标题"


def test_a_whole_kind_of_unit_is_chosen_at_once(at_office: Client, tasks: list[Task]) -> None:
    for number in range(5):
        unit(f"示例幼儿园{number}", f"YG{number}", "kindergarten")
    typed = {"tasks": [tasks[8].pk], "groups": ["kindergarten"], "sign_by": soon()}
    at_office.post(reverse("plan:hand_down"), typed)
    assert TaskPart.objects.filter(task=tasks[8]).count() == 6  # five and the cast's own


def test_handing_down_to_nobody_keeps_what_was_chosen(at_office: Client, tasks: list[Task], head: Player) -> None:
    page = at_office.post(reverse("plan:hand_down"), {"tasks": [tasks[8].pk], "sign_by": soon()})
    assert page.status_code == 422
    assert "请至少选一类或一个单位" in page.content.decode()
    assert f'value="{tasks[8].pk}" checked' in page.content.decode()


@pytest.mark.parametrize("who", ["head", "stranger"])
def test_out_of_scope_is_not_found(
    who: str, request: pytest.FixtureRequest, tasks: list[Task], notice: Notice, office: Player
) -> None:
    other = unit("示例城关第三小学", "XX03")
    services.hand_down(tasks=tasks[:1], units=[other.pk], sign_by=date(2024, 4, 13), by=office.actor, now=NOW)
    part = TaskPart.objects.get()
    client = Client()
    client.force_login(request.getfixturevalue(who).user)
    assert client.get(reverse("plan:task", args=[tasks[0].pk])).status_code == 404
    assert client.post(reverse("plan:part_sign", args=[part.pk])).status_code == 404
    assert client.post(reverse("plan:part_withdraw", args=[part.pk]), {"reason": "x"}).status_code == 404
    assert client.get(reverse("plan:notice", args=[notice.pk])).status_code == (200 if who == "head" else 404)


def test_the_head_of_a_school_cannot_confirm_or_drop(client: Client, notice: Notice, head: Player) -> None:
    client.force_login(head.user)
    assert client.post(reverse("plan:notice_confirm", args=[notice.pk])).status_code == 404
    assert client.post(reverse("plan:notice_drop", args=[notice.pk]), {"reason": "x"}).status_code == 404
    notice.refresh_from_db()
    assert notice.state == "checking"


def test_anonymous_is_led_to_sign_in(client: Client) -> None:
    assert client.get(reverse("plan:task_list")).headers["Location"].startswith(reverse("accounts:sign_in"))


def test_answering_and_reviewing_through_the_pages(
    at_office: Client, tasks: list[Task], head: Player, office: Player
) -> None:
    services.hand_down(
        tasks=[tasks[8]], units=[head.appointment.unit.pk], sign_by=date(2024, 4, 13), by=office.actor, now=NOW
    )
    part = TaskPart.objects.get()
    services.sign_part(part=part, by=head.actor, now=NOW)
    school = Client()
    school.force_login(head.user)
    picture = io.BytesIO()
    Image.new("RGB", (4, 4)).save(picture, "PNG")
    photo = SimpleUploadedFile("检查记录.png", picture.getvalue(), "image/png")
    page = school.post(
        reverse("plan:part_answer", args=[part.pk]), {"answer": "已开展两次。", "evidence": photo}, follow=True
    )
    assert "等督导室审核" in page.content.decode()
    assert school.get(reverse("plan:part_review", args=[part.pk])).status_code == 404

    assert "已开展两次" in at_office.get(reverse("plan:part_review", args=[part.pk])).content.decode()
    typed = {"accepted": "no", "note": ""}
    refused = at_office.post(reverse("plan:part_review", args=[part.pk]), typed)
    assert refused.status_code == 422
    assert "缺什么" in refused.content.decode()
    at_office.post(reverse("plan:part_review", args=[part.pk]), {"accepted": "yes", "note": "好"})
    part.refresh_from_db()
    assert part.state == "done"
    assert "已办结" in school.get(reverse("plan:task", args=[tasks[8].pk])).content.decode()


def test_a_responsible_inspector_reads_the_tasks_of_a_school_but_does_not_sign_for_it(
    client: Client, cast: Cast, tasks: list[Task]
) -> None:
    by = system("640122")
    accounts.appoint(person=cast.head.person, post="inspector", unit=cast.bureau, start_on=SINCE, by=by, now=NOW)
    accounts.give_grant(
        to_person=cast.head.person,
        on_type="places.unit",
        on_key=str(cast.school_2.pk),
        purpose="inspector.responsible",
        start_on=SINCE,
        reason="责任督学挂牌",
        by=by,
        now=NOW,
    )
    services.hand_down(
        tasks=tasks[:1], units=[cast.school_2.pk], sign_by=date(2024, 4, 13), by=cast.office.actor, now=NOW
    )
    part, address = TaskPart.objects.get(), reverse("plan:task", args=[tasks[0].pk])
    client.force_login(cast.head.user)
    assert client.get(address).status_code == 404  # as head of another school
    inspector = next(h for h in hats(cast.head.person, day=TODAY) if h.appointment.post == "inspector")
    client.post(reverse("accounts:hat"), {"hat": str(inspector.key)})
    body = client.get(address).content.decode()
    assert "示例第二中学" in body
    assert "签收</button>" not in body
    assert "没有等您签收的任务" in client.get("/").content.decode()
    assert client.post(reverse("plan:part_sign", args=[part.pk])).status_code == 422
    assert client.get(reverse("plan:part_answer", args=[part.pk])).status_code == 404
    part.refresh_from_db()
    assert part.state == TaskPart.State.WAITING
    # The school's own head signs, and the office may look at what a unit it was granted tells.
    client.force_login(cast.head_2.user)
    assert "签收</button>" in client.get(address).content.decode()
    client.post(reverse("plan:part_sign", args=[part.pk]))
    part.refresh_from_db()
    assert part.state == TaskPart.State.SIGNED


def test_the_office_looks_at_the_answer_of_a_unit_that_was_granted_to_it(cast: Cast, tasks: list[Task]) -> None:
    accounts.give_grant(
        to_person=cast.office.person,
        on_type="places.unit",
        on_key=str(cast.school_2.pk),
        purpose="联合检查",
        start_on=SINCE,
        reason="联合检查",
        by=system("640122"),
        now=NOW,
    )
    office, _ = actor_for(cast.office.user, hat=None, day=TODAY)
    assert cast.school_2.pk in office.units
    services.hand_down(tasks=tasks[:1], units=[cast.school_2.pk], sign_by=date(2024, 4, 13), by=office, now=NOW)
    part = TaskPart.objects.get()
    assert not queries.parts_to_sign(office)
    with pytest.raises(Refused, match="用什么方式"):
        services.sign_part(part=part, by=office, now=NOW)
    services.sign_part(part=part, by=cast.head_2.actor, now=NOW)
    services.answer_part(part=part, answer="已办", by=cast.head_2.actor, now=NOW)
    assert list(queries.parts_to_review(office)) == [part]
    services.review_part(part=part, accepted=True, note="", by=office, now=NOW)


def test_sixty_megabytes_are_refused_with_their_size(at_office: Client) -> None:
    big = SimpleUploadedFile("大.docx", b"x" * (60 * 1024 * 1024))
    page = at_office.post(reverse("plan:notice_new"), {"text": "", "file": big})
    assert page.status_code == 422
    assert "60 MB，超过 20 MB" in page.content.decode()


def test_a_paper_with_a_number_that_is_there_needs_a_word(at_office: Client, notice: Notice) -> None:
    other = notice.text.replace("精准培训", "精心培训")
    page = at_office.post(reverse("plan:notice_new"), {"text": other})
    assert page.status_code == 422
    assert "文号相同，但是另一份" in page.content.decode()
    assert at_office.post(reverse("plan:notice_new"), {"text": other, "same_number": "on"}).status_code == 302


def test_what_was_typed_in_any_form_comes_back_after_the_session_ended(at_office: Client, tasks: list[Task]) -> None:
    address = reverse("plan:task_correct", args=[tasks[0].pk])
    at_office.post(
        reverse("shell:draft_keep"),
        {"_draft": f"plan.task_correct|{tasks[0].pk}", "title": "写了一半的标题", "base_version": 1},
    )
    page = at_office.get(address).content.decode()
    assert "写了一半的标题" in page
    assert "没写完的内容" in page
    at_office.post(address, {"title": "写完的标题", "base_version": 1})
    assert "没写完的内容" not in at_office.get(address).content.decode()


def test_confirming_with_unchecked_points_is_said_first_and_can_be_taken_back(
    at_office: Client, notice: Notice
) -> None:
    address = reverse("plan:notice_confirm", args=[notice.pk])
    assert "还有 39 项没有核对" in at_office.get(address).content.decode()
    at_office.post(address)
    assert at_office.get(address).status_code == 302
    at_office.post(reverse("plan:notice_reopen", args=[notice.pk]), {"reason": "漏看一项"})
    notice.refresh_from_db()
    assert notice.state == "checking"
    at_office.post(address)
    assert Task.objects.exclude(state="withdrawn").filter(opens_on__isnull=True).count() == 39
    assert Task.objects.filter(state="draft", opens_on__isnull=False).count() == 12  # ten months, spring and autumn


def test_the_page_shows_the_duties_of_a_point_and_recomputes_the_notices_figures(
    at_office: Client, notice: Notice
) -> None:
    point = Point.objects.get(section__notice=notice, no="11")
    body = at_office.get(reverse("plan:notice", args=[notice.pk]) + f"?point={point.pk}").content.decode()
    assert "指导学校规范填报相关调查表" in body
    assert "9月份" in body
    assert "9169+2133=11302" in body
    assert body.count("相符") == 4
    assert "适龄人口未公布" in body

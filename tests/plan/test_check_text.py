"""文字核对: any text's numbers recomputed; nothing is kept."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from dudao.audit.models import AuditEvent
from dudao.plan.checked import checked
from dudao.plan.models import Notice
from dudao.shell.models import Draft
from tests.cast import Cast, Player

pytestmark = pytest.mark.django_db
TEXT = "全县共有幼儿园60所,其中,公办园39所,民办园22所。在园幼儿13619人,公办园在园幼儿9169人,公办园在园幼儿占比为67.33%。目前,学前三年毛入园率为98.01%。"


def test_a_wrong_sum_a_right_share_and_what_cannot_be_told_are_shown_apart(client: Client, office: Player) -> None:
    client.force_login(office.user)
    body = client.post(reverse("plan:check_text"), {"text": TEXT}).content.decode()
    assert "39+22=61" in body
    assert "9169÷13619=67.33%" in body
    assert "适龄人口未公布" in body
    assert body.count('<mark class="bad"') == 4  # three numbers and the legend
    assert "不保存" in body


def test_all_characters_stand_in_the_pieces_in_order() -> None:
    found = checked(TEXT)
    assert "".join(piece.text for piece in found.pieces) == TEXT
    assert found.counts == {"done": 1, "late": 1, "none": 1}
    anchors = {piece.anchor for piece in found.pieces}
    assert {row.to for row in found.rows} <= anchors


def test_nothing_is_kept(client: Client, office: Player) -> None:
    client.force_login(office.user)
    before = AuditEvent.objects.count()
    client.post(reverse("plan:check_text"), {"text": TEXT})
    assert (Notice.objects.count(), Draft.objects.count(), AuditEvent.objects.count()) == (0, 0, before)


def test_a_file_is_read_and_a_picture_is_refused_beside_the_field(client: Client, office: Player) -> None:
    client.force_login(office.user)
    good = client.post(
        reverse("plan:check_text"), {"text": "", "file": SimpleUploadedFile("总结.txt", TEXT.encode("gb18030"))}
    )
    assert "39+22=61" in good.content.decode()
    bad = client.post(
        reverse("plan:check_text"), {"file": SimpleUploadedFile("扫描.png", b"\x89PNG\r\n\x1a\n" + b"\1" * 50)}
    )
    assert bad.status_code == 422
    assert "这是图片" in bad.content.decode()


def test_a_text_without_numbers_and_one_too_long_say_so(client: Client, office: Player) -> None:
    client.force_login(office.user)
    assert "没有可以互相核对的数字" in client.post(reverse("plan:check_text"), {"text": "各学校："}).content.decode()
    assert "请分段核对" in client.post(reverse("plan:check_text"), {"text": "督" * 200_001}).content.decode()
    assert (
        client.post(
            reverse("plan:check_text"), {"text": "<script>1</script>共3所，其中公办1所、民办1所"}
        ).content.count(b"<script>1")
        == 0
    )


def test_only_those_who_edit_the_plan_have_the_page(client: Client, cast: Cast) -> None:
    client.force_login(cast.head.user)
    assert client.get(reverse("plan:check_text")).status_code == 404

"""A county's own .docx: checked with places, used, switched; the frozen file is made from it and its digest holds."""

import io
from collections.abc import Callable

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from docx import Document

from dudao.files import services as files
from dudao.files.models import StoredFile
from dudao.papers import checker, library, services
from dudao.papers.models import Paper, TemplateFile
from dudao.shell.errors import Refused
from dudao_engines.papers import custom
from tests.cast import NOW, Cast, Player
from tests.papers.test_services import issue

pytestmark = pytest.mark.django_db
KIND = "rectification-notice"


def edited(change: Callable[[str], str]) -> bytes:
    """The starter of the kind with its paragraphs changed, as somebody edits it in Word."""
    doc = Document(io.BytesIO(custom.starter(library.kinds()[KIND])))
    for paragraph in doc.paragraphs:
        for run in paragraph.runs:
            run.text = change(run.text)
    made = io.BytesIO()
    doc.save(made)
    return made.getvalue()


def hand_in(client: Client, by: Player, data: bytes) -> str:
    client.force_login(by.user)
    answer = client.post(
        reverse("papers:template", args=[KIND]), {"file": SimpleUploadedFile("模板.docx", data), "note": "换红头"}
    )
    return str(answer.content.decode()) if answer.status_code == 422 else str(answer.status_code)


def test_a_countys_file_is_used_for_the_next_paper_and_the_one_before_keeps_its_own(
    client: Client, office: Player, draft: Callable[..., Paper]
) -> None:
    before = issue(draft(), office.actor)
    assert hand_in(client, office, edited(lambda t: t.replace("{{署名}}", "{{署名}}（章）"))) == "302"
    after = issue(draft(), office.actor)

    def words(paper: Paper) -> str:
        return checker.words(b"".join(files.content(StoredFile.objects.get(pk=paper.file))))

    assert "（章）" in words(after) and "（章）" not in words(before)
    assert after.words_sha256 == checker.digest(words(after))
    assert "消防通道堆放杂物" in words(after) and after.number in words(after)
    assert hand_in(client, office, edited(lambda t: t.replace("{{署名}}", "{{署名}}（二）"))) == "302"
    assert list(TemplateFile.objects.values_list("no", "is_current")) == [(2, True), (1, False)]
    client.post(reverse("papers:template_switch", args=[KIND]), {"no": "1"})
    assert "（章）" in words(issue(draft(), office.actor))
    client.post(reverse("papers:template_switch", args=[KIND]), {"no": ""})
    assert "（章）" not in words(issue(draft(), office.actor))


def test_an_unfit_file_is_refused_with_each_place_and_nothing_is_kept(client: Client, office: Player) -> None:
    said = hand_in(
        client, office, edited(lambda t: t.replace("{{署名}}", "{{没有的字段}}").replace("{{成文日期}}", ""))
    )
    assert "没有“没有的字段”这个字段" in said and "正文第" in said and "缺少必填字段" in said
    assert "的内容" in hand_in(client, office, b"not a file") or "整个文件" in hand_in(client, office, b"not a file")
    assert not TemplateFile.objects.exists() and not StoredFile.objects.exists()


def test_only_who_signs_replaces_a_template(client: Client, cast: Cast) -> None:
    client.force_login(cast.staff.user)
    data = edited(str)
    answer = client.post(reverse("papers:template", args=[KIND]), {"file": SimpleUploadedFile("模板.docx", data)})
    assert answer.status_code == 404
    with pytest.raises(Refused, match="不能办理"):
        services.replace_template(kind=KIND, data=data, name="模板.docx", by=cast.staff.actor, now=NOW)
    client.force_login(cast.head.user)
    assert client.get(reverse("papers:templates")).status_code == 404

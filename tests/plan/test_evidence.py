"""The office records a signature on paper with its picture; who may see the task may see the picture."""

import io
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from PIL import Image

from dudao.audit.models import AuditEvent
from dudao.files.models import StoredFile
from dudao.plan import services
from dudao.plan.models import Task, TaskPart
from tests.cast import NOW, TODAY, Cast, Player

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def place(tmp_path: Path, settings: Any) -> Path:
    settings.FILES = tmp_path / "files"
    return tmp_path / "files"


@pytest.fixture
def part(tasks: list[Task], office: Player, head: Player) -> TaskPart:
    services.hand_down(tasks=[tasks[0]], units=[head.appointment.unit_id], sign_by=TODAY, by=office.actor, now=NOW)
    return TaskPart.objects.get(unit=head.appointment.unit)


def picture() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (4, 4)).save(out, "PNG")
    return out.getvalue()


def record(client: Client, part: TaskPart, name: str, data: bytes) -> Any:
    typed = {"signer": "门卫（示例）", "how": "纸质签收单", "occurred_on": "2024-04-10"}
    address = reverse("plan:part_on_behalf", args=[part.pk])
    return client.post(address, {**typed, "evidence": SimpleUploadedFile(name, data)})


def test_the_picture_of_a_slip_is_kept_with_the_signature(client: Client, part: TaskPart, office: Player, head: Player):
    client.force_login(office.user)
    assert record(client, part, "签收单.png", picture()).status_code == 302
    file = StoredFile.objects.get()
    assert (file.subject, file.name, file.by_name) == (str(part.pk), "签收单.png", office.person.name)
    assert AuditEvent.objects.get(action="file.attached").facts["sha256"] == file.sha256
    address = reverse("plan:part_file", args=[part.pk, file.pk])
    # The school sees what was recorded in its name.
    client.force_login(head.user)
    assert address in client.get(reverse("plan:task", args=[part.task_id])).content.decode()
    answer = client.get(address)
    assert b"".join(answer.streaming_content) == picture()
    assert answer["Content-Disposition"].startswith("inline")


def test_nobody_else_finds_it(client: Client, part: TaskPart, office: Player, cast: Cast):
    client.force_login(office.user)
    record(client, part, "签收单.png", picture())
    address = reverse("plan:part_file", args=[part.pk, StoredFile.objects.get().pk])
    for player in (cast.head_2, cast.foreign, cast.foreign_office):
        client.force_login(player.user)
        assert client.get(address).status_code == 404
    client.logout()
    assert client.get(address).status_code == 302


@pytest.mark.parametrize(
    ("name", "data"),
    [("页面.png", b"<html><script>alert(1)</script></html>"), ("<b>.exe", b"MZ" + bytes(99)), ("空.png", b"")],
)
def test_what_is_no_evidence_is_refused_beside_the_field_and_nothing_is_recorded(
    client: Client, part: TaskPart, office: Player, place: Path, name: str, data: bytes
):
    client.force_login(office.user)
    answer = record(client, part, name, data)
    body = answer.content.decode()
    assert answer.status_code == 422
    assert 'id="id_evidence_error"' in body
    assert "门卫（示例）" in body
    assert "<script>alert" not in body
    part.refresh_from_db()
    assert part.state == "waiting"
    assert not StoredFile.objects.exists()
    assert not [p for p in place.rglob("*") if p.is_file()]


def test_sixty_megabytes_are_refused_and_what_was_typed_stays(client: Client, part: TaskPart, office: Player):
    client.force_login(office.user)
    answer = record(client, part, "录像.mp4", b"\0\0\0\x18ftypisom" + bytes(60 * 1024 * 1024))
    body = answer.content.decode()
    assert "“录像.mp4”有 60 MB，每个文件不能超过 50 MB" in body
    assert "门卫（示例）" in body


def test_a_name_with_script_and_turning_marks_is_harmless(client: Client, part: TaskPart, office: Player):
    client.force_login(office.user)
    record(client, part, "<script>x</script>\u202egnp.exe.png", picture())
    assert "<script>x" not in client.get(reverse("plan:task", args=[part.task_id])).content.decode()
    answer = client.get(reverse("plan:part_file", args=[part.pk, StoredFile.objects.get().pk]))
    assert "\u202e" not in answer["Content-Disposition"]

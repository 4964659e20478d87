"""The package of a ledger: numbered folders, the list, names that Windows takes, what is left out, parts, and a kill."""

import io
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import PureWindowsPath
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from dudao.audit.models import AuditEvent
from dudao.dossiers import packing, services
from dudao.dossiers.models import Dossier, Export, Ledger
from dudao.dossiers.packing import MISSING, RESTRICTED, Entry
from dudao.dossiers.services import exporting
from dudao.files import queries as file_queries
from dudao.files import services as files
from dudao.files.models import StoredFile
from tests.cast import NOW, Cast, Player
from tests.dossiers.conftest import dossier, judge, look, put
from tests.papers.parts import picture, scan

pytestmark = pytest.mark.django_db


class Worker:
    """A run of the job as the runner would make it."""

    def __init__(self, ledger: Ledger, by: Player) -> None:
        self.payload: dict[str, Any] = {"ledger": str(ledger.pk)}
        self.cursor: Any = None
        self.by, self.now = by.actor, NOW
        self.told: list[tuple[int, int]] = []
        self.fails_after: int | None = None

    def progress(self, *, done: int, total: int, message: str = "") -> None:
        if self.fails_after is not None and done > self.fails_after:
            raise KeyboardInterrupt
        self.told.append((done, total))

    @contextmanager
    def step(self, **more: Any) -> Iterator[None]:
        yield

    def check(self) -> None: ...


def made(by: Player) -> list[zipfile.ZipFile]:
    row = Export.objects.latest("made_at")
    stored = file_queries.files_of(by.actor, row)
    return [zipfile.ZipFile(io.BytesIO(b"".join(files.content(one)))) for one in stored]


def rows(package: zipfile.ZipFile) -> list[list[Any]]:
    return CalamineWorkbook.from_filelike(io.BytesIO(package.read("00_目录.xlsx"))).get_sheet_by_index(0).to_python()


def test_the_package_holds_numbered_folders_and_a_list_that_says_all(cast: Cast, handed: Dossier, ledger: Ledger):
    put(dossier(ledger, "M1", cast.school), cast.head)
    judge(handed, cast.staff)
    handed.refresh_from_db()
    look(handed, cast.office)
    worker = Worker(ledger, cast.office)
    result = services.make_export(run=worker)
    assert result["文件"] == 3
    (package,) = made(cast.office)
    assert package.namelist() == [
        "00_目录.xlsx",
        "01_G1_学校规划布局合理/01_学校布局规划图/扫描件（示例）.png",
        "01_G1_学校规划布局合理/02_相关文件/扫描件（示例）.png",
        "04_M1_学校章程/001_示例第一小学/01_学校章程/扫描件（示例）.png",
    ]  # fmt: skip
    assert package.read(package.namelist()[1]) == picture()
    listed = rows(package)
    assert listed[1][0] == "2024-04-10 10:00制作 · 文件 3 个 · 未随包 0 项 · 缺 4 项"
    first = listed[3]
    assert first[2:4] == ["G1", "学校规划布局合理"]
    assert first[10:13] == ["达标", "乙（示例）", "甲（示例）"]
    assert first[13] == package.namelist()[1]
    assert [row[14] for row in listed if row[2] == "W1"] == [MISSING, MISSING]
    assert worker.told[-1] == (3, 3)
    assert AuditEvent.objects.filter(action="ledger.exported").exists()


def test_restricted_papers_stay_and_are_listed_and_only_the_latest_version_goes(cast: Cast, ledger: Ledger):
    row = dossier(ledger, "G1")
    put(row, cast.office, 1, received=scan("第一版.png"))
    put(row, cast.office, 1, received=scan("第二版.png"))
    secret = files.receive(io.BytesIO(picture("red")), name="控规图（示例）.png", sensitive=True)
    put(row, cast.office, 2, received=secret, is_restricted=True)
    put(dossier(ledger, "E1"), cast.office, received=None, address="https://www.example.gov.cn/mingdan")
    services.make_export(run=Worker(ledger, cast.office))
    (package,) = made(cast.office)
    assert [name.rpartition("/")[2] for name in package.namelist()[1:]] == ["第二版.png"]
    notes = {row[6]: row[14] for row in rows(package) if row[2] in ("G1", "E1")}
    assert notes == {
        "学校布局规划图": "",
        "相关文件": RESTRICTED,
        "名单公示网址": "网址：https://www.example.gov.cn/mingdan",
    }
    assert Export.objects.get().left_out == 2


def test_what_does_not_fit_into_one_file_comes_in_parts(cast: Cast, handed: Dossier, ledger: Ledger, monkeypatch: Any):
    monkeypatch.setattr(exporting, "_PART", len(picture()) + 1)
    services.make_export(run=Worker(ledger, cast.office))
    first, second = made(cast.office)
    assert [name.split("/")[1] for name in first.namelist()[1:]] == ["01_学校布局规划图"]
    assert [name.split("/")[1] for name in second.namelist()[1:]] == ["02_相关文件"]
    assert rows(first) == rows(second)
    assert [row[13].split("/")[0] for row in rows(first) if row[2] == "G1"] == ["第1卷", "第2卷"]


def test_a_worker_that_is_killed_leaves_nothing_and_the_next_one_makes_it(cast: Cast, handed: Dossier, ledger: Ledger):
    worker = Worker(ledger, cast.office)
    worker.fails_after = 1
    with pytest.raises(KeyboardInterrupt):
        services.make_export(run=worker)
    assert not Export.objects.exists()
    assert StoredFile.objects.filter(subject_type="dossiers.export").count() == 0
    services.make_export(run=Worker(ledger, cast.office))
    assert Export.objects.count() == 1


def test_the_package_is_asked_for_and_downloaded_on_the_page(
    client: Client, cast: Cast, handed: Dossier, ledger: Ledger
):
    client.force_login(cast.office.user)
    answer = client.post(reverse("dossiers:export", args=[ledger.pk]))
    assert "/jobs/" in answer["Location"]
    services.make_export(run=Worker(ledger, cast.office))
    page = client.get(reverse("dossiers:ledger", args=[ledger.pk])).content.decode()
    stored = StoredFile.objects.get(subject_type="dossiers.export")
    address = reverse("dossiers:export_file", args=[ledger.pk, Export.objects.get().pk, stored.pk])
    assert address in page
    assert client.get(address).status_code == 200
    client.force_login(cast.head.user)
    assert client.get(address).status_code == 404


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("a/b\\c:d*e?.pdf", "a_b_c_d_e_.pdf"),
        ("CON", "_CON"),
        ("con.txt", "_con.txt"),
        ("com1.pdf", "_com1.pdf"),
        ("结尾有点. ", "结尾有点"),
        ("", "未命名"),
        ("...", "未命名"),
        ("\x00\x1f换行\n.docx", "__换行_.docx"),
        ("𠮷野家.pdf", "_野家.pdf"),
        ("长" * 80 + ".docx", "长" * 55 + ".docx"),
    ],
)
def test_names_are_such_that_windows_takes_them(name: str, safe: str):
    assert packing.safe(name) == safe


@given(st.text(max_size=200))
def test_no_name_whatsoever_breaks_an_unpacking(name: str):
    found = packing.safe(name)
    assert 0 < len(found) <= 61
    assert not set(found) & set('\\/:*?"<>|')
    assert found == found.strip(" .")
    assert not PureWindowsPath(found).is_reserved()
    assert len(PureWindowsPath(found).parts) == 1


def entry(key: str, file: str, folder: str = "01_G1") -> Entry:
    return Entry("组", "G1", "名", "", "", "材料", 1, "2024-04-01", "乙", "", "", "", folder, file, 1, key, "")


def test_two_files_of_one_name_both_stand_also_where_case_does_not_count():
    places = packing.placed(
        [entry("a", "图.PNG"), entry("b", "图.png"), entry("c", "图.png"), entry("d", "图.png", "02_G2")]
    )
    assert len({place.lower() for place in places.values()}) == 4
    assert places["b"] == "01_G1/图（2）.png"

"""Old and foreign Word files become text through LibreOffice, which is kept from everything else."""

import http.server
import io
import os
import tempfile
import threading
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path

import docx
import pytest

from dudao_engines.kernel import office as kernel_office
from dudao_engines.kernel.errors import EngineInputError
from dudao_engines.notices import office, read_notice, reading
from dudao_engines.notices.reading import read_bytes

REAL = (
    (Path(__file__).parents[2] / "data" / "notices" / "000_helan_2024_dudao_yaodian.txt").read_bytes().decode("utf-8")
)
OLD_FILE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "WordDocument".encode("utf-16-le") * 60


def shape(text: str) -> list[tuple[str | None, list[str | None]]]:
    return [(section.no, [point.no for point in section.points]) for section in read_notice(text).sections]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where temporary folders are made, to see that none stays."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


@pytest.fixture(scope="session")
def soffice() -> str:
    program = office.converter()
    if program is None:
        message = "no LibreOffice on this machine; install it with: make system-deps"
        if "office" in os.environ.get("DUDAO_REQUIRE", ""):
            pytest.fail(message)
        pytest.skip(message)
    return program


@pytest.fixture(scope="session")
def made(soffice: str, tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """The notice and a table as Word writes them, in every kind of file LibreOffice makes of it."""
    place = tmp_path_factory.mktemp("made")
    document = docx.Document()
    for line in REAL.splitlines():
        document.add_paragraph(line)
    table = document.add_table(rows=1, cols=2)
    table.cell(0, 0).text, table.cell(0, 1).text = "联络", "督导室"
    document.add_paragraph("（此件公开发布）")  # Word always ends with a paragraph.
    document.save(str(place / "given.docx"))
    files = {}
    for kind in ("doc", "rtf", "odt"):
        words = (soffice, "--headless", f"-env:UserInstallation={(place / 'profile').as_uri()}", "--convert-to", kind)
        assert kernel_office.finished((*words, "--outdir", str(place), str(place / "given.docx")), place)
        files[kind] = (place / f"given.{kind}").read_bytes()
    return files


@pytest.mark.office
@pytest.mark.parametrize(
    ("kind", "filename"),
    [("doc", "通知.doc"), ("doc", "通知.wps"), ("rtf", "通知.rtf"), ("odt", "通知.odt"), ("doc", "真名不对.txt")],
)
def test_old_and_foreign_word_files_read_like_the_pasted_text(
    kind: str, filename: str, made: dict[str, bytes], folder: Path
) -> None:
    text = read_bytes(made[kind], filename)
    assert shape(text) == shape(REAL)
    assert "联络 | 督导室 |" in text
    assert list(folder.iterdir()) == []


@pytest.mark.office
@pytest.mark.parametrize("kind", ["doc", "rtf", "odt"])
def test_a_file_cut_off_is_refused_and_leaves_nothing(kind: str, made: dict[str, bytes], folder: Path) -> None:
    with pytest.raises(EngineInputError) as caught:
        read_bytes(made[kind][: len(made[kind]) // 2], f"半个.{kind}")
    assert caught.value.code == "notices.convert_failed"
    assert list(folder.iterdir()) == []


@pytest.fixture
def asked() -> Iterator[tuple[int, list[str]]]:
    """A web server on this machine: its port, and what it was asked for."""
    paths: list[str] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            paths.append(self.path)
            self.send_error(404)

        do_HEAD = do_OPTIONS = do_GET

        def log_message(self, *_: object) -> None: ...

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server.server_port, paths
        server.shutdown()
        thread.join()


def hostile(port: int, secret: Path, macro: Path) -> bytes:
    """A text that on opening runs a macro, loads a picture from the network and another file of the machine."""
    names = " ".join(
        f'xmlns:{short}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
        for short, name in {"office": "office", "text": "text", "draw": "drawing", "script": "script"}.items()
    )
    head = '<?xml version="1.0" encoding="UTF-8"?>'
    go = "vnd.sun.star.script:Standard.M.Go?language=Basic&amp;location=document"
    listener = f'<script:event-listener script:language="ooo:script" script:event-name="dom:load" xlink:href="{go}"/>'
    image = f'<draw:frame><draw:image xlink:href="http://127.0.0.1:{port}/picture.png"/></draw:frame>'
    section = '<text:section text:name="S"><text:section-source xlink:href="{}"/><text:p>旧文</text:p></text:section>'
    sections = section.format(secret.as_uri()) + section.format(f"http://127.0.0.1:{port}/page.html")
    content = (
        f'{head}<office:document-content {names} xmlns:xlink="http://www.w3.org/1999/xlink" '
        f'xmlns:dom="http://www.w3.org/2001/xml-events"><office:scripts><office:event-listeners>{listener}'
        f"</office:event-listeners></office:scripts><office:body><office:text><text:p>前文{image}</text:p>{sections}"
        "</office:text></office:body></office:document-content>"
    )
    library = 'xmlns:library="http://openoffice.org/2000/library" library:name="Standard" library:link="false"'
    code = f'Sub Go\nOpen "{macro}" For Output As #1\nPrint #1, "x"\nClose #1\nEnd Sub'
    parts = {
        "content.xml": content,
        "Basic/script-lc.xml": f'{head}<library:libraries xmlns:library="http://openoffice.org/2000/library"><library:library {library}/></library:libraries>',
        "Basic/Standard/script-lb.xml": f'{head}<library:library {library}><library:element library:name="M"/></library:library>',
        "Basic/Standard/M.xml": f'{head}<script:module xmlns:script="http://openoffice.org/2000/script" script:name="M" script:language="StarBasic">{code}</script:module>',
    }
    entry = '<m:file-entry m:full-path="{}" m:media-type="{}"/>'
    listed = "".join(entry.format(name, "text/xml") for name in parts)
    whole = entry.format("/", "application/vnd.oasis.opendocument.text")
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as package:
        package.writestr("mimetype", "application/vnd.oasis.opendocument.text")
        package.writestr(
            "META-INF/manifest.xml",
            f'{head}<m:manifest xmlns:m="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0">{whole}{listed}</m:manifest>',
        )
        for name, words in parts.items():
            package.writestr(name, words)
    return target.getvalue()


@pytest.mark.office
def test_opening_runs_no_macro_asks_no_network_and_reads_no_other_file(
    soffice: str, asked: tuple[int, list[str]], folder: Path
) -> None:
    port, paths = asked
    secret, macro = folder / "secret.txt", folder / "macro.txt"
    secret.write_text("机密", "utf-8")
    text = read_bytes(hostile(port, secret, macro), "通知.odt")
    assert "前文" in text
    assert "机密" not in text
    assert paths == []
    assert list(folder.iterdir()) == [secret]


def program(folder: Path, script: str) -> str:
    file = folder / "bin" / "soffice"
    file.parent.mkdir()
    file.write_text(f"#!/bin/sh\n{script}\n")
    file.chmod(0o755)
    return str(file)


def test_a_conversion_that_hangs_is_ended_with_its_children_and_leaves_nothing(
    tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kernel_office, "SECONDS", 1)
    monkeypatch.setattr(office, "converter", lambda: program(tmp_path, f"sleep 300 & echo $! > {tmp_path}/pid; wait"))
    started = time.monotonic()
    with pytest.raises(EngineInputError) as caught:
        read_bytes(OLD_FILE, "通知.doc")
    assert caught.value.code == "notices.convert_failed"
    assert "请改为粘贴正文" in caught.value.message
    assert time.monotonic() - started < 30
    child = Path("/proc") / (tmp_path / "pid").read_text().strip() / "stat"
    until = time.monotonic() + 10
    while child.exists() and child.read_text().split()[2] != "Z" and time.monotonic() < until:
        time.sleep(0.05)
    assert not child.exists() or child.read_text().split()[2] == "Z"
    assert sorted(path.name for path in folder.iterdir()) == ["bin", "pid"]


@pytest.mark.parametrize(
    "script",
    [
        pytest.param("exit 0", id="makes nothing"),
        pytest.param("exit 3", id="fails"),
        pytest.param("mkdir made; head -c 60000000 /dev/zero > made/paper.docx", id="makes too much"),
        pytest.param("mkdir made; echo no zip > made/paper.docx", id="makes something else"),
    ],
)
def test_what_a_conversion_leaves_undone_is_refused_with_a_way_out(
    script: str, tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(office, "converter", lambda: program(tmp_path, script))
    with pytest.raises(EngineInputError) as caught:
        read_bytes(OLD_FILE, "通知.doc")
    assert caught.value.code in ("notices.convert_failed", "notices.docx_damaged")
    assert "请改为粘贴正文" in caught.value.message
    assert [path.name for path in folder.iterdir()] == ["bin"]


def test_the_converter_does_not_inherit_what_this_process_knows(
    tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DUDAO_SECRET_KEY", "geheim")
    monkeypatch.setattr(office, "converter", lambda: program(tmp_path, f"env > {tmp_path}/env"))
    with pytest.raises(EngineInputError):
        read_bytes(OLD_FILE, "通知.doc")
    assert "geheim" not in (tmp_path / "env").read_text()


@pytest.mark.parametrize(
    ("data", "filename"),
    [(OLD_FILE, "通知.doc"), (OLD_FILE, "通知.wps"), (rb"{\rtf1 abc}", "通知.rtf"), (b"\0abc", "通知.wps")],
)
def test_without_libreoffice_old_files_lead_to_pasting(
    data: bytes, filename: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(office, "converter", lambda: None)
    with pytest.raises(EngineInputError) as caught:
        read_bytes(data, filename)
    assert caught.value.code == "notices.unsupported"
    assert "请改为粘贴正文，或另存为 .docx" in caught.value.message
    assert ".doc" not in reading.endings()


def test_a_web_page_that_calls_itself_a_word_file_is_read_as_a_page() -> None:
    page = f"<html><meta charset=utf-8><body>{''.join(f'<p>{line}</p>' for line in REAL.splitlines())}</body></html>"
    assert shape(read_bytes(page.encode(), "网页另存.doc")) == shape(REAL)

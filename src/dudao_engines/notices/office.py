"""Old and foreign Word files to .docx through LibreOffice, as another program that can neither stay, write nor call out."""

import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path
from xml.sax.saxutils import quoteattr

from dudao_engines.kernel.errors import EngineInputError

SECONDS = 60
MAX_MADE_BYTES = 50 * 1024 * 1024
_MEMORY_KB = 3 * 1024 * 1024
OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
# The directory of an old Office file names its parts in UTF-16; .wps of WPS has the same part.
_OLD_WORD = "WordDocument".encode("utf-16-le")
# An Office file with a password is an old container around the locked package.
LOCKED = "EncryptedPackage".encode("utf-16-le")
_OPEN_TEXT = b"mimetypeapplication/vnd.oasis.opendocument.text"
# What a file could do on being opened: run macros, load pictures and parts from elsewhere. A proxy that is not there
# keeps LibreOffice from the network. (Registry of org.openoffice.Office.Common, Office.Writer and Inet.)
_SETTINGS = (
    ("Office.Common/Security/Scripting", "DisableMacrosExecution", "true"),
    ("Office.Common/Security/Scripting", "MacroSecurityLevel", "3"),
    ("Office.Common/Security/Scripting", "BlockUntrustedRefererLinks", "true"),
    ("Office.Common/Save/Document", "LoadPrinter", "false"),
    ("Office.Writer/Content/Update", "Link", "0"),
    ("Inet/Settings", "ooInetProxyType", "2"),
    ("Inet/Settings", "ooInetHTTPProxyName", "127.0.0.1"),
    ("Inet/Settings", "ooInetHTTPProxyPort", "9"),
    ("Inet/Settings", "ooInetHTTPSProxyName", "127.0.0.1"),
    ("Inet/Settings", "ooInetHTTPSProxyPort", "9"),
    ("Inet/Settings", "ooInetNoProxy", ""),
)
# ulimit -f counts 512 bytes. Where a limit cannot be set the time limit still holds.
_LIMITED = f'ulimit -c 0; ulimit -t {SECONDS}; ulimit -f {MAX_MADE_BYTES // 512}; ulimit -v {_MEMORY_KB}; exec "$@"'


def kind_of(data: bytes, ending: str) -> str | None:
    """The ending under which LibreOffice is to open a file: ``doc``, ``rtf``, ``odt``; None for anything else."""
    if data.startswith(OLD_OFFICE) and LOCKED not in data:
        return "doc" if _OLD_WORD in data or ending in (".doc", ".wps") else None
    if data.startswith(b"{\\rtf"):
        return "rtf"
    return "odt" if data.startswith(b"PK\x03\x04") and _OPEN_TEXT in data[:200] else None


def converter() -> str | None:
    """The program that converts; None where LibreOffice is not installed."""
    return shutil.which("soffice") or shutil.which("libreoffice")


def to_docx(data: bytes, kind: str, program: str) -> bytes:
    """A file as .docx.

    The program works in a folder of its own with a profile of its own, without the environment of this process, and is
    ended with all its children after ``SECONDS``; the folder is gone afterwards, whatever happened.

    Args:
        data: the whole file.
        kind: that of ``kind_of``.
        program: ``converter()``.

    Raises:
        EngineInputError: ``notices.convert_failed``: damaged, locked by a password, too slow, or too large.
    """
    with tempfile.TemporaryDirectory(prefix="dudao-notice-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        given, made = folder / f"notice.{kind}", folder / "made" / "notice.docx"
        given.write_bytes(data)
        profile = folder / "profile"
        (profile / "user").mkdir(parents=True)
        (profile / "user" / "registrymodifications.xcu").write_text(_registry(), "utf-8")
        words = (
            *(program, "--headless", "--norestore", "--nolockcheck", f"-env:UserInstallation={profile.as_uri()}"),
            *("--convert-to", "docx:MS Word 2007 XML", "--outdir", str(made.parent), str(given)),
        )
        if not _finished(words, folder) or not made.is_file() or made.stat().st_size > MAX_MADE_BYTES:
            raise _failed()
        return made.read_bytes()


def _finished(words: tuple[str, ...], folder: Path) -> bool:
    """Run the program to its end, or end it and its children."""
    kept = {"PATH": os.environ.get("PATH", os.defpath), "LANG": "C.UTF-8"}
    own = dict.fromkeys(("HOME", "TMPDIR", "XDG_CONFIG_HOME", "XDG_CACHE_HOME"), str(folder))
    none = subprocess.DEVNULL
    with subprocess.Popen(
        ("sh", "-c", _LIMITED, "sh", *words),
        cwd=folder,
        env=kept | own,
        stdin=none,
        stdout=none,
        stderr=none,
        start_new_session=True,
    ) as process:
        try:
            return process.wait(SECONDS) == 0
        except subprocess.TimeoutExpired:
            return False
        finally:
            # Children may outlive the program that started them.
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)


def _registry() -> str:
    items = "".join(
        f'<item oor:path="/org.openoffice.{path}"><prop oor:name={quoteattr(name)} oor:op="fuse"><value>{value}</value></prop></item>'
        for path, name, value in _SETTINGS
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?><oor:items xmlns:oor="http://openoffice.org/2001/registry" '
        f'xmlns:xs="http://www.w3.org/2001/XMLSchema">{items}</oor:items>'
    )


def _failed() -> EngineInputError:
    return EngineInputError(
        "notices.convert_failed",
        "这个文件没能打开（可能已损坏、有密码或内容太多），请改为粘贴正文，或另存为 .docx 后再上传。",
    )

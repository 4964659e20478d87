"""LibreOffice as another program that can neither stay, write nor call out: it turns one file into another."""

import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path
from xml.sax.saxutils import quoteattr

SECONDS = 60
MAX_MADE_BYTES = 50 * 1024 * 1024
_MEMORY_KB = 3 * 1024 * 1024
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


def converter() -> str | None:
    """The program that converts; None where LibreOffice is not installed."""
    return shutil.which("soffice") or shutil.which("libreoffice")


def convert(
    data: bytes, kind: str, made: str, program: str, *, as_filter: str = "", fonts: Path | None = None
) -> bytes | None:
    """A file as another kind of file.

    The program works in a folder of its own with a profile of its own, without the environment of this process, and is
    ended with all its children after ``SECONDS``; the folder is gone afterwards, whatever happened.

    Args:
        data: the whole file.
        kind: its ending, without the dot.
        made: the ending of what is wanted.
        program: ``converter()``.
        as_filter: LibreOffice's name of the wanted format, where the ending does not say enough.
        fonts: a fontconfig file that says which fonts stand in for others.

    Returns:
        The file; None when it is damaged, locked by a password, too slow, or too large.
    """
    with tempfile.TemporaryDirectory(prefix="dudao-office-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        given, wanted = folder / f"paper.{kind}", folder / "made" / f"paper.{made}"
        given.write_bytes(data)
        profile = folder / "profile"
        (profile / "user").mkdir(parents=True)
        (profile / "user" / "registrymodifications.xcu").write_text(_registry(), "utf-8")
        words = (
            *(program, "--headless", "--norestore", "--nolockcheck", f"-env:UserInstallation={profile.as_uri()}"),
            *("--convert-to", f"{made}:{as_filter}" if as_filter else made, "--outdir", str(wanted.parent), str(given)),
        )
        if not finished(words, folder, fonts) or not wanted.is_file() or wanted.stat().st_size > MAX_MADE_BYTES:
            return None
        return wanted.read_bytes()


def finished(words: tuple[str, ...], folder: Path, fonts: Path | None = None) -> bool:
    """Run the program to its end in a folder, or end it and its children."""
    kept = {"PATH": os.environ.get("PATH", os.defpath), "LANG": "C.UTF-8"}
    if fonts:
        kept["FONTCONFIG_FILE"] = str(fonts)
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

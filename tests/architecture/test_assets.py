"""What browsers load: nothing newer than Chromium 109, nothing from elsewhere, and little enough for a slow line."""

import gzip
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BUILT = ROOT / "static" / "built"
STYLES, SCRIPTS = sorted(BUILT.glob("*.css")), sorted(BUILT.glob("*.js"))

# What came after Chromium 109, each with the version that brought it. text-wrap is left out: older browsers skip it unharmed.
NEWER_CSS = {
    r"color-mix\(": 111,
    r"\bokl(ab|ch)\(|\bl(ab|ch)\(|\bcolor\(": 111,
    r"\b(sin|cos|tan|asin|acos|atan2?)\(": 111,
    r"@view-transition|view-transition-name": 111,
    r"\blinear\(": 113,
    r"\[popover|:popover-open": 114,
    r"animation-timeline|scroll-timeline|@starting-style|transition-behavior": 115,
    r"\bsubgrid\b": 117,
    r"@scope\b": 118,
    r"light-dark\(": 123,
    r"field-sizing": 123,
    r"anchor-name|position-anchor|position-area": 125,
    r"\b(round|mod|rem)\(": 125,
    r"\brgba?\(from |\bhsla?\(from ": 119,
    r":user-(in)?valid": 119,
    r"\d(rlh|rcap|cap|rex|rch|ric)\b": 111,
    r"@container style\(": 111,
    r"[{};]\s*&|&[.:\[#]": 112,
}
NEWER_JS = {
    r"\.to(Sorted|Reversed|Spliced)\(": 110,
    r"(Object|Map)\.groupBy\(": 117,
    r"Promise\.withResolvers": 119,
    r"Promise\.try\b": 128,
    r"Array\.fromAsync": 121,
    r"AbortSignal\.any\(": 116,
    r"URL\.(canParse|parse)\(": 120,
    r"\.isWellFormed\(": 111,
    r"\.startViewTransition\(": 111,
    r"\.(showPopover|togglePopover)\(": 114,
    r"Iterator\.from\(": 122,
    r"\.moveBefore\(": 133,
}
# htmx asks first whether the browser has these.
ASKED_FOR = (".startViewTransition(", ".moveBefore(")


def test_the_assets_were_built() -> None:
    assert {"bootstrap.min.css", "theme.css", "house.css", "entry.css"} <= {file.name for file in STYLES}
    assert {"htmx.min.js", "app.js"} <= {file.name for file in SCRIPTS}
    assert (BUILT / "icons.svg").stat().st_size < 60_000


@pytest.mark.parametrize("file", STYLES, ids=lambda file: file.name)
def test_styles_use_nothing_newer_than_chromium_109(file: Path) -> None:
    text = re.sub(r"/\*.*?\*/|url\([^)]*\)", "", file.read_text("utf-8"), flags=re.DOTALL)
    found = {
        f"{match.group()} (Chromium {since})" for rule, since in NEWER_CSS.items() for match in re.finditer(rule, text)
    }
    assert not found


@pytest.mark.parametrize("file", SCRIPTS, ids=lambda file: file.name)
def test_scripts_call_nothing_newer_than_chromium_109(file: Path) -> None:
    text = file.read_text("utf-8")
    found = {
        f"{match.group()} (Chromium {since})" for rule, since in NEWER_JS.items() for match in re.finditer(rule, text)
    }
    assert not [one for one in found if not (file.name == "htmx.min.js" and one.startswith(ASKED_FOR))]


@pytest.mark.parametrize("file", SCRIPTS, ids=lambda file: file.name)
def test_scripts_are_written_in_what_chromium_109_reads(file: Path) -> None:
    """Printed for Chromium 109 and for the newest browser a script is the same: there is nothing to bring down."""

    def printed(target: str) -> str:
        path = os.pathsep.join((str(Path(sys.executable).parent), os.environ.get("PATH", "")))
        command = [ROOT / "node_modules/.bin/esbuild", file, f"--target={target}", "--charset=utf8", "--minify"]
        return subprocess.run(
            command, check=True, capture_output=True, text=True, env={**os.environ, "PATH": path}
        ).stdout

    assert printed("chrome109") == printed("esnext")


@pytest.mark.parametrize("file", [*STYLES, *SCRIPTS, BUILT / "icons.svg"], ids=lambda file: file.name)
def test_no_built_file_refers_to_another_host(file: Path) -> None:
    text = file.read_text("utf-8")
    hosts = set(re.findall(r"(?:https?:)?//([a-z0-9.-]+\.[a-z]{2,})", re.sub(r"/\*!.*?\*/", "", text, flags=re.DOTALL)))
    # Names of vocabularies, never fetched.
    assert hosts <= {"www.w3.org"}
    assert "sourceMappingURL" not in text


def test_a_page_needs_at_most_150_kilobytes_of_script() -> None:
    assert sum(len(gzip.compress(file.read_bytes())) for file in SCRIPTS) <= 150 * 1024


def test_every_icon_a_source_names_is_in_the_sprite() -> None:
    sprite = (BUILT / "icons.svg").read_text("utf-8")
    naming = re.compile(r"""\bicon(?:=| )["']([a-z0-9-]+)["']""")
    sources = [*(ROOT / "src").rglob("*.html"), *(ROOT / "src").rglob("*.py")]
    missing = {
        name for file in sources for name in naming.findall(file.read_text("utf-8")) if f'"i-{name}"' not in sprite
    }
    assert not missing, f"build the assets again: {missing}"

"""Build what browsers load into ``static/built``: from node_modules, ``frontend/`` and the icons that templates name.

Run again it builds anew what it needs; nothing it makes is committed.
"""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MODULES = ROOT / "node_modules"
BUILT = ROOT / "static" / "built"
# Lines of Tabler icons (MIT, frontend/icons/LICENSE): the whole set is 5 000 files, far more than a page needs.
ICONS = ROOT / "frontend" / "icons" / "outline.txt"
# The oldest browser that offices and WeChat still bring (docs/architecture.md).
TARGET = "chrome109"
ICON = re.compile(r"""\bicon(?:=| )["']([a-z0-9-]+)["']""")


def vendor() -> None:
    """Copy the libraries as they are, without the comment that points to a source map we do not ship."""
    for source, name in (
        ("bootstrap/dist/css/bootstrap.min.css", "bootstrap.min.css"),
        ("htmx.org/dist/htmx.min.js", "htmx.min.js"),
    ):
        text = (MODULES / source).read_text("utf-8")
        (BUILT / name).write_text(re.sub(r"/[/*]# sourceMappingURL=.*", "", text), "utf-8")


def own() -> None:
    """Bundle our TypeScript and CSS for the oldest browser."""
    entries = [*sorted((ROOT / "frontend/css").glob("*.css")), *sorted((ROOT / "frontend/ts").glob("*.ts"))]
    # Node may stand in the venv only.
    path = os.pathsep.join((str(Path(sys.executable).parent), os.environ.get("PATH", "")))
    subprocess.run(
        [
            MODULES / ".bin" / "esbuild",
            *entries,
            "--bundle",
            "--minify",
            f"--target={TARGET}",
            "--charset=utf8",
            "--log-level=warning",
            "--entry-names=[name]",
            f"--outdir={BUILT}",
        ],
        check=True,
        env={**os.environ, "PATH": path},
    )


def icons_in_use() -> set[str]:
    """Names that templates and Python name as ``icon "clock"`` or ``icon="clock"``."""
    files = [*(ROOT / "src").rglob("*.html"), *(ROOT / "src").rglob("*.py")]
    return {name for file in files for name in ICON.findall(file.read_text("utf-8"))}


def sprite() -> None:
    """One SVG with a symbol for each icon in use; ``frontend/icons`` holds their lines: a name, then its paths."""
    drawn = dict(line.split(" ", 1) for line in ICONS.read_text("utf-8").splitlines())
    symbols = []
    for name in sorted(icons_in_use()):
        if name not in drawn:
            sys.exit(f"no icon {name!r} in {ICONS.relative_to(ROOT)}: add its paths from https://tabler.io/icons")
        paths = "".join(f'<path d="{path}"/>' for path in drawn[name].split("|"))
        symbols.append(f'<symbol id="i-{name}" viewBox="0 0 24 24">{paths}</symbol>')
    svg = f'<svg xmlns="http://www.w3.org/2000/svg">{"".join(symbols)}</svg>\n'
    (BUILT / "icons.svg").write_text(svg, "utf-8")


def main() -> None:
    shutil.rmtree(BUILT, ignore_errors=True)
    BUILT.mkdir(parents=True)
    vendor()
    own()
    sprite()


if __name__ == "__main__":
    main()

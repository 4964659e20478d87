"""The list of who has not answered, as a picture for WeChat."""

import io
import os
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from dudao.shell.errors import Refused

# More rows than this nobody reads on a phone; the rest is in the Excel file.
ROWS = 100
WIDTH, MARGIN, LINE = 1080, 48, 64
_INK, _GREY, _RULE, _BLUE = "#1f2933", "#5b6773", "#d9dee4", "#14427a"

# Fonts with Simplified Chinese, the clearest first; the folders of Debian, of a user, of Windows and of macOS.
_NAMES = (
    "NotoSansCJK-Regular.ttc",
    "NotoSansCJKsc-Regular.otf",
    "NotoSansSC-Regular.otf",
    "SourceHanSansSC-Regular.otf",
    "SourceHanSansCN-Regular.otf",
    "msyh.ttc",
    "PingFang.ttc",
    "Hiragino Sans GB.ttc",
    "wqy-microhei.ttc",
    "wqy-zenhei.ttc",
    "simhei.ttf",
    "simsun.ttc",
    "NotoSerifCJK-Regular.ttc",
    "LXGWWenKai-Regular.ttf",
)
_FOLDERS = ("/usr/share/fonts", "/usr/local/share/fonts", "~/.local/share/fonts", "~/.fonts", "/System/Library/Fonts")


def _folders() -> Iterator[Path]:
    for name in (*_FOLDERS, os.path.join(os.environ.get("WINDIR", "C:/Windows"), "Fonts")):
        folder = Path(name).expanduser()
        if folder.is_dir():
            yield folder


@cache
def font_file() -> Path | None:
    """A font of this machine that has Simplified Chinese; ``None`` where there is none."""
    here = {path.name: path for folder in _folders() for path in folder.rglob("*") if path.name in _NAMES}
    return next((here[name] for name in _NAMES if name in here), None)


def _font(size: int) -> ImageFont.FreeTypeFont:
    path = font_file()
    if path is None:
        raise Refused(
            "服务器上没有中文字体，画不出图片。请先用 Excel 或复制文字；系统管理员可以安装 fonts-noto-cjk。",
            code="messages.no_font",
        )
    # In the collections of Noto CJK the third face is Simplified Chinese.
    index = 2 if path.name in ("NotoSansCJK-Regular.ttc", "NotoSerifCJK-Regular.ttc") else 0
    return ImageFont.truetype(str(path), size, index=index)


def _fitted(text: str, font: ImageFont.FreeTypeFont, width: float) -> str:
    """The text, cut with … where it is wider than its column."""
    if font.getlength(text) <= width:
        return text
    while text and font.getlength(text + "…") > width:
        text = text[:-1]
    return text + "…"


def _wrapped(text: str, font: ImageFont.FreeTypeFont, width: float) -> list[str]:
    lines, line = [], ""
    for character in text:
        if font.getlength(line + character) > width:
            lines.append(line)
            line = ""
        line += character
    return [*lines, line]


def draw_list(*, title: str, below: str, rows: Sequence[tuple[str, str]], foot: str) -> bytes:
    """Draw a list.

    Args:
        title: what it is.
        below: one line under the title, for example ``未签收 3 个，共 42 个``.
        rows: (name, note); the first 100 are drawn.
        foot: who made it and when.

    Returns:
        A PNG, 1080 pixels wide.

    Raises:
        Refused: ``messages.no_font``, this machine has no Chinese font.
    """
    large, middle, small = _font(44), _font(34), _font(28)
    inner = WIDTH - 2 * MARGIN
    heads = _wrapped(title, large, inner)
    shown = rows[:ROWS]
    rest = len(rows) - len(shown)
    height = MARGIN + 60 * len(heads) + 56 + LINE * (len(shown) + bool(rest)) + 72 + MARGIN
    image = Image.new("RGB", (WIDTH, height), "white")
    pen = ImageDraw.Draw(image)
    y = MARGIN
    for line in heads:
        pen.text((MARGIN, y), line, _BLUE, large)
        y += 60
    pen.text((MARGIN, y), _fitted(below, small, inner), _GREY, small)
    y += 56
    number_width, note_width = 70, 330
    for number, (name, note) in enumerate(shown, 1):
        pen.line((MARGIN, y, WIDTH - MARGIN, y), _RULE, 1)
        pen.text((MARGIN, y + 12), str(number), _GREY, middle)
        pen.text(
            (MARGIN + number_width, y + 12),
            _fitted(name, middle, inner - number_width - note_width - 20),
            _INK,
            middle,
        )
        note = _fitted(note, small, note_width)
        pen.text((WIDTH - MARGIN - small.getlength(note), y + 16), note, _GREY, small)
        y += LINE
    pen.line((MARGIN, y, WIDTH - MARGIN, y), _RULE, 1)
    if rest:
        pen.text((MARGIN, y + 12), f"另有 {rest} 个，见 Excel 名单", _GREY, middle)
        y += LINE
    pen.text((MARGIN, y + 24), _fitted(foot, small, inner), _GREY, small)
    out = io.BytesIO()
    # Sixteen shades are enough for text, and a quarter of the bytes.
    image.quantize(16, dither=Image.Dither.NONE).save(out, "PNG", compress_level=6)
    return out.getvalue()

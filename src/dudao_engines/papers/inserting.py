"""Values into the trees of a county's .docx: in place of a name, of a paragraph, of a row."""

import re
from collections.abc import Callable, Mapping
from copy import deepcopy

from lxml import etree

from dudao_engines.kernel.errors import EngineInputError
from dudao_engines.papers import docx, styles
from dudao_engines.papers.blocks import heading_of, table_xml
from dudao_engines.papers.filling import Value, words_of
from dudao_engines.papers.foot import picture_xml
from dudao_engines.papers.frame import MARK_ROOM
from dudao_engines.papers.layout import broken, width
from dudao_engines.papers.opened import tree_of
from dudao_engines.papers.text import Block, Paragraph, Table, parse, table
from dudao_engines.papers.wml import DRAWING_SPACES, R, W, clean

QR, QR_WORDS, MARK = "二维码", "二维码说明", "发文机关标志"
ROW_NUMBER = "序"
PLACE = re.compile(r"\{\{\s*([^{}\s.]+)(?:\.([^{}\s.]+))?\s*\}\}")
P, T, RUN, TR, TC, TBL = (f"{{{W}}}{name}" for name in ("p", "t", "r", "tr", "tc", "tbl"))
_PARTS = re.compile(r"word/(document|header[^/]*|footer[^/]*|footnotes|endnotes)\.xml")
_VAL = f"{{{W}}}val"
_SPACE = "{http://www.w3.org/XML/1998/namespace}space"
_MAX_PIECES, _MAX_NAMES = 3000, 200  # In one paragraph.


def roots_of(parts: Mapping[str, bytes]) -> dict[str, etree._Element]:
    """The trees in which names may stand.

    Raises:
        EngineInputError: ``papers.docx_damaged``; ``papers.docx_too_large`` for a paragraph cut into thousands of pieces.
    """
    roots = {name: tree_of(part) for name, part in parts.items() if _PARTS.fullmatch(name)}
    for root in roots.values():
        for paragraph in root.iter(P):
            texts = texts_of(paragraph)
            if len(texts) > _MAX_PIECES or words_in(paragraph).count("{{") > _MAX_NAMES:
                raise EngineInputError("papers.docx_too_large", "文件里有一段内容异常多，已拒绝打开。")
    return roots


def bytes_of(root: etree._Element) -> bytes:
    return bytes(etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True))


def texts_of(paragraph: etree._Element) -> list[etree._Element]:
    """The pieces of text of a paragraph, without those of paragraphs inside it (text boxes)."""
    return [text for text in paragraph.iter(T) if next(text.iterancestors(P)) is paragraph]


def words_in(paragraph: etree._Element) -> str:
    return "".join(text.text or "" for text in texts_of(paragraph))


class Filler:
    """Fills one file. Values never become markup or names: they are put in place of a name once, as text."""

    def __init__(self, values: Mapping[str, Value]) -> None:
        self._values = values
        self.used_styles = self.used_picture = False

    def fill(self, root: etree._Element) -> None:
        """All names of one part. What a value holds is never looked at for names."""
        done = self._rows(root)
        for paragraph in list(root.iter(P)):
            if paragraph not in done and paragraph.getparent() is not None:
                self._paragraph(paragraph)

    def _rows(self, root: etree._Element) -> set[etree._Element]:
        """Rows with ``{{表.列}}`` for each row of the value; the paragraphs that came so."""
        done: set[etree._Element] = set()
        for row in list(root.iter(TR)):
            own = [one for one in row.iter(P) if next(one.iterancestors(TR)) is row]
            names = {found[1] for one in own for found in PLACE.finditer(words_in(one)) if found[2]}
            if not names:
                continue
            name = min(names)
            for number, given in enumerate(self._table(name), 1):
                made = deepcopy(row)
                self._row(made, name, {**given, ROW_NUMBER: str(number)})
                done.update(made.iter(P))
                row.addprevious(made)
            row.getparent().remove(row)
        return done

    def _row(self, row: etree._Element, name: str, given: Mapping[str, str]) -> None:
        def said(place: re.Match[str]) -> str:
            if place[2]:
                return given.get(place[2], "") if place[1] == name else ""
            return self._said(place[1])

        for paragraph in row.iter(P):
            _replace(paragraph, said)

    def _paragraph(self, paragraph: etree._Element) -> None:
        """One paragraph: several for lines, a table for a table, none when all its names are empty."""
        words = words_in(paragraph)
        found = list(PLACE.finditer(words))
        if not found:
            return
        alone = found[0][1] if words.strip() == found[0][0] else ""
        if alone == QR:
            self._picture(paragraph)
        elif alone == "正文" or (alone and self._table(alone)):
            self._blocks(paragraph, alone)
        elif alone and "\n" in (said := self._said(alone)) and alone != "标题":
            self._lines(paragraph, said.split("\n"))
        elif any(self._said(one[1]) for one in found):
            _replace(paragraph, lambda place: self._said(place[1]))
            if alone == MARK:
                _narrowed(paragraph)
        else:
            self._left_out(paragraph)

    def _said(self, name: str) -> str:
        if name not in self._values:
            return f"【待填：{name}】"
        value = self._values[name]
        if isinstance(value, bytes):
            return ""
        given = value if isinstance(value, list | tuple) else [value]
        lines = [words_of(one) for one in given if not isinstance(one, Mapping)]
        if name == "附件" and len(lines) > 1:
            lines = [f"{number}.{line}" for number, line in enumerate(lines, 1)]
        said = "\n".join(lines)
        return "\n".join(broken(said, docx.TITLE_ROOM)) if name == "标题" else said

    def _table(self, name: str) -> list[dict[str, str]]:
        value = self._values.get(name)
        rows = [row for row in value if isinstance(row, Mapping)] if isinstance(value, list | tuple) else []
        return [{str(key): words_of(said) for key, said in row.items()} for row in rows]

    @staticmethod
    def _lines(paragraph: etree._Element, lines: list[str]) -> None:
        for at, line in enumerate(lines):
            made = _copy(paragraph, first=not at, last=at == len(lines) - 1)
            _put(made, line)
            paragraph.addprevious(made)
        paragraph.getparent().remove(paragraph)

    def _blocks(self, paragraph: etree._Element, name: str) -> None:
        """Structured text: paragraphs look as the county's own, with 黑体 and 楷体 for the first two levels."""
        rows = self._table(name)
        if rows:
            head = list(rows[0])
            blocks: tuple[Block, ...] = (table([[row.get(key, "") for key in head] for row in rows], head),)
        else:
            blocks = parse(self._said(name))
        last = len(blocks) - 1
        for at, block in enumerate(blocks):
            if isinstance(block, Table):
                self.used_styles = True
                paragraph.addprevious(_fragment(table_xml(block)))
                continue
            made = _copy(paragraph, first=not at, last=at == last)
            _put_block(made, block)
            paragraph.addprevious(made)
        if isinstance(blocks[last], Table) and paragraph.getparent().tag == TC:
            # A cell ends with a paragraph.
            _put(paragraph, "")
        else:
            paragraph.getparent().remove(paragraph)

    def _picture(self, paragraph: etree._Element) -> None:
        if not isinstance(self._values.get(QR), bytes):
            self._left_out(paragraph)
            return
        self.used_picture = True
        _put(paragraph, "")
        run = texts_of(paragraph)[0].getparent()
        run.append(_fragment(picture_xml(QR))[0])

    @staticmethod
    def _left_out(paragraph: etree._Element) -> None:
        """A paragraph of nothing but empty names, or the row that holds only it; a cell keeps its last paragraph."""
        cell = paragraph.getparent()
        if cell.tag != TC or len(list(cell.iterchildren(P))) > 1:
            cell.remove(paragraph)
        elif (
            len(list((row := cell.getparent()).iterchildren(TC))) == 1
            and len(list(row.getparent().iterchildren(TR))) > 1
        ):
            row.getparent().remove(row)
        else:
            _replace(paragraph, lambda _: "")


def _replace(paragraph: etree._Element, said: Callable[[re.Match[str]], str]) -> None:
    """Put words in the place of names, however Word has cut the names into pieces; each piece keeps its look."""
    texts = texts_of(paragraph)
    words = "".join(text.text or "" for text in texts)
    starts, at = [], 0
    for text in texts:
        starts.append(at)
        at += len(text.text or "")
    pieces = [text.text or "" for text in texts]
    for found in reversed(list(PLACE.finditer(words))):
        first = max(n for n, start in enumerate(starts) if start <= found.start())
        for n in range(len(texts) - 1, first - 1, -1):
            begin, end = max(found.start() - starts[n], 0), found.end() - starts[n]
            if begin < len(pieces[n]) and end > 0:
                new = said(found) if n == first else ""
                pieces[n] = pieces[n][:begin] + new + pieces[n][max(end, 0) :]
    for text, piece in zip(texts, pieces, strict=True):
        if piece != (text.text or ""):
            _write(text, piece)


def _write(text: etree._Element, words: str) -> None:
    """Words into a piece of text, their breaks as breaks of line."""
    lines = clean(words).split("\n")
    text.text = lines[0]
    text.set(_SPACE, "preserve")
    last = text
    for line in lines[1:]:
        more = etree.SubElement(text.getparent(), f"{{{W}}}br")
        last.addnext(more)
        last = etree.SubElement(text.getparent(), T)
        last.text = line
        last.set(_SPACE, "preserve")
        more.addnext(last)


def _put(paragraph: etree._Element, words: str) -> None:
    """Words instead of all that stands in a paragraph, in the look of its first piece."""
    first, *others = texts_of(paragraph)
    _write(first, words)
    for text in others:
        text.text = ""


def _put_block(paragraph: etree._Element, block: Paragraph) -> None:
    heading, rest = heading_of(block)
    if not heading:
        _put(paragraph, block.words)
        return
    _put(paragraph, heading)
    run = next(texts_of(paragraph)[0].iterancestors(RUN))
    if rest:
        plain = deepcopy(run)
        for text in plain.iter(T):
            _write(text, rest)
        run.addnext(plain)
    font = {1: styles.HEI, 2: styles.KAI}[block.level]
    look = run.find(f"{{{W}}}rPr")
    if look is None:
        look = etree.Element(f"{{{W}}}rPr")
        run.insert(0, look)
    for old in look.findall(f"{{{W}}}rFonts"):
        look.remove(old)
    named = look.find(f"{{{W}}}rStyle")
    fonts = etree.Element(f"{{{W}}}rFonts", {f"{{{W}}}{kind}": font for kind in ("ascii", "hAnsi", "eastAsia", "cs")})
    look.insert(0 if named is None else 1, fonts)


def _copy(paragraph: etree._Element, *, first: bool, last: bool) -> etree._Element:
    """A paragraph for one of several: the room above belongs to the first, holding on to what follows to the last."""
    made = deepcopy(paragraph)
    look = made.find(f"{{{W}}}pPr")
    if look is not None:
        if not last:
            for keep in look.findall(f"{{{W}}}keepNext"):
                look.remove(keep)
        if not first:
            for room in look.findall(f"{{{W}}}spacing"):
                room.attrib.pop(f"{{{W}}}before", None)
                room.attrib.pop(f"{{{W}}}beforeLines", None)
    return made


def _narrowed(paragraph: etree._Element) -> None:
    """The red mark on one line: its characters narrower, where they would take more than the width of the text."""
    size = next(
        (int(one.get(_VAL, "0")) / 2 for one in paragraph.iter(f"{{{W}}}sz") if one.get(_VAL, "").isdecimal()), 0.0
    )
    scale = int(styles.WIDTH / 20 * MARK_ROOM / max(width(words_in(paragraph)) * size, 1) * 100)
    for look in paragraph.iter(f"{{{W}}}rPr"):
        narrow = look.find(f"{{{W}}}w")
        if size and narrow is not None:
            narrow.set(_VAL, str(max(min(scale, 100), 1)))


def _fragment(xml: str) -> etree._Element:
    return etree.fromstring(f'<x xmlns:w="{W}" xmlns:r="{R}"{DRAWING_SPACES}>{xml}</x>')[0]

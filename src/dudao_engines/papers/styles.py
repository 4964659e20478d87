"""Measures, fonts and named styles of GB/T 9704-2012 as WordprocessingML.

Lengths are twips (1/20 point, 1 mm = 56.7), font sizes half points. docs/reference/papers.md says where each figure comes from.
"""

from dataclasses import dataclass
from functools import cache

from dudao_engines.papers.wml import W, attribute

XIAOBIAOSONG, FANGSONG, HEI, KAI, SONG = "方正小标宋简体", "仿宋_GB2312", "黑体", "楷体_GB2312", "宋体"
TIMES = "Times New Roman"

MM = 1440 / 25.4
PAGE_WIDTH, PAGE_HEIGHT = 11906, 16838
TOP, LEFT = round(37 * MM), round(28 * MM)
LINES, CHARACTERS = 22, 28
# 156 mm, to the next twip that 28 equal characters share, and a hair for programs that count in hundredths of a millimetre.
WIDTH, HEIGHT = round(156 * MM / CHARACTERS) * CHARACTERS + 6, round(225 * MM)
RIGHT, BOTTOM = PAGE_WIDTH - LEFT - WIDTH, PAGE_HEIGHT - TOP - HEIGHT
LINE = HEIGHT // LINES
# 28 characters of 16 points are wider than 156 mm, so they are set closer. The grid of the page has lines only: LibreOffice puts
# 27 characters on a grid that is narrower than its characters.
PITCH = (WIDTH - 6) / CHARACTERS
_CLOSER = f'<w:spacing w:val="{round(PITCH) - 320}"/>'
RED = "FF0000"
_BODY = 32
_FIRST_LINE = f'<w:ind w:firstLineChars="200" w:firstLine="{round(2 * PITCH)}"/>'
_OFF_GRID = '<w:snapToGrid w:val="0"/>'


@dataclass(frozen=True, slots=True)
class Style:
    """A paragraph style; ``before``, ``look`` and ``line`` are paragraph properties, ``extra`` run properties."""

    id: str
    name: str
    font: str = FANGSONG
    size: int = _BODY
    line: int = LINE
    before: int = 0
    look: str = ""
    align: str = "both"
    keep: bool = False
    outline: int | None = None
    extra: str = ""


STYLES = (
    Style("Urgency", "公文紧急程度", HEI, look='<w:ind w:firstLine="0"/>'),
    Style("Organ", "公文发文机关标志", XIAOBIAOSONG, 96, 960, align="center", extra=f'<w:color w:val="{RED}"/>'),
    Style("Number", "公文发文字号", before=2 * LINE, align="center"),
    Style("Title", "公文标题", XIAOBIAOSONG, 44, 660, 2 * LINE, align="center", keep=True),
    Style("To", "公文主送机关", before=LINE, align="left"),
    Style("Body", "公文正文", look=_FIRST_LINE),
    Style("Level1", "公文一级标题", HEI, look=_FIRST_LINE, keep=True, outline=0),
    Style("Level2", "公文二级标题", KAI, look=_FIRST_LINE, keep=True, outline=1),
    Style("Level3", "公文三级标题", look=_FIRST_LINE, outline=2),
    Style("Level4", "公文四级标题", look=_FIRST_LINE, outline=3),
    Style("Attachment", "公文附件说明", align="left"),
    Style("Signature", "公文署名", align="right", keep=True),
    Style("Day", "公文成文日期", align="right"),
    Style("Note", "公文附注", look=_FIRST_LINE),
    Style("AnnexMark", "公文附件标记", HEI, keep=True),
    Style("Imprint", "公文版记", size=28, line=440, align="left"),
    Style("QrWords", "公文二维码说明", size=18, line=240, align="left"),
    Style("Cell", "公文表格", size=24, line=380, align="left"),
    Style("FormCell", "公文表单", size=28, line=440, align="left"),
    Style("CellHead", "公文表头", HEI, 24, 380, align="center"),
    Style("Sheet", "公文宽表", size=18, line=250, align="center"),
    Style("SheetWords", "公文宽表文字", size=18, line=250, align="left"),
    Style("SheetHead", "公文宽表表头", HEI, 18, 250, align="center"),
    Style("SheetTitle", "公文宽表标题", HEI, 28, 440, 160, align="center", keep=True),
    Style("SheetNote", "公文宽表注", size=18, line=270, align="left"),
    Style("PageMark", "公文页眉标记", HEI, 24, 360, align="center"),
    Style("Anchor", "公文末段", size=2, line=20),
    Style("PageNumber", "公文页码", SONG, 28, 280),
    Style("OrganLine", "公文纪要机关", look=f'<w:tabs><w:tab w:val="right" w:pos="{WIDTH}"/></w:tabs>', before=LINE),
)
# Words inside a paragraph that stand out.
CHARACTER_STYLES = (("HeiWords", "公文黑体", HEI), ("KaiWords", "公文楷体", KAI))


def _fonts(name: str) -> str:
    """A font for Chinese; beside 仿宋, whose figures few programs have, Latin letters and figures are Times New Roman."""
    latin = attribute(TIMES if name == FANGSONG else name)
    return f"<w:rFonts w:ascii={latin} w:hAnsi={latin} w:eastAsia={attribute(name)} w:cs={latin}/>"


def _paragraph_style(style: Style) -> str:
    keep = "<w:keepNext/>" if style.keep else ""
    closer = _CLOSER if style.size == _BODY else ""
    tabs, look = (style.look, "") if style.look.startswith("<w:tabs") else ("", style.look)
    level = "" if style.outline is None else f'<w:outlineLvl w:val="{style.outline}"/>'
    return (
        f'<w:style w:type="paragraph" w:customStyle="1" w:styleId="{style.id}"><w:name w:val="{style.name}"/>'
        f'<w:basedOn w:val="Normal"/><w:qFormat/><w:pPr>{keep}{tabs}'
        f'<w:spacing w:before="{style.before}" w:after="0" w:line="{style.line}" w:lineRule="exact"/>{look}'
        f'<w:jc w:val="{style.align}"/>{level}</w:pPr>'
        f'<w:rPr>{_fonts(style.font)}{style.extra}{closer}<w:sz w:val="{style.size}"/><w:szCs w:val="{style.size}"/></w:rPr></w:style>'
    )


@cache
def styles_xml() -> bytes:
    """The part ``word/styles.xml``."""
    body = "".join(_paragraph_style(style) for style in STYLES)
    inline = "".join(
        f'<w:style w:type="character" w:customStyle="1" w:styleId="{key}"><w:name w:val="{name}"/>'
        f"<w:rPr>{_fonts(font)}</w:rPr></w:style>"
        for key, name, font in CHARACTER_STYLES
    )
    return (
        f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?><w:styles xmlns:w="{W}"><w:docDefaults><w:rPrDefault><w:rPr>'
        f'{_fonts(FANGSONG)}<w:sz w:val="{_BODY}"/><w:szCs w:val="{_BODY}"/>'
        '<w:lang w:val="en-US" w:eastAsia="zh-CN" w:bidi="ar-SA"/></w:rPr></w:rPrDefault><w:pPrDefault/></w:docDefaults>'
        '<w:style w:type="paragraph" w:default="1" w:styleId="Normal"><w:name w:val="Normal"/><w:qFormat/><w:pPr><w:widowControl/>'
        f'{_OFF_GRID}<w:spacing w:line="{LINE}" w:lineRule="exact"/><w:jc w:val="both"/></w:pPr></w:style>'
        '<w:style w:type="character" w:default="1" w:styleId="DefaultParagraphFont"><w:name w:val="Default Paragraph Font"/></w:style>'
        '<w:style w:type="table" w:default="1" w:styleId="TableNormal"><w:name w:val="Normal Table"/><w:tblPr><w:tblInd w:w="0" '
        'w:type="dxa"/><w:tblCellMar><w:top w:w="0" w:type="dxa"/><w:left w:w="108" w:type="dxa"/><w:bottom w:w="0" w:type="dxa"/>'
        f'<w:right w:w="108" w:type="dxa"/></w:tblCellMar></w:tblPr></w:style>{body}{inline}</w:styles>'
    ).encode()

"""The parts of the package that say little of the paper itself."""

from functools import cache
from xml.sax.saxutils import escape

from dudao_engines.papers.foot import QR_RELATION
from dudao_engines.papers.model import Document
from dudao_engines.papers.sheets import CHART_TYPE, chart_relation
from dudao_engines.papers.wml import XML, W, clean

_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml"


@cache
def content_types(*, marked: bool = False, charts: int = 0) -> bytes:
    parts: tuple[tuple[str, str], ...] = (
        ("word/document.xml", "document.main"),
        ("word/styles.xml", "styles"),
        ("word/settings.xml", "settings"),
        ("word/footer-odd.xml", "footer"),
        ("word/footer-even.xml", "footer"),
        ("word/footer-first.xml", "footer"),
        ("word/header-first.xml", "header"),
    )
    if marked:
        parts += (("word/header-mark.xml", "header"),)
    named = "".join(f'<Override PartName="/{name}" ContentType="{_TYPE}.{kind}+xml"/>' for name, kind in parts)
    named += "".join(
        f'<Override PartName="/word/charts/chart{number}.xml" ContentType="{CHART_TYPE}"/>'
        for number in range(1, charts + 1)
    )
    return (
        f'{XML}<Types xmlns="{_PACKAGE}/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-'
        'package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Default Extension="png" '
        f'ContentType="image/png"/>{named}<Override PartName="/docProps/core.xml" ContentType="application/vnd.openxmlformats-'
        'package.core-properties+xml"/></Types>'
    ).encode()


@cache
def top_relations() -> bytes:
    return (
        f'{XML}<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="rId1" Type="{_OFFICE}/officeDocument" '
        f'Target="word/document.xml"/><Relationship Id="rId2" Type="{_PACKAGE}/relationships/metadata/core-properties" '
        'Target="docProps/core.xml"/></Relationships>'
    ).encode()


@cache
def relations(*, qr: bool, marked: bool = False, charts: int = 0) -> bytes:
    named = [
        ("rIdStyles", "styles", "styles.xml"),
        ("rIdSettings", "settings", "settings.xml"),
        ("rIdOdd", "footer", "footer-odd.xml"),
        ("rIdEven", "footer", "footer-even.xml"),
        ("rIdFirst", "footer", "footer-first.xml"),
        ("rIdHead", "header", "header-first.xml"),
    ]
    if qr:
        named.append((QR_RELATION, "image", "media/qr.png"))
    if marked:
        named.append(("rIdMark", "header", "header-mark.xml"))
    named += [(chart_relation(number), "chart", f"charts/chart{number}.xml") for number in range(1, charts + 1)]
    made = "".join(
        f'<Relationship Id="{key}" Type="{_OFFICE}/{kind}" Target="{target}"/>' for key, kind, target in named
    )
    return f'{XML}<Relationships xmlns="{_PACKAGE}/relationships">{made}</Relationships>'.encode()


@cache
def settings() -> bytes:
    modes = "".join(
        f'<w:compatSetting w:name="{name}" w:uri="http://schemas.microsoft.com/office/word" w:val="{value}"/>'
        for name, value in (("compatibilityMode", "15"), ("overrideTableStyleFontSizeAndJustification", "1"))
    )
    return (
        f'{XML}<w:settings xmlns:w="{W}"><w:bordersDoNotSurroundHeader/><w:bordersDoNotSurroundFooter/>'
        '<w:defaultTabStop w:val="420"/><w:evenAndOddHeaders/><w:characterSpacingControl w:val="compressPunctuation"/>'
        f"<w:compat><w:spaceForUL/><w:balanceSingleByteDoubleByteWidth/><w:doNotLeaveBackslashAlone/><w:ulTrailSpace/>"
        f'<w:useFELayout/>{modes}</w:compat><w:themeFontLang w:val="en-US" w:eastAsia="zh-CN"/></w:settings>'
    ).encode()


def core(document: Document) -> bytes:
    """Title, author and the day of the paper: never the moment of writing the file."""
    moment = f"{document.day.isoformat()}T00:00:00Z" if document.day else "2012-07-01T00:00:00Z"
    title, author = (escape(clean(" ".join(words.split()))) for words in (document.title, document.signed_by))
    return (
        f'{XML}<cp:coreProperties xmlns:cp="{_PACKAGE}/metadata/core-properties" xmlns:dc="http://purl.org/dc/elements/1.1/" '
        'xmlns:dcterms="http://purl.org/dc/terms/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
        f'<dc:title>{title}</dc:title><dc:creator>{author}</dc:creator><dcterms:created xsi:type="dcterms:W3CDTF">{moment}'
        f'</dcterms:created><dcterms:modified xsi:type="dcterms:W3CDTF">{moment}</dcterms:modified></cp:coreProperties>'
    ).encode()

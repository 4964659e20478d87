"""A .docx from outside, opened without trusting it: its parts, or a refusal that says what is wrong."""

import io
import re
import zipfile
import zlib
from collections.abc import Mapping

from lxml import etree

from dudao_engines.kernel.errors import EngineInputError
from dudao_engines.papers.wml import W

MAX_BYTES = 10 * 1024 * 1024
MAX_UNPACKED = 60 * 1024 * 1024
MAX_PARTS = 500
_RATIO = 200
_FORBIDDEN_PARTS = re.compile(r"vbaProject|vbaData|activeX|oleObject|/embeddings/|afchunk", re.IGNORECASE)
_FORBIDDEN_TYPES = re.compile(rb"macroEnabled|vbaProject|activeX|oleObject", re.IGNORECASE)
# Fields that fetch other files or start other programs.
_FORBIDDEN_FIELDS = re.compile(r"INCLUDETEXT|INCLUDEPICTURE|DDE|LINK|IMPORT|DATABASE|MACROBUTTON|\bRD\b", re.IGNORECASE)
_RELATION = "{http://schemas.openxmlformats.org/package/2006/relationships}Relationship"


def parts_of(data: bytes) -> dict[str, bytes]:
    """All parts of a .docx by name.

    Raises:
        EngineInputError: ``papers.docx_too_large`` (file, or what it unpacks to), ``papers.docx_damaged`` for what is no
            Word document, ``papers.docx_macro`` for programs in it, ``papers.docx_external`` for what it would fetch.
    """
    if len(data) > MAX_BYTES:
        raise _refused("too_large", "文件超过10MB，请去掉不需要的图片。")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            infos = package.infolist()
            whole = sum(info.file_size for info in infos)
            absurd = any(
                info.file_size > 1_000_000 and info.file_size > _RATIO * max(info.compress_size, 1) for info in infos
            )
            if len(infos) > MAX_PARTS or whole > MAX_UNPACKED or absurd:
                raise _refused("too_large", "文件解压后异常大，已拒绝打开。")
            if len({info.filename for info in infos}) != len(infos):
                raise _refused("damaged", "文件已损坏或不是 Word 文档（.docx）。")
            parts = {info.filename: package.read(info) for info in infos if not info.is_dir()}
    except EngineInputError:
        raise
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError, EOFError, ValueError, zlib.error):
        raise _refused("damaged", "文件已损坏、有密码或不是 Word 文档（.docx）。") from None
    if not {"[Content_Types].xml", "word/document.xml", "word/_rels/document.xml.rels"} <= parts.keys():
        raise _refused("damaged", "文件已损坏或不是 Word 文档（.docx）。")
    _without_programs(parts)
    return parts


def tree_of(part: bytes) -> etree._Element:
    """The tree of an XML part, without entities, files or network.

    Raises:
        EngineInputError: ``papers.docx_damaged``.
    """
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(part, parser)
    except etree.XMLSyntaxError:
        raise _refused("damaged", "文件已损坏或不是 Word 文档（.docx）。") from None
    if root.getroottree().docinfo.doctype:
        raise _refused("damaged", "文件里有不该有的内容（DTD），已拒绝打开。")
    return root


def _without_programs(parts: Mapping[str, bytes]) -> None:
    if any(_FORBIDDEN_PARTS.search(name) for name in parts) or _FORBIDDEN_TYPES.search(parts["[Content_Types].xml"]):
        raise _refused("macro", "文件里有宏、控件或嵌入的对象，请另存为不含宏的 .docx。")
    for name, part in parts.items():
        if name.endswith(".rels"):
            for relation in tree_of(part).iter(_RELATION):
                if relation.get("TargetMode", "").lower() == "external":
                    raise _refused(
                        "external",
                        f"文件里有外部链接（{relation.get('Target', '')[:60]}），请去掉超链接和链接的图片、模板。",
                    )
        elif name.endswith(".xml") and name.startswith("word/"):
            root = tree_of(part)
            codes = [code.text or "" for code in root.iter(f"{{{W}}}instrText")]
            codes += [field.get(f"{{{W}}}instr", "") for field in root.iter(f"{{{W}}}fldSimple")]
            if _FORBIDDEN_FIELDS.search("".join(codes)):
                raise _refused("external", "文件里有从别处取内容的域，请去掉后再上传。")
            if next(root.iter(f"{{{W}}}altChunk"), None) is not None:
                raise _refused("external", "文件里嵌入了别的文件，请去掉后再上传。")


def _refused(code: str, words: str) -> EngineInputError:
    return EngineInputError(f"papers.docx_{code}", words)

"""From the bytes of a file to the text of the notice. The text keeps its characters; only containers are opened."""

from pathlib import PurePath

from dudao_engines.kernel.errors import EngineInputError
from dudao_engines.notices.plain import decode

MAX_BYTES = 20 * 1024 * 1024


def read_bytes(data: bytes, filename: str) -> str:
    """The text of an uploaded notice.

    Args:
        data: the whole file.
        filename: its name; only the ending counts, and only as a hint beside the content.

    Returns:
        The text, its characters unchanged.

    Raises:
        EngineInputError: ``notices.empty``, ``notices.too_large``, ``notices.binary``, ``notices.encoding``,
            ``notices.unsupported``.
    """
    if len(data) > MAX_BYTES:
        raise EngineInputError("notices.too_large", "文件超过 20 MB，请改为粘贴正文。", limit=MAX_BYTES)
    if not data.strip():
        raise EngineInputError("notices.empty", "文件是空的，请选择有内容的文件，或改为粘贴正文。")
    ending = PurePath(filename).suffix.lower()
    if ending in (".doc", ".wps", ".ofd"):
        message = f"暂不能直接读取 {ending} 文件，请改为粘贴正文，或另存为 .docx 后再上传。"
        raise EngineInputError("notices.unsupported", message, ending=ending)
    return decode(data)

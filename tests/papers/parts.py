"""Parts of the tests: a scan as somebody hands it in."""

import io

from PIL import Image

from dudao.files import services as files
from dudao.files.services import Received


def picture(colour: str = "white") -> bytes:
    made = io.BytesIO()
    Image.new("RGB", (8, 8), colour).save(made, "PNG")
    return made.getvalue()


def scan(name: str = "扫描件（示例）.png") -> Received:
    return files.receive(io.BytesIO(picture()), name=name)

"""The file of an issued paper with its QR code, and the digests of its words."""

import io
from dataclasses import dataclass
from datetime import date
from urllib.parse import urljoin

import segno
from django.urls import reverse

from dudao.papers import checker, writing
from dudao.papers.models import Paper, PaperText
from dudao_engines.kernel.digests import sha256_hex, sm3_hex


@dataclass(frozen=True, slots=True)
class Sealed:
    """The file, the digests of its words, and what its QR code says."""

    data: bytes
    sha256: str
    sm3: str
    code: str


def code_words(*, number: str, day: date, sha256: str, address: str) -> str:
    """What the QR code says: four lines, for people and for the checker."""
    return "\n".join([number, day.isoformat(), f"SHA-256:{sha256}", address]).rstrip("\n")


def seal(
    paper: Paper,
    text: PaperText,
    *,
    organ: str,
    number: str,
    day: date,
    signer: str,
    key: str,
    site: str,
    own: bytes | None = None,
) -> Sealed:
    """Make the file twice: for its words, whose digest the code says, and with the code. The words are the same in both.

    Args:
        own: the county's own .docx for this kind, where it has one.
    """
    address = urljoin(site, reverse("check_paper", args=[key])) if site else ""
    beside = ("扫码可核对发文字号、成文日期和文字摘要", *([f"核验地址：{address}"] if address else []))

    def made(qr: bytes) -> bytes:
        return writing.written(
            writing.document(
                paper.kind, text, organ=organ, number=number, day=day, approved_by=signer, qr=qr, qr_words=beside
            ),
            own=own,
            values=paper.values,
        )

    words = checker.words(made(_picture(number))).encode("utf-8")
    sha256 = sha256_hex(words)
    said = code_words(number=number, day=day, sha256=sha256, address=address)
    return Sealed(made(_picture(said)), sha256, sm3_hex(words), said)


def _picture(said: str) -> bytes:
    out = io.BytesIO()
    segno.make(said, micro=False, error="m").save(out, kind="png", scale=8, border=2)
    return out.getvalue()

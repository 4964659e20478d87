"""What a paper is made of, before it is laid out (GB/T 9704-2012, 7: 公文格式各要素)."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from dudao_engines.papers.annexes import Annex


class Form(StrEnum):
    """The layouts: three of the standard, and records that have no red head."""

    DOCUMENT = "document"  # 文件格式
    LETTER = "letter"  # 信函格式 (10.1)
    MINUTES = "minutes"  # 纪要格式 (10.3)
    PLAIN = "plain"  # records and receipts: title, body, signatures

    @property
    def chinese(self) -> str:
        return {"document": "文件", "letter": "信函", "minutes": "纪要", "plain": "专用文书"}[self]


@dataclass(frozen=True, slots=True)
class Attachment:
    """附件: named after the body; with a body of its own it is printed after the paper, on a new page.

    Attributes:
        title: without number and without closing mark.
        body: structured text; empty when it is handed on separately.
        made: tables and charts instead of a body (``papers.annexes``).
    """

    title: str
    body: str = ""
    made: Annex | None = None


@dataclass(frozen=True, slots=True)
class Document:
    """One paper in words. Empty means: not printed.

    Attributes:
        title: 标题. A line break says where it is to be broken; without one it is broken evenly.
        body: 正文, structured text (``papers.text``); of minutes with the lines 出席：, 请假：, 列席：.
        form: the layout.
        organ: 发文机关标志, as printed in red: 贺兰县人民政府教育督导室文件.
        number: 发文字号, as printed: 贺政教督发〔2024〕4号.
        to: 主送机关, without the colon.
        attachments: 附件, in order.
        signed_by: 署名.
        day: 成文日期.
        seal: a place is kept for the seal over 署名 and 成文日期; none is drawn (7.3.5: 不得出现空白印章).
        note: 附注, without brackets: 此件公开发布.
        copies_to: 抄送机关, without the full stop.
        printed_by: 印发机关.
        printed_on: 印发日期.
        approved_by: 签发人; makes it a paper to a higher level (上行文).
        urgency: 紧急程度: 特急, 加急.
        qr: a PNG picture; printed at the foot of the last page, above 版记.
        qr_words: what the picture says, one thing a line, printed beside it.
        page_mark: at the head of every page: 征求意见稿; not of a letter, whose head is the mark itself.
    """

    title: str
    body: str
    form: Form = Form.DOCUMENT
    organ: str = ""
    number: str = ""
    to: str = ""
    attachments: tuple[Attachment, ...] = ()
    signed_by: str = ""
    day: date | None = None
    seal: bool = False
    note: str = ""
    copies_to: str = ""
    printed_by: str = ""
    printed_on: date | None = None
    approved_by: str = ""
    urgency: str = ""
    qr: bytes | None = None
    qr_words: tuple[str, ...] = ()
    page_mark: str = ""

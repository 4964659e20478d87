"""One thing found in a text."""

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What was found."""

    ID_NUMBER = "id_number"
    MINOR = "minor"
    NAME = "name"
    PHONE = "phone"
    BANK_CARD = "bank_card"
    EMAIL = "email"
    ADDRESS = "address"
    BIRTH = "birth"
    LABEL = "label"
    SMALL_COUNT = "small_count"
    COMPLEMENT = "complement"
    SUBTOTAL = "subtotal"

    @property
    def chinese(self) -> str:
        return _WORDS[self]

    @property
    def may_stay(self) -> bool:
        """Whether a person may leave it as it is, with a reason: never an identity number, never a minor's name."""
        return self not in (Kind.ID_NUMBER, Kind.MINOR)


_WORDS = {
    Kind.ID_NUMBER: "身份证件号",
    Kind.MINOR: "未成年人姓名",
    Kind.NAME: "姓名",
    Kind.PHONE: "电话号码",
    Kind.BANK_CARD: "银行卡号",
    Kind.EMAIL: "电子邮箱",
    Kind.ADDRESS: "住址",
    Kind.BIRTH: "出生日期",
    Kind.LABEL: "残疾、涉案、困境等标签",
    Kind.SMALL_COUNT: "人数少于5",
    Kind.COMPLEMENT: "补充抑制",
    Kind.SUBTOTAL: "有小计的表",
}


@dataclass(frozen=True, slots=True)
class Hit:
    """One thing found, with its place.

    Attributes:
        start, end: place in the text as given, in characters.
        words: what stands there.
        mask: what is proposed in its place; empty where nothing can be.
        may_stay: whether it may be left as it is, with a reason.
        why: one Chinese sentence, where the kind alone does not say it.
        group: number of the table it stands in, from 1; 0 outside tables. What is kept and hidden in one table hangs together.
    """

    kind: Kind
    start: int
    end: int
    words: str
    mask: str
    may_stay: bool
    why: str = ""
    group: int = 0

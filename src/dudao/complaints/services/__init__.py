"""What people do with complaints."""

from dudao.complaints.services.counting import counted
from dudao.complaints.services.handling import (
    accept,
    answer,
    close,
    hand,
    make_finding,
    open_complainant,
    refuse,
    reopen,
    report,
)
from dudao.complaints.services.receiving import Said, in_fours, receive
from dudao.complaints.services.settings import change_setting

__all__ = [
    "Said",
    "accept",
    "answer",
    "change_setting",
    "close",
    "counted",
    "hand",
    "in_fours",
    "make_finding",
    "open_complainant",
    "receive",
    "refuse",
    "reopen",
    "report",
]

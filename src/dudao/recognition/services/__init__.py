"""What people do with snapshots, reports and the way to recognition."""

from dudao.recognition.services.reports import (
    agree_over,
    draft_report,
    drop_report,
    finish_report,
    issue_report,
    move_report,
    reopen_report,
    write_words,
)
from dudao.recognition.services.sending import keep_package, record_receipt, record_returned, record_sent
from dudao.recognition.services.snapshots import ask_snapshot, keep_snapshot
from dudao.recognition.services.stages import record_stage, strike_stage

__all__ = [
    "agree_over",
    "ask_snapshot",
    "draft_report",
    "drop_report",
    "finish_report",
    "issue_report",
    "keep_package",
    "keep_snapshot",
    "move_report",
    "record_receipt",
    "record_returned",
    "record_sent",
    "record_stage",
    "reopen_report",
    "strike_stage",
    "write_words",
]

"""What people do with meetings. One public function is one thing that a person can do."""

from dudao.meetings.services.agenda import add_item, keep_agenda, move_item, refresh_agenda, remove_item, restore_item
from dudao.meetings.services.meetings import (
    call_meeting,
    cancel_meeting,
    change_meeting,
    hold_meeting,
    prepare_notice,
    propose_meetings,
    record_attendance,
    set_members,
    set_rhythm,
    set_up_meeting,
)
from dudao.meetings.services.minutes import (
    amend_paragraph,
    change_paragraph,
    decide_paragraph,
    finish_minutes,
    remove_paragraph,
    restore_paragraph,
    supplement_minutes,
    undecide_paragraph,
    write_paragraph,
)

__all__ = [
    "add_item",
    "amend_paragraph",
    "call_meeting",
    "cancel_meeting",
    "change_meeting",
    "change_paragraph",
    "decide_paragraph",
    "finish_minutes",
    "hold_meeting",
    "keep_agenda",
    "move_item",
    "prepare_notice",
    "propose_meetings",
    "record_attendance",
    "refresh_agenda",
    "remove_item",
    "remove_paragraph",
    "restore_item",
    "restore_paragraph",
    "set_members",
    "set_rhythm",
    "set_up_meeting",
    "supplement_minutes",
    "undecide_paragraph",
    "write_paragraph",
]

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

__all__ = [
    "add_item",
    "call_meeting",
    "cancel_meeting",
    "change_meeting",
    "hold_meeting",
    "keep_agenda",
    "move_item",
    "prepare_notice",
    "propose_meetings",
    "record_attendance",
    "refresh_agenda",
    "remove_item",
    "restore_item",
    "set_members",
    "set_rhythm",
    "set_up_meeting",
]

"""What people do with notices and tasks. One public function is one thing that a person can do."""

from dudao.plan.services.carry import carry_over
from dudao.plan.services.changes import ask_change, decide_change, may_ask, record_decision, take_back_change
from dudao.plan.services.correct import correct_task, planned, set_tasks
from dudao.plan.services.feeds import make_feed, revoke_feed
from dudao.plan.services.notices import (
    accept_flag,
    confirm_notice,
    correct_notice,
    correct_point,
    drop_notice,
    hand_in_notice,
    hand_in_notices,
    has_begun,
    reopen_notice,
)
from dudao.plan.services.parts import (
    HANDED_TO,
    answer_part,
    hand_down,
    reopen_part,
    review_part,
    sign_part,
    undo_hand_down,
    withdraw_part,
    withdraw_waiting,
)
from dudao.plan.services.summaries import (
    draft_summary,
    edit_paragraph,
    finish_summary,
    redraft_summary,
    reopen_summary,
)
from dudao.plan.services.tasks import add_task, close_task, reopen_task, withdraw_task
from dudao.plan.services.typed import type_notice
from dudao.plan.services.urging import propose_urges, urge, urge_many
from dudao.plan.services.wizard import (
    Clashes,
    Wanted,
    add_point,
    add_to_point,
    check_point,
    drop_task,
    merge_tasks,
    split_task,
    take_up_task,
)

__all__ = [
    "HANDED_TO",
    "Clashes",
    "Wanted",
    "accept_flag",
    "add_point",
    "add_task",
    "add_to_point",
    "answer_part",
    "ask_change",
    "carry_over",
    "check_point",
    "close_task",
    "confirm_notice",
    "correct_notice",
    "correct_point",
    "correct_task",
    "decide_change",
    "draft_summary",
    "drop_notice",
    "drop_task",
    "edit_paragraph",
    "finish_summary",
    "hand_down",
    "hand_in_notice",
    "hand_in_notices",
    "has_begun",
    "make_feed",
    "may_ask",
    "merge_tasks",
    "planned",
    "propose_urges",
    "record_decision",
    "redraft_summary",
    "reopen_notice",
    "reopen_part",
    "reopen_summary",
    "reopen_task",
    "review_part",
    "revoke_feed",
    "set_tasks",
    "sign_part",
    "split_task",
    "take_back_change",
    "take_up_task",
    "type_notice",
    "undo_hand_down",
    "urge",
    "urge_many",
    "withdraw_part",
    "withdraw_task",
    "withdraw_waiting",
]

"""What people do with notices and tasks. One public function is one thing that a person can do."""

from dudao.plan.services.notices import (
    accept_flag,
    confirm_notice,
    correct_notice,
    correct_point,
    drop_notice,
    hand_in_notice,
    reopen_notice,
)
from dudao.plan.services.tasks import (
    HANDED_TO,
    answer_part,
    correct_task,
    hand_down,
    propose_urges,
    review_part,
    sign_part,
    urge,
    withdraw_part,
    withdraw_waiting,
)

__all__ = [
    "HANDED_TO",
    "accept_flag",
    "answer_part",
    "confirm_notice",
    "correct_notice",
    "correct_point",
    "correct_task",
    "drop_notice",
    "hand_down",
    "hand_in_notice",
    "propose_urges",
    "reopen_notice",
    "review_part",
    "sign_part",
    "urge",
    "withdraw_part",
    "withdraw_waiting",
]

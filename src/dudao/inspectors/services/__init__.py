"""What people do with the register of inspectors."""

from dudao.inspectors.services.absences import record_absence, take_back_absence
from dudao.inspectors.services.recusals import decide_recusal, end_recusal, say_recusal
from dudao.inspectors.services.register import Facts, change_inspector, enter_inspector, set_photo
from dudao.inspectors.services.rules import set_rule
from dudao.inspectors.services.terms import assess, begin_term, end_term, note_term, record_conditions, take_step

__all__ = [
    "Facts",
    "assess",
    "begin_term",
    "change_inspector",
    "decide_recusal",
    "end_recusal",
    "end_term",
    "enter_inspector",
    "note_term",
    "record_absence",
    "record_conditions",
    "say_recusal",
    "set_photo",
    "set_rule",
    "take_back_absence",
    "take_step",
]

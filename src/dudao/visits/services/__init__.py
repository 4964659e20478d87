"""What people do with regular visits."""

from dudao.visits.services.on_site import Said, answer, arrive, begin_visit, register_problem, write_notes
from dudao.visits.services.planning import Planned, change_plan, give_up, plan_month, plan_visit
from dudao.visits.services.telling import acknowledge, feed_back, file_visit, record_paper, reopen_visit

__all__ = [
    "Planned",
    "Said",
    "acknowledge",
    "answer",
    "arrive",
    "begin_visit",
    "change_plan",
    "feed_back",
    "file_visit",
    "give_up",
    "plan_month",
    "plan_visit",
    "record_paper",
    "register_problem",
    "reopen_visit",
    "write_notes",
]

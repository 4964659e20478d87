"""What is known of the training of inspectors."""

from dudao.training.queries.competence import competence
from dudao.training.queries.hours import hours
from dudao.training.queries.rules import rules
from dudao.training.queries.scope import batches_visible_to, claims_visible_to, may_manage, sessions_visible_to

__all__ = [
    "batches_visible_to",
    "claims_visible_to",
    "competence",
    "hours",
    "may_manage",
    "rules",
    "sessions_visible_to",
]

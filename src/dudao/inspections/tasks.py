"""What inspections are among the matters of the house: for the queue, the night run and ``dudao findings check``."""

from dudao.inspections import queries
from dudao.inspections.models import Inspection
from dudao.procedures import matters
from dudao.procedures.matters import Kind

matters.register(
    Kind(
        Inspection,
        lambda actor, today: queries.inspections_visible_to(actor),
        lambda rows, today: queries.situations(rows, today=today),
        page="inspections:inspection",
        faults=queries.faults,
    )
)

"""Everything that changes data returns."""

from dudao.returns.services.campaigns import (
    cancel_campaign,
    change_campaign,
    lock_campaign,
    open_campaign,
    prepare_campaign,
    remind,
    set_units,
    unlock_campaign,
)
from dudao.returns.services.cells import Changed, Clash, set_cells
from dudao.returns.services.forms import save_county_form
from dudao.returns.services.returns import (
    approve_return,
    confirm_return,
    explain,
    reopen_return,
    send_back,
    submit_return,
)
from dudao.returns.services.sheets import apply_sheet, look_at_sheet
from dudao.returns.services.site_rounds import mark_priority

__all__ = [
    "Changed",
    "Clash",
    "apply_sheet",
    "approve_return",
    "cancel_campaign",
    "change_campaign",
    "confirm_return",
    "explain",
    "lock_campaign",
    "look_at_sheet",
    "mark_priority",
    "open_campaign",
    "prepare_campaign",
    "remind",
    "reopen_return",
    "save_county_form",
    "send_back",
    "set_cells",
    "set_units",
    "submit_return",
    "unlock_campaign",
]

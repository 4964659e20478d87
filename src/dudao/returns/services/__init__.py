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
from dudao.returns.services.returns import (
    approve_return,
    confirm_return,
    explain,
    reopen_return,
    send_back,
    submit_return,
)

__all__ = [
    "Changed",
    "Clash",
    "approve_return",
    "cancel_campaign",
    "change_campaign",
    "confirm_return",
    "explain",
    "lock_campaign",
    "open_campaign",
    "prepare_campaign",
    "remind",
    "reopen_return",
    "send_back",
    "set_cells",
    "set_units",
    "submit_return",
    "unlock_campaign",
]

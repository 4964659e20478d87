"""What people do with dossiers. One public function is one thing that a person can do."""

from dudao.dossiers.services.asking import ask
from dudao.dossiers.services.exporting import ask_export, make_export
from dudao.dossiers.services.judging import (
    find_case,
    judge,
    look,
    look_case,
    register_case,
    take_back_case,
    take_back_judgement,
)
from dudao.dossiers.services.ledgers import (
    assign,
    change_ledger,
    leave_out,
    leave_out_many,
    open_ledger,
    refresh_ledger,
    take_in,
)
from dudao.dossiers.services.materials import (
    add_material,
    add_piece,
    drop_material,
    hand_in,
    restore_material,
    send_back,
    take_back_piece,
)
from dudao.dossiers.services.surveys import record_survey, take_back_survey

__all__ = [
    "add_material",
    "add_piece",
    "ask",
    "ask_export",
    "assign",
    "change_ledger",
    "drop_material",
    "find_case",
    "hand_in",
    "judge",
    "leave_out",
    "leave_out_many",
    "look",
    "look_case",
    "make_export",
    "open_ledger",
    "record_survey",
    "refresh_ledger",
    "register_case",
    "restore_material",
    "send_back",
    "take_back_case",
    "take_back_judgement",
    "take_back_piece",
    "take_back_survey",
    "take_in",
]

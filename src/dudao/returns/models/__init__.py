"""Data returns: campaigns, what each unit reports, where every number came from, and tables that were handed in."""

from dudao.returns.models.campaigns import Campaign, CountyForm
from dudao.returns.models.imports import Correction, Profile, Upload, UploadPart
from dudao.returns.models.returns import Cell, Explanation, Reading, Return, ReturnNote, Source
from dudao.returns.models.site import (
    CellCheck,
    CheckGroup,
    CheckMark,
    CheckMember,
    CheckRound,
    CheckSignature,
    SchoolCheck,
)

__all__ = [
    "Campaign",
    "Cell",
    "CellCheck",
    "CheckGroup",
    "CheckMark",
    "CheckMember",
    "CheckRound",
    "CheckSignature",
    "Correction",
    "CountyForm",
    "Explanation",
    "Profile",
    "Reading",
    "Return",
    "ReturnNote",
    "SchoolCheck",
    "Source",
    "Upload",
    "UploadPart",
]

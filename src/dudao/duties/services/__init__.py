"""What people do with districts, duties and boards."""

from dudao.duties.checking import Given
from dudao.duties.services.assigning import assign_duties, end_duty, rotate
from dudao.duties.services.boards import keep_office_contact, keep_public_contact, keep_public_contacts, make_boards
from dudao.duties.services.districts import change_district, end_district, new_district

__all__ = [
    "Given",
    "assign_duties",
    "change_district",
    "end_district",
    "end_duty",
    "keep_office_contact",
    "keep_public_contact",
    "keep_public_contacts",
    "make_boards",
    "new_district",
    "rotate",
]

"""索引号: given once, in the transaction that makes an edition ready, unique for ever."""

from django.db.models import F

from dudao.disclosure import queries
from dudao.disclosure.models import IndexBook, Publication, Setting
from dudao.shell.errors import Refused


def check_index(setting: Setting) -> None:
    """Refuse where no number can be made.

    Raises:
        Refused: ``disclosure.index``.
    """
    if "{机构}" in setting.index_template and not setting.org_code:
        raise Refused("还没有组织机构代码，编不出索引号。请先在“公开设置”里填写。", code="disclosure.index")


def give_index(publication: Publication, *, year: int) -> str:
    """The 索引号 of a publication: given once, unique for ever. The book moves in the transaction that gives the number.

    Raises:
        Refused: ``disclosure.index`` (the county has no code yet).
    """
    publication.refresh_from_db()
    if publication.index_no:
        return publication.index_no
    setting = queries.setting_of(publication.county)
    check_index(setting)
    IndexBook.objects.get_or_create(county=publication.county, year=year)
    IndexBook.objects.filter(county=publication.county, year=year).update(last=F("last") + 1)
    serial = IndexBook.objects.get(county=publication.county, year=year).last
    number = index_words(setting.index_template, setting.org_code, year, serial, setting.index_digits)
    Publication.objects.filter(pk=publication.pk).update(index_no=number)
    publication.refresh_from_db()
    return number


def index_words(template: str, code: str, year: int, serial: int, digits: int) -> str:
    """A 索引号 from its template."""
    found = template.replace("{机构}", code).replace("{年}", str(year))
    return found.replace("{流水}", f"{serial:0{digits}d}")

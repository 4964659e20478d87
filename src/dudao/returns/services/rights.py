"""May this hat do it."""

from dudao.returns.models import Campaign, Return
from dudao.shell.acts import Actor
from dudao.shell.errors import Refused


def manages(by: Actor, row: Campaign | Return | None = None) -> None:
    """Raises: ``Refused`` ``returns.not_allowed``, also for a row of another county; the system acts by itself."""
    if (row is not None and row.county != by.county) or (by.person is not None and not by.can("return.manage")):
        raise Refused("填报由督导室组织，请换身份或联系督导室。", code="returns.not_allowed")


def fills(by: Actor, ret: Return) -> None:
    """Numbers are the unit's own: nobody else writes them, whatever their post (统计法：填报人负责，领导不得修改)."""
    if not (by.can("return.fill") and by.is_of(ret.unit_id)):
        raise Refused("数据由填报单位自己填写，别的单位不能代填、代改。", code="returns.not_allowed")


def fills_or_manages(by: Actor, ret: Return) -> None:
    """A sheet that the unit filled in is handed in by the unit, or for it by the office."""
    if by.can("return.manage"):
        manages(by, ret)
    else:
        fills(by, ret)

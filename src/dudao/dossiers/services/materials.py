"""What a dossier wants and gets: materials, their versions, handing in and sending back."""

from datetime import date, datetime
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Exists, Max, OuterRef
from django.urls import reverse

from dudao.audit import services as audit
from dudao.dossiers import queries
from dudao.dossiers.models import Dossier, Ground, Material, Piece
from dudao.dossiers.services.rights import answers, behalf, claim, manages, may_answer, may_manage, not_ahead, said
from dudao.files import services as files
from dudao.files.services import Received
from dudao.messages import services as messages
from dudao.shell.acts import Actor
from dudao.shell.clock import day_of
from dudao.shell.errors import Refused

S = Dossier.State
#: States in which the office may still put a paper to a dossier that the unit cannot change any more.
_OPEN_TO_OFFICE = (S.OPEN, S.RETURNED, S.HANDED)


def _open(dossier: Dossier, by: Actor) -> None:
    """Refuse where papers can no longer be changed by this hat.

    Raises:
        Refused: ``dossiers.not_allowed``, ``dossiers.state``.
    """
    may_answer(by, dossier)
    states = _OPEN_TO_OFFICE if manages(by) else Dossier.WITH_UNIT
    # Read again: it may have been handed in or judged since the page was opened.
    dossier.refresh_from_db()
    if dossier.state not in states:
        raise Refused(
            f"这份材料现在是“{dossier.get_state_display()}”，不能再改；要补充请督导室退回。", code="dossiers.state"
        )


@transaction.atomic
def add_material(*, dossier: Dossier, name: str, by: Actor, now: datetime) -> Material:
    """Want one more material than the standard names.

    Raises:
        Refused: ``dossiers.not_allowed``, ``.state``, ``.words``, ``.twice``.
    """
    _open(dossier, by)
    name = said(name, "name", "请填写材料名称。")
    if dossier.materials.filter(name=name).exists():
        raise Refused("已经有这项材料了。", code="dossiers.twice", field="name")
    last = dossier.materials.aggregate(last=Max("no"))["last"] or 0
    row = Material(dossier=dossier, no=last + 1, name=name, origin=Material.Origin.ADDED, added_by_name=by.name)
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError:
        raise Refused("刚有人加了一项材料，请再提交一次。", code="dossiers.twice", field="name") from None
    audit.record(action="material.added", subject=dossier, summary=f"增加应有材料：{name}", by=by, now=now)
    return row


@transaction.atomic
def drop_material(*, material: Material, reason: str, by: Actor, now: datetime) -> None:
    """A material is not wanted in this county, for a reason; what was handed in of it stays.

    Raises:
        Refused: ``dossiers.not_allowed``, ``.state``, ``.words``, ``.twice``.
    """
    may_manage(by)
    _open(material.dossier, by)
    reason = said(reason, "reason", "请写明不需要的原因。")
    rows = Material.objects.filter(pk=material.pk, is_dropped=False)
    if not rows.update(is_dropped=True, drop_reason=reason, dropped_by_name=by.name):
        raise Refused("这项材料已经标为不需要。", code="dossiers.twice")
    audit.record(
        action="material.dropped", subject=material.dossier, summary=f"不需要的材料：{material.name}，{reason}", by=by, now=now
    )  # fmt: skip


@transaction.atomic
def restore_material(*, material: Material, by: Actor, now: datetime) -> None:
    """A material is wanted again.

    Raises:
        Refused: ``dossiers.not_allowed``, ``.state``, ``.twice``.
    """
    may_manage(by)
    _open(material.dossier, by)
    rows = Material.objects.filter(pk=material.pk, is_dropped=True)
    if not rows.update(is_dropped=False, drop_reason="", dropped_by_name=""):
        raise Refused("这项材料本来就要。", code="dossiers.twice")
    audit.record(
        action="material.restored", subject=material.dossier, summary=f"恢复应有材料：{material.name}", by=by, now=now
    )  # fmt: skip


@transaction.atomic
def add_piece(
    *, material: Material, received: Received | None = None, address: str = "", note: str = "", formed_on: date,
    is_restricted: bool = False, by: Actor, now: datetime,
) -> Piece:  # fmt: skip
    """Hand in a version of a material: a file, or the address where it is public. The one before stays.

    Args:
        received: from ``files.receive``; closed (``sensitive``) where the paper is restricted.
        formed_on: the day of the paper.
        is_restricted: it does not leave the house in packages.

    Raises:
        Refused: ``dossiers.not_allowed``, ``.state``, ``.nothing``, ``.future``, ``.dropped``; ``files.gone``.
    """
    dossier = material.dossier
    _open(dossier, by)
    material.refresh_from_db()
    if material.is_dropped:
        raise Refused("这项材料已标为不需要，不用报送。", code="dossiers.dropped")
    if received is None and not address.strip():
        raise Refused("请选文件，或填写公开的网址。", code="dossiers.nothing", field="file")
    not_ahead(formed_on, now, "formed_on", "形成日期")
    last = material.pieces.aggregate(last=Max("no"))["last"] or 0
    row = Piece(
        material=material, no=last + 1, file=received.key if received else None, file_name=received.name if received else "",
        address=address.strip(), note=note.strip(), formed_on=formed_on, is_restricted=is_restricted, by_person=by.person,
        by_name=by.name, by_unit=by.unit, recorded_at=now,
    )  # fmt: skip
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError:
        raise Refused("刚有人提交了这项材料，请看过再提交。", code="dossiers.twice") from None
    if received:
        files.attach(received, subject=row, by=by, now=now, occurred_on=formed_on)
    audit.record(
        action="material.handed", subject=dossier,
        summary=f"提交材料：{material.name}（第 {row.no} 版）{row.file_name or row.address}"[:200], by=by, now=now,
        on_behalf_of=behalf(by, dossier), file_name=row.file_name, sha256=received.sha256 if received else "",
    )  # fmt: skip
    return row


@transaction.atomic
def take_back_piece(*, piece: Piece, reason: str, by: Actor, now: datetime) -> None:
    """A version was handed in by mistake; it stays with the reason and counts no more.

    Raises:
        Refused: ``dossiers.not_allowed``, ``.state``, ``.words``, ``.used`` (a judgement that stands rests on it),
            ``.twice``.
    """
    dossier = piece.material.dossier
    _open(dossier, by)
    reason = said(reason, "reason", "请写明撤回的原因。")
    stands = queries.standing_judgement().filter(pk=OuterRef("judgement"))
    if Ground.objects.filter(Exists(stands), piece=piece).exists():
        raise Refused("有判定以这一版为据，请先撤回判定。", code="dossiers.used")
    rows = Piece.objects.filter(pk=piece.pk, taken_back_on__isnull=True)
    if not rows.update(taken_back_on=day_of(now), taken_back_reason=reason, taken_back_by=by.name):
        raise Refused("这一版已经撤回了。", code="dossiers.twice")
    audit.record(
        action="material.taken_back", subject=dossier, summary=f"撤回材料：{piece.material.name}（第 {piece.no} 版），{reason}",
        by=by, now=now,
    )  # fmt: skip


@transaction.atomic
def hand_in(*, dossier: Dossier, base_version: int, words: str, occurred_on: date, by: Actor, now: datetime) -> None:
    """The duty department or the school says that this is all there is. What is missing wants words.

    Args:
        words: what is to be known; where something is missing, why.
        occurred_on: the day it was handed in; the office writes down what came on paper.

    Raises:
        Refused: ``dossiers.not_allowed``, ``.state``, ``.words``, ``.future``.
        Conflict: ``dossiers.changed``.
    """
    may_answer(by, dossier)
    not_ahead(occurred_on, now, "occurred_on", "报送日期")
    words = words.strip()
    lacks = queries.missing_names([dossier]).get(dossier.pk, [])
    held = queries.standing_pieces().filter(material__dossier=dossier, material__is_dropped=False).exists()
    if lacks:
        said(words, "words", f"还缺 {len(lacks)} 项：{'、'.join(lacks)}。请补齐，或在说明里写明为什么没有。")
    elif not held:
        said(words, "words", "没有附材料，请在说明里写明情况。")
    claim(
        dossier, base_version, *Dossier.WITH_UNIT, state=S.HANDED, handed_on=occurred_on, handed_by_name=by.name,
        words=words, reason="",
    )  # fmt: skip
    missing = f"，缺 {len(lacks)} 项" if lacks else ""
    audit.record(
        action="dossier.handed", subject=dossier, summary=f"报送：{dossier}{missing}", by=by, now=now,
        occurred_on=occurred_on, on_behalf_of=behalf(by, dossier),
    )  # fmt: skip


@transaction.atomic
def send_back(*, dossier: Dossier, base_version: int, words: str, by: Actor, now: datetime) -> None:
    """Send a dossier back for more; a message to who is asked is made ready, a person sends it.

    Raises:
        Refused: ``dossiers.not_allowed``, ``.state``, ``.words``.
        Conflict: ``dossiers.changed``.
    """
    if not manages(by) and (not by.can("dossier.judge") or answers(by, dossier)):
        raise Refused("退回由督导室、督学办理。", code="dossiers.not_allowed")
    words = said(words, "words", "请写明要补什么。")
    claim(dossier, base_version, S.HANDED, state=S.RETURNED, reason=words)
    audit.record(
        action="dossier.returned", subject=dossier, summary=f"退回补充：{dossier}，{words}"[:200], by=by, now=now
    )
    asked = _asked(dossier)
    if asked:
        messages.prepare(
            kind="dossier.returned", title=f"材料退回补充：{dossier.name}",
            text=f"【材料退回补充】{dossier.ledger.title}“{dossier.name}”：{words}。请补充后重新报送。",
            units=[asked], subject=dossier, link=reverse("dossiers:dossier", args=[dossier.pk]),
            key=f"dossier.returned:{dossier.pk}:{dossier.version}", by=by, now=now,
        )  # fmt: skip


def _asked(dossier: Dossier) -> UUID | None:
    return dossier.unit_id or dossier.department_id

"""What every matter's pages show and do alike: the act page, its timeline, its clocks, and what may be done next."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render

from dudao.files import queries as files
from dudao.files.models import StoredFile
from dudao.papers import queries as papers
from dudao.papers.library import kind_name
from dudao.papers.models import Paper
from dudao.procedures import queries
from dudao.procedures.acting import bring
from dudao.procedures.forms import ActForm, Step
from dudao.procedures.models import Act, Clock
from dudao.procedures.services import Brought
from dudao.shell import clock, drafts
from dudao.shell.acts import Actor
from dudao.shell.drafts import Slot
from dudao.shell.errors import Conflict, Refused
from dudao.shell.http import Request
from dudao.shell.keys import uuid7

#: Fields of the services by the fields of the form.
_FIELDS = {"on": "occurred_on", "received_by_words": "received_by", "issued_on": "paper_on", "file": "evidence"}
#: Acts that take a matter back: they stand last.
_TAKES_BACK = frozenset({"withdraw", "cancel", "revoke"})
#: What a form mends by itself: a paper can be entered, words and files are what it asks for.
_MENDED = frozenset({"procedures.paper"})


@dataclass(frozen=True, slots=True)
class NextLine:
    """One act that may follow, for ``procedures/_next.html``.

    Attributes:
        address: its page, where this hat may open it.
        missing: what is still wanted, in words; empty where it can be taken now.
        paper: the paper it wants, in words.
        drafts: page on which that paper is drafted, or of the one that is worked on (``is_drafted``).
    """

    name: str
    who: str
    note: str
    address: str
    is_mine: bool
    records: bool
    missing: tuple[str, ...]
    # Whether it leads on: not one that only adds a word, or takes the matter back.
    moves: bool = True
    takes_back: bool = False
    paper: str = ""
    drafts: str = ""
    is_drafted: bool = False

    @property
    def is_ready(self) -> bool:
        return bool(self.address)


def next_lines(
    nexts: Iterable[queries.Next],
    *,
    roles: Collection[str],
    is_unit: bool,
    address: Callable[[str], str],
    draft: Callable[[str], str] | None = None,
    own: Sequence[Paper] = (),
) -> list[NextLine]:
    """What may be done next, those first that this hat can do now.

    Args:
        address: the page of an act by its code.
        draft: the page on which a paper of a kind is drafted for this matter, where this hat drafts.
        own: the papers of the matter, the newest first.
    """
    found = []
    worked_on = {paper.kind: papers.address(paper) for paper in reversed(own) if paper.state in Paper.OPEN}
    for one in nexts:
        direct = bool((set(roles) & {"unit"} if is_unit else set(roles)) & set(one.act.who))
        hard = tuple(m.words for m in one.missing if is_unit or m.code not in _MENDED)
        wants = one.act.paper if any(m.code in _MENDED for m in one.missing) else ""
        said = hard if hard else tuple(m.words for m in one.missing)
        found.append(
            NextLine(
                name=one.act.name,
                who=one.who,
                note=one.act.note,
                address=address(one.act.id) if one.mine and not hard else "",
                is_mine=direct,
                records=one.mine and not direct,
                missing=said,
                moves=bool(one.act.to) and one.act.id not in _TAKES_BACK,
                takes_back=one.act.id in _TAKES_BACK,
                paper=kind_name(wants) if wants else "",
                drafts=worked_on.get(wants) or draft(wants) if draft and wants and one.mine and not is_unit else "",
                is_drafted=wants in worked_on,
            )
        )
    return sorted(found, key=lambda line: (not line.is_ready, line.takes_back, not line.is_mine, not line.moves))


@dataclass(frozen=True, slots=True)
class Entry:
    """One act of a timeline, for ``procedures/_timeline.html``.

    Attributes:
        of: whose act it is where it is another matter's: its name and page.
        told: the matter and page it was told by.
        files: pairs of a file and the address that gives it out.
        paper: what the paper is called and its page.
    """

    act: Act
    icon: str
    of: tuple[str, str] | None
    told: tuple[str, str] | None
    files: list[tuple[StoredFile, str]]
    paper: tuple[str, str] | None


_ICONS = {"notify": "send", "issue": "file-certificate", "relapse": "alert-octagon", "close": "circle-check"}


def timeline(
    actor: Actor,
    matters: Collection[UUID],
    *,
    of: Mapping[UUID, tuple[str, str]],
    own: UUID,
    file_address: Callable[[Act, StoredFile], str],
) -> list[Entry]:
    """The acts of a matter and of those beside it, the earliest first; two statements.

    Args:
        matters: keys the caller has found within the actor's scope, ``own`` among them.
        of: name and page of each matter beside it.
        file_address: the owning app's page that gives out a file of an act.
    """
    acts = list(queries.timeline(matters))
    shown = {act.pk for act in acts}
    given: dict[str, list[StoredFile]] = {}
    for file in files.files_of_many(actor, Act, [act.pk for act in acts]):
        given.setdefault(file.subject, []).append(file)
    return [
        Entry(
            act=act,
            icon=_ICONS.get(act.code, "file-certificate" if act.paper_id else "circle-dot"),
            of=None if act.subject == own else of.get(act.subject),
            told=of.get(act.told_by.subject) if act.told_by else None,
            files=[(file, file_address(act, file)) for file in given.get(str(act.pk), [])],
            paper=_paper(act),
        )
        for act in acts
        # What a matter was told stands beside the act that told it: once is enough.
        if act.told_by_id not in shown
    ]


def _paper(act: Act) -> tuple[str, str] | None:
    if act.paper is None or act.paper.is_restricted:
        return None
    return f"{kind_name(act.paper.kind)} {act.paper.number}".strip(), papers.address(act.paper)


@dataclass(frozen=True, slots=True)
class ClockFace:
    """A limit as it is shown, for ``procedures/_clocks.html``."""

    clock: Clock
    days_left: int
    span: str
    of: str = ""

    @property
    def is_late(self) -> bool:
        return self.clock.stopped_on is None and self.days_left < 0

    @property
    def was_late(self) -> int:
        """By how many days it was stopped after its day."""
        stopped = self.clock.stopped_on
        return max((stopped - self.clock.due_on).days, 0) if stopped else 0


def clock_faces(subjects: Sequence[UUID], *, today: date, of: Mapping[UUID, str] | None = None) -> list[ClockFace]:
    """The limits of matters: what runs first, the first due first; one statement.

    Args:
        of: what a matter beside the page's own is called.
    """
    found = []
    for row in queries.clocks_of(subjects):
        span = f"{row.amount} {row.unit}" if row.amount else f"{(row.due_on - row.started_on).days} 日"
        found.append(ClockFace(row, (row.due_on - today).days, span, (of or {}).get(row.subject, "")))
    return sorted(found, key=lambda face: (face.clock.stopped_on is not None, face.clock.due_on))


def act_page(
    request: Request,
    step: Step,
    take: Callable[[Brought, int], Any],
    *,
    again: Callable[[], Step],
    title: str,
    back: str,
    draft: str = "",
    trail: Sequence[tuple[str, str]] = (),
    facts: Sequence[tuple[str, Any]] = (),
    done: str = "",
) -> HttpResponse:
    """The page of one act: what it asks for, kept as typed; a conflict shows how things stand now.

    Args:
        take: the one service, given what is brought and the version that was seen.
        again: the act as it stands when somebody else was first.
        title: of the matter; ``back`` its page; ``draft`` where the paper of the act is drafted.
        facts: what one should know of the matter, name and value.

    Raises:
        Refused: ``procedures.who``, this hat has no part in the act.
    """
    act = step.act
    if not step.is_allowed:
        raise Refused(f"“{act.name}”不由您现在的身份办理。", code="procedures.who")
    form = ActForm(request.POST or None, request.FILES or None, step=step)
    slot, status, stands = Slot(f"{step.matter.PROCEDURE}.{act.id}", step.matter.pk), 200, None
    kept, blocks = drafts.restore(form, slot, by=request.actor), step.blocks
    # A draft goes on from how things stand now: the page shows them.
    form.initial["base_version"] = step.matter.version
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                take(bring(form, link=back), form.cleaned_data["base_version"])
            except Refused as refusal:
                field = _FIELDS.get(refusal.field or "", refusal.field or "")
                shown = field in form.fields and not form.fields[field].widget.is_hidden
                form.add_error(field if shown else None, refusal.message)
                if isinstance(refusal, Conflict):
                    status = 409
                    stands, blocks = _stands(form, again())
            else:
                drafts.clear(slot, by=request.actor)
                messages.success(request, done or f"已办理：{act.name}。")
                return redirect(back)
    context = {
        "form": form, "step": step, "act": act, "title": title, "back": back, "trail": trail, "facts": facts,
        "slot": slot, "draft": kept, "blocks": blocks, "stands": stands, "drafts": draft,
        "paper_name": kind_name(act.paper) if act.paper else "", "today": clock.today(),
    }  # fmt: skip
    return render(request, "procedures/act.html", context, status=status)


def _stands(form: ActForm, now: Step) -> tuple[dict[str, Any], list[str]]:
    """How the matter stands now, and the form made ready to be sent again on that."""
    data = QueryDict(mutable=True)
    data.update(form.data)
    data["base_version"], data["key"] = str(now.matter.version), str(uuid7())
    form.data = data
    last = queries.timeline([now.matter.pk]).order_by("-recorded_at", "-pk").first()
    return {"state": now.matter.state_words, "since": now.matter.state_since, "last": last}, now.blocks

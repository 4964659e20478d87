"""Taking an act from a page: who stands before it, what they typed, and what it becomes."""

from datetime import date
from typing import Any
from uuid import UUID

from dudao.accounts import posts
from dudao.accounts import queries as accounts
from dudao.files import services as files
from dudao.papers import queries as papers
from dudao.papers.library import kind_name
from dudao.procedures import library, queries
from dudao.procedures.forms import OUTSIDE, ActForm, Choices, Step
from dudao.procedures.models import Act, Matter
from dudao.procedures.services import Brought, Outside
from dudao.shell.acts import Actor
from dudao_engines.procedures import rules
from dudao_engines.procedures.situation import Situation

_ACTS_AS = {"leader": "loop.lead", "unit": "loop.answer", "department": "loop.answer", "upper": "loop.upper"}


def step_of(
    actor: Actor,
    matter: Matter,
    code: str,
    *,
    situation: Situation,
    roles: frozenset[str],
    unit: UUID,
    unit_name: str,
    department: UUID | None = None,
    today: date,
) -> Step:
    """An act as it stands before a person; three statements at most.

    Raises:
        KeyError: the procedure has no such act.
    """
    procedure = library.procedure(matter.PROCEDURE)
    act = procedure.act(code)
    is_unit = actor.is_of(unit)
    is_mine = bool((roles & {"unit"} if is_unit else roles) & set(act.who))
    return Step(
        act=act,
        matter=matter,
        unit=unit,
        unit_name=unit_name,
        is_mine=is_mine,
        is_unit=is_unit,
        today=today,
        actor_name=actor.name,
        papers=list(papers.issued_of(matter, act.paper)[:20]) if act.paper else (),
        enters_papers=actor.can("paper.draft") or actor.can("paper.issue"),
        people=[] if is_mine else _people(actor, act.who, unit=unit, department=department, today=today),
        limit=queries.set_by(matter, act, today),
        is_allowed=rules.could_take(act, roles, of_unit=is_unit),
        missing=rules.blocked(procedure, act, situation, person=str(actor.person or "")),
    )


def _people(actor: Actor, who: tuple[str, ...], *, unit: UUID, department: UUID | None, today: date) -> Choices:
    """Those for whom an act can be written down, by the posts they hold and where."""
    wanted = {_ACTS_AS[role] for role in who if role in _ACTS_AS}
    codes = [code for code, post in posts.posts().items() if post.may & wanted]
    where = {"unit": unit, "department": department}
    units = {where[role] for role in who if role in where}
    found = {}
    for held in accounts.holders(actor, codes, day=today):
        leads = "leader" in who and "loop.lead" in posts.posts()[held.post].may
        if leads or held.unit_id in units:
            found[str(held.person_id)] = f"{held.person.name}　{posts.posts()[held.post].name}"
    return list(found.items())


def bring(form: ActForm, *, link: str) -> Brought:
    """What a sound form says, its files put in their place; call it outside a transaction.

    Args:
        link: the page of the matter, for a paper that is entered along with the act.

    Raises:
        Refused: the codes of ``files.services.receive``.
    """
    data, step = form.cleaned_data, form.step
    secret = step.matter.IS_SECRET
    chosen = data.get("paper", "")
    paper = next((one for one in step.papers if str(one.pk) == chosen), None)
    person = data.get("behalf_person", "")
    names = dict(step.people)
    said = " ".join(data.get("on_behalf", "").split())
    if person and names[person].split("　")[0] not in said:
        said = f"{said} {names[person]}".strip()
    serves_itself = step.serves and step.is_unit
    return Brought(
        occurred_on=data["occurred_on"],
        words=data.get("words", ""),
        ticks=tuple(data.get("ticks", ())),
        due_on=data.get("due_on"),
        way=data.get("way") or Act.Way.SYSTEM,
        evidence=tuple(files.receive(one, sensitive=secret) for one in data.get("evidence") or ()),
        paper=paper,
        outside=_outside(step, data, link) if chosen == OUTSIDE else None,
        on_behalf=said,
        behalf_person=UUID(person) if person else None,
        key=data["key"],
        received_by=data.get("received_by", "") or (step.actor_name if serves_itself else ""),
        note=data.get("note", ""),
    )


def _outside(step: Step, data: dict[str, Any], link: str) -> Outside:
    name, number = kind_name(step.act.paper), getattr(step.matter, "number", "")
    return Outside(
        kind=step.act.paper,
        # A record bears no number of its own: it is told by the number of its matter.
        number=data["number"] or f"{name}{number}-{step.matter.version}",
        issued_on=data["paper_on"],
        title=f"{name}（{step.unit_name}）"[:200],
        link=link,
        scan=files.receive(data["scan"], sensitive=step.matter.IS_SECRET) if data.get("scan") else None,
    )

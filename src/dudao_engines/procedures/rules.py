"""What the file allows: which acts stand open, what is still missing, and how a matter stands afterwards."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from dudao_engines.procedures.schema import ROLES, Act, Need, Procedure
from dudao_engines.procedures.situation import Offer, Situation, Taken

#: Who of the office may write down what these did on paper or by phone, with a proof.
RECORDED = frozenset({"unit", "department", "upper", "leader"})
_BRINGS = {
    "evidence": "请附佐证材料。",
    "words": "请填写{words}。",
    "due": "请填写期限。",
    "received": "请填写送达（收到）日期和方式。",
}


@dataclass(frozen=True, slots=True)
class Missing:
    """Something that keeps an act from being taken: ``code`` for programs, ``words`` for people, ``field`` of the form."""

    code: str
    words: str
    field: str = ""


def open_acts(procedure: Procedure, situation: Situation) -> list[Act]:
    """The acts that start in the present states, whoever may take them and whatever they still need."""
    states = {state for _, state in situation.states}
    return [act for act in procedure.acts if not act.begins and _fits(act, situation) and states & set(act.source)]


def _fits(act: Act, situation: Situation) -> bool:
    return not act.kinds or situation.kind in act.kinds


def blocked(procedure: Procedure, act: Act, situation: Situation, *, person: str = "") -> list[Missing]:
    """What keeps the act from being taken, the person's own part apart: state, papers, conditions.

    Args:
        person: whose separation is looked at; nobody's where left out.
    """
    if not _fits(act, situation):
        return [Missing("procedures.kind", f"“{act.name}”不用于这类事项。")]
    if act.begins != (not situation.states):
        return [Missing("procedures.state", "这件事项已经开始。" if act.begins else "这件事项还没有开始。")]
    if not act.begins and situation.state(act.track) not in act.source:
        here = procedure.state(situation.state(act.track)).name
        return [Missing("procedures.state", f"现在是“{here}”，不能{act.name}。")]
    found = []
    if act.paper and act.paper not in situation.papers:
        found.append(Missing("procedures.paper", "要用的文书还没有签发（或登记纸质文书）。", "paper"))
    for need in act.needs:
        if not _met(need, situation, person):
            code = "procedures.same_person" if need.other_than else "procedures.need"
            found.append(Missing(code, in_words(procedure, need)))
    return found


def refusals(procedure: Procedure, act: Act, situation: Situation, offer: Offer) -> list[Missing]:
    """Everything that keeps this person from taking this act with what they bring; empty: it may be taken."""
    found = [] if may_take(act, offer) else [Missing("procedures.who", f"“{act.name}”由{_people(act)}办理。")]
    found += blocked(procedure, act, situation, person=offer.person)
    for also in offer.also:
        found += [m for m in blocked(procedure, act, situation, person=also) if m not in found]
    words = act.words or "说明"
    found += [
        Missing(f"procedures.{name}", _BRINGS[name].format(words=words), name)
        for name in act.brings
        if name not in offer.brings
    ]
    if missing := [tick for tick in act.ticks if tick not in offer.ticks]:
        found.append(Missing("procedures.ticks", f"还没有勾选：{'、'.join(missing)}。", "ticks"))
    return found


def may_take(act: Act, offer: Offer) -> bool:
    """Whether the person is one who may take the act: by a role, or by writing down with a proof what another did.

    Nobody of the unit in question acts as the office, an inspector or a leader on it.
    """
    if act.told:
        return False
    roles = offer.roles & {"unit"} if offer.of_unit else offer.roles
    if roles & set(act.who):
        return True
    return "office" in roles and bool(RECORDED & set(act.who)) and "evidence" in offer.brings


def could_take(act: Act, roles: Iterable[str], *, of_unit: bool = False) -> bool:
    """Whether the act may be shown to somebody with these roles, the proof still to come."""
    return may_take(act, Offer("", roles=frozenset(roles), of_unit=of_unit, brings=frozenset({"evidence"})))


def after(procedure: Procedure, act: Act, situation: Situation, persons: Iterable[str]) -> Situation:
    """How the matter stands when the act is taken. What it tells others is for the caller (``Act.tells``)."""
    fresh = situation
    if act.round:
        # Who began the matter stays who began it.
        began = frozenset(taken for taken in situation.done if procedure.act(taken.act).begins)
        fresh = replace(situation, done=began, running=frozenset(), passed=frozenset())
    changed = replace(
        fresh,
        done=fresh.done | {Taken(act.id, frozenset(persons))},
        running=(fresh.running - set(act.stops)) | set(act.starts),
        passed=fresh.passed - set(act.starts),
    )
    if act.begins:
        changed = replace(changed, states=tuple(sorted((track, procedure.first(track)) for track in procedure.tracks)))
    return changed.with_state(act.track, act.to) if act.to else changed


def takes_note(procedure: Procedure, act: str, situation: Situation) -> bool:
    """Whether a matter takes an act it is told of: its state allows it, else it stays as it is."""
    told = procedure.act(act)
    return situation.state(told.track) in told.source


def _met(need: Need, situation: Situation, person: str) -> bool:
    if need.when and need.when not in situation.marks:
        return True
    if need.any:
        return any(_met(inner, situation, person) for inner in need.any)
    if need.done:
        return any(taken.act in need.done for taken in situation.done)
    if need.lapsed:
        return need.lapsed in situation.passed
    if need.open:
        return need.open in situation.running
    if need.other_than:
        return not any(t.act in need.other_than and person in t.persons for t in situation.done)
    if need.mark:
        return bool(situation.marks & set(need.mark))
    if need.state:
        return bool({state for _, state in situation.states} & set(need.state))
    others = [one for one in situation.linked if one.procedure == (need.each or need.some)]
    meets = [all(_met(inner, one, person) for inner in need.meets) for one in others]
    return all(meets) if need.each else any(meets)


def _people(act: Act) -> str:
    return "、".join(ROLES[role] for role in act.who)


def in_words(procedure: Procedure, need: Need) -> str:
    """What is said while a condition is not met."""
    return need.says or _default_words(procedure, need)


def _default_words(procedure: Procedure, need: Need) -> str:
    if need.any:
        return "或者".join(_default_words(procedure, inner).removesuffix("。") for inner in need.any) + "。"
    if need.done:
        return f"还没有“{'”或“'.join(procedure.act(a).name for a in need.done)}”。"
    if need.lapsed:
        return f"“{procedure.limit(need.lapsed).name}”还没有期满。"
    if need.open:
        return f"“{procedure.limit(need.open).name}”已过，或还没有起算。"
    if need.other_than:
        return f"办过“{'”“'.join(procedure.act(a).name for a in need.other_than)}”的人不能再办这一步，请换人办理。"
    if need.mark:
        names = {g.id: g.name for g in procedure.grounds}
        return f"须有事由：{'、'.join(names.get(m, m) for m in need.mark)}。"
    if need.state:
        return f"须为：{'、'.join(procedure.state(s).name for s in need.state)}。"
    return "相关事项还不具备条件。"

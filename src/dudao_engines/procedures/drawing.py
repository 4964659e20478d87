"""Procedures drawn: nodes in layers and edges as data, Mermaid for the docs, tables of acts and limits."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from dudao_engines.procedures import rules
from dudao_engines.procedures.schema import ROLES, SURE, Act, Limit, Procedure

_BRINGS = {"evidence": "佐证", "words": "说明", "due": "期限", "received": "送达"}


@dataclass(frozen=True, slots=True)
class Node:
    """A state: ``layer`` counts acts from the beginning, ``place`` from the left within the layer."""

    id: str
    name: str
    layer: int
    place: int
    ends: bool


@dataclass(frozen=True, slots=True)
class Edge:
    """What leads from a state to another, by the names of the acts; ``source`` empty: begins there; ``back``: upwards."""

    source: str
    target: str
    acts: tuple[str, ...]
    told: bool
    back: bool


@dataclass(frozen=True, slots=True)
class Drawing:
    """A track of a procedure, for one kind where it has kinds."""

    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]


def draw(procedure: Procedure, *, track: str = "main", kind: str = "") -> Drawing:
    """The states of a track that can be reached, in layers, and what leads from one to another.

    Args:
        track: of ``procedure.tracks``.
        kind: only acts of this kind; needed where the procedure has kinds with acts of their own.

    Returns:
        The same drawing for the same file, in the order of the file.
    """
    acts = [a for a in procedure.acts if a.track == track and a.to and (not a.kinds or not kind or kind in a.kinds)]
    layer = {procedure.first(track): 0}
    queue = list(layer)
    for state in queue:
        for act in acts:
            if act.to and state in act.source and act.to not in layer:
                layer[act.to] = layer[state] + 1
                queue.append(act.to)
    nodes, taken = [], [0] * (max(layer.values(), default=0) + 1)
    for known in procedure.states:
        if known.id in layer:
            at = layer[known.id]
            nodes.append(Node(known.id, known.name, at, taken[at], known.final or known.rest))
            taken[at] += 1
    pairs: dict[tuple[str, str], list[Act]] = {}
    for act in acts:
        for source in act.source or ("",):
            if act.to in layer and (not source or source in layer):
                pairs.setdefault((source, act.to), []).append(act)
    edges = (
        Edge(
            source,
            target,
            tuple(a.name for a in between),
            all(a.told for a in between),
            bool(source) and layer[target] <= layer[source],
        )
        for (source, target), between in pairs.items()
    )
    return Drawing(tuple(nodes), tuple(edges))


def mermaid(procedure: Procedure, *, track: str = "main", kind: str = "") -> str:
    """The drawing as a Mermaid state diagram; what other matters tell is marked ↯."""
    drawing = draw(procedure, track=track, kind=kind)
    begun = any(not edge.source for edge in drawing.edges)
    lines = ["stateDiagram-v2", *(f'  state "{node.name}" as {node.id}' for node in drawing.nodes)]
    if not begun:
        lines.append(f"  [*] --> {procedure.first(track)}")
    for edge in drawing.edges:
        words = " / ".join(edge.acts)
        lines.append(f"  {edge.source or '[*]'} --> {edge.target}: {'↯ ' if edge.told else ''}{words}")
    lines += [f"  {node.id} --> [*]" for node in drawing.nodes if procedure.state(node.id).final]
    return "\n".join(lines)


def page(procedures: Mapping[str, Procedure]) -> str:
    """docs/reference/procedures.md: every procedure with its drawings, acts and limits."""
    lines = [
        "# Procedures",
        "",
        "Made by `dudao procedures draw` from `library/procedures`; not edited by hand. ↯: told by another matter, nobody does it.",
        "Evidence: LAW, NAT2, NAT1 are rules; SEED is the county's own notice; LOCAL, RECALL and DESIGN are defaults, marked 未核实.",
    ]
    for procedure in procedures.values():
        lines += ["", f"## {procedure.name} (`{procedure.id}`, version {procedure.version})", ""]
        lines += [f"{procedure.scope}。", ""] if procedure.scope else []
        for title, track, kind in _views(procedure):
            lines += [*([f"### {title}", ""] if title else []), "```mermaid"]
            lines += [mermaid(procedure, track=track, kind=kind), "```", ""]
        lines += ["### Acts", "", *_table(_ACTS, (_act(procedure, act) for act in procedure.acts)), ""]
        lines += ["### Limits", "", *_table(_LIMITS, (_limit(limit) for limit in procedure.limits))]
        if procedure.grounds:
            rows = ((g.name, _kinds(procedure, g.kinds), _proof(g.clause, g.evidence)) for g in procedure.grounds)
            lines += ["", "### Grounds", "", *_table(("ground", "for", "rule"), rows)]
    return "\n".join(lines) + "\n"


_ACTS = ("act", "from → to", "who", "brings", "paper", "refused while", "limits", "rule")
_LIMITS = ("limit", "amount", "runs from", "other values", "rule")


def _views(procedure: Procedure) -> Iterator[tuple[str, str, str]]:
    for track, name in procedure.tracks.items():
        own = [k for k in procedure.kinds if any(k.id in a.kinds for a in procedure.acts if a.track == track)]
        if own:
            yield from ((kind.name, track, kind.id) for kind in own)
        else:
            yield (name if len(procedure.tracks) > 1 else ""), track, ""


def _act(procedure: Procedure, act: Act) -> tuple[str, ...]:
    source = "、".join(procedure.state(s).name for s in act.source)
    target = procedure.state(act.to).name if act.to else "不变"
    brings = [_BRINGS[b] if b != "words" else act.words or _BRINGS[b] for b in act.brings]
    brings += [f"☑ {tick}" for tick in act.ticks]
    limits = [f"▶ {procedure.limit(x).name}" for x in act.starts] + [f"■ {procedure.limit(x).name}" for x in act.stops]
    told = [f"↯ {tell.to}.{tell.act}" for tell in act.tells]
    kinds = f"（{_kinds(procedure, act.kinds)}）" if act.kinds else ""
    return (
        f"{act.name}{kinds}",
        f"{source or '—'} → {target}",
        "↯" if act.told else "、".join(ROLES[role] for role in act.who),
        "；".join(brings),
        act.paper or (f"({act.record})" if act.record else ""),
        " ".join(rules.in_words(procedure, need) for need in act.needs),
        "；".join([*limits, *told]),
        _proof(act.clause, act.evidence),
    )


def _limit(limit: Limit) -> tuple[str, ...]:
    amount = "逐案设定" if limit.case_by_case else f"{limit.amount} {limit.unit}" if limit.amount else "没有天数"
    off = "" if limit.enabled else "（默认不启用）"
    return (
        f"{limit.name} `{limit.id}`",
        amount + off,
        limit.start,
        "；".join([*limit.alternatives, *([limit.note] if limit.note else [])]),
        _proof(limit.clause, limit.evidence, is_sure=limit.is_sure),
    )


def _kinds(procedure: Procedure, kinds: Iterable[str]) -> str:
    names = {k.id: k.name for k in procedure.kinds}
    return "、".join(names[k] for k in kinds)


def _proof(clause: str, evidence: str, *, is_sure: bool | None = None) -> str:
    sure = evidence in SURE if is_sure is None else is_sure
    return " ".join(filter(None, (clause, f"`{evidence}`", "" if sure else "未核实")))


def _table(heads: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    yield f"| {' | '.join(heads)} |"
    yield "|" + "---|" * len(heads)
    for row in rows:
        yield f"| {' | '.join(cell.replace('|', '／') for cell in row)} |"

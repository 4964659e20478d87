"""What of a standard can be compared with the original, given a value or switched, each under the key that settings use."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from dudao.indicators.models import Choice
from dudao.shell.evidence import EVIDENCE
from dudao_engines.kernel import digests
from dudao_engines.standards import explain
from dudao_engines.standards.bound import ANY, Bound, BoundCount, BoundLimit, ByStage
from dudao_engines.standards.schema import (
    SURE,
    Counted,
    Formulas,
    Indicator,
    Limit,
    Part,
    Standard,
)

KINDS = {
    "indicator": "指标", "limit": "阈值", "parameter": "参数", "variant": "口径", "concession": "放宽", "judge_on": "判定取值",
}  # fmt: skip
#: What an indicator's number is.
PART_KINDS = {
    "ratio": "比值", "number": "数值", "rule": "规则", "material": "材料判定", "grade": "等级判定", "attest": "定性判定",
    "veto": "一票否决", "info": "只列示",
}  # fmt: skip
OPS = {">=": "≥", "<=": "≤", "==": "=", "!=": "≠", ">": "＞", "<": "＜"}
#: The one key of the question whether limits are compared with the exact or with the rounded value.
JUDGE_ON = "judge_on"
OPEN, CLOSED = "open", "closed"


@dataclass(frozen=True, slots=True)
class Element:
    """One element.

    Attributes:
        key: as ``Settings`` call it: ``R1``, ``R1.小学``, ``P_X``, ``Q1.A``, ``R3c``.
        kind: a key of ``KINDS``.
        of: the indicator it belongs to; empty for a parameter.
        part: key of the part.
        words: what the file says, in one line.
        evidence: its own, or that of what it belongs to.
        choice: the kind of choice that can be made about it; None where there is none.
        value: what the file has: a decimal, a word, open or closed, the default variant.
        options: values to choose from, each with its words; empty: a number.
        digest: of what it means: of itself, and where it computes of what formulas lean on.
    """

    key: str
    kind: str
    of: str
    part: str
    name: str
    words: str
    evidence: str
    clause: str
    note: str
    digest: str
    choice: str | None = None
    value: str = ""
    unit: str = ""
    options: tuple[tuple[str, str], ...] = ()

    @property
    def is_sure(self) -> bool:
        return self.evidence in SURE

    @property
    def evidence_words(self) -> str:
        return EVIDENCE[self.evidence]

    @property
    def kind_words(self) -> str:
        return KINDS[self.kind]

    def value_words(self, value: str) -> str:
        """A value as people say it."""
        known = dict(self.options).get(value)
        return known or (f"{value} {self.unit}".strip() if self.unit not in ("", "—") else value)


def elements(standard: Standard, bound: Bound | None = None) -> dict[str, Element]:
    """Every element of a standard by key, in the order of the file.

    Args:
        bound: the standard bound to its forms, so that formulas are said in their words; without it as they stand.
    """
    return {one.key: one for one in _Teller(standard, bound).all()}


class _Teller:
    """Tells what a standard says, element by element."""

    def __init__(self, standard: Standard, bound: Bound | None) -> None:
        self.standard, self.bound = standard, bound
        # A formula means what the quantities and levels below it mean.
        self.ground = [
            [one.model_dump(mode="json") for one in rows]
            for rows in (standard.quantities, standard.levels, standard.scope)
        ]

    def all(self) -> Iterator[Element]:
        for one in self.standard.indicators:
            yield self.indicator(one)
            for part in one.parts:
                yield from self.of_part(one, part)
        for parameter in self.standard.parameters:
            unit = "" if parameter.allowed else parameter.unit
            yield Element(
                parameter.id, "parameter", "", "", parameter.name, f"{parameter.value} {unit}".strip(), parameter.evidence,
                parameter.clause, parameter.note, _digest(parameter.model_dump(mode="json")), Choice.Kind.PARAMETER,
                parameter.value, unit, tuple((value, value) for value in parameter.allowed),
            )  # fmt: skip
        rule = self.standard.judge_on
        options = (("unrounded", "按原值判定"), ("rounded", "按舍入后的值判定"))
        yield Element(
            JUDGE_ON, "judge_on", "", "", "达标判定用原值还是舍入值", dict(options)[rule.default], rule.evidence, "",
            rule.note, _digest(rule.model_dump(mode="json")), Choice.Kind.JUDGE_ON, rule.default, "", options,
        )  # fmt: skip

    def indicator(self, one: Indicator) -> Element:
        said = {
            key: value for key, value in one.model_dump(mode="json").items() if key not in ("note", "evidence_note")
        }
        opened = (OPEN, "启用"), (CLOSED, "不启用")
        return Element(
            one.id, "indicator", one.id, "", one.name, "；".join(self.computed(one)), one.evidence, one.clause,
            "；".join(filter(None, (one.note, one.evidence_note))), _digest([said, self.ground]),
            None if one.enabled else Choice.Kind.OPENED, "" if one.enabled else CLOSED, "", () if one.enabled else opened,
        )  # fmt: skip

    def of_part(self, one: Indicator, part: Part) -> Iterator[Element]:
        key = one.key(part)
        named = f"{one.name}：{part.name}" if part.name else one.name
        bound = self.bound.parts.get(key) if self.bound else None
        for at, limit in enumerate(part.limits, 1):
            yield self.limit(one, part, limit, at, named, bound.limits[at - 1] if bound else None)
        choices = tuple((variant.id, f"{variant.id} {variant.name}") for variant in part.variants)
        for variant in part.variants:
            words = "；".join(
                filter(
                    None, (variant.name, self.counted(variant, part, bound.variants[variant.id][1] if bound else None))
                )
            )
            yield Element(
                f"{key}.{variant.id}", "variant", one.id, key, f"{named} · 口径 {variant.id}", words, variant.evidence,
                one.clause, variant.note, _digest([variant.model_dump(mode="json"), self.ground]), Choice.Kind.VARIANT,
                next(v.id for v in part.variants if v.default), "", choices,
            )  # fmt: skip
        for at, concession in enumerate(part.concessions):
            held = bound.concessions[at] if bound else None
            limits = [
                self.limit_words(limit, part.unit, held.limits[n] if held else None)
                for n, limit in enumerate(concession.limits)
            ]
            said = [concession.says, self.counted(concession, part, held.count if held else None), *limits]
            yield Element(
                concession.id, "concession", one.id, key, f"{named} · 放宽 {concession.id}", "；".join(filter(None, said)),
                concession.evidence, concession.clause or one.clause, concession.note,
                _digest([concession.model_dump(mode="json"), self.ground]), Choice.Kind.CONCESSION, CLOSED, "",
                ((OPEN, "开启"), (CLOSED, "关闭")),
            )  # fmt: skip

    def limit(self, one: Indicator, part: Part, limit: Limit, at: int, named: str, bound: BoundLimit | None) -> Element:
        key = f"{one.key(part)}.{limit.id or limit.stage or at}"
        where = f"（{limit.stage}）" if limit.stage else ""
        choice: str | None = None
        value, options = limit.value, ()
        if not limit.default:
            choice, value, options = Choice.Kind.OPENED, CLOSED, ((OPEN, "采用"), (CLOSED, "不采用"))  # type: ignore[assignment]
        elif part.kind in ("ratio", "number") and _is_number(limit.value):
            choice = Choice.Kind.LIMIT
        elif bound and limit.value and part.kind in ("ratio", "number"):
            value = explain.write(bound.value, self.bound) if self.bound else value
        note = "；".join(filter(None, (limit.says, f"{limit.place}的规定" if limit.place else "")))
        return Element(
            key, "limit", one.id, one.key(part), f"{named}{where}", self.limit_words(limit, part.unit, bound),
            limit.evidence or one.evidence, one.clause, note, _digest([limit.model_dump(mode="json"), self.ground]), choice,
            value, part.unit, options,
        )  # fmt: skip

    def limit_words(self, limit: Limit, unit: str = "", bound: BoundLimit | None = None) -> str:
        """≥ 4.2 人/百人（小学）."""
        if limit.param:
            names = {one.id: one.name for one in self.standard.parameters}
            what = f"{names.get(limit.param, '')}（参数 {limit.param}）"
        else:
            what = explain.write(bound.value, self.bound) if bound and self.bound else limit.value
            what = what.strip("“”")
        unit = "" if limit.param or not _is_number(limit.value) or unit == "—" else unit
        when = explain.write(bound.when, self.bound) if bound and self.bound else limit.when
        words = f"{OPS[limit.op]} {what} {unit}".strip()
        said = [
            limit.stage,
            f"适用于{when}" if limit.when != "true" else "",
            "" if limit.default else "不是默认，采用后代替默认限值",
        ]
        more = "，".join(filter(None, said))
        return f"{words}（{more}）" if more else words

    def computed(self, one: Indicator) -> Iterator[str]:
        for part in one.parts:
            name = f"{part.name}：" if part.name else ""
            bound = self.bound.parts.get(one.key(part)) if self.bound else None
            words = self.counted(part, part, bound.count if bound else None)
            yield f"{name}{PART_KINDS[part.kind]}" + (f"，{words}" if words else "")

    def counted(self, of: Counted, part: Part, bound: BoundCount | None) -> str:
        """A number's formulas."""
        if of.value is not None:
            return self.formulas("公式", of.value, bound.value if bound else None)
        said = []
        if of.numerator is not None:
            said.append(self.formulas("分子", of.numerator, bound.numerator if bound else None))
        if of.denominator is not None:
            said.append(self.formulas("分母", of.denominator, bound.denominator if bound else None))
        if len(said) == 2 and part.factor != "1":
            said.append(f"× {part.factor}")
        return "，".join(said)

    def formulas(self, head: str, of: Formulas, bound: ByStage | None) -> str:
        """One formula, or one for each stage, in words where it is bound."""
        words: dict[str, str] = {ANY: of} if isinstance(of, str) else dict(of)
        if bound is not None and self.bound is not None:
            words = {stage: explain.write(tree, self.bound) for stage, tree in bound.items()}
        if set(words) == {ANY}:
            return f"{head}：{words[ANY]}"
        return f"{head}：" + "；".join(f"{stage} {text}" for stage, text in words.items())


def _is_number(text: str) -> bool:
    return text.replace(".", "", 1).isdecimal()


def _digest(meaning: Any) -> str:
    return digests.sha256_hex(digests.canonical_json(meaning))

"""What of a standard can be compared with the original, given a value or switched, each under the key that settings use."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from dudao.indicators.models import Choice
from dudao_engines.kernel import digests
from dudao_engines.standards.schema import (
    SURE,
    Counted,
    Formulas,
    Indicator,
    Limit,
    Part,
    Standard,
)

#: How sure what the file says is, in words.
EVIDENCE = {
    "LAW": "法律法规", "NAT2": "国家文件（两源一致）", "NAT1": "国家文件（单一来源）", "SEED": "本县要点", "LOCAL": "外地规定",
    "RECALL": "凭记忆", "DESIGN": "系统建议",
}  # fmt: skip
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


def elements(standard: Standard) -> dict[str, Element]:
    """Every element of a standard by key, in the order of the file."""
    return {one.key: one for one in _all(standard)}


def _all(standard: Standard) -> Iterator[Element]:
    # A formula means what the quantities and levels below it mean.
    ground = [
        [one.model_dump(mode="json") for one in standard.quantities],
        [one.model_dump(mode="json") for one in standard.levels],
        [one.model_dump(mode="json") for one in standard.scope],
    ]
    for one in standard.indicators:
        yield _indicator(one, ground)
        for part in one.parts:
            yield from _of_part(one, part, ground)
    for parameter in standard.parameters:
        unit = "" if parameter.allowed else parameter.unit
        yield Element(
            parameter.id, "parameter", "", "", parameter.name, f"{parameter.value} {unit}".strip(), parameter.evidence,
            parameter.clause, parameter.note, _digest(parameter.model_dump(mode="json")), Choice.Kind.PARAMETER,
            parameter.value, unit, tuple((value, value) for value in parameter.allowed),
        )  # fmt: skip
    rule = standard.judge_on
    options = (("unrounded", "按原值判定"), ("rounded", "按舍入后的值判定"))
    yield Element(
        JUDGE_ON, "judge_on", "", "", "达标判定用原值还是舍入值", dict(options)[rule.default], rule.evidence, "", rule.note,
        _digest(rule.model_dump(mode="json")), Choice.Kind.JUDGE_ON, rule.default, "", options,
    )  # fmt: skip


def _indicator(one: Indicator, ground: Any) -> Element:
    said = {key: value for key, value in one.model_dump(mode="json").items() if key not in ("note", "evidence_note")}
    opened = (OPEN, "启用"), (CLOSED, "不启用")
    return Element(
        one.id, "indicator", one.id, "", one.name, "；".join(_computed(one)), one.evidence, one.clause,
        "；".join(filter(None, (one.note, one.evidence_note))), _digest([said, ground]),
        None if one.enabled else Choice.Kind.OPENED, "" if one.enabled else CLOSED, "", () if one.enabled else opened,
    )  # fmt: skip


def _of_part(one: Indicator, part: Part, ground: Any) -> Iterator[Element]:
    key = one.key(part)
    named = f"{one.name}：{part.name}" if part.name else one.name
    for at, limit in enumerate(part.limits, 1):
        yield _limit(one, part, limit, f"{key}.{limit.id or limit.stage or at}", named, ground)
    choices = tuple((variant.id, f"{variant.id} {variant.name}") for variant in part.variants)
    for variant in part.variants:
        words = "；".join(filter(None, (variant.name, _counted(variant, part))))
        yield Element(
            f"{key}.{variant.id}", "variant", one.id, key, f"{named} · 口径 {variant.id}", words, variant.evidence,
            one.clause, variant.note, _digest([variant.model_dump(mode="json"), ground]), Choice.Kind.VARIANT,
            next(v.id for v in part.variants if v.default), "", choices,
        )  # fmt: skip
    for concession in part.concessions:
        said = [concession.says, _counted(concession, part), *(limit_words(x, part.unit) for x in concession.limits)]
        yield Element(
            concession.id, "concession", one.id, key, f"{named} · 放宽 {concession.id}", "；".join(filter(None, said)),
            concession.evidence, concession.clause or one.clause, concession.note,
            _digest([concession.model_dump(mode="json"), ground]), Choice.Kind.CONCESSION, CLOSED, "",
            ((OPEN, "开启"), (CLOSED, "关闭")),
        )  # fmt: skip


def _limit(one: Indicator, part: Part, limit: Limit, key: str, named: str, ground: Any) -> Element:
    where = f"（{limit.stage}）" if limit.stage else ""
    choice: str | None = None
    value, options = limit.value, ()
    if not limit.default:
        choice, value, options = Choice.Kind.OPENED, CLOSED, ((OPEN, "采用"), (CLOSED, "不采用"))  # type: ignore[assignment]
    elif part.kind in ("ratio", "number") and _is_number(limit.value):
        choice = Choice.Kind.LIMIT
    note = "；".join(filter(None, (limit.says, f"{limit.place}的规定" if limit.place else "")))
    return Element(
        key, "limit", one.id, one.key(part), f"{named}{where}", limit_words(limit, part.unit),
        limit.evidence or one.evidence, one.clause, note, _digest([limit.model_dump(mode="json"), ground]), choice, value,
        part.unit, options,
    )  # fmt: skip


def _is_number(text: str) -> bool:
    return text.replace(".", "", 1).isdecimal()


def limit_words(limit: Limit, unit: str = "") -> str:
    """≥ 4.2 人/百人（小学）."""
    what = f"参数 {limit.param}" if limit.param else limit.value
    unit = "" if limit.param or not _is_number(limit.value) or unit == "—" else unit
    words = f"{OPS[limit.op]} {what} {unit}".strip()
    said = [limit.stage, f"适用于 {limit.when}" if limit.when != "true" else "", "" if limit.default else "不是默认"]
    more = "，".join(filter(None, said))
    return f"{words}（{more}）" if more else words


def _computed(one: Indicator) -> Iterator[str]:
    for part in one.parts:
        name = f"{part.name}：" if part.name else ""
        yield f"{name}{PART_KINDS[part.kind]}" + (f"，{words}" if (words := _counted(part, part)) else "")


def _counted(of: Counted, part: Part) -> str:
    """A number's formulas as they stand in the file."""
    if of.value is not None:
        return _formulas("公式", of.value)
    said = [_formulas("分子", of.numerator)] if of.numerator is not None else []
    if of.denominator is not None:
        said.append(_formulas("分母", of.denominator))
    if said and of.numerator is not None and of.denominator is not None and part.factor != "1":
        said.append(f"× {part.factor}")
    return "，".join(said)


def _formulas(head: str, of: Formulas) -> str:
    if isinstance(of, Mapping):
        return f"{head} " + "、".join(f"{stage} {text}" for stage, text in of.items())
    return f"{head} {of}"


def _digest(meaning: Any) -> str:
    return digests.sha256_hex(digests.canonical_json(meaning))

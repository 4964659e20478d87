"""The form of one act, made of what the procedure says that the act brings."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django import forms

from dudao.files.forms import EvidenceField, EvidenceListField
from dudao.papers.library import kinds
from dudao.papers.models import Paper, Receipt
from dudao.procedures import queries
from dudao.procedures.models import Act, Matter
from dudao.procedures.queries import Effective
from dudao.shell.forms import DAY, choose
from dudao.shell.keys import uuid7
from dudao.shell.templatetags.parts import fullday
from dudao_engines.kernel import deadlines
from dudao_engines.procedures import schema as schemas
from dudao_engines.procedures.rules import Missing

#: The choice of a paper that was issued on paper or by the OA.
OUTSIDE = "outside"
Choices = list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Step:
    """One act that somebody is about to take.

    Attributes:
        unit, unit_name: whom the matter is about.
        is_mine: the hat takes the act itself; else it writes down what another did, with a proof.
        is_unit: the hat is of the unit, which signs for what it is served.
        papers: the issued papers of the act's kind.
        enters_papers: the hat may enter a paper that was issued elsewhere.
        people: key and name of those it can be written down for.
        limit: the limit whose day the act sets, as it holds in the county.
        is_allowed: the hat may take the act, or write it down.
        missing: what keeps the act from being taken as things stand, this person's separation looked at.
    """

    act: schemas.Act
    matter: Matter
    unit: UUID
    unit_name: str
    is_mine: bool
    is_unit: bool
    today: date
    actor_name: str
    papers: Sequence[Paper] = ()
    enters_papers: bool = False
    people: Sequence[tuple[str, str]] = ()
    limit: Effective | None = None
    is_allowed: bool = False
    missing: Sequence[Missing] = ()

    @property
    def blocks(self) -> list[str]:
        """What is missing and is not brought with the form: a paper can be entered along with the act."""
        enters = self.enters_papers and not self.is_unit
        found = [m.words for m in self.missing if not (enters and m.code == "procedures.paper")]
        if self.is_unit and "due" in self.act.brings and not (self.set_due or self.reckoned(self.today)):
            found.append("督导室还没有确定期限，请联系督导室。")
        elif self.is_unit and "due" in self.act.brings and self.set_due and self.set_due < self.today:
            found.append(f"所定的期限（{fullday(self.set_due)}）已过，请联系督导室重新确定。")
        return found

    @property
    def set_due(self) -> date | None:
        """The day that is set for the matter already."""
        return getattr(self.matter, "due_on", None)

    @property
    def is_today(self) -> bool:
        """The unit acts for itself: what it does here it does today, or it could make itself punctual. What it did
        before, on paper, the office writes down with a proof."""
        return self.is_unit and self.is_mine

    @property
    def who(self) -> str:
        return "、".join(schemas.ROLES[role] for role in self.act.who)

    @property
    def serves(self) -> bool:
        """Whether a paper comes into the unit's hands with the act."""
        return bool(self.act.paper) and "received" in self.act.brings

    def reckoned(self, on: date) -> deadlines.Due | None:
        """The due day that the limit gives when the act is of this day."""
        return queries.reckon(self.limit, on)


class ActForm(forms.Form):
    """What a person brings to an act; only what this act asks for is there."""

    base_version = forms.IntegerField(widget=forms.HiddenInput)
    key = forms.UUIDField(widget=forms.HiddenInput)
    paper = forms.ChoiceField(label="文书")
    number = forms.CharField(label="发文字号", max_length=60, required=False)
    paper_on = forms.DateField(label="成文日期", required=False, widget=DAY)
    scan = EvidenceField(label="文书扫描件", required=False)
    on_behalf = forms.CharField(
        label="代谁登记", max_length=200, help_text="单位、姓名和职务；附上能证明的材料（签字件、截图、通话记录）。"
    )
    behalf_person = forms.ChoiceField(label="本人", required=False, help_text="在名册里的请选出，以便分清由谁办理。")
    occurred_on = forms.DateField(label="办理日期", widget=DAY)
    way = forms.ChoiceField(label="方式")
    received_by = forms.CharField(
        label="签收人", max_length=100, required=False, help_text="姓名和职务；拒收留置的不填。"
    )
    note = forms.CharField(label="拒收情况和见证人", max_length=200, required=False, help_text="只有留置送达要写。")
    words = forms.CharField(label="说明", max_length=5000, required=False, widget=forms.Textarea(attrs={"rows": 6}))
    due_on = forms.DateField(label="期限", widget=DAY)
    ticks = forms.MultipleChoiceField(label="逐项确认", required=False, widget=forms.CheckboxSelectMultiple)
    evidence = EvidenceListField(
        label="佐证材料", required=False, help_text="照片、扫描件、表格、文档，可以一次选几个；每个不超过 50 MB。"
    )

    def __init__(self, *args: Any, step: Step, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.step = step
        act = step.act
        self.initial.update(base_version=step.matter.version, key=uuid7(), occurred_on=step.today)
        self.fields["occurred_on"].help_text = "可以是以前的日子，不能晚于今天。"
        self._papers(step)
        self._behalf(step)
        self._receiving(step)
        if step.is_today:
            del self.fields["occurred_on"]
        words = self.fields["words"]
        if "words" in act.brings:
            words.label, words.required = act.words, True
        else:
            words.widget.attrs["rows"] = 2
            words.label = act.words or words.label
        self._due(step)
        if act.ticks:
            choose(self, "ticks", [(tick, tick) for tick in act.ticks])
        else:
            del self.fields["ticks"]
        evidence = self.fields["evidence"]
        evidence.required = "evidence" in act.brings or not step.is_mine
        if step.serves:
            evidence.label = "送达回证或签收凭证"
            evidence.help_text = f"送达回证、留置送达须附。{evidence.help_text}"
            _quiet(self, "evidence", "received_by", "note")
            if step.is_unit:
                del self.fields["evidence"]

    def _papers(self, step: Step) -> None:
        outside = step.enters_papers and not step.is_unit
        if not step.act.paper:
            names: tuple[str, ...] = ("paper", "number", "paper_on", "scan")
        else:
            choices = [
                (str(p.pk), f"{p.number or p.title}（{fullday(p.issued_on)}）" if p.issued_on else p.title)
                for p in step.papers
            ]
            if outside:
                choices.append((OUTSIDE, "在纸上或 OA 印发的，在下面登记"))
            choose(self, "paper", choices)
            names = () if outside else ("number", "paper_on", "scan")
            if choices:
                self.initial["paper"] = choices[0][0]
            if outside and len(choices) == 1:
                self.fields["paper_on"].required = True
                self.fields["number"].required = not self.is_unnumbered
        for name in names:
            del self.fields[name]

    def _behalf(self, step: Step) -> None:
        if step.is_mine:
            del self.fields["on_behalf"], self.fields["behalf_person"]
            return
        if "unit" in step.act.who:
            self.initial["on_behalf"] = step.unit_name
        if step.people:
            choose(self, "behalf_person", [("", "不在名册里"), *step.people])
        else:
            del self.fields["behalf_person"]

    def _receiving(self, step: Step) -> None:
        if step.serves and step.is_unit:
            self.initial["received_by"] = step.actor_name
            self.fields["occurred_on"].label = "收到日期"
            del self.fields["way"], self.fields["note"]
            return
        if step.serves:
            choices = [(w.value, w.label) for w in Receipt.Way if w != Receipt.Way.SYSTEM]
            self.fields["occurred_on"].label, self.fields["way"].label = "收到日期", "送达方式"
        elif "received" in step.act.brings or not step.is_mine:
            choices = [(w.value, w.label) for w in Act.Way if w != Act.Way.SYSTEM]
            if "received" in step.act.brings:
                self.fields["occurred_on"].label = "收到日期"
            del self.fields["received_by"], self.fields["note"]
        else:
            del self.fields["way"], self.fields["received_by"], self.fields["note"]
            return
        choose(self, "way", choices)

    def _due(self, step: Step) -> None:
        if "due" not in step.act.brings or step.is_unit:
            del self.fields["due_on"]
            return
        field, said = self.fields["due_on"], step.set_due
        due = step.reckoned(step.today)
        name = step.limit.limit.name if step.limit else "整改期限"
        field.label = name if name.endswith("期限") else f"{name}期限"
        _quiet(self, "due_on")
        if in_paper := queries.said_in(step.papers[0] if step.papers else None):
            self.initial["due_on"], field.required = in_paper, False
            field.help_text = f"文书写明的是{fullday(in_paper)}，要与文书一致。"
        elif due and step.limit:
            self.initial["due_on"], field.required = due.day, False
            doubt = "" if step.limit.is_sure else "（未核实）"
            guess = "，当年放假安排未公布，为暂估" if due.provisional else ""
            start = step.limit.limit.start
            rule = f"{step.limit.rule}{doubt}" if step.limit.rule else doubt.strip("（）")
            field.help_text = f"按{start}起 {step.limit.amount} {step.limit.unit}计{guess}，可以改；清空就从上面的日期重新起算。依据：{rule}。"
        elif said and said >= step.today:
            self.initial["due_on"] = said
            field.help_text = "原定的期限，可以改。"
        else:
            field.help_text = "整改到哪一天为止，逐个问题确定。"

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if self.step.is_today:
            data["occurred_on"] = self.step.today
        if data.get("paper") == OUTSIDE:
            if not data.get("paper_on") and "paper_on" not in self.errors:
                self.add_error("paper_on", "请填写成文日期。")
            if not data.get("number") and not self.is_unnumbered:
                self.add_error("number", "请照原件写发文字号。")
        on = data.get("occurred_on")
        if on and "due_on" in self.fields and not data.get("due_on") and "due_on" not in self.errors:
            due = self.step.reckoned(on)
            paper = next((one for one in self.step.papers if str(one.pk) == data.get("paper")), None)
            if day := queries.said_in(paper) or (due.day if due else None):
                data["due_on"] = day
        return data

    @property
    def is_unnumbered(self) -> bool:
        """A record that bears no number of its own."""
        kind = kinds().get(self.step.act.paper)
        return kind is not None and not kind.numbered

    @property
    def outside_fields(self) -> list[forms.BoundField]:
        """What is said of a paper that was issued elsewhere."""
        return [self[name] for name in ("number", "paper_on", "scan") if name in self.fields]

    @property
    def shows_outside(self) -> bool:
        return self["paper"].value() == OUTSIDE if "paper" in self.fields else False

    @property
    def main_fields(self) -> list[forms.BoundField]:
        """The other fields that are seen, in their order."""
        apart = {"paper", "number", "paper_on", "scan"}
        return [field for field in self.visible_fields() if field.name not in apart]


def _quiet(form: forms.Form, *names: str) -> None:
    """Fields that are wanted or not by another field's answer: nothing beside the label says 可不填."""
    for name in names:
        if name in form.fields:
            form.fields[name].is_quiet = True  # type: ignore[attr-defined]

"""What an official result rests on today: the data of a period, what people judged, the standard, and what the county decided."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

from dudao.indicators import queries as indicators
from dudao.places import queries as places
from dudao.recognition import library
from dudao.returns import queries as returns
from dudao.returns.models import Campaign
from dudao.shell.acts import Actor
from dudao_engines.standards import snapshots
from dudao_engines.standards.model import Dataset
from dudao_engines.standards.results import Settings
from dudao_engines.standards.snapshots import ADOPTED, REPORTED, Snapshot


@dataclass(frozen=True, slots=True)
class Gathered:
    """What a result would rest on.

    Attributes:
        unlocked: returns that are not approved and locked, in words.
    """

    standard_text: str
    form_texts: Mapping[str, str]
    settings: Settings
    datasets: Mapping[str, Dataset]
    county: str
    period_label: str
    unlocked: tuple[str, ...]

    @property
    def digest(self) -> str:
        return snapshots.basis_digest(
            standard_text=self.standard_text,
            form_texts=self.form_texts,
            settings=self.settings,
            datasets=self.datasets,
        )

    def changes(self, snapshot: Snapshot) -> list[str]:
        """What is no longer as a snapshot has it, in words."""
        return snapshots.changes(
            snapshot,
            standard_text=self.standard_text,
            form_texts=self.form_texts,
            settings=self.settings,
            datasets=self.datasets,
        )


def gather(actor: Actor, standard: str, period: str, *, on: date) -> Gathered:
    """What a result of a standard over a period rests on, on a day.

    Raises:
        KeyError: no such standard.
    """
    whole = library.standards()[standard]
    name = places.county_name(actor, as_of=on)
    datasets = {
        REPORTED: _named(indicators.data_of(actor, standard, period, "reported", on=on), name),
        ADOPTED: _named(indicators.data_of(actor, standard, period, "adopted", on=on), name),
    }
    return Gathered(
        standard_text=library.standard_text(standard),
        form_texts=_forms(actor, period, whole.forms),
        settings=indicators.settings_of(actor, whole, on),
        datasets=datasets,
        county=name,
        period_label=dict(returns.periods(actor)).get(period, period),
        unlocked=tuple(
            f"{one.campaign.title}：{one.unit_name}（{one.get_state_display()}）"  # type: ignore[attr-defined]
            for one in returns.unlocked(actor, period)
            if one.campaign.form in whole.forms or one.campaign.level in library.listed(standard)
        ),
    )


def _forms(actor: Actor, period: str, wanted: tuple[str, ...]) -> dict[str, str]:
    """The forms as they were asked in the period; one that was not asked as it would be asked now."""
    running = returns.campaigns_visible_to(actor).filter(period=period, form__in=wanted)
    asked = dict(running.exclude(state=Campaign.State.CANCELLED).values_list("form", "form_text"))
    found = {}
    for form in wanted:
        now = returns.in_force(actor, form)
        if text := asked.get(form) or (now.text if now else ""):
            found[form] = text
    return found


def _named(dataset: Dataset, name: str) -> Dataset:
    """The data, the county under its name."""
    county = tuple(replace(one, name=name) for one in dataset.tables.get("county", ()))
    return Dataset({**dataset.tables, "county": county})

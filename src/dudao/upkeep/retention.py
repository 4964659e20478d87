"""What is kept how long: ``library/retention.yaml``, read strictly, counted, applied."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any, Literal, Self

import yaml
from django.apps import apps
from django.conf import settings
from django.core.exceptions import FieldDoesNotExist, FieldError
from django.db import models, transaction
from django.db.models import Min, ProtectedError, QuerySet
from pydantic import BaseModel, ConfigDict, Field, model_validator

from dudao.audit import services as audit
from dudao.shell.acts import system
from dudao.shell.clock import CHINA

BATCH = 500


class Rule(BaseModel):
    """One rule.

    Attributes:
        id: stands in the audit event.
        what: for people.
        model: whose rows, ``app.model``.
        action: ``purge`` or ``keep``.
        where: which rows, as filters.
        from_: the field from which the days count.
        days: how many; a row goes when they have passed.
        clock: ``day``, the house's clock; ``machine``, for what the machine's time dates.
        basis: why so long.
        evidence: how sure the basis is.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    id: str
    what: str
    model: str
    action: Literal["purge", "keep"]
    where: dict[str, Any] = {}
    from_: str = Field("", alias="from")
    days: int = Field(0, ge=1)
    clock: Literal["day", "machine"] = "day"
    basis: str
    evidence: Literal["LAW", "DESIGN", "未核实"]

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.action == "purge" and not (self.from_ and self.days):
            raise ValueError(f"{self.id}: purge needs from and days")
        if self.action == "keep" and (self.from_ or self.days or self.where):
            raise ValueError(f"{self.id}: keep is for all rows and for ever")
        return self

    @property
    def rows(self) -> type[models.Model]:
        return apps.get_model(self.model)


class _Rules(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)
    rules: tuple[Rule, ...]

    @model_validator(mode="after")
    def _once(self) -> Self:
        kept = {rule.model for rule in self.rules if rule.action == "keep"}
        for rule in self.rules:
            if rule.action == "purge" and rule.model in kept:
                raise ValueError(f"{rule.id}: {rule.model} is kept by another rule")
        if len({rule.id for rule in self.rules}) != len(self.rules):
            raise ValueError("two rules have the same id")
        return self


@dataclass(frozen=True, slots=True)
class Found:
    """What a rule applies to now: how many rows, and the oldest of their days."""

    rule: Rule
    count: int
    oldest: date | None


@cache
def rules() -> tuple[Rule, ...]:
    """All rules in order.

    Raises:
        ValueError: the file breaks the schema, or names a model or field that does not exist.
    """
    text = (settings.LIBRARY / "retention.yaml").read_text("utf-8")
    loaded = _Rules.model_validate(yaml.safe_load(text)).rules
    for rule in loaded:
        try:
            # Building the query already names every model and field.
            _due(rule, now=datetime.fromtimestamp(0, CHINA), machine=datetime.fromtimestamp(0, CHINA))
        except (LookupError, FieldError, FieldDoesNotExist) as error:
            raise ValueError(f"retention.yaml {rule.id}: {error}") from error
    return loaded


def _due(rule: Rule, *, now: datetime, machine: datetime) -> QuerySet[Any]:
    rows: QuerySet[Any] = rule.rows._base_manager.filter(**rule.where)
    if rule.action == "keep":
        return rows.none()
    moment = machine if rule.clock == "machine" else now
    field = rule.rows._meta.get_field(rule.from_)
    limit: Any = moment - timedelta(days=rule.days)
    if not isinstance(field, models.DateTimeField):
        limit = limit.astimezone(CHINA).date()
    return rows.filter(**{f"{rule.from_}__lt": limit})


def due(*, now: datetime, machine: datetime) -> Iterator[Found]:
    """What would go now, rule by rule.

    Args:
        now: the house's clock.
        machine: the machine's clock.
    """
    for rule in rules():
        rows = _due(rule, now=now, machine=machine)
        oldest = rows.aggregate(oldest=Min(rule.from_))["oldest"] if rule.action == "purge" else None
        yield Found(rule, rows.count(), oldest.astimezone(CHINA).date() if isinstance(oldest, datetime) else oldest)


def apply(*, now: datetime, machine: datetime) -> Iterator[tuple[Rule, int, int]]:
    """Let go what is due, in short transactions, each with its audit event.

    Yields:
        rule, rows gone, rows that something else still needs (they stay).
    """
    for rule in rules():
        gone = kept = 0
        last: Any = None
        due_rows = _due(rule, now=now, machine=machine).order_by("pk")
        while keys := list(due_rows.filter(**({"pk__gt": last} if last else {})).values_list("pk", flat=True)[:BATCH]):
            with transaction.atomic():
                batch = 0
                for key in keys:
                    try:
                        with transaction.atomic():
                            batch += bool(rule.rows._base_manager.filter(pk=key).delete()[0])
                    except ProtectedError:
                        kept += 1
                if batch:
                    audit.record(
                        action="retention.applied",
                        subject=("retention", rule.id),
                        summary=f"按保存期限清理：{rule.what} {batch} 项",
                        by=system(settings.COUNTY),
                        now=now,
                        count=batch,
                        days=rule.days,
                        basis=rule.basis,
                    )
            gone, last = gone + batch, keys[-1]
        if rule.action == "purge":
            yield rule, gone, kept

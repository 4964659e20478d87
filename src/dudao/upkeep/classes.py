"""Which field holds what kind of data: from ``class Data`` of our models and ``library/data-classes.yaml`` for the others."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

import yaml
from django.apps import apps
from django.conf import settings
from django.db import models
from pydantic import BaseModel, ConfigDict

from dudao.shell.fields import BlindIndexField, EncryptedTextField

CLASSES = {"plain": "一般", "personal": "个人信息", "sensitive": "敏感个人信息", "secret": "秘密"}


class _Library(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)
    models: dict[str, dict[str, frozenset[str]]]
    unencrypted: dict[str, str]


@dataclass(frozen=True, slots=True)
class Row:
    """One field: its label ``app.model.field``, what people call it, its class, and how it is kept."""

    label: str
    model_name: str
    name: str
    kind: str
    kept: str


@cache
def _library() -> _Library:
    text = (settings.LIBRARY / "data-classes.yaml").read_text("utf-8")
    return _Library.model_validate(yaml.safe_load(text))


def declared(model: type[models.Model]) -> dict[str, frozenset[str]]:
    """The names of a model's fields by class, as declared; empty where nothing is declared."""
    if found := _library().models.get(model._meta.label_lower):
        return found
    data = vars(model).get("Data")
    return {kind: frozenset(getattr(data, kind, ())) for kind in CLASSES} if data else {}


def faults() -> Iterator[str]:
    """Every field that stands in no class or in several, names that are no fields, and secrets that are not encrypted."""
    for model in apps.get_models():
        label, sets = model._meta.label_lower, declared(model)
        names = {field.name for field in model._meta.concrete_fields}
        if unknown := set(sets) - set(CLASSES):
            yield f"{label}: no such class {sorted(unknown)}"
        for name in sorted(names):
            kinds = [kind for kind, members in sets.items() if name in members]
            if len(kinds) != 1:
                yield f"{label}.{name}: {'in no class' if not kinds else f'in {kinds}'}; say it in {model.__name__}.Data"
        for name in sorted(frozenset().union(*sets.values()) - names):
            yield f"{label}.{name}: classified, but no such field"
        for kind in ("sensitive", "secret"):
            for name in sorted(sets.get(kind, frozenset()) & names):
                if not _is_closed(model._meta.get_field(name)) and f"{label}.{name}" not in _library().unencrypted:
                    yield f"{label}.{name}: {kind} but not encrypted, and no reason in library/data-classes.yaml"
    known = {f"{m._meta.label_lower}.{f.name}" for m in apps.get_models() for f in m._meta.concrete_fields}
    for label in sorted(set(_library().unencrypted) - known):
        yield f"{label}: excused in library/data-classes.yaml, but no such field"


def _is_closed(field: object) -> bool:
    return isinstance(field, EncryptedTextField | BlindIndexField)


def rows() -> Iterator[Row]:
    """Every field of every model in order."""
    for model in sorted(apps.get_models(), key=lambda m: m._meta.label_lower):
        sets = declared(model)
        for field in model._meta.concrete_fields:
            label = f"{model._meta.label_lower}.{field.name}"
            kind = next((k for k, members in sets.items() if field.name in members), "")
            kept = "加密" if isinstance(field, EncryptedTextField) else "带密钥摘要" if _is_closed(field) else ""
            kept = kept or _library().unencrypted.get(label, "")
            yield Row(label, str(model._meta.verbose_name), str(field.verbose_name), CLASSES.get(kind, "未分类"), kept)


def table() -> str:
    """All rows as a Markdown page."""
    lines = [
        "# Data classes",
        "",
        "Made by `dudao data classes --out docs/reference/data-classes.md`; a test compares it. Not to be edited by hand.",
        "",
        "| 字段 | 所属 | 名称 | 类别 | 保存方式 |",
        "|---|---|---|---|---|",
        *(f"| `{r.label}` | {r.model_name} | {r.name} | {r.kind} | {r.kept} |" for r in rows()),
    ]
    return "\n".join(lines) + "\n"

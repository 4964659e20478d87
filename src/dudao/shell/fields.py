"""Model fields that hide what they hold.

    id_number = EncryptedTextField("身份证件号", null=True)
    id_number_index = BlindIndexField("身份证件号索引", of="id_number")

In Python the attribute is plain text; it is opened when somebody reads it, not when the row is loaded. In the database, in
``values()``, in ``repr`` and in logs it is a closed value. The row's key is bound in, so the key must be made before saving
(``default=uuid7``). Look for equal values with ``equals(Person, "id_number", text)``; change one in a conditional UPDATE with
``closed(Person, "id_number", key, text)``.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.models.lookups import StartsWith

from dudao.shell import crypto
from dudao_engines.kernel.texts import bare

if TYPE_CHECKING:
    _Text = models.TextField[Any, Any]
    _Char = models.CharField[Any, Any]
else:
    _Text, _Char = models.TextField, models.CharField


class Closed:
    """A closed value as it stands in the database. Shows nothing of what it holds."""

    __slots__ = ("text",)

    def __init__(self, text: str) -> None:
        self.text = text

    def __repr__(self) -> str:
        return "<密文>"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Closed) and other.text == self.text

    def __hash__(self) -> int:
        return hash(self.text)


class _Attribute:
    """Opens the value when it is read from the row."""

    def __init__(self, field: "EncryptedTextField") -> None:
        self.field = field

    def __get__(self, row: models.Model | None, owner: type[models.Model]) -> Any:
        if row is None:
            return self
        name = self.field.attname
        if name not in row.__dict__:
            # Deferred by only() or defer().
            row.refresh_from_db(fields=[name])
        value = row.__dict__[name]
        if isinstance(value, Closed):
            value = row.__dict__[name] = self.field.open(row.pk, value)
        return value

    def __set__(self, row: models.Model, value: Any) -> None:
        row.__dict__[self.field.attname] = value


class EncryptedTextField(_Text):
    """Text that is closed in the database (``crypto.seal``), bound to table, field and row."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        # Not in a ModelForm or an admin page unless somebody says so by name.
        kwargs.setdefault("editable", False)
        super().__init__(*args, **kwargs)

    def contribute_to_class(self, cls: type[models.Model], name: str, private_only: bool = False) -> None:
        super().contribute_to_class(cls, name, private_only)
        setattr(cls, self.attname, _Attribute(self))

    def bound_to(self, key: object) -> str:
        return f"{self.model._meta.label_lower}|{self.name}|{key}"

    def close(self, key: object, value: str) -> Closed:
        """Close a text for the row with this key."""
        if key is None:
            raise TypeError(
                f"{self.model.__name__}.{self.name}: the row's key must be known before its secret is closed"
            )
        return Closed(crypto.seal(value, bound_to=self.bound_to(key)))

    def open(self, key: object, value: Closed) -> str:
        """Raises: ``crypto.Unreadable``."""
        return crypto.unseal(value.text, bound_to=self.bound_to(key))

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:
        value = model_instance.__dict__.get(self.attname)
        if isinstance(value, Closed):
            # Never opened since it was loaded: kept as it is, if it belongs to this row (a copied row would lose it).
            self.open(model_instance.pk, value)
            return value
        return value if value in (None, "") else self.close(model_instance.pk, str(value))

    def get_prep_value(self, value: Any) -> Any:
        if value is None or value == "" or isinstance(value, models.expressions.BaseExpression):
            return value
        if not isinstance(value, Closed):
            raise TypeError(f"{self.name} is encrypted: use dudao.shell.fields.equals() to look, closed() to update")
        return value.text

    def to_python(self, value: Any) -> Any:
        return value if value is None or isinstance(value, Closed) else str(value)

    def from_db_value(self, value: Any, *args: object) -> Any:
        return Closed(value) if value else value

    def value_to_string(self, obj: models.Model) -> str:
        raise TypeError(f"{self.name} is encrypted and is not serialised")


@EncryptedTextField.register_lookup
class ClosedBy(StartsWith):
    """``id_number__closed_by="k1"``: values that this key closed. For the rotation."""

    lookup_name = "closed_by"
    prepare_rhs = False

    def get_prep_lookup(self) -> Any:
        return f"{self.rhs}."

    def get_rhs_op(self, connection: Any, rhs: str) -> str:
        return str(connection.operators["startswith"] % rhs)


class BlindIndexField(_Char):
    """The keyed digest of an encrypted field, for equality only. Kept by saving the row; never set by hand."""

    def __init__(self, *args: Any, of: str, **kwargs: Any) -> None:
        self.of = of
        kwargs.setdefault("max_length", 96)
        kwargs.setdefault("db_index", True)
        kwargs.setdefault("null", True)
        kwargs.setdefault("editable", False)
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> tuple[str, str, Sequence[Any], dict[str, Any]]:
        name, path, args, kwargs = super().deconstruct()
        return name, path, args, {**kwargs, "of": self.of}

    @property
    def domain(self) -> str:
        return f"{self.model._meta.label_lower}|{self.of}"

    def index(self, value: str | None) -> str | None:
        return crypto.blind(one_form(value), domain=self.domain) if value else None

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:
        source = model_instance._meta.get_field(self.of)
        value = model_instance.__dict__.get(source.attname)  # type: ignore[union-attr]
        if isinstance(value, Closed):
            # The value was not opened, so it was not changed either.
            return getattr(model_instance, self.attname)
        index = self.index(value)
        setattr(model_instance, self.attname, index)
        return index


def one_form(value: str) -> str:
    """The form in which values are compared: full-width folded, blanks dropped, letters upper case."""
    return bare(value).upper()


def index_field(model: type[models.Model], name: str) -> BlindIndexField | None:
    """The blind index of an encrypted field, where it has one."""
    found = (f for f in model._meta.concrete_fields if isinstance(f, BlindIndexField) and f.of == name)
    return next(found, None)


def encrypted_fields(model: type[models.Model]) -> list[EncryptedTextField]:
    return [f for f in model._meta.concrete_fields if isinstance(f, EncryptedTextField)]


def equals(model: type[models.Model], name: str, value: str) -> models.Q:
    """A filter for rows whose encrypted field holds this value, also in the middle of a key rotation."""
    index = index_field(model, name)
    if index is None:
        raise TypeError(f"{model.__name__}.{name} has no blind index")
    return models.Q(**{f"{index.name}__in": crypto.blinds(one_form(value), domain=index.domain)})


def closed(model: type[models.Model], name: str, key: object, value: str | None) -> dict[str, Any]:
    """What to hand to ``QuerySet.update()`` so that the row with this key holds the value: the field and its index."""
    field = model._meta.get_field(name)
    if not isinstance(field, EncryptedTextField):
        raise TypeError(f"{model.__name__}.{name} is not encrypted")
    changes: dict[str, Any] = {name: field.close(key, value) if value else value}
    index = index_field(model, name)
    if index is not None:
        changes[index.name] = index.index(value)
    return changes

"""The form field for evidence."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile

from dudao.files import kinds, services
from dudao.shell.errors import Refused


class EvidenceField(forms.FileField):
    """One file, refused beside the field in words; what else was typed stays."""

    default_error_messages = {"required": "请选择文件。", "empty": "这是空文件，请重新选择。"}

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("label", "佐证材料")
        accept = ",".join(f".{ending}" for ending in kinds.ENDINGS)
        kwargs.setdefault("widget", forms.FileInput(attrs={"accept": accept}))
        super().__init__(**kwargs)

    def to_python(self, data: Any) -> Any:
        # Before the checks of the parent class: one that is too large arrives without its content.
        if isinstance(data, UploadedFile):
            try:
                services.check_size(data.size or 0, name=data.name or "")
            except Refused as refusal:
                raise ValidationError(refusal.message, code=refusal.code) from refusal
        file = super().to_python(data)
        if file is not None:
            try:
                kinds.detect(file, name=file.name or "")  # type: ignore[arg-type]
            except Refused as refusal:
                raise ValidationError(refusal.message, code=refusal.code) from refusal
        return file


class _ManyFiles(forms.FileInput):
    allow_multiple_selected = True

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        return files.getlist(name) if hasattr(files, "getlist") else files.get(name)


class EvidenceListField(EvidenceField):
    """Several files at once; each is looked at, and one that cannot be taken is named beside the field."""

    MOST = 20

    def __init__(self, **kwargs: Any) -> None:
        accept = ",".join(f".{ending}" for ending in kinds.ENDINGS)
        kwargs.setdefault("widget", _ManyFiles(attrs={"accept": accept}))
        super().__init__(**kwargs)

    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        given = list(data) if isinstance(data, list | tuple) else [data] if data else []
        if not given and self.required:
            raise ValidationError(self.error_messages["required"], code="required")
        if len(given) > self.MOST:
            raise ValidationError(f"一次最多 {self.MOST} 个文件，请打成一个 zip。", code="files.too_many")
        taken, faults = [], []
        for one in given:
            try:
                taken.append(super().clean(one, initial))
            except ValidationError as fault:
                faults.append(fault)
        if faults:
            raise ValidationError(faults)
        return taken

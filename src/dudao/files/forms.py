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

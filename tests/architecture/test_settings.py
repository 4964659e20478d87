"""The settings' page in the reference names every variable that the settings read, and no other."""

import re
from pathlib import Path

from django.conf import settings


def test_every_variable_stands_in_the_reference_and_no_other() -> None:
    root = Path(settings.ROOT)
    code = "".join(p.read_text("utf-8") for p in (root / "src" / "dudao").rglob("*.py"))
    read = set(re.findall(r'environ\.get\(\s*"(DUDAO_[A-Z_]+|DATABASE_URL)"', code)) | {
        name + suffix for name in re.findall(r'_secret\("(DUDAO_[A-Z_]+)"\)', code) for suffix in ("", "_FILE")
    }
    told = set(re.findall(r"`(DUDAO_[A-Z_]+|DATABASE_URL)`", (root / "docs/reference/settings.md").read_text("utf-8")))
    assert told == read

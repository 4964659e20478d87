"""A ring of keys for what is encrypted."""

from pathlib import Path
from typing import Any

import pytest

from dudao.shell import crypto
from tests.cast import NOW


@pytest.fixture(autouse=True)
def ring(tmp_path: Path, settings: Any) -> crypto.Ring:
    settings.KEY_FILE = tmp_path / "keys" / "ring.json"
    return crypto.make_key_file(settings.KEY_FILE, cipher="sm4-gcm", now=NOW)

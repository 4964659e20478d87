"""The templates, and a made-up paper of each."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from dudao_engines.papers import templates
from dudao_engines.papers.making import make
from dudao_engines.papers.model import Document
from dudao_engines.papers.templates import Template

ROOT = Path(__file__).resolve().parents[3]
KINDS = sorted(path.stem for path in (ROOT / "library/papers").glob("*.yaml"))


@pytest.fixture(scope="session")
def library() -> dict[str, Template]:
    return templates.load(ROOT / "library/papers")


def data_of(kind: str) -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((ROOT / f"tests/data/papers/{kind}.yaml").read_text("utf-8"))
    return loaded


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def paper(kind: str, library: dict[str, Template]) -> Document:
    return make(library[kind], data_of(kind)).document

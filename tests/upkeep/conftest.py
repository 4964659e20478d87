"""A house of its own in a folder: real database file, real key file, commands as real processes."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import psycopg
import pytest
from django.db import connection

DUDAO = str(Path(sys.executable).parent / "dudao")

SEED = """
from datetime import UTC, datetime
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from dudao.accounts.models import Person
from dudao.audit import services as audit
from dudao.files import services as files
from dudao.places.models import Unit
from dudao.shell.acts import system

NOW, BY = datetime(2024, 4, 10, 1, tzinfo=UTC), system("640122")
def seed(people=600, evidence=3):
    with transaction.atomic():
        Person.objects.bulk_create(
            Person(county="640122", name=f"示例{n}", id_number=f"示例证件{n:06}", is_example=True) for n in range(people)
        )
        unit = Unit.objects.create(county="640122", code="S1")
        for n in range(20):
            audit.record(action="unit.opened", subject=unit, summary=f"第 {n} 次", by=BY, now=NOW)
    for n in range(evidence):
        for sensitive in (False, True):
            upload = SimpleUploadedFile("通知.pdf", b"%PDF-" + bytes([n]) * 70_000)
            received = files.receive(upload, sensitive=sensitive)
            with transaction.atomic():
                files.attach(received, subject=unit, by=BY, now=NOW)
    audit.seal_all(now=NOW)
"""


@dataclass
class House:
    """One installation; ``run`` gives a finished command, ``start`` a running one."""

    var: Path
    database: str = ""

    @property
    def env(self) -> dict[str, str]:
        kept = {k: v for k, v in os.environ.items() if not k.startswith("DUDAO_") and k != "DATABASE_URL"}
        mine = {
            "DJANGO_SETTINGS_MODULE": "dudao.config.settings",
            "DUDAO_MODE": "test",
            "DUDAO_VAR": str(self.var),
            "DUDAO_TODAY": "2024-04-10",
        }
        return {**kept, **mine, "DATABASE_URL": self.database, "PYTHONUNBUFFERED": "1"}

    @property
    def key_file(self) -> Path:
        return self.var / "keys" / "field-keys.json"

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run([DUDAO, *command], env=self.env, capture_output=True, text=True, timeout=120)

    def start(self, *command: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [DUDAO, *command], env=self.env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )

    def _code(self, code: str) -> tuple[list[str], dict[str, str]]:
        whole = f"import django\ndjango.setup()\n{SEED}\n{code}"
        return [sys.executable, "-c", whole], self.env

    def do(self, code: str) -> str:
        """Run Python inside the house; its output."""
        command, env = self._code(code)
        done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=120)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def start_code(self, code: str) -> subprocess.Popen[str]:
        command, env = self._code(code)
        return subprocess.Popen(command, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


@pytest.fixture(scope="session")
def _model_house(tmp_path_factory: pytest.TempPathFactory) -> House:
    house = House(tmp_path_factory.mktemp("model") / "var")
    done = house.run("migrate", "-v0")
    assert done.returncode == 0, done.stderr
    house.do("seed()")
    return house


@pytest.fixture
def house(_model_house: House, tmp_path: Path) -> House:
    """A house with 600 people who have (made-up) numbers, 20 events and 6 pieces of evidence, 3 of them sensitive."""
    shutil.copytree(_model_house.var, tmp_path / "var")
    return House(tmp_path / "var")


@pytest.fixture
def empty(tmp_path: Path) -> House:
    return House(tmp_path / "elsewhere")


@pytest.fixture
def pg_houses(tmp_path: Path) -> Iterator[tuple[House, House]]:
    """A seeded house and an empty one on the PostgreSQL server of the tests."""
    if connection.vendor != "postgresql":
        pytest.skip("needs DATABASE_URL=postgresql://…")
    given = connection.settings_dict
    who = f"{given['USER']}:{given['PASSWORD']}@" if given["USER"] else ""
    # The host may be the folder of a socket; then it stands quoted in an address.
    place = f"{who}{quote(given['HOST'] or '127.0.0.1', safe='')}:{given['PORT'] or 5432}"
    names = [f"dudao_backup_{os.getpid()}_{n}" for n in "ab"]
    with psycopg.connect(f"postgresql://{place}/postgres", autocommit=True) as server:
        for name in names:
            server.execute(f"CREATE DATABASE {name}")
        houses = [House(tmp_path / name, f"postgresql://{place}/{name}") for name in names]
        done = houses[0].run("migrate", "-v0")
        assert done.returncode == 0, done.stderr
        houses[0].do("seed(people=50)")
        yield houses[0], houses[1]
        for name in names:
            server.execute(f"DROP DATABASE {name} WITH (FORCE)")

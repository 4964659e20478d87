"""What is written down is true: settings, glossary, migrations, no path of a machine."""

import ast
import re
import subprocess
from pathlib import Path

from django.apps import apps

from dudao.audit.words import words

ROOT = Path(__file__).resolve().parents[2]


def test_every_setting_of_the_environment_is_explained() -> None:
    sources = [*(ROOT / "src").rglob("*.py"), *(ROOT / "tools").glob("*.py"), *(ROOT / "tests").rglob("conftest.py")]
    named = {
        name for file in sources for name in re.findall(r"\bDUDAO_[A-Z_]+|\bDATABASE_URL\b", file.read_text("utf-8"))
    }
    told = (ROOT / "docs/reference/settings.md").read_text("utf-8")
    assert {name for name in named if name not in told} == set()


def test_every_app_and_model_stands_in_the_glossary() -> None:
    glossary = (ROOT / "GLOSSARY.md").read_text("utf-8")
    ours = [app for app in apps.get_app_configs() if app.name.startswith("dudao.")]
    models = {f"{app.name.removeprefix('dudao.')}.{model.__name__}" for app in ours for model in app.get_models()}
    assert {name for name in models if name not in glossary} == set()


def test_every_app_stands_on_the_map() -> None:
    told = (ROOT / "docs/architecture.md").read_text("utf-8")
    assert [app.name for app in apps.get_app_configs() if app.name.startswith("dudao.") and app.name not in told] == []


def test_no_file_names_a_machine_or_a_package_host() -> None:
    files = subprocess.run(["git", "ls-files"], cwd=ROOT, check=True, capture_output=True, text=True).stdout.split()
    locks = [ROOT / name for name in files if name.endswith((".lock", "package-lock.json"))]
    assert locks
    assert not any(re.search(r"https?://[^\"]*\.(tgz|whl|gz)", lock.read_text("utf-8")) for lock in locks)


OF_THE_EVENT = {"action", "subject", "summary", "by", "now", "occurred_on", "on_behalf_of"}


def test_every_act_and_fact_of_the_history_has_a_name() -> None:
    acts, facts = set(), set()
    for file in (ROOT / "src/dudao").rglob("*.py"):
        for call in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr == "record":
                facts |= {word.arg for word in call.keywords if word.arg} - OF_THE_EVENT
                said = [word.value for word in call.keywords if word.arg == "action"]
                acts |= {one.value for value in said for one in ast.walk(value) if isinstance(one, ast.Constant)}
    assert len(acts) > 50
    assert {act for act in acts if isinstance(act, str) and "." in act} - set(words().actions) == set()
    assert facts - set(words().facts) == set()

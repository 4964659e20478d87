"""A new house opens: four people with codes on paper, once."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from dudao.accounts.models import Appointment, User
from dudao.places.models import Unit

NAMES = {
    "office_director": "赵（示例）",
    "system_admin": "钱（示例）",
    "security_admin": "孙（示例）",
    "audit_admin": "李（示例）",
}


@pytest.mark.django_db
def test_a_new_house_opens_with_four_people_and_their_codes_let_them_in(capsys):
    call_command("begin", office="示例县督导室", **NAMES)
    said = capsys.readouterr().out
    codes = re.findall(r"账号 (\S+)　一次性码 (\S+?)　", said)
    assert len(codes) == 4
    assert set(Appointment.objects.values_list("post", flat=True)) == set(NAMES)
    for username, code in codes:
        response = Client().post(reverse("accounts:sign_in"), {"username": username, "password": code})
        assert response["Location"].startswith(reverse("accounts:password"))
    with pytest.raises(CommandError, match="已经有账号"):
        call_command("begin", office="示例县督导室", **NAMES)


@pytest.mark.django_db
def test_one_person_for_two_of_the_three_opens_nothing():
    with pytest.raises(CommandError, match="四个不同的人"):
        call_command("begin", office="示例县督导室", **{**NAMES, "audit_admin": NAMES["system_admin"]})
    assert not User.objects.exists() and not Unit.objects.exists()


def test_the_first_installation_goes_as_the_guide_says(tmp_path: Path):
    """docs/how-to/run.md, in an empty folder, in production."""
    env = {k: v for k, v in os.environ.items() if not k.startswith(("DUDAO_", "DATABASE_", "DJANGO_"))}
    env |= {
        "DUDAO_MODE": "production",
        "DUDAO_VAR": str(tmp_path),
        "DUDAO_KEY_FILE": str(tmp_path / "keys.json"),
        "DUDAO_SECRET_KEY": "only-for-this-test-" + "x" * 40,
        "DUDAO_COUNTY": "640122",
        "DUDAO_HOSTS": "localhost",
    }
    names = [f"--{post.replace('_', '-')}={name}" for post, name in NAMES.items()]
    for words in (["keys", "init"], ["migrate", "-v0"], ["regions"], ["begin", "--office=示例县督导室", *names]):
        done = subprocess.run(
            [str(Path(sys.executable).with_name("dudao")), *words], env=env, capture_output=True, text=True, timeout=120
        )
        assert (done.returncode, done.stderr) == (0, ""), words
    assert done.stdout.count("一次性码 ") == len(NAMES)

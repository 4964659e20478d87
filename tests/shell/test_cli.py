"""What the command line says when it cannot do a thing."""

import pytest

from dudao import cli


def test_a_command_that_refuses_says_one_chinese_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.argv", ["dudao", "regions", "/no/such/file.csv"])
    assert cli.main() == 1
    said = capsys.readouterr().err
    assert said.startswith("/no/such/file.csv：") and "CommandError" not in said and len(said.splitlines()) == 1

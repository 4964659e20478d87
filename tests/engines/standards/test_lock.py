"""What a standard or a form says never changes under the same version: snapshots and checks name both.

``LOCK`` beside the files has one line for each version ever in use: id, version, fingerprint. A line is added, never changed.
"""

from pathlib import Path

import pytest

from tests.engines.standards.counties import FORMS, LIBRARY, STANDARDS

FOLDERS = {"standards": STANDARDS, "forms": FORMS}


def _locked(folder: Path) -> list[tuple[str, str, str]]:
    lines = (folder / "LOCK").read_text("utf-8").splitlines()
    return [tuple(line.split()) for line in lines if line and not line.startswith("#")]


@pytest.mark.parametrize("name", FOLDERS)
def test_a_changed_file_has_a_new_version_and_a_line_in_lock(name):
    folder = LIBRARY / name
    locked = {(id, version): fingerprint for id, version, fingerprint in _locked(folder)}
    for id, one in FOLDERS[name].items():
        assert locked.get((id, one.version)) == one.fingerprint, (
            f"library/{name}/{id}.yaml is not what LOCK says of its version {one.version}. Was that version ever released? Then give "
            f"the file a new version. Add or, before a release, correct the line:\n{id} {one.version} {one.fingerprint}"
        )


@pytest.mark.parametrize("name", FOLDERS)
def test_lock_names_every_version_once_and_only_files_that_are_there(name):
    lines = _locked(LIBRARY / name)
    assert len({(id, version) for id, version, _ in lines}) == len(lines)
    assert {id for id, _, _ in lines} == set(FOLDERS[name])

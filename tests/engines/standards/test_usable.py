"""A value that a county put in counts officially once it was compared with its paper, and not before (domain rule 3)."""

from pathlib import Path

import pytest

from dudao_engines.kernel.errors import EngineInputError
from dudao_engines.standards import forms, schema
from dudao_engines.standards.compute import Usable, bound_of
from dudao_engines.standards.results import Settings

ROOT = Path(__file__).resolve().parents[3]
FORMS = forms.load(ROOT / "library" / "forms")


def _usable(standard: str, **settings: object) -> Usable:
    bound = bound_of(schema.read(ROOT / "library" / "standards" / f"{standard}.yaml"), FORMS)
    return Usable(bound, Settings(**settings))  # type: ignore[arg-type]


def test_a_parameter_of_the_county_is_unchecked_until_it_is_checked() -> None:
    assert not _usable("preschool-2020").why_not("1.2.1")
    assert "未核实" in _usable("preschool-2020", parameters={"P_GER_MIN": "10"}).why_not("1.1.1")
    checked = frozenset({"P_GER_MIN", "P_AGE_BASIS", "P_AGE_GROUP"})
    assert not _usable("preschool-2020", parameters={"P_GER_MIN": "90"}, checked=checked).why_not("1.1.1")


def test_a_limit_and_a_concession_of_the_county_are_unchecked_until_they_are_checked() -> None:
    assert not _usable("balanced-2017").why_not("R1")
    given = {"R1.小学": "1"}
    assert "限值" in _usable("balanced-2017", limits=given).why_not("R1")
    assert not _usable("balanced-2017", limits=given, checked=frozenset({"R1.小学"})).why_not("R1")
    opened = frozenset({"G4a"})
    assert "放宽" in _usable("balanced-2017", concessions=opened).why_not("G4")
    assert not _usable("balanced-2017", concessions=opened, checked=opened).why_not("G4")


@pytest.mark.parametrize(
    ("was", "becomes"), [("stage: 小学, op", "stage: 小学部, op"), ('factor: "100"', 'factor: "0"')]
)
def test_a_stage_that_is_none_and_a_factor_of_nothing_are_refused(tmp_path: Path, was: str, becomes: str) -> None:
    text = (ROOT / "library" / "standards" / "balanced-2017.yaml").read_text("utf-8")
    path = tmp_path / "balanced-2017.yaml"
    path.write_text(text.replace(was, becomes, 1), "utf-8")
    with pytest.raises(EngineInputError, match=r"学段|系数"):
        bound_of(schema.read(path), FORMS)

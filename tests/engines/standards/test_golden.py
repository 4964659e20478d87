"""The published examples: the standards compute what was published, and not what the known wrong methods give."""

import csv
from decimal import Decimal
from fractions import Fraction
from math import isclose, sqrt
from pathlib import Path

import pytest

from dudao_engines.standards.results import Verdict
from dudao_engines.standards.values import Root, Unknown
from tests.engines.standards.counties import balanced, kindergarten, preschool, preschool_county, school

GOLDEN = Path(__file__).parents[2] / "data" / "standards" / "golden"


def _rows(name: str) -> list[dict[str, str]]:
    with (GOLDEN / name).open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


class TestCoefficientOfVariation:
    """The worked example of five schools and their books; here the books stand where 优质均衡 counts rooms."""

    @pytest.fixture
    def county(self):
        schools = [
            school(row["school"], primary=int(row["students"]), network_multimedia_rooms=int(row["books"]))
            for row in _rows("cv_worked_example_books.csv")
        ]
        return balanced(*schools).of("CV7", "640122", "小学")

    def test_it_is_weighted_by_pupils(self, county):
        expected = {row["quantity"]: row for row in _rows("cv_worked_example_books_expected.csv")}
        assert isinstance(county.value, Root)
        assert isclose(sqrt(county.value.square), float(expected["cv"]["recomputed_unrounded"]), abs_tol=1e-10)
        assert county.shown == "0.515"
        assert county.verdict is Verdict.FAIL

    def test_the_wrong_methods_do_not_come_out(self, county):
        for row in _rows("cv_worked_example_books_expected.csv"):
            if row["quantity"].startswith("cv_unweighted"):
                assert not isclose(sqrt(county.value.square), float(row["recomputed_unrounded"]), abs_tol=0.01)

    def test_the_mean_of_the_county_is_that_of_all_pupils(self):
        schools = [
            school(row["school"], primary=int(row["students"]), network_multimedia_rooms=int(row["books"]))
            for row in _rows("cv_worked_example_books.csv")
        ]
        assert balanced(*schools).of("M7", "640122", "小学").value == Fraction(1913, 302) * 100


def test_a_nine_year_school_is_shared_out_by_weighted_pupils():
    for row in _rows("split_worked_example_nine_year.csv"):
        results = balanced(
            school(
                "N1",
                row["school_type"],
                primary=int(row["primary_students"]),
                junior=int(row["junior_students"]),
                senior=int(row["senior_students"]),
                network_multimedia_rooms=int(row["asset_total"]),
            )
        )
        for stage, key in ("小学", "primary"), ("初中", "junior"):
            share = results.of("R7", "N1", stage).numerator
            assert isinstance(share, Fraction)
            assert isclose(float(share), float(row[f"exact_{key}_share"]), abs_tol=1e-9)
            assert abs(share - int(row[f"published_{key}_share"])) <= Fraction(row["tolerance"])
        assert sum(results.of("R7", "N1", one).numerator for one in ("小学", "初中")) == int(row["asset_total"])


class TestHelan:
    """The county's published numbers of spring 2024."""

    @pytest.fixture
    def published(self):
        return {row["code"]: row for row in _rows("helan_2024.csv")}

    @pytest.fixture
    def kindergartens(self, published):
        public, inclusive = (
            int(published[code]["value"]) for code in ("enrolled_public", "enrolled_inclusive_private")
        )
        rest = int(published["enrolled_children_total"]["value"]) - public - inclusive
        return [
            kindergarten("A", public),
            kindergarten("B", inclusive, nature="普惠性民办园"),
            kindergarten("C", rest, nature="非普惠性民办园"),
        ]

    def test_the_two_shares_are_rounded_once_half_up(self, published, kindergartens):
        results = preschool(kindergartens)
        for code, part in ("inclusive_coverage", "1.2.1"), ("public_share", "1.3.1"):
            found = results.of(part, "640122")
            assert found.shown == published[code]["value"]
            assert isclose(float(found.value), float(published[code]["recomputed_unrounded"]), abs_tol=1e-9)
            assert found.verdict is Verdict.PASS
        assert results.of("1.2.1", "640122").numerator == 11302

    def test_the_enrolment_ratio_cannot_be_computed_without_the_age_population(self, kindergartens):
        found = preschool(kindergartens, of=preschool_county(age_population=None)).of("1.1.1", "640122")
        assert isinstance(found.value, Unknown)
        assert found.trial is Verdict.MISSING

    @pytest.mark.parametrize(
        ("people", "shown"), [(13894, "98.02"), (13895, "98.01"), (13896, "98.01"), (13897, "98.00")]
    )
    def test_two_age_populations_give_the_published_ratio(self, published, kindergartens, people, shown):
        found = preschool(kindergartens, of=preschool_county(age_population=people)).of("1.1.1", "640122")
        assert found.shown == shown
        assert (shown == published["gross_enrolment_ratio"]["value"]) == (people in (13895, 13896))

    def test_the_population_resident_in_the_county_stands_in_for_the_default_basis(self, kindergartens):
        found = preschool(kindergartens, of=preschool_county(age_population=None, resident_age_3_5=13895))
        assert found.of("1.1.1", "640122").value == Fraction(Decimal(13619)) / 13895 * 100

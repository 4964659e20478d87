"""A nation's schools by our SQL against SQL written by hand, and one county as a whole process against pandas and LibreOffice Calc."""

import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from decimal import Decimal
from pathlib import Path

import duckdb
import xlsxwriter
from xlsxwriter.utility import xl_col_to_name

from dudao_engines.standards import engines, forms, schema
from dudao_engines.standards.bound import Bound
from dudao_engines.standards.compute import bound_of

LIMIT, MEMORY = 1.5, 4.0
_ROOT = Path(__file__).parents[1]
_BIN = Path(sys.executable).parent
#: Without this Calc writes the values that it finds, and computes nothing.
_RECALCULATE = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry"><item oor:path="/org.openoffice.Office.Calc/Formula/Load">
<prop oor:name="OOXMLRecalcMode" oor:op="fuse"><value>0</value></prop></item></oor:items>"""
_CSV = "csv:Text - txt - csv (StarCalc):44,34,76"
_COUNTIES, _TIMES = 2900, 3
#: Schools of each kind in a county: together 300 000 stages.
_KINDS = {"小学": 55, "初中": 20, "九年一贯制": 13, "完全中学": 3}
_STAGES = ("primary", "junior")
_LIMITS = ((4.2, 1, 0.9, 4.5, 7.5, 2000, 2.3), (5.3, 1, 0.9, 5.8, 10.2, 2500, 2.4))
_DEGREES = {"primary": ("college", "bachelor", "master", "doctor"), "junior": ("bachelor", "master", "doctor")}
_COUNTED = ("pe", "music", "fine_art", "art")


def run() -> list[tuple[str, float, float, bool]]:
    """Measure.

    Returns:
        Name, figure, limit, whether it holds: time of our engine from Parquet to Parquet over that of the SQL by hand, values
        that differ between the two, and the most memory that our process took (GiB).
    """
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        _generate(folder / "schools.parquet")
        spent: dict[str, list[float]] = {"ours": [], "hand": []}
        for _ in range(_TIMES):
            for which in spent:
                spent[which].append(_alone(which, folder))
        ours, hand = (min(times) for times in spent.values())
        stages, values, verdicts = _compared(folder)
        peak = round(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 2**20, 2)
    ratio = round(ours / hand, 2)
    told = f"indicators: {stages} school stages, {_COUNTIES} counties, {ours:.2f} s of processor : SQL by hand, {hand:.2f} s"
    return [
        *_one_county(),
        (told, ratio, LIMIT, ratio <= LIMIT),
        (f"indicators: values that differ from the SQL by hand ({verdicts} verdicts do)", values, 0, values == 0),
        ("indicators: most memory of a process, GiB", peak, MEMORY, peak <= MEMORY),
    ]


def _one_county() -> list[tuple[str, float, float, bool]]:
    """Whole processes, from a workbook to verdicts: ours exactly, a plain pandas script, LibreOffice Calc with formulas."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        rows = _workbooks(folder)
        commands = {
            "ours": [str(_BIN / "dudao"), "indicators", "compute", "--standard", "balanced-2017", "--data", "schools.xlsx", "--json", "--library", str(_ROOT / "library")],
            "pandas": [sys.executable, str(_ROOT / "bench/one_county.py"), "schools.xlsx"],
        }  # fmt: skip
        if shutil.which("soffice"):
            (folder / "profile/user").mkdir(parents=True)
            (folder / "profile/user/registrymodifications.xcu").write_text(_RECALCULATE, "utf-8")
            profile = f"-env:UserInstallation=file://{folder}/profile"
            commands["LibreOffice Calc"] = ["soffice", profile, "--headless", "--convert-to", _CSV, "formulas.xlsx"]
        spent = {which: min(_spent(command, folder) for _ in range(_TIMES)) for which, command in commands.items()}
    found = []
    for which in [one for one in spent if one != "ours"]:
        ratio = round(spent["ours"] / spent[which], 2)
        told = f"indicators: one county of {rows} schools, whole process, {spent['ours']:.2f} s of processor : {which}, {spent[which]:.2f} s"
        found.append((told, ratio, 1.0, ratio <= 1.0))
    return found


def _spent(command: list[str], folder: Path) -> float:
    """Processor seconds of a process and those it starts."""
    before = os.times()
    subprocess.run(command, cwd=folder, check=True, capture_output=True)
    after = os.times()
    return after.children_user + after.children_system - before.children_user - before.children_system


def _workbooks(folder: Path) -> int:
    """One county's schools under the labels of the form, and the same with formulas in further columns."""
    form = forms.read(_ROOT / "library/forms/school-return.yaml")
    labels = {field.code: field.label for field in form.fields}
    data = folder / "county.parquet"
    _generate(data, counties=1)
    with duckdb.connect() as connection:
        relation = connection.execute(f"SELECT * EXCLUDE (county) FROM '{data}'")
        codes = [one[0] for one in relation.description or ()]
        rows = relation.fetchall()
    heads = [{"unit": "学校代码"}.get(code) or labels[code] for code in codes]
    for name in ("schools.xlsx", "formulas.xlsx"):
        book = xlsxwriter.Workbook(folder / name)
        sheet = book.add_worksheet("学校")
        sheet.write_row(0, 0, heads)
        for at, row in enumerate(rows, 1):
            for column, value in enumerate(row):
                if value is not None:
                    sheet.write(at, column, float(value) if isinstance(value, Decimal) else value)
            if name == "formulas.xlsx":
                _formulas(
                    sheet, at, len(codes), {code: xl_col_to_name(n) + str(at + 1) for n, code in enumerate(codes)}
                )
        book.close()
    return len(rows)


def _formulas(sheet: xlsxwriter.worksheet.Worksheet, at: int, start: int, cell: dict[str, str]) -> None:
    """Seven ratios and verdicts of each stage, and whether six of seven are met, as one would write them in a sheet."""
    weight = f"{cell['students_primary']}+1.1*{cell['students_junior']}+1.32*N({cell['students_senior']})"
    column = start
    for stage, limits, share in (
        ("primary", _LIMITS[0], f"{cell['students_primary']}/({weight})"),
        ("junior", _LIMITS[1], f"1.1*{cell['students_junior']}/({weight})"),
    ):
        pupils = cell[f"students_{stage}"]
        tops = (
            "+".join(cell[f"teachers_{degree}_{stage}"] for degree in _DEGREES[stage]),
            cell[f"teachers_backbone_{stage}"],
            "+".join(cell[f"teachers_{one}_{stage}"] for one in _COUNTED),
            f"({cell['area_teaching_aux']}-{cell['area_indoor_sports']})*{share}",
            f"({cell['area_sports_ground']}+{cell['area_indoor_sports']})*{share}",
            f"10000*{cell['equipment_value_wan']}*{share}",
            f"{cell['network_multimedia_rooms']}*{share}",
        )
        for factor, top, limit in zip((100, 100, 100, 1, 1, 1, 100), tops, limits, strict=True):
            sheet.write_formula(at, column, f'=IF({pupils}>0,({top})/{pupils}*{factor},"")')
            value = xl_col_to_name(column) + str(at + 1)
            sheet.write_formula(at, column + 1, f'=IF(ISNUMBER({value}),IF({value}>={limit},"达标","不达标"),"")')
            column += 2


def seven() -> Bound:
    """优质均衡 cut down to its seven resources, the overall rule of a school, and the coefficients of variation."""
    whole = schema.read(_ROOT / "library/standards/balanced-2017.yaml")
    kept = {*(f"R{n}" for n in range(1, 8)), *(f"CV{n}" for n in range(1, 8)), "SR"}
    verdict = whole.verdict.model_copy(update={"formula": "all(part, passes(SR)) and met(balance)"})
    indicators = tuple(one for one in whole.indicators if one.id in kept)
    cut = whole.model_copy(update={"indicators": indicators, "verdict": verdict, "quantities": _used(whole.quantities)})
    return bound_of(cut, forms.load(_ROOT / "library/forms"))


def _used(quantities: tuple[schema.Quantity, ...]) -> tuple[schema.Quantity, ...]:
    return tuple(one for one in quantities if one.level in ("part", "school"))


def ours(folder: Path) -> float:
    """Processor seconds from the data to the written results; the standard is read before. Other programs do not count."""
    bound = seven()
    begun = time.process_time()
    with engines.backend("duckdb") as on:
        engines.judge(bound, {"school": [folder / "schools.parquet"]}, on=on, out=folder / "ours.parquet")
    return time.process_time() - begun


def hand(folder: Path) -> float:
    """As ``ours``, by hand."""
    begun = time.process_time()
    with duckdb.connect(config={"memory_limit": "3GB", "preserve_insertion_order": "false"}) as connection:
        connection.execute("SET enable_progress_bar = false")
        for statement in _BY_HAND.format(folder=folder).split(";"):
            connection.execute(statement)
    return time.process_time() - begun


def _alone(which: str, folder: Path) -> float:
    """One of the two in a process of its own, so that its memory is its own too."""
    code = f"import pathlib, bench.indicators as b; print(b.{which}(pathlib.Path({str(folder)!r})))"
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True, cwd=_ROOT)
    return float(done.stdout)


def _generate(path: Path, counties: int = _COUNTIES) -> None:
    """Schools around the limits; one cell in a thousand is missing."""
    kinds = " UNION ALL ".join(
        f"SELECT '{kind}' AS school_type, n FROM range({schools}) AS r(n)" for kind, schools in _KINDS.items()
    )
    ints = {"network_multimedia_rooms": "pupils * 0.0245"}
    for stage in _STAGES:
        ints |= {
            f"teachers_bachelor_{stage}": f"students_{stage} * 0.05",
            f"teachers_backbone_{stage}": f"students_{stage} * 0.011",
        }
        ints |= {f"teachers_{one}_{stage}": f"students_{stage} * 0.0024" for one in _COUNTED}
        ints |= {f"teachers_{degree}_{stage}": f"students_{stage} * 0.001" for degree in ("master", "doctor")}
    ints["teachers_college_primary"] = "students_primary * 0.01"
    ints |= {"teachers_backbone": "pupils * 0.011"} | {f"teachers_{one}": "pupils * 0.0024" for one in _COUNTED}
    decimals = {
        "area_teaching_aux": "pupils * 5.3",
        "area_indoor_sports": "pupils * 0.3",
        "area_sports_ground": "pupils * 9",
        "equipment_value_wan": "pupils * 0.24",
    }
    spread = "(0.8 + 0.6 * random())"
    missing = "CASE WHEN random() > 0.001 THEN {} END AS {}"
    columns = [missing.format(f"CAST({of} * {spread} AS INTEGER)", name) for name, of in ints.items()]
    columns += [missing.format(f"CAST({of} * {spread} AS DECIMAL(12, 2))", name) for name, of in decimals.items()]
    with duckdb.connect() as connection:
        connection.execute("SELECT setseed(0.2024)")
        connection.execute(f"""
            COPY (
                WITH kinds AS ({kinds}),
                units AS (
                    SELECT printf('%06d', c) AS county, school_type,
                        CASE WHEN school_type IN ('小学', '九年一贯制') THEN 100 + CAST(random() * 1900 AS INTEGER) ELSE 0 END AS students_primary,
                        CASE WHEN school_type = '小学' THEN 0 ELSE 100 + CAST(random() * 1900 AS INTEGER) END AS students_junior,
                        CASE WHEN school_type = '完全中学' THEN 500 + CAST(random() * 900 AS INTEGER) END AS students_senior
                    FROM range({counties}) AS c(c), kinds
                ),
                numbered AS (
                    SELECT *, printf('%08d', row_number() OVER ()) AS unit,
                        students_primary + students_junior + COALESCE(students_senior, 0) AS pupils
                    FROM units
                )
                SELECT * EXCLUDE (pupils), {", ".join(columns)} FROM numbered
            ) TO '{path}' (FORMAT parquet)
        """)


def _compared(folder: Path) -> tuple[int, int, int]:
    """School stages, and how many values and verdicts of the two differ."""
    with duckdb.connect() as connection:
        found = connection.execute(f"""
            SELECT count(*) FILTER (WHERE o.indicator = 'R1'),
                count(*) - (SELECT count(*) FROM '{folder}/theirs.parquet') + count(*) FILTER (WHERE h.value IS NULL AND h.verdict IS NULL OR (o.value IS NULL) <> (h.value IS NULL)
                    OR abs(o.value - h.value) > 1e-9 * greatest(abs(h.value), 1)),
                count(*) FILTER (WHERE o.trial <> h.verdict)
            FROM '{folder}/ours.parquet' AS o FULL JOIN '{folder}/theirs.parquet' AS h USING (indicator, county, unit, stage)
        """).fetchone()
    if found is None:
        raise RuntimeError("nothing to compare")
    return found[0], found[1], found[2]


def _ratio(n: int) -> str:
    return f"SELECT 'R{n}' AS indicator, 'part' AS level, county, unit, stage, n{n} AS numerator, students AS denominator, r{n} AS value, '>=' AS op, l{n} AS limit, CASE WHEN r{n} IS NULL THEN '无法判定' WHEN r{n} >= l{n} THEN '达标' ELSE '不达标' END AS verdict FROM ratios"


def _cv(n: int) -> str:
    return f"SELECT 'CV{n}', 'stage', county, county, stage, NULL, NULL, cv{n}, '<=', l, CASE WHEN cv{n} IS NULL THEN '无法判定' WHEN cv{n} <= l THEN '达标' ELSE '不达标' END FROM cvs"


_N = range(1, 8)
_SHARES = """CASE WHEN (CASE WHEN students_primary > 0 THEN 1 ELSE 0 END) + (CASE WHEN students_junior > 0 THEN 1 ELSE 0 END) + (CASE WHEN school_type IN ('完全中学', '十二年一贯制') AND students_senior > 0 THEN 1 ELSE 0 END) >= 2"""
_WEIGHTED = """(students_primary + students_junior * CASE WHEN school_type = '完全中学' THEN 1 ELSE 1.1 END + CASE WHEN school_type = '完全中学' THEN students_senior * 1.2 WHEN school_type = '十二年一贯制' THEN students_senior * 1.32 ELSE 0 END)"""
#: As somebody who knows DuckDB would write it for these numbers.
_BY_HAND = f"""
CREATE TEMP TABLE ratios AS
WITH schools AS (
    SELECT *, {_SHARES} THEN TRUE ELSE FALSE END AS several, CAST({_WEIGHTED} AS DOUBLE) AS weighted
    FROM '{{folder}}/schools.parquet'
    WHERE school_type NOT IN ('特殊教育', '职业学校') AND NOT (school_type = '教学点' AND students_primary + students_junior < 50)
),
parts AS (
    SELECT unit, county, '小学' AS stage, students_primary AS students,
        teachers_college_primary + teachers_bachelor_primary + teachers_master_primary + teachers_doctor_primary AS n1,
        CASE WHEN several THEN teachers_backbone_primary ELSE teachers_backbone END AS n2,
        CASE WHEN several THEN teachers_pe_primary + teachers_music_primary + teachers_fine_art_primary + teachers_art_primary
            ELSE teachers_pe + teachers_music + teachers_fine_art + teachers_art END AS n3,
        CASE WHEN several THEN students_primary / weighted ELSE 1 END AS share,
        (area_teaching_aux - area_indoor_sports)::DOUBLE * share AS n4, (area_sports_ground + area_indoor_sports)::DOUBLE * share AS n5,
        equipment_value_wan::DOUBLE * share AS n6, network_multimedia_rooms * share AS n7,
        4.2::DOUBLE AS l1, 1::DOUBLE AS l2, 0.9::DOUBLE AS l3, 4.5::DOUBLE AS l4, 7.5::DOUBLE AS l5, 2000::DOUBLE AS l6, 2.3::DOUBLE AS l7
    FROM schools WHERE students_primary > 0
    UNION ALL
    SELECT unit, county, '初中', students_junior,
        teachers_bachelor_junior + teachers_master_junior + teachers_doctor_junior,
        CASE WHEN several THEN teachers_backbone_junior ELSE teachers_backbone END,
        CASE WHEN several THEN teachers_pe_junior + teachers_music_junior + teachers_fine_art_junior + teachers_art_junior
            ELSE teachers_pe + teachers_music + teachers_fine_art + teachers_art END,
        CASE WHEN several THEN students_junior * CASE WHEN school_type = '完全中学' THEN 1 ELSE 1.1 END / weighted ELSE 1 END AS share,
        (area_teaching_aux - area_indoor_sports)::DOUBLE * share, (area_sports_ground + area_indoor_sports)::DOUBLE * share,
        equipment_value_wan::DOUBLE * share, network_multimedia_rooms * share,
        5.3, 1, 0.9, 5.8, 10.2, 2500, 2.4
    FROM schools WHERE students_junior > 0
)
SELECT unit, county, stage, students, n1, n2, n3, n4, n5, n6, n7, l1, l2, l3, l4, l5, l6, l7,
    n1 / students * 100 AS r1, n2 / students * 100 AS r2, n3 / students * 100 AS r3, n4 / students AS r4, n5 / students AS r5,
    n6 / students * 10000 AS r6, n7 / students * 100 AS r7
FROM parts;
CREATE TEMP TABLE rules AS
SELECT unit, county, stage,
    CASE WHEN {" AND ".join(f"r{n} >= 0.85 * l{n}" for n in _N)} AND met >= 6 THEN TRUE
        WHEN {" OR ".join(f"r{n} < 0.85 * l{n}" for n in _N)} OR met + open < 6 THEN FALSE END AS passed
FROM (
    SELECT *, {" + ".join(f"CASE WHEN r{n} >= l{n} THEN 1 ELSE 0 END" for n in _N)} AS met,
        {" + ".join(f"CASE WHEN r{n} IS NULL THEN 1 ELSE 0 END" for n in _N)} AS open
    FROM ratios
);
CREATE TEMP TABLE cvs AS
SELECT county, stage, CASE WHEN stage = '小学' THEN 0.5::DOUBLE ELSE 0.45::DOUBLE END AS l,
    {", ".join(f"CASE WHEN count(r{n}) = count(*) THEN sqrt(greatest(sum(students) * sum(r{n} * r{n} * students) / (sum(r{n} * students) * sum(r{n} * students)) - 1, 0)) END AS cv{n}" for n in _N)}
FROM ratios GROUP BY county, stage;
COPY (
    {" UNION ALL ".join(map(_ratio, _N))}
    UNION ALL
    SELECT 'SR', 'part', county, unit, stage, NULL, NULL, NULL, '', NULL,
        CASE WHEN passed IS NULL THEN '无法判定' WHEN passed THEN '达标' ELSE '不达标' END FROM rules
    UNION ALL {" UNION ALL ".join(map(_cv, _N))}
    UNION ALL
    SELECT 'conclusion', 'county', county, county, '', NULL, NULL, NULL, '', NULL,
        CASE WHEN NOT coalesce(s.all_pass, TRUE) OR NOT coalesce(c.all_pass, TRUE) THEN '不达标' WHEN s.all_pass AND c.all_pass THEN '达标' ELSE '无法判定' END
    FROM (SELECT county, CASE WHEN count(*) FILTER (WHERE NOT passed) > 0 THEN FALSE WHEN count(passed) = count(*) THEN TRUE END AS all_pass
        FROM rules GROUP BY county) AS s
    JOIN (SELECT county, CASE WHEN count(*) FILTER (WHERE {" OR ".join(f"cv{n} > l" for n in _N)}) > 0 THEN FALSE
        WHEN {" AND ".join(f"count(cv{n}) = count(*)" for n in _N)} THEN TRUE END AS all_pass FROM cvs GROUP BY county) AS c USING (county)
) TO '{{folder}}/theirs.parquet' (FORMAT parquet)
"""

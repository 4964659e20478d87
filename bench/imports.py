"""A province's 50 000 schools out of one workbook: read, mapped, typed, checked and staged, against python-calamine only reading it."""

import os
import random
import subprocess
import sys
import tempfile
import time
from datetime import date
from pathlib import Path

LIMIT = 2.0
_ROWS, _TIMES = 50_000, 3
_ROOT = Path(__file__).parents[1]
#: One in so many numbers cannot be read.
_BAD = 5_000


def run() -> list[tuple[str, float, float, bool]]:
    """Measure.

    Returns:
        Name, processor time of the whole import over that of reading alone (each the best of its runs, each in a process of its
        own), limit, whether it holds.
    """
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        _alone("make", folder)
        spent: dict[str, list[float]] = {"reading": [], "importing": []}
        for _ in range(_TIMES):
            for which in spent:
                spent[which].append(float(_alone(which, folder)))
    reading, importing = (min(times) for times in spent.values())
    ratio = round(importing / reading, 2)
    told = f"imports: {_ROWS} rows to staged parts, {importing:.2f} s of processor : python-calamine reading, {reading:.2f} s"
    return [(told, ratio, LIMIT, ratio <= LIMIT)]


def _alone(what: str, folder: Path) -> str:
    env = os.environ | {
        "PYTHONPATH": f"{_ROOT}:{_ROOT / 'src'}", "DJANGO_SETTINGS_MODULE": "dudao.config.settings",
        "DUDAO_MODE": "demo", "DUDAO_VAR": str(folder / "var"), "DUDAO_TODAY": "2024-04-10",
    }  # fmt: skip
    command = [sys.executable, "-m", "bench.imports", what, str(folder)]
    return subprocess.run(command, cwd=_ROOT, env=env, check=True, capture_output=True, text=True).stdout.strip()


def _make(folder: Path) -> None:
    """The workbook, and an empty database with a campaign and an import in it."""
    import django
    import xlsxwriter

    django.setup()
    from django.core.management import call_command

    from dudao.returns import library
    from dudao.returns.models import Campaign, Upload
    from dudao.shell import clock

    draw = random.Random(20240901)
    form = library.forms()["school-return"]
    with xlsxwriter.Workbook(folder / "schools.xlsx", {"constant_memory": True}) as book:
        sheet = book.add_worksheet("学校")
        sheet.write_row(0, 0, [one.head for one in form.fields])
        for row in range(1, _ROWS + 1):
            for at, one in enumerate(form.fields):
                if one.kind == "int":
                    value: object = (
                        "N/A" if draw.randrange(_BAD) == 0 else draw.randrange(min(900, int(one.maximum or 900)))
                    )
                elif one.kind == "dec":
                    value = draw.randrange(3_000_000) / 100
                elif one.kind == "year":
                    value = 1950 + draw.randrange(70)
                elif one.kind == "bool":
                    value = draw.choice("是否")
                elif one.kind == "enum":
                    value = draw.choice(one.choices)
                else:
                    value = f"31{row:08d}" if one.code == "school_code" else f"示例学校{row}"
                sheet.write(row, at, value)
    call_command("migrate", verbosity=0)
    now = clock.now()
    campaign = Campaign.objects.create(
        county="640122", form=form.id, form_text=library.text_of(form.id), fingerprint=form.fingerprint, level="school",
        title="示例", period="2024", period_label="2024", census_on=date(2024, 9, 1), opens_on=date(2024, 9, 1),
        due_on=date(2024, 9, 30), made_name="示例", made_at=now,
    )  # fmt: skip
    Upload.objects.create(
        county="640122", campaign=campaign, source="platform", name="示例", made_name="示例", made_at=now
    )


def _reading(folder: Path) -> None:
    from python_calamine import load_workbook

    start = time.process_time()
    book = load_workbook(folder / "schools.xlsx")
    rows = book.get_sheet_by_index(0).to_python(skip_empty_area=False)
    print(time.process_time() - start)
    assert len(rows) == _ROWS + 1


def _importing(folder: Path) -> None:
    import django

    django.setup()
    from django.db import transaction

    from dudao.returns import library, staging
    from dudao.returns.models import Upload, UploadPart
    from dudao.returns.staging import Known
    from dudao.shell.keys import uuid7
    from dudao_engines.kernel import workbooks
    from dudao_engines.standards import mapping

    codes = {f"31{row:08d}": str(uuid7()) for row in range(1, _ROWS + 1)}
    names = {key: f"示例学校{row}" for row, key in enumerate(codes.values(), 1)}
    known = Known(codes=codes, titles=names, called=dict.fromkeys(codes.values(), ""), county=frozenset({"640122"}))
    form, upload = library.forms()["school-return"], Upload.objects.get()
    upload.parts.all().delete()
    start = time.process_time()
    book = workbooks.read((folder / "schools.xlsx").read_bytes(), name="schools.xlsx")
    [table], _ = mapping.recognise(book, [form])
    staged = staging.stage(mapping.read(table), known)
    with transaction.atomic():
        UploadPart.objects.bulk_create(
            [
                UploadPart(upload=upload, number=at, content=staging.written(part))
                for at, part in enumerate(staged.parts, 1)
            ],
            batch_size=50,
        )
    print(time.process_time() - start)
    assert staged.counts["units"] == _ROWS and staged.counts["refused"] > 0


if __name__ == "__main__":
    {"make": _make, "reading": _reading, "importing": _importing}[sys.argv[1]](Path(sys.argv[2]))

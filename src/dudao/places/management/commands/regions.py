"""``dudao regions [FILE]``: bring the county's regions in; the same file again changes nothing."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from pydantic import ValidationError

from dudao.places import library, services
from dudao.shell import clock
from dudao.shell.acts import system
from dudao.shell.errors import Refused


class Command(BaseCommand):
    help = "载入行政区划（统计用区划代码）"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", nargs="?", type=Path, help="缺省为 library/regions/<县代码>.yaml")

    def handle(self, *args: Any, **options: Any) -> None:
        path: Path = options["file"] or settings.LIBRARY / "regions" / f"{settings.COUNTY}.yaml"
        try:
            content = library.read_regions(path)
            written = services.load_regions(
                regions=content.facts(), valid_from=content.valid_from, by=system(settings.COUNTY), now=clock.now()
            )
        except (OSError, ValidationError) as error:
            raise CommandError(f"{path}：{error}") from None
        except Refused as refusal:
            raise CommandError(f"{path}：{refusal.message}") from None
        self.stdout.write(f"载入 {written} 条，共 {len(content.regions)} 条")

"""The command ``dudao``."""

import os
import sys


def main() -> None:
    """Engines answer without the web application; every other word goes to Django."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dudao.config.settings")
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)

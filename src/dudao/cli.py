"""The command ``dudao``."""

import os
import sys

from dudao_engines.notices import cli as notices


def main() -> int:
    """Engines answer without the web application; every other word goes to Django.

    Returns:
        The exit status of the engine; 0 after a Django command (which exits by itself when it fails).
    """
    if sys.argv[1:2] == ["notice"]:
        return notices.main(sys.argv[2:])
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dudao.config.settings")
    from django.conf import settings
    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import execute_from_command_line

    try:
        _ = settings.MODE
    except ImproperlyConfigured as error:
        # Without this Django would only say that it does not know the command.
        print(error, file=sys.stderr)
        return 1
    execute_from_command_line(sys.argv)
    return 0

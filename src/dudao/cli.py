"""The command ``dudao``."""

import gc
import os
import sys
from importlib import import_module

# Words of engines, and what answers them; only the one that is asked is loaded.
ENGINES = {
    "notice": "dudao_engines.notices.cli",
    "papers": "dudao_engines.papers.cli",
    "procedures": "dudao_engines.procedures.cli",
    "indicators": "dudao_engines.standards.cli",
    "draws": "dudao_engines.draws.cli",
}


def main() -> int:
    """Engines answer without the web application; every other word goes to Django.

    Returns:
        The exit status of the engine; 0 after a Django command, else what it failed with.
    """
    if engine := ENGINES.get("".join(sys.argv[1:2])):
        # Engines run once and end; looking for cycles among their values finds none and takes a tenth of the time.
        gc.set_threshold(100_000)
        return int(import_module(engine).main(sys.argv[2:]))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dudao.config.settings")
    from django.conf import settings
    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import CommandError, execute_from_command_line

    try:
        _ = settings.MODE
    except ImproperlyConfigured as error:
        # Without this Django would only say that it does not know the command.
        print(error, file=sys.stderr)
        return 1
    words = list(sys.argv)
    if len(words) > 1 and words[1] != "help" and not words[1].startswith("-"):
        # Then Django hands on what a command refuses, instead of writing "CommandError:" before our words.
        words.insert(2, "--traceback")
    try:
        execute_from_command_line(words)
    except CommandError as refused:
        if "--traceback" in sys.argv:
            raise
        print(refused, file=sys.stderr)
        return refused.returncode
    return 0

"""The house with the ledger in it, for worker processes."""

from dudao.config.settings import *  # noqa: F403
from dudao.config.settings import INSTALLED_APPS

INSTALLED_APPS = [*INSTALLED_APPS, "tests.jobs.ledger"]

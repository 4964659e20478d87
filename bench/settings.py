"""The house's settings with one more address: a page with nothing on it, the peer of all others."""

from dudao.config.settings import *  # noqa: F403

ROOT_URLCONF = "bench.urls"

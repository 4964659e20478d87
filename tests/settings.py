"""The settings of the tests: the house's own, in test mode, in a folder of their own."""

import os
import tempfile

os.environ["DUDAO_MODE"] = "test"
os.environ.setdefault("DUDAO_VAR", tempfile.mkdtemp(prefix="dudao-test-"))

from dudao.config.settings import *  # noqa: F403

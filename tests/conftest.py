"""Shared set-up of all tests. The environment is set before Django reads its settings."""

import os
import tempfile

os.environ["DUDAO_MODE"] = "test"
os.environ.setdefault("DUDAO_VAR", tempfile.mkdtemp(prefix="dudao-test-"))

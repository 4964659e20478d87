"""What must not be so when the house opens for real work."""

from collections.abc import Sequence
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.checks import CheckMessage, Error
from django.db import connection


def no_demo_accounts(databases: Sequence[str] | None = None, **kwargs: Any) -> list[CheckMessage]:
    """A production start refuses while accounts of the demo exist."""
    user = apps.get_model("accounts", "User")
    if settings.MODE != "production" or not databases:
        return []
    # `migrate` asks this of a new database, which has no tables yet.
    if user._meta.db_table not in connection.introspection.table_names():
        return []
    if not user.objects.filter(is_demo=True).exists():
        return []
    return [
        Error(
            "数据库里有演示账号，不能用于正式运行。请换一个空数据库（DATABASE_URL 或 DUDAO_VAR）再启动。",
            id="accounts.E001",
        )
    ]

"""The test's own database, for another process."""

from urllib.parse import quote

from django.db import connection


def database_url() -> str:
    """What ``DATABASE_URL`` must say so that a process works on the database of the running test."""
    facts = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{facts['NAME']}"
    host, port = quote(str(facts["HOST"]), safe=""), f":{facts['PORT']}" if facts["PORT"] else ""
    user = quote(str(facts["USER"] or ""), safe="") + (
        f":{quote(str(facts['PASSWORD']), safe='')}" if facts["PASSWORD"] else ""
    )
    return f"postgresql://{user}@{host}{port}/{facts['NAME']}"

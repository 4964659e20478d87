"""What the web server writes down of each request."""

import re
from datetime import timedelta
from typing import Any

from gunicorn.glogging import Logger

# The address of somebody's calendar is its key (plan.Feed): a log is read by others.
_KEY = re.compile(r"(/plan/feed/)[^/]+\.ics$")


class WebLog(Logger):
    """The access log, without the keys that stand in addresses."""

    def atoms(self, resp: Any, req: Any, environ: dict[str, Any], request_time: timedelta) -> dict[str, Any]:
        found: dict[str, Any] = super().atoms(resp, req, environ, request_time)  # type: ignore[no-untyped-call]
        found["U"] = _KEY.sub(r"\1….ics", found["U"] or "")
        return found

"""The kinds of messages. Each app names its own in its ``AppConfig``; a setting per county hangs on the code.

message_kinds = {"plan.urge": "催签收"}
"""

from django.apps import apps


def kinds() -> dict[str, str]:
    """Every kind: code and label, in the order of the apps."""
    return {code: label for app in apps.get_app_configs() for code, label in getattr(app, "message_kinds", {}).items()}


def label_of(code: str) -> str:
    return kinds().get(code, "其他")

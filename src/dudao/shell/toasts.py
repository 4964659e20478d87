"""What is said on the next page after something was done."""

from django.contrib import messages
from django.http import HttpRequest


def done(request: HttpRequest, words: str, *, undo: str = "") -> None:
    """Say that something was done; with ``undo``, the address that takes it back by POST, a button 撤销 stands beside it."""
    messages.success(request, words, extra_tags=f"undo:{undo}" if undo else "")

"""What a service says when it does not do what was asked."""


class Refused(Exception):
    """A service refused; nothing was written.

    Args:
        message: one Chinese sentence: what is wrong and what to do.
        code: dotted name, for programs and tests, for example ``plan.already_signed``.
        field: the form field it belongs to, where there is one.
    """

    def __init__(self, message: str, *, code: str, field: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        self.field = field


class Conflict(Refused):
    """Somebody changed the row between the page and the click; both texts are to be shown."""

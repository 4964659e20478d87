"""What an engine raises when its input cannot be used."""


class EngineInputError(ValueError):
    """The caller's input breaks a precondition.

    Args:
        code: dotted name of the mistake, for example ``notices.empty``; stable, for programs.
        message: the same in Chinese, for people; says what to do.
        detail: facts about the place of the mistake.
    """

    def __init__(self, code: str, message: str, **detail: object) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.detail = detail

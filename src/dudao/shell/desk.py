"""What an app puts on the workbench beside lists of rows: one line with a light, and where to go."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Light:
    """One line on the workbench.

    Attributes:
        tone: of ``status``: late soon go wait none done.
        state: the few words beside the light.
        title: what it is about; links to ``address``.
        note: more, small.
    """

    tone: str
    state: str
    title: str
    address: str
    note: str = ""

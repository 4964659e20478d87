"""Whether what a QR code says was issued here: only yes or no, to what was asked."""

from dataclasses import dataclass

from dudao.papers import checker
from dudao.papers.models import Paper


@dataclass(frozen=True, slots=True)
class Verdict:
    """Each: right, wrong, or None where it was not said; and whether the paper was withdrawn."""

    number: bool | None
    day: bool | None
    digest: bool | None
    is_withdrawn: bool

    @property
    def is_asked(self) -> bool:
        return (self.number, self.day, self.digest) != (None, None, None)


def verify(key: str, said: str) -> Verdict | None:
    """Compare the text of a QR code with the paper issued under this key; None where there is none. One statement."""
    row = Paper.objects.filter(check_key=key, state__in=Paper.STANDING).first() if key.isprintable() else None
    if row is None:
        return None
    number, day, digest = checker.NUMBER.search(said), checker.DAY.search(said), checker.DIGEST.search(said)
    return Verdict(
        number[0] == row.number if number else None,
        day[0] == str(row.issued_on) if day else None,
        digest[1].lower() == row.words_sha256 if digest else None,
        row.state == Paper.State.WITHDRAWN,
    )

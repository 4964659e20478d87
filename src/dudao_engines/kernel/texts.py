"""Words as they are compared."""

import unicodedata


def bare(text: str) -> str:
    """A text without what people write differently: full width becomes half width (NFKC), blanks go."""
    return "".join(unicodedata.normalize("NFKC", text).split())

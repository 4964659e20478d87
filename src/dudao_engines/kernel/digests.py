"""Digests: SM3 (GB/T 32905-2016) and SHA-256 (FIPS 180-4), and the one byte form of a JSON value.

SM3 comes from ``cryptography``, because the standard library's ``hashlib`` does not promise it.
"""

import json
from collections.abc import Iterable
from hashlib import sha256
from typing import Any

from cryptography.hazmat.primitives.hashes import SM3, Hash


def sm3_hex(data: bytes) -> str:
    """The SM3 digest in 64 lower-case hexadecimal digits."""
    digest = Hash(SM3())
    digest.update(data)
    return digest.finalize().hex()


def sha256_hex(data: bytes) -> str:
    """The SHA-256 digest in 64 lower-case hexadecimal digits."""
    return sha256(data).hexdigest()


class Digests:
    """Both digests and the length of a stream, in one pass and constant memory."""

    def __init__(self) -> None:
        self._sha256 = sha256()
        self._sm3 = Hash(SM3())
        self.size = 0

    def update(self, block: bytes) -> None:
        self._sha256.update(block)
        self._sm3.update(block)
        self.size += len(block)

    def finish(self) -> tuple[str, str]:
        """``(sha256, sm3)`` in hexadecimal; the object is used up."""
        return self._sha256.hexdigest(), self._sm3.finalize().hex()


def digest_stream(blocks: Iterable[bytes]) -> tuple[str, str, int]:
    """``(sha256, sm3, size in bytes)`` of a stream of blocks."""
    digests = Digests()
    for block in blocks:
        digests.update(block)
    sha, sm3 = digests.finish()
    return sha, sm3, digests.size


def canonical_json(value: Any) -> bytes:
    """The one byte form of a JSON value: UTF-8, keys in order, no blanks, no NaN.

    Two values that a database hands back as equal JSON give the same bytes, whatever the order of their keys.

    Raises:
        ValueError: a number is NaN or infinite.
        TypeError: a value is not JSON.
    """
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return text.encode("utf-8", "surrogatepass")

"""Secrets at rest: one interface over SM4-GCM and AES-256-GCM, and the ring of keys in a file of its own.

The key file stands outside database and backup (``settings.KEY_FILE``). Each value names the key that closed it, so that a
new key can come in while the old values are still readable. From one secret per key three keys are derived (HKDF): for
fields, for the blind index, and for files (one more per file). What a value belongs to (table, field, row) is bound in as
associated data: a ciphertext copied to another row does not open there.
"""

import base64
import json
import os
import re
import secrets
import struct
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any, Literal, cast, get_args

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.hashes import SHA256, SM3, HashAlgorithm
from cryptography.hazmat.primitives.hmac import HMAC
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

from dudao.shell.errors import Refused

CipherName = Literal["sm4-gcm", "aes-256-gcm"]
CIPHERS: tuple[CipherName, ...] = get_args(CipherName)
_KEY_BYTES: dict[CipherName, int] = {"sm4-gcm": 16, "aes-256-gcm": 32}
_NONCE, _TAG = 12, 16
_KEY_ID = re.compile(r"[a-z][a-z0-9-]{1,23}")
_MAGIC = b"DUDAOENC1\n"
CHUNK = 64 * 1024


class Unreadable(Refused):
    """A closed value cannot be opened: its key is missing, or it was cut, changed or moved."""


class BadKeyFile(Refused):
    """The key file is absent, not ours, open to others, or a demo's where none may be."""


@dataclass(frozen=True)
class Key:
    """One key of the ring.

    Attributes:
        id: short name inside every value closed by it.
        cipher: which algorithm it is for.
        secret: 32 random bytes; nothing is ever encrypted with them directly.
        made_at: when it was made.
        superseded_at: since when another key is the current one.
    """

    id: str
    cipher: CipherName
    secret: bytes
    made_at: datetime
    superseded_at: datetime | None = None

    def __repr__(self) -> str:
        return f"<Key {self.id} {self.cipher}>"

    @property
    def _hash(self) -> HashAlgorithm:
        return SM3() if self.cipher == "sm4-gcm" else SHA256()

    def derive(self, purpose: bytes, *, salt: bytes = b"", length: int | None = None) -> bytes:
        """A key for one purpose (HKDF with SM3 or SHA-256)."""
        wanted = length or _KEY_BYTES[self.cipher]
        return HKDF(self._hash, wanted, salt or None, b"dudao/" + purpose).derive(self.secret)

    @cached_property
    def fingerprint(self) -> str:
        """Tells two keys of the same name apart, and nothing of the secret."""
        return self.derive(b"fingerprint", length=16).hex()

    @cached_property
    def field_key(self) -> bytes:
        return self.derive(b"field")

    @cached_property
    def index_key(self) -> bytes:
        return self.derive(b"index", length=32)

    def close(self, key: bytes, nonce: bytes, data: bytes, bound_to: bytes) -> bytes:
        algorithm = algorithms.SM4(key) if self.cipher == "sm4-gcm" else algorithms.AES(key)
        box = Cipher(algorithm, modes.GCM(nonce)).encryptor()
        box.authenticate_additional_data(bound_to)
        return box.update(data) + box.finalize() + box.tag

    def open(self, key: bytes, nonce: bytes, data: bytes, bound_to: bytes) -> bytes:
        """Raises: ``InvalidTag``."""
        if len(data) < _TAG:
            raise InvalidTag
        algorithm = algorithms.SM4(key) if self.cipher == "sm4-gcm" else algorithms.AES(key)
        box = Cipher(algorithm, modes.GCM(nonce, data[-_TAG:])).decryptor()
        box.authenticate_additional_data(bound_to)
        return box.update(data[:-_TAG]) + box.finalize()

    def blind(self, domain: str, text: str) -> str:
        mac = HMAC(self.index_key, self._hash)
        mac.update(f"{domain}\n{text}".encode())
        return f"{self.id}.{mac.finalize().hex()}"


@dataclass(frozen=True)
class Ring:
    """All keys that may still be needed, and the one new values are closed with."""

    current: str
    keys: dict[str, Key]
    demo: bool = False
    rotating: bool = False

    @property
    def now(self) -> Key:
        return self.keys[self.current]

    def key(self, name: str) -> Key:
        if name not in self.keys:
            raise Unreadable(
                f"打不开密文：密钥文件里没有密钥“{name[:24]}”。请换回写入时所用的密钥文件。", code="crypto.no_key"
            )
        return self.keys[name]


# ---- values ---------------------------------------------------------------------------------------------------------


def seal(text: str, *, bound_to: str) -> str:
    """Close a text with the current key.

    Args:
        text: what to hide.
        bound_to: where it belongs, for example ``accounts.person|id_number|<row key>``; the same is needed to open it.

    Returns:
        ``<key id>.<base64url of nonce, ciphertext and tag>``.
    """
    key = ring().now
    nonce = secrets.token_bytes(_NONCE)
    closed = key.close(key.field_key, nonce, text.encode("utf-8", "surrogatepass"), bound_to.encode())
    return f"{key.id}.{base64.urlsafe_b64encode(nonce + closed).decode()}"


def unseal(value: str, *, bound_to: str) -> str:
    """Open what ``seal`` closed.

    Raises:
        Unreadable: ``crypto.no_key`` (its key is not in the file) or ``crypto.broken`` (cut, changed, or of another row).
    """
    name, dot, body = value.partition(".")
    broken = Unreadable("打不开密文：内容残缺、被改动，或不属于这一行。请从备份核对。", code="crypto.broken")
    if not dot or not _KEY_ID.fullmatch(name):
        raise broken
    key = ring().key(name)
    try:
        raw = base64.b64decode(body, altchars=b"-_", validate=True)
        if base64.urlsafe_b64encode(raw).decode() != body:
            # Spare bits of the last character: the same bytes in another writing.
            raise broken
        return key.open(key.field_key, raw[:_NONCE], raw[_NONCE:], bound_to.encode()).decode("utf-8", "surrogatepass")
    except (InvalidTag, ValueError) as error:
        raise broken from error


def blind(text: str, *, domain: str) -> str:
    """The blind index of a text under the current key: equal texts of one domain give equal indexes, and nothing else shows.

    Args:
        text: already brought to one form (``fields.BlindIndexField`` does it).
        domain: table and field, so that equal values elsewhere look different.
    """
    return ring().now.blind(domain, text)


def blinds(text: str, *, domain: str) -> list[str]:
    """The blind indexes under every key of the ring: what to look for while a rotation is under way."""
    return [key.blind(domain, text) for key in ring().keys.values()]


# ---- streams --------------------------------------------------------------------------------------------------------


def _header(name: str, salt: bytes) -> bytes:
    return _MAGIC + struct.pack("B", len(name)) + name.encode() + salt


def _bound(header: bytes, number: int, last: bool, bound_to: str) -> bytes:
    # The number and the mark of the last chunk are bound in: chunks can be neither swapped nor cut off.
    return header + struct.pack(">Q?", number, last) + bound_to.encode()


def seal_stream(blocks: Iterable[bytes], *, bound_to: str) -> Iterator[bytes]:
    """Close a stream in chunks of 64 KiB with a key of its own; the last chunk is marked, so that a cut shows."""
    key = ring().now
    salt = secrets.token_bytes(16)
    header = _header(key.id, salt)
    own = key.derive(b"file", salt=salt)
    yield header
    buffer, number = bytearray(), 0
    for block in blocks:
        buffer += block
        while len(buffer) > CHUNK:
            nonce = struct.pack(">IQ", 0, number)
            yield key.close(own, nonce, bytes(buffer[:CHUNK]), _bound(header, number, False, bound_to))
            del buffer[:CHUNK]
            number += 1
    nonce = struct.pack(">IQ", 0, number)
    yield key.close(own, nonce, bytes(buffer), _bound(header, number, True, bound_to))


def unseal_stream(blocks: Iterable[bytes], *, bound_to: str) -> Iterator[bytes]:
    """Open what ``seal_stream`` closed; nothing of a changed chunk comes out.

    Raises:
        Unreadable: ``crypto.no_key`` or ``crypto.broken``, possibly after earlier chunks came out.
    """
    broken = Unreadable("打不开加密文件：内容残缺或被改动。请从备份核对。", code="crypto.broken")
    buffer, source = bytearray(), iter(blocks)

    def fill(size: int) -> None:
        while len(buffer) < size and (block := next(source, None)) is not None:
            buffer.extend(block)

    fill(len(_MAGIC) + 1)
    if buffer[: len(_MAGIC)] != _MAGIC or len(buffer) <= len(_MAGIC):
        raise broken
    size = len(_MAGIC) + 1 + buffer[len(_MAGIC)] + 16
    fill(size)
    header, buffer[:size] = bytes(buffer[:size]), b""
    key = ring().key(header[len(_MAGIC) + 1 : -16].decode("ascii", "replace"))
    own = key.derive(b"file", salt=header[-16:])
    number = 0
    while True:
        # One byte more than a chunk tells whether this is the last one.
        fill(CHUNK + _TAG + 1)
        last = len(buffer) <= CHUNK + _TAG
        chunk, buffer[: CHUNK + _TAG] = bytes(buffer[: CHUNK + _TAG]), b""
        try:
            yield key.open(own, struct.pack(">IQ", 0, number), chunk, _bound(header, number, last, bound_to))
        except InvalidTag as error:
            raise broken from error
        if last:
            return
        number += 1


def stream_key_id(head: bytes) -> str:
    """The key that closed a stream, from its first bytes; empty where it is no closed stream."""
    if not head.startswith(_MAGIC) or len(head) <= len(_MAGIC):
        return ""
    length = head[len(_MAGIC)]
    return head[len(_MAGIC) + 1 : len(_MAGIC) + 1 + length].decode("ascii", "replace")


# ---- the key file ---------------------------------------------------------------------------------------------------


def ring() -> Ring:
    """The ring as the key file says now; read again whenever the file changed, so that running processes learn new keys.

    Raises:
        BadKeyFile: ``keys.absent``, ``keys.open_to_others``, ``keys.demo``, ``keys.malformed``.
    """
    path = settings.KEY_FILE
    try:
        state = path.stat()
    except FileNotFoundError:
        if settings.MODE == "production":
            raise BadKeyFile(
                f"没有密钥文件 {path}。第一次安装请运行 dudao keys init；迁移或恢复请把原来的密钥文件放回原处。",
                code="keys.absent",
            ) from None
        make_key_file(path, demo=True)
        state = path.stat()
    return _read(path, state.st_mtime_ns, state.st_ino, state.st_mode)


@lru_cache(maxsize=4)
def _read(path: Path, changed: int, inode: int, mode: int) -> Ring:
    production = settings.MODE == "production"
    if mode & 0o077 and production:
        raise BadKeyFile(f"密钥文件 {path} 能被其他账户读取。请运行：chmod 600 {path}", code="keys.open_to_others")
    loaded = parse_ring(path.read_text("utf-8"), name=str(path))
    if loaded.demo and production:
        raise BadKeyFile(f"{path} 是演示用密钥，正式运行不能使用。请运行 dudao keys init。", code="keys.demo")
    return loaded


def parse_ring(text: str, *, name: str) -> Ring:
    """Read a key file's text.

    Raises:
        BadKeyFile: ``keys.malformed``.
    """
    try:
        data = json.loads(text)
        keys = {
            i: Key(
                id=i,
                cipher=_cipher(k["cipher"]),
                secret=base64.b64decode(k["secret"], validate=True),
                made_at=datetime.fromisoformat(k["made_at"]),
                superseded_at=datetime.fromisoformat(k["superseded_at"]) if k.get("superseded_at") else None,
            )
            for i, k in data["keys"].items()
        }
        loaded = Ring(data["current"], keys, demo=bool(data.get("demo")), rotating=bool(data.get("rotating")))
        usable = loaded.current in keys and all(len(k.secret) == 32 and _KEY_ID.fullmatch(i) for i, k in keys.items())
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise BadKeyFile(
            f"密钥文件 {name} 不完整或不是密钥文件。请换回备份的密钥文件。", code="keys.malformed"
        ) from error
    if not usable:
        raise BadKeyFile(f"密钥文件 {name} 不完整或不是密钥文件。请换回备份的密钥文件。", code="keys.malformed")
    return loaded


def _cipher(name: Any) -> CipherName:
    if name not in CIPHERS:
        raise ValueError(name)
    return cast(CipherName, name)


def new_key(*, now: datetime, cipher: CipherName, taken: Iterable[str] = (), demo: bool = False) -> Key:
    """A new key; its name holds the day, and never that of an earlier one."""
    stem = f"{'demo' if demo else 'k'}-{now:%Y%m%d}"
    names, number, name = set(taken), 1, stem
    while name in names:
        number += 1
        name = f"{stem}-{number}"
    return Key(name, cipher, secrets.token_bytes(32), now)


def make_key_file(
    path: Path, *, demo: bool = False, cipher: CipherName | None = None, now: datetime | None = None
) -> Ring:
    """Write the first key file, mode 0600; when two start at once the first wins.

    Raises:
        BadKeyFile: ``keys.exists``, there is one (not for the demo, which then uses it).
    """
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    # Keys are dated by the real day, also in a demo that stands on another one.
    moment = now or datetime.fromtimestamp(time.time(), UTC)
    key = new_key(now=moment, cipher=cipher or _cipher(settings.CIPHER), demo=demo)
    made = Ring(key.id, {key.id: key}, demo=demo)
    temporary = _write_temporary(path, made)
    try:
        # A hard link, not a rename: it fails where somebody was first.
        os.link(temporary, path)
    except FileExistsError:
        if not demo:
            raise BadKeyFile(f"{path} 已经存在；要换新密钥请运行 dudao keys rotate。", code="keys.exists") from None
    finally:
        temporary.unlink()
    return made


def write_ring(changed: Ring) -> None:
    """Replace the key file as a whole; a kill leaves the old one or the new one."""
    path = settings.KEY_FILE
    temporary = _write_temporary(path, changed)
    os.replace(temporary, path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def ring_text(shown: Ring) -> str:
    """A key file's text."""
    keys = {
        k.id: {
            "cipher": k.cipher,
            "made_at": k.made_at.isoformat(),
            "superseded_at": k.superseded_at.isoformat() if k.superseded_at else None,
            "secret": base64.b64encode(k.secret).decode(),
        }
        for k in shown.keys.values()
    }
    return json.dumps(
        {"current": shown.current, "demo": shown.demo, "rotating": shown.rotating, "keys": keys}, indent=1
    )


def _write_temporary(path: Path, content: Ring) -> Path:
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(ring_text(content))
        file.flush()
        os.fsync(file.fileno())
    return temporary


def write_key_file(path: Path, content: Ring) -> None:
    """Write a key file of its own (for keys taken out of use), mode 0600.

    Raises:
        FileExistsError: there is one.
    """
    temporary = _write_temporary(path, content)
    try:
        os.link(temporary, path)
    finally:
        temporary.unlink()


def add_key(*, now: datetime, cipher: CipherName) -> Ring:
    """Bring in a new current key and mark the ring as rotating; old keys stay readable."""
    old = ring()
    key = new_key(now=now, cipher=cipher, taken=old.keys, demo=old.demo)
    keys = {**old.keys, old.current: replace(old.now, superseded_at=now), key.id: key}
    changed = Ring(key.id, keys, demo=old.demo, rotating=True)
    write_ring(changed)
    return changed

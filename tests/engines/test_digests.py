"""Digests against the vectors of their standards."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dudao_engines.kernel.digests import canonical_json, digest_stream, sha256_hex, sm3_hex

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@pytest.mark.parametrize(
    ("data", "digest"),
    [
        # GB/T 32905-2016, appendix A.1 and A.2.
        (b"abc", "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"),
        (b"abcd" * 16, "debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732"),
    ],
)
def test_sm3_gives_the_digests_of_the_standard(data: bytes, digest: str):
    assert sm3_hex(data) == digest


@pytest.mark.parametrize(
    ("data", "digest"),
    [
        # FIPS 180-4 examples.
        (b"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        (b"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
    ],
)
def test_sha256_gives_the_digests_of_the_standard(data: bytes, digest: str):
    assert sha256_hex(data) == digest


@given(st.lists(st.binary(max_size=50), max_size=5))
def test_a_stream_has_the_digests_of_its_whole(blocks: list[bytes]):
    whole = b"".join(blocks)
    assert digest_stream(blocks) == (sha256_hex(whole), sm3_hex(whole), len(whole))


@given(st.dictionaries(st.text(max_size=5), JSON, max_size=5))
def test_the_order_of_keys_does_not_change_the_bytes(value: dict[str, object]):
    turned = dict(reversed(value.items()))
    assert canonical_json(turned) == canonical_json(value)


def test_a_number_that_is_none_has_no_canonical_form():
    with pytest.raises(ValueError):
        canonical_json({"x": float("nan")})

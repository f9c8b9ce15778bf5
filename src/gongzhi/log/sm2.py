"""SM2 signatures with SM3 (GB/T 32918.2-2016, GB/T 32905-2016) as a further line of a note.

Optional: `pip install gongzhi[gm]` brings the GmSSL library. Type 0xff of signed-note, which asks
for an identifier of the algorithm before the key. A seed is the private number (32 bytes) and the
public point (64); a signature r and s (64). The signer's id is the standard's default,
"1234567812345678" (GM/T 0009-2012, §10). Readers without the library leave the line alone.
"""

from typing import Any

ALGORITHM = b"GB/T 32918.2-2016 SM2-SM3\n"
SECRET, POINT, HALF = 32, 64, 32


class NoLibrary(ValueError):
    """SM2 was asked for and `gongzhi[gm]` is not installed."""

    def __init__(self) -> None:
        """Says what to install."""
        super().__init__("国密签名需要另外安装：pip install 'gongzhi[gm]'（SM2 needs gongzhi[gm]）")


def installed() -> bool:
    """Whether SM2 can be signed and checked here."""
    try:
        _library()
    except NoLibrary:
        return False
    return True


class Sm2:
    """How SM2 keys sign; `notes.Kind`."""

    def fresh(self) -> bytes:
        """A new private key with its point, from the library's randomness."""
        point, secret = _library().sm2_key_generate()
        return bytes(secret) + bytes(point)

    def public(self, seed: bytes) -> bytes:
        """What stands in the public key: the algorithm's name and the point."""
        if len(seed) != SECRET + POINT:
            raise ValueError("a private SM2 key has 32 bytes and its point 64")
        return ALGORITHM + seed[SECRET:]

    def sign(self, seed: bytes, message: bytes) -> bytes:
        """64 bytes: r and s."""
        made = _library().sm2_sign(seed[:SECRET], seed[SECRET:], message)
        return _raw(bytes(made))

    def verify(self, public: bytes, message: bytes, signature: bytes) -> bool:
        """Whether the signature holds; NoLibrary when that cannot be known here."""
        point = public.removeprefix(ALGORITHM)
        if public == point or len(point) != POINT or len(signature) != 2 * HALF:
            return False
        library = _library()
        try:
            return bool(library.sm2_verify(point, message, _der(signature)))
        except library.GmsslInnerError:
            return False


def _library() -> Any:
    try:
        import gmssl_pyx
    except ImportError:
        raise NoLibrary from None
    return gmssl_pyx


def _der(raw: bytes) -> bytes:
    """r and s as the library wants them (a DER sequence of two whole numbers)."""
    body = b"".join(map(_number, (raw[:HALF], raw[HALF:])))
    return bytes([0x30, len(body)]) + body


def _number(half: bytes) -> bytes:
    value = half.lstrip(b"\0") or b"\0"
    value = b"\0" + value if value[0] & 0x80 else value
    return bytes([0x02, len(value)]) + value


def _raw(der: bytes) -> bytes:
    """The other way round."""
    r_length = der[3]
    r, s = der[4 : 4 + r_length], der[6 + r_length :]
    return b"".join(part.lstrip(b"\0").rjust(HALF, b"\0") for part in (r, s))

"""Personal data at rest: sealed with AES-256-GCM, looked up by a keyed hash.

Both keys are derived from one data key by HKDF (RFC 5869), so that a leaked hash key opens nothing.
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import hmac
import os
import re
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from heyue.errors import BadInput, StoreUnavailable

KEY_BYTES = 32
NONCE_BYTES = 12
KEY_VARIABLE = "HEYUE_DATA_KEY"
KEY_ID = b"\x01"  # stands before each sealed value, so that keys can be rotated


@dataclass(frozen=True)
class Keys:
    """Seals, opens and hashes. Its repr shows no key."""

    _cipher: AESGCM = field(repr=False)
    _hash_key: bytes = field(repr=False)

    @staticmethod
    def from_data_key(data_key: bytes) -> Keys:
        """Keys derived from 32 random bytes."""
        return Keys(AESGCM(_derive(data_key, b"heyue seal")), _derive(data_key, b"heyue look-up"))

    @staticmethod
    def from_environment(data_folder: Path) -> Keys:
        """Keys from HEYUE_DATA_KEY, else from the key file in the data folder, made on the first start.

        Raises:
            BadInput: the variable does not hold 32 bytes in base64.
            StoreUnavailable: the key file cannot be read or made.
        """
        if encoded := os.environ.get(KEY_VARIABLE):
            return Keys.from_data_key(_decoded(encoded, f"the variable {KEY_VARIABLE}"))
        return Keys.from_data_key(_from_file(data_folder / "data.key"))

    def seal(self, plain: str) -> bytes:
        """`plain` encrypted, with key id and nonce in front."""
        nonce = os.urandom(NONCE_BYTES)
        return KEY_ID + nonce + self._cipher.encrypt(nonce, plain.encode(), KEY_ID)

    def open(self, sealed: bytes) -> str:
        """What was sealed.

        Raises:
            StoreUnavailable: sealed with another key, or damaged.
        """
        try:
            return self._cipher.decrypt(
                sealed[1 : 1 + NONCE_BYTES], sealed[1 + NONCE_BYTES :], KEY_ID
            ).decode()
        except (InvalidTag, ValueError):  # ValueError: too short to hold a nonce
            raise StoreUnavailable(
                f"the data was sealed with another key: set {KEY_VARIABLE} or restore the key file of this store"
            ) from None

    def address_hash(self, address: str) -> bytes:
        """Keyed hash (HMAC-SHA256) of a phone number or openid, the same for all ways to write a number."""
        return hmac.new(self._hash_key, plain_address(address).encode(), hashlib.sha256).digest()

    def person_hash(self, name: str, id_last4: str | None) -> bytes | None:
        """Keyed hash by which cases of the same person are found; None where the name alone would have to do."""
        return self.address_hash(f"person:{name}:{id_last4.upper()}") if id_last4 else None

    def pair_hash(self, pair: str) -> bytes:
        """Keyed hash of a pair of characters, for the signatures of heyue.store.search."""
        return hashlib.blake2b(pair.encode(), digest_size=8, key=self._hash_key, person=b"search").digest()


def plain_address(address: str) -> str:
    """A phone number without country code, spaces and dashes; any other address trimmed."""
    digits = re.sub(r"[\s\-()（）]", "", address)
    digits = re.sub(r"^(\+?86|0086)(?=1\d{10}$)", "", digits)
    return digits if re.fullmatch(r"\+?\d+", digits) else address.strip()


def _derive(data_key: bytes, purpose: bytes) -> bytes:
    return HKDF(hashes.SHA256(), KEY_BYTES, salt=None, info=purpose).derive(data_key)


def _decoded(encoded: str | bytes, origin: str) -> bytes:
    try:
        data_key = base64.b64decode(encoded.strip(), validate=True)
    except ValueError:  # not base64, or not even ASCII
        data_key = b""
    if len(data_key) != KEY_BYTES:
        raise BadInput(f"{origin} must hold 32 bytes in base64, such as `openssl rand -base64 32` gives")
    return data_key


def _from_file(path: Path) -> bytes:
    """The key in `path`; made with owner-only rights when the file does not exist."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            _make_key_file(path)
        return _decoded(path.read_bytes(), f"the key file {path}")
    except OSError as error:
        raise StoreUnavailable(f"the key file {path} cannot be used: {error.strerror}") from error


def _make_key_file(path: Path) -> None:
    """Put a new key at `path`, whole or not at all. Of two starters at once the first one's key stands."""
    handle, draft = tempfile.mkstemp(dir=path.parent, prefix=path.name)  # readable by its owner alone
    try:
        with os.fdopen(handle, "wb") as out:
            out.write(base64.b64encode(os.urandom(KEY_BYTES)))
            out.flush()
            os.fsync(out.fileno())
        with contextlib.suppress(FileExistsError):
            os.link(draft, path)
    finally:
        os.unlink(draft)

"""Personal data at rest: sealed with AES-256-GCM, looked up by a keyed hash.

Both keys are derived from a data key by HKDF (RFC 5869), so that a leaked hash key opens nothing. Data keys have numbers; one
seals, all open (docs/decisions/0021). A hash of a later key is the HMAC of the hash before it, so that stored hashes can
be raised to a new key without the text that they stand for.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from heyue.errors import SealBroken
from heyue.store.key_ring import FIRST, KEY_BYTES, KEY_VARIABLE, data_keys

NONCE_BYTES = 12
HASH_BYTES = 32  # of the first key; later ones have the key's number in front


@dataclass(frozen=True)
class Keys:
    """Seals, opens and hashes. Its repr shows no key.

    `sealing`: the number of the key that seals. `_look_up`: the hash keys from the first to the one that seals, by number.
    `oldest_hash`: the number of the oldest hashes that may stand in the store.
    """

    _ring: Mapping[int, bytes] = field(repr=False)
    _ciphers: Mapping[int, AESGCM] = field(repr=False)
    _look_up: Mapping[int, bytes] = field(repr=False)
    sealing: int = field(default=FIRST, repr=False)
    oldest_hash: int = field(default=FIRST, repr=False)

    @staticmethod
    def from_data_key(data_key: bytes) -> Keys:
        """Keys derived from 32 random bytes."""
        return Keys.of_ring({FIRST: data_key})

    @staticmethod
    def of_ring(ring: Mapping[int, bytes]) -> Keys:
        """Keys of which the oldest seals, until the store says otherwise."""
        first = min(ring)
        ciphers = {number: AESGCM(_derive(key, b"heyue seal")) for number, key in ring.items()}
        return Keys(ring, ciphers, {first: _hash_key(ring[first])}, first, first)

    @staticmethod
    def from_environment(data_folder: Path, may_make: bool = True) -> Keys:
        """Keys from HEYUE_DATA_KEY, else from the key file in the data folder, which is made where there is none.

        Args:
            may_make: not where a filled store stands: another key than its own opens nothing in it.

        Raises:
            BadInput: the variable does not hold keys, or there are none and none may be made. StoreUnavailable: the key file cannot be read or made.
        """
        return Keys.of_ring(data_keys(data_folder, may_make))

    @property
    def numbers(self) -> tuple[int, ...]:
        """The numbers of the keys at hand."""
        return tuple(sorted(self._ring))

    def mark(self, number: int) -> str:
        """A word by which two processes with the same key know each other; it tells nothing of the key."""
        return _derive(self._ring[number], b"heyue mark").hex()[:16]

    def seal(self, plain: str) -> bytes:
        """`plain` encrypted, with key number and nonce in front."""
        nonce, number = os.urandom(NONCE_BYTES), bytes([self.sealing])
        return number + nonce + self._ciphers[self.sealing].encrypt(nonce, plain.encode(), number)

    def open(self, sealed: bytes) -> str:
        """What was sealed.

        Raises:
            SealBroken: sealed with a key that is not here, or damaged.
        """
        number, nonce, text = sealed[:1], sealed[1 : 1 + NONCE_BYTES], sealed[1 + NONCE_BYTES :]
        try:
            return self._ciphers[number[0]].decrypt(nonce, text, number).decode()
        except (InvalidTag, ValueError, LookupError):  # ValueError: too short to hold a nonce
            raise SealBroken(
                f"the data was sealed with another key, or is damaged: set {KEY_VARIABLE} or restore the key file of this store"
            ) from None

    # changing keys

    def handing_down(self, number: int) -> tuple[Keys, str]:
        """The keys when `number` seals from now on, and what the store must keep (sealed) to look up with it."""
        kept = json.dumps({str(each): key.hex() for each, key in self._look_up.items()})
        return self.sealed_by(number, kept, is_done=False), kept

    def sealed_by(self, number: int, kept: str, is_done: bool) -> Keys:
        """The keys when `number` seals. `kept`: what handing_down gave; `is_done`: no older hash stands in the store."""
        before = {int(each): bytes.fromhex(key) for each, key in json.loads(kept).items()}
        chain = before | {number: _hash_key(self._ring[number])}
        return Keys(self._ring, self._ciphers, chain, number, number if is_done else max(before))

    # looking up

    def look_ups(self, text: str) -> list[bytes]:
        """The hashes under which a text may stand in the store, the one to write first."""
        digest, found = text.encode(), []
        for number in sorted(self._look_up):
            digest = hmac.new(self._look_up[number], digest, hashlib.sha256).digest()
            if number >= self.oldest_hash:
                found.append(self._marked(number, digest))
        return found[::-1]

    def _marked(self, number: int, digest: bytes) -> bytes:
        return digest if number == min(self._look_up) else bytes([number]) + digest

    def raised(self, known: bytes) -> bytes:
        """A stored hash as the newest key writes it."""
        number = min(self._look_up) if len(known) == HASH_BYTES else known[0]
        digest = known[-HASH_BYTES:]
        for later in sorted(each for each in self._look_up if each > number):
            digest = hmac.new(self._look_up[later], digest, hashlib.sha256).digest()
        return self._marked(self.sealing, digest)

    def address_hashes(self, address: str) -> list[bytes]:
        """The keyed hashes (HMAC-SHA256) under which a phone number or openid may stand, the one to write first."""
        return self.look_ups(plain_address(address))

    def address_hash(self, address: str) -> bytes:
        """Keyed hash of a phone number or openid as it is written, the same for all ways to write a number."""
        return self.address_hashes(address)[0]

    def person_hashes(self, name: str, id_last4: str | None) -> list[bytes]:
        """Keyed hashes by which cases of the same person are found; none where the name alone would have to do."""
        return self.address_hashes(f"person:{name}:{id_last4.upper()}") if id_last4 else []

    def person_hash(self, name: str, id_last4: str | None) -> bytes | None:
        """The one of these to write."""
        return next(iter(self.person_hashes(name, id_last4)), None)

    def pair_hash(self, pair: str, number: int) -> bytes:
        """Keyed hash of a pair of characters, for the signatures of heyue.store.search."""
        key = self._look_up[number]
        return hashlib.blake2b(pair.encode(), digest_size=8, key=key, person=b"search").digest()

    @property
    def hash_numbers(self) -> tuple[int, ...]:
        """The numbers of the keys whose hashes may stand in the store, the one to write first."""
        return tuple(sorted((each for each in self._look_up if each >= self.oldest_hash), reverse=True))

    @property
    def first_hash(self) -> int:
        """The number of the key whose hashes have no number in front."""
        return min(self._look_up)


def plain_address(address: str) -> str:
    """A phone number without country code, spaces and dashes; any other address trimmed."""
    digits = re.sub(r"[\s\-()（）]", "", address)
    digits = re.sub(r"^(\+?86|0086)(?=1\d{10}$)", "", digits)
    return digits if re.fullmatch(r"\+?\d+", digits) else address.strip()


def _hash_key(data_key: bytes) -> bytes:
    return _derive(data_key, b"heyue look-up")


def _derive(data_key: bytes, purpose: bytes) -> bytes:
    return HKDF(hashes.SHA256(), KEY_BYTES, salt=None, info=purpose).derive(data_key)

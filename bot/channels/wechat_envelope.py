"""What WeChat's and WeCom's callbacks come in: proof of origin, XML without entities, encryption."""

from __future__ import annotations

import binascii
import hashlib
import hmac
import struct
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from xml.parsers import expat

from wechatpy.crypto import BaseWeChatCrypto
from wechatpy.exceptions import WeChatException
from wechatpy.utils import WeChatSigner

from bot.channels.body import Forged, storable
from heyue.errors import BadInput

MOST_BYTES, MOST_DEPTH = 65_536, 8
FRESH_SECONDS = 300
MOST_SEEN = 20_000
KEY_LENGTH = 43


def fields_in(xml: bytes) -> dict[str, str]:
    """The text of each element by its name; the first one of a name counts.

    Raises:
        BadInput: too large, not UTF-8, no XML, too deep, or with a document type (where entities would be declared).
    """
    if len(xml) > MOST_BYTES:
        raise BadInput(f"the body is larger than {MOST_BYTES} bytes")
    try:
        text = xml.decode("utf-8")
    except UnicodeDecodeError:
        raise BadInput("the body must be XML in UTF-8") from None
    return _Fields().of(text)


class _Fields:
    def __init__(self) -> None:
        self._path: list[str] = []
        self._texts: list[list[str]] = []
        self._found: dict[str, str] = {}

    def of(self, text: str) -> dict[str, str]:
        parser = expat.ParserCreate("utf-8")
        parser.buffer_text = True
        parser.StartDoctypeDeclHandler = self._refuse
        parser.EntityDeclHandler = self._refuse
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = lambda data: self._texts[-1].append(data)
        try:
            parser.Parse(text.encode("utf-8"), True)
        except expat.ExpatError:
            raise BadInput("the body must be XML in UTF-8") from None
        return self._found

    def _refuse(self, *_: Any) -> None:
        raise BadInput("XML with a document type or entities is not taken")

    def _start(self, name: str, _attributes: dict[str, str]) -> None:
        if len(self._path) == MOST_DEPTH:
            raise BadInput("the XML is too deep")
        self._path.append(name)
        self._texts.append([])

    def _end(self, name: str) -> None:
        self._path.pop()
        self._found.setdefault(name, storable("".join(self._texts.pop())).strip())


@dataclass
class Envelope:
    """Opens and seals what one account exchanges. `crypto`: None for an account in plain mode."""

    token: str = field(repr=False)
    crypto: BaseWeChatCrypto | None = field(repr=False)
    _seen: OrderedDict[str, bytes] = field(default_factory=OrderedDict, repr=False)

    def check(self, query: Mapping[str, Any], now: datetime, name: str = "signature", sealed: str = "") -> None:
        """Make sure that the signature of this name in the query is right and the request is of now.

        Raises:
            Forged: it is not.
        """
        signer = WeChatSigner()
        signer.add_data(self.token, *([query.get("timestamp", ""), query.get("nonce", "")]), *([sealed] if sealed else []))
        if not hmac.compare_digest(str(query.get(name, "")).encode(), signer.signature.encode()):
            raise Forged(f"{name} is wrong")
        stamp = str(query.get("timestamp", ""))
        if not stamp.isdecimal() or abs(now.timestamp() - int(stamp[:12])) > FRESH_SECONDS:
            raise Forged("the request is not of now")

    def bind(self, signature: str, body: bytes) -> None:
        """A signature that does not cover the body belongs to the first body that it came with (plain mode).

        Raises:
            Forged: it comes again with another body.
        """
        mark = hashlib.sha256(body).digest()
        if self._seen.setdefault(signature, mark) != mark:
            raise Forged("the signature was used with another body")
        if len(self._seen) > MOST_SEEN:
            self._seen.popitem(last=False)

    def decrypted(self, query: Mapping[str, Any], sealed: str, now: datetime) -> str:
        """The text in an encrypted one.

        Raises:
            Forged: it is not signed or not encrypted by the provider for this account.
        """
        self.check(query, now, "msg_signature", sealed)
        if self.crypto is None:
            raise Forged("the account has no key")
        try:
            return str(self.crypto.decrypt_message(
                {"Encrypt": sealed}, query["msg_signature"], query["timestamp"], query["nonce"]
            ))  # fmt: skip
        except (WeChatException, ValueError, IndexError, struct.error, binascii.Error):
            raise Forged("the message cannot be decrypted") from None


def is_aes_key(key: str) -> bool:
    """Whether this is an EncodingAESKey: 43 characters of base64."""
    try:
        return len(key) == KEY_LENGTH and len(binascii.a2b_base64(key + "=")) == 32
    except ValueError:
        return False

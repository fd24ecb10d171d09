"""What WeChat and WeCom send: XML as it should be, as it should not be, and signed, sealed, or forged."""

from __future__ import annotations

import base64
import struct
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode
from xml.sax.saxutils import escape

from hypothesis import strategies as st
from wechatpy.crypto import PrpCrypto
from wechatpy.utils import WeChatSigner

from bench.fuzz.drawing import said, spoilt, texts

SIGNATURES = ("right", "right", "right", "right", "wrong", "none", "stale", "future", "odd", "twice")
SEALS = ("right", "right", "right", "other app", "length lies", "no padding", "garbage", "half", "not base64", "empty")
KINDS = ("text", "text", "text", "text", "image", "voice", "video", "location", "link", "event", "event", "", "TEXT", "🎈")
EVENTS = ("subscribe", "unsubscribe", "TEMPLATESENDJOBFINISH", "subscribe_msg_sent_event", "subscribe_msg_change_event", "CLICK", "kf_msg_or_event", "", "x" * 300)
DOCTYPE = "<!DOCTYPE x [<!ENTITY a \"ha\"><!ENTITY b \"&a;&a;&a;&a;&a;&a;&a;&a;\"><!ENTITY c \"&b;&b;&b;&b;&b;&b;&b;&b;\"><!ENTITY f SYSTEM \"file:///etc/passwd\">]>"
BOMBS = (
    DOCTYPE + "<xml><Content>&c;</Content></xml>", DOCTYPE + "<xml><Content>&f;</Content></xml>", "<a>" * 60 + "</a>" * 60, "<a>" * 20_000,
    "<xml " + " ".join(f"a{n}='x'" for n in range(3_000)) + "/>", "<xml>" + "<a/>" * 12_000 + "</xml>", "<xml>&#0;</xml>", "<xml>&#x110000;</xml>",
    "<?xml version='1.0' encoding='utf-16'?><xml/>", "<?xml version='1.0' encoding='x-none'?><xml/>", "<xml xmlns:a='b'><a:Content>x</a:Content></xml>",
    "<xml><Content><![CDATA[", "<xml/><xml/>", "", " ", "{}", "<" + "x" * 60_000 + "/>",
)  # fmt: skip


def messages(addresses: tuple[str, ...]) -> st.SearchStrategy[bytes]:
    """The XML of one message or event."""
    address = st.one_of(st.sampled_from(addresses), st.sampled_from(addresses), texts(4), st.just("x" * 200))
    fields = st.fixed_dictionaries(
        {"ToUserName": st.just("gh_standin"), "FromUserName": address, "CreateTime": st.one_of(st.just("1764000000"), texts(2)), "MsgType": st.sampled_from(KINDS)},
        optional={
            "Content": said(), "MsgId": st.one_of(st.integers(0, 10**18).map(str), texts(3)), "Event": st.sampled_from(EVENTS), "MsgID": texts(2),
            "Status": st.sampled_from(("success", "failed:user block", "failed: system failed", "")), "Recognition": said(), "MediaId": texts(2),
            "ErrorCode": st.sampled_from(("0", "43101", "x")), "SubscribeStatusString": st.sampled_from(("reject", "accept")), "Encrypt": texts(3),
            "Token": texts(2), "OpenKfId": st.sampled_from(("wkStandIn", "other")),
        },
    )  # fmt: skip
    whole = st.one_of(fields, fields.map(lambda found: dict(reversed(found.items())))).map(xml_of)
    return st.one_of(whole, whole, whole, spoilt(whole), st.sampled_from(BOMBS).map(str.encode), fields.map(unescaped))


def xml_of(fields: Mapping[str, str]) -> bytes:
    """Fields as WeChat writes them."""
    return ("<xml>" + "".join(f"<{name}>{escape(value)}</{name}>" for name, value in fields.items()) + "</xml>").encode("utf-8", "surrogatepass")


def unescaped(fields: Mapping[str, str]) -> bytes:
    """Fields in CDATA, whatever stands in them."""
    return ("<xml>" + "".join(f"<{name}><![CDATA[{value}]]></{name}>" for name, value in fields.items()) + "</xml>").encode("utf-8", "surrogatepass")


def signed(token: str, how: str, name: str = "signature", sealed: str = "") -> dict[str, str]:
    """The query that proves a request, or does not."""
    stamp = {"stale": str(int(time.time()) - 4_000), "future": str(int(time.time()) + 4_000), "odd": "٣" * 10}.get(how, str(int(time.time())))
    proof = {"timestamp": stamp, "nonce": f"{time.monotonic_ns():x}"}
    return proof if how == "none" else proof | {name: signature(token, how, *proof.values(), *([sealed] if sealed else []))}


def signature(token: str, how: str, *parts: str) -> str:
    """The signature over parts, or one by another's token."""
    signer = WeChatSigner()
    signer.add_data(token if how != "wrong" else "x", *parts)
    return str(signer.signature)


def query(fields: Mapping[str, Any], how: str) -> str:
    """A query, its first field twice where it is to be odd."""
    return urlencode([*fields.items(), *(list(fields.items())[:1] if how == "twice" else [])])


def sealed(body: bytes, aes_key: str, account: str, how: str) -> str:
    """A body encrypted for an account; or what looks so."""
    crypto = PrpCrypto(base64.b64decode(aes_key + "="))
    if how in ("garbage", "not base64", "empty"):
        return {"garbage": base64.b64encode(body[:64].ljust(64, b"x")).decode(), "not base64": "§§%" + body[:20].decode("latin-1"), "empty": ""}[how]
    size = struct.pack(">I", 0xFFFFFFF0 if how == "length lies" else len(body))
    plain = b"0123456789abcdef" + size + body + (b"other" if how == "other app" else account.encode())
    pad = 32 - len(plain) % 32
    plain += bytes([pad if how != "no padding" else 0]) * pad
    found = base64.b64encode(crypto.cipher.encrypt(plain)).decode()
    return found[: len(found) // 2] if how == "half" else found

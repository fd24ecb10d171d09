"""Requests to every route of the bot and of the action server, right and wrong in all their parts."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote, urlencode

from hypothesis import strategies as st

from bench.fuzz import envelopes
from bench.fuzz.drawing import MOMENTS, deep, numbers, said, spoilt, texts, values, written
from bench.fuzz.envelopes import SEALS, SIGNATURES
from bench.fuzz.wire import Draft, framings
from heyue.provider_sim.aliyun import AliyunSms
from heyue.provider_sim.configuration import CALLBACK_TOKEN
from heyue.provider_sim.sms import SmsProvider
from heyue.provider_sim.tencent import TencentSms
from heyue.provider_sim.twilio import TwilioSms, signature_of
from heyue.provider_sim.wechat import COMPATIBLE, ENCRYPTED, PLAIN, OfficialAccount
from heyue.provider_sim.wecom import CustomerService

TOKEN = "token-of-the-fuzz-of-the-bot"  # opens nothing else  # nosec B105
PUBLIC_URL = "https://bot.example"
METHODS = ("POST", "POST", "POST", "POST", "POST", "GET", "PUT", "DELETE", "HEAD", "OPTIONS", "TRACE", "BREW", "post")
TYPES = (b"application/json", b"text/xml", b"application/x-www-form-urlencoded", b"multipart/form-data", b"multipart/form-data; boundary=x", b"text/plain; charset=utf-16", b"", b"\xff\xfe", b"x" * 500)
Headers = tuple[tuple[str, bytes], ...]


def headers(*right: tuple[str, bytes]) -> st.SearchStrategy[Headers]:
    """The right headers, at times others with them or in their place."""
    odd = st.tuples(st.sampled_from(("Content-Type", "Accept", "X-Request-ID", "X-Forwarded-For", "Forwarded", "Cookie", "Range", "Accept-Encoding", "X-Twilio-Signature", "Authorization", "Origin")), st.one_of(st.sampled_from(TYPES), st.binary(max_size=12).map(lambda raw: raw.replace(b"\r", b"").replace(b"\n", b""))))
    return st.one_of(st.just(right), st.just(right), st.lists(odd, min_size=1, max_size=3).map(lambda more: (*right, *more)), st.lists(odd, max_size=2).map(tuple))


def drafts(target: st.SearchStrategy[str] | str, body: st.SearchStrategy[bytes], head: st.SearchStrategy[Headers]) -> st.SearchStrategy[Draft]:
    """Requests to a route."""
    where = st.just(target) if isinstance(target, str) else target
    return st.builds(Draft, st.one_of(st.just("POST"), st.just("POST"), st.sampled_from(METHODS)), where, body, head, framings())


def bodies(*right: st.SearchStrategy[Any]) -> st.SearchStrategy[bytes]:
    """JSON that a route expects, some other, or none."""
    good = st.builds(written, st.one_of(*right), st.booleans())
    inside = st.builds(lambda name, inner: f'{{"{name}": {inner}}}'.encode(), st.sampled_from(("sender", "metadata", "turns", "case", "at", "tracker", "send_time")), deep())
    rows = st.builds(lambda inner: f'[{{"phone_number": "13800000001", "content": "x", "send_time": {inner}}}]'.encode(), deep())
    return st.one_of(good, good, good, good, spoilt(good), inside, rows, deep().map(str.encode), st.binary(max_size=60), st.builds(written, values(), st.booleans()), st.just(b"[" + b"0," * 40_000 + b"0]"))


def rest(addresses: tuple[str, ...]) -> st.SearchStrategy[Draft]:
    """Messages at Rasa's REST channel."""
    metadata = st.fixed_dictionaries({}, optional={"message_id": st.one_of(texts(3), values()), "at": st.one_of(st.sampled_from(MOMENTS[:8]), values())})
    right = st.fixed_dictionaries({"sender": st.sampled_from(addresses), "message": said()}, optional={"metadata": metadata})
    odd = st.fixed_dictionaries({}, optional={"sender": st.one_of(texts(4), values()), "message": values(), "metadata": values()})
    return drafts("/webhooks/rest/webhook", bodies(right, right, right, odd), headers(("Content-Type", b"application/json")))


def transcript() -> st.SearchStrategy[Draft]:
    """Turns of other systems' talks."""
    moments = st.one_of(st.just(MOMENTS[0]), st.sampled_from(MOMENTS))
    turn = st.fixed_dictionaries(
        {"talk": st.integers(0, 99).map(lambda number: f"t{number}"), "turn": st.integers(0, 10**6).map(str), "channel": st.just("phone"), "speaker": st.sampled_from(("collector", "borrower")), "text": said(), "at": moments},
        optional={"case_id": st.one_of(st.just("F-00001"), texts(3)), "collector": texts(3), "case": st.one_of(values(), st.fixed_dictionaries({}, optional={"days_overdue": numbers(), "amount_due": texts(2), "broken_promises": numbers()}))},
    )  # fmt: skip
    odd = st.fixed_dictionaries({}, optional={name: values() for name in ("talk", "turn", "channel", "speaker", "text", "at", "case_id", "collector", "case")})
    token = headers(("Authorization", f"Bearer {TOKEN}".encode()))
    return drafts("/webhooks/transcript/turns", bodies(turn, st.lists(turn, max_size=5), st.lists(odd, max_size=3)), token)


def metrics() -> st.SearchStrategy[Draft]:
    """Who asks for the figures."""
    target = st.sampled_from(("/metrics", "/metrics/", "/metrics?name[]=x", "/metrics/..", "/metrics%00"))
    return st.builds(Draft, st.sampled_from(("GET", "GET", "GET", "POST", "HEAD")), target, st.binary(max_size=9), headers(("Authorization", f"Bearer {TOKEN}".encode())), framings())


def anywhere() -> st.SearchStrategy[Draft]:
    """Paths that are not there, or nearly are."""
    parts = st.sampled_from(("webhooks", "rest", "webhook", "wechat", "wecom", "sms_aliyun", "twilio", "status", "conversations", "model", "..", "%2e%2e", "%00", "%ff", "", "ü", "a" * 300, "*", "<x:str>"))
    query = st.one_of(st.just(""), texts(3).map(lambda words: "?" + quote(words.encode("utf-8", "surrogatepass"))), st.sampled_from(("?", "?a", "?%ff=%fe", "?" + "a=1&" * 2_000, "#x")))
    target = st.builds(lambda path, asked: "/" + "/".join(path) + asked, st.lists(parts, max_size=5), query)
    return st.builds(Draft, st.sampled_from(METHODS), target, st.binary(max_size=30), headers(), framings())


def wechat(account: OfficialAccount, addresses: tuple[str, ...]) -> st.SearchStrategy[Draft]:
    """Messages and events of an Official Account, plain or sealed as the account is, and the other way round."""
    modes = (PLAIN, PLAIN, PLAIN, ENCRYPTED) if account.mode == PLAIN else (COMPATIBLE, ENCRYPTED, ENCRYPTED, PLAIN)

    def draft(xml: bytes, mode: str, how: str, seal: str, method: str, head: Headers, framing: str) -> Draft:
        proof = envelopes.signed(account.token, how) | {"openid": "oX", "echostr": "583"}
        if mode != PLAIN:
            hidden = envelopes.sealed(xml, account.aes_key, account.app_id, seal)
            inner = envelopes.signature(account.token, how, proof["timestamp"], proof["nonce"], hidden)
            proof |= {"encrypt_type": "aes", "msg_signature": inner}
            xml = (xml[:-6] if mode == COMPATIBLE and xml.endswith(b"</xml>") else b"<xml>") + b"<Encrypt>" + hidden.encode() + b"</Encrypt></xml>"
        return Draft(method, f"/webhooks/wechat/webhook?{envelopes.query(proof, how)}", xml, head, framing)

    return st.builds(draft, envelopes.messages(addresses), st.sampled_from(modes), st.sampled_from(SIGNATURES), st.sampled_from(SEALS), _methods(), headers(("Content-Type", b"text/xml")), framings())


def wecom(service: CustomerService) -> st.SearchStrategy[Draft]:
    """WeCom's word that something is there, and its proof of the address."""

    def draft(xml: bytes, how: str, seal: str, method: str, head: Headers, framing: str) -> Draft:
        hidden = envelopes.sealed(xml, service.aes_key, service.corp_id, seal)
        proof = envelopes.signed(service.token, how, "msg_signature", hidden) | {"echostr": hidden}
        body = b"<xml><ToUserName>x</ToUserName><Encrypt>" + hidden.encode() + b"</Encrypt></xml>"
        return Draft(method, f"/webhooks/wecom/webhook?{envelopes.query(proof, how)}", body, head, framing)

    return st.builds(draft, envelopes.messages(("wm1", "wm2")), st.sampled_from(SIGNATURES), st.sampled_from(SEALS), _methods(), headers(("Content-Type", b"text/xml")), framings())


def _methods() -> st.SearchStrategy[str]:
    return st.one_of(st.just("POST"), st.just("POST"), st.just("POST"), st.sampled_from(METHODS))


def sms(provider: SmsProvider, numbers_known: tuple[str, ...]) -> st.SearchStrategy[Draft]:
    """What an SMS provider brings: borrowers' words and reports."""
    if isinstance(provider, TwilioSms):
        return twilio(provider, numbers_known)
    number = st.one_of(st.sampled_from(numbers_known), texts(2), values())
    name, fields = ("sms_aliyun", ALIYUN) if isinstance(provider, AliyunSms) else ("sms_tencent", TENCENT)
    assert isinstance(provider, (AliyunSms, TencentSms))
    right = st.fixed_dictionaries({fields[0]: st.sampled_from(numbers_known), fields[1]: said()}, optional={each: st.one_of(texts(2), numbers()) for each in fields[2:]})
    odd = st.fixed_dictionaries({}, optional={fields[0]: number, fields[1]: values(), **{each: values() for each in fields[2:]}})
    batch = st.lists(st.one_of(right, right, odd, values()), max_size=4)
    token = st.sampled_from((CALLBACK_TOKEN,) * 6 + ("x", "%ff", CALLBACK_TOKEN + "x", "%E4%B8%AD"))
    target = st.builds(lambda said_token, what: f"/webhooks/{name}/{said_token}/{what}", token, st.sampled_from(("up", "report", "reply", "up", "report", "reply", "x")))
    return drafts(target, bodies(batch, batch, right, odd), headers(("Content-Type", b"application/json")))


ALIYUN = ("phone_number", "content", "send_time", "sequence_id", "success", "err_code", "out_id", "biz_id", "report_time")
TENCENT = ("mobile", "text", "nationcode", "time", "extend", "sid", "report_status", "errmsg")


def twilio(provider: TwilioSms, numbers_known: tuple[str, ...]) -> st.SearchStrategy[Draft]:
    """Forms that Twilio has signed, or not."""
    words = st.one_of(said(), st.sampled_from(("STOP", "退订")))
    form = st.fixed_dictionaries(
        {"From": st.one_of(st.sampled_from(numbers_known).map("+86{}".format), texts(3)), "Body": words},
        optional={"MessageSid": st.one_of(texts(3), st.integers(0, 10**9).map("SM{}".format)), "MessageStatus": st.sampled_from(("delivered", "failed", "undelivered", "sent", "")), "ErrorCode": st.one_of(st.just("21610"), texts(2)), "To": texts(3), "OptOutType": st.just("STOP"), "Latitude": texts(1)},
    )  # fmt: skip

    def draft(fields: dict[str, str], path: str, is_signed: bool, raw: bytes, method: str, head: Headers, framing: str) -> Draft:
        clean = {name: value.encode("utf-8", "replace").decode() for name, value in fields.items()}
        proof = signature_of(PUBLIC_URL + path, clean, provider.token if is_signed else "x")
        body = urlencode(clean).encode() + raw
        return Draft(method, path, body, (("Content-Type", TYPES[2]), ("X-Twilio-Signature", proof.encode()), *head), framing)

    paths = st.sampled_from(("/webhooks/twilio/webhook", "/webhooks/twilio/webhook", "/webhooks/twilio/status", "/webhooks/twilio/status?message=m1", "/webhooks/twilio/status?message=" + "x" * 300, "/webhooks/twilio/", "/webhooks/twilio/x"))
    raw = st.one_of(st.just(b""), st.just(b""), st.just(b""), st.binary(max_size=10), st.just(b"&%ff=%fe"), st.just(b"&a" * 40_000))
    return st.builds(draft, form, paths, st.sampled_from((True, True, True, False)), raw, _methods(), headers(), framings())


def actions(names: tuple[str, ...]) -> st.SearchStrategy[Draft]:
    """Calls of actions, of somebody with and without the token."""
    where = st.fixed_dictionaries({}, optional={"conversation_id": st.one_of(texts(2), values()), "at": st.one_of(st.sampled_from(MOMENTS), values()), "turn_id": values()})
    reading = st.fixed_dictionaries({}, optional={"text": texts(4), "promises": values(), "signals": values(), "days": values(), "sums": values()})
    message = st.fixed_dictionaries({}, optional={"metadata": st.one_of(where, values()), "intent": st.one_of(st.just({"name": "affirm", "confidence": 0.9}), values()), "reading": st.one_of(reading, values()), "text": values()})
    tracker = st.fixed_dictionaries({}, optional={"sender_id": st.one_of(st.just("x"), values()), "slots": values(), "latest_message": st.one_of(message, values()), "events": values()})
    call = st.fixed_dictionaries({}, optional={"next_action": st.one_of(st.sampled_from(names), st.sampled_from(names), values()), "tracker": st.one_of(tracker, tracker, values()), "domain": values(), "version": values(), "sender_id": values()})
    target = st.sampled_from(("/webhook", "/webhook", "/webhook", "/webhook", "/actions", "/health", "/x", "/docs"))
    token = headers(("Authorization", f"Bearer {TOKEN}".encode()), ("Content-Type", b"application/json"))
    deflated = st.one_of(token, token, token, st.just((("Authorization", f"Bearer {TOKEN}".encode()), ("Content-Encoding", b"deflate"))))
    return drafts(target, bodies(call, call, call), deflated)


def kept(service: CustomerService) -> st.SearchStrategy[dict[str, Any]]:
    """What WeCom gives when it is asked for what is there."""
    right = st.builds(lambda who, text: {"msgid": "m", "origin": 3, "msgtype": "text", "external_userid": who, "text": {"content": text}, "send_time": 1764000000}, st.sampled_from(("wm1", "wm2")), said())
    odd = st.fixed_dictionaries({}, optional={name: values() for name in ("origin", "external_userid", "text", "send_time", "event", "open_kfid")} | {"msgtype": st.one_of(st.sampled_from(("text", "event", "image")), values()), "msgid": st.one_of(texts(2), values())})
    return st.one_of(right, odd, odd)


def shown(draft: Draft) -> str:
    """A request for a report."""
    return json.dumps(draft.on_wire()[:400].decode("latin-1"))

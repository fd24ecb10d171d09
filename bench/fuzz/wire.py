"""HTTP as it comes over the line: right, cut off, with wrong lengths, or no HTTP at all."""

from __future__ import annotations

import http.client
import socket
from dataclasses import dataclass, field

from hypothesis import strategies as st

SECONDS = 20.0  # for an answer; WeChat's may take four
WHOLE = "whole"
FRAMINGS = (
    WHOLE, "cut off", "no length", "length abc", "length -1", "length 1e3", "length huge", "length empty", "length short", "two lengths",
    "chunked", "chunks broken", "chunks open", "no host", "HTTP/1.0", "HTTP/9.9", "header huge", "header without colon", "header bytes",
    "header null", "expect", "expect odd", "upgrade", "line feed only", "no HTTP", "target spaces", "target bytes", "body huge", "gzip", "keep alive twice",
)  # fmt: skip
LENGTHS = {"length abc": b"abc", "length -1": b"-1", "length 1e3": b"1e3", "length huge": b"9" * 30, "length empty": b"", "two lengths": b"1, 2"}
HUGE = 1_200_000  # bytes, more than any route reads


@dataclass(frozen=True)
class Draft:
    """A request before it is written down. `framing`: one of FRAMINGS."""

    method: str
    target: str
    body: bytes = b""
    headers: tuple[tuple[str, bytes], ...] = ()
    framing: str = WHOLE

    @property
    def is_whole(self) -> bool:
        """Whether the server must answer it."""
        return self.framing == WHOLE and self.target.isascii()

    def on_wire(self) -> bytes:
        """The bytes that are sent."""
        if self.framing == "no HTTP":
            return self.body or b"\x16\x03\x01\x00"
        return self._head() + self._content()

    def _head(self) -> bytes:
        target = self.target.encode("utf-8", "surrogatepass")
        target = {"target spaces": target + b" /x y", "target bytes": target + b"/\xff\xfe?\x80=\xff"}.get(self.framing, target)
        version = self.framing.encode() if self.framing.startswith("HTTP/") else b"HTTP/1.1"
        lines = [b" ".join([self.method.encode(), target, version])]
        lines += [] if self.framing == "no host" else [b"Host: 127.0.0.1"]
        lines += [name.encode() + b": " + value for name, value in self.headers] + self._framed()
        end = b"\n" if self.framing == "line feed only" else b"\r\n"
        return end.join([*lines, b"Connection: close", b"", b""])

    def _framed(self) -> list[bytes]:
        framing, size = self.framing, len(self.body)
        if framing in LENGTHS:
            return [b"Content-Length: " + LENGTHS[framing]]
        sized = {"cut off": size + 7, "length short": size // 2, "body huge": size + HUGE}.get(framing, size)
        more = {
            "header huge": [b"X-Long: " + b"x" * 20_000], "header without colon": [b"nothing here"], "header bytes": [b"X-B\xff: \xff\x80"],
            "header null": [b"X-N: a\0b"], "expect": [b"Expect: 100-continue"], "expect odd": [b"Expect: the worst"],
            "upgrade": [b"Upgrade: websocket"], "gzip": [b"Content-Encoding: gzip"], "two lengths": [b"Content-Length: 3"],
        }  # fmt: skip
        if framing.startswith("chunk"):
            return [b"Transfer-Encoding: chunked"]
        return more.get(framing, []) + ([] if framing == "no length" else [b"Content-Length: %d" % sized])

    def _content(self) -> bytes:
        chunked = b"%x\r\n%b\r\n" % (len(self.body), self.body)
        contents = {
            "chunked": chunked + b"0\r\n\r\n", "chunks open": chunked, "chunks broken": b"zz\r\n" + self.body + b"\r\n-5\r\n",
            "body huge": self.body + b" " * HUGE,
        }  # fmt: skip
        return contents.get(self.framing, self.body)


@dataclass
class Answer:
    """What came back. `status`: 0 where the connection was closed without an answer."""

    status: int = 0
    body: bytes = b""
    is_late: bool = False
    problem: str = field(default="", compare=False)


def sent(port: int, draft: Draft, seconds: float = SECONDS) -> Answer:
    """Send a request and read the answer; a request that is not whole is followed by nothing more."""
    with socket.create_connection(("127.0.0.1", port), timeout=seconds) as line:
        try:
            line.sendall(draft.on_wire())
            if not draft.is_whole:
                line.shutdown(socket.SHUT_WR)
            return _read(line, draft.method)
        except TimeoutError:
            return Answer(is_late=True)
        except (OSError, http.client.HTTPException) as error:
            return Answer(problem=type(error).__name__)


def _read(line: socket.socket, method: str) -> Answer:
    answer = http.client.HTTPResponse(line, method=method)
    try:
        answer.begin()
        return Answer(answer.status, answer.read())
    finally:
        answer.close()


def framings() -> st.SearchStrategy[str]:
    """Mostly right."""
    return st.one_of(st.just(WHOLE), st.just(WHOLE), st.just(WHOLE), st.sampled_from(FRAMINGS))

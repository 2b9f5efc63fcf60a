# SPDX-License-Identifier: Apache-2.0
"""Lets this server's parser and llhttp read the same streams; every difference must be one that is named here, and on purpose.

    compare.py VERDICTS [seed] [count]

VERDICTS is the program that tells what this server sees (Fuzz/HTTP1Verdicts.swift).
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import httptools

from streams import streams


# The methods of HTTP that llhttp knows and the streams have.
METHODS = {"CONNECT", "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PURGE", "PUT"}


@dataclass
class Message:
    method: str = ""
    target: bytes = b""
    version: str = ""
    fields: list[tuple[bytes, bytes]] = field(default_factory=list)
    body: bytes = b""


@dataclass
class Reading:
    """The messages that were read before the end, or before what ended the reading."""

    messages: list[Message] = field(default_factory=list)
    # complete, incomplete, refused, closed or tunnel.
    end: str = "complete"
    # What was said of it.
    reason: str = ""
    # The message that breaks off in its body.
    begun: Message | None = None


class LLHTTP:
    """llhttp with all of its leniencies off, as httptools has it."""

    def __init__(self, stream: bytes) -> None:
        self.reading = Reading()
        self.current: Message | None = None
        self.parser = httptools.HttpRequestParser(self)
        try:
            # llhttp would follow an upgrade, which this server does not offer (RFC 9110, section 7.8).
            self.parser.feed_data(stream.replace(b"Upgrade:", b"Xpgrade:"))
            self.reading.end = "incomplete" if self.current else "complete"
        except httptools.HttpParserUpgrade:
            self.reading.end = "tunnel"
        except httptools.HttpParserError as error:
            self.reading.end, self.reading.reason = "refused", str(error)

    def on_message_begin(self) -> None:
        self.current = Message()

    def on_url(self, url: bytes) -> None:
        self.current.target += url

    def on_header(self, name: bytes, value: bytes) -> None:
        # What comes behind the head is a trailer.
        if not self.current.version:
            name, value = name.replace(b"Xpgrade", b"Upgrade"), value.replace(b"Xpgrade:", b"Upgrade:")
            self.current.fields.append((name, value.strip(b" \t")))

    def on_headers_complete(self) -> None:
        self.current.method = self.parser.get_method().decode()
        self.current.version = self.parser.get_http_version()

    def on_body(self, body: bytes) -> None:
        self.current.body += body

    def on_message_complete(self) -> None:
        self.reading.messages.append(self.current)
        self.current = None


def own_readings(program: str, inputs: list[bytes]) -> list[Reading]:
    """What this server sees."""
    lines = "".join(stream.hex() + "\n" for stream in inputs)
    output = subprocess.run([program], input=lines, capture_output=True, text=True, check=True).stdout
    return [own_reading(block.split("\n")) for block in output.split("\n\n")[:-1]]


def own_reading(lines: list[str]) -> Reading:
    *complete, last = [line.split("\t") for line in lines]
    reading = Reading([own_message(parts) for parts in complete], last[0])
    if last[0] == "incomplete" and len(last) > 1:
        reading.begun = own_message(last)
    elif last[0] == "refused":
        reading.reason = last[2]
    return reading


def own_message(parts: list[str]) -> Message:
    _, method, target, version, fields, body = parts
    pairs = [tuple(bytes.fromhex(text) for text in pair.split(":")) for pair in fields.split(",") if pair]
    return Message(method, bytes.fromhex(target), version, pairs, bytes.fromhex(body))


def as_this_server_says(message: Message) -> Message:
    """Target and host in the form in which handlers get them, versions as they are meant (RFC 9112, section 3.2.2)."""
    fields = [(name, value.decode("utf-8", "replace").encode()) for name, value in message.fields]
    target = message.target
    if not target.startswith((b"/", b"*")):
        parts = urlsplit(target.decode("latin-1"))
        path = parts.path or "/"
        target = (path + (f"?{parts.query}" if "?" in target.decode("latin-1") else "")).encode("latin-1")
        host = parts.netloc.encode("latin-1")
        fields = [(name, host if name.lower() == b"host" else value) for name, value in fields]
        # HTTP/1.0 may leave it out.
        if not any(name.lower() == b"host" for name, _ in fields):
            fields.append((b"Host", host))
    version = "1.1" if message.version > "1.1" else message.version
    return Message(message.method, target, version, fields, message.body)


# Where this server refuses and llhttp does not, by what is said to the client.
STRICTER = {
    "has no host": "llhttp leaves Host to who uses it (RFC 9112, section 3.2)",
    "more than one host": "llhttp leaves Host to who uses it (RFC 9112, section 3.2)",
    "Host header is not a valid host": "llhttp leaves Host to who uses it (RFC 9112, section 3.2)",
    "unsupported expectation": "llhttp leaves Expect to who uses it (RFC 9110, section 10.1.1)",
    "unsupported transfer coding": "llhttp lets a coding before chunked pass (RFC 9112, section 6.1)",
    "Transfer-Encoding header is not valid": "llhttp takes chunked behind empty elements (RFC 9112, section 6.1)",
    "HTTP/1.0 has no transfer codings": "llhttp takes chunked in every version (RFC 9112, section 6.1)",
    "has a fragment": "llhttp takes a fragment for a part of the target (RFC 9112, section 3.2)",
    "target is not a path": "llhttp takes any form of target for any method (RFC 9112, section 3.2)",
    "has no valid host": "llhttp takes a user in a target (RFC 9110, section 4.2.4)",
    "this server is not a proxy": "llhttp leaves tunnels to who uses it (RFC 9112, section 3.2.3)",
    "has no target": "llhttp takes several spaces in a request line (RFC 9112, section 3)",
    "has no HTTP version": "llhttp takes HTTP/0.9, RTSP and several spaces (RFC 9112, section 3)",
    "HTTP version is not supported": "llhttp takes versions 0.9 and 2.0 (RFC 9110, section 2.5)",
    "not a valid HTTP request": "llhttp takes empty lines and LF before a request (RFC 9112, section 2.2)",
    "target is too long": "llhttp has no such limit (RFC 9112, section 3)",
    "head is too large": "llhttp has no such limit (RFC 9112, section 5)",
    "trailer is too large": "llhttp has no such limit (RFC 9112, section 7.1.2)",
    "line that is too long": "llhttp has no such limit (RFC 9112, section 7.1.1)",
    "chunked body is not valid": "llhttp takes chunks of 2^63 bytes and sizes of 17 digits (RFC 9112, section 7.1)",
    "Content-Length header is too large": "llhttp takes lengths up to 2^64 (RFC 9110, section 8.6)",
}

# Where llhttp refuses and this server reads on: what llhttp says, what must hold for the message, and why that is right.
LAXER = [
    ("method", lambda message, _: message.method not in METHODS, "any token is a method (RFC 9110, section 9.1)"),
    ("Invalid HTTP version", lambda _, stream: re.search(rb" HTTP/1\.[2-9]\r\n", stream),
     "later minor versions are 1.1 (RFC 9110, section 2.5)"),
    ("Request has invalid `Transfer-Encoding`", lambda message, stream: is_chunked(message) and b"\t" in stream,
     "a tab is white space, too (RFC 9110, section 5.6.3)"),
    ("Transfer-Encoding", lambda message, stream: is_chunked(message) and stream.count(b"0\r\n"),
     "the fields of a trailer do not frame (RFC 9110, section 6.5.1)"),
    ("chunk extensions", lambda message, _: is_chunked(message), "extensions are passed over (RFC 9112, section 7.1.1)"),
    ("Data after `Connection: close`", lambda _, stream: re.search(rb"(?i)proxy-connection:[^\r]*close", stream),
     "Proxy-Connection is no field of HTTP (RFC 9112, appendix C.2.2)"),
]
INCOMPLETE = "a head is judged when it is complete, except for its first line (RFC 9112, section 2.2)"
EMPTY = "a line that is empty begins a request (RFC 9112, section 2.2)"


def is_chunked(message: Message) -> bool:
    return [value.lower() for name, value in message.fields if name.lower() == b"transfer-encoding"] == [b"chunked"]


def difference(stream: bytes, own: Reading, other: Reading) -> str | None:
    """Why two readings differ; None when they do not, and empty when there is no reason."""
    theirs = [as_this_server_says(message) for message in other.messages]
    common = min(len(own.messages), len(theirs))
    if own.messages[:common] != theirs[:common]:
        return ""
    here, there = len(own.messages) - common, len(theirs) - common
    if own.end == "closed" and not here or own.end == other.end and here == there:
        return None
    if own.end == "refused" and not here and (there or other.end != "refused"):
        return next((why for text, why in STRICTER.items() if text in own.reason), "")
    if other.end == "refused" and not there:
        message = own.messages[common] if here else own.begun
        if message is None:
            return INCOMPLETE if own.end == "incomplete" else ""
        return next((why for text, holds, why in LAXER if text in other.reason and holds(message, stream)), "")
    return EMPTY if own.end == "incomplete" and other.end == "complete" and stream.endswith((b"\r\n", b"\r")) else ""


def main() -> None:
    program = sys.argv[1]
    seed, count = (int(argument) for argument in (sys.argv[2:] + ["1", "20000"][len(sys.argv) - 2:]))
    inputs = list(streams(seed, count))
    own = own_readings(program, inputs)
    assert len(own) == len(inputs), "there is not one verdict for each stream"
    names: Counter[str | None] = Counter()
    for stream, reading in zip(inputs, own):
        other = LLHTTP(stream).reading
        name = difference(stream, reading, other)
        names[name] += 1
        if name == "" and names[name] <= 5:
            print(f"read differently, for no reason that is known:\n  {stream!r}\n  here: {reading}\n  llhttp: {other}")
    alike, unknown = names.pop(None, 0), names.pop("", 0)
    print(f"llhttp: {len(inputs)} streams of seed {seed}, {alike} read alike, {unknown} differently for no known reason")
    for name, times in names.most_common():
        print(f"{times:6} {name}")
    unused = ({*STRICTER.values(), *(why for _, _, why in LAXER), INCOMPLETE, EMPTY} - names.keys()) if count > 10_000 else ()
    for name in unused:
        print(f"no stream shows this difference any more: {name}")
    sys.exit(1 if unknown or unused else 0)


if __name__ == "__main__":
    main()

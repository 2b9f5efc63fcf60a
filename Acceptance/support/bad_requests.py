# SPDX-License-Identifier: Apache-2.0
"""Requests and bodies that are not quite HTTP."""

from __future__ import annotations

from granary_server import TARGET
from raw_http import CREDENTIALS
from sizes import MEBIBYTE

AUTHORIZATION = f"Authorization: {CREDENTIALS['Authorization']}\r\n"
CHUNKED = {"Transfer-Encoding": "chunked"}


def put(fields: str, body: str) -> str:
    return f"PUT {TARGET} HTTP/1.1\r\nHost: x\r\n{AUTHORIZATION}{fields}\r\n{body}"


def get(fields: str = "", target: str = TARGET, version: str = "HTTP/1.1") -> str:
    return f"GET {target} {version}\r\nHost: x\r\n{fields}\r\n"


SMUGGLED = "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"
# Requests whose end two readers may find in different places (RFC 9112, section 6.3), and others that are broken.
BROKEN = {
    "both lengths": put("Content-Length: 3\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n" + SMUGGLED),
    "both lengths, the other way": put("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n", "0\r\n\r\n" + SMUGGLED),
    "two different lengths": put("Content-Length: 5\r\nContent-Length: 6\r\n", "hello" + SMUGGLED),
    "two lengths in one": put("Content-Length: 5, 6\r\n", "hello" + SMUGGLED),
    "a negative length": put("Content-Length: -5\r\n", "hello" + SMUGGLED),
    "a length in hexadecimal": put("Content-Length: 0x5\r\n", "hello" + SMUGGLED),
    "a huge length": put("Content-Length: 99999999999999999999999\r\n", "hello" + SMUGGLED),
    "a length of 2^63": put("Content-Length: 9223372036854775808\r\n", "hello" + SMUGGLED),
    "a length of 2^64": put("Content-Length: 18446744073709551616\r\n", "hello" + SMUGGLED),
    "an unknown coding": put("Transfer-Encoding: gzip\r\n", "hello" + SMUGGLED),
    "chunked is not last": put("Transfer-Encoding: chunked, gzip\r\n", "0\r\n\r\n" + SMUGGLED),
    "a chunk of a negative size": put("Transfer-Encoding: chunked\r\n", "-5\r\nhello\r\n0\r\n\r\n" + SMUGGLED),
    "space before the colon": put("Content-Length : 5\r\n", "hello" + SMUGGLED),
    "a folded field": put("X-Long: one\r\n two\r\nContent-Length: 5\r\n", "hello" + SMUGGLED),
    "a field without a colon": get("X-Nothing\r\n"),
    "a zero byte in a field": get("X-Zero: a\0b\r\n"),
    "a lone CR in a field": get("X-Return: a\rb\r\n"),
    "no version": f"GET {TARGET}\r\n\r\n",
    "version 3": get(version="HTTP/3.0"),
    "no request at all": "hello, is anybody there?\r\n\r\n",
    "two hosts": get("Host: y\r\n"),
    "no host": f"GET {TARGET} HTTP/1.1\r\n\r\n",
}
FLOODS = {
    "201 fields": "".join(f"X-Field-{number}: x\r\n" for number in range(201)),
    "20,000 fields": "X: x\r\n" * 20_000,
    "33 KiB": "X-Long: " + "x" * 33 * 1024 + "\r\n",
    "an endless field": "X-Endless: " + "x" * 2 * MEBIBYTE,
}
# What a body of five bytes is not the whole of.
PARTS = [
    "bytes 5-9/10", "bytes 0-4/10", "bytes 0-4/*", "bytes 1-5/5", "bytes */5", "bytes 0-5/6", "bytes 0-3/4", "bytes",
    "items 0-4/5", "nonsense",
]


def chunk(data: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(data), data)


BROKEN_BODIES = {
    "shorter than announced": ({"Content-Length": "100000"}, b"x" * 60_000),
    "nothing at all": ({"Content-Length": "100000"}, b""),
    "chunk size is no number": (CHUNKED, chunk(b"x" * 1000) + b"zz\r\nxx\r\n0\r\n\r\n"),
    "chunk size is too large": (CHUNKED, b"ffffffffffffffffff\r\nxx\r\n0\r\n\r\n"),
    "chunk without its end": (CHUNKED, b"5\r\nhelloXX0\r\n\r\n"),
    "chunk shorter than announced": (CHUNKED, b"2710\r\n" + b"x" * 5000),
    "last chunk is missing": (CHUNKED, chunk(b"x" * 60_000)),
    "length and chunks at once": (CHUNKED | {"Content-Length": "3"}, b"5\r\nhello\r\n0\r\n\r\n"),
    "length is no number": ({"Content-Length": "+5"}, b"hello"),
}

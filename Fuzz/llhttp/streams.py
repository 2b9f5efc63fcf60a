# SPDX-License-Identifier: Apache-2.0
"""Bytes of connections, the same for the same seed: requests, requests that are almost ones, and the classics of smuggling."""

from __future__ import annotations

import random
from collections.abc import Iterator

NEXT = b"GET /next HTTP/1.1\r\nHost: h\r\n\r\n"
METHODS = [b"GET", b"HEAD", b"PUT", b"POST", b"DELETE", b"PATCH", b"OPTIONS"]
TARGETS = [
    b"/", b"/a/b?c=d", b"//a/../b", b"/%2e%2e/%zz", b"/a?b?c", b"/a#b", b"/\"<>\\^`{|}~", b"*", b"http://h", b"http://h/a?b",
    b"HTTPS://h:1/", b"http://h?q", b"http://u@h/", b"ftp://h/", b"h:443", b"a", b"?q", b"/\xc3\xa9", b"/\x7f", b"/a b",
    b"/" + b"x" * 9000,
]
VERSIONS = [b"HTTP/1.1"] * 12 + [b"HTTP/1.0", b"HTTP/1.0", b"HTTP/1.2", b"HTTP/0.9", b"HTTP/2.0", b"HTTP/3.0", b"http/1.1",
                                 b"HTTP/1.10", b"HTTP/11", b"RTSP/1.0"]
FIELDS = [
    b"Accept: */*", b"User-Agent: curl/8", b"X-Empty:", b"X-Tab:\ta\t b \t", b"X-Bytes: \xc3\xa9\xff", b"Cookie: a=b; c=d",
    b"Authorization: token t", b"x_y!#$%&'*+-.^`|~: a", b"Upgrade: h2c", b"Connection: Upgrade, HTTP2-Settings", b"TE: trailers",
    b"Connection: close", b"Connection: keep-alive", b"Connection: te, Close", b"Connection: ,,", b"Proxy-Connection: close",
    b"Expect: 100-continue", b"Expect: 100-Continue", b"Trailer: X", b"Content-Type: text/plain", b"If-None-Match: *",
]
BROKEN_FIELDS = [
    b"X : a", b"X\t: a", b": a", b"X", b" X: a", b"\tfolded", b"X: a\x00b", b"X: a\rb", b"X: a\x01", b"X: a\x7f", b"X\x00: a",
    b"X(: a", b"\xc3\xa9: a", b"Expect: other", b"Host: other", b"Host:", b"Host: a b", b"X: a\r\n b", b"X: a\r", b"X: a\nY: b",
    b"Y: \x0ba", b"Expect: 100-continue, x", b"Host: u@h", b"host: [::1", b"X:a:b",
]
LENGTHS = [
    b"Content-Length: 5", b"content-length:5", b"Content-Length: 005", b"Content-Length: 5 ", b"Content-Length:\t5",
    b"Content-Length: +5", b"Content-Length: -5", b"Content-Length: 0x5", b"Content-Length: 5, 5", b"Content-Length: 5,6",
    b"Content-Length: 5 5", b"Content-Length:", b"Content-Length: 18446744073709551621", b"Content-Length: 9223372036854775808",
    b"Content-Length: 5\r\nContent-Length: 5", b"Content-Length: 5\r\nContent-Length: 6", b"Content-Length : 5",
    b"Content-Length: 5\x00", b"Content-Length: \x0b5", b"Content-Length: 5;", b"Content_Length: 5", b"Content-Length: 5.0",
]
CODINGS = [
    b"Transfer-Encoding: chunked", b"transfer-encoding:CHUNKED", b"Transfer-Encoding:\tchunked\t", b"Transfer-Encoding: gzip, chunked",
    b"Transfer-Encoding: chunked, gzip", b"Transfer-Encoding: gzip", b"Transfer-Encoding: identity", b"Transfer-Encoding:",
    b"Transfer-Encoding: chunked, chunked", b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked",
    b"Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked", b"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity",
    b"Transfer-Encoding: xchunked", b"Transfer-Encoding: chunkedx", b"Transfer-Encoding: chunked;a=b", b"Transfer-Encoding: \"chunked\"",
    b"Transfer-Encoding: , chunked", b"Transfer-Encoding: chunked,", b"Transfer-Encoding:\x0bchunked", b"Transfer-Encoding : chunked",
    b"Transfer-Encoding: ch\tunked", b"Transfer-Encoding:\r\n chunked", b"Transfer_Encoding: chunked", b"X: y\rTransfer-Encoding: chunked",
    b"X: y\nTransfer-Encoding: chunked", b"Transfer-Encoding: chunked\x00", b"Transfer-Encoding: gzip,  chunked",
    b"Transfer-Encoding: deflate chunked",
]
CHUNKED = [
    b"5\r\nhello\r\n0\r\n\r\n", b"0\r\n\r\n", b"5;a=b\r\nhello\r\n0;c\r\n\r\n", b"5 ;a\r\nhello\r\n0\r\n\r\n", b"5;a=\"b\tc\"\r\nhello\r\n0\r\n\r\n",
    b"00005\r\nhello\r\n000\r\n\r\n", b"A\r\n0123456789\r\na\r\n0123456789\r\n0\r\n\r\n", b"0x5\r\nhello\r\n0\r\n\r\n",
    b"5\nhello\r\n0\r\n\r\n", b"5\r\nhello\n0\r\n\r\n", b"5\r\nhello\r\n0\n\r\n", b"5\r\nhello\r\n0\r\n\n", b"5\r\nhelloXX0\r\n\r\n",
    b"-5\r\nhello\r\n0\r\n\r\n", b"+5\r\nhello\r\n0\r\n\r\n", b" 5\r\nhello\r\n0\r\n\r\n", b"5 \r\nhello\r\n0\r\n\r\n", b"5\t\r\nhello\r\n0\r\n\r\n",
    b"5;\nhello\r\n0\r\n\r\n", b"5;a\nb\r\nhello\r\n0\r\n\r\n", b"5;\x00\r\nhello\r\n0\r\n\r\n", b"5;a\rb\r\nhello\r\n0\r\n\r\n",
    b"0\r\nX: a\r\n\r\n", b"0\r\nX: a\r\nContent-Length: 5\r\n\r\n", b"0\r\nX : a\r\n\r\n", b"0\r\nX: a\n\r\n", b"0\r\n X: a\r\n\r\n", b"0\r\nX\r\n\r\n",
    b"ffffffffffffffffff\r\n", b"10000000000000005\r\nhello\r\n0\r\n\r\n", b"8000000000000000\r\nhello", b"g\r\n", b"\r\n", b";\r\n", b"5\r\nhel",
    b"5;;a\r\nhello\r\n0\r\n\r\n", b"5;a=\"b\r\nhello\r\n0\r\n\r\n", b"0\r\nTransfer-Encoding: chunked\r\n\r\n",
    b"00000000000000005\r\nhello\r\n0\r\n\r\n", b"5;a=\"b\"c\r\nhello\r\n0\r\n\r\n",
]
SINGLE = [
    b"", b"\r\n", b"\r\n" + NEXT, b"\r\n\r\n" + NEXT, b"\n" + NEXT, b"\r" + NEXT, b"GET /\r\n\r\n", b"GET / HTTP/1.1\n\n", b"GET / HTTP/1.1\r\nHost: h\r\n\n",
    b"GET / HTTP/1.1\r\n\r\n", b"GET / HTTP/1.0\r\n\r\n" + NEXT, b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", b"CONNECT h:443 HTTP/1.1\r\nHost: h\r\n\r\n" + NEXT,
    b"SSH-2.0-OpenSSH_9.6\r\n", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", b"hello, is anybody there?\r\n\r\n", b" GET / HTTP/1.1\r\n",
    b"GET  / HTTP/1.1\r\nHost: h\r\n\r\n", b"GET /  HTTP/1.1\r\nHost: h\r\n\r\n", b"GET / HTTP/1.1 \r\nHost: h\r\n\r\n", b"GET\t/ HTTP/1.1\r\nHost: h\r\n\r\n",
    b"M" * 40 + b" / HTTP/1.1\r\n\r\n", b"PURGE / HTTP/1.1\r\nHost: h\r\n\r\n", b"BREW / HTTP/1.1\r\nHost: h\r\n\r\n", b"get / HTTP/1.1\r\nHost: h\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: h\r\n" + b"X: y\r\n" * 250 + b"\r\n", b"GET / HTTP/1.1\r\nHost: h\r\nX: " + b"y" * 40_000 + b"\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n" + NEXT, b"GET http:///a HTTP/1.1\r\nHost: h\r\n\r\n",
    b"PUT / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n1;" + b"a" * 5000 + b"\r\nx\r\n0\r\n\r\n",
    b"PUT / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n" + b"X: y\r\n" * 250 + b"\r\n",
    b"PUT / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n" + (b"1;" + b"a" * 1000 + b"\r\nx\r\n") * 20 + b"0\r\n\r\n",
]


def request(choice: random.Random) -> bytes:
    """A request; most are right."""
    is_odd = choice.random() < 0.3
    method = choice.choice(METHODS)
    target = choice.choice(TARGETS if is_odd else TARGETS[:5])
    version = choice.choice(VERSIONS if is_odd else VERSIONS[:13])
    fields = choice.sample(FIELDS, choice.randrange(4))
    if is_odd and choice.random() < 0.4:
        fields.append(choice.choice(BROKEN_FIELDS))
    if choice.random() < (0.9 if is_odd else 1):
        fields.insert(choice.randrange(len(fields) + 1), b"Host: h")
    body = b""
    kind = choice.randrange(6)
    if kind == 0:
        fields.append(choice.choice(LENGTHS if is_odd else LENGTHS[:5]))
        body = b"hello"
    elif kind in (1, 2):
        fields.append(choice.choice(CODINGS if is_odd else CODINGS[:2]))
        body = choice.choice(CHUNKED if choice.random() < 0.4 else CHUNKED[:3])
    elif kind == 3 and is_odd:
        both = [choice.choice(LENGTHS), choice.choice(CODINGS)]
        choice.shuffle(both)
        fields += both
        body = choice.choice(CHUNKED)
    choice.shuffle(fields)
    return b"\r\n".join([method + b" " + target + b" " + version, *fields, b"", b""]) + body


def mutated(choice: random.Random, stream: bytes) -> bytes:
    """A stream of which a few bytes were changed."""
    changed = bytearray(stream)
    for _ in range(choice.randint(1, 3)):
        place = choice.randrange(len(changed) + 1)
        byte = choice.choice(b"\x00\t\n\r !\"#,/:;0a\x7f\x80\xff") if choice.random() < 0.8 else choice.randrange(256)
        kind = choice.randrange(4)
        if kind == 0:
            changed.insert(place, byte)
        elif kind == 1 and place < len(changed):
            changed[place] = byte
        elif kind == 2:
            del changed[place : place + choice.randint(1, 4)]
        else:
            end = min(len(changed), place + choice.randint(1, 12))
            changed[place:place] = changed[place:end]
    return bytes(changed)


def streams(seed: int, count: int) -> Iterator[bytes]:
    """Everything that stands above once, then streams at random."""
    put = b"PUT / HTTP/1.1\r\nHost: h\r\n"
    yield from SINGLE
    yield from (b"GET " + target + b" HTTP/1.1\r\nHost: h\r\n\r\n" + NEXT for target in TARGETS)
    yield from (b"OPTIONS " + target + b" HTTP/1.1\r\nHost: h\r\n\r\n" + NEXT for target in TARGETS)
    yield from (b"GET / " + version + b"\r\nHost: h\r\n\r\n" + NEXT for version in VERSIONS)
    yield from (b"GET / HTTP/1.1\r\nHost: h\r\n" + field + b"\r\n\r\n" + NEXT for field in FIELDS + BROKEN_FIELDS)
    yield from (put + field + b"\r\n\r\nhello" + NEXT for field in LENGTHS)
    yield from (put + field + b"\r\n\r\n0\r\n\r\n" + NEXT for field in CODINGS)
    yield from (put + b"Transfer-Encoding: chunked\r\n\r\n" + body + NEXT for body in CHUNKED)
    for length in LENGTHS:
        for coding in CODINGS:
            yield put + length + b"\r\n" + coding + b"\r\n\r\n0\r\n\r\n" + NEXT
            yield put + coding + b"\r\n" + length + b"\r\n\r\n0\r\n\r\n" + NEXT
    choice = random.Random(seed)
    for _ in range(count):
        stream = b"".join(request(choice) for _ in range(choice.randint(1, 3)))
        yield mutated(choice, stream) if choice.random() < 0.6 else stream

# SPDX-License-Identifier: Apache-2.0
"""What is refused over plain HTTP/1.1 is refused over TLS, and in HTTP/2 as far as it can be said there."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import h2.events
import pytest

from bad_requests import BROKEN, BROKEN_BODIES, FLOODS, PARTS
from granary_server import TARGET
from http2_client import HTTP2Client, http2
from raw_http import CREDENTIALS, SecureConnection, head
from sizes import MEBIBYTE
from tls_server import TLSServer
from waiting import wait_until


@pytest.fixture(scope="module")
def shared(binary: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TLSServer]:
    """One server for all requests that leave nothing behind."""
    server = TLSServer(binary, tmp_path_factory.mktemp("bad-http-secure") / "tls")
    server.start()
    yield server
    server.kill()


@pytest.fixture(autouse=True)
def nothing_is_left(shared: TLSServer) -> Iterator[None]:
    """What was refused is not there, and the server is."""
    yield
    wait_until(lambda: not shared.staged_files(), "nothing is staged")
    assert shared.http().get(shared.url + TARGET).status_code == 404
    assert shared.blob_files() == []


@pytest.mark.parametrize("case", BROKEN)
def test_a_broken_request_is_refused_over_tls(shared: TLSServer, case: str) -> None:
    with SecureConnection(shared.url) as connection:
        connection.send(BROKEN[case].encode("latin-1"))
        answer = connection.receive("PUT")
        assert answer.status in (400, 505) or (answer.status, case) == (501, "an unknown coding"), answer
        assert len(answer.text) > 10, "a refusal says what is wrong"
        assert connection.receive_or_none() is None, "what follows a broken request is no request"


@pytest.mark.parametrize("case", FLOODS)
@pytest.mark.parametrize("method", ["GET", "PUT"])
def test_a_flood_of_fields_is_refused_over_tls(shared: TLSServer, case: str, method: str) -> None:
    with SecureConnection(shared.url) as connection:
        with suppress(OSError):
            connection.send(f"{method} {TARGET} HTTP/1.1\r\nHost: x\r\n{FLOODS[case]}\r\n".encode())
        answer = connection.receive_or_none(method)
        # A reset may overtake the answer only while the flood goes on.
        assert answer is not None or len(FLOODS[case]) > MEBIBYTE
        assert answer is None or (answer.status in (400, 431) and len(answer.text) > 10), answer
        assert connection.ends_within(10)


@pytest.mark.parametrize("value", PARTS)
def test_a_part_is_refused_before_its_body_over_tls(shared: TLSServer, value: str) -> None:
    with SecureConnection(shared.url) as connection:
        fields = {"Content-Range": value, "Content-Length": "5", "Expect": "100-continue"}
        connection.send(head("PUT", TARGET, CREDENTIALS | fields))
        answer = connection.receive("PUT")
    assert (answer.status, answer.interim) == (400, [])
    assert "content-range" in answer.text.lower()


@pytest.mark.parametrize("case", BROKEN_BODIES)
def test_a_broken_body_leaves_nothing_over_tls(shared: TLSServer, case: str) -> None:
    fields, body = BROKEN_BODIES[case]
    with SecureConnection(shared.url) as connection:
        connection.send(head("PUT", TARGET, CREDENTIALS | fields) + body)
        connection.finish_sending()
        answer = connection.receive_or_none("PUT")
        assert answer is None or 400 <= answer.status < 500, f"{case}: {answer}"


# The same in HTTP/2, whose fields and bodies have other frames around them.

Field = tuple[str, str]
USUAL: list[Field] = [(":method", "PUT"), (":scheme", "https"), (":authority", "x"), (":path", TARGET)]
AUTHORIZED = [*USUAL, ("authorization", CREDENTIALS["Authorization"])]
CHUNKED: Field = ("transfer-encoding", "chunked")
BROKEN_HEADS: dict[str, list[Field]] = {
    "both lengths": [*AUTHORIZED, ("content-length", "3"), CHUNKED],
    "both lengths, the other way": [*AUTHORIZED, CHUNKED, ("content-length", "5")],
    "two different lengths": [*AUTHORIZED, ("content-length", "5"), ("content-length", "6")],
    "two lengths in one": [*AUTHORIZED, ("content-length", "5, 6")],
    "a negative length": [*AUTHORIZED, ("content-length", "-5")],
    "a length in hexadecimal": [*AUTHORIZED, ("content-length", "0x5")],
    "a huge length": [*AUTHORIZED, ("content-length", "9" * 23)],
    "a length of 2^63": [*AUTHORIZED, ("content-length", str(1 << 63))],
    "a length of 2^64": [*AUTHORIZED, ("content-length", str(1 << 64))],
    "an unknown coding": [*AUTHORIZED, ("transfer-encoding", "gzip")],
    "chunked is not last": [*AUTHORIZED, ("transfer-encoding", "chunked, gzip")],
    "a chunk of a negative size": [*AUTHORIZED, CHUNKED],
    "space before the colon": [*AUTHORIZED, ("content-length ", "5")],
    "a folded field": [*AUTHORIZED, ("x-long", "one\r\n two"), ("content-length", "5")],
    "a field without a colon": [*AUTHORIZED, ("", "x-nothing")],
    "a zero byte in a field": [*AUTHORIZED, ("x-zero", "a\0b")],
    "a lone CR in a field": [*AUTHORIZED, ("x-return", "a\rb")],
    "two hosts": [*AUTHORIZED, ("host", "y")],
    "no host": [field for field in AUTHORIZED if field[0] != ":authority"],
}
# HTTP/2 has one version, and no request that is none: those bytes are no frames.
NOT_SAID_IN_HEADS = {"no version", "version 3", "no request at all"}


def refusal(client: HTTP2Client, stream: int) -> str:
    """How a request was refused: by a status, by the reset of its stream, or by the end of the connection."""
    while True:
        for event in client.events:
            if isinstance(event, h2.events.ConnectionTerminated):
                return "end"
            if getattr(event, "stream_id", None) != stream:
                continue
            if isinstance(event, h2.events.StreamReset):
                return f"reset {event.error_code}"
            if isinstance(event, h2.events.ResponseReceived):
                return str(client.status(stream))
        if client.is_closed:
            return "end"
        assert client.receive(20) or client.is_closed, "the server says nothing"


def send_body(client: HTTP2Client, stream: int, body: bytes, ends: bool = True) -> None:
    """Sends a body in pieces that each fit into a frame."""
    for start in range(0, max(1, len(body)), 16_384):
        part = body[start:start + 16_384]
        client.connection.send_data(stream, part, end_stream=ends and start + len(part) == len(body))
    client.flush()


def assert_still_serves(client: HTTP2Client) -> None:
    assert client.status(client.request("GET", "/healthz")) == 200


def test_every_broken_request_has_its_row_in_http2() -> None:
    assert set(BROKEN_HEADS) == set(BROKEN) - NOT_SAID_IN_HEADS


@pytest.mark.parametrize("case", BROKEN_HEADS)
def test_a_broken_request_is_refused_in_http2(shared: TLSServer, case: str) -> None:
    with http2(shared.url, careless=True) as client:
        stream = client.begin(BROKEN_HEADS[case], ends=False)
        send_body(client, stream, b"-5\r\nhello\r\n0\r\n\r\n" if CHUNKED in BROKEN_HEADS[case] else b"hello")
        # RFC 9113, section 8.1.1: a malformed request is an error of its stream, PROTOCOL_ERROR.
        assert refusal(client, stream) in ("reset 1", "400")
        assert_still_serves(client)


def test_what_is_no_frame_ends_a_connection_of_http2(shared: TLSServer) -> None:
    with http2(shared.url) as client:
        client.send(BROKEN["no request at all"].encode())
        client.wait_for_end()


@pytest.mark.parametrize("case", FLOODS)
@pytest.mark.parametrize("method", ["GET", "PUT"])
def test_a_flood_of_fields_is_refused_in_http2(shared: TLSServer, case: str, method: str) -> None:
    lines = [line.partition(": ") for line in FLOODS[case].lower().split("\r\n") if line]
    with http2(shared.url, careless=True) as client:
        stream = 1
        with suppress(OSError):
            stream = client.begin([(":method", method), *USUAL[1:], *((name, value) for name, _, value in lines)])
        found = refusal(client, stream)
        assert found in ("400", "431", "reset 1", "reset 11", "end"), found
        if len(FLOODS[case]) < MEBIBYTE and found != "end":
            assert_still_serves(client)


@pytest.mark.parametrize("value", PARTS)
def test_a_part_is_refused_before_its_body_in_http2(shared: TLSServer, value: str) -> None:
    with http2(shared.url) as client:
        fields = [("content-range", value), ("content-length", "5"), ("expect", "100-continue")]
        stream = client.begin([*AUTHORIZED, *fields], ends=False)
        assert client.status(stream) == 400
        assert "content-range" in client.content(stream).decode().lower()
        assert not any(isinstance(event, h2.events.InformationalResponseReceived) for event in client.events)
        assert_still_serves(client)


# Chunks are frames in HTTP/2, whose lengths the library that sends them keeps.
BROKEN_BODIES_IN_FRAMES: dict[str, tuple[list[Field], bytes]] = {
    "shorter than announced": ([("content-length", "100000")], b"x" * 60_000),
    "nothing at all": ([("content-length", "100000")], b""),
    "longer than announced": ([("content-length", "5")], b"hello, world"),
    "length and chunks at once": ([("content-length", "3"), CHUNKED], b"5\r\nhello\r\n0\r\n\r\n"),
    "length is no number": ([("content-length", "+5")], b"hello"),
}


@pytest.mark.parametrize("case", BROKEN_BODIES_IN_FRAMES)
def test_a_broken_body_leaves_nothing_in_http2(shared: TLSServer, case: str) -> None:
    fields, body = BROKEN_BODIES_IN_FRAMES[case]
    with http2(shared.url, careless=True) as client:
        client.receive(1)
        stream = client.begin([*AUTHORIZED, *fields], ends=False)
        send_body(client, stream, body)
        assert refusal(client, stream) in ("reset 1", "400")
        assert_still_serves(client)


def test_a_body_without_its_end_leaves_nothing_in_http2(shared: TLSServer) -> None:
    with http2(shared.url) as client:
        stream = client.begin(AUTHORIZED, ends=False)

        def is_staged() -> bool:
            room = client.connection.local_flow_control_window(stream)
            send_body(client, stream, b"x" * min(room, 60_000), ends=False)
            client.receive(0.05)
            return any(path.stat().st_size for path in shared.staged_files())

        wait_until(is_staged, "the body is staged")

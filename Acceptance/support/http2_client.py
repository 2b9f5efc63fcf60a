# SPDX-License-Identifier: Apache-2.0
"""A client of HTTP/2 that sends exactly the frames that a test wants."""

from __future__ import annotations

import functools
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import h2.config
import h2.connection
import h2.events
import h2.settings

from raw_http import unverified

#: What a client sends first (RFC 9113, section 3.4).
PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"


class HTTP2Client:
    """One connection over TLS; `events` holds what came in. One that is `careless` sends fields that are not allowed."""

    def __init__(
        self, url: str, settings: dict[h2.settings.SettingCodes, int] | None = None, careless: bool = False
    ) -> None:
        parts = urlsplit(url)
        plain = socket.create_connection((parts.hostname, parts.port), timeout=20)
        self.socket = unverified("h2").wrap_socket(plain, server_hostname=parts.hostname)
        assert self.socket.selected_alpn_protocol() == "h2"
        self.authority = parts.netloc
        config = h2.config.H2Configuration(
            client_side=True, validate_outbound_headers=not careless, normalize_outbound_headers=not careless
        )
        self.connection = h2.connection.H2Connection(config)
        if careless:
            # The time that hpack takes for Huffman's code grows with the square of a value's length.
            self.connection.encoder.encode = functools.partial(self.connection.encoder.encode, huffman=False)
        self.events: list[h2.events.Event] = []
        self.is_closed = False
        self.connection.initiate_connection()
        # Settings that are changed before are not sent.
        if settings:
            self.connection.update_settings(settings)
        self.flush()

    def flush(self) -> None:
        """Sends what is ready."""
        self.send(self.connection.data_to_send())

    def send(self, data: bytes) -> None:
        """Sends bytes that need not be frames."""
        self.socket.sendall(data)

    def request(self, method: str, path: str, *fields: tuple[str, str], ends: bool = True) -> int:
        """Begins a request and returns the number of its stream."""
        head = [(":method", method), (":scheme", "https"), (":authority", self.authority), (":path", path), *fields]
        return self.begin(head, ends)

    def begin(self, head: list[tuple[str, str]], ends: bool = True) -> int:
        """Begins a request whose head is exactly this, and returns the number of its stream."""
        stream = self.connection.get_next_available_stream_id()
        self.connection.send_headers(stream, head, end_stream=ends)
        self.flush()
        return stream

    def receive(self, seconds: float) -> bool:
        """Takes what comes within a time; false when nothing did or the connection has ended."""
        self.socket.settimeout(seconds)
        try:
            data = self.socket.recv(65536)
        except TimeoutError:
            return False
        except OSError:
            data = b""
        if not data:
            self.is_closed = True
            return False
        self.events += self.connection.receive_data(data)
        self.flush()
        return True

    def wait_for(self, kind: type[h2.events.Event], seconds: float = 20, stream: int | None = None) -> h2.events.Event:
        """Waits for an event of a kind, of a stream if one is named."""
        deadline = time.monotonic() + seconds
        while True:
            for event in self.events:
                if isinstance(event, kind) and (stream is None or event.stream_id == stream):
                    return event
            rest = deadline - time.monotonic()
            assert rest > 0 and not self.is_closed, f"no {kind.__name__} came; there were {self.events}"
            self.receive(rest)

    def wait_for_end(self, seconds: float = 30) -> None:
        """Waits until the server has closed the connection."""
        deadline = time.monotonic() + seconds
        while not self.is_closed:
            rest = deadline - time.monotonic()
            assert rest > 0, "the server keeps the connection"
            self.receive(rest)

    def status(self, stream: int) -> int:
        """The status of the answer on a stream."""
        answer = self.wait_for(h2.events.ResponseReceived, stream=stream)
        return int(dict(answer.headers)[b":status"])

    def content(self, stream: int) -> bytes:
        """The whole content of the answer on a stream."""
        self.wait_for(h2.events.StreamEnded, stream=stream)
        parts = [e.data for e in self.events if isinstance(e, h2.events.DataReceived) and e.stream_id == stream]
        return b"".join(parts)


@contextmanager
def http2(
    url: str, settings: dict[h2.settings.SettingCodes, int] | None = None, careless: bool = False
) -> Iterator[HTTP2Client]:
    """A connection that is closed at the end."""
    client = HTTP2Client(url, settings, careless)
    try:
        yield client
    finally:
        client.socket.close()

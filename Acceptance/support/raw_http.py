# SPDX-License-Identifier: Apache-2.0
"""A client on a bare socket: it tidies nothing up before it sends."""

from __future__ import annotations

import base64
import fcntl
import select
import socket
import ssl
import struct
import termios
import time
from contextlib import suppress
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from granary_server import ADMIN_PASSWORD


def basic(user: str, password: str) -> str:
    """The value of an Authorization header for HTTP Basic (RFC 7617)."""
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


#: The header field of a request by the administrator.
CREDENTIALS = {"Authorization": basic("admin", ADMIN_PASSWORD)}


class ConnectionEnded(Exception):
    """The server ended the connection before a whole answer came."""


@dataclass
class Answer:
    """One answer, with the interim answers that came before it."""

    status: int
    headers: dict[str, str]
    body: bytes
    interim: list[int] = field(default_factory=list)

    @property
    def text(self) -> str:
        return self.body.decode("utf-8")


def head(method: str, target: str | bytes, headers: dict[str, str] | None = None) -> bytes:
    """A request's head; the target is sent as it is."""
    raw_target = target if isinstance(target, bytes) else target.encode("latin-1")
    lines = [method.encode() + b" " + raw_target + b" HTTP/1.1", b"Host: 127.0.0.1"]
    lines += [f"{name}: {value}".encode("latin-1") for name, value in (headers or {}).items()]
    return b"\r\n".join(lines) + b"\r\n\r\n"


def reset(connection: socket.socket) -> None:
    """Cuts a connection with a TCP reset."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


def unsent(connection: socket.socket) -> int:
    """How many bytes wait in the kernel's send queue."""
    return struct.unpack("i", fcntl.ioctl(connection, termios.TIOCOUTQ, b"\0" * 4))[0]


class RawConnection:
    """A TCP connection to a server, with a deadline on every wait."""

    def __init__(self, url: str, seconds: float = 30, send_buffer: int | None = None) -> None:
        parts = urlsplit(url)
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        if send_buffer is not None:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, send_buffer)
        self.socket.settimeout(seconds)
        self.socket.connect((parts.hostname, parts.port))
        self.buffer = b""

    def __enter__(self) -> RawConnection:
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.close()

    def send(self, data: bytes) -> None:
        self.socket.sendall(data)

    def finish_sending(self) -> None:
        """Tells the server that no more bytes will come, and goes on listening."""
        self.socket.shutdown(socket.SHUT_WR)

    def reset(self) -> None:
        """Cuts the connection with a TCP reset."""
        reset(self.socket)

    def readable(self, seconds: float) -> bool:
        """Whether something (an answer or an end) comes within the time."""
        return bool(self.buffer) or bool(select.select([self.socket], [], [], seconds)[0])

    def receive_interim(self) -> int:
        """Reads one interim answer (1xx) and returns its status."""
        status, _ = self._receive_head()
        assert 100 <= status < 200, f"{status} is not an interim answer"
        return status

    def is_asked_for_body(self) -> bool:
        """Waits for an answer: takes it when it is `100 Continue`, and leaves a final one to `receive`."""
        while b"\r\n" not in self.buffer:
            if not self._fill():
                raise ConnectionEnded("the connection ended without an answer")
        if self.buffer.split(b" ", 2)[1] != b"100":
            return False
        self.receive_interim()
        return True

    def receive(self, method: str = "GET") -> Answer:
        """Reads one whole answer."""
        interim: list[int] = []
        status, headers = self._receive_head()
        while 100 <= status < 200:
            interim.append(status)
            status, headers = self._receive_head()
        return Answer(status, headers, self._receive_body(method, status, headers), interim)

    def receive_or_none(self, method: str = "GET") -> Answer | None:
        """Reads one whole answer, or returns None when the connection ends; bytes before a reset are still read."""
        try:
            return self.receive(method)
        except (OSError, ConnectionEnded):
            return None

    def ends_within(self, seconds: float) -> bool:
        """Whether the server ends the connection in time; whatever it sends until then is dropped."""
        deadline = time.monotonic() + seconds
        while (left := deadline - time.monotonic()) > 0:
            self.socket.settimeout(left)
            try:
                if not self.socket.recv(65536):
                    return True
            except TimeoutError:
                return False
            except OSError:
                return True
        return False

    def flood(self, most: int, seconds: float = 20) -> tuple[Answer | None, int]:
        """Sends up to `most` bytes without heeding the answer: returns it and how many bytes the server took.

        Bytes that still wait in this side's send queue were not taken. Ends at the connection's end, or when
        the server has taken nothing for a while.
        """
        answer: Answer | None = None
        sent = 0
        block = bytes(16 * 1024)
        self.socket.setblocking(False)
        quiet_since = started = time.monotonic()
        while sent < most and time.monotonic() - started < seconds and time.monotonic() - quiet_since < 3:
            readable, writable, _ = select.select([self.socket] if answer is None else [], [self.socket], [], 0.2)
            try:
                if readable:
                    self.socket.settimeout(5)
                    answer = self.receive("PUT")
                    self.socket.setblocking(False)
                if writable:
                    sent += self.socket.send(block)
                    quiet_since = time.monotonic()
            except BlockingIOError:
                continue
            except (OSError, ConnectionEnded):
                break
        taken = sent - self._unsent()
        self.socket.settimeout(5)
        return answer or self.receive_or_none("PUT"), taken

    def _unsent(self) -> int:
        try:
            return unsent(self.socket)
        except OSError:
            return 0

    def _fill(self) -> bool:
        try:
            more = self.socket.recv(65536)
        except ConnectionResetError:
            more = b""
        self.buffer += more
        return bool(more)

    def _take(self, count: int) -> bytes:
        while len(self.buffer) < count:
            if not self._fill():
                raise ConnectionEnded(f"the connection ended {count - len(self.buffer)} bytes too early")
        taken, self.buffer = self.buffer[:count], self.buffer[count:]
        return taken

    def _take_line(self) -> bytes:
        while b"\r\n" not in self.buffer:
            if not self._fill():
                raise ConnectionEnded(f"the connection ended within a line: {self.buffer!r}")
        line, _, self.buffer = self.buffer.partition(b"\r\n")
        return line

    def _receive_head(self) -> tuple[int, dict[str, str]]:
        status = int(self._take_line().split(b" ", 2)[1])
        headers: dict[str, str] = {}
        while line := self._take_line():
            name, _, value = line.partition(b":")
            headers[name.decode().lower()] = value.strip().decode("latin-1")
        return status, headers

    def _receive_body(self, method: str, status: int, headers: dict[str, str]) -> bytes:
        if method == "HEAD" or status in (204, 304):
            return b""
        if headers.get("transfer-encoding", "").lower() == "chunked":
            body = b""
            while size := int(self._take_line().split(b";")[0], 16):
                body += self._take(size)
                self._take(2)
            self._take_line()
            return body
        if "content-length" in headers:
            return self._take(int(headers["content-length"]))
        while self._fill():
            pass
        body, self.buffer = self.buffer, b""
        return body


class SecureConnection(RawConnection):
    """The same over TLS, whatever certificate the server shows."""

    def __init__(self, url: str, seconds: float = 30) -> None:
        super().__init__(url, seconds)
        self.socket = unverified("http/1.1").wrap_socket(self.socket)

    def finish_sending(self) -> None:
        # Python's own way would give up TLS in both directions.
        socket.socket.shutdown(self.socket, socket.SHUT_WR)


def unverified(*protocols: str) -> ssl.SSLContext:
    """What a client needs for TLS with anybody."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.set_alpn_protocols(list(protocols))
    return context


def exchange(url: str, method: str, target: str | bytes, headers: dict[str, str], body: bytes = b"") -> Answer:
    """Sends one request on a connection of its own and reads the answer, which may come before the body's end."""
    with RawConnection(url) as connection:
        with suppress(ConnectionError):
            connection.send(head(method, target, headers) + body)
        return connection.receive(method)

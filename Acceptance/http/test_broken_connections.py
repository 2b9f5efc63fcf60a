# SPDX-License-Identifier: Apache-2.0
"""Clients that reset, close one side or stop reading, in every state of a connection: nothing is lost, and all is given back."""

from __future__ import annotations

import random
import socket
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import h2.settings
import pytest

from granary_server import FOLDER, GranaryServer
from http2_client import HTTP2Client
from raw_http import CREDENTIALS, RawConnection, SecureConnection, head, reset
from sizes import MEBIBYTE
from tls_server import TLSServer
from waiting import wait_until

CONTENT = random.Random("broken").randbytes(8 * MEBIBYTE)
PATIENCE = ["--timeouts-idle", "3s", "--timeouts-stalled-reader", "3s", "--timeouts-upload-window", "3s", "--contract",
            "current"]
# How many clients break off in each state.
CLIENTS = 6
UPLOAD = head("PUT", FOLDER + "never", CREDENTIALS | {"Content-Length": str(len(CONTENT))})


@pytest.fixture(scope="module", params=["plain", "TLS", "HTTP/2"])
def transport(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture(scope="module")
def server(transport: str, binary: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[GranaryServer]:
    """A server with some content, over a transport."""
    folder = tmp_path_factory.mktemp("broken")
    if transport == "plain":
        server = GranaryServer(binary, folder / "data", folder / "logs", PATIENCE)
    else:
        server = TLSServer(binary, folder / "tls")
        server.options += PATIENCE
    server.start()
    for name in ("cold", "hot"):
        assert server.http("admin").put(server.url + FOLDER + name, data=CONTENT).status_code == 201
    assert server.http().get(server.url + FOLDER + "hot").content == CONTENT
    yield server
    server.kill()


@pytest.fixture(autouse=True)
def all_is_given_back(server: GranaryServer) -> Iterator[None]:
    """Beside those who break off somebody publishes and reads, and afterwards all is as before."""
    before = len(server.descriptors())
    yield
    name = FOLDER + "good"
    with server.http("admin") as session:
        assert session.put(server.url + name, data=CONTENT[:MEBIBYTE]).status_code == 201
        assert session.get(server.url + name).content == CONTENT[:MEBIBYTE]
        assert session.get(server.url + FOLDER + "cold").content == CONTENT
        assert session.get(server.url + FOLDER + "hot").content == CONTENT
        assert session.get(server.url + FOLDER + "never").status_code == 404
        assert session.delete(server.url + name).status_code == 204
    wait_until(lambda: not server.staged_files(), "nothing is staged")
    # What is read often stays open for a while.
    wait_until(lambda: len(server.descriptors()) <= before + 4, f"the descriptors are again about {before}")
    assert not server.ended()


# The states. Each takes a connection there and returns the socket.

def before_the_head(server: GranaryServer, transport: str) -> socket.socket:
    return connect(server, transport).socket


def in_the_head(server: GranaryServer, transport: str) -> socket.socket:
    connection = connect(server, transport)
    # The beginning of HEADERS, or of a line.
    connection.send(bytes([0, 0, 50, 1, 4, 0, 0, 0, 1, 0x82]) if transport == "HTTP/2" else UPLOAD[:70])
    return connection.socket


def in_the_body(server: GranaryServer, transport: str) -> socket.socket:
    connection = connect(server, transport)
    if isinstance(connection, HTTP2Client):
        connection.receive(5)
        fields = [("authorization", CREDENTIALS["Authorization"]), ("content-length", str(len(CONTENT)))]
        stream = connection.request("PUT", FOLDER + "never", *fields, ends=False)
        connection.connection.send_data(stream, CONTENT[:16_000])
        connection.flush()
    else:
        connection.send(UPLOAD + CONTENT[:MEBIBYTE])
    return connection.socket


def in_the_answer(name: str) -> Callable[[GranaryServer, str], socket.socket]:
    def enter(server: GranaryServer, transport: str) -> socket.socket:
        connection = connect(server, transport)
        if isinstance(connection, HTTP2Client):
            connection.request("GET", FOLDER + name)
        else:
            connection.send(head("GET", FOLDER + name))
        assert connection.socket.recv(1000)
        return connection.socket

    return enter


def between(server: GranaryServer, transport: str) -> socket.socket:
    connection = connect(server, transport)
    if isinstance(connection, HTTP2Client):
        assert connection.status(connection.request("GET", "/healthz")) == 200
    else:
        connection.send(head("GET", "/healthz"))
        assert connection.receive().status == 200
    return connection.socket


STATES = {
    "before the head": before_the_head, "in the head": in_the_head, "in the body": in_the_body,
    "in an answer": in_the_answer("cold"), "in an answer that was ready": in_the_answer("hot"), "between": between,
}


def connect(server: GranaryServer, transport: str) -> RawConnection | HTTP2Client:
    """A connection whose kernel keeps little of what comes."""
    match transport:
        case "plain": connection = RawConnection(server.url)
        case "TLS": connection = SecureConnection(server.url)
        case _: connection = HTTP2Client(server.url, {h2.settings.SettingCodes.INITIAL_WINDOW_SIZE: len(CONTENT)})
    connection.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 64 * 1024)
    return connection


def rest(connection: socket.socket) -> bytes:
    """What comes until the end."""
    received = bytearray()
    connection.settimeout(30)
    with suppress(ConnectionError):
        while part := connection.recv(MEBIBYTE):
            received += part
    return bytes(received)


@pytest.mark.parametrize("state", STATES)
def test_a_reset(server: GranaryServer, transport: str, state: str) -> None:
    for connection in [STATES[state](server, transport) for _ in range(CLIENTS)]:
        reset(connection)


@pytest.mark.parametrize("state", STATES)
def test_an_end_without_a_word(server: GranaryServer, transport: str, state: str) -> None:
    """The first byte that the server still sends is answered by a reset, and the next one would raise SIGPIPE."""
    for connection in [STATES[state](server, transport) for _ in range(CLIENTS)]:
        connection.close()


@pytest.mark.parametrize("state", STATES)
def test_a_half_closed_connection(server: GranaryServer, transport: str, state: str) -> None:
    connections = [STATES[state](server, transport) for _ in range(CLIENTS)]
    for connection in connections:
        socket.socket.shutdown(connection, socket.SHUT_WR)
    for connection in connections:
        received = rest(connection)
        # HTTP/1.1 allows a client to send nothing more; in HTTP/2 and TLS it owes a word about the end.
        if transport == "plain" and "answer" in state:
            assert received.endswith(CONTENT[-MEBIBYTE:]), "an answer lost its end"
        if transport == "plain" and state == "in the body":
            assert received == b"" or received.startswith(b"HTTP/1.1 4"), received[:100]
        connection.close()


def test_a_window_that_stays_closed(server: GranaryServer, transport: str) -> None:
    before = len(server.descriptors())
    connections = [enter(server, transport) for enter in STATES.values() for _ in range(CLIENTS)]
    wait_until(lambda: len(server.descriptors()) >= before + len(connections), "the connections are there")
    # Nobody reads: the server ends the connections for itself.
    wait_until(lambda: len(server.descriptors()) < before + CLIENTS / 2, "the connections are ended", seconds=20)
    for connection in connections:
        connection.close()

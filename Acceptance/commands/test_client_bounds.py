# SPDX-License-Identifier: Apache-2.0
"""The client before a server that never comes to an end: it gives up at its bounds, and says why in one sentence."""

from __future__ import annotations

import json
import subprocess
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from client_home import FAILED, NOT_ALLOWED, Client
from sizes import MEBIBYTE
from waiting import wait_until

# What the client takes of one answer, and of one list; see `RegistryClient+Exchange.swift` and `PageWalk.swift`.
MOST_BYTES = 64 * MEBIBYTE
MOST_PAGES = 10_000
# The client's clock goes a hundred times too fast, so that its ten minutes for an answer are six seconds.
# The wrapper of faketime is the parent of the client, which is to end with it.
HASTE = ["faketime", "-f", "+0 x100", "setpriv", "--pdeathsig", "KILL", "--"]


class EndlessServer(ThreadingHTTPServer):
    """Answers every GET by a function of the test, and counts the requests and the answers that broke off."""

    daemon_threads = True

    def __init__(self, answer: Callable[[BaseHTTPRequestHandler], None]) -> None:
        super().__init__(("127.0.0.1", 0), EndlessHandler)
        self.answer = answer
        self.requests = 0
        self.broken_off = 0
        self.closing = threading.Event()
        self.url = f"http://127.0.0.1:{self.server_address[1]}"


class EndlessHandler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: EndlessServer

    def do_GET(self) -> None:
        self.server.requests += 1
        try:
            self.server.answer(self)
        except OSError:
            self.server.broken_off += 1
            self.close_connection = True

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def serve() -> Iterator[Callable[[Callable[[BaseHTTPRequestHandler], None]], EndlessServer]]:
    """Starts servers, which end with the test."""
    servers: list[EndlessServer] = []

    def start(answer: Callable[[BaseHTTPRequestHandler], None]) -> EndlessServer:
        servers.append(EndlessServer(answer))
        threading.Thread(target=servers[-1].serve_forever, daemon=True).start()
        return servers[-1]

    yield start
    for server in servers:
        server.closing.set()
        server.shutdown()
        server.server_close()


@pytest.fixture
def client(binary: Path, tmp_path: Path) -> Client:
    """A client with a token that only this test's servers see."""
    return Client(binary, tmp_path, "grn_" + "7" * 64)


def send_document(handler: BaseHTTPRequestHandler, document: dict[str, object]) -> None:
    content = json.dumps(document).encode()
    handler.send_response(200)
    handler.send_header("Content-Type", "application/json")
    handler.send_header("Content-Length", str(len(content)))
    handler.end_headers()
    handler.wfile.write(content)


def begin_document(handler: BaseHTTPRequestHandler, status: int = 200) -> None:
    """The head and the first byte of a JSON document whose length is not told."""
    handler.send_response(status)
    handler.send_header("Content-Type", "application/json")
    handler.send_header("Transfer-Encoding", "chunked")
    handler.end_headers()
    send_piece(handler, b"{")


def send_piece(handler: BaseHTTPRequestHandler, piece: bytes) -> None:
    handler.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))


def trickle(status: int) -> Callable[[BaseHTTPRequestHandler], None]:
    """Sends a document of this status that never ends, a byte each half second."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        begin_document(handler, status)
        server = handler.server
        while not server.closing.wait(0.5):
            send_piece(handler, b" ")

    return answer


def pages(key: Callable[[int], str]) -> Callable[[BaseHTTPRequestHandler], None]:
    """Sends pages of a list; the function says after which key the page of that number goes on."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        following = key(int(parse_qs(urlsplit(handler.path).query).get("after", ["0"])[0]))
        send_document(handler, {"owner": "robot", "contract": "current", "packages": [], "next": following})

    return answer


def list_in_haste(client: Client, server: EndlessServer) -> tuple[int, str, str]:
    """Lists packages with a clock that goes too fast; returns the exit status and both outputs."""
    done = subprocess.run(
        [*HASTE, client.binary, "list", "robot", "--url", server.url], stdin=subprocess.DEVNULL, text=True,
        capture_output=True, cwd=client.home, env=client.environment(GRANARY_TOKEN=client.token), timeout=60,
    )
    return done.returncode, done.stdout, done.stderr


def test_a_list_that_never_ends_is_given_up(client: Client, serve) -> None:
    server = serve(pages(lambda number: str(number + 1)))
    told = client.expect(FAILED, "list", "robot", "--url", server.url, GRANARY_TOKEN=client.token)
    assert f"has more than {MOST_PAGES} pages" in told and told.count("\n") == 1
    assert server.requests == MOST_PAGES


@pytest.mark.parametrize("length", [1, 3])
def test_a_list_that_goes_in_a_circle_is_given_up(client: Client, serve, length: int) -> None:
    server = serve(pages(lambda number: str(number % length + 1)))
    told = client.expect(FAILED, "list", "robot", "--url", server.url, GRANARY_TOKEN=client.token)
    assert "same page of a list twice" in told and told.count("\n") == 1
    assert server.requests == length + 1


def test_a_document_that_never_ends_is_cut_at_its_bound(client: Client, serve) -> None:
    sent = 0

    def answer(handler: BaseHTTPRequestHandler) -> None:
        nonlocal sent
        begin_document(handler)
        piece = b" " * MEBIBYTE
        while not handler.server.closing.is_set():
            send_piece(handler, piece)
            sent += len(piece)

    server = serve(answer)
    told = client.expect(FAILED, "list", "robot", "--url", server.url, GRANARY_TOKEN=client.token)
    assert told.startswith("granary: ") and server.url in told and told.count("\n") == 1, told
    wait_until(lambda: server.broken_off, "the client has hung up")
    # It is not asked for again, since it would be as long; what is on its way counts as sent.
    assert (server.requests, server.broken_off) == (1, 1)
    assert sent < 2 * MOST_BYTES


def test_a_document_that_comes_byte_by_byte_is_given_up(client: Client, serve) -> None:
    server = serve(trickle(200))
    status, output, told = list_in_haste(client, server)
    # It is not asked for again, since it would take as long.
    assert (status, output, server.requests) == (FAILED, "", 1), told
    assert "did not complete in time" in told and told.count("\n") == 1


def test_a_refusal_that_comes_byte_by_byte_is_reported(client: Client, serve) -> None:
    server = serve(trickle(403))
    status, output, told = list_in_haste(client, server)
    assert (status, output) == (NOT_ALLOWED, "") and told.count("\n") == 1, told
    assert server.requests == 1


@pytest.mark.parametrize("announced", [(1 << 63) - 1, 1 << 63, 1 << 70])
def test_an_announced_size_beyond_every_file_ends_in_a_sentence(client: Client, serve, announced: int) -> None:
    size = min(announced, (1 << 63) - 1)
    record = {"name": "a", "size": size, "sha256": "0" * 64, "created_at": "2026-01-02T03:04:05Z"}
    version = {"owner": "robot", "name": "tool", "version": "1.0.0", "created_at": "2026-01-02T03:04:05Z"}

    def answer(handler: BaseHTTPRequestHandler) -> None:
        if "/generic/" not in handler.path:
            return send_document(handler, version | {"files": [record]})
        handler.send_response(200)
        handler.send_header("Content-Length", str(announced))
        handler.end_headers()
        handler.wfile.write(b"x" * MEBIBYTE)
        handler.close_connection = True

    server = serve(answer)
    # The progress line is drawn on a terminal only.
    command = ["script", "-q", "-e", "-c", f"{client.binary} download robot/tool@1.0.0 a --url {server.url}", "/dev/null"]
    done = subprocess.run(
        command, stdin=subprocess.DEVNULL, capture_output=True, text=True, cwd=client.home, timeout=120,
        env=client.environment(GRANARY_TOKEN=client.token),
    )
    assert 0 < done.returncode < 128 and "granary: " in done.stdout, (done.returncode, done.stdout[-2000:])
    assert not (client.home / "a").exists()

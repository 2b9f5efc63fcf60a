# SPDX-License-Identifier: Apache-2.0
"""A process that has no descriptor left says so, does not spin, and goes on as soon as there are some again."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from engines import Engines
from granary_server import FOLDER, GranaryServer
from raw_http import CREDENTIALS, Answer, RawConnection, SecureConnection, head
from server_fixtures import PairFactory, ServerFactory
from tls_server import TLSServer
from waiting import wait_until

LISTING = "/api/granary/v1/packages/admin"
# More than is kept in memory.
CONTENT = bytes(range(256)) * 4096
USUAL = 4096
WARNING = "out of file descriptors"


@pytest.fixture(params=["plain", "TLS"])
def crowded(
    binary: Path, tmp_path: Path, make_server: ServerFactory, request: pytest.FixtureRequest
) -> Iterator[tuple[GranaryServer, Callable[[str], RawConnection]]]:
    """A server, and how to connect to it."""
    if request.param == "plain":
        yield make_server().start(), RawConnection
        return
    server = TLSServer(binary, tmp_path / "tls")
    server.start()
    yield server, SecureConnection
    server.kill()


def assert_is_at_rest(server: GranaryServer) -> None:
    """It uses a small part of a processor, though it has not what it waits for."""
    before = server.processor_seconds()
    time.sleep(2)
    used = server.processor_seconds() - before
    assert used < 1, f"the process used {used} s of a processor within two seconds"


def ask(connection: RawConnection, method: str, target: str, body: bytes = b"") -> Answer:
    length = {"Content-Length": str(len(body))} if method == "PUT" else {}
    connection.send(head(method, target, CREDENTIALS | length) + body)
    return connection.receive(method)


def test_connections_wait_for_a_descriptor(crowded: tuple[GranaryServer, Callable[[str], RawConnection]]) -> None:
    server, connect = crowded
    with ExitStack() as stack:
        first = stack.enter_context(connect(server.url))
        assert ask(first, "GET", "/healthz").status == 200
        server.leave_descriptors(3)
        served = [stack.enter_context(connect(server.url)) for _ in range(3)]
        for connection in served:
            assert ask(connection, "GET", "/healthz").status == 200
        # The kernel accepts the connections; the server cannot.
        waiting = [stack.enter_context(RawConnection(server.url)) for _ in range(5)]
        wait_until(lambda: WARNING in server.stderr(), "the log says what is missing")
        if connect is RawConnection:
            for connection in waiting:
                connection.send(head("GET", "/healthz"))
        assert_is_at_rest(server)
        assert not any(connection.readable(0) for connection in waiting)
        # Who is connected is served as ever.
        assert ask(first, "GET", "/healthz").status == 200
        for connection in served[:2]:
            connection.socket.close()
        if connect is RawConnection:
            wait_until(lambda: sum(each.readable(0) for each in waiting) == 2, "two have had their turn")
        server.limit_descriptors(USUAL)
        if connect is RawConnection:
            for connection in waiting:
                assert connection.receive().status == 200
        with connect(server.url) as late:
            assert ask(late, "PUT", FOLDER + "late", CONTENT).status == 201
            assert ask(late, "GET", FOLDER + "late").body == CONTENT
    assert server.stderr().count(WARNING) == 1


def test_content_that_can_not_be_opened_is_a_503(make_server: ServerFactory) -> None:
    server = make_server(pair=None, options=["--cache-hot-files", "off", "--contract", "current"]).start()
    with RawConnection(server.url) as connection:
        assert ask(connection, "PUT", FOLDER + "old", CONTENT).status == 201
        assert ask(connection, "GET", LISTING).status == 200
        server.leave_descriptors(0)
        for _ in range(3):
            answer = ask(connection, "GET", FOLDER + "old")
            assert answer.status == 503 and len(answer.text) > 10, answer
            with RawConnection(server.url, seconds=1) as stranger:
                assert not stranger.readable(0.2)
        # Its body is small enough to be dropped, so that the connection goes on.
        answer = ask(connection, "PUT", FOLDER + "new", b"small")
        assert answer.status == 503 and len(answer.text) > 10, answer
        assert_is_at_rest(server)
        errors = [line for line in server.stderr().splitlines() if " error " in line or " warning " in line]
        assert any("too many open files" in line.lower() for line in errors), server.stderr()
        server.limit_descriptors(USUAL)
        assert ask(connection, "GET", FOLDER + "old").body == CONTENT
        assert ask(connection, "PUT", FOLDER + "new", CONTENT).status == 201
        assert ask(connection, "GET", FOLDER + "new").body == CONTENT
    wait_until(lambda: not server.staged_files(), "nothing is staged")


def test_a_database_that_can_not_be_reached_is_a_503(
    make_server: ServerFactory, make_pair: PairFactory, engines: Engines
) -> None:
    server = make_server(pair=make_pair(), options=["--cache-hot-files", "off", "--contract", "current"]).start()
    with RawConnection(server.url) as connection:
        assert ask(connection, "PUT", FOLDER + "old", CONTENT).status == 201
        assert ask(connection, "GET", LISTING).status == 200
        server.leave_descriptors(0)
        engines.postgres.end_sessions()
        # The sockets that were closed can be opened again; the limit does not count them.
        server.leave_descriptors(0)
        wait_until(lambda: is_unavailable(server, connection), "the database is out of reach")
        answer = ask(connection, "PUT", FOLDER + "new", b"small")
        assert answer.status == 503 and len(answer.text) > 10, answer
        assert_is_at_rest(server)
        server.limit_descriptors(USUAL)
        wait_until(lambda: ask(connection, "GET", LISTING).status == 200, "the database is back")
        assert ask(connection, "GET", FOLDER + "old").body == CONTENT
        assert ask(connection, "PUT", FOLDER + "new", CONTENT).status == 201
    wait_until(lambda: not server.staged_files(), "nothing is staged")


def is_unavailable(server: GranaryServer, connection: RawConnection) -> bool:
    """Whether a list has no database; what was freed meanwhile is taken away again."""
    server.leave_descriptors(0)
    status = ask(connection, "GET", LISTING).status
    assert status in (200, 503), status
    return status == 503


def test_the_limit_of_descriptors_is_raised_and_what_it_allows_is_said(make_server: ServerFactory) -> None:
    server = make_server(wrapper=["prlimit", "--nofile=128:2048", "--"], options=["--limits-connections", "5000"]).start()
    assert server.process is not None
    (limit,) = [line.split() for line in Path(f"/proc/{server.process.pid}/limits").read_text().splitlines()
                if line.startswith("Max open files")]
    assert limit[3:5] == ["2048", "2048"]
    assert "at most 1536 concurrent connections instead of the 5000 of limits.connections" in server.stderr()

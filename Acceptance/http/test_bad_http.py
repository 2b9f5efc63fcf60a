# SPDX-License-Identifier: Apache-2.0
"""What is not quite HTTP, and clients that are too slow: each has its answer, and nobody else is disturbed."""

from __future__ import annotations

import random
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from bad_requests import BROKEN, FLOODS, PARTS, get
from granary_server import FOLDER, TARGET, GranaryServer
from raw_http import CREDENTIALS, Answer, RawConnection, head
from server_fixtures import ServerFactory
from sizes import MEBIBYTE


@pytest.fixture(scope="module")
def shared(binary: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[GranaryServer]:
    """One server for all requests that leave nothing behind."""
    folder = tmp_path_factory.mktemp("bad-http")
    server = GranaryServer(binary, folder / "data", folder / "logs").start()
    yield server
    server.kill()


@pytest.mark.parametrize("case", BROKEN)
def test_a_broken_request_is_refused_and_its_connection_closed(shared: GranaryServer, case: str) -> None:
    with RawConnection(shared.url) as connection:
        connection.send(BROKEN[case].encode("latin-1"))
        answer = connection.receive("PUT")
        assert answer.status in (400, 505) or (answer.status, case) == (501, "an unknown coding"), answer
        assert len(answer.text) > 10, "a refusal says what is wrong"
        assert connection.receive_or_none() is None, "what follows a broken request is no request"
    assert shared.http().get(shared.url + TARGET).status_code == 404
    assert shared.staged_files() == []


@pytest.mark.parametrize("case", FLOODS)
@pytest.mark.parametrize("method", ["GET", "PUT"])
def test_a_flood_of_fields_is_refused(shared: GranaryServer, case: str, method: str) -> None:
    fields = FLOODS[case]
    with RawConnection(shared.url) as connection:
        request = f"{method} {TARGET} HTTP/1.1\r\nHost: x\r\n{fields}\r\n"
        try:
            connection.send(request.encode())
        except ConnectionError:
            pass
        answer = connection.receive_or_none(method)
        # A reset may overtake the answer only while the flood goes on.
        assert answer is not None or len(fields) > MEBIBYTE
        assert answer is None or (answer.status in (400, 431) and len(answer.text) > 10), answer
        assert connection.ends_within(10)
    assert shared.is_ready()


def test_many_fields_below_the_limit_are_fine(shared: GranaryServer) -> None:
    with RawConnection(shared.url) as connection:
        fields = "".join(f"X-Field-{number}: {'x' * 100}\r\n" for number in range(150))
        connection.send(f"GET /healthz HTTP/1.1\r\nHost: x\r\n{fields}\r\n".encode())
        assert connection.receive().status == 200


@pytest.mark.parametrize("value", PARTS)
def test_a_part_is_refused_before_its_body(shared: GranaryServer, value: str) -> None:
    with RawConnection(shared.url) as connection:
        fields = {"Content-Range": value, "Content-Length": "5", "Expect": "100-continue"}
        connection.send(head("PUT", TARGET, CREDENTIALS | fields))
        answer = connection.receive("PUT")
    assert (answer.status, answer.interim) == (400, [])
    assert "content-range" in answer.text.lower()


def test_a_range_that_is_the_whole_file_is_accepted(server: GranaryServer) -> None:
    headers = {"Content-Range": "bytes 0-4/5"}
    assert server.http("admin").put(server.url + TARGET, data=b"whole", headers=headers).status_code == 201


def test_a_slow_writer_is_told_so(make_server: ServerFactory) -> None:
    server = make_server(options=["--limits-upload-rate", "10KiB", "--timeouts-upload-window", "2s"]).start()
    with RawConnection(server.url) as connection:
        connection.send(head("PUT", TARGET, CREDENTIALS | {"Content-Length": "1000000"}))
        deadline = time.monotonic() + 15
        while not connection.readable(0.1):
            assert time.monotonic() < deadline, "a slow writer is not refused"
            connection.send(b"x" * 50)
        answer = connection.receive("PUT")
    assert answer.status == 408
    assert len(answer.text) > 10 and "slow" in answer.text, answer.text
    assert server.staged_files() == [] and server.blob_files() == []


SIZE = 48 * MEBIBYTE


@pytest.mark.parametrize("mode", ["on", "off"])
def test_a_stalled_reader_is_cut_and_a_slow_one_is_not(make_server: ServerFactory, mode: str) -> None:
    server = make_server(options=["--timeouts-stalled-reader", "2s", "--cache-hot-files", mode]).start()
    content = random.Random("slow").randbytes(SIZE)
    assert server.http("admin").put(server.url + TARGET, data=content).status_code == 201
    # The next one comes from the table of hot files.
    assert len(server.http().get(server.url + TARGET).content) == SIZE
    stalled, slow = reader(server), reader(server)
    received = bytearray()
    started = time.monotonic()
    with stalled, slow:
        # Eight seconds for the whole file, but never a long pause.
        while not received.endswith(content[-1000:]) and (chunk := slow.recv(256 * 1024)):
            received += chunk
            time.sleep(max(0, started + 8 * len(received) / SIZE - time.monotonic()))
        assert received.endswith(content), "a slow reader lost its download"
        got = 0
        try:
            while chunk := stalled.recv(MEBIBYTE):
                got += len(chunk)
        except ConnectionResetError:
            pass
        assert got < SIZE, "a reader that had stalled got the whole file"


def reader(server: GranaryServer) -> socket.socket:
    """A download whose client's kernel keeps little."""
    host, port = server.url.removeprefix("http://").split(":")
    connection = socket.socket()
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 64 * 1024)
    connection.settimeout(20)
    connection.connect((host, int(port)))
    connection.sendall(head("GET", TARGET))
    return connection


@pytest.mark.parametrize("mode", ["on", "off"])
def test_pipelined_requests_are_answered_in_order(make_server: ServerFactory, mode: str) -> None:
    server = make_server(options=["--contract", "current", "--cache-hot-files", mode]).start()
    generator = random.Random("pipeline")
    files = {name: generator.randbytes(size) for name, size in
             {"hot.bin": 4_000, "warm.bin": 300_000, "cold.bin": 5_000, "empty.bin": 0}.items()}
    for name, content in files.items():
        assert server.http("admin").put(server.url + FOLDER + name, data=content).status_code == 201
    for name in ("hot.bin", "warm.bin", "empty.bin"):
        assert server.http().get(server.url + FOLDER + name).content == files[name]
    requests: list[tuple[str, str, dict[str, str], bytes]] = []
    expected: list[tuple[int, bytes]] = []
    for number in range(60):
        name = generator.choice(list(files))
        kind = generator.choice(["whole", "whole", "whole", "range", "head", "absent", "not modified", "publish"])
        content = files[name]
        request = {
            "whole": ("GET", FOLDER + name, {}, b""),
            "range": ("GET", FOLDER + name, {"Range": "bytes=0-99"}, b""),
            "head": ("HEAD", FOLDER + name, {}, b""),
            "absent": ("GET", FOLDER + "absent", {}, b""),
            "not modified": ("GET", FOLDER + name, {"If-None-Match": "*"}, b""),
            "publish": ("PUT", FOLDER + f"new-{number}", CREDENTIALS | {"Content-Length": "6"}, b"%06d" % number),
        }[kind]
        requests.append(request)
        expected.append({
            "whole": (200, content),
            "range": (206 if content else 200, content[:100]),
            "head": (200, b""),
            "absent": (404, b""),
            "not modified": (304, b""),
            "publish": (201, b""),
        }[kind])
        if kind == "publish":
            requests.append(("GET", FOLDER + f"new-{number}", {}, b""))
            expected.append((200, b"%06d" % number))
    with RawConnection(server.url) as connection:
        connection.send(b"".join(head(method, target, headers) + body for method, target, headers, body in requests))
        answers = [connection.receive(request[0]) for request in requests]
    for number, (answer, (status, body)) in enumerate(zip(answers, expected)):
        assert answer.status == status, f"{number}: {requests[number][:2]}: {answer.status}, not {status}"
        assert status == 404 or answer.body == body, f"{number}: {requests[number][:2]}: another body"


@pytest.mark.parametrize("garbage", ["nonsense\r\n\r\n", "GET / HTTP/1.1\r\nX" + "x" * 40_000], ids=["400", "431"])
def test_a_broken_request_waits_for_the_answers_before_it(shared: GranaryServer, garbage: str) -> None:
    with RawConnection(shared.url) as connection:
        connection.send(head("GET", TARGET) * 3 + garbage.encode())
        answers = [connection.receive_or_none() for _ in range(4)]
    statuses = [answer and answer.status for answer in answers]
    assert statuses[:3] == [404, 404, 404], statuses
    assert statuses[3] in (400, 431), statuses


@pytest.mark.parametrize("mode", ["on", "off"])
def test_a_connection_of_http_1_0_ends_with_its_answer(make_server: ServerFactory, mode: str) -> None:
    # RFC 9112, section 9.3; such a client reads until the end.
    server = make_server(options=["--cache-hot-files", mode]).start()
    assert server.http("admin").put(server.url + TARGET, data=b"whole").status_code == 201
    for target, body in {TARGET: b"whole", f"{TARGET}x": None, "/healthz": None}.items():
        for _ in range(3):
            with RawConnection(server.url) as connection:
                connection.send(get(target=target, version="HTTP/1.0").encode())
                answer = connection.receive()
                assert body is None or (answer.status, answer.body) == (200, body)
                assert connection.ends_within(2), f"{target}: the connection stays open"
    with RawConnection(server.url) as connection:
        for _ in range(3):
            connection.send(get("Connection: keep-alive\r\n", version="HTTP/1.0").encode())
            answer = connection.receive()
            assert (answer.body, answer.headers.get("connection", "").lower()) == (b"whole", "keep-alive")


def test_a_pipeline_ends_where_the_client_says_close(shared: GranaryServer) -> None:
    with RawConnection(shared.url) as connection:
        healthz = head("GET", "/healthz")
        connection.send(healthz + head("GET", "/healthz", {"Connection": "close"}) + healthz)
        answers: list[Answer | None] = [connection.receive_or_none() for _ in range(3)]
    assert [answer and answer.status for answer in answers] == [200, 200, None]


# The log

#: What would change how a terminal or a reader of lines shows a log: controls, line separators, marks of direction.
HOSTILE = [b"%1B[31m", b"\xc2\x9b31m", b"\xe2\x80\xa8", b"\xe2\x80\xae", b"\xcd\x8f", b"\xff\xfe", b"\x1b[2J", b"a\x7fb"]


@pytest.mark.parametrize("text", HOSTILE)
def test_a_hostile_path_is_escaped_in_the_log(server: GranaryServer, text: bytes) -> None:
    with RawConnection(server.url) as connection:
        connection.send(head("GET", b"/api/packages/admin/generic/" + text + b"/1.0.0/a.bin"))
        assert 400 <= connection.receive().status < 500
    server.stop()
    for line in server.stderr().encode(errors="surrogateescape").split(b"\n"):
        assert all(0x20 <= byte < 0x7F for byte in line), line

# SPDX-License-Identifier: Apache-2.0
"""Bodies that break off, stall, lie or are not wanted: nothing becomes visible and nothing is left behind."""

from __future__ import annotations

import time

import pytest

from bad_requests import BROKEN_BODIES, CHUNKED, chunk
from granary_server import TARGET, GranaryServer
from hashing import sha256
from raw_http import CREDENTIALS, RawConnection, basic, exchange, head
from server_fixtures import NothingStaged, ServerFactory
from sizes import MEBIBYTE
from waiting import wait_until


def request(headers: dict[str, str], target: str = TARGET) -> bytes:
    return head("PUT", target, CREDENTIALS | headers)


def assert_nothing_visible(server: GranaryServer) -> None:
    assert server.http("admin").get(server.url + TARGET).status_code == 404
    packages = server.http("admin").get(f"{server.url}/api/granary/v1/packages/admin")
    assert packages.json()["packages"] == []
    assert server.blob_names() == []


def assert_can_be_published(server: GranaryServer) -> None:
    assert server.http("admin").put(server.url + TARGET, data=b"whole").status_code == 201
    assert server.http("admin").get(server.url + TARGET).content == b"whole"


@pytest.mark.parametrize("case", BROKEN_BODIES)
def test_a_broken_body_leaves_nothing(server: GranaryServer, nothing_staged: NothingStaged, case: str) -> None:
    headers, body = BROKEN_BODIES[case]
    with RawConnection(server.url) as connection:
        connection.send(request(headers) + body)
        connection.finish_sending()
        answer = connection.receive_or_none("PUT")
        assert answer is None or 400 <= answer.status < 500, f"{case}: {answer}"
    nothing_staged(server)
    assert_nothing_visible(server)
    assert_can_be_published(server)


@pytest.mark.parametrize("length", [{"Content-Length": "8000000"}, CHUNKED], ids=["announced", "chunked"])
def test_a_cut_connection_leaves_nothing(
    server: GranaryServer, nothing_staged: NothingStaged, length: dict[str, str]
) -> None:
    connection = RawConnection(server.url)
    block = bytes(4_000_000)
    connection.send(request(length) + (chunk(block) if length is CHUNKED else block))
    wait_until(lambda: any(path.stat().st_size for path in server.staged_files()), "the server stages the body")
    connection.reset()
    nothing_staged(server)
    assert_nothing_visible(server)
    assert_can_be_published(server)


@pytest.fixture
def impatient(make_server: ServerFactory) -> GranaryServer:
    """A server that wants 1 KiB per second, measured over two seconds."""
    return make_server(options=["--limits-upload-rate", "1KiB", "--timeouts-upload-window", "2s"]).start()


def test_a_stalled_upload_is_ended(impatient: GranaryServer, nothing_staged: NothingStaged) -> None:
    with RawConnection(impatient.url) as connection:
        connection.send(request({"Content-Length": "100000"}) + b"x" * 10)
        assert connection.ends_within(30), "a stalled upload holds its connection"
    nothing_staged(impatient)
    assert_nothing_visible(impatient)
    assert_can_be_published(impatient)


def test_a_drip_fed_upload_is_ended(impatient: GranaryServer, nothing_staged: NothingStaged) -> None:
    with RawConnection(impatient.url) as connection:
        connection.send(request({"Content-Length": "100000"}))
        deadline = time.monotonic() + 30
        # One byte every fifth of a second: never silent, and far below the rate.
        while not connection.readable(0.2):
            assert time.monotonic() < deadline, "a drip-fed upload holds its connection"
            connection.send(b"x")
    nothing_staged(impatient)
    assert_nothing_visible(impatient)


def test_a_slow_but_steady_upload_is_not_ended(impatient: GranaryServer) -> None:
    with RawConnection(impatient.url) as connection:
        connection.send(request({"Content-Length": "20000"}))
        for _ in range(19):
            connection.send(b"x" * 1000)
            assert not connection.readable(0.25), "a steady upload was ended"
        connection.send(b"x" * 1000)
        assert connection.receive("PUT").status == 201


def test_a_silent_connection_is_closed(make_server: ServerFactory) -> None:
    server = make_server(options=["--timeouts-idle", "2s"]).start()
    with RawConnection(server.url) as silent, RawConnection(server.url) as half:
        half.send(b"GET /healthz HTTP/1.1\r\nHost: x\r\nX-Slow: ")
        assert silent.ends_within(30), "a silent connection is held"
        assert half.ends_within(30), "half a request head is held"


@pytest.fixture
def limited(make_server: ServerFactory) -> GranaryServer:
    """A server that takes files of at most 1 MiB."""
    return make_server(options=["--limits-file-size", "1MiB"]).start()


def test_a_length_over_the_limit_is_refused_before_the_body(limited: GranaryServer) -> None:
    with RawConnection(limited.url) as connection:
        connection.send(request({"Content-Length": str(MEBIBYTE + 1), "Expect": "100-continue"}))
        answer = connection.receive("PUT")
    assert (answer.status, answer.interim) == (413, [])
    assert "1 MiB" in answer.text or "1MiB" in answer.text or str(MEBIBYTE) in answer.text, answer.text
    assert_nothing_visible(limited)


def test_chunks_over_the_limit_are_refused_as_soon_as_it_is_passed(
    limited: GranaryServer, nothing_staged: NothingStaged
) -> None:
    with RawConnection(limited.url) as connection:
        connection.send(request(CHUNKED) + chunk(bytes(MEBIBYTE)) + chunk(b"x"))
        # No last chunk: the answer must not wait for the end.
        assert connection.receive("PUT").status == 413
    nothing_staged(limited)
    assert_nothing_visible(limited)


@pytest.mark.parametrize("length", [{"Content-Length": str(MEBIBYTE)}, CHUNKED], ids=["announced", "chunked"])
def test_exactly_the_limit_is_accepted(limited: GranaryServer, length: dict[str, str]) -> None:
    body = bytes(MEBIBYTE)
    sent = chunk(body) + b"0\r\n\r\n" if length is CHUNKED else body
    assert exchange(limited.url, "PUT", TARGET, CREDENTIALS | length, sent).status == 201


def test_a_wrong_checksum_is_refused(server: GranaryServer, nothing_staged: NothingStaged) -> None:
    body = b"what was meant"
    right, wrong = (sha256(data) for data in (body, b"something else"))
    refused = server.http("admin").put(server.url + TARGET, data=body, headers={"X-Checksum-Sha256": wrong})
    assert refused.status_code == 400
    assert wrong in refused.text or right in refused.text, "the text is to name a digest"
    malformed = server.http("admin").put(server.url + TARGET, data=body, headers={"X-Checksum-Sha256": "abc"})
    assert malformed.status_code == 400
    nothing_staged(server)
    assert_nothing_visible(server)
    accepted = server.http("admin").put(server.url + TARGET, data=body, headers={"X-Checksum-Sha256": right.upper()})
    assert accepted.status_code == 201


def test_a_part_of_a_file_is_never_stored_as_the_whole(server: GranaryServer) -> None:
    headers = {"Content-Range": "bytes 5-9/10"}
    refused = server.http("admin").put(server.url + TARGET, data=b"world", headers=headers)
    assert 400 <= refused.status_code < 500
    assert_nothing_visible(server)


def refusals(server: GranaryServer) -> dict[str, tuple[int, str, dict[str, str]]]:
    """Requests that are refused for what their head says: status, target and headers."""
    server.create_user("reader")
    assert server.http("admin").put(server.url + TARGET, data=b"taken").status_code == 201
    fresh = TARGET.replace("1.0.0", "2.0.0")
    return {
        "no credentials": (401, fresh, {}),
        "wrong credentials": (401, fresh, {"Authorization": basic("admin", "wrong")}),
        "not allowed": (403, fresh, {"Authorization": basic("reader", "acceptance-User-2048")}),
        "no such owner": (404, fresh.replace("/admin/", "/nobody/"), CREDENTIALS),
        "bad name": (400, TARGET.replace("1.0.0", "1.0"), CREDENTIALS),
        "exists already": (400, TARGET, CREDENTIALS),
        "exists already in other case": (400, TARGET.replace("tool/", "TOOL/"), CREDENTIALS),
    }


def test_a_refusal_comes_before_100_continue(server: GranaryServer) -> None:
    for case, (status, target, headers) in refusals(server).items():
        with RawConnection(server.url) as connection:
            expecting = headers | {"Content-Length": "1000000", "Expect": "100-continue"}
            connection.send(head("PUT", target, expecting))
            answer = connection.receive("PUT")
        assert (answer.status, answer.interim) == (status, []), case
        assert len(answer.body) > 10, f"{case}: the refusal has no text"


def test_the_body_of_a_refused_upload_is_not_read(server: GranaryServer) -> None:
    for case, (status, target, headers) in refusals(server).items():
        with RawConnection(server.url, send_buffer=32 * 1024) as connection:
            connection.send(head("PUT", target, headers | {"Content-Length": str(1 << 30)}))
            answer, taken = connection.flood(64 * MEBIBYTE)
        assert answer is not None and answer.status == status, f"{case}: {answer}"
        assert taken < MEBIBYTE, f"{case}: the server took {taken} bytes of a body that it had refused"


def test_an_accepted_upload_is_asked_for_its_body(server: GranaryServer) -> None:
    with RawConnection(server.url) as connection:
        connection.send(request({"Content-Length": "5", "Expect": "100-continue"}))
        assert connection.receive_interim() == 100
        connection.send(b"whole")
        assert connection.receive("PUT").status == 201
        # The connection goes on.
        connection.send(head("GET", TARGET, CREDENTIALS))
        assert connection.receive("GET").body == b"whole"

# SPDX-License-Identifier: Apache-2.0
"""Uploads that are refused for what their head says: every client sees the answer, and the body is not read."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from curl import AS_ADMIN
from granary_server import CONTRACTS, TARGET, GranaryServer
from hashing import sha256
from raw_http import CREDENTIALS, RawConnection, head
from refused_uploads import CountingProxy, huge, refused_upload
from server_fixtures import ServerFactory
from sizes import MEBIBYTE

AT_ONCE = 8


def read_bytes(server: GranaryServer) -> int:
    """How many bytes the process has read so far, from sockets and files alike."""
    assert server.process is not None
    return int(Path(f"/proc/{server.process.pid}/io").read_text().split()[1])


@pytest.mark.parametrize("expects, count", [(True, 425), (False, 425)], ids=["Expect", "no Expect"])
def test_every_refusal_reaches_its_client(server: GranaryServer, huge: Path, expects: bool, count: int) -> None:
    url = server.url + TARGET
    before = read_bytes(server)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        outcomes = list(pool.map(lambda _: refused_upload(url, huge, expects), range(count)))
    wrong = [outcome for outcome in outcomes if outcome[:2] != (0, "401")]
    assert not wrong, f"{len(wrong)} of {count} did not see the refusal: {wrong[:10]}"
    if expects:
        assert not any(uploaded for _, _, uploaded in outcomes), "a client that asked first sends nothing"
    assert (read_bytes(server) - before) / count < MEBIBYTE
    assert server.staged_files() == []


@pytest.mark.parametrize("expects, count", [(True, 75), (False, 75)], ids=["Expect", "no Expect"])
def test_less_than_a_mebibyte_of_each_refused_body_is_read(
    server: GranaryServer, huge: Path, expects: bool, count: int
) -> None:
    with CountingProxy(server.url) as proxy:
        with ThreadPoolExecutor(AT_ONCE) as pool:
            outcomes = list(pool.map(lambda _: refused_upload(proxy.url + TARGET, huge, expects), range(count)))
    wrong = [outcome for outcome in outcomes if outcome[:2] != (0, "401")]
    assert not wrong, f"{len(wrong)} of {count} did not see the refusal: {wrong[:10]}"
    assert len(proxy.taken) == count
    assert max(proxy.taken) < MEBIBYTE, f"the server took up to {max(proxy.taken)} bytes"


def test_a_client_that_sends_on_regardless_is_cut(server: GranaryServer) -> None:
    with RawConnection(server.url, send_buffer=32 * 1024) as connection:
        connection.send(head("PUT", TARGET, {"Content-Length": str(100 * MEBIBYTE)}))
        answer, taken = connection.flood(100 * MEBIBYTE)
        assert answer is not None and (answer.status, answer.headers["connection"]) == (401, "close")
        assert taken < MEBIBYTE
        assert connection.ends_within(15)


def test_a_kept_connection_is_used_again_after_a_small_refused_body(server: GranaryServer) -> None:
    # A body that has come already costs nothing, so the connection need not be closed for it.
    with RawConnection(server.url) as connection:
        connection.send(head("PUT", TARGET, {"Content-Length": "5"}) + b"whole")
        answer = connection.receive("PUT")
        assert answer.status == 401
        if answer.headers.get("connection") != "close":
            connection.send(head("PUT", TARGET, CREDENTIALS | {"Content-Length": "5"}) + b"whole")
            assert connection.receive("PUT").status == 201


# Contract, what is published before, the condition, the status when it is known before the body.
ETAG, WRONG = (f'"{sha256(data)}"' for data in (b"taken", b"other"))
CONDITIONS = [
    ("documented", True, {"If-None-Match": "*"}, 412),
    ("current", True, {"If-None-Match": "*"}, 412),
    ("current", True, {"If-None-Match": ETAG}, 412),
    ("current", True, {"If-None-Match": f"W/{ETAG}"}, 412),
    ("current", True, {"If-Match": WRONG}, 412),
    ("current", True, {"If-Match": f"W/{ETAG}"}, 412),
    ("current", False, {"If-Match": "*"}, 412),
    ("current", False, {"If-Match": ETAG}, 412),
    ("documented", False, {"If-Match": ETAG}, 412),
    ("current", True, {"If-Match": ETAG, "If-None-Match": "*"}, 412),
]


@pytest.mark.parametrize("contract", CONTRACTS)
def test_a_condition_that_fails_refuses_before_the_body(
    make_server: ServerFactory, huge: Path, contract: str
) -> None:
    server = make_server(options=["--contract", contract]).start()
    assert server.http("admin").put(server.url + TARGET, data=b"taken").status_code == 201
    cases = [case for case in CONDITIONS if case[0] == contract]
    for number, (_, exists, condition, status) in enumerate(cases):
        target = TARGET if exists else TARGET.replace("1.0.0", "2.0.0")
        options = [part for name, value in condition.items() for part in ("-H", f"{name}: {value}")]
        for expects in (True, False):
            seen = refused_upload(server.url + target, huge, expects, *AS_ADMIN, *options)
            assert seen[:2] == (0, str(status)), f"{condition}: {seen}"
        with RawConnection(server.url, send_buffer=32 * 1024) as connection:
            headers = CREDENTIALS | condition | {"Content-Length": str(100 * MEBIBYTE)}
            connection.send(head("PUT", target, headers))
            if number == 0:
                answer, taken = connection.flood(100 * MEBIBYTE)
                assert taken < MEBIBYTE
            else:
                answer = connection.receive("PUT")
        assert answer is not None and answer.status == status and len(answer.text) > 10
    assert len(server.blob_files()) == 1
    assert server.http().get(server.url + TARGET).content == b"taken"


@pytest.mark.parametrize("contract", CONTRACTS)
def test_a_condition_that_holds_publishes(make_server: ServerFactory, contract: str) -> None:
    server = make_server(options=["--contract", contract]).start()

    def put(version: str, data: bytes, **headers: str) -> int:
        url = server.url + TARGET.replace("1.0.0", version)
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return server.http("admin").put(url, data=data, headers=named).status_code

    assert put("1.0.0", b"taken", If_None_Match="*") == 201
    assert put("2.0.0", b"taken", If_None_Match=WRONG) == 201
    # The condition holds; the contract decides about what is there.
    assert put("1.0.0", b"taken", If_Match=ETAG) == (400 if contract == "documented" else 200)
    assert put("1.0.0", b"other", If_Match=ETAG) == (400 if contract == "documented" else 409)
    assert put("1.0.0", b"other", If_None_Match=WRONG) == (400 if contract == "documented" else 409)


def test_two_conditional_publishers_make_one_winner(server: GranaryServer) -> None:
    def publish(number: int) -> int:
        session = server.http("admin")
        return session.put(server.url + TARGET, data=b"%d" % number, headers={"If-None-Match": "*"}).status_code

    with ThreadPoolExecutor(8) as pool:
        statuses = sorted(pool.map(publish, range(8)))
    assert statuses[0] == 201
    assert set(statuses[1:]) <= {400, 412}, statuses

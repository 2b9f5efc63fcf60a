# SPDX-License-Identifier: Apache-2.0
"""The store fails, cuts, stalls, hangs and is full: what can be tried again is, and nothing half is ever seen."""

from __future__ import annotations

import os
import random
import signal
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests
import urllib3

from engines import Engines, host_and_port, private_store
from fault_proxy import Effect, Fault, FaultProxy
from granary_server import GranaryServer
from hashing import sha256
from oracle import Coordinate, Fate, Oracle, digest_of
from server_fixtures import NodesFactory, PairFactory
from sizes import MEBIBYTE
from waiting import wait_until

# What a request may take while the store does not answer: three tries of ten seconds, pauses, and a busy machine.
PATIENCE = 50


@pytest.fixture
def proxy(engines: Engines) -> Iterator[FaultProxy]:
    with FaultProxy(host_and_port(engines.store.values["ENDPOINT"])) as proxy:
        yield proxy


@pytest.fixture
def node(make_nodes: NodesFactory, make_pair: PairFactory, proxy: FaultProxy) -> GranaryServer:
    """A server that reaches its store through the proxy."""
    return make_nodes(1, make_pair().through(content=proxy.address))[0]


def coordinate(version: str) -> Coordinate:
    return Coordinate("admin", "tool", version, "tool.bin")


def body_of(seed: object, size: int = MEBIBYTE) -> bytes:
    return random.Random(str(seed)).randbytes(size)


def put(node: GranaryServer, version: str, body: bytes) -> requests.Response:
    return node.http("admin").put(node.file_url("admin", "tool", version, "tool.bin"), data=body, timeout=PATIENCE)


def read(node: GranaryServer, version: str) -> tuple[int, str]:
    """The status and the SHA-256 of what came; another status when it did not come to its end."""
    return digest_of(node.http("admin"), node, coordinate(version), timeout=PATIENCE)


def assert_sound(node: GranaryServer, oracle: Oracle | None = None) -> None:
    """Nothing is damaged and nothing is left over."""
    node.admin("gc", "--grace", "0s", "--force")
    if oracle:
        oracle.check(node)
    done = node.run_admin("fsck", "--grace", "0s")
    assert done.returncode == 0, done.stdout + done.stderr
    assert node.pair is not None and node.pair.content.unfinished_uploads() == 0


PASSING = {
    "an error": Fault(Effect.REFUSE, status=500, times=1),
    "too busy": Fault(Effect.REFUSE, status=503, times=2),
    "the body of a request is cut": Fault(Effect.CUT, sent=300_000, times=1),
    "the body of an answer is cut": Fault(Effect.CUT, received=300_000, times=1),
    "the answer to a publish is lost": Fault(Effect.LOSE_ANSWER, text=b"PUT /", times=2),
    "a request stalls": Fault(Effect.STALL, sent=300_000, times=1),
    "an answer stalls": Fault(Effect.STALL, received=300_000, times=1),
}


@pytest.mark.parametrize("name", PASSING)
def test_what_passes_is_not_noticed(node: GranaryServer, proxy: FaultProxy, name: str) -> None:
    fault = PASSING[name]
    oracle = Oracle()
    session = node.http("admin")
    # More than is kept in memory.
    assert oracle.publish(session, node, coordinate("1.0.0"), body_of(1)) == 201
    proxy.harm(fault)
    if fault.received:
        assert read(node, "1.0.0") == (200, sha256(body_of(1)))
    else:
        assert oracle.publish(session, node, coordinate("2.0.0"), body_of(2)) == 201
    assert proxy.harmed == fault.times, "the fault did not happen: the test shows nothing"
    proxy.heal()
    assert_sound(node, oracle)


LASTING = {
    "errors": Fault(Effect.REFUSE, status=500),
    "cut": Fault(Effect.CUT, sent=300_000),
    "lost answers": Fault(Effect.LOSE_ANSWER, text=b"PUT /"),
}


@pytest.mark.parametrize("name", LASTING)
def test_what_lasts_is_refused_and_leaves_nothing(node: GranaryServer, proxy: FaultProxy, name: str) -> None:
    oracle = Oracle()
    session = node.http("admin")
    assert oracle.publish(session, node, coordinate("1.0.0"), b"small and remembered") == 201
    assert [read(node, "1.0.0")[0] for _ in range(2)] == [200, 200]
    proxy.harm(LASTING[name])
    refused = put(node, "2.0.0", body_of(2))
    assert refused.status_code == 503 and int(refused.headers["Retry-After"]) > 0
    assert "try again" in refused.text
    assert read(node, "2.0.0")[0] == 404
    assert read(node, "1.0.0")[0] == 200, "what is remembered is still given"
    proxy.heal()
    wait_until(node.is_ready, "the server is ready again")
    assert read(node, "2.0.0")[0] == 404
    assert oracle.publish(session, node, coordinate("2.0.0"), body_of(3)) == 201
    assert_sound(node, oracle)
    errors = [line for line in node.stderr().splitlines() if " error " in line]
    assert errors and all("cause=" in line for line in errors), "the log says why"


def test_a_download_that_breaks_off_never_looks_complete(node: GranaryServer, proxy: FaultProxy) -> None:
    body = body_of(1, 32 * MEBIBYTE)
    assert put(node, "1.0.0", body).status_code == 201
    url = node.file_url("admin", "tool", "1.0.0", "tool.bin")
    with node.http("admin").get(url, stream=True, timeout=PATIENCE) as answer:
        received = len(answer.raw.read(MEBIBYTE))
        proxy.harm(Fault(Effect.REFUSE, status=500))
        with pytest.raises((urllib3.exceptions.HTTPError, OSError)):
            while block := answer.raw.read(MEBIBYTE):
                received += len(block)
    assert received < len(body)
    proxy.heal()
    # Where it breaks off now and then, it goes on from there.
    proxy.harm(Fault(Effect.CUT, received=10 * MEBIBYTE))
    assert read(node, "1.0.0") == (200, sha256(body))
    assert proxy.harmed > 2


def test_a_wrong_byte_on_the_way_is_noticed(node: GranaryServer, proxy: FaultProxy) -> None:
    """The store refuses what does not have the digest that it was announced with, and it is sent again."""
    proxy.harm(Fault(Effect.CORRUPT, sent=300_000, times=1))
    body = body_of(1)
    assert put(node, "1.0.0", body).status_code == 201
    assert proxy.harmed == 1
    proxy.heal()
    assert read(node, "1.0.0") == (200, sha256(body))
    assert_sound(node)


def test_parts_that_were_given_up_are_cleaned_away(node: GranaryServer, proxy: FaultProxy) -> None:
    large = body_of(1, 80 * MEBIBYTE)
    proxy.harm(Fault(Effect.CUT, sent=8 * MEBIBYTE))
    assert put(node, "1.0.0", large).status_code == 503
    proxy.heal()
    assert node.pair is not None
    assert node.pair.content.unfinished_uploads() == 0, "the upload in parts is given up with the publish"
    proxy.harm(Fault(Effect.STALL, sent=8 * MEBIBYTE))
    publisher = threading.Thread(target=lambda: pytest.raises(requests.RequestException, put, node, "1.0.0", large))
    publisher.start()
    wait_until(lambda: proxy.harmed > 0, "parts are on their way")
    node.kill()
    publisher.join(timeout=60)
    proxy.heal()
    assert node.pair.content.unfinished_uploads() == 1, "the kill was to leave parts: the test shows nothing"
    node.start()
    assert put(node, "1.0.0", large).status_code == 201
    assert read(node, "1.0.0") == (200, sha256(large))
    assert_sound(node)


@pytest.mark.timeout(300)
def test_a_store_that_hangs_and_does_the_work_late(make_nodes: NodesFactory, engines: Engines) -> None:
    """The store's disk hangs: requests end in time, and what the store does with them afterwards harms nothing."""
    with private_store() as store:
        pair = Engines(engines.postgres, store).make_pair()
        nodes = make_nodes(2, pair)
        oracle = Oracle()
        session = nodes[0].http("admin")
        assert oracle.publish(session, nodes[0], coordinate("1.0.0"), b"small and remembered") == 201
        assert read(nodes[1], "1.0.0")[0] == 200
        disk = int((store.folder / "run/osd.pid").read_text())
        os.kill(disk, signal.SIGSTOP)
        try:
            with ThreadPoolExecutor() as pool:
                late = [pool.submit(put, node, "2.0.0", body_of(number)) for number, node in enumerate(nodes)]
                assert read(nodes[1], "1.0.0")[0] == 200, "what is remembered is still given"
                assert nodes[0].http().get(nodes[0].url + "/healthz", timeout=PATIENCE).status_code == 200
                assert {task.result().status_code for task in late} == {503}
        finally:
            os.kill(disk, signal.SIGCONT)
        for node in nodes:
            wait_until(node.is_ready, "the server is ready again", seconds=60)
        assert oracle.publish(session, nodes[0], coordinate("2.0.0"), b"sent again") == 201
        wait_until(lambda: not any(node.staged_files() for node in nodes), "staging/ is empty")
        # Such a store may take its time until it lets go of what it has just done late.
        wait_until(lambda: nodes[0].run_admin("gc").returncode == 0, "the late content is collected", seconds=120)
        for node in nodes:
            assert read(node, "2.0.0") == (200, sha256(b"sent again"))
        assert_sound(nodes[0], oracle)
        for node in nodes:
            node.kill()
        engines.drop(pair)


@pytest.mark.soak
@pytest.mark.timeout(900)
def test_a_store_without_any_space_left(make_nodes: NodesFactory, engines: Engines) -> None:
    """The store's disk is full; such stores do not refuse, they hang."""
    with private_store("1G") as store:
        pair = Engines(engines.postgres, store).make_pair()
        (node,) = make_nodes(1, pair)
        oracle = Oracle()
        session = node.http("admin")
        assert oracle.publish(session, node, coordinate("1.0.0"), b"small and remembered") == 201
        assert read(node, "1.0.0")[0] == 200
        refused = 0
        for number in range(30):
            body = body_of(number, 48 * MEBIBYTE)
            status = oracle.publish(session, node, coordinate(f"2.0.{number}"), body, timeout=240)
            assert status in (201, 503, 507)
            refused += status != 201
            # A node that was too busy to hear of changes in time has forgotten what it remembered.
            if not refused:
                assert read(node, "1.0.0")[0] == 200
            if refused == 2:
                break
        assert refused == 2 and oracle.count(Fate.PUBLISHED) > 3
        assert read(node, "1.0.0")[0] == 200, "what is remembered is still given"
        assert node.http().get(node.url + "/healthz", timeout=PATIENCE).status_code == 200
        node.kill()
        engines.drop(pair)

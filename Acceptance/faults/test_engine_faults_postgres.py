# SPDX-License-Identifier: Apache-2.0
"""PostgreSQL goes away, hangs, takes no more connections, ends sessions and loses answers: nothing is lost."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator

import pytest
import requests

from engines import Engines, Pair, PrivatePostgres, database_name, host_and_port, private_postgres
from fault_proxy import Effect, Fault, FaultProxy
from granary_server import GranaryServer
from load import Load, seed_from_environment
from oracle import Coordinate, Fate, Oracle
from server_fixtures import NodesFactory
from waiting import wait_until

# What a request may take while the database does not answer: five seconds, and the slowness of a busy machine.
PATIENCE = 12
HONEST = {201, 204, 503}


@pytest.fixture(scope="module")
def postgres() -> Iterator[PrivatePostgres]:
    """A server that only the tests of this file use and harm; each test leaves it running."""
    with private_postgres() as postgres:
        yield postgres


@pytest.fixture
def pair(postgres: PrivatePostgres, engines: Engines) -> Pair:
    return Engines(postgres, engines.store).make_pair()


@pytest.fixture
def nodes(make_nodes: NodesFactory, pair: Pair) -> list[GranaryServer]:
    return make_nodes(2, pair)


class Trial:
    """A load on all servers, before, during and after a fault."""

    def __init__(self, nodes: list[GranaryServer]) -> None:
        seed = seed_from_environment()
        print(f"GRANARY_SEED={seed}")
        self.nodes = nodes
        self.oracle = Oracle()
        self.load = Load(nodes, self.oracle, "load", seed, workers=6, largest=100_000)
        self.load.run_until_acknowledged(20)

    def await_refusals(self, count: int = 3) -> None:
        """Waits until the fault is felt."""
        enough = self.load.statuses[503] + count
        wait_until(lambda: self.load.statuses[503] >= enough, "publishers are refused", seconds=60)

    def await_recovery(self) -> None:
        """The servers come back by themselves."""
        for node in self.nodes:
            wait_until(node.is_ready, "the server is ready again")
        enough = self.oracle.count(Fate.PUBLISHED) + 20
        wait_until(lambda: self.oracle.count(Fate.PUBLISHED) >= enough, "publishing goes on", seconds=60)

    def finish(self) -> None:
        """Every answer was honest, and the registry agrees with them."""
        self.load.finish()
        assert set(self.load.statuses) <= HONEST, self.load.statuses
        for node in self.nodes:
            # The start settles uploads that nobody could tell the outcome of.
            node.restart()
        self.nodes[0].admin("gc", "--grace", "0s")
        self.oracle.check(self.nodes[0], prefix="none")
        self.oracle.check(self.nodes[1])
        done = self.nodes[0].run_admin("fsck", "--grace", "0s")
        assert done.returncode == 0, done.stdout + done.stderr


def put(node: GranaryServer, version: str) -> requests.Response:
    url = node.file_url("admin", "tool", version, "tool.bin")
    return node.http("admin").put(url, data=version.encode(), timeout=PATIENCE)


def assert_refused(node: GranaryServer) -> None:
    """Requests get an honest answer in time, which says that waiting helps."""
    url = node.file_url("admin", "tool", "9.9.9", "tool.bin")
    for answer in (put(node, "0.0.1"), node.http().get(url, timeout=PATIENCE)):
        assert answer.status_code == 503, answer.text
        assert int(answer.headers["Retry-After"]) > 0
        assert "try again" in answer.text
    assert node.http().get(node.url + "/readyz", timeout=PATIENCE).status_code == 503
    assert node.http().get(node.url + "/healthz", timeout=PATIENCE).status_code == 200


@pytest.mark.parametrize("end", [PrivatePostgres.stop, PrivatePostgres.kill], ids=["stopped", "killed"])
def test_stopped_and_started_again(
    nodes: list[GranaryServer], postgres: PrivatePostgres, end: Callable[[PrivatePostgres], None]
) -> None:
    trial = Trial(nodes)
    end(postgres)
    trial.await_refusals()
    for node in nodes:
        assert_refused(node)
    postgres.start()
    trial.await_recovery()
    trial.finish()
    lines = nodes[0].log_tail(1 << 30).splitlines()
    assert any("PostgreSQL" in line for line in lines if " error " in line), "the log names it"


def test_hung(nodes: list[GranaryServer], postgres: PrivatePostgres) -> None:
    trial = Trial(nodes)
    postgres.pause()
    try:
        trial.await_refusals()
        for node in nodes:
            assert_refused(node)
    finally:
        postgres.resume()
    trial.await_recovery()
    trial.finish()


def test_out_of_connections(nodes: list[GranaryServer], postgres: PrivatePostgres) -> None:
    trial = Trial(nodes)
    try:
        # Fewer than the servers would like: they make do with them.
        postgres.sql("ALTER ROLE granary CONNECTION LIMIT 8")
        postgres.end_sessions()
        trial.await_recovery()
        # None: the sessions that are ended do not come back.
        postgres.sql("ALTER ROLE granary CONNECTION LIMIT 0")
        postgres.end_sessions()
        trial.await_refusals()
        assert_refused(nodes[0])
    finally:
        postgres.sql("ALTER ROLE granary CONNECTION LIMIT -1")
    trial.await_recovery()
    trial.finish()


def test_sessions_that_an_administrator_ends_again_and_again(
    nodes: list[GranaryServer], postgres: PrivatePostgres
) -> None:
    trial = Trial(nodes)
    ended = 0
    for _ in range(15):
        ended += postgres.end_sessions()
        threading.Event().wait(0.1)
    assert ended > 15, "hardly a session was ended: the test shows nothing"
    trial.await_recovery()
    trial.finish()


def test_a_table_that_somebody_else_has_locked(
    nodes: list[GranaryServer], postgres: PrivatePostgres, pair: Pair
) -> None:
    node = nodes[0]
    assert put(node, "1.0.0").status_code == 201
    name = database_name(pair.database)
    holder = threading.Thread(
        target=postgres.sql,
        args=("BEGIN; LOCK TABLE package IN ACCESS EXCLUSIVE MODE; SELECT pg_sleep(8); COMMIT",),
        kwargs={"database": name},
    )
    holder.start()
    locks = "SELECT count(*) FROM pg_locks WHERE granted AND mode = 'AccessExclusiveLock'"
    locks += " AND relation = 'package'::regclass"
    wait_until(lambda: postgres.sql(locks, database=name).strip() == "1", "the table is locked")
    answer = put(node, "2.0.0")
    assert answer.status_code == 503 and int(answer.headers["Retry-After"]) > 0, answer.text
    holder.join(timeout=60)
    wait_until(lambda: put(node, f"3.0.{time.monotonic_ns()}").status_code == 201, "publishing goes on")


@pytest.mark.parametrize("effect", [Effect.LOSE_ANSWER, Effect.CUT], ids=["after it was done", "before it was done"])
def test_commits_whose_answer_is_lost(make_nodes: NodesFactory, pair: Pair, effect: Effect) -> None:
    """Nobody is told that a publish failed that may have happened: the server looks, and answers what it finds."""
    with FaultProxy(host_and_port(pair.database)) as proxy:
        (node,) = make_nodes(1, pair.through(database=proxy.address))
        oracle = Oracle()
        session = node.http("admin")
        lost = 0
        for number in range(9):
            proxy.harm(Fault(effect, text=b"COMMIT", times=1 + number % 3))
            coordinate = Coordinate("admin", "tool", f"1.0.{number}", "tool.bin")
            status = oracle.publish(session, node, coordinate, b"%d" % number)
            lost += proxy.harmed
            assert status in (201, 503)
        proxy.heal()
        assert lost >= 9, "hardly a commit was harmed: the test shows nothing"
        assert oracle.count(Fate.PUBLISHED) > 0, "what became of a commit is found out by reading"
        wait_until(node.is_ready, "the server is ready again")
        node.admin("gc", "--grace", "0s", "--force")
        oracle.check(node)


def test_a_database_that_takes_no_writes(nodes: list[GranaryServer], postgres: PrivatePostgres, pair: Pair) -> None:
    """As after a switch to another primary server."""
    node = nodes[0]
    assert put(node, "1.0.0").status_code == 201
    name = database_name(pair.database)
    try:
        postgres.sql(f"ALTER DATABASE {name} SET default_transaction_read_only = on")
        postgres.end_sessions()
        assert put(node, "2.0.0").status_code == 503
        answer = node.http().get(node.file_url("admin", "tool", "1.0.0", "tool.bin"), timeout=PATIENCE)
        assert (answer.status_code, answer.content) == (200, b"1.0.0")
    finally:
        postgres.sql(f"ALTER DATABASE {name} RESET default_transaction_read_only")
        postgres.end_sessions()
    wait_until(lambda: put(node, f"3.0.{time.monotonic_ns()}").status_code == 201, "publishing goes on")

# SPDX-License-Identifier: Apache-2.0
"""What a download costs: statements of the database, and bytes through the server."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from conftest import NodesFactory, PairFactory
from engines import Engines, Pair, PrivatePostgres, database_name, host_and_port, private_postgres
from fault_proxy import FaultProxy
from waiting import wait_until

STATEMENT = re.compile(r"^.* LOG:  (?:statement|execute [^:]*): (.*)$", re.MULTILINE)
# What a server does without being asked, and downloads that are counted once a second.
ASIDE = re.compile(
    r"BEGIN|COMMIT|ROLLBACK|LISTEN|UPDATE file SET download|\s*$|SELECT CAST\(extract|.*\blease\b"
    r"|SELECT 'mark|SET log_statement",
    re.IGNORECASE,
)


@pytest.fixture(scope="module")
def postgres() -> Iterator[PrivatePostgres]:
    """A server that writes every statement into its log."""
    with private_postgres() as postgres:
        postgres.sql("ALTER ROLE granary SET log_statement = 'all'")
        yield postgres


@pytest.fixture
def pair(postgres: PrivatePostgres, engines: Engines) -> Pair:
    return Engines(postgres, engines.store).make_pair()


class Statements:
    """The statements since the last look."""

    def __init__(self, postgres: PrivatePostgres, database: str) -> None:
        self.postgres = postgres
        self.database = database
        self.seen = 0
        self.mark = 0

    def take(self) -> list[str]:
        # Everything before this statement has been written when it is.
        self.mark += 1
        mark = f"SELECT 'mark {self.mark} of {self.database}'"
        self.postgres.sql("SET log_statement = 'all'", mark)
        wait_until(lambda: mark in self.postgres.log()[self.seen:], "the log is written")
        text = self.postgres.log()[self.seen:]
        self.seen += len(text)
        return [statement for statement in STATEMENT.findall(text) if not ASIDE.match(statement)]


def test_a_public_file_costs_one_statement_and_then_none(
    make_nodes: NodesFactory, postgres: PrivatePostgres, pair: Pair
) -> None:
    publisher, reader = make_nodes(2, pair)
    for number, size in enumerate([1000, 1_000_000]):
        url = publisher.file_url("admin", "tool", f"{number}.0.0", "tool.bin")
        assert publisher.http("admin").put(url, data=bytes(size), timeout=60).status_code == 201
    statements = Statements(postgres, database_name(pair.database))
    session = reader.http()
    statements.take()
    for number in range(2):
        url = reader.file_url("admin", "tool", f"{number}.0.0", "tool.bin")
        assert session.get(url, timeout=60).status_code == 200
        cold = statements.take()
        assert len(cold) == 1, cold
    url = reader.file_url("admin", "tool", "0.0.0", "tool.bin")
    for _ in range(10):
        assert session.get(url, timeout=60).status_code == 200
    assert statements.take() == []


def test_redirects_move_no_content_through_the_server(
    make_nodes: NodesFactory, make_pair: PairFactory, engines: Engines
) -> None:
    body = bytes(5_000_000)
    with FaultProxy(host_and_port(engines.store.values["ENDPOINT"])) as proxy:
        (node,) = make_nodes(1, make_pair().through(content=proxy.address), GRANARY_S3_REDIRECT="on")
        url = node.file_url("admin", "tool", "1.0.0", "tool.bin")
        assert node.http("admin").put(url, data=body, timeout=60).status_code == 201
        before = proxy.bytes_from_engine
        for _ in range(20):
            answer = node.http().get(url, allow_redirects=False, timeout=60)
            assert (answer.status_code, answer.content) == (302, b"")
        assert proxy.bytes_from_engine == before, "the server asked the store for something"
        assert node.http().get(url, timeout=60).content == body
        assert proxy.bytes_from_engine > before + len(body)

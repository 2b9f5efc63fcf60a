# SPDX-License-Identifier: Apache-2.0
"""What a download costs: statements of the database, and bytes through the server."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from engines import Engines, Pair, PrivatePostgres, database_name, host_and_port, private_postgres
from fault_proxy import FaultProxy
from server_fixtures import NodesFactory, PairFactory
from statements import Statements


@pytest.fixture(scope="module")
def postgres() -> Iterator[PrivatePostgres]:
    """A server that writes every statement into its log."""
    with private_postgres() as postgres:
        postgres.sql("ALTER ROLE granary SET log_statement = 'all'")
        yield postgres


@pytest.fixture
def pair(postgres: PrivatePostgres, engines: Engines) -> Pair:
    return Engines(postgres, engines.store).make_pair()


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

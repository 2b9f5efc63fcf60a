# SPDX-License-Identifier: Apache-2.0
"""Fixtures that start servers, and the engines that these need."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from engines import Engines, Pair, shared_engines
from granary_server import ADMIN_PASSWORD, GranaryServer, has_other_administrator
from paths import REPOSITORY
from templates import postgres_template, sqlite_template
from waiting import wait_until

PairFactory = Callable[..., Pair]
ServerFactory = Callable[..., GranaryServer]
NodesFactory = Callable[..., list[GranaryServer]]
NothingStaged = Callable[[GranaryServer], None]

# The engines that tests of clients run on, whatever the others do.
EACH_ENGINE = ["sqlite", "postgres"]
# Which engines servers have when their test does not care.
IS_SCALE_OUT = os.environ.get("ACCEPTANCE_ENGINES") == "scale-out"
# The servers of a test, whose logs are attached to its failure.
SERVERS: pytest.StashKey[list[GranaryServer]] = pytest.StashKey()


@pytest.fixture(scope="session")
def binary(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The release binary under test, from the environment variable GRANARY."""
    path = Path(os.environ.get("GRANARY", REPOSITORY / ".build/release/granary")).resolve()
    if not os.access(path, os.X_OK):
        pytest.exit(f"no granary binary at {path}; build it or set GRANARY", returncode=2)
    GranaryServer.template = sqlite_template(path, tmp_path_factory.mktemp("template"))
    return path


@pytest.fixture(scope="session")
def engines(binary: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engines]:
    """PostgreSQL and S3 for all tests; a test that damages an engine starts its own."""
    with shared_engines() as engines:
        template = postgres_template(binary, tmp_path_factory.mktemp("template"), engines)
        yield replace(engines, template=template)
        engines.postgres.sql(f"DROP DATABASE {template} WITH (FORCE)")


def drop_all(made: list[tuple[Engines, Pair]]) -> None:
    """Removes the databases of registries whose processes have ended, in none of which a transaction met a deadlock."""
    deadlocks = [engines.deadlocks(pair) for engines, pair in made]
    for engines, pair in made:
        engines.drop(pair)
    # PostgreSQL resolves them, but each one costs all who wait a second or more.
    assert not any(deadlocks), "transactions waited for each other in a circle: PostgreSQL's log has their statements"


@pytest.fixture
def make_pair(request: pytest.FixtureRequest) -> Iterator[PairFactory]:
    """Makes places for a registry on the shared engines, which are gone after the test."""
    made: list[tuple[Engines, Pair]] = []

    def make(fresh: bool = False) -> Pair:
        # The engines are started when the first test wants them.
        engines: Engines = request.getfixturevalue("engines")
        made.append((engines, engines.make_pair(fresh)))
        return made[-1][1]

    yield make
    drop_all(made)


@pytest.fixture
def make_server(
    binary: Path, tmp_path: Path, make_pair: PairFactory, request: pytest.FixtureRequest
) -> Iterator[ServerFactory]:
    """Creates servers, not yet started, whose logs are attached to a failure and which end with the test."""
    servers: list[GranaryServer] = []
    pairs: dict[Path, Pair] = {}

    def make(data: Path | None = None, **settings: object) -> GranaryServer:
        number = len(servers)
        data = data or tmp_path / f"data-{number}"
        if IS_SCALE_OUT and "pair" not in settings:
            # Servers on one directory, one after the other, are the same registry.
            fresh = has_other_administrator(settings.get("environment"))
            settings["pair"] = pairs[data] = pairs.get(data) or make_pair(fresh)
        server = GranaryServer(binary, data, logs=tmp_path / f"logs-{number}", **settings)
        servers.append(server)
        return server

    request.node.stash[SERVERS] = servers
    yield make
    for server in servers:
        server.kill()


@pytest.fixture(params=EACH_ENGINE)
def make_server_on_each(
    make_server: ServerFactory, make_pair: PairFactory, request: pytest.FixtureRequest
) -> ServerFactory:
    """Creates servers as `make_server` does, on SQLite and a directory, and then on PostgreSQL and S3."""

    def make(**settings: object) -> GranaryServer:
        fresh = has_other_administrator(settings.get("environment"))
        return make_server(pair=make_pair(fresh) if request.param == "postgres" else None, **settings)

    return make


@pytest.fixture
def make_nodes(make_server: ServerFactory, make_pair: PairFactory) -> NodesFactory:
    """Starts several servers at once over one new database and one new place in the store."""

    def make(count: int = 3, pair: Pair | None = None, **environment: str) -> list[GranaryServer]:
        pair = pair or make_pair()
        environment = {"GRANARY_ADMIN_PASSWORD": ADMIN_PASSWORD, **environment}
        nodes = [make_server(pair=pair, environment=environment) for _ in range(count)]
        for node in nodes:
            node.launch()
        return [node.await_readiness() for node in nodes]

    return make


@pytest.fixture
def server(make_server: ServerFactory) -> GranaryServer:
    """One running server with a new, empty data directory."""
    return make_server().start()


@pytest.fixture
def nothing_staged() -> NothingStaged:
    """Waits until the server holds no staged bytes any more; fails after a deadline."""

    def check(server: GranaryServer) -> None:
        wait_until(lambda: not server.staged_files(), f"{server.data}/staging is empty", seconds=20)

    return check

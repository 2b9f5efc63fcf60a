# SPDX-License-Identifier: Apache-2.0
"""Three servers over one database and one store: publishers that meet, a server that dies, a first start of all."""

from __future__ import annotations

import os
import random
import threading
from collections import Counter

import pytest

from granary_server import GranaryServer
from load import Load, publish_together, seed_from_environment
from oracle import Fate, Oracle, pages
from server_fixtures import NodesFactory, PairFactory
from waiting import wait_until

CLIENTS = 200
ROUNDS = int(os.environ.get("GRANARY_KILL_ROUNDS") or 2)


def targets(version: str, one_file: bool) -> list[str]:
    files = ["tool.bin" if one_file else f"tool-{client}.bin" for client in range(CLIENTS)]
    return [f"/api/packages/admin/generic/tool/{version}/{file}" for file in files]


def body_of(client: int) -> bytes:
    return b"the bytes of client %d" % client * 50


@pytest.fixture
def nodes(make_nodes: NodesFactory, contract: str) -> list[GranaryServer]:
    return make_nodes(GRANARY_CONTRACT=contract)


@pytest.mark.parametrize("contract", ["current"])
def test_two_hundred_clients_add_to_one_version(nodes: list[GranaryServer]) -> None:
    own = [(target, body_of(client)) for client, target in enumerate(targets("1.0.0", one_file=False))]
    assert Counter(publish_together(nodes, own)) == {201: CLIENTS}
    for node in nodes:
        files = node.record("admin", "tool", "1.0.0")["files"]
        assert {file["name"] for file in files} == {target.rpartition("/")[2] for target, _ in own}

    different = [(target, body_of(client)) for client, target in enumerate(targets("2.0.0", one_file=True))]
    statuses = publish_together(nodes, different)
    assert Counter(statuses) == {201: 1, 409: CLIENTS - 1}
    winner = body_of(statuses.index(201))
    for node in nodes:
        assert node.http("admin").get(node.file_url("admin", "tool", "2.0.0", "tool.bin"), timeout=60).content == winner

    same = [(target, b"the same for all") for target in targets("3.0.0", one_file=True)]
    assert Counter(publish_together(nodes, same)) == {201: 1, 200: CLIENTS - 1}
    # What lost leaves nothing behind.
    wait_until(lambda: not any(node.staged_files() for node in nodes), "staging/ is empty")
    wait_until(lambda: len(nodes[0].blob_names()) == CLIENTS + 1, "only the winners' content is kept")


@pytest.mark.parametrize("contract", ["documented"])
def test_two_hundred_clients_and_a_version_that_is_published_once(nodes: list[GranaryServer]) -> None:
    for version, one_file in [("1.0.0", True), ("2.0.0", False)]:
        uploads = [(target, body_of(client)) for client, target in enumerate(targets(version, one_file))]
        assert Counter(publish_together(nodes, uploads)) == {201: 1, 400: CLIENTS - 1}
    for node in nodes:
        versions = pages(node.http("admin"), node, "versions", "admin", "tool")
        assert sorted(entry["version"] for entry in versions) == ["1.0.0", "2.0.0"]


def test_all_make_the_schema_and_the_administrator_of_an_empty_database_at_once(
    make_nodes: NodesFactory, make_pair: PairFactory
) -> None:
    nodes = make_nodes(5, make_pair(fresh=True))
    for node in nodes:
        assert node.http("admin").get(f"{node.url}/api/granary/v1/user", timeout=60).json()["login"] == "admin"
        assert node.admin("user", "list").count("admin") == nodes[0].admin("user", "list").count("admin")


@pytest.mark.timeout(300)
def test_kill_of_one_server_in_the_middle_of_many_uploads(make_nodes: NodesFactory) -> None:
    seed = seed_from_environment()
    print(f"GRANARY_SEED={seed}")
    nodes = make_nodes()
    victim, *others = nodes
    oracle = Oracle()
    staged = 0
    for number in range(ROUNDS):
        load = Load(nodes, oracle, f"round-{number}", seed, workers=9)
        load.run_until_acknowledged(20)
        # The moment of the kill is the test's input, not a wait for something.
        threading.Event().wait(random.Random(f"{seed}/{number}").random() * 0.1)
        victim.kill()
        staged += len(victim.staged_files())
        enough = oracle.count(Fate.PUBLISHED) + 20
        wait_until(lambda: oracle.count(Fate.PUBLISHED) >= enough, "the other servers go on", seconds=60)
        load.finish()
        oracle.check(others[number % 2], prefix=f"round-{number}-", leftovers=True)
        if number % 2 == 0:
            # What the victim has put into the store is collected by another one, although the victim never comes back.
            others[0].admin("gc", "--grace", "0s")
            oracle.check(others[1], prefix="none")
        victim.start()
        assert not victim.staged_files()
    others[0].admin("gc", "--grace", "0s")
    oracle.check(victim)
    assert staged > 0, "no kill met an upload that was under way: the test shows nothing"
    for node in nodes:
        assert node.run_admin("fsck").returncode == 0

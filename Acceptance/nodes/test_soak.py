# SPDX-License-Identifier: Apache-2.0
"""Publishes of content that is used again and again, deletes, collections and checks on three servers at once."""

from __future__ import annotations

import os
import time

import pytest

from load import Load, seed_from_environment
from oracle import Fate, Oracle
from server_fixtures import NodesFactory

SECONDS = float(os.environ.get("GRANARY_SOAK_SECONDS") or 60)


@pytest.mark.timeout(1200)
def test_soak_of_publishes_deletes_and_collections_on_three_servers(make_nodes: NodesFactory) -> None:
    seed = seed_from_environment()
    print(f"GRANARY_SEED={seed}")
    nodes = make_nodes()
    oracle = Oracle()
    # A few small sizes: the empty file and the file of one byte are published and deleted all the time.
    load = Load(nodes, oracle, "soak", seed, workers=6, largest=20_000, deletes=0.45)
    load.run_until_acknowledged(1)
    deadline = time.monotonic() + SECONDS
    rounds = 0
    while time.monotonic() < deadline:
        collector, checker = nodes[rounds % 3], nodes[(rounds + 1) % 3]
        collector.admin("gc", "--grace", "0s", "--force")
        done = checker.run_admin("fsck", "--repair", "--quick")
        assert done.returncode == 0, done.stdout + done.stderr
        rounds += 1
    load.finish()
    # A collection without any grace may refuse a publish that it meets; it never loses one.
    assert set(load.statuses) <= {201, 204, 503}, load.statuses
    assert load.statuses[503] <= load.statuses[201] // 10, load.statuses
    nodes[0].admin("gc", "--grace", "0s", "--force")
    oracle.check(nodes[1])
    done = nodes[2].run_admin("fsck", "--grace", "0s")
    assert done.returncode == 0, done.stdout + done.stderr
    assert rounds > 2 and oracle.count(Fate.DELETED) > 5

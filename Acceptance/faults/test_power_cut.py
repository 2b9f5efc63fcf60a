# SPDX-License-Identifier: Apache-2.0
"""A power cut in the middle of many uploads: every acknowledged file is there when the power is back."""

from __future__ import annotations

import os
import random
import shutil
import sqlite3
import threading
from pathlib import Path

import pytest

from disks import LoopDisk, unmount
from granary_server import GranaryServer
from load import Load, seed_from_environment
from oracle import Fate, Oracle
from server_fixtures import ServerFactory

ROUNDS = int(os.environ.get("GRANARY_POWER_CUT_ROUNDS") or 8)


@pytest.mark.timeout(60 + 30 * ROUNDS)
def test_every_acknowledged_file_survives_a_power_cut(make_server: ServerFactory, tmp_path: Path) -> None:
    seed = seed_from_environment()
    print(f"GRANARY_SEED={seed}")
    choose = random.Random(seed)
    oracle = Oracle()
    with LoopDisk(tmp_path / "loop", size="1G") as disk:
        server = make_server(data=disk.mount_point / "data").start()
        try:
            # Start from a state that is on the disk, so that a cut can only take what the load did.
            os.sync()
            for number in range(ROUNDS):
                load = Load(server, oracle, f"cut-{number}", seed, largest=256 << 10)
                load.run_until_acknowledged(choose.randrange(10, 60))
                # The moment of the cut is the test's input, not a wait for something.
                threading.Event().wait(choose.random() * 0.1)
                with oracle.in_doubt():
                    cut_power_and_restart(disk, server)
                    load.finish()
                oracle.check(server, prefix=f"cut-{number}-")
                assert server.stop() == 0
                check_database(server.data, tmp_path / f"database-{number}")
                server.start()
            oracle.check(server)
            assert oracle.count(Fate.PUBLISHED) >= 8 * ROUNDS, "too few uploads were acknowledged"
            assert server.stop() == 0
        finally:
            server.kill()


@pytest.mark.parametrize("first", ["a publish", "an account"])
def test_the_first_thing_on_a_new_directory_survives_a_power_cut(
    make_server: ServerFactory, tmp_path: Path, first: str
) -> None:
    """Every folder of the path of the first blob is new, and so is the database."""
    with LoopDisk(tmp_path / "loop") as disk:
        server = make_server(data=disk.mount_point / "new" / "data").start()
        try:
            path = "/api/packages/admin/generic/tool/1.0.0/tool.bin"
            if first == "a publish":
                assert server.http("admin").put(server.url + path, data=b"first").status_code == 201
            else:
                server.create_user("robot")
            cut_power_and_restart(disk, server)
            if first == "a publish":
                assert server.http("admin").get(server.url + path).content == b"first"
            else:
                assert server.http("robot").get(f"{server.url}/api/granary/v1/user").json()["login"] == "robot"
        finally:
            server.kill()


def cut_power_and_restart(disk: LoopDisk, server: GranaryServer) -> None:
    """Stops the disk first, so that nothing that the server does afterwards can reach it."""
    disk.cut_power()
    server.kill()
    unmount(disk.mount_point)
    disk.mount()
    server.start()


def check_database(data: Path, copy: Path) -> None:
    """SQLite's own check of a stopped server's database, on a copy so that nothing is changed."""
    copy.mkdir()
    for path in data.glob("granary.db*"):
        shutil.copy(path, copy)
    connection = sqlite3.connect(copy / "granary.db")
    try:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
    finally:
        connection.close()

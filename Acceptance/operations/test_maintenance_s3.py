# SPDX-License-Identifier: Apache-2.0
"""Maintenance of content in a real S3 store, and the move of content between a directory and that store."""

from __future__ import annotations

import json
import random
import subprocess
import threading
from pathlib import Path

import pytest

from files import publish
from granary_server import ADMIN_PASSWORD, GranaryServer
from registry_checks import fsck
from s3_store import S3Store, store
from server_fixtures import ServerFactory
from waiting import clean_environment, wait_until

FILES = 40


def body_of(number: int) -> bytes:
    return random.Random(number).randbytes(20_000 + number)


def assert_all_served(server: GranaryServer, extra: int = 0) -> None:
    session = server.http("admin")
    for number in range(FILES + extra):
        answer = session.get(server.file_url("admin", "tool", f"1.0.{number}", "tool.bin"), timeout=60)
        assert (answer.status_code, answer.content) == (200, body_of(number)), f"file {number}"


def environment(store: S3Store, prefix: str, **added: str) -> dict[str, str]:
    return clean_environment(
        **store.settings(GRANARY_ADMIN_PASSWORD=ADMIN_PASSWORD, GRANARY_S3_PREFIX=prefix, **added)
    )


@pytest.mark.timeout(400)
def test_content_moves_to_s3_and_back_while_it_is_served(store: S3Store, make_server: ServerFactory) -> None:
    server = make_server().start()
    for number in range(FILES):
        publish(server, f"1.0.{number}", body_of(number))

    # The move begins with a restart, and every file is served all the time.
    assert server.stop() == 0
    server.environment = environment(store, "move", GRANARY_BLOBS_FALLBACK="local")
    server.start()
    publish(server, f"1.0.{FILES}", body_of(FILES))
    assert len(server.blob_files()) == FILES, "new content goes into the new store"
    over = threading.Event()
    failures: list[str] = []

    def read() -> None:
        while not over.is_set():
            try:
                assert_all_served(server, 1)
            except AssertionError as failure:
                failures.append(str(failure))

    reader = threading.Thread(target=read)
    reader.start()
    moved = json.loads(server.admin("migrate-storage", "--format", "json"))
    over.set()
    reader.join()
    assert not failures, failures[:3]
    assert (moved["copied"], moved["present"], moved["problems"]) == (FILES, 1, 0)
    again = json.loads(server.admin("migrate-storage", "--format", "json"))
    assert (again["copied"], again["present"]) == (0, FILES + 1)

    # Without the old store nothing is missing.
    assert server.stop() == 0
    for path in server.blob_files():
        path.unlink()
    server.environment = environment(store, "move")
    server.start()
    assert_all_served(server, 1)
    assert fsck(server)[1]["problem_count"] == 0

    # And back.
    assert server.stop() == 0
    server.environment = environment(store, "move", GRANARY_BLOBS_FALLBACK="s3") | {"GRANARY_BLOBS": "local"}
    server.start()
    back = json.loads(server.admin("migrate-storage", "--format", "json"))
    assert (back["copied"], back["problems"]) == (FILES + 1, 0)
    assert len(server.blob_files()) == FILES + 1
    assert fsck(server)[1]["problem_count"] == 0


@pytest.mark.timeout(400)
def test_a_move_that_was_killed_is_taken_up_again(store: S3Store, make_server: ServerFactory) -> None:
    server = make_server().start()
    for number in range(FILES):
        publish(server, f"1.0.{number}", body_of(number))
    assert server.stop() == 0
    server.environment = environment(store, "killed", GRANARY_BLOBS_FALLBACK="local")
    for delay in (0.05, 0.3, 0.8):
        server.start()
        command = [server.binary, "admin", "migrate-storage", "--data", server.data]
        process = subprocess.Popen(
            command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=clean_environment()
        )
        # The moment of the kill is the test's input, not a wait for something.
        threading.Event().wait(delay)
        server.kill()
        process.wait(timeout=60)
    server.start()
    moved = json.loads(server.admin("migrate-storage", "--format", "json"))
    assert moved["copied"] + moved["present"] == FILES and moved["problems"] == 0
    assert_all_served(server)
    wait_until(lambda: not server.staged_files(), "staging/ is empty")
    assert fsck(server)[1]["problem_count"] == 0


@pytest.mark.timeout(400)
def test_backup_and_restore_between_s3_and_a_directory(
    store: S3Store, make_server: ServerFactory, tmp_path: Path
) -> None:
    server = make_server(environment=environment(store, "backup")).start()
    for number in range(FILES):
        publish(server, f"1.0.{number}", body_of(number))
    server.admin("backup", str(tmp_path / "backup"))
    restored = make_server()
    restored.admin("restore", str(tmp_path / "backup"))
    restored.start()
    assert_all_served(restored)
    assert fsck(restored)[1]["problem_count"] == 0
    assert fsck(server)[1]["problem_count"] == 0

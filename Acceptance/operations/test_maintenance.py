# SPDX-License-Identifier: Apache-2.0
"""gc, fsck, backup, restore, export and import through the command line, on a running and on a stopped server."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import time
from pathlib import Path

import pytest

from files import publish
from granary_server import GranaryServer
from hashing import sha256
from load import Load, seed_from_environment
from oracle import Oracle
from registry_checks import PROBLEMS, SOUND, fsck
from server_fixtures import ServerFactory
from waiting import clean_environment, wait_until

SOAK_SECONDS = float(os.environ.get("GRANARY_SOAK_SECONDS") or 60)
WRONG = 64


@pytest.fixture(params=["running", "stopped"])
def filled(server: GranaryServer, request: pytest.FixtureRequest) -> GranaryServer:
    """A server with ten files of one package; it runs, or it has been stopped."""
    for number in range(10):
        publish(server, f"1.0.{number}", body_of(number))
    if request.param == "stopped":
        assert server.stop() == 0
    return server


def body_of(number: int) -> bytes:
    return random.Random(number).randbytes(10_000 + number)


def get(server: GranaryServer, version: str, package: str = "tool") -> tuple[int, bytes]:
    answer = server.http("admin").get(server.file_url("admin", package, version, "tool.bin"), timeout=60)
    return answer.status_code, answer.content


def content_of(server: GranaryServer, body: bytes) -> Path:
    """The file that holds some bytes."""
    digest = sha256(body)
    return next(path for path in server.blob_files() if path.name.startswith(digest))


def kinds(report: dict) -> list[str]:
    return sorted(problem["kind"] for problem in report["problems"])


def running(server: GranaryServer) -> GranaryServer:
    return server if server.process and not server.ended() else server.start()


# fsck


def test_a_sound_registry(filled: GranaryServer) -> None:
    status, report = fsck(filled)
    assert (status, report["blobs"], report["problem_count"]) == (SOUND, 10, 0)
    assert report["bytes"] == sum(len(body_of(number)) for number in range(10))


def test_every_kind_of_damage_is_found_and_named(filled: GranaryServer) -> None:
    damaged = {number: content_of(filled, body_of(number)) for number in range(6)}
    damaged[0].unlink()
    damaged[1].write_bytes(b"")
    damaged[2].write_bytes(body_of(2)[:-1])
    damaged[3].write_bytes(body_of(3)[:5000] + bytes([body_of(3)[5000] ^ 1]) + body_of(3)[5001:])
    damaged[4].write_bytes(body_of(5))
    damaged[5].write_bytes(body_of(4))
    (damaged[0].parent / f"{damaged[0].name[:65]}{'0' * 32}").write_bytes(b"left over")
    status, report = fsck(filled)
    assert status == PROBLEMS
    assert kinds(report) == ["corrupt", "missing", "orphaned", "truncated", "truncated", "truncated", "truncated"]
    for number in range(6):
        digest = sha256(body_of(number))
        problem = next(problem for problem in report["problems"] if digest in problem["subject"] and problem["files"])
        assert problem["files"] == [f"admin/tool@1.0.{number}/tool.bin"]
    status, report = fsck(filled, "--quick")
    assert status == PROBLEMS and "corrupt" not in kinds(report) and len(report["problems"]) == 6
    text = filled.run_admin("fsck")
    assert text.returncode == PROBLEMS and "admin/tool@1.0.3/tool.bin" in text.stdout


def test_repair_sets_damaged_content_aside_and_publishing_heals_it(filled: GranaryServer) -> None:
    good = body_of(3)
    content_of(filled, good).write_bytes(bytes([good[0] ^ 1]) + good[1:])
    status, report = fsck(filled, "--repair")
    assert (status, kinds(report), report["repaired"]) == (PROBLEMS, ["corrupt"], 1)
    server = running(filled)
    status, sentence = get(server, "1.0.3")
    assert status == 503 and b"content" in sentence
    assert get(server, "1.0.4") == (200, body_of(4))
    assert kinds(fsck(server)[1]) == ["quarantined"]
    publish(server, "0.0.1", good, package="scratch")
    assert get(server, "1.0.3") == (200, good)
    server.admin("gc")
    assert fsck(server)[0] == SOUND
    assert len(server.blob_files()) == 10


def test_a_download_from_memory_ends_with_the_repair(server: GranaryServer) -> None:
    good = body_of(1)
    publish(server, "1.0.0", good)
    assert get(server, "1.0.0") == get(server, "1.0.0") == (200, good)
    content_of(server, good).write_bytes(bytes(len(good)))
    assert fsck(server, "--repair")[0] == PROBLEMS
    assert get(server, "1.0.0")[0] == 503


# gc


def plant_orphan(server: GranaryServer, body: bytes) -> Path:
    digest = sha256(body)
    path = server.data / "blobs" / digest[:2] / f"{digest}.{'ab' * 16}"
    path.write_bytes(body)
    return path


def test_gc_removes_orphans_and_only_them(filled: GranaryServer) -> None:
    orphan = plant_orphan(filled, b"left over")
    before = set(filled.blob_files()) - {orphan}
    young = json.loads(filled.admin("gc", "--format", "json"))
    assert young["orphans"] == 0 and orphan.exists(), "content of a publish that may be on its way stays"
    dry = json.loads(filled.admin("gc", "--grace", "0s", "--dry-run", "--format", "json"))
    assert (dry["orphans"], dry["orphan_bytes"], dry["dry_run"]) == (1, 9, True) and orphan.exists()
    assert orphan.name in filled.admin("gc", "--grace", "0s")
    assert set(filled.blob_files()) == before
    assert fsck(filled)[0] == SOUND


def test_gc_leaves_a_store_alone_that_belongs_to_another_database(server: GranaryServer) -> None:
    publish(server, "1.0.0", b"known")
    orphans = [plant_orphan(server, b"unknown %d" % number) for number in range(3)]
    done = server.run_admin("gc", "--grace", "0s")
    assert done.returncode == WRONG and "nothing was removed" in done.stderr
    assert all(path.exists() for path in orphans)
    server.admin("gc", "--grace", "0s", "--force")
    assert not any(path.exists() for path in orphans) and get(server, "1.0.0") == (200, b"known")


@pytest.mark.timeout(900)
def test_soak_of_publishes_deletes_and_collections(server: GranaryServer) -> None:
    """Content that is used again and again, deletes and gc without any grace: nothing acknowledged is lost."""
    seed = seed_from_environment()
    print(f"GRANARY_SEED={seed}")
    oracle = Oracle()
    load = Load(server, oracle, "soak", seed, largest=20_000)
    load.run_until_acknowledged(1)
    deadline = time.monotonic() + SOAK_SECONDS
    rounds = 0
    while time.monotonic() < deadline:
        server.admin("gc", "--grace", "0s", "--force")
        done = server.run_admin("fsck", "--repair")
        assert done.returncode == SOUND, done.stdout
        rounds += 1
    load.finish()
    oracle.check(server)
    server.admin("gc", "--grace", "0s", "--force")
    assert fsck(server)[0] == SOUND and rounds > 2


# backup and restore


def test_backup_and_restore(filled: GranaryServer, make_server: ServerFactory, tmp_path: Path) -> None:
    folder = tmp_path / "backup"
    assert "10 blobs" in filled.admin("backup", str(folder))
    again = json.loads(filled.admin("backup", str(folder), "--format", "json"))
    assert (again["copied"], again["present"], again["problems"]) == (0, 10, 0)
    assert (folder.stat().st_mode & 0o777, (folder / "export.jsonl").stat().st_mode & 0o777) == (0o700, 0o600)
    restored = make_server()
    restored.admin("restore", str(folder))
    assert fsck(restored)[0] == SOUND
    restored.start()
    for number in range(10):
        assert get(restored, f"1.0.{number}") == (200, body_of(number))
    publish(restored, "2.0.0", b"goes on")


def test_restore_into_a_running_new_server_but_not_into_a_used_one(
    server: GranaryServer, make_server: ServerFactory, tmp_path: Path
) -> None:
    server.create_user("alice")
    publish(server, "1.0.0", b"kept")
    server.admin("backup", str(tmp_path / "backup"))
    used = server.run_admin("restore", str(tmp_path / "backup"))
    assert used.returncode != 0 and "in use" in used.stderr
    restored = make_server().start()
    restored.admin("restore", str(tmp_path / "backup"))
    answer = restored.http("alice").get(restored.file_url("admin", "tool", "1.0.0", "tool.bin"))
    assert (answer.status_code, answer.content) == (200, b"kept")


def test_relative_paths_start_where_the_command_runs(server: GranaryServer, tmp_path: Path) -> None:
    publish(server, "1.0.0", b"kept")
    here = tmp_path / "here"
    here.mkdir()
    for arguments in (["backup", "copy"], ["export", "rows.jsonl"]):
        done = subprocess.run(
            [server.binary, "admin", *arguments, "--data", server.data],
            cwd=here, capture_output=True, text=True, env=clean_environment(), timeout=60,
        )
        assert done.returncode == 0, done.stderr
    assert (here / "copy/export.jsonl").is_file() and (here / "rows.jsonl").is_file()


@pytest.mark.timeout(300)
def test_backup_under_load_holds_what_was_acknowledged_before_it(
    server: GranaryServer, make_server: ServerFactory, tmp_path: Path
) -> None:
    seed = seed_from_environment()
    print(f"GRANARY_SEED={seed}")
    for number in range(30):
        publish(server, f"1.0.{number}", body_of(number), package="before")
    load = Load(server, Oracle(), "during", seed, largest=50_000)
    load.run_until_acknowledged(10)
    for _ in range(3):
        server.admin("backup", str(tmp_path / "backup"))
    load.finish()
    restored = make_server()
    restored.admin("restore", str(tmp_path / "backup"))
    assert fsck(restored)[0] == SOUND
    restored.start()
    for number in range(30):
        assert get(restored, f"1.0.{number}", package="before") == (200, body_of(number))


# export and import


def test_export_and_import(filled: GranaryServer, make_server: ServerFactory, tmp_path: Path) -> None:
    exported = tmp_path / "rows.jsonl"
    filled.admin("export", str(exported))
    assert exported.stat().st_mode & 0o777 == 0o600
    assert filled.admin("export", "-") == exported.read_text()
    lines = exported.read_bytes().splitlines(keepends=True)
    end = json.loads(lines[-1])
    assert end["rows"] == len(lines) - 2
    assert end["sha256"] == sha256(b"".join(lines[:-1]))
    again = filled.run_admin("export", str(exported))
    assert again.returncode != 0 and "already exists" in again.stderr

    moved = make_server()
    moved.admin("import", str(exported))
    assert kinds(fsck(moved)[1]) == ["missing"] * 10, "the content is moved by other means"
    assert moved.admin("export", "-") == exported.read_text()
    assert "in use" in moved.run_admin("import", str(exported)).stderr


def test_an_import_over_the_socket_and_a_file_that_was_cut_off(
    server: GranaryServer, make_server: ServerFactory, tmp_path: Path
) -> None:
    server.create_user("alice")
    publish(server, "1.0.0", b"kept")
    server.admin("export", str(tmp_path / "rows.jsonl"))
    whole = (tmp_path / "rows.jsonl").read_bytes()
    (tmp_path / "cut.jsonl").write_bytes(whole[: len(whole) // 2])
    (tmp_path / "none.jsonl").write_bytes(b"hello\n")
    moved = make_server().start()
    for name, sentence in [("cut", "truncated export"), ("none", "not an export")]:
        done = moved.run_admin("import", str(tmp_path / f"{name}.jsonl"))
        assert done.returncode == 1 and sentence in done.stderr
    moved.admin("import", str(tmp_path / "rows.jsonl"))
    assert moved.http("alice").get(moved.url + "/api/granary/v1/packages/admin").status_code == 200
    assert not moved.staged_files()


# kill -9


@pytest.mark.timeout(300)
@pytest.mark.parametrize("command", ["backup", "restore", "import", "gc"])
def test_kill_in_the_middle_and_again(
    command: str, server: GranaryServer, make_server: ServerFactory, tmp_path: Path
) -> None:
    """The process that does the work dies at many moments; the next run finishes it."""
    for number in range(60):
        publish(server, f"1.0.{number}", body_of(number))
    folder = tmp_path / "backup"
    if command in ("restore", "import"):
        server.admin("backup", str(folder))
    assert server.stop() == 0
    target = make_server() if command in ("restore", "import") else server
    if command == "gc":
        for number in range(50):
            plant_orphan(target, b"left over %d" % number)
    arguments = {
        "backup": ["backup", str(folder)],
        "restore": ["restore", str(folder)],
        "import": ["import", str(folder / "export.jsonl")],
        "gc": ["gc", "--grace", "0s"],
    }[command]
    killed = 0
    for moment in range(1, 40):
        process = subprocess.Popen(
            [target.binary, "admin", *arguments, "--data", target.data],
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env=clean_environment(),
        )
        try:
            process.wait(timeout=moment * 0.02)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            killed += 1
        _, errors = process.communicate(timeout=60)
        if process.returncode == 0:
            break
        assert process.returncode == -signal.SIGKILL or b"in use" in errors, errors
        if process.returncode != -signal.SIGKILL:
            break
    assert killed > 0, "no kill met the command: the test shows nothing"
    done = target.run_admin(*arguments)
    if command in ("restore", "import"):
        assert done.returncode == 0 or "in use" in done.stderr, done.stderr
    else:
        assert done.returncode == 0, done.stderr
    if command == "import":
        assert kinds(fsck(target)[1]) == ["missing"] * 60
        return
    target.start()
    for number in range(60):
        assert get(target, f"1.0.{number}") == (200, body_of(number))
    wait_until(lambda: not target.staged_files(), "staging/ is empty")
    assert fsck(target)[0] == SOUND
    if command == "backup":
        restored = make_server()
        restored.admin("restore", str(folder))
        assert fsck(restored)[0] == SOUND


def test_a_command_that_is_interrupted_ends_in_the_server_too(server: GranaryServer, tmp_path: Path) -> None:
    for number in range(200):
        publish(server, f"1.0.{number}", random.Random(number).randbytes(200_000))
    process = subprocess.Popen(
        [server.binary, "admin", "backup", tmp_path / "backup", "--data", server.data],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=clean_environment(),
    )
    wait_until(lambda: any((tmp_path / "backup/blobs").rglob("*.*")), "the backup has begun")
    process.kill()
    process.wait(timeout=10)
    assert server.stop() == 0, "the server ends in time"


def test_there_is_nothing_to_migrate_without_an_earlier_store(server: GranaryServer) -> None:
    done = server.run_admin("migrate-storage")
    assert done.returncode == WRONG and "blobs-fallback" in done.stderr


def test_every_command_has_help_with_an_example(server: GranaryServer) -> None:
    listed = server.admin("--help")
    for command in ("gc", "fsck", "backup", "restore", "export", "import", "migrate-storage"):
        assert command in listed
        assert f"granary admin {command}" in server.admin(command, "--help")

# SPDX-License-Identifier: Apache-2.0
"""What a registry holds: the room that is taken, and the content that is kept."""

from __future__ import annotations

import json
from contextlib import suppress

from granary_server import GranaryServer
from waiting import wait_until

#: The statuses that `granary admin fsck` exits with.
SOUND = 0
PROBLEMS = 6


def usage(server: GranaryServer, owner: str = "admin") -> dict:
    answer = server.http("admin").get(f"{server.url}/api/granary/v1/owners/{owner}/usage", timeout=60)
    assert answer.status_code == 200, answer.text
    return answer.json()


def reserved(server: GranaryServer) -> tuple[int, int]:
    """The bytes and the versions that are set aside."""
    shown = usage(server)
    return shown["reserved_size"], shown["reserved_version_count"]


def staged_bytes(server: GranaryServer) -> int:
    """How much lies in the staging folder."""
    # What is listed may be gone when it is looked at.
    with suppress(FileNotFoundError):
        return sum(path.stat().st_size for path in server.staged_files())
    return 0


def check_sound(server: GranaryServer, blobs: int) -> None:
    """Collects what nothing refers to; what is left is in order, and no more than so much."""
    wait_until(lambda: not server.staged_files(), "staging/ is empty")
    server.admin("gc", "--grace", "0s", "--force")
    wait_until(lambda: len(server.blob_names()) == blobs, f"{blobs} blobs are kept, not {server.blob_names()}")
    done = server.run_admin("fsck", "--grace", "0s")
    assert done.returncode == SOUND, done.stdout


def fsck(server: GranaryServer, *options: str) -> tuple[int, dict]:
    """The exit status of `granary admin fsck`, and its report."""
    done = server.run_admin("fsck", "--grace", "0s", "--format", "json", *options)
    assert done.returncode in (SOUND, PROBLEMS), done.stderr
    return done.returncode, json.loads(done.stdout)


def create_acme(server: GranaryServer, team: str, packages: str) -> None:
    """Creates owners: alice owns acme, carol is in a team there, dave is in none; hidden is private and alice's."""
    for name in ("alice", "carol", "dave"):
        server.create_user(name)
    server.admin("org", "create", "acme", "--owner", "alice")
    server.admin("org", "create", "hidden", "--owner", "alice", "--visibility", "private")
    server.admin("team", "create", "acme", team, "--packages", packages)
    server.admin("team", "add", "acme", team, "carol")

# SPDX-License-Identifier: Apache-2.0
"""What a registry holds: the room that is taken, and the content that is kept."""

from __future__ import annotations

from granary_server import GranaryServer
from waiting import wait_until

SOUND = 0


def usage(server: GranaryServer, owner: str = "admin") -> dict:
    answer = server.http("admin").get(f"{server.url}/api/granary/v1/owners/{owner}/usage", timeout=60)
    assert answer.status_code == 200, answer.text
    return answer.json()


def reserved(server: GranaryServer) -> tuple[int, int]:
    """The bytes and the versions that are set aside."""
    shown = usage(server)
    return shown["reserved_size"], shown["reserved_version_count"]


def check_sound(server: GranaryServer, blobs: int) -> None:
    """Collects what nothing refers to; what is left is in order, and no more than so much."""
    wait_until(lambda: not server.staged_files(), "staging/ is empty")
    server.admin("gc", "--grace", "0s", "--force")
    wait_until(lambda: len(server.blob_names()) == blobs, f"{blobs} blobs are kept, not {server.blob_names()}")
    done = server.run_admin("fsck", "--grace", "0s")
    assert done.returncode == SOUND, done.stdout

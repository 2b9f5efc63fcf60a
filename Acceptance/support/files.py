# SPDX-License-Identifier: Apache-2.0
"""Files, of the package `tool` if no other is named, published, downloaded and deleted as everybody does."""

from __future__ import annotations

import random

from granary_server import GranaryServer


def contents(size: int, seed: int = 1) -> bytes:
    return random.Random(seed).randbytes(size)


def put(
    server: GranaryServer, content: bytes, version: str = "1.0.0", file: str = "tool.bin", owner: str = "admin"
) -> int:
    url = server.file_url(owner, "tool", version, file)
    return server.http("admin").put(url, data=content, timeout=60).status_code


def publish(server: GranaryServer, version: str, body: bytes, package: str = "tool") -> None:
    """Publishes a file, which must succeed."""
    answer = server.http("admin").put(server.file_url("admin", package, version, "tool.bin"), data=body, timeout=60)
    assert answer.status_code == 201, answer.text


def download(server: GranaryServer, version: str = "1.0.0", file: str = "tool.bin") -> bytes | None:
    answer = server.http("admin").get(server.file_url("admin", "tool", version, file), timeout=120)
    assert answer.status_code in (200, 404), answer.text
    return answer.content if answer.status_code == 200 else None


def delete(server: GranaryServer, version: str, owner: str = "admin") -> None:
    answer = server.http("admin").delete(server.version_url(owner, "tool", version), timeout=60)
    assert answer.status_code == 204, answer.text

# SPDX-License-Identifier: Apache-2.0
"""kill -9 in the middle of many uploads: nothing acknowledged is lost and nothing else is visible."""

from __future__ import annotations

import os
import random
import threading

import pytest

from granary_server import GranaryServer
from load import Load, seed_from_environment
from oracle import Oracle
from raw_http import CREDENTIALS, RawConnection, head
from waiting import wait_until

pytestmark = pytest.mark.scale_out

ROUNDS = int(os.environ.get("GRANARY_KILL_ROUNDS") or 15)


@pytest.mark.timeout(300)
def test_kill_at_random_moments_of_many_uploads(server: GranaryServer) -> None:
    seed = seed_from_environment()
    print(f"GRANARY_SEED={seed}")
    choose = random.Random(seed)
    staged = 0
    everything = Oracle()
    for number in range(ROUNDS):
        oracle = Oracle()
        load = Load(server, oracle, f"round-{number}", seed)
        load.run_until_acknowledged(choose.randrange(1, 40))
        # The moment of the kill is the test's input, not a wait for something.
        threading.Event().wait(choose.random() * 0.1)
        server.kill()
        load.finish()
        staged += len(server.staged_files())
        everything.expected |= oracle.expected
        server.start()
        everything.check(server, prefix=f"round-{number}-")
    everything.check(server)
    assert staged > 0, "no kill met an upload that was under way: the test shows nothing"
    assert server.stop() == 0


def test_half_an_upload_is_gone_after_the_next_start(server: GranaryServer) -> None:
    target = "/api/packages/admin/generic/tool/1.0.0/tool.bin"
    headers = CREDENTIALS | {"Content-Length": "8000000"}
    with RawConnection(server.url) as connection:
        connection.send(head("PUT", target, headers) + bytes(4_000_000))
        wait_until(lambda: any(path.stat().st_size for path in server.staged_files()), "the server stages the body")
        server.kill()
    assert server.staged_files(), "the kill was to leave staged bytes: the test shows nothing"
    server.start()
    wait_until(lambda: not server.staged_files(), "staging/ is empty after the start")
    assert server.http("admin").get(server.url + target).status_code == 404
    assert server.http("admin").put(server.url + target, data=b"whole").status_code == 201

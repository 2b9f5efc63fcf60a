# SPDX-License-Identifier: Apache-2.0
"""Attacks by slowness, as slowhttptest knows them: the attacker's connections end, and others are served all the time."""

from __future__ import annotations

import random
import re
import subprocess
from pathlib import Path

import pytest

from granary_server import ADMIN_PASSWORD, GranaryServer
from raw_http import basic
from server_fixtures import ServerFactory
from waiting import clean_environment, wait_until

CONTENT = random.Random("slow").randbytes(1 << 20)
ATTACKERS = 150
# States of sockets.
LISTENS, TIME_WAIT = "0A", "06"
# A field that slowhttptest does not know goes along with one that it does.
AUTHORIZATION = f"*/*\r\nAuthorization: {basic('admin', ADMIN_PASSWORD)}"
ATTACKS = {
    "slow headers": ["-H", "-i", "1", "-x", "10"],
    "slow body": ["-B", "-t", "PUT", "-i", "1", "-x", "10", "-s", "8192"],
    "slow read": ["-X", "-w", "512", "-y", "1024", "-n", "3", "-z", "32", "-k", "3"],
    "range": ["-R", "-t", "HEAD", "-a", "10", "-b", "3000"],
    "range of a download": ["-R", "-t", "GET", "-a", "10", "-b", "3000"],
}


@pytest.fixture
def impatient(make_server: ServerFactory) -> GranaryServer:
    limits = ["--timeouts-idle", "2s", "--timeouts-stalled-reader", "2s", "--timeouts-upload-window", "2s"]
    return make_server(options=[*limits, "--contract", "current"]).start()


def sockets(server: GranaryServer) -> int:
    """How many connections to the server the system has something to do for, whether or not the process has them still."""
    lines = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    own = f":{server.port:04X}"
    return sum(fields[1].endswith(own) and fields[3] not in (LISTENS, TIME_WAIT) for fields in lines)


@pytest.mark.parametrize("name", ATTACKS)
def test_slowness_harms_nobody_else(impatient: GranaryServer, name: str) -> None:
    server = impatient
    there = server.file_url("admin", "tool", "1.0.0", "there")
    assert server.http("admin").put(there, data=CONTENT).status_code == 201
    before = len(server.descriptors())
    target = server.file_url("admin", "tool", "1.0.0", "never") if name == "slow body" else there
    attack = subprocess.Popen(
        ["slowhttptest", *ATTACKS[name], "-c", str(ATTACKERS), "-r", str(ATTACKERS), "-l", "20", "-p", "10", "-v", "1",
         "-m", AUTHORIZATION, "-u", target],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=clean_environment(),
    )
    served, most = 0, 0
    try:
        while attack.poll() is None:
            # One new connection per request, alongside the attacker's.
            with server.http("admin") as session:
                assert session.get(there, timeout=10).content == CONTENT
                url = server.file_url("admin", "tool", "1.0.0", f"new-{served}")
                assert session.put(url, data=b"small", timeout=10).status_code == 201
            served += 1
            count = sockets(server)
            most = max(most, count)
            if most > ATTACKERS / 2 and count == 0:
                break
        was_ended = attack.poll() is None
    finally:
        attack.kill()
        said = re.sub(r"\x1b\[[0-9;]*[A-Za-z]", "", attack.communicate(timeout=30)[0])
    assert served > 0
    # A slow reader finds out when it has read what it has already: then the system must know nothing of it any more.
    assert was_ended or "Exit status: No open connections left" in said, said[-2000:]
    assert not re.search(r"service available:\s+NO", said), said
    wait_until(lambda: len(server.descriptors()) <= before + 4, "the descriptors are given back")
    wait_until(lambda: not server.staged_files(), "nothing is staged")
    assert server.http().get(server.file_url("admin", "tool", "1.0.0", "never")).status_code == 404

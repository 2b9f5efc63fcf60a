# SPDX-License-Identifier: Apache-2.0
"""A server whose clock is wrong, and work that one server at a time does for all."""

from __future__ import annotations

import json
import re
from datetime import datetime, timedelta, timezone

import pytest

from granary_server import GranaryServer
from server_fixtures import NodesFactory, PairFactory, ServerFactory
from waiting import wait_until

DONE = re.compile(r"\bcount=(\d+) job=digests\b.*job done")


@pytest.fixture
def nodes(make_nodes: NodesFactory, make_server: ServerFactory, make_pair: PairFactory) -> list[GranaryServer]:
    """A server whose clock is right, and one that is an hour ahead.

    faketime moves timers as well, so that with a clock that is behind none of them would end in time.
    """
    pair = make_pair()
    (right,) = make_nodes(1, pair)
    # The wrapper of faketime is the parent of the server, which is to end with it.
    wrapper = ["faketime", "-f", "--exclude-monotonic", "+1h", "setpriv", "--pdeathsig", "KILL", "--"]
    off = make_server(pair=pair, wrapper=wrapper).start()
    date = off.http().get(off.url + "/healthz", timeout=60).headers["Date"]
    shown = datetime.strptime(date, "%a, %d %b %Y %H:%M:%S GMT").replace(tzinfo=timezone.utc)
    assert abs(shown - datetime.now(timezone.utc)) > timedelta(minutes=50), "the clock was to be wrong"
    return [right, off]


def test_a_clock_that_is_an_hour_off(nodes: list[GranaryServer]) -> None:
    for number, node in enumerate(nodes):
        # The store refuses signatures of another time than its own.
        url = node.file_url("admin", "tool", f"{number}.0.0", "tool.bin")
        answer = node.http("admin").put(url, data=b"%d" % number, timeout=60)
        assert answer.status_code == 201, answer.text
    for node in nodes:
        for number in range(2):
            answer = node.http().get(node.file_url("admin", "tool", f"{number}.0.0", "tool.bin"), timeout=60)
            assert answer.content == b"%d" % number
            created = datetime.fromisoformat(node.record("admin", "tool", f"{number}.0.0")["created_at"])
            assert abs(created - datetime.now(timezone.utc)) < timedelta(minutes=5)


def test_tokens_that_expire(nodes: list[GranaryServer]) -> None:
    """What lives half an hour is neither dead on the one server nor alive for longer on the other."""
    for number, maker in enumerate(nodes):
        token = maker.create_token("admin", name=f"token-{number}", expires="30m")
        for node in nodes:
            headers = {"Authorization": f"token {token}"}
            assert node.http().get(f"{node.url}/api/granary/v1/user", headers=headers, timeout=60).status_code == 200
        tokens = json.loads(maker.admin("token", "list", "admin", "--format", "json"))
        (made,) = [entry for entry in find_all(tokens, "expires_at") if entry["name"] == f"token-{number}"]
        left = datetime.fromisoformat(made["expires_at"]) - datetime.now(timezone.utc)
        assert timedelta(minutes=25) < left <= timedelta(minutes=31)


def find_all(value: object, key: str) -> list[dict]:
    """Every object with a member of that name, however deep."""
    if isinstance(value, list):
        return [found for entry in value for found in find_all(entry, key)]
    if not isinstance(value, dict):
        return []
    return ([value] if key in value else []) + [found for entry in value.values() for found in find_all(entry, key)]


def test_content_is_as_old_as_the_store_says(nodes: list[GranaryServer]) -> None:
    """Nobody's clock makes content that is on its way look old."""
    node = nodes[1]
    for number in range(3):
        node.http("admin").put(node.file_url("admin", "tool", f"{number}.0.0", "tool.bin"), data=b"%d" % number)
    assert node.pair is not None
    node.pair.content.put(f"ab/{'ab' * 32}.{'cd' * 16}", b"left over")
    assert json.loads(node.admin("gc", "--grace", "30m", "--format", "json"))["orphans"] == 0
    assert json.loads(node.admin("gc", "--grace", "0s", "--format", "json"))["orphans"] == 1


@pytest.mark.timeout(180)
def test_each_job_is_done_by_one_server_at_a_time(make_nodes: NodesFactory) -> None:
    nodes = make_nodes()
    for number in range(30):
        node = nodes[number % 3]
        url = node.file_url("admin", "tool", f"1.0.{number}", "tool.bin")
        assert node.http("admin").put(url, data=b"%d" % number, timeout=60).status_code == 201

    def completed() -> int:
        return sum(int(count) for node in nodes for count in DONE.findall(node.stderr()))

    # Each server tries every half minute.
    wait_until(lambda: completed() >= 30, "all digests are completed", seconds=90)
    assert completed() == 30, "two servers did the same work"

# SPDX-License-Identifier: Apache-2.0
"""What one server changes is seen on another one within a second, also when the other cannot hear of it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import requests

from engines import Engines, host_and_port
from fault_proxy import Effect, Fault, FaultProxy
from granary_server import ADMIN_PASSWORD, GranaryServer
from server_fixtures import SERVERS
from waiting import wait_until

# A request that begins so long after the change was answered must see it.
PROMISE = 1.0
NEW_PASSWORD = "acceptance-New-8812"
LISTEN = b"LISTEN granary"


@dataclass
class Nodes:
    """Two servers over one database; the second one reaches it through a proxy."""

    here: GranaryServer
    there: GranaryServer
    proxy: FaultProxy


@pytest.fixture(scope="module")
def both(engines: Engines, binary: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nodes]:
    folder = tmp_path_factory.mktemp("caches")
    pair = engines.make_pair()
    environment = {"GRANARY_ADMIN_PASSWORD": ADMIN_PASSWORD}
    with FaultProxy(host_and_port(pair.database)) as proxy:
        here, there = (
            GranaryServer(binary, folder / name, folder / f"{name}-logs", environment=environment, pair=way)
            for name, way in [("here", pair), ("there", pair.through(database=proxy.address))]
        )
        try:
            yield Nodes(here.start(), there.start(), proxy)
        finally:
            here.kill()
            there.kill()
    engines.drop(pair)


@pytest.fixture(params=["heard", "listening is cut", "listening hangs"])
def nodes(both: Nodes, request: pytest.FixtureRequest) -> Iterator[Nodes]:
    """Both servers; what the first one tells reaches the second one, or does not."""
    request.node.stash[SERVERS] = [both.here, both.there]
    effects = {"listening is cut": Effect.CUT, "listening hangs": Effect.STALL}
    if effect := effects.get(request.param):
        both.proxy.harm(Fault(effect, text=LISTEN))
        wait_until(lambda: both.proxy.harmed > 0, "the second server cannot listen")
    yield both
    if effect:
        both.proxy.heal()


@pytest.fixture
def user(nodes: Nodes) -> str:
    """Somebody with a published file, which the second server has just given to everybody who asks."""
    name = "user-%x" % time.time_ns()
    nodes.here.create_user(name)
    url = nodes.here.file_url(name, "tool", "1.0.0", "tool.bin")
    assert nodes.here.http(name).put(url, data=b"content", timeout=60).status_code == 201
    return name


def ask(node: GranaryServer, owner: str, session: requests.Session) -> int:
    return session.get(node.file_url(owner, "tool", "1.0.0", "tool.bin"), timeout=60).status_code


def warm(nodes: Nodes, owner: str, session: requests.Session) -> None:
    """Lets the second server remember all that it may."""
    for _ in range(3):
        assert ask(nodes.there, owner, session) == 200


def assert_followed(
    nodes: Nodes, owner: str, session: requests.Session, change: Callable[[], object], status: int
) -> None:
    """Makes a change on the first server, and waits until the second one knows it."""
    warm(nodes, owner, session)
    change()
    answered = time.monotonic()
    while True:
        begun = time.monotonic() - answered
        seen = ask(nodes.there, owner, session)
        if seen == status:
            return
        assert seen == 200
        assert begun < PROMISE, f"a request that began {begun:.2f} s after the change did not see it"


def token_session(nodes: Nodes, user: str) -> requests.Session:
    return nodes.there.token_session(nodes.here.create_token(user, name="ci"))


def test_a_delete(nodes: Nodes, user: str) -> None:
    url = nodes.here.version_url(user, "tool", "1.0.0")

    def delete() -> None:
        assert nodes.here.http(user).delete(url, timeout=60).status_code == 204

    assert_followed(nodes, user, nodes.there.http(), delete, 404)


def test_an_owner_who_becomes_private(nodes: Nodes, user: str) -> None:
    change = lambda: nodes.here.admin("user", "update", user, "--visibility", "private")
    assert_followed(nodes, user, nodes.there.http(), change, 401)


def test_a_token_that_is_deleted(nodes: Nodes, user: str) -> None:
    session = token_session(nodes, user)
    assert_followed(nodes, user, session, lambda: nodes.here.admin("token", "delete", user, "--name", "ci"), 401)


def test_a_password_that_is_changed(nodes: Nodes, user: str) -> None:
    def change() -> None:
        nodes.here.admin("user", "update", user, "--password-stdin", password=NEW_PASSWORD)

    assert_followed(nodes, user, nodes.there.http(user), change, 401)
    assert ask(nodes.there, user, nodes.there.http(user, password=NEW_PASSWORD)) == 200


def test_an_account_that_is_deactivated(nodes: Nodes, user: str) -> None:
    session = token_session(nodes, user)
    assert_followed(nodes, user, session, lambda: nodes.here.admin("user", "update", user, "--inactive"), 401)


def test_a_member_who_leaves_a_team(nodes: Nodes, user: str) -> None:
    organization = user.replace("user", "org")
    for arguments in (
        ["org", "create", organization, "--owner", "admin", "--visibility", "private"],
        ["team", "create", organization, "build", "--packages", "read"],
        ["team", "add", organization, "build", user],
    ):
        nodes.here.admin(*arguments)
    url = nodes.here.file_url(organization, "tool", "1.0.0", "tool.bin")
    assert nodes.here.http("admin").put(url, data=b"content", timeout=60).status_code == 201
    member = nodes.there.http(user)
    wait_until(lambda: ask(nodes.there, organization, member) == 200, "a new member is known", seconds=5)
    remove = lambda: nodes.here.admin("team", "remove", organization, "build", user)
    assert_followed(nodes, organization, member, remove, 404)


def test_what_was_deleted_can_be_published_again_with_other_bytes(nodes: Nodes, user: str) -> None:
    warm(nodes, user, nodes.there.http())
    session = nodes.here.http(user)
    assert session.delete(nodes.here.version_url(user, "tool", "1.0.0"), timeout=60).status_code == 204
    url = nodes.here.file_url(user, "tool", "1.0.0", "tool.bin")
    assert session.put(url, data=b"other", timeout=60).status_code == 201
    published = time.monotonic()
    while True:
        begun = time.monotonic() - published
        there = nodes.there.file_url(user, "tool", "1.0.0", "tool.bin")
        answer = nodes.there.http().get(there, timeout=60)
        # The content that is gone may be asked for until then, but never under the new one's digest.
        if answer.content == b"other":
            return
        assert answer.content == b"content" and begun < PROMISE

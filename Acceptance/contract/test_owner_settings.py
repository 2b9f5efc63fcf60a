# SPDX-License-Identifier: Apache-2.0
"""How an owner publishes: its contract, its limits, who may see and change them."""

from __future__ import annotations

import json
from collections import Counter

import pytest

from files import put
from granary_server import GranaryServer
from load import publish_together
from registry_checks import create_acme
from server_fixtures import NodesFactory

CLIENTS = 48


def owner_url(server: GranaryServer, owner: str) -> str:
    return f"{server.url}/api/granary/v1/owners/{owner}"


def check_contract(nodes: list[GranaryServer], change: dict[str, object]) -> None:
    """Sets the contract of an owner on the first node, and sees that all nodes go by it."""
    answer = nodes[0].http("admin").patch(owner_url(nodes[0], "admin"), json=change, timeout=60)
    assert answer.status_code == 200, answer.text
    expected = change["contract"] or "documented"
    for node in nodes:
        record = node.http("admin").get(owner_url(node, "admin"), timeout=60).json()
        assert (record["contract"], record["effective_contract"]) == (change["contract"], expected)


def check_many_files_of_one_version(nodes: list[GranaryServer]) -> None:
    assert put(nodes[0], b"x", "1.0.0", "a.bin") == 201
    assert put(nodes[-1], b"x", "1.0.0", "b.bin") == 400, "the contract is the documented one"
    check_contract(nodes, {"contract": "current"})
    assert put(nodes[-1], b"x", "1.0.0", "b.bin") == 201
    for round_number in range(5):
        version = f"v{round_number} beta"
        paths = [f"/api/packages/admin/generic/tool/v{round_number}%20beta/{client}.bin" for client in range(CLIENTS)]
        statuses = publish_together(nodes, [(path, path.encode()) for path in paths])
        assert Counter(statuses) == {201: CLIENTS}, f"round {round_number}"
        assert len(nodes[-1].record("admin", "tool", version)["files"]) == CLIENTS
    # What is published stays as it is; nothing can be added any more.
    before = nodes[0].record("admin", "tool", "v1 beta")
    check_contract(nodes, {"contract": None})
    for node in nodes:
        assert node.record("admin", "tool", "v1 beta") == before
        assert put(node, b"x", "1.0.0", "c.bin") == 400
    assert nodes[0].http("admin").get(nodes[0].file_url("admin", "tool", "v1 beta", "1.bin")).status_code == 200
    check_contract(nodes, {"contract": "documented"})


def test_the_contract_of_an_owner(server: GranaryServer) -> None:
    check_many_files_of_one_version([server])


def test_the_contract_of_an_owner_on_three_nodes(make_nodes: NodesFactory) -> None:
    check_many_files_of_one_version(make_nodes())


def test_the_administrators_command_sets_the_contract(server: GranaryServer) -> None:
    server.create_user("alice")
    server.admin("org", "create", "acme", "--owner", "alice")
    for word, expected in [("current", "current"), ("documented", "documented"), ("default", None)]:
        record = json.loads(server.admin("owner", "set-contract", "acme", word, "--format", "json"))
        assert record["name"] == "acme" and record.get("contract") == expected
        assert server.http("alice").get(owner_url(server, "acme")).json()["contract"] == expected
        told = "the server's settings" if word == "default" else word
        assert told in server.admin("owner", "set-contract", "acme", word)
    assert server.run_admin("owner", "set-contract", "acme", "newest").returncode == 64
    missing = server.run_admin("owner", "set-contract", "nobody", "current")
    assert missing.returncode == 3 and "no owner nobody" in missing.stderr
    assert "set-limits acme --total-size 100GiB" in server.admin("owner", "--help")


@pytest.fixture
def world(server: GranaryServer) -> GranaryServer:
    """alice owns acme, carol only reads there, dave is in no team; hidden is private and alice's."""
    create_acme(server, "writers", "write")
    return server


@pytest.mark.parametrize(
    ("user", "owner", "read", "usage", "contract", "limits"),
    [
        (None, "acme", 200, 401, 401, 401),
        (None, "hidden", 401, 401, 401, 401),
        (None, "nobody", 401, 401, 401, 401),
        ("dave", "acme", 200, 403, 403, 403),
        ("dave", "hidden", 404, 404, 404, 404),
        ("dave", "nobody", 404, 404, 404, 404),
        ("dave", "dave", 200, 200, 200, 403),
        ("carol", "acme", 200, 200, 403, 403),
        ("alice", "acme", 200, 200, 200, 403),
        ("alice", "hidden", 200, 200, 200, 403),
        ("admin", "hidden", 200, 200, 200, 200),
        ("admin", "nobody", 404, 404, 404, 404),
    ],
)
def test_who_may(
    world: GranaryServer, user: str | None, owner: str, read: int, usage: int, contract: int, limits: int
) -> None:
    session = world.http(user)
    url = owner_url(world, owner)
    shown = session.get(url)
    assert shown.status_code == read
    if read == 200:
        # Limits are for those who may write there.
        assert (shown.json()["limits"] is None) == (usage != 200)
    assert session.get(url + "/usage").status_code == usage
    assert session.patch(url, json={"contract": "current"}).status_code == contract
    assert session.patch(url, json={"limits": {"total_size": 5}}).status_code == limits
    # What is refused in one part changes nothing.
    assert session.patch(url, json={"contract": "documented", "limits": {"total_size": 5}}).status_code == limits
    if read == 200:
        kept = world.http("admin").get(url).json()
        assert kept["contract"] == ("documented" if limits == 200 else "current" if contract == 200 else None)
        assert kept["limits"]["total_size"] == (5 if limits == 200 else None)


def test_access_tokens_need_their_scopes(world: GranaryServer) -> None:
    tokens = {
        scopes: {"Authorization": f"token {world.create_token('admin', *scopes.split(), name=scopes)}"}
        for scopes in ("read:package", "write:package", "write:package write:admin", "read:user")
    }
    session, url = world.http(), owner_url(world, "acme")
    assert session.get(url, headers=tokens["read:user"]).status_code == 403
    assert session.get(url + "/usage", headers=tokens["read:package"]).status_code == 200
    change, limit = {"contract": "current"}, {"limits": {"version_count": 5}}
    assert session.patch(url, json=change, headers=tokens["read:package"]).status_code == 403
    assert session.patch(url, json=change, headers=tokens["write:package"]).status_code == 200
    assert session.patch(url, json=limit, headers=tokens["write:package"]).status_code == 403
    assert session.patch(url, json=limit, headers=tokens["write:package write:admin"]).status_code == 200


@pytest.mark.parametrize(
    ("body", "status", "text"),
    [
        ("", 200, "acme"),
        ("{}", 200, "acme"),
        ('{"colour": "red"}', 200, "acme"),
        ('{"contract"', 400, "JSON"),
        ("\x00", 400, "JSON"),
        ("[]", 422, "object"),
        ('"current"', 422, "object"),
        ('{"contract": "newest"}', 422, "[contract]"),
        ('{"contract": ""}', 422, "[contract]"),
        ('{"contract": 7}', 422, "[contract]"),
        ('{"limits": 7}', 422, "[limits]"),
        ('{"limits": []}', 422, "[limits]"),
        ('{"limits": {"file_size": "5GiB"}}', 422, "[limits.file_size]"),
        ('{"limits": {"total_size": -2}}', 422, "[limits.total_size]"),
        ('{"limits": {"total_size": 1.5}}', 422, "[limits.total_size]"),
        ('{"limits": {"total_size": 9223372036854775808}}', 422, "[limits.total_size]"),
        ('{"limits": {"version_count": true}}', 422, "[limits.version_count]"),
        ('{"limits": {"version_count": 9223372036854775807}}', 200, "9223372036854775807"),
        ('{"limits": null, "contract": null}', 200, "acme"),
    ],
)
def test_what_a_change_may_say(world: GranaryServer, body: str, status: int, text: str) -> None:
    answer = world.http("admin").patch(owner_url(world, "acme"), data=body.encode())
    assert answer.status_code == status and text in answer.text, answer.text


def test_a_renamed_owner_keeps_its_settings_and_redirects(world: GranaryServer) -> None:
    session = world.http("admin")
    change = {"contract": "current", "limits": {"version_count": 7}}
    assert session.patch(owner_url(world, "acme"), json=change).status_code == 200
    renamed = session.post(f"{world.url}/api/v1/orgs/acme/rename", json={"new_name": "apex"})
    assert renamed.status_code == 204, renamed.text
    moved = session.get(owner_url(world, "acme") + "/usage", allow_redirects=False)
    assert moved.status_code == 307 and moved.headers["Location"] == "/api/granary/v1/owners/apex/usage"
    record = session.get(owner_url(world, "apex")).json()
    assert (record["name"], record["contract"], record["limits"]["version_count"]) == ("apex", "current", 7)

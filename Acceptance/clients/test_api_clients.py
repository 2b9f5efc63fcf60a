# SPDX-License-Identifier: Apache-2.0
"""Clients that other people wrote for Gitea: py-gitea administers the registry, Bob keeps its artifacts in it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import gitea
import pytest
from gitea.exceptions import NotFoundException, Unprocessable

from granary_server import ADMIN_PASSWORD, CURRENT, GranaryServer
from server_fixtures import ServerFactory
from waiting import clean_environment


@pytest.fixture
def server(make_server_on_each: ServerFactory) -> GranaryServer:
    """One running server on each engine."""
    return make_server_on_each().start()


@pytest.fixture
def client(server: GranaryServer, monkeypatch: pytest.MonkeyPatch) -> gitea.Gitea:
    """py-gitea, signed in as the administrator."""
    # It asks the environment for proxies.
    for name in ["http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"]:
        monkeypatch.delenv(name, raising=False)
    return gitea.Gitea(server.url, auth=("admin", ADMIN_PASSWORD))


def test_py_gitea_works_with_users(client: gitea.Gitea) -> None:
    assert client.get_version().startswith("1.")
    assert client.get_user().username == "admin"
    user = client.create_user("alice", "alice@example.org", "long enough 1", full_name="Alice A.", change_pw=False)
    assert (user.username, user.email, user.full_name, user.active) == ("alice", "alice@example.org", "Alice A.", True)
    assert {one.username for one in client.get_users()} == {"admin", "alice"}
    assert client.get_user_by_name("alice") == user
    assert client.get_user_by_email("alice@example.org") == user
    user.location = "Somewhere"
    user.website = "https://alice.example"
    user.commit("alice")
    again = gitea.User.request(client, "alice")
    assert (again.location, again.website, again.full_name) == ("Somewhere", "https://alice.example", "Alice A.")
    with pytest.raises(Unprocessable):
        client.create_user("ALICE", "other@example.org", "long enough 1", change_pw=False)
    user.delete()
    with pytest.raises(NotFoundException):
        gitea.User.request(client, "alice")


def test_py_gitea_works_with_organizations_and_teams(client: gitea.Gitea, server: GranaryServer) -> None:
    alice = client.create_user("alice", "alice@example.org", "long enough 1", change_pw=False)
    bob = client.create_user("bob", "bob@example.org", "long enough 1", change_pw=False)
    acme = client.create_org(alice, "acme", "makes things", website="https://acme.example", full_name="Acme Inc.")
    assert (acme.username, acme.description, acme.full_name) == ("acme", "makes things", "Acme Inc.")
    acme.description = "makes other things"
    acme.commit()
    assert gitea.Organization.request(client, "acme").description == "makes other things"
    assert [one.name for one in client.get_orgs()] == ["acme"]
    assert [one.name for one in alice.get_orgs()] == ["acme"]

    team = client.create_team(acme, "release", "publishes")
    # py-gitea creates teams with a map of units that does not have packages, so they come with a change.
    assert team.units == []
    team.permission = "write"
    team.units = ["repo.packages"]
    team.commit()
    assert {one.name for one in acme.get_teams()} == {"Owners", "release"}
    assert acme.get_team("RELEASE", ignore_case=True).description == "publishes"
    team.add_user(bob)
    assert [one.username for one in team.get_members()] == ["bob"]
    assert {one.username for one in acme.get_members()} == {"alice", "bob"}
    assert [one.name for one in bob.get_teams()] == ["release"]
    # The team's members may publish.
    with_bob = server.http("bob", "long enough 1")
    assert with_bob.put(server.file_url("acme", "tool", "1.0.0", "tool.bin"), data=b"x").status_code == 201
    with pytest.raises(Unprocessable):
        acme.delete()
    team.remove_team_member("bob")
    assert with_bob.put(server.file_url("acme", "tool", "2.0.0", "tool.bin"), data=b"x").status_code == 403
    team.delete()
    assert server.http("admin").delete(server.version_url("acme", "tool", "1.0.0")).status_code == 204
    acme.delete()
    assert client.get_orgs() == []


def bob(project: Path, *arguments: str) -> str:
    """Runs Bob, which must succeed, and returns what it printed."""
    program = Path(sys.executable).with_name("bob")
    done = subprocess.run(
        [str(program), *arguments],
        cwd=project,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        # Bob looks for its other programs on the path.
        env=clean_environment(PATH=f"{program.parent}:{os.environ['PATH']}"),
        timeout=180,
    )
    assert done.returncode == 0, f"bob {' '.join(arguments)}\n{done.stdout[-3000:]}{done.stderr[-3000:]}"
    return done.stdout + done.stderr


def make_project(folder: Path, server: GranaryServer, token: str) -> Path:
    """A package whose build leaves a mark, with the registry as the archive of artifacts."""
    (folder / "recipes").mkdir(parents=True)
    (folder / "config.yaml").write_text('bobMinimumVersion: "1.0"\n')
    (folder / "default.yaml").write_text(
        f"""archive:
  name: granary
  backend: gitea
  url: "{server.url.replace('http://', f'http://robot:{token}@')}"
  owner: robot
  package: bob
  flags: [download, upload, managed]
"""
    )
    (folder / "recipes" / "hello.yaml").write_text(
        """root: True
checkoutDeterministic: True
checkoutScript: |
    echo source > source.txt
buildScript: |
    cp "$1/source.txt" built.txt
packageScript: |
    cp "$1/built.txt" result.txt
"""
    )
    return folder


def test_bob_keeps_its_artifacts(make_server_on_each: ServerFactory, tmp_path: Path) -> None:
    server = make_server_on_each(options=CURRENT).start()
    server.create_user("robot", "--visibility", "private")
    token = server.create_token("robot", "write:package")
    first = make_project(tmp_path / "first", server, token)
    bob(first, "build", "--upload", "hello")
    session = server.http("robot")
    found = session.get(f"{server.url}/api/v1/packages/robot/generic/bob").json()
    assert len(found) >= 1
    files = session.get(f"{server.url}/api/v1/packages/robot/generic/bob/{found[0]['version']}/files").json()
    assert files and all(len(one["sha256"]) == 64 and one["Size"] == one["size"] > 0 for one in files)

    # Another checkout takes the artifact instead of building it.
    second = make_project(tmp_path / "second", server, token)
    bob(second, "build", "--download", "forced", "hello")
    results = list(second.rglob("result.txt"))
    assert [path.read_text() for path in results] == ["source\n"]
    assert not list(second.rglob("built.txt")), "Bob was to download, not to build"

    # Bob reads its archive through the management interface, and cleans it up.
    assert "hello" in bob(first, "archive", "scan", "-v") + bob(first, "archive", "find", 'meta.package == "hello"') \
        or bob(first, "archive", "find", 'meta.recipe == "hello"')
    bob(first, "archive", "clean", 'meta.recipe == "something else"')
    left = session.get(f"{server.url}/api/v1/packages/robot?type=generic").json()
    for version in {one["version"] for one in left}:
        files = session.get(f"{server.url}/api/v1/packages/robot/generic/bob/{version}/files").json()
        assert not [one for one in files if one["name"].endswith(".tgz")], "the artifact was to be cleaned up"

# SPDX-License-Identifier: Apache-2.0
"""A token for public owners only, and what the number of an upload tells; every route is asked by the Swift tests."""

from __future__ import annotations

import json

import pytest

from granary_server import GranaryServer
from resumable import Upload


@pytest.fixture
def world(server: GranaryServer) -> GranaryServer:
    server.create_user("pia")
    server.create_user("pete", "--visibility", "private")
    for name, visibility in [("open-org", "public"), ("vault", "private")]:
        server.admin("org", "create", name, "--owner", "pia", "--visibility", visibility)
    return server


def call(server: GranaryServer, token: str, method: str, path: str, body: object = None, **headers: str):
    data = None if body is None else json.dumps(body)
    return server.http().request(method, server.url + path, data=data, timeout=60,
                                 headers={"Authorization": f"token {token}"} | headers)


def test_teams_of_private_organizations_are_not_shown(world: GranaryServer) -> None:
    token = world.create_token("pia", "all", "public-only")
    teams = call(world, token, "GET", "/api/v1/user/teams")
    assert [team["organization"]["username"] for team in teams.json()] == ["open-org"]
    assert teams.headers["X-Total-Count"] == "1"


def test_an_administrator_does_not_act_as_a_private_user(world: GranaryServer) -> None:
    token = world.create_token("admin", "all", "public-only")
    assert call(world, token, "GET", "/api/v1/user", Sudo="pia").status_code == 200
    assert call(world, token, "GET", "/api/v1/user", Sudo="pete").status_code == 403
    changed = call(world, token, "PATCH", "/api/v1/user/settings", {"full_name": "taken"}, Sudo="pete")
    assert changed.status_code == 403
    full = world.create_token("admin", "all", name="full")
    assert call(world, full, "GET", "/api/v1/users/pete").json()["full_name"] == ""


def test_no_private_organization_is_made(world: GranaryServer) -> None:
    token = world.create_token("pia", "all", "public-only")
    for visibility, status in [("private", 403), ("limited", 403), ("public", 201)]:
        made = call(world, token, "POST", "/api/v1/orgs", {"username": f"{visibility}-org", "visibility": visibility})
        assert made.status_code == status, made.text
    hidden = call(world, token, "PATCH", "/api/v1/orgs/open-org", {"visibility": "private"})
    assert hidden.status_code == 403


def test_the_number_of_an_upload_does_not_name_its_owner(world: GranaryServer) -> None:
    world.create_user("stranger")
    token = world.create_token("stranger", "all")
    upload = Upload.begin(world, 5, owner="vault")
    hidden = call(world, token, "GET", upload.path)
    absent = call(world, token, "GET", "/api/granary/v1/uploads/" + "0" * 32)
    assert (hidden.status_code, hidden.text) == (absent.status_code, absent.text) == (404, absent.text)
    assert "vault" not in hidden.text

# SPDX-License-Identifier: Apache-2.0
"""Authorization holds when a slow body ends, and a request changes the owner it was authorized for, even after a rename."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from granary_server import ADMIN_PASSWORD, USER_PASSWORD, GranaryServer
from raw_http import Answer, RawConnection, basic, head

JSON = {"Content-Type": "application/json"}


class SlowRequest:
    """A request whose body waits before its last bytes until the test lets it go on."""

    def __init__(self, server: GranaryServer, method: str, path: str, authorization: str, body: bytes,
                 headers: dict[str, str] | None = None) -> None:
        self.connection = RawConnection(server.url)
        self.rest = body
        fields = {"Authorization": authorization, "Content-Length": str(len(body)), "Expect": "100-continue"}
        self.connection.send(head(method, path, fields | (headers or {})))
        # It is asked for when the handler has decided everything that can be decided without it.
        self.answer = None if self.connection.is_asked_for_body() else self.connection.receive(method)

    def finish(self) -> Answer:
        if self.answer is None:
            self.connection.send(self.rest)
            self.answer = self.connection.receive()
        return self.answer


@contextmanager
def slow(server: GranaryServer, method: str, path: str, who: str, body: object, **options) -> Iterator[SlowRequest]:
    password = ADMIN_PASSWORD if who == "admin" else USER_PASSWORD
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    headers = options.pop("headers", {} if isinstance(body, bytes) else JSON)
    request = SlowRequest(server, method, path, options.pop("authorization", basic(who, password)), data, headers)
    assert request.answer is None, f"{request.answer.status} {request.answer.text}"
    with request.connection:
        yield request


def call(server: GranaryServer, who: str, method: str, path: str, body: object = None):
    url = server.url + path
    return server.http(who).request(method, url, data=None if body is None else json.dumps(body), timeout=60)


def management(server: GranaryServer, who: str, method: str, path: str, body: object = None) -> dict | list:
    answer = call(server, who, method, "/api/v1" + path, body)
    assert answer.ok, f"{who} {method} {path}: {answer.status_code} {answer.text}"
    return answer.json() if answer.content else {}


# Names that change hands

#: What is sent slowly: who asks, the method, the path and the body. `mine` is an organization of mallory's, `carol` a user.
ON_ORGANIZATION = {
    "edit": ("mallory", "PATCH", "/api/v1/orgs/mine", {"visibility": "public", "description": "taken"}),
    "rename": ("mallory", "POST", "/api/v1/orgs/mine/rename", {"new_name": "stolen"}),
    "team": ("mallory", "POST", "/api/v1/orgs/mine/teams", {"name": "intruders", "permission": "write",
                                                            "units": ["repo.packages"]}),
    "contract": ("mallory", "PATCH", "/api/granary/v1/owners/mine", {"contract": "current"}),
}
ON_USER = {
    "token": ("admin", "POST", "/api/v1/users/carol/tokens", {"name": "stolen", "scopes": ["all"]}),
    "edit": ("admin", "PATCH", "/api/v1/admin/users/carol", {"full_name": "taken", "login_name": "carol",
                                                             "source_id": 0, "restricted": True}),
    "rename": ("admin", "POST", "/api/v1/admin/users/carol/rename", {"new_username": "stolen"}),
    "organization": ("admin", "POST", "/api/v1/admin/users/carol/orgs", {"username": "carols"}),
    "contract": ("admin", "PATCH", "/api/granary/v1/owners/carol", {"contract": "current"}),
}


def state(server: GranaryServer, name: str) -> dict:
    """What an owner is, as an administrator sees it."""
    owner = call(server, "admin", "GET", f"/api/granary/v1/owners/{name}").json()
    user = management(server, "admin", "GET", f"/users/{name}")
    is_organization = owner["kind"] == "organization"
    return {
        "owner": owner,
        "user": {key: user[key] for key in ["id", "login", "full_name", "visibility", "restricted"] if key in user},
        "organization": management(server, "admin", "GET", f"/orgs/{name}") if is_organization else None,
        "teams": [team["name"] for team in management(server, "admin", "GET", f"/orgs/{name}/teams")]
        if is_organization else management(server, "admin", "GET", f"/users/{name}/tokens"),
        "organizations": None if is_organization else management(server, "admin", "GET", f"/users/{name}/orgs"),
    }


def rename_away(server: GranaryServer, name: str, is_organization: bool) -> None:
    if is_organization:
        management(server, "mallory", "POST", f"/orgs/{name}/rename", {"new_name": "former"})
    else:
        management(server, "admin", "POST", f"/admin/users/{name}/rename", {"new_username": "former"})


def delete(server: GranaryServer, name: str, is_organization: bool) -> None:
    if is_organization:
        management(server, "mallory", "DELETE", f"/orgs/{name}")
    else:
        management(server, "admin", "DELETE", f"/admin/users/{name}")


@pytest.mark.parametrize("leave", [rename_away, delete])
@pytest.mark.parametrize("what", [("mine", name) for name in ON_ORGANIZATION] + [("carol", name) for name in ON_USER],
                         ids=lambda what: f"{what[0]}-{what[1]}")
def test_a_name_that_changes_hands_during_a_slow_body_is_not_changed_for_its_new_owner(
    server: GranaryServer, what: tuple[str, str], leave: Callable[..., None]
) -> None:
    name, action = what
    is_organization = name == "mine"
    for user in ["mallory", "victim", "carol"]:
        server.create_user(user)
    if is_organization:
        management(server, "mallory", "POST", "/orgs", {"username": "mine", "visibility": "private"})
    who, method, path, body = (ON_ORGANIZATION if is_organization else ON_USER)[action]
    with slow(server, method, path, who, body) as request:
        leave(server, name, is_organization)
        if is_organization:
            management(server, "victim", "POST", "/orgs", {"username": "mine", "visibility": "private"})
        else:
            server.create_user("carol2")
            management(server, "admin", "POST", "/admin/users/carol2/rename", {"new_username": "carol"})
        before = state(server, name)
        answer = request.finish()
    assert state(server, name) == before, f"{answer.status} {answer.text}"
    # Who was meant is changed when it is still there.
    assert (answer.status < 300) == (leave is rename_away), f"{answer.status} {answer.text}"


def test_settings_that_come_slowly_are_those_of_the_account_that_signed_in(server: GranaryServer) -> None:
    for user in ["mallory", "victim"]:
        server.create_user(user)
    with slow(server, "PATCH", "/api/v1/user/settings", "mallory", {"full_name": "taken"}) as request:
        management(server, "admin", "POST", "/admin/users/mallory/rename", {"new_username": "former"})
        management(server, "admin", "POST", "/admin/users/victim/rename", {"new_username": "mallory"})
        request.finish()
    assert management(server, "admin", "GET", "/users/mallory")["full_name"] == ""


def test_an_organization_that_comes_slowly_is_that_of_the_account_that_signed_in(server: GranaryServer) -> None:
    for user in ["mallory", "victim"]:
        server.create_user(user)
    with slow(server, "POST", "/api/v1/orgs", "mallory", {"username": "acme"}) as request:
        management(server, "admin", "POST", "/admin/users/mallory/rename", {"new_username": "former"})
        management(server, "admin", "POST", "/admin/users/victim/rename", {"new_username": "mallory"})
        request.finish()
    assert management(server, "admin", "GET", "/users/mallory/orgs") == []


# Rights that end


def test_an_administrator_who_is_one_no_longer_creates_no_user(server: GranaryServer) -> None:
    server.create_user("second", "--admin")
    body = {"username": "intruder", "email": "intruder@example.org", "password": "long enough"}
    with slow(server, "POST", "/api/v1/admin/users", "second", body) as request:
        server.admin("user", "update", "second", "--no-admin")
        answer = request.finish()
    assert answer.status == 403, answer.text
    assert "intruder" not in server.admin("user", "list")


def leave_organization(server: GranaryServer) -> None:
    server.admin("team", "add", "acme", "Owners", "founder")
    server.admin("team", "remove", "acme", "Owners", "mallory")


ENDS: dict[str, Callable[[GranaryServer], object]] = {
    "deactivated": lambda server: server.admin("user", "update", "mallory", "--inactive"),
    "prohibited": lambda server: server.admin("user", "update", "mallory", "--login-prohibited"),
    "left": leave_organization,
}
SLOW_CHANGES = {
    "edit": ("PATCH", "/api/v1/orgs/acme", {"visibility": "public", "description": "taken"}),
    "rename": ("POST", "/api/v1/orgs/acme/rename", {"new_name": "stolen"}),
    "team": ("POST", "/api/v1/orgs/acme/teams", {"name": "intruders", "permission": "write",
                                                 "units": ["repo.packages"]}),
    "contract": ("PATCH", "/api/granary/v1/owners/acme", {"contract": "current"}),
    "edit-team": ("PATCH", "/api/v1/teams/{team}", {"name": "renamed"}),
}


@pytest.mark.parametrize("end", ENDS)
@pytest.mark.parametrize("change", SLOW_CHANGES)
def test_a_right_that_ends_during_a_slow_body_is_not_used(server: GranaryServer, change: str, end: str) -> None:
    for user in ["mallory", "founder"]:
        server.create_user(user)
    management(server, "mallory", "POST", "/orgs", {"username": "acme", "visibility": "private"})
    team = management(server, "mallory", "POST", "/orgs/acme/teams", {"name": "crew", "permission": "read",
                                                                      "units": ["repo.packages"]})
    method, path, body = SLOW_CHANGES[change]
    with slow(server, method, path.replace("{team}", str(team["id"])), "mallory", body) as request:
        ENDS[end](server)
        before = state(server, "acme")
        answer = request.finish()
    assert answer.status in (401, 403, 404), f"{answer.status} {answer.text}"
    assert state(server, "acme") == before


PUBLISH_ENDS = ENDS | {
    "token": lambda server: server.admin("token", "delete", "mallory", "--name", "ci"),
    "password": lambda server: server.admin("user", "update", "mallory", "--password-stdin", password="a new password"),
    "team": lambda server: server.admin("team", "remove", "acme", "release", "mallory"),
}


@pytest.mark.parametrize("way", ["plain", "draft", "pieces"])
@pytest.mark.parametrize("end", ["deactivated", "prohibited", "token", "password", "team"])
def test_an_upload_whose_right_ended_is_not_published(make_server_on_each, way: str, end: str) -> None:
    server = make_server_on_each().start()
    for user in ["mallory", "founder"]:
        server.create_user(user)
    server.admin("org", "create", "acme", "--owner", "founder", "--visibility", "private")
    server.admin("team", "create", "acme", "release", "--packages", "write")
    server.admin("team", "add", "acme", "release", "mallory")
    token = server.create_token("mallory", name="ci")
    authorization = basic("mallory", USER_PASSWORD) if end == "password" else f"token {token}"
    version = "/api/granary/v1/packages/acme/tool/1.0.0"
    method, path, headers = "PUT", "/api/packages/acme/generic/tool/1.0.0/a.bin", {}
    if way == "draft":
        path = "/api/granary/v1/releases/acme/tool/1.0.0/a.bin"
    if way == "pieces":
        begun = server.http().post(f"{server.url}/api/granary/v1/uploads/acme/tool/1.0.0/a.bin", timeout=60,
                                   headers={"Authorization": authorization, "Upload-Length": "7",
                                            "Tus-Resumable": "1.0.0"})
        assert begun.status_code == 201, begun.text
        method, path = "PATCH", begun.headers["Location"].removeprefix(server.url)
        headers = {"Upload-Offset": "0", "Tus-Resumable": "1.0.0", "Content-Type": "application/offset+octet-stream"}
    with slow(server, method, path, "mallory", b"content", authorization=authorization, headers=headers) as request:
        PUBLISH_ENDS[end](server)
        answer = request.finish()
    assert answer.status in (401, 403, 404), f"{answer.status} {answer.text}"
    assert server.http("admin").get(server.url + version, timeout=60).status_code == 404
    drafts = server.http("admin").get(server.url + "/api/granary/v1/releases/acme", timeout=60)
    assert drafts.status_code == 200 and drafts.json()["drafts"] == []

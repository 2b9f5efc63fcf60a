# SPDX-License-Identifier: Apache-2.0
"""A registry with every kind of owner and caller, made through the management interface itself."""

from __future__ import annotations

import json
from dataclasses import dataclass, field

import requests

from granary_server import ADMIN_PASSWORD, GranaryServer

PASSWORD = "acceptance-World-3391"
#: Who asks, in the order of the columns of `api_access.txt`.
CALLERS = ["anonymous", "stranger", "restricted", "off", "fresh", "onlooker", "reader", "founder", "admin"]
SCOPES = ["all", "read:package", "write:package", "read:user", "write:user", "read:organization",
          "write:organization", "read:admin", "write:admin", "public-only,all", "read:misc"]


@dataclass
class World:
    """The server, and what the tables refer to by name."""

    server: GranaryServer
    #: A token with all scopes for each user.
    tokens: dict[str, str] = field(default_factory=dict)
    #: Tokens of `founder` and `admin` by name and scopes, `founder/read:package`.
    scoped: dict[str, str] = field(default_factory=dict)
    #: Numbers of teams by organization and name, `acme/build`.
    teams: dict[str, int] = field(default_factory=dict)

    def call(self, caller: str, method: str, path: str, body: object = None) -> requests.Response:
        """Sends one request to `/api/v1`; a text is sent as it is, anything else as JSON."""
        data = body if isinstance(body, str | bytes | None) else json.dumps(body)
        return self.send(caller, method, f"/api/v1{path}", data)

    def send(
        self, caller: str, method: str, path: str, data: str | bytes | None = None,
        headers: dict[str, str] | None = None,
    ) -> requests.Response:
        """Sends one request to any path, which goes over the wire as it is."""
        session = self.server.http()
        if caller in self.scoped:
            session.headers["Authorization"] = "token " + self.scoped[caller]
        elif caller != "anonymous":
            # A token in the place of the password spares the server the cost of a password.
            session.auth = (caller, self.tokens[caller])
        prepared = session.prepare_request(requests.Request(method, self.server.url, data=data, headers=headers))
        prepared.url = self.server.url + self.fill(path)
        return session.send(prepared, timeout=60, allow_redirects=False)

    def fill(self, path: str) -> str:
        """Puts the numbers of teams in the place of `{team:acme/build}`."""
        for name, number in self.teams.items():
            path = path.replace("{team:" + name + "}", str(number))
        return path

    def admin(self, method: str, path: str, body: object = None) -> dict:
        """Sends a request as the administrator, which must succeed."""
        session = self.server.http("admin")
        answer = session.request(method, f"{self.server.url}/api/v1{path}", data=json.dumps(body), timeout=60)
        assert answer.ok, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer.json() if answer.content else {}


def build(server: GranaryServer) -> World:
    """Fills an empty registry."""
    world = World(server)
    people = {"open": "public", "limited": "limited", "closed": "private", "stranger": "public",
              "restricted": "public", "off": "public", "fresh": "public", "onlooker": "public", "reader": "public",
              "writer": "public", "founder": "public"}
    for name, visibility in people.items():
        body = {"username": name, "email": f"{name}@example.org", "password": PASSWORD, "visibility": visibility,
                "full_name": f"{name.title()} Full", "must_change_password": name == "fresh",
                "restricted": name == "restricted"}
        assert world.admin("POST", "/admin/users", body)["login"] == name
        world.tokens[name] = world.admin("POST", f"/users/{name}/tokens", {"name": "all", "scopes": ["all"]})["sha1"]
    world.tokens["admin"] = world.admin("POST", "/users/admin/tokens", {"name": "all", "scopes": ["all"]})["sha1"]
    for owner in ["founder", "admin"]:
        for scopes in SCOPES:
            body = {"name": f"scoped {scopes}", "scopes": scopes.split(",")}
            world.scoped[f"{owner}/{scopes}"] = world.admin("POST", f"/users/{owner}/tokens", body)["sha1"]
    for name, visibility in [("acme", "public"), ("members", "limited"), ("vault", "private")]:
        body = {"username": name, "visibility": visibility, "full_name": f"{name.title()} Inc.",
                "email": f"{name}@example.org", "description": "makes <things>", "website": "https://x.example",
                "location": "Here"}
        assert world.admin("POST", "/admin/users/founder/orgs", body)["username"] == name
        for team, user, packages in [("build", "writer", "write"), ("sales", "reader", "read"),
                                     ("guests", "onlooker", "none")]:
            body = {"name": team, "units_map": {"repo.packages": packages}, "description": f"the {team} team"}
            number = world.admin("POST", f"/orgs/{name}/teams", body)["id"]
            world.admin("PUT", f"/teams/{number}/members/{user}")
            world.teams[f"{name}/{team}"] = number
        owners = world.admin("GET", f"/orgs/{name}/teams/search?q=OWN")["data"]
        world.teams[f"{name}/Owners"] = owners[0]["id"]
    session = server.http("admin", ADMIN_PASSWORD)
    for owner in ["open", "limited", "closed", "acme", "members", "vault"]:
        for version in ["1.0.0-seed", "10.0.0", "9.0.0"]:
            url = server.file_url(owner, "Tool", version, "Tool.bin")
            assert session.put(url, data=b"seed").status_code == 201
    world.admin("PATCH", "/admin/users/off", {"login_name": "", "active": False})
    return world

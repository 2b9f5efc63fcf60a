# SPDX-License-Identifier: Apache-2.0
"""Who may do what: accounts, owners and methods against a real server."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import pytest
import requests

from granary_server import USER_PASSWORD, GranaryServer
from raw_http import Answer, basic, exchange
from waiting import wait_until

pytestmark = pytest.mark.hot_files_off

# Rows: who asks; columns: whose package it is. R may read, W may write too, - may nothing.
OWNERS = ["open", "limited", "closed", "acme", "members", "vault"]
ACCESS = {
    #             open limited closed acme members vault
    "anonymous": "R    -       -      R    -       -",
    "stranger":  "R    R       -      R    R       -",
    "disabled":  "-    -       -      -    -       -",
    "open":      "W    R       -      R    R       -",
    "closed":    "R    R       W      R    R       -",
    "founder":   "R    R       -      W    W       W",
    "writer":    "R    R       -      W    W       W",
    "reader":    "R    R       -      R    R       R",
    "onlooker":  "R    R       -      R    R       R",
    "admin":     "W    W       W      W    W       W",
}
VERSIONS = (f"1.0.{number}" for number in itertools.count())


@pytest.fixture
def populated(server: GranaryServer) -> GranaryServer:
    """A server with the accounts and owners of the table; each owner has a package `tool`."""
    for name, visibility in [("open", "public"), ("limited", "limited"), ("closed", "private")]:
        server.create_user(name, "--visibility", visibility)
    for name in ["stranger", "disabled", "founder", "writer", "reader", "onlooker"]:
        server.create_user(name)
    for name, visibility in [("acme", "public"), ("members", "limited"), ("vault", "private")]:
        server.admin("org", "create", name, "--owner", "founder", "--visibility", visibility)
        for team, user, packages in [("build", "writer", "write"), ("sales", "reader", "read"),
                                     ("guests", "onlooker", "none")]:
            server.admin("team", "create", name, team, "--packages", packages)
            server.admin("team", "add", name, team, user)
    for owner in OWNERS:
        put = server.http("admin").put(server.file_url(owner, "tool", "1.0.0-seed", "tool.bin"), data=b"seed")
        assert put.status_code == 201, f"{owner}: {put.text}"
    server.admin("user", "update", "disabled", "--inactive")
    return server


def cells() -> Iterator[tuple[str, str, str]]:
    for who, row in ACCESS.items():
        for owner, cell in zip(OWNERS, row.split(), strict=True):
            yield who, owner, cell


def session_of(server: GranaryServer, who: str) -> requests.Session:
    return server.http(None if who == "anonymous" else who)


def observed(server: GranaryServer, who: str, owner: str) -> dict[str, int]:
    """The statuses of every method on a file that exists, and of a GET of one that does not."""
    session = session_of(server, who)
    seed = server.file_url(owner, "tool", "1.0.0-seed", "tool.bin")
    fresh = server.file_url(owner, "tool", next(VERSIONS), "tool.bin")
    put = session.put(fresh, data=b"fresh").status_code
    return {
        "GET": session.get(seed).status_code,
        "HEAD": session.head(seed).status_code,
        "GET absent": session.get(server.file_url(owner, "absent", "1.0.0", "tool.bin")).status_code,
        "list": session.get(f"{server.url}/api/granary/v1/packages/{owner}").status_code,
        "PUT": put,
        # Only who could publish has something of its own to delete; the others try the seed.
        "DELETE": session.delete(fresh if put == 201 else seed).status_code,
    }


def expected(who: str, cell: str) -> dict[str, int]:
    if who == "disabled" or (who == "anonymous" and cell == "-"):
        return dict.fromkeys(["GET", "HEAD", "GET absent", "list", "PUT", "DELETE"], 401)
    if cell == "-":
        return dict.fromkeys(["GET", "HEAD", "GET absent", "list", "PUT", "DELETE"], 404)
    reading = {"GET": 200, "HEAD": 200, "GET absent": 404, "list": 200}
    if cell == "W":
        return reading | {"PUT": 201, "DELETE": 204}
    refusal = 401 if who == "anonymous" else 403
    return reading | {"PUT": refusal, "DELETE": refusal}


def test_the_access_table(populated: GranaryServer) -> None:
    problems = []
    for who, owner, cell in cells():
        seen = observed(populated, who, owner)
        if seen != expected(who, cell):
            problems.append(f"{who} on {owner} ({cell}): {seen}, expected {expected(who, cell)}")
    assert not problems, "\n".join(problems)
    for owner in OWNERS:
        seed = populated.http("admin").get(populated.file_url(owner, "tool", "1.0.0-seed", "tool.bin"))
        assert seed.content == b"seed", "a refused DELETE deleted"


def test_a_private_owner_looks_like_an_absent_one(populated: GranaryServer) -> None:
    def answer(method: str, owner: str, headers: dict[str, str], path: str) -> tuple[int, dict[str, str], bytes]:
        got: Answer = exchange(populated.url, method, path.format(owner=owner), headers | {"Content-Length": "0"})
        kept = {name: value for name, value in got.headers.items() if name not in ("date", "x-request-id")}
        return got.status, kept, got.body.replace(owner.encode(), b"OWNER")

    identities = [{}, {"Authorization": basic("stranger", USER_PASSWORD)}]
    version = "/api/packages/{owner}/generic/tool/1.0.0-seed"
    file = version + "/tool.bin"
    lists = "/api/granary/v1/packages/{owner}"
    for headers in identities:
        for method, path in [("GET", file), ("HEAD", file), ("PUT", file), ("DELETE", file), ("DELETE", version),
                             ("GET", lists), ("GET", lists + "/tool"), ("GET", lists + "/tool/1.0.0-seed")]:
            closed, absent = (answer(method, owner, headers, path) for owner in ("closed", "nobody"))
            assert closed == absent, f"{method} {path} tells a private owner from an absent one"


def test_a_refusal_of_credentials_carries_a_challenge(populated: GranaryServer) -> None:
    url = populated.file_url("open", "tool", "1.0.0-seed", "tool.bin")
    absent_token = "grn_" + "0" * 64
    wrong = [
        basic("stranger", "wrong password"),
        basic("nobody", USER_PASSWORD),
        basic("disabled", USER_PASSWORD),
        basic("stranger", ""),
        basic("stranger", absent_token),
        f"Bearer {absent_token}",
        f"token {absent_token}",
        "Basic not*base64",
        "Negotiate abc",
    ]
    for value in wrong:
        answer = populated.http().get(url, headers={"Authorization": value}, auth=no_auth)
        assert answer.status_code == 401, f"{value}: {answer.status_code}"
        assert answer.headers["WWW-Authenticate"] == 'Basic realm="Granary", charset="UTF-8"', value
        assert len(answer.text) > 10 and value not in answer.text
    anonymous = populated.http().put(populated.file_url("open", "tool", "2.0.0", "tool.bin"), data=b"x")
    assert (anonymous.status_code, anonymous.headers["WWW-Authenticate"]) == (401, 'Basic realm="Granary", charset="UTF-8"')


def no_auth(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """Keeps the Authorization header as the test gave it."""
    return request


def test_scopes_narrow_a_token(populated: GranaryServer) -> None:
    tokens = {
        "read:package": populated.create_token("closed", "read:package", name="reading"),
        "write:package": populated.create_token("closed", "write:package", name="writing"),
        "all": populated.create_token("closed", "all", name="everything"),
    }
    seed = populated.file_url("closed", "tool", "1.0.0-seed", "tool.bin")
    for scope, token in tokens.items():
        session = populated.http()
        session.headers["Authorization"] = f"Bearer {token}"
        assert session.get(seed).content == b"seed", scope
        put = session.put(populated.file_url("closed", "tool", next(VERSIONS), "tool.bin"), data=b"x")
        if scope == "read:package":
            assert put.status_code == 403
            assert "write:package" in put.text, "the text is to name the missing scope"
            assert session.delete(seed).status_code == 403
            # A token reaches nothing that its account may not, and learns nothing about it.
            assert session.put(populated.file_url("vault", "tool", "1.0.0", "t"), data=b"x").status_code == 404
        else:
            assert put.status_code == 201, f"{scope}: {put.text}"
    assert populated.http("admin").get(seed).status_code == 200
    unknown = populated.run_admin("token", "create", "closed", "--name", "odd", "--scope", "write:everything")
    assert unknown.returncode != 0 and "write:everything" in unknown.stderr


def test_reading_is_not_writing_and_the_text_says_so(populated: GranaryServer) -> None:
    put = populated.http("reader").put(populated.file_url("acme", "tool", "9.0.0", "tool.bin"), data=b"x")
    assert put.status_code == 403
    assert "acme" in put.text or "write" in put.text, f"the text is to name what is missing: {put.text}"


def test_an_expired_token_is_refused_although_it_was_used_before(populated: GranaryServer) -> None:
    token = populated.create_token("closed", "read:package", name="short", expires="4s")
    session = populated.token_session(token)
    seed = populated.file_url("closed", "tool", "1.0.0-seed", "tool.bin")
    assert session.get(seed).status_code == 200
    wait_until(lambda: session.get(seed).status_code == 401, "the token expires", seconds=20)
    lasting = populated.create_token("closed", "read:package", name="long", expires="30d")
    session.headers["Authorization"] = f"token {lasting}"
    assert session.get(seed).status_code == 200


def test_disabling_an_account_works_at_once_and_can_be_undone(populated: GranaryServer) -> None:
    token = populated.create_token("closed", "write:package", name="robot")
    seed = populated.file_url("closed", "tool", "1.0.0-seed", "tool.bin")
    with_token = populated.http()
    with_token.headers["Authorization"] = f"Bearer {token}"
    sessions = [populated.http("closed"), with_token]
    assert [session.get(seed).status_code for session in sessions] == [200, 200]
    populated.admin("user", "update", "closed", "--inactive")
    assert [session.get(seed).status_code for session in sessions] == [401, 401]
    populated.admin("user", "update", "closed", "--active")
    assert [session.get(seed).status_code for session in sessions] == [200, 200]


def test_a_disabled_administrator_may_nothing(populated: GranaryServer) -> None:
    populated.create_user("second", "--admin")
    url = populated.file_url("closed", "tool", "1.0.0-seed", "tool.bin")
    assert populated.http("second").get(url).status_code == 200
    populated.admin("user", "update", "second", "--inactive")
    assert populated.http("second").get(url).status_code == 401


def test_changing_password_team_and_visibility_works_at_once(populated: GranaryServer) -> None:
    seed = populated.file_url("closed", "tool", "1.0.0-seed", "tool.bin")
    assert populated.http("closed").get(seed).status_code == 200
    populated.admin("user", "update", "closed", "--password-stdin", password="another-Password-99")
    assert populated.http("closed").get(seed).status_code == 401
    assert populated.http("closed", "another-Password-99").get(seed).status_code == 200

    vault = populated.file_url("vault", "tool", "1.0.0-seed", "tool.bin")
    assert populated.http("reader").get(vault).status_code == 200
    populated.admin("team", "remove", "vault", "sales", "reader")
    assert populated.http("reader").get(vault).status_code == 404

    assert populated.http().get(seed).status_code == 401
    populated.admin("user", "update", "closed", "--visibility", "public")
    assert populated.http().get(seed).status_code == 200
    populated.admin("user", "update", "closed", "--visibility", "private")
    assert populated.http().get(seed).status_code == 401

# SPDX-License-Identifier: Apache-2.0
"""The management interface by its tables: who gets which status, and what answers look like, over real sockets."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
import requests

from api_world import CALLERS, SCOPES, World, build
from granary_server import ADMIN_PASSWORD
from server_fixtures import EACH_ENGINE, EngineServers
from tables import rows

pytestmark = pytest.mark.scale_out

SHAPES = {
    "USER": "id,login,login_name,source_id,full_name,email,avatar_url,html_url,language,is_admin,last_login,created,"
            "restricted,active,prohibit_login,location,website,description,visibility,followers_count,"
            "following_count,starred_repos_count,username",
    "ORG": "id,name,full_name,email,avatar_url,description,website,location,visibility,"
           "repo_admin_change_team_access,username",
    "TEAM": "id,name,description,organization,includes_all_repositories,permission,units,units_map,"
            "can_create_org_repo,visibility",
    "PACKAGE": "id,owner,repository,creator,type,name,version,html_url,created_at",
    "FILE": "id,Size,size,name,md5,sha1,sha256,sha512",
    "TOKEN": "id,name,sha1,token_last_eight,scopes,created_at,last_used_at",
    "SETTINGS": "full_name,website,description,location,language,theme,diff_view_style,hide_email,hide_activity",
}


@pytest.fixture(scope="module", params=EACH_ENGINE)
def world(module_servers: EngineServers, request: pytest.FixtureRequest) -> Iterator[World]:
    server = module_servers(request.param).start()
    yield build(server)
    assert server.stop() == 0
    assert "error granary" not in server.stderr(), server.log_tail()
    # A credential is never written.
    assert ADMIN_PASSWORD not in server.log_tail() and "grn_" not in server.log_tail()


def test_who_gets_which_status(world: World) -> None:
    problems = []
    for line in rows("api_access.txt"):
        words = line.split()
        body = words.pop(2) if words[2].startswith("{") else None
        method, path, expected = words[0], words[1], words[2:]
        assert len(expected) == len(CALLERS), line
        for caller, status in zip(CALLERS, expected, strict=True):
            if status != "-":
                problems += check_status(world, caller, method, path, body, int(status))
    assert not problems, "\n".join(problems)


def test_what_the_scopes_of_a_token_allow(world: World) -> None:
    problems = []
    for line in rows("api_scopes.txt"):
        words = line.split()
        body = words.pop(3) if words[3].startswith("{") else None
        owner, method, path, expected = words[0], words[1], words[2], words[3:]
        assert len(expected) == len(SCOPES), line
        for scopes, status in zip(SCOPES, expected, strict=True):
            problems += check_status(world, f"{owner}/{scopes}", method, path, body, int(status))
    assert not problems, "\n".join(problems)


def test_what_answers_look_like(world: World) -> None:
    problems = []
    for line in rows("api_cases.txt"):
        caller, request, body, status, shape, headers = (line.split(" | ") + [""])[:6]
        method, path = request.split(" ")
        answer = world.call(caller, method, path, None if body == "-" else body.encode())
        if answer.status_code != int(status):
            problems.append(f"{line}\n    is {answer.status_code} {answer.text[:300]}")
            continue
        problems += [f"{line}\n    {problem}" for problem in differences(answer, shape, headers)]
    assert not problems, "\n".join(problems)


def test_hostile_bodies_end_in_a_refusal(world: World) -> None:
    """Whatever stands in a member, a request that changes something ends in an answer of the 2xx or 4xx kind."""
    names = ["username", "email", "full_name", "description", "website", "location", "visibility", "password", "name",
             "login_name", "new_name", "new_username", "permission", "units", "units_map", "scopes", "hide_email"]
    values = [None, 1, 1.5, -1e300, [], [None], {}, {"repo.packages": None}, "\0", "\u202e", "x" * 70_000, "\ud800"]
    requests_to_try = ["POST /admin/users", "PATCH /admin/users/open", "POST /admin/users/open/rename", "POST /orgs",
                       "PATCH /orgs/acme", "POST /orgs/acme/rename", "POST /orgs/acme/teams",
                       "PATCH /teams/{team:acme/guests}", "POST /users/founder/tokens", "PATCH /user/settings"]
    problems = []
    for request in requests_to_try:
        method, path = request.split(" ")
        for name in names:
            for value in values:
                valid = {"username": "zoe", "email": "zoe@example.org", "login_name": "", "name": "x"}
                answer = world.call("admin", method, path, json.dumps(valid | {name: value}))
                if not 200 <= answer.status_code < 500 or answer.status_code == 429:
                    problems.append(f"{request} {name}={str(value)[:20]!r}: {answer.status_code} {answer.text[:200]}")
    assert not problems, "\n".join(problems)


def check_status(world: World, caller: str, method: str, path: str, body: str | None, status: int) -> list[str]:
    """Sends the request, and a GET as HEAD, too; refusals must have the form of all refusals."""
    answer = world.call(caller, method, path, body)
    problems = []
    if answer.status_code != status:
        problems.append(f"{caller}: {method} {path}: {answer.status_code}, expected {status}: {answer.text[:200]}")
    if answer.status_code >= 400:
        problems += [f"{caller}: {method} {path}: {problem}" for problem in differences(answer, "{message,url}", "")]
    if answer.status_code == 401 and "WWW-Authenticate" not in answer.headers:
        problems.append(f"{caller}: {method} {path}: a 401 without a challenge")
    if method == "GET":
        head = world.call(caller, "HEAD", path)
        same = ["Content-Type", "Content-Length", "X-Total-Count", "Link", "Cache-Control", "WWW-Authenticate"]
        kept = [(name, answer.headers.get(name), head.headers.get(name)) for name in same]
        if head.status_code != answer.status_code or head.content:
            problems.append(f"{caller}: HEAD {path}: {head.status_code}, GET is {answer.status_code}")
        problems += [f"{caller}: HEAD {path}: {name}: {bare}, GET has {full}" for name, full, bare in kept
                     if full != bare]
    return problems


def differences(answer: requests.Response, shape: str, headers: str) -> list[str]:
    """What is wrong with an answer."""
    problems = []
    for header in filter(None, headers.split("; ")):
        name, _, value = header.partition(": ")
        if not answer.headers.get(name, "").startswith(value):
            problems.append(f"{name} is {answer.headers.get(name)!r}")
    if shape == "-":
        return problems + ([f"the body is {answer.text[:200]!r}"] if answer.content else [])
    if answer.headers["Content-Type"] != "application/json;charset=utf-8" or not answer.text.endswith("}\n") \
            and not answer.text.endswith("]\n"):
        problems.append(f"not Gitea's JSON: {answer.headers['Content-Type']} {answer.text[-20:]!r}")
    value = json.loads(answer.text)
    if shape.startswith("~"):
        if list(value) != ["message", "url"] or shape[2:] not in value["message"]:
            problems.append(f"the refusal is {value}")
        return problems
    if shape == "[]":
        return problems + ([f"the list is {answer.text[:200]}"] if value != [] else [])
    if shape.startswith("["):
        if not value:
            problems.append("the list is empty")
        return problems + [problem for one in value for problem in members(one, shape[1:-1])][:3]
    return problems + members(value, shape)


def members(value: dict, shape: str) -> list[str]:
    """What is wrong with the members of an object: their order, and the values that the shape has."""
    expected = SHAPES.get(shape, shape.strip("{}")).split(",")
    names = [member.partition(": ")[0] for member in expected]
    if names[-1] == "*":
        names = names[:-1]
        problems = [] if list(value)[:len(names)] == names else [f"its members are {list(value)}"]
    else:
        problems = [] if list(value) == names else [f"its members are {list(value)}"]
    for member in expected:
        name, _, wanted = member.partition(": ")
        if wanted and str(value.get(name)) != wanted:
            problems.append(f"{name} is {value.get(name)!r}")
    return problems

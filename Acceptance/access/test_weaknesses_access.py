# SPDX-License-Identifier: Apache-2.0
"""Weaknesses that registries of this kind are known for, in access, lists and names: each is shown to be absent."""

from __future__ import annotations

import hashlib
import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit

import pytest
import requests

from engines import Engines, Pair, PrivatePostgres, database_name, private_postgres
from granary_server import CURRENT, USER_PASSWORD, GranaryServer
from raw_http import basic, exchange
from server_fixtures import ServerFactory
from statements import Statements


def api(server: GranaryServer, method: str, path: str, body: object = None, user: str = "admin") -> requests.Response:
    return server.http(user).request(method, f"{server.url}/api/v1{path}", json=body, timeout=60, allow_redirects=False)


def test_w02_no_header_widens_a_token(server: GranaryServer) -> None:
    """A token that may nothing with packages publishes when it comes in another header or as a password."""
    server.create_user("robot")
    weak = server.create_token("robot", "read:misc", name="weak")
    reader = server.create_token("robot", "read:package", name="reader")
    url = server.file_url("robot", "tool", "1.0.0", "tool.bin")
    assert server.http("robot").put(url, data=b"x").status_code == 201
    fresh = server.file_url("robot", "tool", "2.0.0", "tool.bin")
    for token, status in [(weak, 403), (reader, 403)]:
        for headers in [{"Authorization": f"token {token}"}, {"Authorization": f"Bearer {token}"},
                        {"Authorization": basic("robot", token)}, {"Authorization": basic(token, "x-oauth-basic")},
                        {"Authorization": basic(token, "")}]:
            assert server.http().put(fresh, data=b"x", headers=headers).status_code == status, headers
            assert server.http().delete(url, headers=headers).status_code == status, headers
    strong = server.create_token("robot", "write:package", name="strong")
    for headers in [{"X-NuGet-ApiKey": strong}, {"X-Api-Key": strong}, {"PRIVATE-TOKEN": strong}, {"Cookie": strong}]:
        assert server.http().put(fresh, data=b"x", headers=headers).status_code == 401, headers
    for query in [f"?token={strong}", f"?access_token={strong}"]:
        assert server.http().put(fresh + query, data=b"x").status_code == 401
    assert server.http().get(url).content == b"x"


def test_w13_a_team_writes_packages_only_by_its_unit(server: GranaryServer) -> None:
    """A team without a permission on packages publishes because it may write something else."""
    server.create_user("founder")
    server.admin("org", "create", "acme", "--owner", "founder")
    teams = {
        "coders": {"permission": "write", "units": ["repo.code"]},
        "mixed": {"units_map": {"repo.code": "write", "repo.issues": "write", "repo.packages": "none"}},
        "readers": {"units_map": {"repo.code": "admin", "repo.packages": "read"}},
        "packers": {"units_map": {"repo.code": "read", "repo.packages": "write"}},
    }
    for team, body in teams.items():
        server.create_user(f"in-{team}")
        answer = api(server, "POST", "/orgs/acme/teams", {"name": team} | body)
        assert answer.status_code == 201, answer.text
        assert api(server, "PUT", f"/teams/{answer.json()['id']}/members/in-{team}").status_code == 204
    for team in teams:
        url = server.file_url("acme", team, "1.0.0", "tool.bin")
        status = server.http(f"in-{team}").put(url, data=b"x").status_code
        assert status == (201 if team == "packers" else 403), team


def test_w14_a_token_makes_no_stronger_token(server: GranaryServer) -> None:
    """A token in the place of a password makes a token that may everything."""
    server.create_user("robot")
    token = server.create_token("robot", "write:user", name="given")
    url = f"{server.url}/api/v1/users/robot/tokens"
    for scopes in [["all"], ["write:package"], ["write:user", "read:package"], ["write:admin"]]:
        for given in [("robot", token), (token, "x-oauth-basic")]:
            answer = server.http().post(url, json={"name": "stronger", "scopes": scopes}, auth=given)
            assert answer.status_code in (401, 403), (scopes, answer.text)
    names = [one["name"] for one in server.http("robot").get(url).json()]
    assert names == ["given"]
    assert server.http("robot").post(url, json={"name": "own", "scopes": ["all"]}).status_code == 201


def test_w15_visibility_goes_both_ways_and_a_change_changes_nothing_else(server: GranaryServer) -> None:
    """A private owner cannot be made public again, and what a change does not name is emptied."""
    server.create_user("robot", "--visibility", "private")
    body = {"username": "acme", "visibility": "private", "full_name": "Acme Inc.", "description": "makes things",
            "website": "https://acme.example", "location": "Here"}
    assert api(server, "POST", "/orgs", body).status_code == 201
    for path, change, public in [("/orgs/acme", {}, "/orgs/acme"),
                                 ("/admin/users/robot", {"login_name": "robot"}, "/users/robot")]:
        anonymous = f"{server.url}/api/v1{public}"
        assert server.http().get(anonymous).status_code == 401
        for visibility, status in [("public", 200), ("limited", 401), ("private", 401), ("public", 200)]:
            assert api(server, "PATCH", path, change | {"visibility": visibility}).json()["visibility"] == visibility
            assert server.http().get(anonymous).status_code == status, visibility
    kept = api(server, "GET", "/orgs/acme").json()
    assert {name: kept[name] for name in body} == body | {"visibility": "public"}


def test_w16_a_disabled_administrator_has_no_access(server: GranaryServer) -> None:
    """Administrators keep their access to packages when they are deactivated or may not sign in."""
    server.create_user("boss", "--admin")
    server.create_user("closed", "--visibility", "private")
    token = server.create_token("boss", "all")
    url = server.file_url("closed", "tool", "1.0.0", "tool.bin")
    assert server.http("boss").put(url, data=b"x").status_code == 201
    for off, on in [({"active": False}, {"active": True}), ({"prohibit_login": True}, {"prohibit_login": False})]:
        for change, status in [(off, 401), (on, 200)]:
            assert api(server, "PATCH", "/admin/users/boss", {"login_name": "boss"} | change).status_code == 200
            for session in [server.http("boss"), server.token_session(token)]:
                assert session.get(url).status_code == status, change
                assert session.get(f"{server.url}/api/v1/user").status_code == status, change
                other = server.file_url("closed", "other", "1.0.0", "tool.bin")
                if status == 401:
                    assert session.put(other, data=b"x").status_code == 401, change
                    assert session.delete(url).status_code == 401, change


def test_w20_refusals_say_what_is_wrong(server: GranaryServer) -> None:
    """Who may not write is told to sign in, and the body of a refusal is the name of a function or empty."""
    server.create_user("reader")
    session = server.http("reader")
    url = server.file_url("admin", "tool", "1.0.0", "tool.bin")
    assert server.http("admin").put(url, data=b"x").status_code == 201
    refusals = [("PUT", url, 403, "forbidden"), ("DELETE", url, 403, "forbidden"),
                ("GET", url + "x", 404, "not_found"), ("POST", url, 405, "method_not_allowed"),
                ("PUT", server.file_url("reader", "tool", "1.0", "x"), 400, "invalid_name"),
                ("GET", f"{server.url}/nothing", 404, "unknown_path")]
    for method, path, status, word in refusals:
        plain = session.request(method, path, data=b"x")
        assert plain.status_code == status and len(plain.text.split()) > 5, plain.text
        assert "text/plain" in plain.headers["Content-Type"] and "\n" not in plain.text.strip()
        machine = session.request(method, path, data=b"x", headers={"Accept": "application/json"})
        assert machine.json()["error"] == word and machine.json()["message"] == plain.text.strip(), machine.text


def test_w21_private_owners_can_not_be_guessed(make_server_on_each: ServerFactory) -> None:
    """Answers differ between what is private and what is not there, so that names can be guessed."""
    server = make_server_on_each().start()
    server.create_user("closed", "--visibility", "private")
    server.create_user("stranger")
    token = server.create_token("stranger", "read:package")
    assert server.http("admin").put(server.file_url("closed", "tool", "1.0.0", "a.bin"), data=b"x").status_code == 201
    paths = [(method, path) for path in (
        "/api/packages/{owner}/generic/tool/1.0.0/a.bin", "/api/packages/{owner}/generic/tool/1.0.0/SHA256SUMS",
        "/api/packages/{owner}/generic/tool/1.0.0", "/api/granary/v1/packages/{owner}",
        "/api/granary/v1/packages/{owner}/tool", "/api/granary/v1/packages/{owner}/tool/1.0.0",
        "/api/granary/v1/search?owner={owner}", "/api/v1/packages/{owner}", "/api/v1/packages/{owner}/generic/tool",
        "/api/v1/packages/{owner}/generic/tool/-/latest", "/api/v1/packages/{owner}/generic/tool/1.0.0",
        "/api/v1/packages/{owner}/generic/tool/1.0.0/files", "/api/v1/users/{owner}", "/api/v1/users/{owner}/orgs",
    ) for method in ("GET", "HEAD", "PUT", "DELETE")]
    for credentials in [{}, {"Authorization": basic("stranger", USER_PASSWORD)}, {"Authorization": f"token {token}"}]:
        for method, path in paths:
            answers = []
            for owner in ["closed", "absent"]:
                answer = exchange(server.url, method, path.format(owner=owner), credentials)
                ignored = ("date", "x-request-id", "content-length")
                headers = {name: value for name, value in answer.headers.items() if name not in ignored}
                text = answer.text.replace(owner, "…")
                # The members of an object have no order.
                answers.append((answer.status, headers, json.loads(text) if text.startswith("{") else text))
            assert answers[0] == answers[1], (credentials, method, path)
    # Who tries a password learns nothing of the account.
    wrong = [server.http().get(f"{server.url}/api/v1/user", auth=(name, "wrong")) for name in ("closed", "absent")]
    assert [answer.status_code for answer in wrong] == [401, 401]
    assert wrong[0].json()["message"] == wrong[1].json()["message"]


@pytest.fixture(scope="module")
def logging_postgres() -> Iterator[PrivatePostgres]:
    """A server that writes every statement into its log."""
    with private_postgres() as postgres:
        postgres.sql("ALTER ROLE granary SET log_statement = 'all'")
        yield postgres


def test_w29_a_list_costs_the_same_however_long_it_is(
    make_server: ServerFactory, logging_postgres: PrivatePostgres, engines: Engines
) -> None:
    """A list takes several statements for each of its entries."""
    pair: Pair = Engines(logging_postgres, engines.store).make_pair()
    server = make_server(pair=pair, options=CURRENT).start()
    session = server.http("admin")
    statements = Statements(logging_postgres, database_name(pair.database))
    paths = ["/api/v1/packages/admin?limit=50", "/api/v1/packages/admin?q=OO&limit=50",
             "/api/v1/packages/admin/generic/tool?limit=50", "/api/v1/packages/admin/generic/tool/-/latest",
             "/api/v1/packages/admin/generic/tool/1.0.0", "/api/v1/packages/admin/generic/tool/1.0.0/files",
             "/api/granary/v1/packages/admin", "/api/granary/v1/packages/admin/tool",
             "/api/granary/v1/packages/admin/tool?sort=semver", "/api/granary/v1/packages/admin/tool/1.0.0",
             "/api/granary/v1/search", f"/api/granary/v1/search?sha256={hashlib.sha256(b'x').hexdigest()}"]

    def costs() -> list[int]:
        counted = []
        for path in paths:
            # The second time everything that is computed once, such as digests, is there.
            assert session.get(server.url + path).status_code == 200
            statements.take()
            answer = session.get(server.url + path)
            assert answer.status_code == 200
            counted.append(len(statements.take()))
        return counted

    def publish(name: str, version: str, file: str) -> None:
        assert session.put(server.file_url("admin", name, version, file), data=b"x").status_code == 201

    publish("tool", "1.0.0", "a.bin")
    few = costs()
    for number in range(1, 60):
        publish("tool", f"1.0.{number}", "a.bin")
    for number in range(40):
        publish("tool", "1.0.0", f"{number}.bin")
        publish(f"tool-{number}", "1.0.0", "a.bin")
    many = costs()
    assert len(session.get(server.url + paths[0]).json()) == 50
    assert few == many and max(many) <= 8, list(zip(paths, few, many, strict=True))


AWKWARD = ["plain.bin", "with space.bin", "hash#1.bin", "100%.bin", "a+b.bin", "%41.bin", "semi;colon=1&x.bin",
           "[x]{y}~!.bin"]


def test_w35_every_url_that_is_handed_out_can_be_used(make_server: ServerFactory, tmp_path: Path) -> None:
    """URLs are put together without escapes, so that names with spaces, #, % or + lead elsewhere."""
    server = make_server(options=CURRENT).start()
    server.create_user("robot")
    session = server.http("robot")
    name, version = "c++", "1.0 beta#2 100%+x"
    for file in AWKWARD:
        url = server.file_url("robot", quote(name), quote(version), quote(file))
        created = session.put(url, data=file.encode())
        assert created.status_code == 201, created.text
        handed_out = created.headers["Location"]
        location = handed_out if handed_out.startswith("http") else server.url + handed_out
        # Sent as it is: nothing tidies it up on the way.
        answer = exchange(server.url, "GET", location.removeprefix(server.url), {})
        assert (answer.status, answer.text) == (200, file), handed_out
        got = session.get(location)
        assert got.content == file.encode()
        (tmp_path / file).write_bytes(got.content)
        assert quote(file) in got.headers["Content-Disposition"] or file in got.headers["Content-Disposition"]
    folder = f"/api/packages/robot/generic/{quote(name)}/{quote(version)}"
    sums = session.get(f"{server.url}{folder}/SHA256SUMS")
    check = ["sha256sum", "--check", "--strict", "-"]
    done = subprocess.run(check, input=sums.content, cwd=tmp_path, capture_output=True)
    assert done.returncode == 0 and done.stdout.count(b": OK") == len(AWKWARD), done.stdout + done.stderr
    (entry,) = session.get(f"{server.url}/api/v1/packages/robot").json()
    page = urlsplit(entry["html_url"])
    assert (page.query, page.fragment) == ("", "") and " " not in entry["html_url"]
    assert unquote(page.path).endswith(f"/{name}/{version}") and page.path.count("%") >= 5
    # Links to other pages of a list carry the query on.
    listed = session.get(f"{server.url}/api/v1/packages/robot?q=%2B%2B&limit=1")
    assert listed.headers["X-Total-Count"] == "1"
    assert session.put(server.file_url("robot", quote(name), "2", "a"), data=b"x").status_code == 201
    link = session.get(f"{server.url}/api/v1/packages/robot?q=%2B%2B&limit=1").links["next"]["url"]
    assert [one["version"] for one in session.get(link).json()] == [version]
    # A redirect to the owner's new name keeps the rest.
    assert api(server, "POST", "/admin/users/robot/rename", {"new_username": "android"}).status_code == 204
    for file in AWKWARD:
        path = f"{folder}/{quote(file)}"
        moved = exchange(server.url, "GET", path, {})
        assert moved.status == 307, moved
        target = moved.headers["location"].removeprefix(server.url)
        assert exchange(server.url, "GET", target, {}).text == file, target


def test_w36_no_change_goes_unseen(make_server_on_each: ServerFactory) -> None:
    """A file that joins a version tells nobody, nor do packages that go together with their owner.

    There are no webhooks here of which one could be missing: who watches asks, and each change is in every list at once.
    """
    server = make_server_on_each(options=CURRENT).start()
    server.create_user("robot")
    session, admin = server.http("robot"), server.http("admin")
    assert not [path for path in admin.get(server.url + "/api/openapi.json").json()["paths"] if "hook" in path]

    def seen() -> tuple[set[str], set[str], int]:
        entries = admin.get(f"{server.url}/api/v1/packages/robot").json()
        found = admin.get(f"{server.url}/api/granary/v1/search", params={"owner": "robot"}).json()["packages"]
        usage = admin.get(f"{server.url}/api/granary/v1/owners/robot/usage").json()
        assert usage["version_count"] == len(entries) == sum(package["version_count"] for package in found)
        versions = {f"{entry['name']}@{entry['version']}" for entry in entries}
        return versions, {package["name"] for package in found}, usage["file_count"]

    for place in ["tool/1/a", "tool/1/b", "tool/2/a", "kit/1/a", "kit/2/a", "doc/1/a"]:
        assert session.put(server.file_url("robot", *place.split("/")), data=place.encode()).status_code == 201
    everything = {"tool@1", "tool@2", "kit@1", "kit@2", "doc@1"}
    assert seen() == (everything, {"tool", "kit", "doc"}, 6)
    assert session.put(server.file_url("robot", "doc", "1", "b"), data=b"joins").status_code == 201
    assert seen() == (everything, {"tool", "kit", "doc"}, 7)
    assert session.delete(server.file_url("robot", "tool", "1", "a")).status_code == 204
    assert seen() == (everything, {"tool", "kit", "doc"}, 6)
    assert session.delete(server.file_url("robot", "tool", "1", "b")).status_code == 204
    assert seen() == (everything - {"tool@1"}, {"tool", "kit", "doc"}, 5)
    assert api(server, "DELETE", "/packages/robot/generic/kit", user="robot").status_code == 204
    assert seen() == ({"tool@2", "doc@1"}, {"tool", "doc"}, 3)
    assert api(server, "DELETE", "/admin/users/robot?purge=true").status_code == 204
    assert api(server, "GET", "/packages/robot").status_code == 404
    assert admin.get(f"{server.url}/api/granary/v1/search", params={"q": ""}).json()["packages"] == []


def test_w37_a_search_takes_its_text_literally(make_server_on_each: ServerFactory) -> None:
    """Wildcards of the database work in a search, and the type `all` gets around the type of a package."""
    server = make_server_on_each(options=CURRENT).start()
    session = server.http("admin")
    for name in ["tool", "t_ol", "TOOL-kit", "other", "a+b"]:
        assert session.put(server.file_url("admin", name, "1.0.0", "a.bin"), data=b"x").status_code == 201
    everything = {"tool", "t_ol", "TOOL-kit", "other", "a+b"}
    for text, expected in [("", everything), ("%", set()), ("_", {"t_ol"}), ("t_ol", {"t_ol"}), ("t%l", set()),
                           ("\\", set()), ("!", set()), ("!_", set()), ("OOL", {"tool", "TOOL-kit"}), ("+", {"a+b"}),
                           ("'", set()), ("\u0130", set()), ("*", set())]:
        found = session.get(f"{server.url}/api/v1/packages/admin", params={"q": text})
        assert {one["name"] for one in found.json()} == expected, text
        assert found.headers["X-Total-Count"] == str(len(expected)), text
        found = session.get(f"{server.url}/api/granary/v1/search", params={"q": text})
        assert {one["name"] for one in found.json()["packages"]} == expected, text
    for path in ["tool", "tool/1.0.0", "tool/1.0.0/files", "tool/-/latest"]:
        assert session.get(f"{server.url}/api/v1/packages/admin/generic/{path}").status_code == 200
        for other in ["all", "npm", "*"]:
            assert session.get(f"{server.url}/api/v1/packages/admin/{other}/{path}").status_code == 404, other


def test_w40_lists_tell_size_age_and_downloads(server: GranaryServer) -> None:
    """Lists have neither sizes nor downloads, and the name of a member changes between releases."""
    server.create_user("robot")
    session = server.http("robot")
    url = server.file_url("robot", "tool", "1.0.0", "tool.bin")
    assert session.put(url, data=bytes(1234)).status_code == 201
    assert session.get(url).status_code == 200
    (package,) = session.get(f"{server.url}/api/granary/v1/packages/robot").json()["packages"]
    assert (package["version_count"], package["latest_version"]) == (1, "1.0.0")
    (version,) = session.get(f"{server.url}/api/granary/v1/packages/robot/tool").json()["versions"]
    assert (version["file_count"], version["size"], version["creator"]) == (1, 1234, "robot")
    (file,) = server.record("robot", "tool", "1.0.0")["files"]
    assert file["size"] == 1234 and file["download_count"] in (0, 1)
    assert package["created_at"] == version["created_at"] == file["created_at"]
    assert file["created_at"].endswith("Z") and file["created_at"][10] == "T"
    (record,) = session.get(f"{server.url}/api/v1/packages/robot/generic/tool/1.0.0/files").json()
    assert record["Size"] == record["size"] == 1234


def test_w41_a_redirect_changes_the_owner_alone(server: GranaryServer) -> None:
    """The redirect to a new name replaces whatever looks like the old one, and tells it to those who may not know."""
    server.create_user("stranger")
    for old, new in [("pack", "moved-1"), ("generic-1", "moved-2"), ("gen", "moved-3")]:
        server.create_user(old)
        path = f"/api/packages/{old}/generic/{old}/1.0.0/{old}.bin"
        assert server.http(old).put(server.url + path, data=old.encode()).status_code == 201
        assert api(server, "POST", f"/admin/users/{old}/rename", {"new_username": new}).status_code == 204
        moved = server.http().get(server.url + path, allow_redirects=False)
        expected = f"/api/packages/{new}/generic/{old}/1.0.0/{old}.bin"
        assert (moved.status_code, urlsplit(moved.headers["Location"]).path) == (307, expected)
        assert server.http().get(server.url + path).content == old.encode()
        listed = server.http("stranger").get(f"{server.url}/api/v1/packages/{old}/generic/{old}", allow_redirects=False)
        assert urlsplit(listed.headers["Location"]).path == f"/api/v1/packages/{new}/generic/{old}"
        change = {"login_name": new, "visibility": "private"}
        assert api(server, "PATCH", f"/admin/users/{new}", change).status_code == 200
        for session, status in [(server.http(), 401), (server.http("stranger"), 404)]:
            hidden = session.get(server.url + path, allow_redirects=False)
            elsewhere = f"{server.url}/api/packages/absent/generic/{old}/1.0.0/{old}.bin"
            absent = session.get(elsewhere, allow_redirects=False)
            assert hidden.status_code == absent.status_code == status
            assert "Location" not in hidden.headers and new not in hidden.text

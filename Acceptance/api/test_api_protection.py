# SPDX-License-Identifier: Apache-2.0
"""What protects the management interface: bounded bodies, slowed guessing, signing in, and pages that hold together."""

from __future__ import annotations

import json
import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from granary_server import ADMIN_PASSWORD, USER_PASSWORD, GranaryServer
from raw_http import CREDENTIALS, RawConnection, basic, exchange, head
from sizes import MEBIBYTE


@pytest.mark.timeout(240)
def test_guessing_is_slowed_and_tokens_are_not(server: GranaryServer) -> None:
    server.create_user("alice")
    server.create_user("bob")
    token = server.create_token("alice", "all")
    url = server.url + "/api/v1/user"
    statuses = []
    for number in range(30):
        answer = server.http("alice", f"wrong {number}").get(url)
        statuses.append(answer.status_code)
    assert statuses[:20] == [401] * 20 and set(statuses[20:]) == {429}, statuses
    assert 1 <= int(answer.headers["Retry-After"]) <= 60
    assert "try again in" in answer.json()["message"]
    # The address is slowed for every account and every route, the right password included; a token is not.
    file = server.file_url("alice", "tool", "1.0.0", "tool.bin")
    assert server.http("bob").put(server.file_url("bob", "tool", "1.0.0", "t"), data=b"x").status_code == 429
    for headers in [{"Authorization": f"token {token}"}, {"Authorization": basic("alice", token)}]:
        assert server.http().get(url, headers=headers).status_code == 200
        assert server.http().get(file, headers=headers).status_code == 404
    assert server.http().get(url, headers={"Authorization": "token grn_" + "0" * 64}).status_code == 401


@pytest.mark.timeout(240)
def test_a_burst_of_guesses_is_slowed_too(server: GranaryServer) -> None:
    def guess(number: int) -> int:
        return server.http(f"user-{number}", "wrong").get(server.url + "/api/v1/user", timeout=120).status_code

    with ThreadPoolExecutor(40) as pool:
        statuses = list(pool.map(guess, range(80)))
    assert statuses.count(401) == 20 and statuses.count(429) == 60, statuses


@pytest.mark.timeout(240)
def test_what_is_refused_takes_no_memory(server: GranaryServer) -> None:
    def resident() -> int:
        return server.memory() // MEBIBYTE

    path = "/api/v1/user"
    with RawConnection(server.url) as connection:
        def sign_in(name: str) -> int:
            connection.send(head("GET", path, {"Authorization": basic(name, "wrong")}))
            return connection.receive().status

        assert [sign_in(f"warm-{number}" + "x" * 11_000) for number in range(20)] == [401] * 20
        for number in range(200):
            sign_in(f"name-{number}" + "x" * 11_000)
        before = resident()
        statuses = [sign_in(f"other-{number}" + "x" * 11_000) for number in range(6_000)]
    # A minute later twenty more are looked at.
    assert set(statuses) <= {401, 429} and statuses.count(429) > 5_000
    assert resident() - before < 20, f"{before} MiB, then {resident()} MiB"


def test_where_everybody_has_to_sign_in(make_server) -> None:
    server = make_server(environment={"GRANARY_ADMIN_PASSWORD": ADMIN_PASSWORD,
                                      "GRANARY_ACCESS_REQUIRE_SIGN_IN": "on"}).start()
    file = server.file_url("admin", "tool", "1.0.0", "tool.bin")
    signed_in = server.http("admin")
    assert signed_in.put(file, data=b"x").status_code == 201
    assert signed_in.get(file).content == b"x"
    paths = ["/api/v1/version", "/api/v1/settings/api", "/api/v1/users/admin", "/api/v1/users/search", "/api/v1/orgs",
             "/api/granary/v1/packages/admin", "/api/granary/v1/packages/admin/tool"]
    for url in [file, file, *(server.url + path for path in paths)]:
        answer = server.http().get(url)
        assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, 'Basic realm="Granary", charset="UTF-8"'), url
        assert signed_in.get(url).status_code == 200, url
    upload = server.url + "/api/granary/v1/uploads/admin/tool/1.0.0/b.bin"
    assert server.http().options(upload).status_code == 401 and signed_in.options(upload).status_code == 204
    for path in ["/healthz", "/readyz"]:
        assert server.http().get(server.url + path).status_code == 200


def test_bodies_are_bounded(server: GranaryServer) -> None:
    path = "/api/v1/admin/users"
    headers = CREDENTIALS | {"Content-Type": "application/json"}
    # One that says how long it is, is refused before it is sent.
    announced = exchange(server.url, "POST", path, headers | {"Content-Length": str(MEBIBYTE + 1),
                                                              "Expect": "100-continue"})
    assert (announced.status, announced.interim) == (413, [])
    assert "1 MiB" in json.loads(announced.text)["message"]
    # One that does not say, is refused when it has grown too long.
    with RawConnection(server.url) as connection:
        connection.send(head("POST", path, headers | {"Transfer-Encoding": "chunked"}))
        chunk = b"10000\r\n" + b" " * 0x10000 + b"\r\n"
        try:
            for _ in range(32):
                connection.send(chunk)
        except OSError:
            pass
        answer = connection.receive_or_none("POST")
    assert answer is None or answer.status == 413
    # The largest that is possible is read.
    body = b'{"username": 1, "filler": "' + b"x" * (MEBIBYTE - 40) + b'"}'
    assert server.http("admin").post(server.url + path, data=body).status_code == 422
    for hostile in [b"[" * MEBIBYTE, b'{"a":' * 150_000, b'{"username":' + b"[" * 1000, b'{"username": "\xff"}',
                    b"{" + b'"a":1,' * 100_000 + b'"username":{}}', b'{"username": 1e999}', b"\x00", b"\xef\xbb\xbf"]:
        answer = server.http("admin").post(server.url + path, data=hostile)
        assert answer.status_code in (400, 422), (hostile[:20], answer.status_code)
        assert list(answer.json()) == ["message", "url"]
    assert server.http().get(server.url + "/healthz").status_code == 200


def test_a_body_is_not_read_from_those_who_may_not(server: GranaryServer) -> None:
    server.create_user("alice")
    for headers, status in [({}, 401), ({"Authorization": basic("alice", USER_PASSWORD)}, 403)]:
        answer = exchange(server.url, "POST", "/api/v1/admin/users",
                          headers | {"Content-Length": "1000", "Expect": "100-continue"})
        assert (answer.status, answer.interim) == (status, [])


def test_pages_hold_every_entry_once(make_server) -> None:
    url = "https://packages.example.org/registry"
    server = make_server(environment={"GRANARY_ADMIN_PASSWORD": ADMIN_PASSWORD, "GRANARY_URL": url + "/"}).start()
    session = server.http("admin")
    for number in range(23):
        assert session.put(server.file_url("admin", "tool", f"1.0.{number}", "f"), data=b"x").status_code == 201
    seen, page = [], 1
    while True:
        answer = session.get(f"{server.url}/api/v1/packages/admin?limit=10&page={page}&q=TOO&token=secret")
        assert answer.headers["X-Total-Count"] == "23"
        links = dict(reversed(link) for link in re.findall(r'<([^>]*)>; rel="(\w+)"', answer.headers["Link"]))
        assert list(links) == {1: ["next", "last"], 2: ["next", "last", "first", "prev"], 3: ["first", "prev"]}[page]
        seen += [entry["version"] for entry in answer.json()]
        if "next" not in links:
            break
        page += 1
        assert links["next"] == f"{url}/api/v1/packages/admin?limit=10&page={page}&q=TOO"
    assert seen == [f"1.0.{number}" for number in reversed(range(23))]
    first = session.get(f"{server.url}/api/v1/packages/admin?limit=1", headers={"Host": "evil.example"}).json()[0]
    assert first["html_url"] == f"{url}/admin/-/packages/generic/tool/1.0.22"
    assert first["owner"]["html_url"] == f"{url}/admin"


def test_redirects_and_locations_stay_below_the_path_of_the_proxy(make_server) -> None:
    url = "https://packages.example.org/registry"
    server = make_server(environment={"GRANARY_ADMIN_PASSWORD": ADMIN_PASSWORD, "GRANARY_URL": url}).start()
    session = server.http("admin")
    file = server.file_url("admin", "tool", "1.0.0", "f")
    assert session.put(file, data=b"x").headers["Location"] == "/registry" + file.removeprefix(server.url)
    assert session.get(file).headers.get("Location") is None
    begun = session.post(f"{server.url}/api/granary/v1/uploads/admin/tool/2.0.0/f", headers={"Upload-Length": "5"})
    assert begun.headers["Location"].startswith(url + "/api/granary/v1/uploads/")
    server.create_user("robin")
    session.post(f"{server.url}/api/v1/admin/users/robin/rename", json={"new_username": "wren"})
    moved = session.get(f"{server.url}/api/granary/v1/packages/robin", allow_redirects=False)
    assert (moved.status_code, moved.headers["Location"]) == (307, "/registry/api/granary/v1/packages/wren")


def test_a_renamed_owner_is_found_by_its_old_name(server: GranaryServer, tmp_path: Path) -> None:
    for name, visibility in [("open", "public"), ("closed", "private")]:
        server.create_user(name, "--visibility", visibility)
        assert server.http(name).put(server.file_url(name, "tool", "1.0.0", "f"), data=b"x").status_code == 201
        # What was answered a moment ago must not be answered for the old name.
        assert server.http(name).get(server.file_url(name, "tool", "1.0.0", "f")).status_code == 200
        renamed = server.http("admin").post(f"{server.url}/api/v1/admin/users/{name}/rename",
                                            json={"new_username": f"{name}.two"})
        assert renamed.status_code == 204, renamed.text

    def get(who: str | None, owner: str) -> tuple[int, str | None]:
        answer = server.http(who).get(server.file_url(owner, "tool", "1.0.0", "f"), allow_redirects=False)
        return answer.status_code, answer.headers.get("Location")

    assert get(None, "open") == (307, "/api/packages/open.two/generic/tool/1.0.0/f")
    assert get(None, "closed") == (401, None)
    assert get("open.two", "closed") == (404, None)
    assert get("closed.two", "closed") == (307, "/api/packages/closed.two/generic/tool/1.0.0/f")
    followed = server.http("open.two").put(server.file_url("open", "tool", "2.0.0", "f"), data=b"y")
    assert followed.status_code == 201, "a PUT follows the redirect with its body"
    assert server.http().get(server.file_url("open.two", "tool", "2.0.0", "f")).content == b"y"
    # Somebody takes the name: it leads nowhere else any more.
    body = {"username": "open", "email": "other@example.org", "password": USER_PASSWORD}
    assert server.http("admin").post(f"{server.url}/api/v1/admin/users", json=body).status_code == 201
    assert get(None, "open") == (404, None)


def test_what_others_may_see_of_a_user(server: GranaryServer) -> None:
    server.create_user("alice")
    server.create_user("bob")
    path = server.url + "/api/v1/users/alice"
    itself = server.http("alice").get(path).json()
    other = server.http("bob").get(path).json()
    anonymous = server.http().get(path).json()
    assert (itself["email"], itself["active"], itself["last_login"]) == ("alice@example.org", True,
                                                                         "1970-01-01T00:00:00Z")
    assert (other["email"], other["active"], other["last_login"]) == ("alice@example.org", False,
                                                                      "0001-01-01T00:00:00Z")
    assert anonymous["email"] == "alice@noreply.127.0.0.1"
    settings = server.url + "/api/v1/user/settings"
    changed = server.http("alice").patch(settings, json={"hide_email": True, "full_name": "Alice & <Co>"})
    assert changed.json()["hide_email"] is True and "\\u003cCo\\u003e" in changed.text
    assert server.http("bob").get(path).json()["email"] == "alice@noreply.127.0.0.1"
    assert server.http("alice").get(path).json()["email"] == "alice@example.org"
    assert server.http("admin").get(path).json()["email"] == "alice@example.org"
    found = server.http("bob").get(server.url + "/api/v1/users/search?q=alice@example").json()
    assert found == {"data": [], "ok": True}


def test_tokens_that_make_tokens_make_no_stronger_ones(server: GranaryServer) -> None:
    server.create_user("alice")
    parent = server.create_token("alice", "write:user", "read:package")
    url = server.url + "/api/v1/users/alice/tokens"

    def make(name: str, *scopes: str):
        return server.http("alice", parent).post(url, json={"name": name, "scopes": list(scopes)})

    assert make("one", "all").status_code == 403
    assert make("two", "write:package").status_code == 403
    weaker = make("three", "read:package")
    assert weaker.status_code == 201
    secret = weaker.json()["sha1"]
    assert server.http().get(server.file_url("alice", "t", "1.0.0", "f"),
                             headers={"Authorization": f"token {secret}"}).status_code == 404
    listed = server.http("alice").get(url).json()
    assert [one["name"] for one in listed] == ["three", "acceptance"]
    assert all(one["sha1"] == "" for one in listed) and listed[0]["token_last_eight"] == secret[-8:]
    assert server.http("alice").delete(f"{url}/{listed[0]['id']}").status_code == 204
    assert server.http().get(server.url + "/api/v1/packages/alice",
                             headers={"Authorization": f"token {secret}"}).status_code == 401


def test_deleting_packages(server: GranaryServer) -> None:
    session = server.http("admin")
    base = server.url + "/api/v1/packages/admin"
    for name in ["tool", "tool-box"]:
        for version in ["1.0.0", "2.0.0-rc.1", "1.10.0", "1.9.0"]:
            assert session.put(server.file_url("admin", name, version, "f"), data=name.encode()).status_code == 201
    assert session.get(f"{base}/generic/tool/-/latest").json()["version"] == "1.10.0"
    assert session.delete(f"{base}/generic/tool/1.10.0").status_code == 204
    assert session.get(f"{base}/generic/tool/-/latest").json()["version"] == "1.9.0"
    assert session.get(f"{base}/generic/tool").headers["X-Total-Count"] == "3"
    assert session.delete(f"{base}/generic/TOOL").status_code == 204
    assert session.delete(f"{base}/generic/tool").status_code == 404
    assert session.get(server.file_url("admin", "tool", "1.0.0", "f")).status_code == 404
    assert session.get(base).headers["X-Total-Count"] == "4"
    assert session.get(server.file_url("admin", "tool-box", "1.0.0", "f")).content == b"tool-box"


def test_a_user_can_be_deleted_with_its_packages(server: GranaryServer) -> None:
    server.create_user("alice")
    assert server.http("alice").put(server.file_url("alice", "t", "1.0.0", "f"), data=b"x").status_code == 201
    assert server.http("alice").put(server.file_url("admin", "t", "1.0.0", "f"), data=b"x").status_code == 403
    assert server.http("admin").put(server.file_url("admin", "t", "1.0.0", "f"), data=b"x").status_code == 201
    url = f"{server.url}/api/v1/admin/users/alice"
    refused = server.http("admin").delete(url)
    assert refused.status_code == 422 and "delete them first" in refused.json()["message"]
    assert server.http("admin").delete(url + "?purge=true").status_code == 204
    assert server.http("admin").get(server.file_url("alice", "t", "1.0.0", "f")).status_code == 404
    assert server.http("admin").get(server.file_url("admin", "t", "1.0.0", "f")).content == b"x"


def test_a_new_password_is_due_for_management_only(server: GranaryServer) -> None:
    admin = server.http("admin")
    body = {"username": "alice", "email": "alice@example.org", "password": USER_PASSWORD}
    assert admin.post(f"{server.url}/api/v1/admin/users", json=body).status_code == 201
    refused = server.http("alice").get(f"{server.url}/api/v1/user")
    assert refused.status_code == 403 and "must change its password" in refused.json()["message"]
    assert server.http("alice").put(server.file_url("alice", "t", "1.0.0", "f"), data=b"x").status_code == 201
    patch = {"login_name": "alice", "must_change_password": False}
    assert admin.patch(f"{server.url}/api/v1/admin/users/alice", json=patch).status_code == 200
    assert server.http("alice").get(f"{server.url}/api/v1/user").status_code == 200

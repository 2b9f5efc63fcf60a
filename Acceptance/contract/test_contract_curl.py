# SPDX-License-Identifier: Apache-2.0
"""The documented contract, spoken by curl."""

from __future__ import annotations

import hashlib
import json
import random
from pathlib import Path

import pytest

from curl import AS_ADMIN, curl
from granary_server import USER_PASSWORD, GranaryServer

pytestmark = [pytest.mark.hot_files_off, pytest.mark.scale_out]


@pytest.fixture
def content(tmp_path: Path) -> Path:
    """A file of 300 kB that cannot be confused with another one."""
    path = tmp_path / "tool.bin"
    path.write_bytes(random.Random(1).randbytes(300_000))
    return path


def test_publish_download_delete_and_publish_again(server: GranaryServer, content: Path, tmp_path: Path) -> None:
    url = server.file_url("admin", "tool", "1.0.0", "tool.bin")
    published = curl(*AS_ADMIN, "-T", content, url)
    assert (published.status, published.body) == (201, b"")

    downloaded = curl(*AS_ADMIN, url)
    assert (downloaded.status, downloaded.body) == (200, content.read_bytes())
    assert downloaded.headers["content-type"] == "application/octet-stream"

    deleted = curl(*AS_ADMIN, "-X", "DELETE", server.version_url("admin", "tool", "1.0.0"))
    assert (deleted.status, deleted.body) == (204, b"")
    assert curl(*AS_ADMIN, url).status == 404
    assert curl(*AS_ADMIN, "-X", "DELETE", server.version_url("admin", "tool", "1.0.0")).status == 404

    other = tmp_path / "other.bin"
    other.write_bytes(b"other bytes")
    assert curl(*AS_ADMIN, "-T", other, url).status == 201
    assert curl(*AS_ADMIN, url).body == b"other bytes"


def test_every_form_of_credential(server: GranaryServer, content: Path) -> None:
    server.create_user("robot")
    token = server.create_token("robot", "write:package")
    forms = {
        "Basic with the password": ["-u", f"robot:{USER_PASSWORD}"],
        "Basic, the user's name in other case": ["-u", f"RoBoT:{USER_PASSWORD}"],
        "Basic with the token as password": ["-u", f"robot:{token}"],
        "Basic with the token as password of any user": ["-u", f"somebody:{token}"],
        "Basic with the token as user": ["-u", f"{token}:"],
        "Basic with the token as user of x-oauth-basic": ["-u", f"{token}:x-oauth-basic"],
        "Authorization: token": ["-H", f"Authorization: token {token}"],
        "Authorization: Token": ["-H", f"Authorization: Token {token}"],
        "Authorization: Bearer": ["-H", f"Authorization: Bearer {token}"],
        "Authorization: bearer": ["-H", f"Authorization: bearer {token}"],
    }
    statuses = {}
    for number, (form, credential) in enumerate(forms.items()):
        url = server.file_url("robot", "tool", f"1.0.{number}", "tool.bin")
        statuses[form] = curl(*credential, "-T", content, url).status
    assert statuses == dict.fromkeys(forms, 201)


def test_the_length_may_be_unknown(server: GranaryServer, content: Path) -> None:
    url = server.file_url("admin", "tool", "1.0.0", "tool.bin")
    assert curl(*AS_ADMIN, "-T", "-", url, stdin=content).status == 201
    assert curl(*AS_ADMIN, url).body == content.read_bytes()


def test_curl_appends_the_file_name_to_a_folder(server: GranaryServer, content: Path) -> None:
    folder = server.version_url("admin", "tool", "1.0.0") + "/"
    assert curl(*AS_ADMIN, "-T", content, folder).status == 201
    assert curl(*AS_ADMIN, folder + "tool.bin").body == content.read_bytes()


def test_a_form_content_type_changes_nothing(server: GranaryServer, content: Path) -> None:
    url = server.file_url("admin", "tool", "1.0.0", "tool.bin")
    assert curl(*AS_ADMIN, "-X", "PUT", "--data-binary", f"@{content}", url).status == 201
    assert curl(*AS_ADMIN, url).body == content.read_bytes()


@pytest.mark.parametrize("second_file", ["tool.bin", "another.bin"])
def test_a_published_version_never_changes(server: GranaryServer, content: Path, second_file: str) -> None:
    assert curl(*AS_ADMIN, "-T", content, server.file_url("admin", "tool", "1.0.0", "tool.bin")).status == 201
    refused = curl(*AS_ADMIN, "-T", "/etc/os-release", server.file_url("admin", "tool", "1.0.0", second_file))
    assert refused.status == 400
    assert "tool" in refused.text and "1.0.0" in refused.text and refused.text.endswith("\n")
    assert curl(*AS_ADMIN, server.file_url("admin", "tool", "1.0.0", "tool.bin")).body == content.read_bytes()
    assert [file["name"] for file in server.record("admin", "tool", "1.0.0")["files"]] == ["tool.bin"]


def test_a_version_goes_with_its_last_file(server: GranaryServer, content: Path) -> None:
    url = server.file_url("admin", "tool", "1.0.0", "tool.bin")
    assert curl(*AS_ADMIN, "-T", content, url).status == 201
    deleted = curl(*AS_ADMIN, "-X", "DELETE", url)
    assert (deleted.status, deleted.body) == (204, b"")
    assert curl(*AS_ADMIN, url).status == 404
    assert curl(*AS_ADMIN, "-X", "DELETE", server.version_url("admin", "tool", "1.0.0")).status == 404
    assert curl(*AS_ADMIN, "-T", content, url).status == 201


def test_names_are_found_in_any_case_and_kept_as_given(server: GranaryServer, content: Path) -> None:
    assert curl(*AS_ADMIN, "-T", content, server.file_url("admin", "Tool", "1.0.0-RC.1", "Tool.BIN")).status == 201
    found = curl(*AS_ADMIN, server.file_url("ADMIN", "tOOL", "1.0.0-rc.1", "tool.bin"))
    assert (found.status, found.body) == (200, content.read_bytes())
    assert "Tool.BIN" in found.headers["content-disposition"]
    again = server.file_url("admin", "tool", "1.0.0-rc.1", "tool.bin")
    assert curl(*AS_ADMIN, "-T", content, again).status == 400
    record = server.record("admin", "tool", "1.0.0-rc.1")
    assert (record["name"], record["version"], record["files"][0]["name"]) == ("Tool", "1.0.0-RC.1", "Tool.BIN")


def test_a_percent_escape_means_its_character(server: GranaryServer, content: Path) -> None:
    escaped = server.file_url("admin", "t%6F%6fl", "1%2E0.0%2Bbuild", "tool%2Ebin")
    assert curl(*AS_ADMIN, "-T", content, escaped).status == 201
    plain = server.file_url("admin", "tool", "1.0.0+build", "tool.bin")
    assert curl(*AS_ADMIN, plain).body == content.read_bytes()


def test_head_is_get_without_a_body(server: GranaryServer, content: Path) -> None:
    url = server.file_url("admin", "tool", "1.0.0", "tool.bin")
    sha256 = hashlib.sha256(content.read_bytes()).hexdigest()
    assert curl(*AS_ADMIN, "-T", content, url).status == 201
    head, get = curl(*AS_ADMIN, "-I", url), curl(*AS_ADMIN, url)
    assert head.status == 200
    assert head.headers["content-length"] == "300000"
    assert head.headers["etag"] == f'"{sha256}"'
    assert head.headers["x-checksum-sha256"] == sha256
    assert head.headers["accept-ranges"] == "bytes"
    varying = ("date", "x-request-id")
    assert [(n, v) for n, v in sorted(head.headers.items()) if n not in varying] == [
        (n, v) for n, v in sorted(get.headers.items()) if n not in varying
    ]


def test_ranges_and_validators(server: GranaryServer, content: Path, tmp_path: Path) -> None:
    url = server.file_url("admin", "tool", "1.0.0", "tool.bin")
    data = content.read_bytes()
    assert curl(*AS_ADMIN, "-T", content, url).status == 201

    for given, first, last in [("0-0", 0, 0), ("100-199", 100, 199), ("299999-", 299_999, 299_999),
                               ("-5", 299_995, 299_999), ("299990-400000", 299_990, 299_999)]:
        part = curl(*AS_ADMIN, "-r", given, url)
        assert (part.status, part.body) == (206, data[first:last + 1]), given
        assert part.headers["content-range"] == f"bytes {first}-{last}/300000"
    beyond = curl(*AS_ADMIN, "-r", "300000-", url)
    assert (beyond.status, beyond.headers["content-range"]) == (416, "bytes */300000")
    assert curl(*AS_ADMIN, "-H", "Range: bytes=9-3", url).body == data
    assert curl(*AS_ADMIN, "-H", "Range: lines=1-2", url).status == 200

    etag = curl(*AS_ADMIN, "-I", url).headers["etag"]
    unchanged = curl(*AS_ADMIN, "-H", f"If-None-Match: {etag}", url)
    assert (unchanged.status, unchanged.body) == (304, b"")
    assert curl(*AS_ADMIN, "-H", 'If-None-Match: "other"', url).status == 200
    assert curl(*AS_ADMIN, "-H", 'If-Match: "other"', url).status == 412
    assert curl(*AS_ADMIN, "-r", "0-9", "-H", f"If-Range: {etag}", url).status == 206
    assert curl(*AS_ADMIN, "-r", "0-9", "-H", 'If-Range: "other"', url).body == data

    begun = tmp_path / "begun.bin"
    begun.write_bytes(data[:123_456])
    rest = curl(*AS_ADMIN, "-C", "-", url, output=begun)
    assert (rest.status, rest.headers["content-length"]) == (206, str(300_000 - 123_456))
    assert begun.read_bytes() == data


def test_the_record_has_every_digest(server: GranaryServer, content: Path) -> None:
    data = content.read_bytes()
    assert curl(*AS_ADMIN, "-T", content, server.file_url("admin", "tool", "1.0.0", "tool.bin")).status == 201
    file = server.record("admin", "tool", "1.0.0")["files"][0]
    assert file["size"] == 300_000
    for algorithm in ("md5", "sha1", "sha256", "sha512"):
        assert file[algorithm] == hashlib.new(algorithm, data).hexdigest(), algorithm


def test_unknown_paths_and_wrong_methods(server: GranaryServer) -> None:
    assert curl(*AS_ADMIN, server.url + "/api/packages/admin/generic/tool").status == 404
    assert curl(*AS_ADMIN, server.url + "/nothing/here").status == 404
    wrong = curl(*AS_ADMIN, "-X", "POST", server.file_url("admin", "tool", "1.0.0", "tool.bin"))
    assert wrong.status == 405
    assert {"GET", "HEAD", "PUT", "DELETE"} <= {method.strip() for method in wrong.headers["allow"].split(",")}
    assert curl(*AS_ADMIN, "-X", "PUT", server.version_url("admin", "tool", "1.0.0")).status == 405


def test_every_answer_has_a_request_id_and_errors_come_in_two_forms(server: GranaryServer) -> None:
    url = server.file_url("admin", "absent", "1.0.0", "tool.bin")
    text = curl(*AS_ADMIN, url)
    assert text.status == 404
    assert text.headers["content-type"].startswith("text/plain")
    assert len(text.text) > 10 and text.text.endswith("\n") and text.text.count("\n") == 1
    structured = curl(*AS_ADMIN, "-H", "Accept: application/json", url)
    assert structured.headers["content-type"].startswith("application/json")
    error = json.loads(structured.text)
    assert set(error) == {"error", "message", "request_id"}
    assert error["request_id"] == structured.headers["x-request-id"]
    answers = [text, structured, curl(server.url + "/healthz"), curl(server.url + "/readyz")]
    assert [answer.status for answer in answers] == [404, 404, 200, 200]
    identifiers = [answer.headers["x-request-id"] for answer in answers]
    assert len(set(identifiers)) == len(answers) and all(identifiers)

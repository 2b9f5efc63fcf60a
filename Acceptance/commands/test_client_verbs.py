# SPDX-License-Identifier: Apache-2.0
"""The client's verbs: what they do, what they print, and the status that they exit with."""

from __future__ import annotations

import json
import random
import re
import socket
import stat
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pexpect
import pytest

from client_home import (
    DONE, EXISTS, FAILED, NOT_ALLOWED, NOT_FOUND, UNAVAILABLE, USAGE, VERIFICATION, Client, client, release,
    stranger,
)
from granary_server import CONTRACTS, GranaryServer
from hashing import sha256
from sizes import MEBIBYTE
from tcp_proxy import CuttingProxy
from waiting import wait_until

pytestmark = pytest.mark.scale_out
__all__ = ["client", "release", "stranger"]


def test_publish_list_show_download_verify_delete(client: Client, release: Path, server: GranaryServer) -> None:
    client.expect(DONE, "publish", "robot/tool@1.0.0", release)
    got = server.http("robot").get(server.file_url("robot", "tool", "1.0.0", "tool.bin"))
    assert got.content == release.read_bytes()

    assert "tool" in client.expect(DONE, "list", "robot")
    assert "1.0.0" in client.expect(DONE, "list", "robot/tool")
    shown = client.expect(DONE, "show", "robot/tool@1.0.0")
    assert "tool.bin" in shown and server.record("robot", "tool", "1.0.0")["files"][0]["sha256"] in shown

    target = client.home / "here"
    target.mkdir()
    client.expect(DONE, "download", "robot/tool@1.0.0", "--output", target)
    assert (target / "tool.bin").read_bytes() == release.read_bytes()
    assert [path.name for path in target.iterdir()] == ["tool.bin"]
    client.expect(DONE, "verify", "robot/tool@1.0.0")
    client.expect(DONE, "verify", "robot/tool@1.0.0", target / "tool.bin")

    client.expect(DONE, "delete", "robot/tool@1.0.0")
    for verb in ("show", "download", "verify", "delete"):
        assert "1.0.0" in client.expect(NOT_FOUND, verb, "robot/tool@1.0.0")


def test_search_and_the_order_of_versions(client: Client, release: Path, server: GranaryServer) -> None:
    server.create_user("closed", "--visibility", "private")
    for owner in ["closed", "admin"]:
        put = server.http("admin").put(server.file_url(owner, "Tool-kit", "1.0.0", "kit.bin"), data=b"kit")
        assert put.status_code == 201
    for version in ["9.0.0", "10.0.0", "10.0.0-rc.1"]:
        client.expect(DONE, "publish", f"robot/tool@{version}", release)
    found = json.loads(client.expect(DONE, "search", "OOL", "--format", "json"))
    assert [(one["owner"], one["name"]) for one in found["packages"]] == [("robot", "tool"), ("admin", "Tool-kit")]
    assert "robot/tool" in client.expect(DONE, "search", "--name", "TOOL") and \
        "kit" not in client.expect(DONE, "search", "--name", "TOOL")
    assert "admin/Tool-kit" in client.expect(DONE, "search", "--owner", "admin")
    assert "closed" not in client.expect(DONE, "search", "--owner", "closed")
    digest = sha256(release.read_bytes())
    files = client.expect(DONE, "search", "--sha256", digest)
    assert files.count("tool.bin") == 3 and "robot/tool@10.0.0-rc.1" in files
    client.expect(USAGE, "search", "--sha256", "abc")
    client.expect(USAGE, "search", "--owner", "a b")
    for sort, expected in [("published", ["10.0.0-rc.1", "10.0.0", "9.0.0"]),
                           ("semver", ["10.0.0", "10.0.0-rc.1", "9.0.0"])]:
        listed = json.loads(client.expect(DONE, "list", "robot/tool", "--sort", sort, "--format", "json"))
        assert [one["version"] for one in listed["versions"]] == expected
    client.expect(USAGE, "list", "robot/tool", "--sort", "age")


def test_json_output(client: Client, release: Path) -> None:
    client.expect(DONE, "publish", "robot/tool@1.0.0", release)
    assert "tool" in json.dumps(json.loads(client.expect(DONE, "list", "robot", "--format", "json")))
    shown = json.loads(client.expect(DONE, "show", "robot/tool@1.0.0", "--format", "json"))
    assert (shown["version"], shown["files"][0]["size"]) == ("1.0.0", 3 * MEBIBYTE)


def test_login_is_saved_for_its_owner_alone(client: Client, server: GranaryServer) -> None:
    assert stat.S_IMODE(client.saved_login.stat().st_mode) == 0o600
    assert stat.S_IMODE(client.saved_login.parent.stat().st_mode) == 0o700
    saved = json.loads(client.saved_login.read_text())
    assert server.url in saved.values() or server.url + "/" in saved.values()


def test_a_wrong_token_is_not_saved(stranger: Client, server: GranaryServer) -> None:
    token_file = stranger.home / "wrong"
    token_file.write_text("grn_" + "0" * 64)
    stranger.expect(NOT_ALLOWED, "login", server.url, "--token-file", token_file)
    assert not stranger.saved_login.exists()


def test_environment_and_options_replace_the_saved_login(stranger: Client, server: GranaryServer) -> None:
    file = stranger.home / "tool.bin"
    file.write_bytes(b"x")
    signed_in = {"GRANARY_URL": server.url, "GRANARY_TOKEN": stranger.token}
    stranger.expect(DONE, "publish", "robot/tool@1.0.0", file, **signed_in)
    token_file = stranger.home / "token"
    token_file.write_text(stranger.token)
    stranger.expect(DONE, "publish", "robot/tool@1.0.1", file, "--url", server.url, "--token-file", token_file)
    assert not stranger.saved_login.exists()


@pytest.mark.engine_independent
def test_exit_codes(client: Client, release: Path, server: GranaryServer) -> None:
    client.expect(DONE, "publish", "robot/tool@1.0.0", release)
    changed = client.home / "changed" / "tool.bin"
    changed.parent.mkdir()
    changed.write_bytes(b"other bytes")
    assert "1.0.0" in client.expect(EXISTS, "publish", "robot/tool@1.0.0", changed)
    client.expect(NOT_FOUND, "show", "robot/absent@1.0.0")
    client.expect(NOT_FOUND, "download", "robot/tool@1.0.0", "absent.bin")
    client.expect(NOT_ALLOWED, "publish", "admin/tool@1.0.0", release)
    client.expect(NOT_ALLOWED, "delete", "robot/tool@1.0.0", GRANARY_TOKEN="grn_" + "0" * 64)
    client.expect(USAGE, "publish")
    client.expect(USAGE, "publish", "no-version", release)
    client.expect(USAGE, "show", "robot/tool")
    client.expect(USAGE, "frobnicate")
    absent = client.run("publish", "robot/tool@2.0.0", client.home / "absent.bin")
    assert absent.returncode in (FAILED, USAGE) and "absent.bin" in absent.stderr
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{closed.getsockname()[1]}"
        client.expect(UNAVAILABLE, "list", "robot", "--url", url)
    assert server.http("robot").get(server.file_url("robot", "tool", "1.0.0", "tool.bin")).status_code == 200


def test_without_a_login_a_command_says_what_to_do(stranger: Client, server: GranaryServer) -> None:
    done = stranger.run("list", "robot")
    assert done.returncode in (NOT_ALLOWED, USAGE) and "login" in done.stderr
    file = stranger.home / "tool.bin"
    file.write_bytes(b"x")
    stranger.expect(NOT_ALLOWED, "publish", "robot/tool@1.0.0", file, GRANARY_URL=server.url)


@pytest.fixture
def other(client: Client) -> Path:
    """A second, small file to publish."""
    path = client.home / "other.bin"
    path.write_bytes(b"other")
    return path


def draft_url(server: GranaryServer, file: str) -> str:
    return f"{server.url}/api/granary/v1/releases/robot/tool/1.0.0/{file}"


@pytest.mark.parametrize("contract", CONTRACTS)
def test_several_files_are_published_in_one_act(
    client: Client, release: Path, other: Path, server: GranaryServer, contract: str
) -> None:
    server.admin("owner", "set-contract", "robot", contract)
    told = client.expect(DONE, "publish", "robot/tool@1.0.0", release, other).splitlines()
    assert told == ["published robot/tool@1.0.0/tool.bin", "published robot/tool@1.0.0/other.bin",
                    "published robot/tool@1.0.0 with 2 files"]
    for path in [release, other]:
        got = server.http("robot").get(server.file_url("robot", "tool", "1.0.0", path.name))
        assert got.content == path.read_bytes()
    again = client.expect(EXISTS if contract == "documented" else DONE, "publish", "robot/tool@1.0.0", release, other)
    assert "same content" in again
    other.write_bytes(b"changed")
    assert "other.bin" in client.expect(EXISTS, "publish", "robot/tool@1.0.0", release, other)


def test_several_files_in_json(client: Client, release: Path, other: Path) -> None:
    told = client.expect(DONE, "publish", "robot/tool@1.0.0", release, other, "--format", "json")
    assert json.loads(told) == [
        {"file": f"robot/tool@1.0.0/{path.name}", "outcome": "created"} for path in [release, other]
    ]


def test_files_join_a_version_that_takes_more(client: Client, release: Path, other: Path, server: GranaryServer) -> None:
    server.admin("owner", "set-contract", "robot", "current")
    client.expect(DONE, "publish", "robot/tool@1.0.0", release)
    third = client.home / "third.bin"
    third.write_bytes(b"third")
    told = client.expect(DONE, "publish", "robot/tool@1.0.0", release, other, third)
    assert "tool.bin is already published" in told and "with 2 files" in told
    assert len(server.record("robot", "tool", "1.0.0")["files"]) == 3


def test_a_draft_is_gone_on_with(client: Client, release: Path, other: Path, server: GranaryServer) -> None:
    robot = server.http("robot")
    assert robot.put(draft_url(server, "tool.bin"), data=release.read_bytes()).status_code == 201
    assert robot.put(draft_url(server, "other.bin"), data=b"an older one").status_code == 201
    client.expect(NOT_FOUND, "show", "robot/tool@1.0.0")
    with CuttingProxy(server.url) as proxy:
        token = {"GRANARY_TOKEN": client.token}
        client.expect(DONE, "publish", "robot/tool@1.0.0", release, other, "--url", proxy.url, **token)
        assert len(proxy.request_bytes) < MEBIBYTE, "what the draft has was sent again"
    assert robot.get(server.file_url("robot", "tool", "1.0.0", "other.bin")).content == b"other"


def test_a_draft_with_other_files_is_not_published(
    client: Client, release: Path, other: Path, server: GranaryServer
) -> None:
    for name in ["alien.bin", "stranger.bin"]:
        assert server.http("robot").put(draft_url(server, name), data=b"x").status_code == 201
    command = ["publish", "robot/tool@1.0.0", release, other]
    told = client.expect(EXISTS, *command)
    assert "alien.bin" in told and "stranger.bin" in told and "granary delete --draft robot/tool@1.0.0" in told
    client.expect(NOT_FOUND, "show", "robot/tool@1.0.0")
    client.expect(DONE, "delete", "--draft", "robot/tool@1.0.0", "alien.bin")
    assert "alien.bin" not in client.expect(EXISTS, *command)
    assert "draft of robot/tool@1.0.0" in client.expect(DONE, "delete", "--draft", "robot/tool@1.0.0")
    client.expect(NOT_FOUND, "delete", "--draft", "robot/tool@1.0.0")
    client.expect(DONE, *command)
    assert len(server.record("robot", "tool", "1.0.0")["files"]) == 2


def test_deleting_a_draft_leaves_what_is_published(client: Client, release: Path, server: GranaryServer) -> None:
    client.expect(DONE, "publish", "robot/tool@1.0.0", release)
    client.expect(NOT_FOUND, "delete", "--draft", "robot/tool@1.0.0")
    client.expect(NOT_FOUND, "delete", "--draft", "robot/tool@1.0.0", "tool.bin")
    client.expect(DONE, "show", "robot/tool@1.0.0")


def test_verify_notices_a_changed_local_file(client: Client, release: Path) -> None:
    client.expect(DONE, "publish", "robot/tool@1.0.0", release)
    with open(release, "r+b") as file:
        file.seek(MEBIBYTE)
        file.write(b"!")
    assert "tool.bin" in client.expect(VERIFICATION, "verify", "robot/tool@1.0.0", release)


@pytest.mark.local_content
def test_damage_on_the_server_is_noticed(client: Client, release: Path, server: GranaryServer) -> None:
    client.expect(DONE, "publish", "robot/tool@1.0.0", release)
    (blob,) = server.blob_files()
    blob.chmod(0o600)
    with open(blob, "r+b") as file:
        file.seek(MEBIBYTE)
        byte = file.read(1)
        file.seek(MEBIBYTE)
        file.write(bytes([byte[0] ^ 1]))
    client.expect(VERIFICATION, "verify", "robot/tool@1.0.0")
    target = client.home / "target"
    target.mkdir()
    client.expect(VERIFICATION, "download", "robot/tool@1.0.0", "--output", target)
    assert not (target / "tool.bin").exists(), "damaged bytes got the name of the file"


def test_a_download_replaces_nothing_unasked(client: Client, release: Path) -> None:
    client.expect(DONE, "publish", "robot/tool@1.0.0", release)
    target = client.home / "target.bin"
    target.write_bytes(b"mine")
    refused = client.run("download", "robot/tool@1.0.0", "tool.bin", "--output", target)
    assert refused.returncode not in (DONE, UNAVAILABLE) and target.read_bytes() == b"mine"
    client.expect(DONE, "download", "robot/tool@1.0.0", "tool.bin", "--output", target, "--force")
    assert target.read_bytes() == release.read_bytes()


@pytest.mark.engine_independent
def test_progress_is_shown_on_a_terminal_only(client: Client, server: GranaryServer) -> None:
    big = client.home / "big.bin"
    big.write_bytes(bytes(24 * MEBIBYTE))
    with CuttingProxy(server.url, bytes_per_second=6 * MEBIBYTE) as proxy:
        for command in (["publish", "robot/big@1.0.0", str(big)], ["download", "robot/big@1.0.0", "--output", "copy"]):
            (client.home / "copy").mkdir(exist_ok=True)
            terminal = pexpect.spawn(
                str(client.binary), [*command, "--url", proxy.url], cwd=str(client.home),
                env=client.environment(GRANARY_TOKEN=client.token), timeout=60, dimensions=(24, 100),
            )
            terminal.expect(pexpect.EOF)
            terminal.close()
            shown = terminal.before.decode(errors="replace")
            assert terminal.exitstatus == 0, shown
            assert re.search(r"\d[\d.,]* ?[KMG]i?B/s", shown), f"no rate: {shown!r}"
            assert "\r" in shown.replace("\r\n", ""), f"nothing is drawn over: {shown!r}"
        piped = client.run("download", "robot/big@1.0.0", "--output", "copy", "--force", "--url", proxy.url)
        assert piped.returncode == 0 and "B/s" not in piped.stdout + piped.stderr


def test_a_broken_upload_is_tried_again(client: Client, release: Path, server: GranaryServer) -> None:
    with CuttingProxy(server.url, cut_after=MEBIBYTE) as proxy:
        # A saved login is for its own server only; here the token is given by hand.
        token = {"GRANARY_TOKEN": client.token}
        client.expect(DONE, "publish", "robot/tool@1.0.0", release, "--url", proxy.url, **token)
        assert proxy.cuts == 1
    got = server.http("robot").get(server.file_url("robot", "tool", "1.0.0", "tool.bin"))
    assert got.content == release.read_bytes()


@pytest.mark.parametrize("is_alone", [True, False], ids=["one-file", "of-several"])
def test_a_broken_large_upload_goes_on_where_it_was(
    client: Client, other: Path, server: GranaryServer, is_alone: bool
) -> None:
    large = client.home / "large.bin"
    large.write_bytes(random.Random(11).randbytes(40 * MEBIBYTE))
    with CuttingProxy(server.url, cut_after=24 * MEBIBYTE) as proxy:
        files = [large] if is_alone else [other, large]
        token = {"GRANARY_TOKEN": client.token}
        client.expect(DONE, "publish", "robot/tool@1.0.0", *files, "--url", proxy.url, **token)
        assert proxy.cuts == 1
        assert re.search(rb"(?i)\r\nupload-offset: [1-9]", bytes(proxy.request_bytes)), "it began anew"
        assert len(proxy.request_bytes) < 60 * MEBIBYTE, "it sent again what had arrived"
    got = server.http("robot").get(server.file_url("robot", "tool", "1.0.0", "large.bin"))
    assert got.content == large.read_bytes()
    assert len(server.record("robot", "tool", "1.0.0")["files"]) == len(files)


def test_a_large_upload_survives_the_death_of_the_server(client: Client, server: GranaryServer) -> None:
    large = client.home / "large.bin"
    large.write_bytes(random.Random(13).randbytes(MEBIBYTE) * 160)
    uploads = f"{server.url}/api/granary/v1/owners/robot/uploads"
    robot = server.http("robot")

    def received() -> int:
        return sum(upload["offset"] for upload in robot.get(uploads).json()["uploads"])

    with CuttingProxy(server.url, bytes_per_second=40 * MEBIBYTE) as proxy, ThreadPoolExecutor(1) as pool:
        command = ["publish", "robot/tool@1.0.0", large, "--url", proxy.url]
        published = pool.submit(client.expect, DONE, *command, GRANARY_TOKEN=client.token)
        wait_until(lambda: received() > 0, "some of the upload is durable")
        server.kill()
        server.start(f"127.0.0.1:{server.port}")
        assert "published" in published.result()
        sent = bytes(proxy.request_bytes)
    assert len(re.findall(rb"(?i)\r\nupload-length:", sent)) == 1, "it began anew"
    assert re.search(rb"(?i)\r\nupload-offset: [1-9]", sent), "it sent again what was durable"
    record = server.record("robot", "tool", "1.0.0")["files"][0]
    assert record["sha256"] == sha256(large.read_bytes())


def test_a_broken_download_goes_on_where_it_was(client: Client, release: Path, server: GranaryServer) -> None:
    client.expect(DONE, "publish", "robot/tool@1.0.0", release)
    target = client.home / "target"
    target.mkdir()
    with CuttingProxy(server.url, cut_after=MEBIBYTE) as proxy:
        client.expect(DONE, "download", "robot/tool@1.0.0", "--output", target, "--url", proxy.url)
        assert proxy.cuts == 1
        assert re.search(rb"(?i)\r\nrange: bytes=[1-9]\d*-", bytes(proxy.request_bytes)), "it began anew"
    assert (target / "tool.bin").read_bytes() == release.read_bytes()
    assert [path.name for path in target.iterdir()] == ["tool.bin"]


@pytest.mark.parametrize("verb", ["login", "publish", "download", "list", "search", "show", "delete", "verify", "serve",
                                  "admin user create", "admin token create"])
def test_every_command_has_help_with_an_example(binary: Path, verb: str) -> None:
    done = subprocess.run([binary, *verb.split(), "--help"], capture_output=True, text=True, timeout=30)
    assert done.returncode == 0
    # The usage line names the command once; an example names it again.
    assert done.stdout.count(f"granary {verb}") >= 2, done.stdout


@pytest.mark.engine_independent
def test_the_root_help_documents_the_exit_codes(binary: Path) -> None:
    done = subprocess.run([binary, "--help"], capture_output=True, text=True, timeout=30)
    for code in ("3", "4", "5", "6", "7", "64"):
        assert re.search(rf"\b{code}\b", done.stdout), f"exit code {code} is not documented"

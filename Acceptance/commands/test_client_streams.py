# SPDX-License-Identifier: Apache-2.0
"""The client among other programs: pipes, devices, signals, proxies, and results that cannot be written."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import termios
import threading
from collections.abc import Iterator
from pathlib import Path

import pexpect
import pytest

from client_home import DONE, EXISTS, FAILED, NOT_FOUND, USAGE, Client, client, release, stranger
from granary_server import GranaryServer
from programs import free_port
from sizes import MEBIBYTE
from tcp_proxy import CuttingProxy
from waiting import wait_until
__all__ = ["client", "release", "stranger"]
PUBLISHED = "robot/tool@1.0.0"


PRINTING = [
    ["list", "robot"], ["list", "robot", "--format", "json"], ["show", PUBLISHED],
    ["download", PUBLISHED, "--output", "copy/"], ["completion", "bash"], ["--version"], ["--help"],
]


@pytest.mark.parametrize("command", PRINTING, ids=" ".join)
def test_results_that_cannot_be_written_are_a_failure(client: Client, release: Path, command: list[str]) -> None:
    client.expect(DONE, "publish", PUBLISHED, release)
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            [client.binary, *command], stdout=full, stderr=subprocess.PIPE, text=True, cwd=client.home,
            env=client.environment(), timeout=60,
        )
    assert done.returncode == FAILED
    if not command[-1].startswith("--"):
        assert "cannot write the results: no space is left" in done.stderr


def test_a_token_that_nobody_reads_is_a_failure(server: GranaryServer) -> None:
    command = ["admin", "token", "create", "admin", "--name", "lost", "--scope", "all", "--data", server.data]
    with open("/dev/full", "w") as full:
        done = subprocess.run([server.binary, *command], stdout=full, stderr=subprocess.PIPE, text=True, timeout=60)
    assert done.returncode == FAILED and "cannot write the results" in done.stderr


def test_a_download_goes_into_a_pipe(client: Client, release: Path, server: GranaryServer) -> None:
    client.expect(DONE, "publish", PUBLISHED, release)
    command = [client.binary, "download", PUBLISHED, "tool.bin", "--output"]
    done = subprocess.run([*command, "-"], capture_output=True, cwd=client.home, env=client.environment(), timeout=60)
    assert (done.returncode, done.stdout, done.stderr) == (DONE, release.read_bytes(), b"")
    # Lost connections do not show.
    with CuttingProxy(server.url, cut_after=MEBIBYTE) as proxy:
        again = subprocess.run(
            [*command, "-", "--url", proxy.url], capture_output=True, cwd=client.home,
            env=client.environment(GRANARY_TOKEN=client.token), timeout=60,
        )
        assert proxy.cuts == 1 and (again.returncode, again.stdout) == (DONE, release.read_bytes())

    os.mkfifo(client.home / "pipe")
    received: list[bytes] = []
    reader = threading.Thread(target=lambda: received.append((client.home / "pipe").read_bytes()))
    reader.start()
    assert "downloaded pipe" in client.expect(DONE, "download", PUBLISHED, "tool.bin", "--output", "pipe")
    reader.join(timeout=60)
    assert received == [release.read_bytes()] and (client.home / "pipe").is_fifo()
    client.expect(DONE, "download", PUBLISHED, "--output", "/dev/null", "--force")
    assert Path("/dev/null").is_char_device()
    told = client.expect(FAILED, "download", PUBLISHED, "--output", "/dev/full")
    assert told == 'granary: cannot write "/dev/full": no space is left on the device\n'
    assert not (client.home / "-").exists()


def test_one_stream_takes_one_file(client: Client, release: Path) -> None:
    other = client.home / "other.bin"
    other.write_bytes(b"other")
    client.expect(DONE, "publish", PUBLISHED, release, other)
    assert "name a single file" in client.expect(USAGE, "download", PUBLISHED, "--output", "-")
    assert client.run("download", PUBLISHED, "other.bin", "--output", "-").stdout == "other"


def test_standard_input_is_published(client: Client, server: GranaryServer) -> None:
    # More than is sent in one piece, so that it is an upload that can be resumed.
    content = os.urandom(20 * MEBIBYTE)
    (client.home / "tmp").mkdir()
    environment = client.environment(TMPDIR=str(client.home / "tmp"))
    done = subprocess.run(
        [client.binary, "publish", PUBLISHED, "-", "--name", "tool.bin"], input=content, capture_output=True,
        cwd=client.home, env=environment, timeout=60,
    )
    assert done.returncode == DONE, done.stderr
    assert server.http("robot").get(server.file_url("robot", "tool", "1.0.0", "tool.bin")).content == content
    assert not list((client.home / "tmp").iterdir())
    assert "--name" in client.expect(USAGE, "publish", "robot/tool@2.0.0", "-")
    missing = client.run("publish", "robot/tool@2.0.0", "-", "--name", "x", TMPDIR=str(client.home / "absent"))
    assert missing.returncode == FAILED and "TMPDIR" in missing.stderr


def test_a_file_gets_another_name(client: Client, release: Path) -> None:
    client.expect(DONE, "publish", PUBLISHED, release, "--name", "renamed.bin")
    assert "renamed.bin" in client.expect(DONE, "show", PUBLISHED)
    assert "--name" in client.expect(USAGE, "publish", PUBLISHED, release, release, "--name", "renamed.bin")


def test_the_longest_name_can_be_downloaded(client: Client, release: Path) -> None:
    name = "n" * 255
    client.expect(DONE, "publish", PUBLISHED, release, "--name", name)
    client.expect(DONE, "download", PUBLISHED)
    assert (client.home / name).read_bytes() == release.read_bytes()
    assert "already exists" in client.expect(EXISTS, "download", PUBLISHED)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGHUP, signal.SIGTERM])
def test_a_signal_leaves_nothing_behind(client: Client, server: GranaryServer, number: signal.Signals) -> None:
    large = client.home / "large.bin"
    large.write_bytes(bytes(8 * MEBIBYTE))
    client.expect(DONE, "publish", PUBLISHED, large)
    folder = client.home / "folder"
    with CuttingProxy(server.url, bytes_per_second=MEBIBYTE) as proxy:
        process = subprocess.Popen(
            [client.binary, "download", PUBLISHED, "--output", "folder/", "--url", proxy.url], cwd=client.home,
            env=client.environment(GRANARY_TOKEN=client.token), stderr=subprocess.PIPE, text=True,
        )
        wait_until(lambda: folder.exists() and any(folder.iterdir()), "the download has begun")
        process.send_signal(number)
        _, told = process.communicate(timeout=60)
    # A shell sees that it was a signal, and ends its loop.
    assert process.returncode == -number and "interrupted" in told
    assert not list(folder.iterdir())


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGQUIT, signal.SIGHUP, signal.SIGTERM])
def test_a_prompt_that_is_interrupted_gives_the_terminal_back(
    stranger: Client, server: GranaryServer, number: signal.Signals
) -> None:
    def echoes(terminal: pexpect.spawn) -> bool:
        return bool(termios.tcgetattr(terminal.child_fd)[3] & termios.ECHO)

    # A test run in the background may inherit ignored signals and would pass them on to the child.
    terminal = pexpect.spawn(
        str(stranger.binary), ["login", server.url], cwd=str(stranger.home), env=stranger.environment(), timeout=60,
        preexec_fn=lambda: signal.signal(number, signal.SIG_DFL),
    )
    terminal.expect("Access token")
    wait_until(lambda: not echoes(terminal), "the prompt is silent")
    terminal.kill(number)
    wait_until(lambda: echoes(terminal), "the terminal is given back")
    terminal.expect(pexpect.EOF)
    terminal.close()
    assert terminal.signalstatus == number


def test_a_signal_that_is_ignored_stays_so_at_a_prompt(stranger: Client, server: GranaryServer) -> None:
    terminal = pexpect.spawn(
        str(stranger.binary), ["login", server.url], cwd=str(stranger.home), env=stranger.environment(), timeout=60,
        ignore_sighup=True,
    )
    terminal.expect("Access token")
    terminal.kill(signal.SIGHUP)
    terminal.sendline("no token")
    terminal.expect(pexpect.EOF)
    terminal.close()
    assert terminal.exitstatus not in (None, 0)


def test_a_prompt_that_is_stopped_is_silent_again_when_it_goes_on(stranger: Client, server: GranaryServer) -> None:
    shell = pexpect.spawn("bash", ["--norc", "-i"], cwd=str(stranger.home), env=stranger.environment(PS1="$ "), timeout=60)
    shell.sendline("set -m; PS1='ready'$'\\x3e'")
    shell.expect_exact("ready>")
    shell.sendline(f"{stranger.binary} login {server.url}")
    shell.expect("Access token")
    wait_until(lambda: not termios.tcgetattr(shell.child_fd)[3] & termios.ECHO, "the prompt is silent")
    shell.sendcontrol("z")
    shell.expect_exact("ready>")
    shell.sendline("stty -a | grep -o ' echo '")
    shell.expect(" echo \\r")
    shell.expect_exact("ready>")
    shell.sendline("fg")
    shell.expect("login")
    wait_until(lambda: not termios.tcgetattr(shell.child_fd)[3] & termios.ECHO, "the prompt is silent again")
    shell.sendline("unmistakable-secret")
    shell.expect_exact("ready>")
    assert b"unmistakable-secret" not in shell.before
    shell.close(force=True)


@pytest.mark.parametrize("way", ["/dev/stdout", "/dev/fd/1", "/proc/self/fd/1", "link"])
def test_a_name_of_an_open_descriptor_is_written_to(client: Client, release: Path, way: str) -> None:
    client.expect(DONE, "publish", PUBLISHED, release)
    link = client.home / "link"
    link.symlink_to("/proc/self/fd/1")
    path = str(link) if way == "link" else way
    command = [client.binary, "download", PUBLISHED, release.name, "--output", path, "--force"]
    environment = client.environment()
    written = client.home / "written"
    for mode in ("wb", "ab"):
        with written.open(mode) as file:
            done = subprocess.run(command, stdout=file, stderr=subprocess.PIPE, env=environment, cwd=client.home, timeout=60)
        assert done.returncode == 0, done.stderr
    assert written.read_bytes() == release.read_bytes() * 2
    assert link.is_symlink()


NGINX = """
daemon off; error_log stderr; pid {folder}/nginx.pid; user root;
events {{ }}
http {{
    access_log off; client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi; uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
    server {{ listen 127.0.0.1:{port}; location / {{ proxy_pass {url}; }} }}
}}
"""


@pytest.fixture
def small_proxy(server: GranaryServer, tmp_path: Path) -> Iterator[str]:
    """nginx as it is installed, which takes bodies of at most 1 MiB."""
    port = free_port()
    folder = tmp_path / "nginx"
    folder.mkdir()
    (folder / "nginx.conf").write_text(NGINX.format(folder=folder, port=port, url=server.url))
    process = subprocess.Popen(["nginx", "-p", folder, "-c", folder / "nginx.conf", "-e", "stderr"], stderr=subprocess.DEVNULL)
    try:
        wait_until(lambda: is_open(port), "nginx listens")
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(timeout=30)


def is_open(port: int) -> bool:
    with socket.socket() as attempt:
        return attempt.connect_ex(("127.0.0.1", port)) == 0


def test_a_proxy_that_takes_small_bodies_only_gets_small_bodies(
    client: Client, release: Path, server: GranaryServer, small_proxy: str
) -> None:
    large = client.home / "large.bin"
    large.write_bytes(os.urandom(17 * MEBIBYTE))
    through = {"GRANARY_URL": small_proxy, "GRANARY_TOKEN": client.token}
    assert "published" in client.expect(DONE, "publish", PUBLISHED, release, **through)
    client.expect(DONE, "publish", "robot/tool@2.0.0", release, large, **through)
    for version, file in (("1.0.0", release), ("2.0.0", release), ("2.0.0", large)):
        got = server.http("robot").get(server.file_url("robot", "tool", version, file.name))
        assert got.content == file.read_bytes()


def without(client: Client, descriptor: int, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """Runs a command that a standard stream is closed for."""
    streams = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.PIPE}
    return subprocess.run(
        [str(client.binary), *map(str, arguments)], **streams, text=True, cwd=client.home, env=client.environment(),
        timeout=60, preexec_fn=lambda: os.close(descriptor),
    )


def test_closed_standard_streams_are_failures(client: Client, release: Path, server: GranaryServer) -> None:
    closed = without(client, 0, "publish", PUBLISHED, "-", "--name", "x")
    assert (closed.returncode, closed.stderr) == (FAILED, "granary: cannot read standard input: it is closed\n")
    assert server.http("robot").get(server.file_url("robot", "tool", "1.0.0", "x")).status_code == 404
    client.expect(DONE, "publish", PUBLISHED, release)
    closed = without(client, 1, "download", PUBLISHED, "--output", "-")
    assert (closed.returncode, closed.stderr) == (FAILED, "granary: cannot write standard output: it is closed\n")
    closed = without(client, 1, "list", "robot")
    assert closed.returncode == FAILED and closed.stderr.startswith("granary: cannot write the results: it is closed")
    # No file that is opened later gets what was meant for a stream.
    assert without(client, 2, "download", PUBLISHED, "absent.bin").returncode == NOT_FOUND
    assert without(client, 2, "download", PUBLISHED, "--output", "copy/").returncode == DONE
    # What was given on purpose is taken.
    client.expect(DONE, "publish", "robot/empty@1.0.0", "-", "--name", "empty")
    client.expect(DONE, "download", PUBLISHED, "--output", "/dev/null")


def test_a_dangling_link_is_not_replaced_unasked(client: Client, release: Path) -> None:
    client.expect(DONE, "publish", PUBLISHED, release)
    link = client.home / "link"
    link.symlink_to("absent")
    assert "already exists" in client.expect(EXISTS, "download", PUBLISHED, "--output", "link")
    assert link.is_symlink()
    client.expect(DONE, "download", PUBLISHED, "--output", "link", "--force")
    assert not link.is_symlink() and link.read_bytes() == release.read_bytes()


def test_a_renamed_owner_is_followed_and_told(client: Client, release: Path, server: GranaryServer) -> None:
    client.expect(DONE, "publish", PUBLISHED, release)
    renamed = server.http("admin").post(f"{server.url}/api/v1/admin/users/robot/rename", json={"new_username": "android"})
    assert renamed.status_code == 204, renamed.text
    large = client.home / "large.bin"
    large.write_bytes(bytes(17 * MEBIBYTE))
    for command in (["list", "robot"], ["download", PUBLISHED, "--output", "copy/"],
                    ["publish", "robot/tool@2.0.0", release, large], ["delete", "robot/tool@2.0.0"]):
        done = client.run(*command)
        assert done.returncode == DONE, done.stderr
        # Once, however many requests there were.
        assert done.stderr == 'granary: the owner "robot" was renamed; use "android"\n'
    assert (client.home / "copy" / "tool.bin").read_bytes() == release.read_bytes()

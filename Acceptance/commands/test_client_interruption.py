# SPDX-License-Identifier: Apache-2.0
"""The client that is told to end: while it waits for pipes, and in the middle of transfers."""

from __future__ import annotations

import os
import signal
import subprocess
import termios
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from client_home import DONE, Client, client, release, stranger
from granary_server import GranaryServer
from sizes import MEBIBYTE
from tcp_proxy import CuttingProxy
from waiting import wait_until
__all__ = ["client", "release", "stranger"]
PUBLISHED = "robot/tool@1.0.0"
UPLOADS = "/api/granary/v1/owners/robot/uploads"


@contextmanager
def running(client: Client, *arguments: str | Path, stdout: int = subprocess.DEVNULL, **environment: str) \
        -> Iterator[subprocess.Popen[str]]:
    """A command that goes on beside the test."""
    process = subprocess.Popen(
        [str(client.binary), *map(str, arguments)], cwd=client.home, env=client.environment(**environment),
        stdin=subprocess.DEVNULL, stdout=stdout, stderr=subprocess.PIPE, text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate(timeout=60)


def end(process: subprocess.Popen[str], number: signal.Signals) -> str:
    """Sends one signal, by which the command ends; returns what it says."""
    process.send_signal(number)
    _, told = process.communicate(timeout=30)
    assert process.returncode == -number
    return told


def waits_in(process: subprocess.Popen[str], call: int) -> bool:
    """Whether a thread of the process is in this system call of x86-64."""
    for thread in Path(f"/proc/{process.pid}/task").iterdir():
        try:
            if (thread / "syscall").read_text().split()[0] == str(call):
                return True
        except OSError:
            continue
    return False


WRITE, OPENAT = 1, 257
SIGNALS = [signal.SIGINT, signal.SIGHUP, signal.SIGTERM]


@pytest.mark.parametrize("number", SIGNALS)
def test_a_pipe_that_nobody_opens_does_not_keep_the_command(client: Client, release: Path, number: signal.Signals) -> None:
    client.expect(DONE, "publish", PUBLISHED, release)
    os.mkfifo(client.home / "pipe")
    before = set(client.home.iterdir())
    with running(client, "download", PUBLISHED, "--output", "pipe") as process:
        wait_until(lambda: waits_in(process, OPENAT), "the pipe is being opened")
        end(process, number)
    assert set(client.home.iterdir()) == before


@pytest.mark.parametrize("number", SIGNALS)
@pytest.mark.parametrize("target", ["pipe", "-"])
def test_a_reader_that_stalls_does_not_keep_the_command(
    client: Client, release: Path, number: signal.Signals, target: str
) -> None:
    client.expect(DONE, "publish", PUBLISHED, release)
    os.mkfifo(client.home / "pipe")
    before = set(client.home.iterdir())
    reader = os.open(client.home / "pipe", os.O_RDONLY | os.O_NONBLOCK)
    writer = os.open(client.home / "pipe", os.O_WRONLY)
    try:
        with running(client, "download", PUBLISHED, "--output", target, stdout=writer) as process:
            wait_until(lambda: waits_in(process, WRITE), "the pipe is full")
            end(process, number)
    finally:
        os.close(writer)
        os.close(reader)
    assert set(client.home.iterdir()) == before


def test_results_that_nobody_takes_do_not_keep_the_command(client: Client, release: Path) -> None:
    client.expect(DONE, "publish", PUBLISHED, release)
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    try:
        while True:
            os.write(writer, bytes(4096))
    except BlockingIOError:
        os.set_blocking(writer, True)
    with running(client, "list", "robot", stdout=writer) as process:
        wait_until(lambda: waits_in(process, WRITE), "the results are written")
        end(process, signal.SIGTERM)
    os.close(writer)
    os.close(reader)


@pytest.mark.parametrize("number", SIGNALS)
def test_an_upload_that_is_interrupted_is_dropped(client: Client, server: GranaryServer, number: signal.Signals) -> None:
    large = client.home / "large.bin"
    large.write_bytes(bytes(20 * MEBIBYTE))
    robot = server.http("robot")
    with CuttingProxy(server.url, bytes_per_second=2 * MEBIBYTE) as proxy:
        token = {"GRANARY_TOKEN": client.token}
        with running(client, "publish", PUBLISHED, large, "--url", proxy.url, **token) as process:
            wait_until(lambda: len(proxy.request_bytes) > MEBIBYTE, "content is being sent")
            assert len(robot.get(server.url + UPLOADS).json()["uploads"]) == 1
            assert "interrupted" in end(process, number)
        assert not robot.get(server.url + UPLOADS).json()["uploads"]


@contextmanager
def publishing_to_a_hanging_server(client: Client, server: GranaryServer) -> Iterator[subprocess.Popen[str]]:
    """An upload that is under way when its server stops responding."""
    large = client.home / "large.bin"
    large.write_bytes(bytes(20 * MEBIBYTE))
    with CuttingProxy(server.url, bytes_per_second=2 * MEBIBYTE) as proxy:
        command = ["publish", PUBLISHED, large, "--url", proxy.url]
        with running(client, *command, GRANARY_TOKEN=client.token) as process:
            wait_until(lambda: len(proxy.request_bytes) > MEBIBYTE, "content is being sent")
            server.process.send_signal(signal.SIGSTOP)
            try:
                yield process
            finally:
                server.process.send_signal(signal.SIGCONT)


def test_a_second_signal_does_not_wait_for_the_server(client: Client, server: GranaryServer) -> None:
    with publishing_to_a_hanging_server(client, server) as process:
        process.send_signal(signal.SIGTERM)
        end(process, signal.SIGTERM)


def test_a_server_that_hangs_does_not_keep_an_interrupted_upload(client: Client, server: GranaryServer) -> None:
    with publishing_to_a_hanging_server(client, server) as process:
        assert "interrupted" in end(process, signal.SIGTERM)


def test_a_broken_pipe_leaves_nothing_behind(client: Client, server: GranaryServer) -> None:
    large = client.home / "large.bin"
    large.write_bytes(bytes(4 * MEBIBYTE))
    client.expect(DONE, "publish", PUBLISHED, large)
    folder = client.home / "folder"
    with CuttingProxy(server.url, bytes_per_second=2 * MEBIBYTE) as proxy:
        with running(client, "download", PUBLISHED, "--output", "folder/", "--url", proxy.url) as process:
            wait_until(lambda: folder.exists() and any(folder.iterdir()), "the download has begun")
            process.send_signal(signal.SIGPIPE)
            process.communicate(timeout=60)
    # Nothing that the command writes to is broken, so it goes on.
    assert process.returncode == DONE
    assert [path.name for path in folder.iterdir()] == ["large.bin"]


def test_a_terminal_that_is_stopped_does_not_keep_a_download(client: Client, server: GranaryServer) -> None:
    large = client.home / "large.bin"
    large.write_bytes(bytes(8 * MEBIBYTE))
    client.expect(DONE, "publish", PUBLISHED, large)
    folder = client.home / "folder"
    watching, terminal = os.openpty()
    with CuttingProxy(server.url, bytes_per_second=MEBIBYTE) as proxy:
        process = subprocess.Popen(
            [client.binary, "download", PUBLISHED, "--output", "folder/", "--url", proxy.url], cwd=client.home,
            env=client.environment(), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=terminal,
        )
        try:
            wait_until(lambda: b"B/s" in os.read(watching, 4096), "progress is shown")
            termios.tcflow(terminal, termios.TCOOFF)
            size = next(folder.iterdir()).stat().st_size
            wait_until(lambda: next(folder.iterdir()).stat().st_size > size + MEBIBYTE, "the download goes on")
            process.send_signal(signal.SIGTERM)
            assert process.wait(timeout=30) == -signal.SIGTERM
        finally:
            process.kill()
            process.wait(timeout=30)
    os.close(terminal)
    os.close(watching)
    assert not list(folder.iterdir())


def test_results_that_are_read_no_further_end_the_command_without_a_word(client: Client, release: Path) -> None:
    client.expect(DONE, "publish", PUBLISHED, release)
    reader, writer = os.pipe()
    os.close(reader)
    with running(client, "list", "robot", stdout=writer) as process:
        os.close(writer)
        _, told = process.communicate(timeout=60)
    assert (process.returncode, told) == (-signal.SIGPIPE, "")

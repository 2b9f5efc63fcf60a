# SPDX-License-Identifier: Apache-2.0
"""What must be on disk before something else happens is: the system calls of the server and of the client come in that order."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from client_home import DONE, Client, client, release, stranger
from granary_server import GranaryServer
from server_fixtures import ServerFactory
from tracing import is_traced, pid_of
from waiting import wait_until

__all__ = ["client", "release", "stranger"]

SYNCS = ("fsync", "fdatasync")
LINKS = ("link", "linkat")
RENAMES = ("rename", "renameat", "renameat2")
WRITES = ("write", "writev", "sendto", "sendmsg")


@dataclass
class Call:
    """A system call, and the lines of the trace on which it starts and ends."""

    name: str
    text: str
    start: int
    end: int


def options(trace: Path, *calls: str) -> list[str]:
    """Options of strace that show the paths of descriptors."""
    return ["-f", "-y", "-qq", "-o", str(trace), "-e", f"trace={','.join(calls)}"]


@contextmanager
def traced(server: GranaryServer, trace: Path, *calls: str) -> Iterator[None]:
    tracer = subprocess.Popen(
        ["strace", *options(trace, *calls), "-p", str(pid_of(server))],
        stderr=subprocess.PIPE,
    )
    try:
        wait_until(lambda: is_traced(server, tracer), "the server's system calls are recorded")
        yield
    finally:
        tracer.terminate()
        tracer.wait(timeout=30)


def calls_in(trace: Path) -> list[Call]:
    calls: list[Call] = []
    running: dict[str, Call] = {}
    for number, line in enumerate(trace.read_text(errors="replace").splitlines()):
        thread, _, text = line.partition(" ")
        text = text.strip()
        if text.startswith("<... "):
            if thread in running:
                call = running.pop(thread)
                call.text, call.end = call.text + text, number
        elif "(" in text:
            is_whole = not text.endswith("<unfinished ...>")
            call = Call(text.partition("(")[0], text, number, number if is_whole else sys.maxsize)
            calls.append(call)
            if not is_whole:
                running[thread] = call
    return calls


def only(calls: list[Call], names: tuple[str, ...], words: str) -> Call:
    """The single successful call of these names that has some words."""
    found = [call for call in calls if call.name in names and words in call.text and "= -1 " not in call.text]
    assert len(found) == 1, f"{len(found)} calls of {names} with {words!r}\n" + "\n".join(call.text for call in calls)
    return found[0]


def assert_order(*calls: Call) -> None:
    for before, after in zip(calls, calls[1:]):
        assert before.end < after.start, f"not in this order:\n{before.text}\n{after.text}"


def test_a_file_is_on_disk_with_its_name_before_its_record_and_its_answer(
    make_server: ServerFactory, tmp_path: Path
) -> None:
    server = make_server(pair=None).start()
    trace = tmp_path / "trace"
    with traced(server, trace, *SYNCS, *LINKS, *WRITES):
        put = server.http("admin").put(server.file_url("admin", "tool", "1.0.0", "tool.bin"), data=b"content")
        assert put.status_code == 201
    calls = calls_in(trace)
    link = only(calls, LINKS, "/blobs/")
    folder = re.search(r"/blobs/[0-9a-f]{2}(?=/)", link.text)
    assert folder is not None, link.text
    content = only(calls, SYNCS, "/staging/")
    name = only(calls, SYNCS, folder.group(0) + ">")
    answer = only(calls, WRITES, "HTTP/1.1 201")
    assert_order(link, content, name)
    records = [call for call in calls if call.name in SYNCS and "-wal>" in call.text]
    assert any(name.end < record.start and record.end < answer.start for record in records), \
        "the record is not on disk between the content and the answer\n" + "\n".join(call.text for call in calls)


def test_a_download_is_on_disk_before_it_has_its_name(client: Client, release: Path, tmp_path: Path) -> None:
    client.expect(DONE, "publish", "robot/tool@1.0.0", release)
    target = client.home / "here"
    target.mkdir()
    trace = tmp_path / "trace"
    tracing = Client(Path("strace"), client.home, client.token)
    tracing.expect(
        DONE, *options(trace, *SYNCS, *RENAMES), client.binary, "download", "robot/tool@1.0.0", "--output", target
    )
    assert (target / "tool.bin").read_bytes() == release.read_bytes()
    calls = calls_in(trace)
    content = only(calls, SYNCS, ".part>")
    rename = only(calls, RENAMES, "tool.bin")
    folder = only(calls, SYNCS, f"{target}>")
    assert_order(content, rename, folder)

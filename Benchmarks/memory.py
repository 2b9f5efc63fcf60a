# SPDX-License-Identifier: Apache-2.0
"""The most resident memory with many uploads and many slow downloads at once."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from functools import partial

from clients import upload
from downloads import make_file
from measure import BenchmarkError, Line, Step, Target, absolute, mebibytes_text
from servers import Granary
from settings import Bench, size_text
from slow_clients import FAST, TICK, TRICKLE, SlowDownload, SlowUpload, move_for

NAMES = ("memory",)


def run(bench: Bench, wanted: Sequence[str]) -> Iterator[Step]:
    """The wanted measurements."""
    if "memory" in wanted:
        yield partial(most_memory, bench)


def most_memory(bench: Bench) -> list[Line]:
    """Measures a newly started server in each run."""
    settings = bench.settings
    source = bench.directory / "source.bin"
    granary = Granary(bench.granary, bench.directory / "granary")
    make_file(source, settings.large_file)
    with granary:
        token = granary.make_token()
        upload(source, granary.url + granary.path("large", "1.0.0", "file.bin"), [f"Authorization: token {token}"])
    source.unlink()
    peaks = []
    for turn in range(1, settings.runs + 1):
        with granary:
            serve_slow_clients(bench, granary, token, turn)
            peaks.append(granary.memory("VmHWM"))
        bench.say(f"run {turn}: at most {peaks[-1]:.0f} MiB resident")
    what = (
        f"resident memory with {settings.uploads} uploads of {size_text(settings.upload_size)} and "
        f"{settings.downloads} slow downloads of {size_text(settings.large_file)} at once"
    )
    return [absolute(what, peaks, mebibytes_text, Target(150, stretch=80, at_least=False, unit="MiB"))]


def serve_slow_clients(bench: Bench, granary: Granary, token: str, turn: int) -> None:
    """Has all transfers under way together, slowly; then all uploads as fast as they can, until some have ended.

    The others keep their connection and trickle when they have sent their share: 16 GiB may not fit on the disk.
    """
    settings = bench.settings
    with ExitStack() as stack:
        downloads = [
            SlowDownload(granary.port, granary.path("large", "1.0.0", "file.bin")) for _ in range(settings.downloads)
        ]
        uploads = [
            SlowUpload(granary.port, granary.path("upload", f"{turn}.0.{n}", "file.bin"), token, settings.upload_size)
            for n in range(settings.uploads)
        ]
        clients = [*downloads, *uploads]
        for client in clients:
            stack.callback(client.socket.close)
        move_for(settings.paced_seconds, clients)
        for client in uploads:
            client.rate = FAST
        ending, others = uploads[: settings.uploads_that_end], uploads[settings.uploads_that_end :]
        deadline = time.monotonic() + 300
        while not all(client.answer for client in ending):
            move_for(TICK, clients)
            for client in others:
                client.rate = FAST if client.moved < settings.upload_share else TRICKLE
            if time.monotonic() > deadline:
                raise BenchmarkError("the uploads at full speed were not acknowledged within 300 s")
        for client in clients:
            client.check(200 if isinstance(client, SlowDownload) else 201)
        idle = [client for client in downloads if not client.answer]
        if idle or any(client.answer for client in others):
            raise BenchmarkError(f"{len(idle)} downloads have not begun, or an upload was answered before its end")

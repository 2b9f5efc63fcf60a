# SPDX-License-Identifier: Apache-2.0
"""The most resident memory with many uploads and many slow downloads at once."""

from __future__ import annotations

import signal
import ssl
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from functools import partial

from certificates import Certificate
from clients import upload
from downloads import make_file
from measure import BenchmarkError, Line, Step, Target, absolute, mebibytes_text
from servers import Granary
from settings import Bench, size_text
from slow_clients import FAST, TICK, TRICKLE, SlowDownload, SlowUpload, move_for

WAYS = {"memory": "plain", "memory-over-tls": "TLS", "memory-over-http2": "HTTP/2"}
NAMES = tuple(WAYS)
# On each connection, where there are several streams.
STREAMS = 8


def run(bench: Bench, wanted: Sequence[str]) -> Iterator[Step]:
    """The wanted measurements."""
    for name, way in WAYS.items():
        if name in wanted:
            yield partial(most_memory, bench, way)


def most_memory(bench: Bench, way: str) -> list[Line]:
    """Measures a newly started server in each run."""
    settings = bench.settings
    source = bench.directory / "source.bin"
    certificate = None if way == "plain" else Certificate.make(bench.directory)
    granary = Granary(bench.granary, bench.directory / f"granary-{way.replace('/', '')}", certificate)
    serve = serve_streams if way == "HTTP/2" else serve_slow_clients
    make_file(source, settings.large_file)
    with granary:
        token = granary.make_token()
        upload(source, granary.url + granary.path("large", "1.0.0", "file.bin"), [f"Authorization: token {token}"])
    source.unlink()
    peaks = []
    for turn in range(1, settings.runs + 1):
        with granary:
            serve(bench, granary, token, turn)
            peaks.append(granary.memory("VmHWM"))
        bench.say(f"run {turn}: at most {peaks[-1]:.0f} MiB resident")
    what = (
        f"resident memory with {settings.uploads} uploads of {size_text(settings.upload_size)} and "
        f"{settings.downloads} slow downloads of {size_text(settings.large_file)} at once, {way}"
    )
    return [absolute(what, peaks, mebibytes_text, Target(100, stretch=60, at_least=False, unit="MiB"))]


def serve_slow_clients(bench: Bench, granary: Granary, token: str, turn: int) -> None:
    """Has all transfers under way together, slowly; then all uploads as fast as they can, until some have ended.

    The others keep their connection and trickle when they have sent their share: 16 GiB may not fit on the disk.
    """
    settings = bench.settings
    tls = None
    if granary.certificate:
        tls = ssl.create_default_context()
        tls.check_hostname, tls.verify_mode = False, ssl.CERT_NONE
    with ExitStack() as stack:
        downloads = [
            SlowDownload(granary.port, granary.path("large", "1.0.0", "file.bin"), tls)
            for _ in range(settings.downloads)
        ]
        uploads = [
            SlowUpload(
                granary.port, granary.path("upload", f"{turn}.0.{n}", "file.bin"), token, settings.upload_size, tls
            )
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


def serve_streams(bench: Bench, granary: Granary, token: str, turn: int) -> None:
    """Has all transfers under way together, several of them on each connection, slowly and then at full speed."""
    settings = bench.settings
    source = bench.directory / "upload.bin"
    make_file(source, settings.upload_size // 4)
    common = ["curl", "--disable", "--silent", "--show-error", "--fail", "--insecure", "--noproxy", "*", "--http2",
              "--no-progress-meter", "--parallel", "--parallel-max", str(STREAMS), "--header",
              f"Authorization: token {token}"]
    target = granary.url + granary.path("large", "1.0.0", "file.bin")

    def uploads(start: int, *options: str) -> list[str]:
        paths = (granary.path("upload", f"{turn}.{start}.{n}", "file.bin") for n in range(STREAMS))
        parts = [part for path in paths for part in ("--upload-file", str(source), granary.url + path)]
        return [*common, *options, *parts]

    with ExitStack() as stack:

        def start(command: list[str]) -> subprocess.Popen[bytes]:
            process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
            stack.callback(process.wait)
            stack.callback(process.send_signal, signal.SIGTERM)
            return process

        slow = [
            start([*common, "--limit-rate", "256k", *[target, "--output", "/dev/null"] * STREAMS])
            for _ in range(settings.downloads // STREAMS)
        ]
        slow += [
            start(uploads(number, "--limit-rate", "256k")) for number in range(settings.uploads // STREAMS)
        ]
        time.sleep(settings.paced_seconds)
        fast = [start(uploads(1000 + number)) for number in range(max(1, settings.uploads // STREAMS // 2))]
        for process in fast:
            if process.wait(timeout=300) != 0:
                raise BenchmarkError(f"curl ended with {process.returncode} where uploads were at full speed")
        ended = [process.returncode for process in slow if process.poll() is not None]
        if ended:
            raise BenchmarkError(f"curl ended with {ended[0]} where transfers were to be slow")

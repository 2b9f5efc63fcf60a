# SPDX-License-Identifier: Apache-2.0
"""Uploads, compared with `dd`, nginx, a container registry, and ourselves on one connection."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import time
import urllib.request
from collections.abc import Iterator, Sequence
from functools import partial
from itertools import count
from pathlib import Path

from clients import load, upload
from downloads import make_file
from measure import Line, Step, Target, alternate, compare, count_text, rate_text
from servers import DockerRegistry, Granary, Nginx
from settings import MIB, Bench, size_text

NAMES = ("upload-1gib", "publish-4kib")

# For five seconds ext4 walks around the inodes of files that were removed, which every new file then pays for.
SECONDS_OF_FREED_INODES = 6

# More blobs than any registry takes in a second of one measurement.
BLOBS_A_SECOND = 8_000


def run(bench: Bench, wanted: Sequence[str]) -> Iterator[Step]:
    """The wanted measurements."""
    if "upload-1gib" in wanted:
        yield partial(large, bench)
    if "publish-4kib" in wanted:
        yield partial(small, bench)


def large(bench: Bench) -> list[Line]:
    """One large file, which the client states the SHA-256 of."""
    size = bench.settings.large_file
    source = bench.directory / "source.bin"
    bench.say(f"a file of {size_text(size)} to upload")
    digest = make_file(source, size)
    with Nginx(bench.directory / "nginx", bench.directory) as nginx:
        ours, resumable, disk, theirs = alternate(
            bench.settings.runs,
            lambda: upload_to_granary(bench, source, digest),
            lambda: upload_to_granary(bench, source, digest, can_be_resumed=True),
            lambda: copy_with_dd(source, bench.directory / "copy.bin"),
            lambda: upload_to_nginx(nginx, source),
        )
    what = f"upload {size_text(size)}, SHA-256 verified, synced"
    return [
        compare(what, ours, disk, "dd conv=fsync", rate_text, Target(0.9)),
        compare(f"{what}; for information", ours, theirs, "nginx, not synced", rate_text, None),
        compare(f"{what}, can be resumed; for information", resumable, ours, "granary, plain PUT", rate_text, None),
    ]


def upload_to_granary(bench: Bench, source: Path, digest: str, can_be_resumed: bool = False) -> float:
    """Uploads to a registry without content, so that every upload is stored; its first request was a small one."""
    directory = bench.directory / "granary"
    warm_up = bench.directory / "warm-up.bin"
    with Granary(bench.granary, directory) as granary:
        headers = [f"Authorization: token {granary.make_token()}"]
        first = make_file(warm_up, min(MIB, source.stat().st_size))
        upload(warm_up, granary.url + granary.path("bench", "1.0.0", "small.bin"), [*headers, checksum(first)])
        settle()
        url = granary.url + granary.path("bench", "2.0.0", "large.bin")
        if can_be_resumed:
            url, digest = begin_upload(granary, headers, source, digest), ""
        rate = upload(source, url, [*headers, checksum(digest)] if digest else headers)
    shutil.rmtree(directory)
    return rate


def begin_upload(granary: Granary, headers: Sequence[str], source: Path, digest: str) -> str:
    """The URL of an upload that keeps what came when the connection breaks."""
    place = f"{granary.url}/api/granary/v1/uploads/admin/bench/2.0.0/large.bin"
    fields = dict(line.split(": ", 1) for line in [*headers, checksum(digest)])
    fields["Upload-Length"] = str(source.stat().st_size)
    request = urllib.request.Request(place, method="POST", headers=fields)
    with urllib.request.urlopen(request, timeout=60) as answer:
        return answer.headers["Location"]


def upload_to_nginx(nginx: Nginx, source: Path) -> float:
    target = nginx.uploads / "copy.bin"
    settle()
    rate = upload(source, f"{nginx.url}/put/{target.name}")
    target.unlink()
    return rate


def copy_with_dd(source: Path, target: Path) -> float:
    """Copies to a new file, as coreutils do it, until it is on the disk."""
    settle()
    begin = time.monotonic()
    subprocess.run(
        ["dd", f"if={source}", f"of={target}", "bs=1M", "conv=fsync", "status=none"],
        check=True, stdin=subprocess.DEVNULL, timeout=600,
    )
    seconds = time.monotonic() - begin
    target.unlink()
    return source.stat().st_size / seconds


def settle() -> None:
    """Waits until the disk has nothing left to do of what was measured before."""
    os.sync()
    time.sleep(0.2)


def checksum(digest: str) -> str:
    return f"X-Checksum-Sha256: {digest}"


def small(bench: Bench) -> list[Line]:
    """Many small files, each of them durable when it is acknowledged."""
    settings = bench.settings
    bench.say(f"publishing files of {size_text(settings.small_file)}")
    digests = bench.directory / "digests"
    write_digests(digests, settings.small_file, settings.seconds * BLOBS_A_SECOND)
    with Granary(bench.granary, bench.directory / "granary") as granary:
        headers = [f"Authorization: token {granary.make_token()}"]
        turns = count(1)

        def publish(connections: int) -> float:
            settle()
            package = f"{granary.url}/api/packages/admin/generic/bench-{next(turns)}"
            return load(
                settings, package, "publish.lua", connections, headers=headers, arguments=[settings.small_file]
            ).per_second

        def store_blobs() -> float:
            # An empty registry each time, as the blobs are the same each time.
            directory = bench.directory / "docker-registry"
            with DockerRegistry(directory) as registry:
                settle()
                place = f"{registry.url}/v2/bench/blobs/uploads/"
                rate = load(settings, place, "blobs.lua", arguments=[settings.small_file, digests, 2]).per_second
            shutil.rmtree(directory)
            time.sleep(SECONDS_OF_FREED_INODES)
            return rate

        many, blobs, single = alternate(
            settings.runs, lambda: publish(settings.connections), store_blobs, lambda: publish(1)
        )
    what = f"publish {size_text(settings.small_file)} files, {settings.connections} connections, each durable"
    return [
        compare(what, many, blobs, "docker-registry", count_text, Target(2)),
        compare(what, many, single, "granary, one connection", count_text, Target(4)),
    ]


def write_digests(file: Path, size: int, number: int) -> None:
    """Writes the digests of the blobs that `blobs.lua` makes."""
    filler = b"x" * (size - 24)
    with open(file, "w", encoding="ascii") as out:
        for index in range(1, number + 1):
            out.write(f"sha256:{hashlib.sha256(b'%024d' % index + filler).hexdigest()}\n")

# SPDX-License-Identifier: Apache-2.0
"""Two builds of the program side by side: the same requests to both, in turn."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import partial
from itertools import count
from pathlib import Path

from certificates import Certificate
from clients import load, upload
from downloads import make_file
from measure import Line, Step, Target, alternate, compare, count_text, rate_text
from servers import Granary
from settings import Bench, size_text
from uploads import settle

# What noise may take; a median below it is a loss.
NO_LOSS = Target(0.95)
VERSIONS = 60


class Build:
    """One build and its package of small files, whose versions no other build shares."""

    def __init__(self, server: Granary, small: Path) -> None:
        self.server = server
        self.headers = [f"Authorization: token {server.make_token()}"]
        secret = base64.b64encode(f"admin:{server.password}".encode()).decode()
        self.password = [f"Authorization: Basic {secret}"]
        self.packages = count()
        for number in range(VERSIONS):
            upload(small, server.url + server.path("bench", f"1.0.{number}", "small.bin"), self.headers)
        self.file = server.url + server.path("bench", "1.0.0", "small.bin")


def run(bench: Bench, other: Path) -> Iterator[Step]:
    """Measures each line with this build and with the other one."""
    small = bench.directory / "small.bin"
    make_file(small, bench.settings.small_file)
    secure = Certificate.make(bench.directory)
    for options, certificate, lines in (
        ([], None, plain_lines), (["--cache-hot-files", "off"], None, cold_lines), ([], secure, secure_lines),
    ):
        with ExitStack() as stack:
            builds = []
            for name, binary in (("this", bench.granary), ("other", other)):
                directory = bench.directory / f"{name}-{lines.__name__}"
                server = Granary(binary, directory, certificate)
                server.options = options
                builds.append(Build(stack.enter_context(server), small))
            yield from lines(bench, *builds)


def plain_lines(bench: Bench, this: Build, other: Build) -> Iterator[Step]:
    size = size_text(bench.settings.small_file)
    for way in ("anonymous", "with a token", "with user and password"):
        yield pair(bench, f"download {size}, {way}", this, other, partial(get_file, bench, way))
    for what, path in (
        ("record of a version", "/api/granary/v1/packages/admin/bench/1.0.0"),
        ("page of 50 versions", "/api/granary/v1/packages/admin/bench?limit=50"),
        ("page of 50 versions for Gitea's clients", "/api/v1/packages/admin/generic/bench?limit=50"),
        ("search", "/api/granary/v1/search?q=ben"),
    ):
            yield pair(bench, what, this, other, partial(get_path, bench, path))
    for connections in (bench.settings.connections, 1):
        what = f"publish {size}, durable, connections: {connections}"
        yield pair(bench, what, this, other, partial(publish, bench, connections))
    yield partial(large_uploads, bench, this, other)


def cold_lines(bench: Bench, this: Build, other: Build) -> Iterator[Step]:
    what = f"download {size_text(bench.settings.small_file)} without the table of recent ones"
    yield pair(bench, what, this, other, partial(get_file, bench, "anonymous"))


def secure_lines(bench: Bench, this: Build, other: Build) -> Iterator[Step]:
    what = f"download {size_text(bench.settings.small_file)} over TLS"
    yield pair(bench, what, this, other, partial(get_file, bench, "anonymous"))


def pair(bench: Bench, what: str, this: Build, other: Build, measure: Callable[[Build], float]) -> Step:
    def step() -> list[Line]:
        results = alternate(bench.settings.runs, partial(measure, this), partial(measure, other))
        return [compare(what, *results, "other build", count_text, NO_LOSS)]

    return step


def get_file(bench: Bench, way: str, build: Build) -> float:
    headers = {"anonymous": [], "with a token": build.headers, "with user and password": build.password}[way]
    return load(bench.settings, build.file, headers=headers).per_second


def get_path(bench: Bench, path: str, build: Build) -> float:
    return load(bench.settings, build.server.url + path, headers=build.headers).per_second


def publish(bench: Bench, connections: int, build: Build) -> float:
    settle()
    package = f"{build.server.url}/api/packages/admin/generic/publish-{next(build.packages)}"
    arguments = [bench.settings.small_file]
    return load(
        bench.settings, package, "publish.lua", connections, headers=build.headers, arguments=arguments
    ).per_second


def large_uploads(bench: Bench, this: Build, other: Build) -> list[Line]:
    source = bench.directory / "large.bin"
    turns = count(1)

    def send(build: Build) -> float:
        # New bytes each time, which the registry does not have yet.
        with open(source, "r+b") as file:
            file.write(str(next(turns)).encode())
        settle()
        return upload(source, build.server.url + build.server.path("large", f"1.0.{next(turns)}", "large.bin"), build.headers)

    make_file(source, bench.settings.large_file // 4)
    results = alternate(bench.settings.runs, partial(send, this), partial(send, other))
    what = f"upload {size_text(bench.settings.large_file // 4)}, verified, synced"
    return [compare(what, *results, "other build", rate_text, NO_LOSS)]

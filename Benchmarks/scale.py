# SPDX-License-Identifier: Apache-2.0
"""A registry with a million files, compared with one that has a thousand; its start, and its memory at rest.

Lists of versions are compared with an owner of a thousand versions, and must be quick as well.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import count

from clients import load, upload
from downloads import make_file
from many_files import FILES_A_VERSION, write_many_files
from measure import Line, Measurement, Step, Target, absolute, alternate, compare, mebibytes_text, milliseconds_text
from servers import Granary
from settings import Bench

NAMES = ("scale-get", "scale-list", "scale-versions", "scale-publish", "start")

# Few enough that a request does not wait for another one longer than for its own work.
CONNECTIONS = 8
MIDDLE = "?limit=50&page={middle}"


class FilledGranary(Granary):
    """A registry with so many files."""

    def fill(self, bench: Bench, files: int) -> FilledGranary:
        bench.say(f"a registry with {files:,} files")
        self.versions = files // FILES_A_VERSION
        source = bench.directory / "source.bin"
        make_file(source, bench.settings.small_file)
        with self:
            self.token = self.make_token()
            template = self.url + self.path("template", "1.0.0", "file.bin")
            upload(source, template, [f"Authorization: token {self.token}"])
        write_many_files(self.data / "granary.db", files)
        return self


def run(bench: Bench, wanted: Sequence[str]) -> Iterator[Step]:
    """The wanted measurements."""
    settings = bench.settings
    many = FilledGranary(bench.granary, bench.directory / "many").fill(bench, settings.many_files)
    if "start" in wanted:
        yield partial(starts, bench, many)
    if set(wanted) == {"start"}:
        return
    limit = Target(1.5, at_least=False)
    if "scale-versions" in wanted:
        some = FilledGranary(bench.granary, bench.directory / "some").fill(bench, settings.some_files)
        with many, some:
            for what, request in version_requests(bench):
                yield partial(growth_of_versions, bench, what, partial(request, many), partial(request, some), limit)
            # The start of such a page is counted off in an index.
            what = "page of 50 versions from the middle; for information,"
            request = partial(ask_for_versions, bench, MIDDLE)
            yield partial(growth_of_versions, bench, what, partial(request, many), partial(request, some), None)
    few = FilledGranary(bench.granary, bench.directory / "few").fill(bench, settings.few_files)
    with many, few:
        for name, what, request in requests(bench):
            if name in wanted:
                yield partial(growth, bench, what, partial(request, many), partial(request, few), limit)
        if "scale-get" in wanted:
            what = "GET of random files"
            yield partial(growth, bench, what, partial(get, bench, many), partial(get, bench, few), limit)
    if "scale-get" in wanted:
        many.options = few.options = ["--cache-hot-files", "off"]
        with many, few:
            what = "GET of random files, without the table of recent ones; for information,"
            yield partial(growth, bench, what, partial(get, bench, many), partial(get, bench, few), None)


def get(bench: Bench, server: FilledGranary) -> float:
    base = server.url + "/api/packages/admin/generic"
    return p99(bench, base, "random_get.lua", arguments=[server.versions, FILES_A_VERSION])


def growth(
    bench: Bench, what: str, with_many: Measurement, with_few: Measurement, target: Target | None
) -> list[Line]:
    """How much longer the same takes with many files."""
    results = alternate(bench.settings.runs, with_many, with_few)
    versions = bench.settings.many_files // FILES_A_VERSION
    what = f"{what} with {bench.settings.many_files:,} files in {versions:,} versions, p99"
    name = f"{bench.settings.few_files:,} files"
    return [compare(what, *results, name, milliseconds_text, target)]


def growth_of_versions(
    bench: Bench, what: str, with_many: Measurement, with_some: Measurement, target: Target | None
) -> list[Line]:
    """How much longer the same takes for an owner with many versions, and how long it takes."""
    results = alternate(bench.settings.runs, with_many, with_some)
    many, some = (files // FILES_A_VERSION for files in (bench.settings.many_files, bench.settings.some_files))
    what = f"{what} of an owner with {many:,} versions, p99"
    line = compare(what, *results, f"{some:,} versions", milliseconds_text, target)
    quick = Target(10, at_least=False, unit="ms")
    return [line, absolute(what, results[0], milliseconds_text, quick)] if target else [line]


def version_requests(bench: Bench) -> Iterator[tuple[str, Callable[[FilledGranary], float]]]:
    """The requests for versions: what is asked for, and what measures it in milliseconds."""
    for what, path in (
        ("page of 50 versions", "?limit=50"),
        ("page of 50 versions of one package", "/generic/large?limit=50"),
        ("single version", "/generic/large/1.0.7"),
        ("latest version", "/generic/large/-/latest"),
    ):
        yield what, partial(ask_for_versions, bench, path)


def ask_for_versions(bench: Bench, path: str, server: FilledGranary) -> float:
    url = f"{server.url}/api/v1/packages/admin{path.format(middle=server.versions // 100)}"
    return p99(bench, url, "get.lua", headers=[f"Authorization: token {server.token}"])


def requests(bench: Bench) -> Iterator[tuple[str, str, Callable[[FilledGranary], float]]]:
    """The kinds of requests: the line's name, what is done, and what measures it in milliseconds."""
    turns = count(1)

    def list_page(path: str, server: FilledGranary) -> float:
        return p99(bench, f"{server.url}/api/granary/v1/packages/admin{path}?limit=50", "get.lua")

    def publish(server: FilledGranary) -> float:
        package = f"{server.url}/api/packages/admin/generic/bench-{next(turns)}"
        headers = [f"Authorization: token {server.token}"]
        return p99(bench, package, "publish.lua", headers=headers, arguments=[bench.settings.small_file])

    yield "scale-list", "list of an owner's packages", partial(list_page, "")
    yield "scale-list", "list of a package's versions", partial(list_page, "/large")
    yield "scale-publish", "publish", publish


def p99(bench: Bench, url: str, script: str, headers: Sequence[str] = (), arguments: Sequence[object] = ()) -> float:
    result = load(bench.settings, url, script, CONNECTIONS, threads=1, headers=headers, arguments=arguments)
    return result.p99_milliseconds


def starts(bench: Bench, granary: FilledGranary) -> list[Line]:
    """Starts the server again and again: when it is ready, and what it holds after a while without requests."""
    ready, memory = [], []
    for _ in range(bench.settings.runs):
        ready.append(granary.start() * 1000)
        try:
            time.sleep(bench.settings.idle_seconds)
            memory.append(granary.memory("VmRSS"))
        finally:
            granary.stop()
    data = f"with {bench.settings.many_files:,} files"
    soon = Target(200, stretch=100, at_least=False, unit="ms")
    little = Target(60, stretch=30, at_least=False, unit="MiB")
    return [
        absolute(f"start to ready {data}", ready, milliseconds_text, soon),
        absolute(f"idle resident memory {data}", memory, mebibytes_text, little),
    ]

# SPDX-License-Identifier: Apache-2.0
"""One server beside three, over one PostgreSQL database and one S3 store, and which of them all use the processors."""

from __future__ import annotations

import os
import re
import resource
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from functools import partial
from itertools import count
from pathlib import Path

from clients import load, upload
from downloads import make_file
from measure import Line, Step, alternate, compare, count_text
from servers import Granary
from settings import Bench, size_text

NAMES = ("nodes-publish", "nodes-download")
SCRIPTS = Path(__file__).resolve().parent.parent / "scripts"
VALUE = re.compile(r"^(?:export )?GRANARY_TEST_(\w+)='?([^'\n]*)'?$", re.MULTILINE)


def run(bench: Bench, wanted: Sequence[str]) -> Iterator[Step]:
    """The wanted measurements."""
    with engines() as (folder, values), ExitStack() as stack:
        bench.say("PostgreSQL and S3 have started")
        nodes = [Node(bench.granary, bench.directory / f"node-{number}", values) for number in range(3)]
        for node in nodes:
            stack.enter_context(node)
        trial = Trial(bench, nodes, folder)
        if "nodes-publish" in wanted:
            yield partial(trial.compare, "publish", trial.publish)
        if "nodes-download" in wanted:
            yield partial(trial.compare, "download", trial.download)


@contextmanager
def engines() -> Iterator[tuple[Path, dict[str, str]]]:
    """Starts both engines in a folder that PostgreSQL's user can reach, and removes them afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="granary-bench."))
    folder.chmod(0o755)
    try:
        values = {}
        for name in ("postgres", "s3"):
            command = [SCRIPTS / f"{name}.sh", "start", folder / name]
            done = subprocess.run(command, stdout=subprocess.PIPE, check=True, text=True, timeout=300)
            values |= dict(VALUE.findall(done.stdout))
        yield folder, values
    finally:
        for name in ("postgres", "s3"):
            subprocess.run([SCRIPTS / f"{name}.sh", "stop", folder / name], check=False, timeout=120)
        shutil.rmtree(folder)


class Node(Granary):
    """A server that shares its database and its store with others."""

    def __init__(self, binary: Path, directory: Path, values: dict[str, str]) -> None:
        super().__init__(binary, directory)
        names = ("ENDPOINT", "REGION", "BUCKET", "ACCESS_KEY", "SECRET_KEY")
        self.settings = {f"GRANARY_S3_{name}": values[f"S3_{name}"] for name in names}
        self.settings |= {"GRANARY_BLOBS": "s3", "GRANARY_DATABASE_URL": values["POSTGRES"]}

    def environment(self) -> dict[str, str]:
        return super().environment() | self.settings


class Trial:
    """Three nodes that are there all the time, of which one or all get the load."""

    def __init__(self, bench: Bench, nodes: list[Node], folder: Path) -> None:
        self.bench = bench
        self.nodes = nodes
        self.folder = folder
        self.token = nodes[0].make_token()
        self.turns = count()
        file = bench.directory / "file.bin"
        make_file(file, bench.settings.small_file)
        self.file = nodes[0].path("nodes", "1.0.0", "file.bin")
        upload(file, nodes[0].url + self.file, [f"Authorization: token {self.token}"])

    def compare(self, what: str, measure: Callable[[Node, int], float]) -> list[Line]:
        """The same load on three nodes and on one."""
        used: dict[int, list[dict[str, float]]] = {1: [], 3: []}

        def rate(nodes: list[Node]) -> float:
            connections = self.bench.settings.connections // len(nodes)
            before, begin = self.processor_seconds(), time.monotonic()
            with ThreadPoolExecutor(len(nodes)) as pool:
                total = sum(pool.map(lambda node: measure(node, connections), nodes))
            seconds = time.monotonic() - begin
            used[len(nodes)].append({
                name: (after - before[name]) / seconds for name, after in self.processor_seconds().items()
            })
            return total

        three, one = alternate(
            self.bench.settings.runs, lambda: rate(self.nodes), lambda: rate(self.nodes[:1])
        )
        settings = self.bench.settings
        title = f"{what} {size_text(settings.small_file)} with PostgreSQL and S3, {settings.connections} connections"
        return [
            compare(f"{title}, three nodes", three, one, "one node", count_text, None),
            Line(f"{title}: processors in use of {os.cpu_count()}", shares(used[3]), "one node: " + shares(used[1])),
        ]

    def publish(self, node: Node, connections: int) -> float:
        package = f"/api/packages/admin/generic/publish-{next(self.turns)}"
        settings = self.bench.settings
        headers = [f"Authorization: token {self.token}"]
        return load(
            settings, node.url + package, "publish.lua", connections, 1, headers, [settings.small_file]
        ).per_second

    def download(self, node: Node, connections: int) -> float:
        return load(self.bench.settings, node.url + self.file, connections=connections, threads=1).per_second

    def processor_seconds(self) -> dict[str, float]:
        """What each part has used of the processors so far."""
        # wrk is a child whose time is known when it has ended.
        children = resource.getrusage(resource.RUSAGE_CHILDREN)
        used = {"nodes": 0.0, "PostgreSQL": 0.0, "S3": 0.0, "wrk": children.ru_utime + children.ru_stime}
        own = {node.process.pid for node in self.nodes if node.process}
        for process in Path("/proc").glob("[0-9]*"):
            try:
                fields = (process / "stat").read_text().rpartition(")")[2].split()
                command = (process / "cmdline").read_bytes().decode(errors="replace")
                place = str((process / "cwd").readlink())
            except OSError:
                continue
            name = "nodes" if int(process.name) in own else None
            if place.startswith(f"{self.folder}/postgres"):
                name = "PostgreSQL"
            elif f"{self.folder}/s3" in command:
                name = "S3"
            if name:
                used[name] += (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
        return used


def shares(samples: list[dict[str, float]]) -> str:
    """The mean use of the processors by each part, the greatest first."""
    mean = {name: sum(sample[name] for sample in samples) / len(samples) for name in samples[0]}
    return ", ".join(f"{name} {value:.2f}" for name, value in sorted(mean.items(), key=lambda entry: -entry[1]))

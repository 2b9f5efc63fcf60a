# SPDX-License-Identifier: Apache-2.0
"""Three servers behind nginx and HAProxy, set up as docs/OPERATIONS.md shows, and its other commands."""

from __future__ import annotations

import os
import re
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests

from console import console_blocks, matches
from granary_server import GranaryServer
from paths import REPOSITORY
from programs import free_port
from server_fixtures import NodesFactory
from waiting import clean_environment, wait_until

OPERATIONS = REPOSITORY / "docs" / "OPERATIONS.md"
SHOWN = ["10.0.0.11:3000", "10.0.0.12:3000", "10.0.0.13:3000"]
NGINX = """
{user}
daemon off;
worker_processes 1;
pid {folder}/nginx.pid;
error_log stderr warn;
events {{ worker_connections 1024; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
{block}
}}
"""


def block_of(language: str, nodes: list[GranaryServer], port: int) -> str:
    """The configuration that the document shows, with these servers and this port."""
    (block,) = re.findall(rf"^```{language}\n(.*?)^```$", OPERATIONS.read_text(), re.MULTILINE | re.DOTALL)
    for shown, node in zip(SHOWN, nodes, strict=True):
        assert block.count(shown) == 1
        block = block.replace(shown, f"127.0.0.1:{node.port}")
    return block.replace("listen 80;", f"listen 127.0.0.1:{port};").replace("bind :80", f"bind 127.0.0.1:{port}")


@contextmanager
def balancer(name: str, nodes: list[GranaryServer], folder: Path) -> Iterator[str]:
    """Runs nginx or HAProxy in front of the servers; the URL."""
    port = free_port()
    file = folder / f"{name}.conf"
    block = block_of(name, nodes, port)
    user = "user root;" if os.geteuid() == 0 else ""
    file.write_text(NGINX.format(folder=folder, block=block, user=user) if name == "nginx" else block)
    command = ["nginx", "-p", folder, "-c", file, "-e", "stderr"] if name == "nginx" else ["haproxy", "-db", "-f", file]
    url = f"http://127.0.0.1:{port}"
    with open(folder / "log", "wb") as log:
        process = subprocess.Popen(list(map(str, command)), stdin=subprocess.DEVNULL, stdout=log, stderr=log)
    try:
        def answers() -> bool:
            assert process.poll() is None, (folder / "log").read_text()
            try:
                return nodes[0].http().get(url + "/readyz", timeout=10).status_code == 200
            except requests.ConnectionError:
                return False

        wait_until(answers, f"{name} answers")
        yield url
    finally:
        process.terminate()
        process.wait(timeout=30)


class Publishers:
    """Clients that publish one file after the other, each again and again until it is acknowledged."""

    def __init__(self, node: GranaryServer, url: str, count: int) -> None:
        self.node = node
        self.url = url
        self.over = threading.Event()
        self.acknowledged: dict[str, bytes] = {}
        self.given_up: list[str] = []
        self.tries = 0
        self.threads = [threading.Thread(target=self._work, args=(number,)) for number in range(count)]

    def _work(self, number: int) -> None:
        turn = 0
        while not self.over.is_set():
            path = f"/api/packages/admin/generic/tool-{number}/1.0.{turn}/tool.bin"
            body = f"{number} {turn} ".encode() * 1000
            if self._publish(path, body):
                self.acknowledged[path] = body
            else:
                self.given_up.append(path)
            turn += 1

    def _publish(self, path: str, body: bytes) -> bool:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            self.tries += 1
            try:
                answer = self.node.http("admin").put(self.url + path, data=body, timeout=60)
            except requests.ConnectionError:
                continue
            if answer.status_code in (200, 201):
                return True
            if answer.status_code not in (502, 503, 504):
                return False
            self.over.wait(0.05)
        return False


@pytest.mark.timeout(300)
@pytest.mark.parametrize("name", ["nginx", "haproxy"])
def test_a_rolling_restart_loses_nothing(name: str, make_nodes: NodesFactory, tmp_path: Path) -> None:
    nodes = make_nodes(GRANARY_CONTRACT="current")
    with balancer(name, nodes, tmp_path) as url:
        publishers = Publishers(nodes[0], url, 6)
        for thread in publishers.threads:
            thread.start()

        def await_more() -> None:
            enough = len(publishers.acknowledged) + 20
            wait_until(lambda: len(publishers.acknowledged) >= enough, "publishing goes on", seconds=60)

        await_more()
        for node in nodes:
            port = node.port
            assert node.stop() == 0
            await_more()
            node.start(f"127.0.0.1:{port}")
            await_more()
        publishers.over.set()
        for thread in publishers.threads:
            thread.join(timeout=90)
        assert not publishers.given_up, publishers.given_up
        session = nodes[0].http()
        for path, body in publishers.acknowledged.items():
            assert session.get(url + path, timeout=60).content == body
        # Large ones pass through, both ways.
        large = os.urandom(20_000_000)
        path = "/api/packages/admin/generic/large/1.0.0/large.bin"
        command = ["curl", "--disable", "-sS", "-T", "-", "--user", ":".join(nodes[0].http("admin").auth), url + path]
        subprocess.run(command, input=large, check=True, timeout=60, env=clean_environment())
        assert session.get(url + path, timeout=60).content == large
        assert session.get(url + path, headers={"Range": "bytes=-9"}, timeout=60).content == large[-9:]
        for line in "\n".join(node.log_tail(1 << 30) for node in nodes).splitlines():
            assert "status=500" not in line


def test_the_commands_of_the_document(make_nodes: NodesFactory, binary: Path, tmp_path: Path) -> None:
    node = make_nodes(2)[1]
    environment = clean_environment(
        PATH=f"{binary.parent}{os.pathsep}{os.environ['PATH']}", GRANARY_DATA=str(node.data), **node.settings
    )
    blocks = console_blocks(OPERATIONS.read_text())
    assert blocks
    for step in (step for block in blocks for step in block):
        done = subprocess.run(
            ["bash", "-c", step.command], cwd=tmp_path, env=environment, stdin=subprocess.DEVNULL, capture_output=True,
            text=True, timeout=120,
        )
        assert done.returncode == 0, f"$ {step.command}\nexits with {done.returncode}\n{done.stdout}{done.stderr}"
        assert matches(step.output, done.stdout), f"$ {step.command}\nprints\n{done.stdout}\nnot\n{step.output}"

# SPDX-License-Identifier: Apache-2.0
"""Where the server listens: several addresses, all of them, Unix sockets and sockets of systemd."""

from __future__ import annotations

import json
import re
import socket
import stat
import subprocess
import sys
from pathlib import Path

import pytest
import requests

from curl import AS_ADMIN, curl
from granary_server import TARGET, GranaryServer
from programs import serve
from server_fixtures import ServerFactory
from waiting import clean_environment, wait_until

RELATIVE = "links in responses are paths without a host"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where a socket will be."""
    return tmp_path / "granary.sock"


def at(path: Path) -> tuple[str, ...]:
    """The arguments that make curl use a Unix socket."""
    return ("--unix-socket", str(path))


# Several addresses


def test_a_server_listens_at_every_address_and_logs_each(make_server: ServerFactory, path: Path) -> None:
    server = make_server(options=["--listen", f"unix:{path}", "--listen", "[::1]:0"]).start()
    assert curl(*AS_ADMIN, "-T", "/etc/hostname", server.url + TARGET).status == 201
    log = server.stderr()
    sixth = re.search(r"http://\[::1\]:[1-9]\d*", log)
    assert sixth and f"unix:{path}" in log, log
    content = Path("/etc/hostname").read_bytes()
    assert curl(sixth.group(0) + TARGET).body == content
    assert curl(*at(path), "http://granary" + TARGET).body == content


@pytest.mark.parametrize("source", ["environment", "a list in the file", "a text in the file"])
def test_several_addresses_come_from_every_source(binary: Path, tmp_path: Path, source: str) -> None:
    file = tmp_path / "granary.yml"
    if source == "a list in the file":
        file.write_text("listen:\n  - '*:3000'\n  - unix:/run/granary.sock\nproxies: [10.0.0.0/8, unix]\n")
    elif source == "a text in the file":
        file.write_text("listen: '*:3000, unix:/run/granary.sock'\nproxies: 10.0.0.0/8,unix\n")
    else:
        file.write_text("")
    environment = {"GRANARY_LISTEN": "*:3000,unix:/run/granary.sock", "GRANARY_PROXIES": "10.0.0.0/8, unix"}
    done = serve(binary, "--config", file, "--print-config", **environment if source == "environment" else {})
    assert "listen:\n  - '*:3000'\n  - unix:/run/granary.sock\nproxies:\n  - 10.0.0.0/8\n  - unix\n" in done.stdout, done
    file.write_text(done.stdout)
    assert serve(binary, "--config", file, "--print-config").stdout == done.stdout


@pytest.mark.parametrize(
    "listen", ["3000", "*", "unix:granary.sock", "unix:", "127.0.0.1:1,,127.0.0.1:2", "127.0.0.1:70000", ","]
)
def test_what_is_no_address_is_refused(binary: Path, tmp_path: Path, listen: str) -> None:
    done = serve(binary, "--data", tmp_path / "data", "--listen", listen)
    assert done.returncode != 0 and "--listen" in done.stderr and "it must be HOST:PORT" in done.stderr, done.stderr


def test_one_address_that_is_taken_ends_the_start_and_leaves_no_socket(
    server: GranaryServer, binary: Path, path: Path, tmp_path: Path
) -> None:
    taken = server.url.removeprefix("http://")
    done = serve(binary, "--data", tmp_path / "other", "--listen", f"unix:{path}", "--listen", taken)
    sentence = f"cannot listen on {taken}: the address is already in use; choose another address with --listen"
    assert done.returncode == 1 and sentence in done.stderr, done.stderr
    assert not path.exists()


# All addresses


def test_a_star_is_all_addresses_and_links_have_no_host(make_server: ServerFactory) -> None:
    server = make_server()
    server.launch("*:0")
    wait_until(lambda: server.ended() or "granary is ready" in server.stderr(), "the server is ready")
    port = re.search(r"http://\*:([1-9]\d*)", server.stderr())
    assert port, server.stderr()
    assert RELATIVE in server.stderr() and "0.0.0.0" not in server.stderr()
    for host in ("127.0.0.1", "[::1]"):
        assert requests.get(f"http://{host}:{port.group(1)}/healthz", timeout=10).status_code == 200
    server.url = f"http://127.0.0.1:{port.group(1)}"
    session = server.http("admin")
    begun = session.post(
        f"{server.url}/api/granary/v1/uploads/admin/tool/2.0.0/tool.bin",
        headers={"Tus-Resumable": "1.0.0", "Upload-Length": "3", "Host": "evil.example"},
    )
    assert begun.status_code == 201 and begun.headers["Location"].startswith("/api/granary/v1/uploads/"), begun.headers
    assert session.get(f"{server.url}/api/v1/user").json()["html_url"] == "/admin"


def test_a_url_begins_links_wherever_the_server_listens(make_server: ServerFactory, path: Path) -> None:
    server = make_server(options=["--listen", f"unix:{path}", "--url", "https://packages.example.org"]).start()
    user = curl(*at(path), *AS_ADMIN, "http://granary/api/v1/user")
    assert '"html_url":"https://packages.example.org/admin"' in user.text.replace(" ", "")
    assert RELATIVE not in server.stderr()


def test_behind_the_path_of_a_proxy_the_description_names_the_path(make_server: ServerFactory) -> None:
    server = make_server(options=["--url", "https://packages.example.org/granary/"]).start()
    described = requests.get(f"{server.url}/api/openapi.json", timeout=10).json()
    assert described["servers"] == [{"url": "/granary"}]
    printed = serve(server.binary, "--print-openapi", "--url", "https://packages.example.org/granary/")
    assert json.loads(printed.stdout)["servers"] == [{"url": "/granary"}]


# Unix sockets


def only_unix(server: GranaryServer, path: Path) -> GranaryServer:
    """Starts a server that listens at a Unix socket alone."""
    server.launch(f"unix:{path}")
    wait_until(lambda: server.ended() or "granary is ready" in server.stderr(), "the server is ready")
    assert not server.ended(), server.log_tail()
    return server


def test_a_unix_socket_is_for_owner_and_group_and_goes_at_the_end(make_server: ServerFactory, path: Path) -> None:
    server = only_unix(make_server(), path)
    status = path.stat()
    assert stat.S_ISSOCK(status.st_mode) and stat.S_IMODE(status.st_mode) == 0o660
    assert curl(*at(path), "http://granary/healthz").status == 200
    assert curl(*at(path), *AS_ADMIN, "-T", "/etc/hostname", "http://x" + TARGET).status == 201
    assert server.stop() == 0
    assert not path.exists()


def test_the_socket_of_a_dead_server_is_replaced(make_server: ServerFactory, path: Path) -> None:
    server = only_unix(make_server(), path)
    server.kill()
    assert path.exists()
    only_unix(server, path)
    assert curl(*at(path), "http://granary/healthz").status == 200


def test_the_socket_of_a_living_server_is_not_taken(
    make_server: ServerFactory, binary: Path, path: Path, tmp_path: Path
) -> None:
    only_unix(make_server(), path)
    done = serve(binary, "--data", tmp_path / "other", "--listen", f"unix:{path}")
    sentence = f"cannot listen on unix:{path}: the address is already in use; choose another address"
    assert done.returncode == 1 and sentence in done.stderr, done.stderr
    assert curl(*at(path), "http://granary/healthz").status == 200


def test_what_is_no_socket_stays(binary: Path, path: Path, tmp_path: Path) -> None:
    path.write_text("precious")
    done = serve(binary, "--data", tmp_path / "data", "--listen", f"unix:{path}")
    assert done.returncode == 1 and "an existing file at its path is not a socket" in done.stderr, done.stderr
    assert path.read_text() == "precious"


def test_a_server_removes_no_socket_but_its_own(make_server: ServerFactory, path: Path) -> None:
    server = only_unix(make_server(), path)
    path.unlink()
    with socket.socket(socket.AF_UNIX) as other:
        other.bind(str(path))
        assert server.stop() == 0
        assert path.exists()


@pytest.mark.parametrize(
    "place, reason",
    [("no/such/folder/socket", "its folder does not exist"), ("x" * 120, "its path is longer than 107 bytes")],
)
def test_a_place_that_cannot_be_is_named(binary: Path, tmp_path: Path, place: str, reason: str) -> None:
    done = serve(binary, "--data", tmp_path / "data", "--listen", f"unix:{tmp_path / place}")
    assert done.returncode == 1 and reason in done.stderr, done.stderr


# Sockets of systemd

HAND_OVER = """
import os, socket, sys
listener = socket.create_server(("127.0.0.1", 0))
os.dup2(listener.fileno(), 3)
os.set_inheritable(3, True)
os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS="1")
os.execv(sys.argv[1], sys.argv[1:])
"""


def test_a_socket_of_systemd_is_listened_at(make_server: ServerFactory) -> None:
    server = make_server(wrapper=[sys.executable, "-c", HAND_OVER])
    server.start(listen="systemd")
    assert server.http().get(server.url + "/healthz").status_code == 200
    assert server.http("admin").put(server.url + TARGET, data=b"x").status_code == 201
    assert server.stop() == 0


def test_without_a_socket_of_systemd_the_start_ends(binary: Path, tmp_path: Path) -> None:
    for variables in ({}, {"LISTEN_PID": "1", "LISTEN_FDS": "1"}):
        done = serve(binary, "--data", tmp_path / "data", "--listen", "systemd", **variables)
        assert done.returncode == 1 and "cannot listen on the sockets of systemd: systemd passed none" in done.stderr, done.stderr


# Variables of the environment


def test_a_variable_that_means_nothing_is_refused(binary: Path, tmp_path: Path) -> None:
    done = serve(binary, "--data", tmp_path / "data", "--print-config", GRANARY_LISTN="x", GRANARY_TOKEN_="unmistakable")
    assert done.returncode == 1
    assert "unknown variable GRANARY_LISTN:" in done.stderr and "unknown variable GRANARY_TOKEN_:" in done.stderr
    assert "unmistakable" not in done.stderr
    environment = clean_environment(GRANARY_TOKN="unmistakable", HOME=str(tmp_path))
    listed = subprocess.run([binary, "list", "admin"], env=environment, capture_output=True, text=True, timeout=60)
    assert listed.returncode == 64 and "unknown variable GRANARY_TOKN:" in listed.stderr, listed.stderr
    assert "unmistakable" not in listed.stderr


def test_variables_of_clients_tests_services_and_empty_ones_are_no_mistake(binary: Path, tmp_path: Path) -> None:
    done = serve(
        binary, "--data", tmp_path / "data", "--print-config", GRANARY_TOKEN="grn_x", GRANARY_TEST_POSTGRES="x",
        GRANARY_LISTEN="", GRANARY_LISTN="", GRANARY_CONFIG="", GRANARY_SERVICE_HOST="10.0.0.1",
        GRANARY_PORT="tcp://10.0.0.1:3000", GRANARY_PORT_3000_TCP_ADDR="10.0.0.1", GRANARY_SERVICE_PORT_HTTP="3000",
    )
    assert done.returncode == 0 and "listen: 127.0.0.1:3000\n" in done.stdout, done.stderr

# SPDX-License-Identifier: Apache-2.0
"""First start, configuration, administration, and the ways to end."""

from __future__ import annotations

import os
import re
import signal
import socket
import stat
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path

import pytest
import requests

from granary_server import ADMIN_PASSWORD, CURRENT, TARGET, USER_PASSWORD, GranaryServer
from programs import free_port, serve
from raw_http import CREDENTIALS, RawConnection, head
from server_fixtures import ServerFactory
from waiting import clean_environment, wait_until


# First start


def test_the_first_start_makes_a_private_directory(make_server: ServerFactory, tmp_path: Path) -> None:
    server = make_server(data=tmp_path / "deep" / "new").start()
    assert server.http("admin").put(server.url + TARGET, data=b"x").status_code == 201
    assert stat.S_IMODE(server.data.stat().st_mode) == 0o700
    files = [path for path in server.data.rglob("*") if not path.is_dir()]
    open_to_others = [path for path in files if stat.S_IMODE(path.lstat().st_mode) & 0o077]
    assert not open_to_others, open_to_others
    assert {"granary.db", "blobs", "staging", "granary.lock", "admin.sock"} <= {p.name for p in server.data.iterdir()}
    assert stat.S_ISSOCK((server.data / "admin.sock").stat().st_mode)
    (blob,) = server.blob_files()
    assert re.fullmatch(r"[0-9a-f]{2}/[0-9a-f]{64}\.[\w-]+", str(blob.relative_to(server.data / "blobs")))
    assert blob.parent.name == blob.name[:2]
    assert server.stop() == 0
    assert not (server.data / "admin.sock").exists()


def test_a_password_loses_its_line_end(make_server: ServerFactory) -> None:
    server = make_server(environment={"GRANARY_ADMIN_PASSWORD": "of-a-mounted-file\r\n"}).start()
    session = server.http()
    session.auth = ("admin", "of-a-mounted-file")
    assert session.put(server.url + TARGET, data=b"x").status_code == 201


@pytest.mark.local_content
@pytest.mark.parametrize("loss", ["missing", "empty"])
def test_content_whose_database_is_gone_is_not_forgotten(make_server: ServerFactory, loss: str) -> None:
    server = make_server().start()
    assert server.http("admin").put(server.url + TARGET, data=b"x").status_code == 201
    assert server.stop() == 0
    # A clean stop leaves all of it in one file, which can be copied.
    (database,) = server.data.glob("granary.db*")
    kept = database.read_bytes()
    database.unlink()
    if loss == "empty":
        database.touch()
    for _ in range(2):
        server.launch()
        assert server.wait() != 0
        assert "the database is empty, but the store holds content" in server.stderr()
    assert len(server.blob_files()) == 1
    # Nor by administrators' commands: a backup of nothing would remove what the last one kept.
    for command in (["backup", server.data.parent / "backup"], ["fsck"], ["user", "list"], ["gc"]):
        done = server.run_admin(*map(str, command))
        assert done.returncode != 0 and "the database is empty, but the store holds content" in done.stderr, done.stderr
    database.write_bytes(kept)
    server.start()
    assert server.http().get(server.url + TARGET).content == b"x"
    server.stop()
    # What the sentence says for those who mean it.
    database.unlink()
    (server.data / "blobs").rename(server.data / "old-blobs")
    server.start()
    assert server.http().get(server.url + TARGET).status_code == 404


def test_a_log_that_nobody_reads_holds_nothing_up(binary: Path, tmp_path: Path) -> None:
    command = [binary, "serve", "--data", tmp_path / "data", "--listen", f"unix:{tmp_path}/socket"]
    environment = clean_environment(GRANARY_ADMIN_PASSWORD=ADMIN_PASSWORD)
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env=environment)
    try:
        wait_until(lambda: (tmp_path / "socket").exists() or server.poll() is not None, "the server listens")
        with socket.socket(socket.AF_UNIX) as client:
            client.settimeout(20)
            client.connect(str(tmp_path / "socket"))
            answers = client.makefile("rb")
            # Each is a line of the log; a pipe holds some four hundred of them.
            for number in range(3000):
                client.sendall(f"GET /api/packages/admin/generic/tool/1.0.0/{number} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
                assert answers.readline().startswith(b"HTTP/1.1 404")
                length = 0
                while (line := answers.readline()) != b"\r\n":
                    if line.lower().startswith(b"content-length:"):
                        length = int(line.split(b":")[1])
                assert len(answers.read(length)) == length
        server.send_signal(signal.SIGTERM)
        assert server.wait(30) == 0
    finally:
        server.kill()
        server.communicate()


def test_a_second_interrupt_ends_the_server_at_once(make_server: ServerFactory) -> None:
    server = make_server().start()
    assert server.process is not None
    with RawConnection(server.url) as upload:
        credentials = CREDENTIALS | {"Content-Length": "1000000"}
        upload.send(head("PUT", TARGET, credentials) + b"x" * 500_000)
        wait_until(lambda: server.staged_files(), "the body is stored")
        server.process.send_signal(signal.SIGINT)
        time.sleep(1)
        assert not server.ended(), "the upload is waited for"
        server.process.send_signal(signal.SIGINT)
        server.wait(20)
    assert "a second SIGINT" in server.stderr(), server.stderr()


@pytest.mark.local_content
def test_a_first_start_that_is_killed_is_no_hindrance(make_server: ServerFactory) -> None:
    moments = (0.0, 0.01, 0.02, 0.03, 0.05, 0.08, 0.12, 0.2)
    for moment in moments:
        server = make_server()
        server.launch()
        time.sleep(moment)
        server.kill()
        server.start()
        assert server.http("admin").put(server.url + TARGET, data=b"x").status_code == 201
        assert server.stop() == 0


def test_a_hangup_before_the_server_is_ready_ends_nothing(make_server: ServerFactory) -> None:
    server = make_server()
    server.launch()
    assert server.process is not None
    # Before the process has said anything the dynamic linker may still run.
    wait_until(lambda: (server.data / "granary.lock").exists() or server.ended(), "the start has begun")
    server.process.send_signal(signal.SIGHUP)
    wait_until(lambda: server.ended() or "granary is ready" in server.stderr(), "the server is ready")
    assert not server.ended()


def test_a_command_whose_server_dies_says_what_to_do(make_server: ServerFactory) -> None:
    server = make_server().start()
    assert server.process is not None
    server.process.send_signal(signal.SIGSTOP)
    command = [server.binary, "admin", "token", "create", "admin", "--name", "ci", "--scope", "all", "--data", server.data]
    running = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    # Without a connection, the command would find no server and do the work itself. One that waits to be accepted has no inode.
    waiting = re.compile(r" 0001 02 +0 /proc/self/fd/\d+/admin\.sock$", re.MULTILINE)
    wait_until(lambda: waiting.search(Path("/proc/net/unix").read_text()), "the command has connected")
    server.process.send_signal(signal.SIGKILL)
    _, told = running.communicate(timeout=60)
    assert running.returncode != 0
    assert "exited before the command completed" in told and "rerun" in told, told


def test_a_hangup_cuts_nothing(server: GranaryServer) -> None:
    """SIGHUP asks for certificates to be read again, with and without TLS."""
    content = os.urandom(8 << 20)
    assert server.http("admin").put(server.url + TARGET, data=content).status_code == 201
    other = TARGET.replace("1.0.0", "2.0.0")
    credentials = CREDENTIALS
    with RawConnection(server.url) as kept, RawConnection(server.url) as sends, RawConnection(server.url) as reads:
        kept.send(head("GET", "/healthz"))
        assert kept.receive().status == 200
        sends.send(head("PUT", other, credentials | {"Content-Length": str(len(content))}) + content[:100_000])
        reads.send(head("GET", TARGET))
        assert server.process is not None
        for _ in range(3):
            server.process.send_signal(signal.SIGHUP)
            time.sleep(0.3)
        assert not server.ended()
        sends.send(content[100_000:])
        assert sends.receive("PUT").status == 201
        assert reads.receive().body == content
        kept.send(head("GET", "/healthz"))
        assert kept.receive().status == 200


def test_a_random_password_is_printed_once(make_server: ServerFactory) -> None:
    server = make_server(environment={}).start()
    (password,) = re.findall(r"password: (\S+)", server.stdout())
    assert len(password) >= 16
    assert password not in server.stderr(), "a password is never logged"
    session = server.http()
    session.auth = ("admin", password)
    assert session.put(server.url + TARGET, data=b"x").status_code == 201
    server.restart()
    assert "password" not in server.stdout()
    assert session.get(server.url + TARGET).content == b"x"


def test_two_first_starts_choose_different_passwords(make_server: ServerFactory) -> None:
    outputs = [make_server(environment={}).start().stdout() for _ in range(2)]
    first, second = (re.findall(r"password: (\S+)", output) for output in outputs)
    assert first and second and first != second


def test_a_given_password_is_used_and_never_printed(server: GranaryServer) -> None:
    assert server.http("admin").get(f"{server.url}/api/granary/v1/user").json()["is_admin"] is True
    assert ADMIN_PASSWORD not in server.stdout() + server.stderr()


def test_no_credential_is_ever_written(server: GranaryServer) -> None:
    server.create_user("robot")
    token = server.create_token("robot", "all")
    for credential in [("robot", USER_PASSWORD), ("robot", token), (token, "")]:
        session = server.http()
        session.auth = credential
        assert session.get(f"{server.url}/api/granary/v1/user").status_code == 200
    session.put(server.file_url("robot", "tool", "1.0", "tool.bin"), data=b"x")
    assert server.stop() == 0
    secrets = [secret.encode() for secret in (ADMIN_PASSWORD, USER_PASSWORD, token, token.removeprefix("grn_"))]
    written = [path for folder in (server.data, server.logs) for path in folder.rglob("*") if path.is_file()]
    assert any(path.name == "granary.db" for path in written)
    for path in written:
        content = path.read_bytes()
        assert not any(secret in content for secret in secrets), f"{path} contains a credential"


def test_a_given_port_is_used(make_server: ServerFactory) -> None:
    port = free_port()
    server = make_server().start(listen=f"127.0.0.1:{port}")
    assert server.url == f"http://127.0.0.1:{port}"
    assert server.http().get(server.url + "/healthz").status_code == 200


# The end


def test_sigterm_lets_a_running_upload_finish(server: GranaryServer) -> None:
    body = bytes(range(256)) * 8192
    headers = CREDENTIALS | {"Content-Length": str(len(body))}
    with RawConnection(server.url) as connection:
        connection.send(head("PUT", TARGET, headers) + body[: len(body) // 2])
        wait_until(lambda: any(path.stat().st_size for path in server.staged_files()), "the server stages the body")
        server.terminate()
        wait_until(lambda: not accepts_work(server), "the server takes no new work")
        assert not server.ended(), "the server did not wait for the upload"
        connection.send(body[len(body) // 2:])
        assert connection.receive("PUT").status == 201
    assert server.wait() == 0
    server.start()
    assert server.http("admin").get(server.url + TARGET).content == body


def accepts_work(server: GranaryServer) -> bool:
    try:
        return server.http().get(server.url + "/readyz", timeout=5).status_code == 200
    except requests.RequestException:
        return False


def test_sigterm_does_not_wait_for_ever(make_server: ServerFactory) -> None:
    server = make_server(options=["--timeouts-shutdown", "2s"]).start()
    headers = CREDENTIALS | {"Content-Length": "1000000"}
    with RawConnection(server.url) as connection:
        connection.send(head("PUT", TARGET, headers) + bytes(500_000))
        wait_until(lambda: any(path.stat().st_size for path in server.staged_files()), "the server stages the body")
        assert server.stop(seconds=12) == 0
    server.start()
    wait_until(lambda: not server.staged_files(), "staging/ is empty")
    assert server.http("admin").get(server.url + TARGET).status_code == 404


def test_sigterm_and_sigint_end_an_idle_server(server: GranaryServer) -> None:
    with RawConnection(server.url):
        assert server.stop() == 0
    server.start()
    assert server.process is not None
    server.process.send_signal(2)
    assert server.wait() == 0


def test_a_second_server_on_the_same_data_is_refused(server: GranaryServer, binary: Path) -> None:
    second = serve(binary, "--data", server.data, "--listen", "127.0.0.1:0")
    assert second.returncode != 0
    assert str(server.data) in second.stderr and len(second.stderr.split()) >= 6, second.stderr
    assert server.http("admin").put(server.url + TARGET, data=b"x").status_code == 201
    server.kill()
    server.start()
    assert server.http("admin").get(server.url + TARGET).content == b"x"


def test_a_port_in_use_is_named(server: GranaryServer, binary: Path, tmp_path: Path) -> None:
    address = server.url.removeprefix("http://")
    second = serve(binary, "--data", tmp_path / "other", "--listen", address)
    assert second.returncode != 0 and address.rpartition(":")[2] in second.stderr


def test_a_data_directory_that_is_a_file_is_named(binary: Path, tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("not a directory")
    done = serve(binary, "--data", file, "--listen", "127.0.0.1:0")
    assert done.returncode != 0 and str(file) in done.stderr
    assert file.read_text() == "not a directory"


# Administration


def administer(server: GranaryServer, suffix: str) -> str:
    """Every administrator's command once; returns a token that may publish for the new organization."""
    owner = server.create_user(f"owner-{suffix}", "--visibility", "limited")
    member = server.create_user(f"member-{suffix}")
    organization = f"org-{suffix}"
    server.admin("org", "create", organization, "--owner", owner, "--visibility", "private")
    server.admin("team", "create", organization, "build", "--packages", "write")
    server.admin("team", "add", organization, "build", member)
    server.admin("user", "update", owner, "--no-admin", "--active", "--visibility", "public")
    return server.create_token(member, "read:package", "write:package", expires="30d")


def test_administration_with_the_server_running_and_stopped(server: GranaryServer) -> None:
    tokens = {"running": administer(server, "running")}
    assert server.stop() == 0
    tokens["stopped"] = administer(server, "stopped")
    server.start()
    for suffix, token in tokens.items():
        session = server.token_session(token)
        url = server.file_url(f"org-{suffix}", "tool", "1.0.0", "tool.bin")
        assert session.put(url, data=b"x").status_code == 201, suffix
    listed = server.admin("user", "list")
    assert all(name in listed for name in ("admin", "owner-running", "member-stopped"))


@pytest.mark.parametrize("running", [True, False], ids=["running", "stopped"])
def test_bad_administration_is_refused_with_a_sentence(server: GranaryServer, running: bool) -> None:
    server.create_user("robot")
    if not running:
        assert server.stop() == 0
    bad: dict[str, Sequence[str]] = {
        "robot": ("user", "create", "robot", "--email", "r@example.org", "--password-stdin"),
        "ROBOT": ("user", "create", "ROBOT", "--email", "r2@example.org", "--password-stdin"),
        "a/b": ("user", "create", "a/b", "--email", "ab@example.org", "--password-stdin"),
        "nobody": ("user", "update", "nobody", "--inactive"),
        "absent": ("token", "create", "absent", "--name", "t", "--scope", "all"),
        "missing": ("org", "create", "fresh", "--owner", "missing"),
    }
    for named, arguments in bad.items():
        done = server.run_admin(*arguments, password=USER_PASSWORD)
        assert done.returncode != 0, f"{arguments}: accepted"
        assert named in done.stderr and done.stdout == "", f"{arguments}: {done.stderr}"


# Configuration


def test_every_problem_of_the_configuration_is_listed(binary: Path, tmp_path: Path) -> None:
    file = tmp_path / "granary.yml"
    file.write_text("lisen: 127.0.0.1:0\nlimits:\n  file-size: banana\n  flie-size: 1MiB\ncontract: sometimes\n")
    done = serve(binary, "--config", file, "--data", tmp_path / "data", GRANARY_TIMEOUTS_IDLE="soon")
    assert done.returncode != 0
    for problem in ["lisen", "banana", "flie-size", "sometimes", "soon"]:
        assert problem in done.stderr, f"{problem} is not named:\n{done.stderr}"
    assert not (tmp_path / "data").exists(), "nothing is made before the configuration is understood"


@pytest.mark.parametrize("text", ["limits: [", "- a\n- b\n", "limits: 5\n"], ids=["no YAML", "a list", "no keys"])
def test_a_file_that_is_no_configuration_is_named(binary: Path, tmp_path: Path, text: str) -> None:
    file = tmp_path / "granary.yml"
    file.write_text(text)
    done = serve(binary, "--config", file, "--data", tmp_path / "data", "--listen", "127.0.0.1:0")
    assert done.returncode != 0 and len(done.stderr.split()) >= 4, done.stderr


def test_an_absent_configuration_file_is_named(binary: Path, tmp_path: Path) -> None:
    done = serve(binary, "--config", tmp_path / "absent.yml", "--data", tmp_path / "data")
    assert done.returncode != 0 and "absent.yml" in done.stderr


def test_flags_come_before_environment_before_file_before_defaults(binary: Path, tmp_path: Path) -> None:
    file = tmp_path / "granary.yml"
    file.write_text("limits:\n  file-size: 10MiB\n  connections: 111\n  upload-rate: 7KiB\n")
    environment = {"GRANARY_LIMITS_FILE_SIZE": "20MiB", "GRANARY_LIMITS_CONNECTIONS": "222"}
    done = serve(binary, "--config", file, "--data", tmp_path / "data", "--limits-file-size", "30MiB",
                 "--print-config", **environment, GRANARY_ADMIN_PASSWORD="never-printed-88")
    assert done.returncode == 0, done.stderr
    assert "30MiB" in done.stdout or str(30 << 20) in done.stdout
    assert "222" in done.stdout and "111" not in done.stdout
    assert "7KiB" in done.stdout or str(7 << 10) in done.stdout
    assert "10MiB" not in done.stdout and "20MiB" not in done.stdout
    assert "127.0.0.1:3000" in done.stdout and "documented" in done.stdout
    assert "never-printed-88" not in done.stdout + done.stderr
    assert not (tmp_path / "data").exists()


def test_the_file_configures_the_server(make_server: ServerFactory, tmp_path: Path) -> None:
    file = tmp_path / "granary.yml"
    file.write_text("limits:\n  file-size: 1KiB\n")
    server = make_server(options=["--config", str(file)]).start()
    session = server.http("admin")
    assert session.put(server.url + TARGET, data=bytes(1025)).status_code == 413
    assert session.put(server.url + TARGET, data=bytes(1024)).status_code == 201


def test_the_current_contract_can_be_chosen(make_server: ServerFactory) -> None:
    server = make_server(options=CURRENT).start()
    session = server.http("admin")
    first, second = (server.file_url("admin", "tool", "1.0", file) for file in ("a.bin", "b.bin"))
    assert [session.put(url, data=b"x").status_code for url in (first, second)] == [201, 201]
    assert session.put(first, data=b"x").status_code == 200, "the same bytes again"
    assert session.put(first, data=b"y").status_code == 409
    assert session.get(first).content == b"x"

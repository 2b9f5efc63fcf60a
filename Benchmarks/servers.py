# SPDX-License-Identifier: Apache-2.0
"""The servers that are compared: each is started on loopback with a directory of its own, and stopped by its pid."""

from __future__ import annotations

import http.client
import os
import re
import resource
import secrets
import socket
import ssl
import subprocess
import time
from pathlib import Path

from certificates import Certificate
from measure import BenchmarkError
from settings import MIB


class Server:
    """One server process; `with server:` runs it."""

    name = ""
    ready_path = "/"
    # Set where the server speaks TLS.
    certificate: Certificate | None = None

    def __init__(self, directory: Path) -> None:
        self.directory = directory.resolve()
        self.directory.mkdir(parents=True, exist_ok=True)
        self.port = 0
        self.process: subprocess.Popen[bytes] | None = None

    def command(self) -> list[str | Path]:
        """What starts the server in the foreground on `self.port`."""
        raise NotImplementedError

    def environment(self) -> dict[str, str]:
        return {name: value for name, value in os.environ.items() if not name.startswith("GRANARY")}

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> float:
        """Starts the process and returns after how many seconds it was ready."""
        self.port = free_port()
        # The signal ends the server also when this program is killed and cannot clean up.
        command = ["setpriv", "--pdeathsig", "TERM", "--", *map(str, self.command())]
        begin = time.monotonic()
        with open(self.directory / "log", "ab") as log:
            self.process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=self.directory, env=self.environment()
            )
        try:
            while not self._is_ready():
                if self.process.poll() is not None or time.monotonic() - begin > 60:
                    raise BenchmarkError(f"{self.name} did not become ready; the end of its log:\n{self._log_tail()}")
                time.sleep(0.001)
        except BaseException:
            self.stop()
            raise
        return time.monotonic() - begin

    def stop(self) -> None:
        """Ends the process, politely first; does nothing when there is none."""
        if self.process is None:
            return
        self.process.terminate()
        try:
            self.process.wait(timeout=40)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process = None

    @property
    def url(self) -> str:
        return f"{'https' if self.certificate else 'http'}://127.0.0.1:{self.port}"

    def memory(self, field: str) -> float:
        """MiB of resident memory: `VmRSS` is now, `VmHWM` the most since the start (Linux, proc(5))."""
        assert self.process is not None
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        found = re.search(rf"^{field}:\s+(\d+) kB$", status, re.MULTILINE)
        if found is None:
            raise BenchmarkError(f"/proc has no {field} of {self.name}: it has ended")
        return int(found[1]) * 1024 / MIB

    def _is_ready(self) -> bool:
        if self.certificate:
            context = ssl.create_default_context(cafile=self.certificate.certificate)
            connection = http.client.HTTPSConnection("127.0.0.1", self.port, timeout=10, context=context)
        else:
            connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.request("GET", self.ready_path)
            return connection.getresponse().status < 500
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    def _log_tail(self) -> str:
        return (self.directory / "log").read_text(errors="replace")[-2000:]


class Granary(Server):
    """The program that is measured, with its defaults except for the log, which says warnings only."""

    name = "granary"
    ready_path = "/readyz"

    def __init__(self, binary: Path, directory: Path, certificate: Certificate | None = None) -> None:
        super().__init__(directory)
        self.certificate = certificate
        self.binary = binary
        self.data = self.directory / "data"
        self.password = secrets.token_hex(12)
        self.options: list[str] = []

    def command(self) -> list[str | Path]:
        listen = f"127.0.0.1:{self.port}"
        options = ["--log-level", "warning", *self.options]
        if self.certificate:
            options += ["--tls-certificate", self.certificate.certificate, "--tls-key", self.certificate.key]
        return [self.binary, "serve", "--data", self.data, "--listen", listen, *options]

    def environment(self) -> dict[str, str]:
        return super().environment() | {"GRANARY_ADMIN_PASSWORD": self.password}

    def make_token(self) -> str:
        """Creates an access token of the administrator that may publish."""
        done = subprocess.run(
            [self.binary, "admin", "token", "create", "admin", "--name", secrets.token_hex(4)]
            + ["--scope", "write:package", "--data", self.data],
            stdin=subprocess.DEVNULL, capture_output=True, text=True, env=super().environment(), timeout=60,
        )
        if done.returncode != 0:
            raise BenchmarkError(f"granary admin token create failed: {done.stderr.strip()}")
        return done.stdout.strip()

    @staticmethod
    def path(package: str, version: str, file: str) -> str:
        """The path of a file of the administrator's packages."""
        return f"/api/packages/admin/generic/{package}/{version}/{file}"


class Nginx(Server):
    """nginx as an expert sets it up: `sendfile`, open files kept, no access log; it takes PUT below `/put/`."""

    name = "nginx"

    def __init__(self, directory: Path, files: Path, certificate: Certificate | None = None) -> None:
        super().__init__(directory)
        self.certificate = certificate
        self.files = files.resolve()
        self.uploads = self.directory / "put"
        self.uploads.mkdir(exist_ok=True)

    def command(self) -> list[str | Path]:
        configuration = self.directory / "nginx.conf"
        configuration.write_text(self._configuration())
        return ["nginx", "-p", self.directory, "-c", configuration, "-e", "stderr"]

    def environment(self) -> dict[str, str]:
        # Debian puts nginx where only root looks.
        environment = super().environment()
        return environment | {"PATH": environment.get("PATH", "") + ":/usr/sbin"}

    def _configuration(self) -> str:
        user = "user root;" if os.geteuid() == 0 else ""
        # Beyond its descriptors nginx would refuse what it has not opened yet.
        limit = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
        kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        secure = ""
        if self.certificate:
            secure = f"""
        ssl_certificate {self.certificate.certificate};
        ssl_certificate_key {self.certificate.key};
        ssl_protocols TLSv1.2 TLSv1.3;"""
        temporary = "\n".join(f"    {kind}_temp_path {self.directory}/{kind};" for kind in kinds)
        return f"""
{user}
daemon off;
worker_processes 2;
worker_rlimit_nofile {limit};
pid {self.directory}/nginx.pid;
error_log stderr warn;
events {{ worker_connections 20480; }}
http {{
    access_log off;
    sendfile on;
    tcp_nopush on;
    keepalive_requests 1000000000;
    http2_max_concurrent_streams 128;
    open_file_cache max={min(30_000, limit - 1_000)} inactive=600s;
    open_file_cache_valid 600s;
    client_max_body_size 0;
    default_type application/octet-stream;
{temporary}
    server {{
        listen 127.0.0.1:{self.port} {"ssl http2" if self.certificate else ""};{secure}
        location / {{ root {self.files}; }}
        location /put/ {{ root {self.directory}; dav_methods PUT; }}
    }}
}}
"""


class DockerRegistry(Server):
    """CNCF's registry with files on disk, without accounts, access log, debug server and Redis."""

    name = "docker-registry"
    ready_path = "/v2/"

    def command(self) -> list[str | Path]:
        configuration = self.directory / "config.yml"
        configuration.write_text(f"""version: 0.1
log:
  level: error
  accesslog:
    disabled: true
storage:
  filesystem:
    rootdirectory: {self.directory}/storage
  cache:
    blobdescriptor: inmemory
http:
  addr: 127.0.0.1:{self.port}
  relativeurls: true
  secret: {secrets.token_hex(16)}
""")
        return ["docker-registry", "serve", configuration]


def free_port() -> int:
    """A port of loopback that nobody listens on at the moment."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]

# SPDX-License-Identifier: Apache-2.0
"""One granary server process: start, stop, kill, administer, and simple requests to it."""

from __future__ import annotations

import itertools
import json
import os
import re
import resource
import shutil
import signal
import subprocess
from collections.abc import Sequence
from pathlib import Path

import requests

from engines import Pair
from waiting import clean_environment, wait_until

ADMIN_PASSWORD = "acceptance-Admin-7613"
USER_PASSWORD = "acceptance-User-2048"
#: The version, and the file of it, that a test publishes when one is enough.
FOLDER = "/api/packages/admin/generic/tool/1.0.0/"
TARGET = FOLDER + "tool.bin"
CONTRACTS = ["documented", "current"]
#: The options of a server whose owners publish under the contract `current`.
CURRENT = ["--contract", "current"]
TOKEN = re.compile(r"grn_[0-9a-f]{64}")


def has_other_administrator(environment: dict[str, str] | None) -> bool:
    """Whether a server's environment makes an administrator other than that of the templates."""
    return environment is not None and environment.get("GRANARY_ADMIN_PASSWORD") != ADMIN_PASSWORD


class GranaryServer:
    """A server on a data directory; it can be started, ended and started again, on a new port each time."""

    #: The database of a registry that was started once, which a new data directory begins with; None for empty ones.
    template: Path | None = None

    def __init__(
        self,
        binary: Path,
        data: Path,
        logs: Path,
        options: Sequence[str] = (),
        environment: dict[str, str] | None = None,
        pair: Pair | None = None,
        wrapper: Sequence[str] = (),
        fresh: bool = False,
    ) -> None:
        self.binary = binary
        self.data = data
        self.logs = logs
        self.options = list(options)
        self.wrapper = list(wrapper)
        # Tests of the first start begin with nothing.
        self.fresh = fresh or has_other_administrator(environment)
        self.pair = pair
        # What administrators' commands have to know, too.
        self.settings = pair.settings() if pair else {}
        given = {"GRANARY_ADMIN_PASSWORD": ADMIN_PASSWORD} if environment is None else environment
        self.environment = clean_environment(**self.settings | given)
        # The second run of the suite is with every download answered the ordinary way.
        if hot_files := os.environ.get("ACCEPTANCE_HOT_FILES"):
            self.environment["GRANARY_CACHE_HOT_FILES"] = hot_files
        self.url = ""
        self.process: subprocess.Popen[bytes] | None = None
        self.starts = 0
        logs.mkdir(parents=True, exist_ok=True)

    # Life

    def start(self, listen: str = "127.0.0.1:0") -> GranaryServer:
        """Starts the process and waits until it is ready."""
        self.launch(listen)
        return self.await_readiness()

    def await_readiness(self) -> GranaryServer:
        """Waits until a process that was launched is ready."""
        wait_until(lambda: self.ended() or self._find_url(), f"the log names the URL\n{self.log_tail()}")
        assert not self.ended(), f"the server ended with {self.exit_code()} at its start\n{self.log_tail()}"
        wait_until(lambda: self.ended() or self.is_ready(), "GET /readyz answers 200")
        assert not self.ended(), f"the server ended with {self.exit_code()} at its start\n{self.log_tail()}"
        return self

    def launch(self, listen: str = "127.0.0.1:0") -> None:
        """Starts the process and does not wait for anything."""
        assert self.process is None or self.ended(), "the server runs already"
        self._begin()
        self.starts += 1
        self.url = ""
        command = [*self.wrapper, self.binary, "serve", "--data", self.data, "--listen", listen, *self.options]
        with open(self._log("stdout"), "wb") as stdout, open(self._log("stderr"), "wb") as stderr:
            self.process = subprocess.Popen(
                [str(part) for part in command],
                stdin=subprocess.DEVNULL,
                stdout=stdout,
                stderr=stderr,
                cwd=self.logs,
                env=self.environment,
            )

    def _begin(self) -> None:
        """Spares a new registry the schema and the administrator's costly password."""
        if self.template is None or self.fresh or self.pair or self.data.exists():
            return
        self.data.mkdir(mode=0o700, parents=True)
        database = self.data / "granary.db"
        shutil.copy(self.template, database)
        database.chmod(0o600)
        # A server that makes its database syncs it.
        for path in (database, self.data, self.data.parent):
            descriptor = os.open(path, os.O_RDONLY)
            os.fsync(descriptor)
            os.close(descriptor)

    def terminate(self) -> None:
        """Sends SIGTERM and does not wait."""
        assert self.process is not None
        self.process.send_signal(signal.SIGTERM)

    def wait(self, seconds: float = 60) -> int:
        """Waits for the process to end and returns its exit status."""
        assert self.process is not None
        return self.process.wait(timeout=seconds)

    def stop(self, seconds: float = 60) -> int:
        """Ends the process as an administrator does and returns its exit status."""
        self.terminate()
        return self.wait(seconds)

    def kill(self) -> None:
        """Ends the process as a crash does; does nothing when it has ended."""
        if self.process is not None:
            self.process.kill()
            self.process.wait(timeout=60)

    @property
    def port(self) -> int:
        """Where it listens, or last listened."""
        return int(self.url.rpartition(":")[2])

    def restart(self) -> GranaryServer:
        """Stops the process properly and starts it again."""
        assert self.stop() == 0, f"the server did not stop cleanly\n{self.log_tail()}"
        return self.start()

    def ended(self) -> bool:
        return self.process is not None and self.process.poll() is not None

    def exit_code(self) -> int | None:
        return None if self.process is None else self.process.poll()

    def is_ready(self) -> bool:
        try:
            return self.http().get(self.url + "/readyz", timeout=10).status_code == 200
        except requests.RequestException:
            return False

    # The process

    def descriptors(self) -> list[int]:
        """The descriptors that the process has open."""
        assert self.process is not None
        return sorted(int(name) for name in os.listdir(f"/proc/{self.process.pid}/fd"))

    def limit_descriptors(self, count: int) -> None:
        """Sets how many descriptors the process may have, from now on."""
        assert self.process is not None
        hard = resource.prlimit(self.process.pid, resource.RLIMIT_NOFILE)[1]
        resource.prlimit(self.process.pid, resource.RLIMIT_NOFILE, (count, hard))

    def leave_descriptors(self, free: int) -> None:
        """Leaves room for exactly this many further descriptors."""
        used = set(self.descriptors())
        limit = next(number for number in itertools.count() if number - len([x for x in used if x < number]) == free)
        # What is open above the limit stays so; nothing new comes there.
        self.limit_descriptors(limit)

    def processor_seconds(self) -> float:
        """How much time of processors the process has used."""
        assert self.process is not None
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def memory(self, field: str = "VmRSS") -> int:
        """The resident memory of the process in bytes; with `VmHWM`, the most that it has had."""
        assert self.process is not None
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return next(int(line.split()[1]) * 1024 for line in status.splitlines() if line.startswith(f"{field}:"))

    # Logs and files

    def stdout(self) -> str:
        return self._log("stdout").read_text(errors="replace")

    def stderr(self) -> str:
        return self._log("stderr").read_text(errors="replace")

    def log_tail(self, characters: int = 12_000) -> str:
        """The end of every log of this server, for a failure's report."""
        parts = [f"--- {path.name}\n{path.read_text(errors='replace')}" for path in sorted(self.logs.glob("*.std*"))]
        return "\n".join(parts)[-characters:]

    def staged_files(self) -> list[Path]:
        """What lies in the staging folder."""
        staging = self.data / "staging"
        return [path for path in staging.rglob("*") if path.is_file()] if staging.is_dir() else []

    def blob_files(self) -> list[Path]:
        """What lies in the local folder of blobs; the part of a name before the dot is the SHA-256."""
        return [path for path in (self.data / "blobs").rglob("*") if path.is_file()]

    def blob_names(self) -> list[str]:
        """The names of all content, wherever it is kept."""
        if self.pair:
            return [key.rpartition("/")[2] for key in self.pair.content.keys()]
        return [path.name for path in self.blob_files()]

    def _log(self, stream: str) -> Path:
        return self.logs / f"{self.starts:02}.{stream}"

    def _find_url(self) -> bool:
        # Only whole lines: the port could be cut off at the end of what has been written so far.
        lines = self.stderr().rpartition("\n")[0]
        found = re.search(r"http://127\.0\.0\.1:([1-9]\d*)", lines)
        self.url = found.group(0) if found else ""
        return found is not None

    # Administration

    def run_admin(self, *arguments: str, password: str | None = None) -> subprocess.CompletedProcess[str]:
        """Runs `granary admin …` on this data directory, whether or not the server runs."""
        return subprocess.run(
            [str(self.binary), "admin", *arguments, "--data", str(self.data)],
            input=None if password is None else password + "\n",
            stdin=subprocess.DEVNULL if password is None else None,
            capture_output=True,
            text=True,
            env=clean_environment(**self.settings),
            timeout=120,
        )

    def admin(self, *arguments: str, password: str | None = None) -> str:
        """Runs `granary admin …`, which must succeed, and returns its standard output."""
        done = self.run_admin(*arguments, password=password)
        assert done.returncode == 0, f"granary admin {' '.join(arguments)}: {done.returncode}\n{done.stderr}"
        return done.stdout

    def create_user(self, name: str, *options: str, password: str = USER_PASSWORD) -> str:
        """Creates an account and returns its name."""
        self.admin("user", "create", name, "--email", f"{name}@example.org", "--password-stdin", *options,
                   password=password)
        return name

    def create_token(self, user: str, *scopes: str, name: str = "acceptance", expires: str | None = None) -> str:
        """Creates an access token; the token must stand alone on standard output."""
        options = [part for scope in scopes or ("write:package",) for part in ("--scope", scope)]
        options += [] if expires is None else ["--expires", expires]
        token = self.admin("token", "create", user, "--name", name, *options).rstrip("\n")
        assert TOKEN.fullmatch(token), "standard output is not the token alone"
        return token

    # Requests

    def http(self, user: str | None = None, password: str = USER_PASSWORD) -> requests.Session:
        """A session without proxies and .netrc; with Basic credentials when a user is given."""
        session = requests.Session()
        session.trust_env = False
        if user is not None:
            session.auth = (user, ADMIN_PASSWORD if user == "admin" else password)
        return session

    def token_session(self, token: str) -> requests.Session:
        """A session that sends an access token."""
        session = self.http()
        session.headers["Authorization"] = f"token {token}"
        return session

    def file_url(self, owner: str, name: str, version: str, file: str) -> str:
        return f"{self.url}/api/packages/{owner}/generic/{name}/{version}/{file}"

    def version_url(self, owner: str, name: str, version: str) -> str:
        return f"{self.url}/api/packages/{owner}/generic/{name}/{version}"

    def record(self, owner: str, name: str, version: str, session: requests.Session | None = None) -> dict:
        """The JSON record of a version."""
        url = f"{self.url}/api/granary/v1/packages/{owner}/{name}/{version}"
        answer = (session or self.http("admin")).get(url, timeout=60)
        assert answer.status_code == 200, f"{url}: {answer.status_code} {answer.text}"
        return json.loads(answer.text)

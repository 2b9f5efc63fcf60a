# SPDX-License-Identifier: Apache-2.0
"""PostgreSQL and S3 for registries: those that the environment names, or servers of a test's own."""

from __future__ import annotations

import os
import re
import secrets
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from paths import REPOSITORY
from s3_store import S3Store
from waiting import clean_environment

SCRIPT = REPOSITORY / "scripts" / "postgres.sh"
EXPORTED = re.compile(r"^export (\w+)='([^']*)'$", re.MULTILINE)


class Postgres:
    """A PostgreSQL server, and a superuser's view of it."""

    def __init__(self, url: str, administrator_url: str) -> None:
        self.url = url
        self.administrator_url = administrator_url

    def make_database(self, template: str = "template1") -> str:
        """Creates a database, which is empty or a copy, and returns its URL."""
        name = f"registry_{secrets.token_hex(6)}"
        self.sql(f"CREATE DATABASE {name} OWNER granary TEMPLATE {template}")
        return self.url.rpartition("/")[0] + "/" + name

    def sql(self, *statements: str, database: str = "postgres") -> str:
        """Runs statements as the superuser, each by itself, and returns what they print, without names and frames."""
        url = self.administrator_url.rpartition("/")[0] + "/" + database
        command = ["psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1"]
        command += [part for statement in statements for part in ("-c", statement)]
        # The password stands in no list of processes.
        parts = urlsplit(url)
        done = subprocess.run(
            [*command, urlunsplit(parts._replace(netloc=f"{parts.username}@{parts.hostname}:{parts.port}"))],
            capture_output=True, text=True, timeout=60, env=clean_environment(PGPASSWORD=parts.password or ""),
        )
        assert done.returncode == 0, f"{statements}: {done.stderr}"
        return done.stdout

    def end_sessions(self) -> int:
        """Ends all sessions of registries, as an administrator does; returns how many."""
        ended = self.sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'granary'")
        return ended.count("t")


class PrivatePostgres(Postgres):
    """A server with all its files in a folder; its data survive its end."""

    def __init__(self, folder: Path) -> None:
        super().__init__("", "")
        self.folder = folder

    def start(self) -> PrivatePostgres:
        """Starts it, on the same port each time."""
        command = [SCRIPT, "start", self.folder]
        done = subprocess.run(command, stdout=subprocess.PIPE, check=True, text=True, timeout=120)
        values = dict(EXPORTED.findall(done.stdout))
        self.url = values["GRANARY_TEST_POSTGRES"]
        self.administrator_url = values["GRANARY_TEST_POSTGRES_ADMIN"]
        return self

    def stop(self) -> None:
        """Ends it in order; open transactions are cut off."""
        self.resume()
        subprocess.run([SCRIPT, "stop", self.folder], check=True, timeout=120)

    def kill(self) -> None:
        """Ends it as a power cut does."""
        subprocess.run([SCRIPT, "kill", self.folder], check=True, timeout=120)

    def pause(self) -> None:
        """Lets connections be made and nothing be answered: all its processes stand still."""
        for pid in self._pids():
            os.kill(pid, signal.SIGSTOP)

    def resume(self) -> None:
        for pid in self._pids():
            os.kill(pid, signal.SIGCONT)

    def log(self) -> str:
        return (self.folder / "data/server.log").read_text(errors="replace")

    def _pids(self) -> list[int]:
        """The processes that work in its folder."""
        found = []
        for process in Path("/proc").glob("[0-9]*"):
            try:
                if (process / "cwd").readlink() == self.folder / "data":
                    found.append(int(process.name))
            except OSError:
                continue
        return found


@dataclass(frozen=True)
class S3Prefix:
    """What all keys of one registry's content begin with, in a bucket."""

    values: dict[str, str]
    prefix: str

    def settings(self) -> dict[str, str]:
        names = ("ENDPOINT", "REGION", "BUCKET", "ACCESS_KEY", "SECRET_KEY")
        given = {f"GRANARY_S3_{name}": self.values[name] for name in names}
        return {"GRANARY_BLOBS": "s3", "GRANARY_S3_PREFIX": self.prefix, **given}

    def keys(self) -> list[str]:
        """Every key, without the prefix."""
        return self._rclone("lsf", "--recursive", "--files-only").split()

    def put(self, key: str, content: bytes) -> None:
        """Stores content behind the registry's back."""
        self._rclone("rcat", key=key, content=content)

    def unfinished_uploads(self) -> int:
        """How many uploads in parts were begun and neither completed nor given up."""
        return self._rclone("backend", "list-multipart-uploads").count('"UploadId"')

    def _rclone(self, *command: str, key: str = "", content: bytes = b"") -> str:
        given = {
            "TYPE": "s3", "PROVIDER": "Ceph", "ENDPOINT": self.values["ENDPOINT"], "REGION": self.values["REGION"],
            "ACCESS_KEY_ID": self.values["ACCESS_KEY"], "SECRET_ACCESS_KEY": self.values["SECRET_KEY"],
        }
        environment = {f"RCLONE_CONFIG_STORE_{name}": value for name, value in given.items()}
        # Nothing of a user's own settings.
        kept = {name: value for name, value in clean_environment().items() if not name.startswith("AWS_")}
        done = subprocess.run(
            ["rclone", *command, f"STORE:{self.values['BUCKET']}/{self.prefix}" + (f"/{key}" if key else "")],
            input=content, capture_output=True, timeout=120,
            env=kept | environment | {"RCLONE_CONFIG": "/nonexistent"},
        )
        # 3 is a directory that does not exist: nothing was stored yet.
        assert done.returncode in (0, 3), done.stderr.decode()
        return done.stdout.decode()


@dataclass(frozen=True)
class Pair:
    """The engines of one registry: a database, and a place for content."""

    database: str
    content: S3Prefix

    def settings(self) -> dict[str, str]:
        """What a server is told in its environment."""
        return {"GRANARY_DATABASE_URL": self.database, **self.content.settings()}

    def through(self, database: str | None = None, content: str | None = None) -> Pair:
        """The same pair by other ways: the addresses HOST:PORT of proxies."""
        pair = self
        if database is not None:
            pair = replace(pair, database=pair.database.replace(host_and_port(pair.database), database))
        if content is not None:
            values = pair.content.values | {"ENDPOINT": f"http://{content}"}
            pair = replace(pair, content=replace(pair.content, values=values))
        return pair


@dataclass(frozen=True)
class Engines:
    """A PostgreSQL server and an S3 store, on which registries get places of their own."""

    postgres: Postgres
    store: S3Store
    #: The database that those of new registries are copies of.
    template: str = "template1"

    def make_pair(self, fresh: bool = False) -> Pair:
        """Makes places for a registry, which was started once unless it is to be fresh."""
        database = self.postgres.make_database("template1" if fresh else self.template)
        return Pair(database, S3Prefix(self.store.values, f"registry-{secrets.token_hex(6)}"))

    def deadlocks(self, pair: Pair) -> int:
        """How often PostgreSQL had to end a transaction of a registry whose processes have ended."""
        name = database_name(pair.database)
        return int(self.postgres.sql(f"SELECT deadlocks FROM pg_stat_database WHERE datname = '{name}'"))

    def drop(self, pair: Pair) -> None:
        """Removes the database; the content goes with the store."""
        self.postgres.sql(f"DROP DATABASE {database_name(pair.database)} WITH (FORCE)")


def database_name(url: str) -> str:
    return url.rpartition("/")[2]


def host_and_port(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.hostname}:{parts.port}"


@contextmanager
def engine_folder() -> Iterator[Path]:
    """A folder that PostgreSQL's own user can reach, unlike those of pytest."""
    folder = Path(tempfile.mkdtemp(prefix="granary-engines."))
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


@contextmanager
def private_postgres() -> Iterator[PrivatePostgres]:
    """A server of one's own, which is gone afterwards."""
    with engine_folder() as folder:
        postgres = PrivatePostgres(folder / "postgres")
        try:
            yield postgres.start()
        finally:
            postgres.stop()


@contextmanager
def private_store(size: str | None = None) -> Iterator[S3Store]:
    """A store of one's own, that may be small, and is gone afterwards."""
    with engine_folder() as folder:
        store = S3Store(folder / "s3", size)
        try:
            yield store.start()
        finally:
            store.stop()


@contextmanager
def shared_engines() -> Iterator[Engines]:
    """The engines that the environment names, as `make test` starts them; else some of one's own."""
    url = os.environ.get("GRANARY_TEST_POSTGRES")
    prefix = "GRANARY_TEST_S3_"
    values = {name.removeprefix(prefix): value for name, value in os.environ.items() if name.startswith(prefix)}
    if url and values:
        store = S3Store(Path("/nonexistent"))
        store.values = values
        yield Engines(Postgres(url, os.environ["GRANARY_TEST_POSTGRES_ADMIN"]), store)
        return
    with private_postgres() as postgres, private_store() as store:
        yield Engines(postgres, store)

# SPDX-License-Identifier: Apache-2.0
"""A server whose database or bucket cannot be used does not start, and says in one sentence which one and why."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from engines import Engines, Pair, database_name
from server_fixtures import PairFactory, ServerFactory

# What is wrong, how it came to that, and words of the sentence that is expected.
Damage = Callable[[Pair, Engines], dict[str, str]]


def other_database(pair: Pair, change: Callable[[str], str]) -> dict[str, str]:
    return {"GRANARY_DATABASE_URL": change(pair.database)}


def revoke(pair: Pair, engines: Engines) -> dict[str, str]:
    name = database_name(pair.database)
    engines.postgres.sql(f"ALTER DATABASE {name} OWNER TO postgres")
    engines.postgres.sql("REVOKE CREATE ON SCHEMA public FROM PUBLIC", database=name)
    return {}


def latin(pair: Pair, engines: Engines) -> dict[str, str]:
    name = database_name(pair.database) + "_latin"
    engines.postgres.sql(
        f"CREATE DATABASE {name} OWNER granary TEMPLATE template0 ENCODING 'LATIN1' LOCALE_PROVIDER libc LOCALE 'C'"
    )
    return other_database(pair, lambda url: url + "_latin")


WRONG: dict[str, tuple[Damage, str]] = {
    "the address of the database": (
        lambda pair, _: {"GRANARY_DATABASE_URL": "postgres://granary@127.0.0.1:1/granary"}, "127.0.0.1:1"
    ),
    "the password of the database": (
        lambda pair, _: other_database(pair, lambda url: url.replace("granary:", "granary:wrong-")), "password"
    ),
    "the name of the database": (lambda pair, _: other_database(pair, lambda url: url + "_x"), "has no database"),
    "no right to create tables": (revoke, "may not create tables"),
    "the encoding of the database": (latin, "encoding"),
    "no URL at all": (lambda pair, _: {"GRANARY_DATABASE_URL": "nonsense"}, "GRANARY_DATABASE_URL"),
    "the address of the store": (lambda pair, _: {"GRANARY_S3_ENDPOINT": "http://127.0.0.1:1"}, "s3.endpoint"),
    "the name of the bucket": (lambda pair, _: {"GRANARY_S3_BUCKET": "no-such-bucket"}, "bucket"),
    "the secret of the store": (lambda pair, _: {"GRANARY_S3_SECRET_KEY": "unmistakable"}, "s3.secret-key"),
}


@pytest.mark.parametrize("name", WRONG)
def test_the_start_is_refused(name: str, make_server: ServerFactory, make_pair: PairFactory, engines: Engines) -> None:
    damage, words = WRONG[name]
    pair = make_pair(fresh=True)
    server = make_server(pair=pair, environment=damage(pair, engines))
    server.launch()
    assert server.wait(60) != 0
    sentences = [line for line in server.stderr().splitlines() if line.startswith(("granary:", "Error:", "error:"))]
    assert len(sentences) == 1 and words in sentences[0], server.stderr()
    secrets = ["unmistakable", engines.store.values["SECRET_KEY"], pair.database.split(":")[2].partition("@")[0]]
    for secret in secrets:
        assert secret not in server.stderr() + server.stdout()

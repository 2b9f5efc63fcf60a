# SPDX-License-Identifier: Apache-2.0
"""The statements that a PostgreSQL server writes into its log."""

from __future__ import annotations

import re

from engines import PrivatePostgres
from waiting import wait_until

STATEMENT = re.compile(r"^.* LOG:  (?:statement|execute [^:]*): (.*)$", re.MULTILINE)
# What a server does without being asked, and downloads that are counted once a second.
ASIDE = re.compile(
    r"BEGIN|COMMIT|ROLLBACK|LISTEN|UPDATE file SET download|\s*$|SELECT CAST\(extract|.*\blease\b"
    r"|SELECT 'mark|SET log_statement",
    re.IGNORECASE,
)


class Statements:
    """The statements since the last look; the server has to log them (`log_statement`)."""

    def __init__(self, postgres: PrivatePostgres, database: str) -> None:
        self.postgres = postgres
        self.database = database
        self.seen = 0
        self.mark = 0

    def take(self) -> list[str]:
        # Everything before this statement has been written when it is.
        self.mark += 1
        mark = f"SELECT 'mark {self.mark} of {self.database}'"
        self.postgres.sql("SET log_statement = 'all'", mark)
        wait_until(lambda: mark in self.postgres.log()[self.seen:], "the log is written")
        text = self.postgres.log()[self.seen:]
        self.seen += len(text)
        return [statement for statement in STATEMENT.findall(text) if not ASIDE.match(statement)]

# SPDX-License-Identifier: Apache-2.0
"""Where the suite and the repository are."""

from __future__ import annotations

from pathlib import Path

ACCEPTANCE = Path(__file__).resolve().parents[1]
REPOSITORY = ACCEPTANCE.parent
TABLES = ACCEPTANCE / "tables"

# SPDX-License-Identifier: Apache-2.0
"""What counts as a failure, and what its report shows."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from server_fixtures import SERVERS


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[None]:
    """Turns a skip into a failure, and attaches the servers' logs to a failure."""
    report = yield
    if report.skipped:
        report.outcome = "failed"
        report.longrepr = f"a skipped test counts as a failed one: {report.longrepr}"
    if report.failed:
        for number, server in enumerate(item.stash.get(SERVERS, [])):
            report.sections.append((f"server {number} ({server.data})", server.log_tail()))
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(collector: pytest.Collector) -> Iterator[None]:
    """Turns a skipped module into a failure."""
    report = yield
    if report.skipped:
        report.outcome = "failed"
        report.longrepr = f"a skipped module counts as a failed one: {report.longrepr}"
    return report

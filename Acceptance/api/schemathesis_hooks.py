# SPDX-License-Identifier: Apache-2.0
"""What schemathesis is not to do, and what it is not to complain about."""

from __future__ import annotations

import schemathesis
from schemathesis.core.failures import Failure

#: The account of the test, which generated requests find in the lists that they read.
OWN = "admin"

# A piece of an upload is bytes, like a file.
schemathesis.serializer.alias("application/offset+octet-stream", "application/octet-stream")


@schemathesis.hook
def filter_case(context: schemathesis.HookContext, case: schemathesis.Case) -> bool:
    """Leaves out what would rename, delete or lock out the test's own account, or delete its access tokens."""
    is_own = str((case.path_parameters or {}).get("username", "")).lower() == OWN
    return not is_own or case.method.upper() in ["GET", "HEAD"]


@schemathesis.hook
def filter_failure(
    context: schemathesis.HookContext,
    failure: Failure,
    case: schemathesis.Case,
    response: schemathesis.Response,
) -> bool:
    """Passes over two things that are meant to be so."""
    # The password that is wrong on purpose is slowed like any other when there were many: that is a refusal, too.
    is_slowed = "got `429" in failure.message
    # As in Gitea, a number in a query that is out of range or none is clipped, and other text than a word for yes is a no.
    is_clipped = "Invalid component" in failure.message and "in query" in failure.message
    return not (is_slowed or is_clipped)

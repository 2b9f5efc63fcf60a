-- SPDX-License-Identifier: Apache-2.0
-- The same GET again and again.

local report = require "report"

setup = report.setup
done = report.done

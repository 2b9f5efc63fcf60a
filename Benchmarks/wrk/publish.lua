-- SPDX-License-Identifier: Apache-2.0
-- Every request publishes a file of its own content as a new version of one package.
-- Arguments: the number of bytes of each file. The URL ends with the package.

local report = require "report"

setup = report.setup
done = report.done

local turn = 0
local filler = ""

function init(arguments)
   filler = string.rep("x", tonumber(arguments[1]) - 24)
end

function request()
   turn = turn + 1
   local body = string.format("%012d%012d", number, turn) .. filler
   return wrk.format("PUT", string.format("%s/1.%d.%d/file.bin", wrk.path, number, turn), nil, body)
end

function response(status)
   report.count(status, 201)
end

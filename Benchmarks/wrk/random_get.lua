-- SPDX-License-Identifier: Apache-2.0
-- GET of files chosen at random among all that many_files.py made; the same choice in every run.
-- Arguments: the number of versions, the number of files in each.

local report = require "report"

setup = report.setup
done = report.done

local versions = 0
local files = 0

function init(arguments)
   versions = tonumber(arguments[1])
   files = tonumber(arguments[2])
   math.randomseed(7613 + number)
end

function request()
   local half = versions / 2
   local chosen = math.random(0, versions - 1)
   local file = math.random(0, files - 1)
   local path
   if chosen < half then
      path = string.format("/large/1.0.%d/file-%d.bin", chosen, file)
   else
      path = string.format("/small-%07d/1.0.0/file-%d.bin", chosen - half, file)
   end
   return wrk.format("GET", wrk.path .. path)
end

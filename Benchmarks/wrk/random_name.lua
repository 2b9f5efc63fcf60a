-- SPDX-License-Identifier: Apache-2.0
-- GET of files with numbers as names, chosen at random; the same choice in every run.
-- Argument: the number of files.

local report = require "report"

setup = report.setup
done = report.done

local files = 0

function init(arguments)
   files = tonumber(arguments[1])
   math.randomseed(4211 + number)
end

function request()
   return wrk.format("GET", wrk.path .. string.format("%05d.bin", math.random(0, files - 1)))
end

-- SPDX-License-Identifier: Apache-2.0
-- Uploads blobs to a container registry: POST opens an upload, PUT to the place it names sends the content and its
-- digest. An upload does not belong to a connection, so each thread keeps a list of those that are open.
-- Arguments: the bytes of each blob; a file with the digests of blob 1, 2, … line by line; the number of threads.

local report = require "report"

setup = report.setup
done = report.done

local filler = ""
local digests = {}
local open = {}
local turn = 0
local stride = 1

function init(arguments)
   filler = string.rep("x", tonumber(arguments[1]) - 24)
   stride = tonumber(arguments[3])
   for line in io.lines(arguments[2]) do table.insert(digests, line) end
   turn = number - stride
end

function request()
   local place = table.remove(open)
   if not place then return wrk.format("POST", wrk.path, nil, "") end
   turn = turn + stride
   local digest = digests[turn] or "sha256:there-are-not-enough-digests"
   local body = string.format("%024d", turn) .. filler
   return wrk.format("PUT", place .. "&digest=" .. digest, nil, body)
end

function response(status, headers)
   if status == 202 then
      table.insert(open, headers["Location"] or headers["location"])
   else
      report.count(status, 201)
   end
end

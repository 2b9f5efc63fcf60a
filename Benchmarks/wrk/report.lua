-- SPDX-License-Identifier: Apache-2.0
-- What every script shares: numbered threads, counted answers, and one line of results that clients.py reads.

local report = { threads = {} }

-- The caller's `setup`: numbers the threads from 1.
function report.setup(thread)
   table.insert(report.threads, thread)
   thread:set("number", #report.threads)
   thread:set("counted", 0)
   thread:set("refused", 0)
   thread:set("first_refusal", 0)
end

-- For a script's `response`: counts an answer as the expected one, or as another.
function report.count(status, expected)
   if status == expected then
      counted = counted + 1
   else
      refused = refused + 1
      if first_refusal == 0 then first_refusal = status end
   end
end

-- The caller's `done`. Scripts without `response` leave the counting to wrk, which is faster.
function report.done(summary, latency)
   local errors = summary.errors
   local sum = { counted = 0, refused = 0 }
   local first = 0
   for _, thread in ipairs(report.threads) do
      sum.counted = sum.counted + thread:get("counted")
      sum.refused = sum.refused + thread:get("refused")
      if first == 0 then first = thread:get("first_refusal") end
   end
   if sum.counted + sum.refused == 0 then
      sum.counted, sum.refused = summary.requests - errors.status, errors.status
   end
   local broken = errors.connect + errors.read + errors.write + errors.timeout
   io.write(string.format(
      "RESULT %d %d %d %d %d %d\n",
      sum.counted, summary.duration, latency:percentile(99), broken, sum.refused, first
   ))
end

return report

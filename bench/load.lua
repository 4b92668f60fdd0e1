-- wrk: sends REQUESTS in turn, and ends with one line of JSON.

local made, at = {}, 0

function init()
  for place, one in ipairs(REQUESTS) do
    made[place] = wrk.format(one.method, one.path, HEADERS, one.body)
  end
end

function request()
  at = at % #made + 1
  return made[at]
end

function done(summary, latency)
  local errors = summary.errors
  local failed = errors.connect + errors.read + errors.write + errors.status + errors.timeout
  io.write(string.format(
    '\n{"requests": %d, "seconds": %f, "failed": %d, "bytes": %d, "p50": %f, "p99": %f}\n',
    summary.requests, summary.duration / 1e6, failed, summary.bytes,
    latency:percentile(50) / 1e6, latency:percentile(99) / 1e6
  ))
end

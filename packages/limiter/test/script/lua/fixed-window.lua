-- A window that begins with the first request of a key.
-- KEYS: the counter. ARGV: limit, window in seconds, now in milliseconds (default: the server's time;
-- one of the caller's own is not that by which the server expires keys, which then live for an hour).
-- Headers: limit, reset, remaining. Extra: requests seen in this window, denied ones too.
local key, limit, window = KEYS[1], tonumber(ARGV[1]), tonumber(ARGV[2]) * 1000
local now = tonumber(ARGV[3])
if not now then
  local time = redis.call('TIME')
  now = time[1] * 1000 + math.floor(time[2] / 1000)
end

local state = redis.call('HMGET', key, 'seen', 'ends')
local seen, ends = tonumber(state[1]) or 0, tonumber(state[2]) or 0
if now >= ends or ends > now + window then
  seen, ends = 0, now + window
end

seen = seen + 1
redis.call('HSET', key, 'seen', seen, 'ends', ends)
redis.call('PEXPIRE', key, ARGV[3] and 3600000 or ends - now)
local reset = math.ceil((ends - now) / 1000)
return { seen <= limit and 'allow' or 'deny', { limit, reset, math.max(0, limit - seen) }, seen }

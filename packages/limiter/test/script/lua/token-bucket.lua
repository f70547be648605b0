-- A bucket of `burst` tokens beside a total of `limit` in a window: both begin anew when the window is over.
-- KEYS: the bucket. ARGV: limit, window in seconds, burst, now in milliseconds (default: the server's time;
-- one of the caller's own is not that by which the server expires keys, which then live for an hour).
-- Headers: limit, reset, remaining, and retry-after where the bucket is empty. Extra: tokens left, in thousandths.
local key, limit, window, burst = KEYS[1], tonumber(ARGV[1]), tonumber(ARGV[2]) * 1000, tonumber(ARGV[3])
if burst < 1 or limit < burst then
  return redis.error_reply('ERR limit ' .. limit .. ' and burst ' .. burst .. ' are no token bucket')
end
local now = tonumber(ARGV[4])
if not now then
  local time = redis.call('TIME')
  now = time[1] * 1000 + math.floor(time[2] / 1000)
end

local state = redis.call('HMGET', key, 'tokens', 'remaining', 'at', 'ends')
local tokens, remaining = tonumber(state[1]), tonumber(state[2])
local at, ends = tonumber(state[3]), tonumber(state[4])
if not ends or now >= ends or ends > now + window then
  tokens, remaining, at, ends = burst * 1000, limit, now, now + window
end

-- Thousandths of a token: (limit - burst) tokens come back in a window.
local refilled = math.min(burst * 1000, tokens + math.floor((limit - burst) * math.max(0, now - at) * 1000 / window))
local allowed = refilled >= 1000 and remaining > 0
if allowed then
  tokens, remaining, at = refilled - 1000, remaining - 1, now
  redis.call('HSET', key, 'tokens', tokens, 'remaining', remaining, 'at', at, 'ends', ends)
  redis.call('PEXPIRE', key, ARGV[4] and 3600000 or ends - now)
end

local left = allowed and tokens or refilled
local reset = math.ceil((ends - now) / 1000)
local name = limit .. ' ' .. limit .. ';w=' .. window / 1000 .. ';burst=' .. burst .. ';policy=token_bucket'
local headers = { name, reset, remaining }
if left < 1000 then
  local wait = remaining > 0 and limit > burst and math.ceil((1000 - left) * window / (limit - burst) / 1000 / 1000) or reset
  headers[4] = math.min(wait, reset)
end
return { allowed and 'allow' or 'deny', headers, left }

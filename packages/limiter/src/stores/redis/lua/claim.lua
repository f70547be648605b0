-- name: claim
-- Takes a claim if nobody has it yet.
-- KEYS: that of the claim
-- ARGV: value (whole number; empty only asks), end (µs since the epoch)
-- REPLY: a text: taken:value if it was taken now or would be, held:value if before, over: if its time is over
local ends_at = tonumber(string.match(ARGV[2], '^%d+$'))
if ends_at <= now then return 'over:0' end
local found = redis.call('MGET', KEYS[1])[1]
if found then return 'held:' .. (string.match(found, '^%d+$') or '0') end
if ARGV[1] ~= '' then
  redis.call('SET', KEYS[1], ARGV[1], 'PX', math.max(min_ttl, math.ceil((ends_at - now) / 1000)))
end
return 'taken:' .. ARGV[1]

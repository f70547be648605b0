-- Preamble in production: time is the server's clock.
-- Sets: now (µs since the epoch), min_ttl (ms)
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local min_ttl = 1

-- Preamble of production: the server's own clock.
-- Sets: now (µs since the epoch), least_ttl (ms)
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local least_ttl = 1

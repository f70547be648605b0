-- Preamble of tests: time is the last argument, and keys live long enough for it to stand still. Never packed.
-- Sets: now (µs since the epoch), least_ttl (ms)
local now = tonumber(table.remove(ARGV))
local least_ttl = 3600000

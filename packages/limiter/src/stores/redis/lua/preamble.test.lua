-- Preamble in tests: time is the last argument. Keys live an hour at least, since Redis expires them by its own clock.
-- Sets: now (µs since the epoch), min_ttl (ms)
local now = tonumber(table.remove(ARGV))
local min_ttl = 3600000

-- name: heartbeat
-- Counts the replicas that are alive, the caller among them; forgets those that said nothing for a while.
-- KEYS: the set of replicas
-- ARGV: name of the caller, how long it counts as alive in ms
-- REPLY: count
local lifetime = tonumber(string.match(ARGV[2], '^%d+$'))
redis.call('ZADD', KEYS[1], now + lifetime * 1000, ARGV[1])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
redis.call('PEXPIRE', KEYS[1], lifetime)
return redis.call('ZCARD', KEYS[1])

-- name: heartbeat
-- Records a heartbeat of the caller, drops replicas whose last one is too old, and counts the rest.
-- KEYS: the set of replicas
-- ARGV: id of the caller, how long it counts as alive in ms
-- REPLY: count
local lifetime = tonumber(string.match(ARGV[2], '^%d+$'))
redis.call('ZADD', KEYS[1], now + lifetime * 1000, ARGV[1])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
redis.call('PEXPIRE', KEYS[1], lifetime)
return redis.call('ZCARD', KEYS[1])

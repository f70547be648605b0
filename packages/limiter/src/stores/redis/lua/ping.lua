-- name: ping
-- Proves that the store runs scripts and takes writes.
-- KEYS: one key of our own
-- REPLY: 1
redis.call('SET', KEYS[1], '1', 'PX', 1000)
return 1

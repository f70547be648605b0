-- name: ping
-- Proves that the store can decide: runs all commands that a decision does, and spends nothing.
-- KEYS: one key of our own
-- REPLY: 1
redis.call('TIME')
redis.call('MGET', KEYS[1])
redis.call('SET', KEYS[1], '1', 'PX', 1000)
redis.call('SETRANGE', KEYS[1], 0, '2')
redis.call('SET', KEYS[1], '1', 'KEEPTTL')
return 1

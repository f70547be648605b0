-- name: ping
-- Proves that the store can decide: runs every command that a decision needs, and spends nothing.
-- KEYS: one key of the store itself
-- REPLY: 1
redis.call('TIME')
redis.call('MGET', KEYS[1])
redis.call('SET', KEYS[1], '1', 'PX', 1000)
redis.call('SETRANGE', KEYS[1], 0, '2')
redis.call('SET', KEYS[1], '1', 'KEEPTTL')
return 1

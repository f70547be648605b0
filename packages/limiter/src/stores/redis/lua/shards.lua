-- name: shards
-- Stores over how many shards the keys of a prefix are distributed.
-- KEYS: one key of the prefix itself
-- ARGV: number of shards, how long it is stored in ms
-- REPLY: the number stored before; 0 if none
local found = redis.call('MGET', KEYS[1])[1]
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return tonumber(string.match(found or '', '^%d+$')) or 0

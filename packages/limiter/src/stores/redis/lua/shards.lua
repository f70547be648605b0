-- name: shards
-- Notes how many shards the keys of a prefix are dealt to.
-- KEYS: one key of the prefix's own
-- ARGV: number of shards, how long it is remembered in ms
-- REPLY: the number noted before; 0 where there was none
local found = redis.call('MGET', KEYS[1])[1]
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return tonumber(string.match(found or '', '^%d+$')) or 0

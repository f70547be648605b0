-- name: clear
-- Deletes keys of a store: one step through all keys of the server.
-- KEYS: one key of the store itself
-- ARGV: cursor (0 at first), pattern of the keys
-- REPLY: a text: the cursor of the next step, 0 after the last
local step = redis.call('SCAN', ARGV[1], 'MATCH', ARGV[2], 'COUNT', 1000)
for _, key in ipairs(step[2]) do redis.call('DEL', key) end
return step[1]

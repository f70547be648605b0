-- name: reset
-- Forgets the state of keys.
-- KEYS: any, of one slot
-- REPLY: count of keys that were there
local count = 0
for _, key in ipairs(KEYS) do count = count + redis.call('DEL', key) end
return count

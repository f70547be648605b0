-- name: reset
-- Forgets the state of keys.
-- KEYS: any number, in one slot
-- REPLY: how many of them existed
local count = 0
for _, key in ipairs(KEYS) do count = count + redis.call('DEL', key) end
return count

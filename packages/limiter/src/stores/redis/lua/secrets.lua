-- name: secrets
-- Keeps the secrets of a prefix: adds the one offered where the newest is too old, and drops those that are older still.
-- KEYS: one key of the store itself
-- ARGV: secret (hexadecimal), age in ms at which one is added, age in ms at which one is dropped
-- REPLY: a text: since:secret, newest first
local add_after = 1000 * tonumber(string.match(ARGV[2], '^%d+$'))
local keep_ms = string.match(ARGV[3], '^%d+$')
local kept = {}
for since, secret in string.gmatch(redis.call('MGET', KEYS[1])[1] or '', '(%d+):(%x+)') do
  if now - since < 1000 * keep_ms then kept[#kept + 1] = since .. ':' .. secret end
end
local newest = string.match(kept[1] or '', '^%d+')
if not newest or now - newest >= add_after then
  table.insert(kept, 1, string.format('%.0f', now) .. ':' .. ARGV[1])
  redis.call('SET', KEYS[1], table.concat(kept, ' '), 'PX', keep_ms)
end
return table.concat(kept, ' ')

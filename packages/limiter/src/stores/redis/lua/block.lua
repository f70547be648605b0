-- name: block
-- Blocks keys from now on, or ends block and ban; the records of their rules stay as they are.
-- KEYS: any number, in one slot
-- ARGV: length in µs; 0 ends block and ban
-- REPLY: 1
local call, pack, unpack_numbers = redis.call, struct.pack, struct.unpack
local length, unrecognized, future = tonumber(string.match(ARGV[1], '^%d+$')), 0, false
for _, key in ipairs(KEYS) do
  local raw = call('MGET', key)[1]
  local standing, expires = false, 0
  if raw and #raw >= 8 then
    expires = unpack_numbers('<d', raw)
    !read
  else
    raw = false
  end
  if standing or length > 0 then
    standing = standing or !fresh
    standing.blocked_at, standing.block = length > 0 and now or 0, length
    if length == 0 then standing.ban = 0 end
    !pack
    local rest = raw and string.sub(raw, standing.stop) or ''
    local bytes = standing_bytes .. rest
    if bytes == '' then
      call('DEL', key)
    elseif standing_ends <= expires and expires <= 9007199254740991 then
      call('SET', key, pack('<d', expires) .. bytes, 'KEEPTTL')
    else
      local ttl = math.max(math.ceil((standing_ends - now) / 1000) + 1, min_ttl)
      call('SET', key, pack('<d', now + (ttl - 1) * 1000) .. bytes, 'PX', ttl)
    end
  end
end
return 1

-- One spend on one bucket, which is what a call mostly is while few callers wait: as one-bucket.lua, without its lists.
-- Sets, for what stands behind it: alike (all decisions ask the same of buckets and windows), exact (of one bucket with
-- quanta of a microsecond), and where they are alike verb, plan, and terms (what is needed beside the plan, and the cost).
local verb, plan, terms = ARGV[1], ARGV[2], ARGV[3]
local alike = verb == 'consume' or verb == 'charge' or verb == 'peek'
local exact = alike and #terms < 96
if exact and verb == 'consume' and not KEYS[2] then
  local call, key, length = redis.call, KEYS[1], #plan
  -- GET would be an error where a key is of another type.
  local raw = call('MGET', key)[1]
  local drain, asked, room, a, b, c = struct.unpack('<I8I8I8I8I8I8', terms)
  drain, asked, room = a * 128 + drain, b * 128 + asked, c * 128 + room
  -- A spend of nothing writes nothing.
  local held, since, expires = asked > 0 and 0 or -1, 0, 0
  if raw then
    if held == 0 and #raw == length + 24 and string.find(raw, plan, 1, true) == 1 then
      held, since, expires = struct.unpack('<ddd', raw, length + 1)
    else
      held = -1
    end
  end
  -- No ceiling is higher than 2^52.
  if held >= 0 and held <= 4503599627370496 and held % 1 == 0 and since >= 0 and now >= since and since % 1 == 0 then
    held = held - (now - since) * drain
    if held < 0 then held = 0 end
    local spent = held + asked
    if spent > room then return { now, -2, -1 - held } end
    local lasts = spent / drain
    if now + lasts <= expires then
      call('SETRANGE', key, length, struct.pack('<dd', spent, now))
    else
      local px = math.max(math.ceil(lasts * 3 / 2000), least_ttl)
      call('SET', key, plan .. struct.pack('<ddd', spent, now, now + (px - 1) * 1000), 'PX', px)
    end
    return { now, -2, spent }
  end
end

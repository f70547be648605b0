-- The most common case: decisions that all ask the same of one bucket, with quanta of a microsecond, so that a judged
-- state is drained to now. Same arithmetic as bucket.lua, without tables for rules and without functions, since making
-- them costs time in every call. Where some state needs the general way, nothing is written, and the script goes on.
-- The caller works out waits and remainders from what is used, so that a server shared by all does only what must be
-- done in one place.
-- Behind the numbers of a state stands when its key expires (µs): half again as late as needed, so that most spends
-- leave that alone and only change the numbers in place. Writing value and expiry takes twice the time.
if exact then
  -- Reading decimals takes as long as all that is done with them. Bytes of 128 and more are no text to every client:
  -- so the low seven bits of each byte stand in one number, and its eighth bit in another, as questions.ts packs them.
  local pack, unpack_numbers, call, MOST = struct.pack, struct.unpack, redis.call, 4503599627370496
  local drain, asked, capacity, a, b, c, ceiling, d = unpack_numbers('<I8I8I8I8I8I8I8I8', terms)
  drain, asked, capacity, ceiling = drain + a * 128, asked + b * 128, capacity + c * 128, ceiling + d * 128
  local length, count = #plan, #KEYS
  local size, first, find = length + 16, length + 1, string.find
  local values, place, s, plain = call('MGET', unpack(KEYS)), {}, { 0, 0, 0 }, true
  for i = 1, count do
    local raw = values[i]
    local used, at, expires = 0, 0, 0
    if raw then
      local rest = #raw - size
      if rest == 8 or rest == 0 then
        -- Where no expiry stands behind them, unpacking answers where the numbers end: a moment long ago.
        used, at, expires = unpack_numbers(rest == 8 and '<ddd' or '<dd', raw, first)
      end
      -- A time to come means that a clock went back.
      local valid = expires > 0 and used >= 0 and used <= MOST and used % 1 == 0
      if not (valid and at >= 0 and at <= now and at % 1 == 0 and find(raw, plan, 1, true) == 1) then
        plain = false
        break
      end
    end
    s[i * 3 - 2], s[i * 3 - 1], s[i * 3] = used, at, expires
    -- A key that comes twice has one state.
    if count > 1 then place[KEYS[i]] = i end
  end
  if plain then
    local reply, writes, charges = { now, -2, 0 }, verb ~= 'peek' and asked > 0, verb == 'charge'
    for i = 1, count do
      local key = KEYS[i]
      local j = (place[key] or 1) * 3
      local used = s[j - 2] - (now - s[j - 1]) * drain
      if used < 0 then used = 0 end
      local spent, passes = used + asked, true
      if spent > capacity then
        if not charges then
          spent, passes = used, false
        elseif spent > ceiling then
          spent = ceiling
        end
      end
      reply[i + 2] = passes and spent or -1 - spent
      if writes and passes then
        s[j - 2], s[j - 1] = spent, now
        local recovered = now + spent / drain
        if recovered <= s[j] then
          call('SETRANGE', key, length, pack('<dd', spent, now))
        else
          local ttl = math.max(math.ceil((recovered - now) * 3 / 2000), least_ttl)
          -- The server's clock of expiries stands at the millisecond the script began in.
          s[j] = now + (ttl - 1) * 1000
          call('SET', key, plan .. pack('<ddd', spent, now, s[j]), 'PX', ttl)
        end
      end
    end
    return reply
  end
end

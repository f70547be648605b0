-- Decisions that all ask the same of one budget made of buckets alone: as one-bucket.lua, for several rules.
if ARGV[1] == 'buckets' then
  local floor, ceil, max, pack, unpack_numbers = math.floor, math.ceil, math.max, struct.pack, struct.unpack
  local verb, cost, plan, SAFE = ARGV[2], string.match(ARGV[3], '^%d+$') + 0, ARGV[4], 9007199254740991
  local terms, words, largest = {}, 0, cost
  for a, b, c, d, e in string.gmatch(plan, ' bucket 2 (%d+) (%d+) (%d+) (%d+) (%d+)\n') do
    local t = { a + 0, b + 0, c + 0, d + 0, e + 0 }
    largest = max(largest, t[1], t[2], t[3], t[4], t[5])
    terms[words / 2 + 1] = t
    words = words + 2
  end
  if largest > SAFE then error('HEADGATE not a safe integer') end

  local count, rules, size = #KEYS, words / 2, #plan + words * 8
  local format = words == 2 and '<dd' or '<' .. string.rep('d', words)
  local values = redis.call('MGET', unpack(KEYS))
  -- A key that comes twice has one state.
  local states, plain = {}, true
  for i = 1, count do
    local raw, s = values[i], nil
    if raw then
      plain = plain and #raw == size and string.find(raw, plan, 1, true) == 1
      if not plain then break end
      s = { unpack_numbers(format, raw, #plan + 1) }
      s[words + 1] = nil
      for j = 1, words do
        local n = s[j]
        -- A time to come means that a clock went back.
        if not (n >= 0 and n <= SAFE and n == floor(n)) or (j % 2 == 0 and n > now) then plain = false end
      end
    else
      s = { 0, 0 }
      for j = 3, words do s[j] = 0 end
    end
    states[KEYS[i]] = s
  end

  if plain then
    local reply, n = { now, 0 }, 2
    for i = 1, count do
      local key = KEYS[i]
      local s, passes, latest = states[key], true, 0
      for r = 1, rules do
        local t = terms[r]
        local drain, unit, capacity, quantum = t[1], t[2], t[3], t[4]
        local used, at = s[r * 2 - 1], s[r * 2]
        local gone = floor((now - at) / quantum)
        if gone * drain >= used then
          used, at = 0, now
        else
          used, at = used - gone * drain, at + gone * quantum
        end
        local wait, excess = 0, used + cost * unit - capacity
        if cost * unit > capacity then
          wait = -1
        elseif excess > 0 then
          wait = at + ceil(excess / drain) * quantum - now
        end
        if verb == 'charge' then wait = 0 end
        passes = passes and wait == 0
        reply[n + r * 3 - 2] = wait
        s[r * 2 - 1], s[r * 2] = used, at
      end
      local spent, writes = passes and cost or 0, passes and cost > 0 and verb ~= 'peek'
      for r = 1, rules do
        local t = terms[r]
        local used, at, reset = s[r * 2 - 1] + spent * t[2], s[r * 2], 0
        if used > t[5] then used = t[5] end
        if used > 0 then reset = at + ceil(used / t[1]) * t[4] - now end
        latest = max(latest, reset)
        if writes then s[r * 2 - 1] = used end
        reply[n + 2], reply[n + 3] = max(floor((t[3] - used) / t[2]), 0), reset
        n = n + 3
      end
      if writes then
        redis.call('SET', key, plan .. pack(format, unpack(s)), 'PX', max(ceil(latest / 1000), least_ttl))
      end
    end
    return reply
  end
end

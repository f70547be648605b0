-- Decisions that all ask the same of one budget made of buckets alone: as one-bucket.lua, for several rules.
if ARGV[1] == 'buckets' then
  local pack, unpack_numbers, find = struct.pack, struct.unpack, string.find
  local verb, cost, plan, SAFE = ARGV[2], string.match(ARGV[3], '^%d+$') + 0, ARGV[4], 9007199254740991
  local drains, units, capacities, quanta, ceilings = {}, {}, {}, {}, {}
  local rules, largest = 0, cost
  for a, b, c, d, e in string.gmatch(plan, ' bucket 2 (%d+) (%d+) (%d+) (%d+) (%d+)\n') do
    rules = rules + 1
    a, b, c, d, e = a + 0, b + 0, c + 0, d + 0, e + 0
    drains[rules], units[rules], capacities[rules], quanta[rules], ceilings[rules] = a, b, c, d, e
    largest = math.max(largest, a, b, c, d, e)
  end
  if largest > SAFE then error('HEADGATE not a safe integer') end

  local count, words, size = #KEYS, rules * 2, #plan + rules * 16
  local format = '<' .. string.rep('d', words)
  local whole = format .. 'd'
  local values = redis.call('MGET', unpack(KEYS))
  -- A key that comes twice has one state.
  local states, plain = {}, true
  for i = 1, count do
    local raw, s = values[i], nil
    if raw then
      local rest = #raw - size
      plain = plain and (rest == 8 or rest == 0) and find(raw, plan, 1, true) == 1
      if not plain then break end
      s = { unpack_numbers(rest == 8 and whole or format, raw, #plan + 1) }
      if rest == 0 then s[words + 1] = 0 end
      s[words + 2] = nil
      for j = 1, words, 2 do
        local used, since = s[j], s[j + 1]
        -- A time to come means that a clock went back.
        if not (used >= 0 and used <= SAFE and used % 1 == 0 and since >= 0 and since <= now and since % 1 == 0) then
          plain = false
        end
      end
    else
      s = {}
      for j = 1, words + 1 do s[j] = 0 end
    end
    states[KEYS[i]] = s
  end

  if plain then
    local reply, n, behind = { now, -2 }, 2, tostring(#plan)
    local writes, charges = cost > 0 and verb ~= 'peek', verb == 'charge'
    for i = 1, count do
      local key, first = KEYS[i], n
      local s, after, passes, latest = states[key], {}, true, 0
      for r = 1, rules do
        local drain, quantum = drains[r], quanta[r]
        local used, at = s[r * 2 - 1], s[r * 2]
        local gone = now - at
        gone = (gone - gone % quantum) / quantum
        if gone * drain >= used then
          used, at = 0, now
        else
          used, at = used - gone * drain, at + gone * quantum
        end
        s[r * 2 - 1], s[r * 2] = used, at
        local spent = used + cost * units[r]
        if spent > capacities[r] and not charges then passes = false end
        if spent > ceilings[r] then spent = ceilings[r] end
        local recovered = at + (spent + -spent % drain) / drain * quantum
        if recovered > latest then latest = recovered end
        after[r * 2 - 1], after[r * 2] = spent, at
        n = n + 1
        reply[n] = spent
        if quantum > 1 then
          n = n + 1
          reply[n] = now - at
        end
      end
      if not passes then
        -- Nothing is spent where one rule says no.
        n = first
        for r = 1, rules do
          n = n + 1
          reply[n] = -1 - s[r * 2 - 1]
          if quanta[r] > 1 then n = n + 1 end
        end
      elseif writes then
        local expires = s[words + 1]
        if latest <= expires then
          redis.call('SETRANGE', key, behind, pack(format, unpack(after)))
        else
          local life = math.max(math.ceil((latest - now) * 3 / 2000), least_ttl)
          expires = now + (life - 1) * 1000
          redis.call('SET', key, plan .. pack(format, unpack(after)) .. pack('<d', expires), 'PX', life)
        end
        after[words + 1] = expires
        states[key] = after
      end
    end
    return reply
  end
end

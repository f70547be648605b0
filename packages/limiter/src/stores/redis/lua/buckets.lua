-- Decisions that all ask the same of one budget made of buckets alone: as one-bucket.lua, for several rules.
if alike and not exact then
  local pack, unpack_numbers, find = struct.pack, struct.unpack, string.find
  local cost, SAFE = terms + 0, 9007199254740991
  local drains, asked, capacities, ceilings = {}, {}, {}, {}
  local rules, largest, plain, hopeless = 0, cost, true, false
  for a, b, c, d, e in string.gmatch(plan, ' bucket 2 (%d+) (%d+) (%d+) (%d+) (%d+)\n') do
    rules = rules + 1
    a, b, c, e = a + 0, b + 0, c + 0, e + 0
    drains[rules], asked[rules], capacities[rules], ceilings[rules] = a, cost * b, c, e
    largest = math.max(largest, a, b, c, e)
    plain = plain and d == '1'
    if cost * b > c and verb ~= 'charge' then hopeless = true end
  end
  if largest > SAFE then error('HEADGATE not a safe integer') end

  local count, words, size = #KEYS, rules * 2, #plan + rules * 16
  local format = '<' .. string.rep('d', words)
  local whole = format .. 'd'
  local values = plain and redis.call('MGET', unpack(KEYS))
  -- A key that comes twice has one state.
  local states = {}
  for i = 1, plain and count or 0 do
    local raw, s = values[i], nil
    if raw then
      local rest = #raw - size
      plain = plain and (rest == 8 or rest == 0) and find(raw, plan, 1, true) == 1
      if not plain then break end
      s = { unpack_numbers(rest == 8 and whole or format, raw, #plan + 1) }
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
    -- More than a rule ever holds: nothing is added, since it might be too much to be taken off again.
    for r = 1, hopeless and rules or 0 do asked[r] = 0 end
    for i = 1, count do
      local key = KEYS[i]
      local s, passes, longest, j = states[key], not hopeless, 0, 1
      for r = 1, rules do
        local drain = drains[r]
        local spent = s[j] - (now - s[j + 1]) * drain
        if spent < 0 then spent = 0 end
        spent = spent + asked[r]
        if spent > capacities[r] then
          if not charges then
            passes = false
          elseif spent > ceilings[r] then
            spent = ceilings[r]
          end
        end
        if spent > longest * drain then longest = spent / drain end
        s[j], s[j + 1] = spent, now
        reply[n + r] = spent
        j = j + 2
      end
      if not (passes and writes) then
        -- Nothing is spent by a peek, nor where one rule says no.
        for r = 1, rules do
          local used = s[r * 2 - 1] - asked[r]
          s[r * 2 - 1] = used
          if not passes then reply[n + r] = -1 - used end
        end
      elseif now + longest <= s[j] then
        redis.call('SETRANGE', key, behind, pack(format, unpack(s)))
      else
        local life = math.max(math.ceil(longest * 3 / 2000), least_ttl)
        s[j] = now + (life - 1) * 1000
        redis.call('SET', key, plan .. pack(whole, unpack(s)), 'PX', life)
      end
      n = n + rules
    end
    return reply
  end
end

-- Decisions on buckets and windows whose keys are new, or hold state under the very plan that asks and nothing of it in
-- the future. Same arithmetic as in the files of the algorithms, but without functions and names of rules, since making
-- them costs time in every call. Where some state needs the general way, nothing is written, and the script goes on.
-- Behind the numbers of a state stands when its key expires, as in one-bucket.lua.
local ordered = ARGV[2] == 'consume' or ARGV[2] == 'charge' or ARGV[2] == 'peek'
local shapes, order = { nil }, nil
if ordered or alike and not exact then
  local find, pack, unpack_numbers, SAFE = string.find, struct.pack, struct.unpack, 9007199254740991
  -- Shapes as decide.lua has them.
  local at, plain, shape = 1, true, nil
  if ordered then
    order, at = {}, 2
    for number in string.gmatch(ARGV[1], '%d+') do order[#order + 1] = number + 0 end
  end
  while ARGV[at] do
    local plan = ARGV[at]
    if plan == 'consume' or plan == 'charge' or plan == 'peek' then
      shape = { nil, verb = plan }
      shapes[#shapes + 1] = shape
      at = at + 1
    else
      -- 96 bytes a rule, as in one-bucket.lua: its terms and its kind, 0 a bucket with quanta of a microsecond, 1 another
      -- bucket, 2 a sliding window, 3 a window from the first hit, 4 one of the epoch. Then come the place of its first
      -- number, the segment of now and the position in it, or when the window of now began, and what was spent.
      local terms, rules, words = ARGV[at + 1], { nil }, 0
      local size = #terms - #terms % 96
      for i = 1, size, 96 do
        local a, b, c, d, e, kind, f, g, h, k, l = unpack_numbers('<I8I8I8I8I8I8I8I8I8I8I8', terms, i)
        local t = { a + f * 128, b + g * 128, c + h * 128, d + k * 128, e + l * 128, kind, words + 1, 0, 0, 0 }
        words = words + (kind < 2 and 2 or kind == 2 and t[3] + 2 or 3)
        if kind == 2 then
          local span = t[2] * t[4]
          t[8], t[9] = (now - now % span) / span, (now % span - now % t[4]) / t[4]
        elseif kind == 4 then
          t[8] = now - now % t[2]
        end
        rules[#rules + 1] = t
      end
      local cost, format = string.sub(terms, size + 1) + 0, '<' .. string.rep('d', words + 1)
      if not (cost >= 0 and cost <= SAFE and cost % 1 == 0) then error('HEADGATE not a safe integer') end
      shape[#shape + 1] = { plan = plan, cost = cost, rules = rules, words = words, format = format }
      at = at + 2
    end
  end

  -- Room for the shortest answer.
  local reply, m, k = { now, -2, nil, nil, nil }, 2, 0
  local values, loaded, known = redis.call('MGET', unpack(KEYS)), { nil }, KEYS[2] and {}
  local decisions, plans = order and #order or #KEYS / #shape, (order or shape[2]) and {}
  for i = 1, decisions do
    if not plain then break end
    if order then shape = shapes[order[i]] end
    local verb, first, place, denied, spent = shape.verb, k, m, false, 0
    local charges, peeks = verb == 'charge', verb == 'peek'
    repeat
      -- Where a rule denies, those before it take back what they spent, and say what there is without it.
      local undo, again = spent, spent > 0
      k, m, spent = first, place, 0
      for j = 1, #shape do
        k = k + 1
        local ask, s = shape[j], again and loaded[k]
        local words, cost, rules, latest = ask.words, ask.cost, ask.rules, 0
        if not s then
          local key, raw, plan = KEYS[k], values[k], ask.plan
          -- A key that comes twice has one state.
          s = known and known[key]
          if s then
            plain = plain and not (plans and plans[key] ~= plan)
          elseif raw then
            local rest = #raw - #plan - words * 8
            plain = plain and (rest == 8 or rest == 0) and find(raw, plan, 1, true) == 1
            -- Where no expiry stands behind them, it was a moment long ago.
            if rest == 0 then raw = raw .. pack('<d', 0) end
            s = plain and { unpack_numbers(ask.format, raw, #plan + 1) }
          else
            s = { 0, 0, 0 }
            for n = 4, words + 2 do s[n] = 0 end
          end
          if not plain then break end
          if known then known[key] = s end
          if plans then plans[key] = plan end
          -- A peek leaves the state to those behind it as it found it.
          if peeks then s = { unpack(s) } end
          loaded[k] = s
        end
        for r = 1, #rules do
          local t = rules[r]
          local kind, from = t[6], t[7]
          if kind == 0 then
            local used, since, drain, asked = s[from], s[from + 1], t[1], cost * t[2]
            if not (used >= 0 and used <= t[5] and used % 1 == 0 and since >= 0 and since <= now and since % 1 == 0) then
              plain = false
            end
            used = used - (now - since) * drain
            if undo > 0 then used, undo = used - asked, undo - 1 end
            if used < 0 then used = 0 end
            if used + asked > t[3] and not charges then
              denied = true
            elseif not denied then
              used, spent = used + asked, spent + 1
              if charges and used > t[5] then used = t[5] end
            end
            s[from], s[from + 1], m = used, now, m + 1
            reply[m] = denied and -1 - used or used
            if used > latest * drain then latest = used / drain end
          else
            local wait, remaining, reset = 0, 0, 0
            if kind == 1 then
              local used, since, drain, asked = s[from], s[from + 1], t[1], cost * t[2]
              if not (used >= 0 and used <= t[5] and used % 1 == 0 and since >= 0 and since <= now and since % 1 == 0) then
                plain = false
              end
              if undo > 0 then used, undo = used - asked, undo - 1 end
              local over = now - since
              local rest = over % t[4]
              since = now - rest
              used = used - (over - rest) / t[4] * drain
              if used <= 0 then used, since = 0, now end
              local excess = used + asked - t[3]
              if excess > 0 and not charges then
                denied = true
                wait = asked > t[3] and -1 or since + (excess + -excess % drain) / drain * t[4] - now
              elseif not denied then
                used, spent = used + asked, spent + 1
                if used > t[5] then used = t[5] end
              end
              s[from], s[from + 1], remaining = used, since, t[3] - used
              if used > 0 then reset = since + (used + -used % drain) / drain * t[4] - now end
              remaining = (remaining - remaining % t[2]) / t[2]
            elseif kind == 2 then
              local length, last, inside, segment, position = t[2], from + t[3] + 1, 0, t[8], t[9]
              if undo > 0 then s[from + 1], undo = s[from + 1] - t[10], undo - 1 end
              local number = s[from]
              -- A segment to come means that a clock went back.
              if not (number >= 0 and number <= segment and number % 1 == 0) then plain = false end
              for n = from + 1, last do
                local units = s[n]
                if not (units >= 0 and units % 1 == 0) then plain = false end
                inside = inside + units
              end
              if inside > t[5] then plain = false end
              local shift = segment - number
              if shift > 0 then
                s[from], inside = segment, 0
                for n = last, from + 1, -1 do
                  local units = n - shift > from and s[n - shift] or 0
                  s[n], inside = units, inside + units
                end
              end
              local room, oldest = (t[1] - inside) * length + s[last] * position, last
              local lack = cost * length - room
              if lack > 0 and not charges then
                denied = true
                if cost > t[1] or not plain then
                  wait = -1
                else
                  -- The first quantum at which enough has left the window: units of the oldest segment leave one by one.
                  local start, units = segment * length, s[last]
                  lack = lack + units * position
                  while units * length < lack do
                    lack, start, oldest = lack - units * length, start + length, oldest - 1
                    units = oldest > from and s[oldest] or 0
                  end
                  wait = (start + (lack + -lack % units) / units) * t[4] - now
                end
              end
              if not denied then
                local units = t[5] - inside
                if units > cost then units = cost end
                -- Old units may leave less room for debt than what passes.
                t[10] = units
                s[from + 1], room, spent = s[from + 1] + units, room - units * length, spent + 1
              end
              remaining = (room - room % length) / length
              for n = from + 1, last do
                if s[n] > 0 then
                  reset = (segment + last - n + 1) * length * t[4] - now
                  break
                end
              end
            else
              local used, start, window, begin = s[from], s[from + 1], t[2], t[8]
              if not (used >= 0 and used <= SAFE and used % 1 == 0 and start >= 0 and start <= now and start % 1 == 0) then
                plain = false
              end
              if not (s[from + 2] >= 0 and s[from + 2] <= SAFE and s[from + 2] % 1 == 0) then plain = false end
              if undo > 0 then used, undo = used - cost, undo - 1 end
              if kind == 3 then begin = (used == 0 or now >= start + window) and now or start end
              if start < begin then used = 0 end
              local stop = begin + window
              if used + cost > t[1] and not charges then
                denied = true
                wait = cost > t[1] and -1 or stop - now
              elseif not denied then
                used, spent = used + cost, spent + 1
                if used > 4503599627370496 then used = 4503599627370496 end
              end
              s[from], s[from + 1], s[from + 2], remaining = used, begin, stop, t[1] - used
              if used > 0 then reset = stop - now end
            end
            if reset > latest then latest = reset end
            if remaining < 0 then remaining = 0 end
            reply[m + 1], reply[m + 2], reply[m + 3] = wait, remaining, reset
            m = m + 3
          end
        end
        s[words + 2] = latest
      end
    until not denied or spent == 0
    if denied or peeks then
      for n = first + 1, k do loaded[n] = false end
    end
  end

  if plain then
    k = 0
    for i = 1, decisions do
      if order then shape = shapes[order[i]] end
      for j = 1, #shape do
        k = k + 1
        local ask, s = shape[j], loaded[k]
        local words = ask.words
        local latest = s and ask.cost > 0 and s[words + 2] or 0
        if latest > 0 then
          if now + latest <= s[words + 1] then
            redis.call('SETRANGE', KEYS[k], #ask.plan, pack(ask.format, unpack(s, 1, words + 1)))
          else
            local life = math.max(math.ceil(latest * 3 / 2000), least_ttl)
            s[words + 1] = now + (life - 1) * 1000
            redis.call('SET', KEYS[k], ask.plan .. pack(ask.format, unpack(s, 1, words + 1)), 'PX', life)
          end
          -- Once is enough.
          s[words + 2] = 0
        end
      end
    end
    return reply
  end
end

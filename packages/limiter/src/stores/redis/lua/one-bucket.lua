-- The most common case: decisions that all ask the same of one bucket. Same arithmetic as bucket.lua, without tables for
-- rules and without functions, since making them costs time in every call. Where some state needs the general way,
-- nothing is written, and the script goes on.
if ARGV[1] == 'buckets' then
  local drain, unit, capacity, quantum, ceiling =
    string.match(ARGV[4], '^H1\n%S+ bucket 2 (%d+) (%d+) (%d+) (%d+) (%d+)\n\n$')
  if drain then
    drain, unit, capacity, quantum, ceiling = drain + 0, unit + 0, capacity + 0, quantum + 0, ceiling + 0
    local floor, ceil, pack, unpack_numbers, call = math.floor, math.ceil, struct.pack, struct.unpack, redis.call
    local verb, plan, SAFE = ARGV[2], ARGV[4], 9007199254740991
    local cost = string.match(ARGV[3], '^%d+$') + 0
    if math.max(cost, drain, unit, capacity, quantum, ceiling) > SAFE then error('HEADGATE not a safe integer') end
    local asked, length, count = cost * unit, #plan, #KEYS
    local size, first, find = length + 16, length + 1, string.find
    local values, place, s, plain = call('MGET', unpack(KEYS)), {}, {}, true
    for i = 1, count do
      local raw = values[i]
      local used, at = 0, 0
      if raw then
        if #raw ~= size or find(raw, plan, 1, true) ~= 1 then
          plain = false
          break
        end
        used, at = unpack_numbers('<dd', raw, first)
        if not (used >= 0 and used <= SAFE and used == floor(used) and at >= 0 and at <= now and at == floor(at)) then
          plain = false
          break
        end
      end
      s[i * 2 - 1], s[i * 2] = used, at
      -- A key that comes twice has one state.
      place[KEYS[i]] = i
    end
    if plain then
      local reply, n, writes, charges = { now, 0 }, 2, verb ~= 'peek' and cost > 0, verb == 'charge'
      local format = '<c' .. length .. 'dd'
      for i = 1, count do
        local key = KEYS[i]
        local j = place[key] * 2
        local used, at = s[j - 1], s[j]
        local past = floor((now - at) / quantum)
        if past * drain >= used then
          used, at = 0, now
        else
          used, at = used - past * drain, at + past * quantum
        end
        local wait, excess = 0, used + asked - capacity
        if charges then
          used = used + asked
        elseif asked > capacity then
          wait = -1
        elseif 0 < excess then
          wait = ceil(excess / drain) * quantum + at - now
        else
          used = used + asked
        end
        if used > ceiling then used = ceiling end
        local reset = 0
        if used > 0 then reset = at + ceil(used / drain) * quantum - now end
        local left = floor((capacity - used) / unit)
        reply[n + 1], reply[n + 2], reply[n + 3] = wait, left > 0 and left or 0, reset
        n = n + 3
        if writes and wait == 0 then
          s[j - 1], s[j] = used, at
          local ttl = ceil(reset / 1000)
          call('SET', key, pack(format, plan, used, at), 'PX', ttl > least_ttl and ttl or least_ttl)
        end
      end
      return reply
    end
  end
end

-- name: refund
-- Takes spends back, each at most once; creates no key, gives back no more than is still charged.
-- KEYS: for each refund the key and the mark that it was given, all of one slot
-- ARGV: for each refund: cost, plan, edges of its calendar rules, taken at µs, when nothing will be left to give
--       back, and for each rule when the state of the spend was to be recovered (µs, 0 where unknown)
-- REPLY: now µs, count of foreign states found, count of refunds given; or now µs and -1 as for decide
local at = 0
local function argument()
  at = at + 1
  return ARGV[at]
end

local function refund(r, s, cost, taken, recovered)
  local kind, t = r.kind, r.t
  if kind == 'bucket' then
    local steps = ceil(max(0, now - taken) / t[4])
    local back = min(t[5], cost * t[2]) - steps * t[1]
    if back > 0 then s[1] = max(0, s[1] - back) end
  elseif kind == 'sliding-window' then
    local age = s[1] - floor(taken / (t[4] * t[2]))
    if age >= 0 and age <= t[3] then s[2 + age] = max(0, s[2 + age] - cost) end
  elseif kind == 'sliding-log' then
    for i = 2, s[1], 2 do
      if s[i] == taken then
        s[i + 1] = max(0, s[i + 1] - cost)
        if s[i + 1] == 0 then log_remove(s, i, 2) end
        return
      end
    end
  elseif not (custom and custom[kind]) and s[3] == recovered then
    s[1] = max(0, s[1] - cost)
  end
end

local reply = { now, 0, 0 }
for i = 1, #KEYS, 2 do
  local key, mark = KEYS[i], KEYS[i + 1]
  local cost, plan = whole(argument()), argument()
  local rules = parse(plan, argument)
  local taken, stop = whole(argument()), whole(argument())
  local raw = redis.call('MGET', key)[1]
  local states, _, foreign, kept = load(key, raw, plan, rules)
  if foreign then reply[2] = reply[2] + 1 end
  local outside = false
  for _, r in ipairs(rules) do
    if r.kind == 'calendar' and (now < r.t[2] or now >= r.t[5]) then outside = true end
  end
  if outside then return { now, -1 } end
  -- Marked even where the state is gone, as memory does, lest later spends pay for this one.
  local life = max(least_ttl, ceil((stop - now) / 1000))
  local first = stop > now and redis.call('SET', mark, '1', 'NX', 'PX', life)
  local given = first and raw and not foreign
  local latest = 0
  for j, r in ipairs(rules) do
    local recovered = whole(argument())
    if given then
      judge(r, states[j], 0)
      if recovered > 0 then refund(r, states[j], cost, taken, recovered) end
      local _, reset = spend(r, states[j], 0)
      latest = max(latest, reset)
    end
  end
  if given then
    save(key, plan, rules, states, latest, kept)
    reply[3] = reply[3] + 1
  end
end
return reply

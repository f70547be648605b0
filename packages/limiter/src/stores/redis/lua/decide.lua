-- name: decide
-- Judges many decisions one after another; each spends all it asks for or nothing. Decisions that ask the same are of
-- one shape, which is sent and read once.
-- KEYS: one key for each ask of each decision, all of one slot
-- ARGV: for buckets and windows, where all decisions ask the same: the verb, then for each ask its plan, and its terms as
--       bytes with the cost behind them: 64 for one bucket with quanta of a microsecond, which one-bucket.lua reads,
--       else 96 for each rule, which plain.lua reads;
--       where they ask for different things: the shape of each decision by number, separated by spaces, and all that
--       for each shape;
--       for all else: the shape of each decision by number, or nothing where all are of the first; then each shape:
--       `verb` (consume, peek, charge, or take with the fewest units worth it) and for each ask `cost` and its
--       plan, all on lines of their own, followed by four edges for each of its calendar rules as arguments of their own
-- REPLY: now µs, count of foreign states found, then for each rule of each ask of each decision: wait µs (0 passes,
--        -1 never), remaining, reset µs, and for a take the units granted; or now µs and -1 when now lies outside the
--        edges; or now µs, -2, and the same, but of buckets with quanta of a microsecond only what is used after the
--        decision, or -1 - used where that is a denial
local at = 1
local function argument()
  at = at + 1
  return ARGV[at]
end

if alike or ordered then
  if exact then shapes[1] = { verb = verb, { cost = whole(sub(terms, 65)), plan = plan } } end
  for _, shape in ipairs(shapes) do
    for _, ask in ipairs(shape) do ask.rules = parse(ask.plan) end
  end
else
  while at < #ARGV do
    local text = argument()
    local verb, least, from = match(text, '^(%l+) ?(%d*)\n()')
    local shape, count = { verb = verb, least = least ~= '' and whole(least) }, 0
    while from <= #text do
      local cost, plan, after = match(text, '^(%d+)\n(H1\n.-\n\n)()', from)
      local rules = parse(plan, argument)
      for i = 1, #rules do
        local r = rules[i]
        if r.kind == 'calendar' and (now < r.t[2] or now >= r.t[5]) then return { now, -1 } end
      end
      count = count + 1
      shape[count] = { cost = whole(cost), plan = plan, rules = rules }
      from = after
    end
    shapes[#shapes + 1] = shape
  end
  if ARGV[1] ~= '' then
    order = {}
    for number in gmatch(ARGV[1], '%d+') do order[#order + 1] = number + 0 end
  end
end

local values = redis.call('MGET', unpack(KEYS))
local decisions = order and #order or #KEYS / #shapes[1]
-- What earlier decisions of this call wrote.
local written = decisions > 1 and {} or nil
local n, k = 2, 0
local reply = { now, 0 }
for i = 1, decisions do
  local shape = shapes[order and order[i] or 1]
  local verb, first, passes, loaded = shape.verb, k, true, {}
  for j = 1, #shape do
    local ask = shape[j]
    local rules = ask.rules
    k = k + 1
    local key, raw = KEYS[k], values[k]
    if written and written[key] ~= nil then raw = written[key] end
    local states, late, foreign, kept = load(key, raw, ask.plan, rules)
    if foreign then reply[2] = reply[2] + 1 end
    local cost = ask.cost
    if shape.least then
      for r = 1, #rules do
        judge(rules[r], states[r], 0)
        cost = min(cost, (spend(rules[r], states[r], 0)))
      end
      cost = max(cost, shape.least)
    end
    for r = 1, #rules do
      local wait = judge(rules[r], states[r], cost)
      if wait ~= 0 then passes = false end
      reply[n + 1] = verb == 'charge' and 0 or wait
      n = n + 3
    end
    loaded[j] = { states, late, kept, cost }
  end
  if verb == 'charge' then passes = true end
  for j = #shape, 1, -1 do
    local ask, states, late, kept = shape[j], loaded[j][1], loaded[j][2], loaded[j][3]
    local cost, rules, latest = passes and loaded[j][4] or 0, ask.rules, 0
    for r = #rules, 1, -1 do
      n = n - 3
      local remaining, reset = spend(rules[r], states[r], cost)
      if reset > latest then latest = reset end
      reply[n + 2], reply[n + 3] = remaining, reset
    end
    if verb ~= 'peek' and (cost > 0 or late) then
      local key = KEYS[first + j]
      local value = save(key, ask.plan, rules, states, latest, kept)
      if written then written[key] = value end
    end
  end
  for j = 1, #shape do n = n + 3 * #shape[j].rules end
  if shape.least then
    n = n + 1
    reply[n] = passes and loaded[1][4] or 0
  end
end
return reply

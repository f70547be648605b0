-- name: decide
-- Judges every ask and spends all of them or none: one round trip, however many rules.
-- KEYS: one key an ask, all of one slot
-- ARGV: verb (consume, peek, charge), then for each ask: cost, plan, and for each of its calendar rules four edges
-- REPLY: now µs, count of foreign states found, then for each rule: wait µs (0 passes, -1 never), remaining, reset µs;
--        or now µs and -1 when now lies outside the edges
local verb = ARGV[1]
local at = 1
local function edges()
  at = at + 1
  return ARGV[at]
end
local function argument()
  at = at + 1
  return ARGV[at]
end

local asks, reply, passes = {}, { now, 0 }, true
for i, key in ipairs(KEYS) do
  local cost, plan = whole(argument()), argument()
  local rules, late, foreign = load(key, plan, edges)
  if foreign then reply[2] = reply[2] + 1 end
  for _, r in ipairs(rules) do
    if r.kind == 'calendar' and (now < r.t[2] or now >= r.t[5]) then return { now, -1 } end
    local wait = judge(r, cost)
    if wait ~= 0 then passes = false end
    r.wait = verb == 'charge' and 0 or wait
  end
  asks[i] = { cost = cost, plan = plan, rules = rules, late = late }
end
if verb == 'charge' then passes = true end

for i, key in ipairs(KEYS) do
  local ask = asks[i]
  local cost = passes and ask.cost or 0
  local latest = 0
  for _, r in ipairs(ask.rules) do
    local remaining, reset = spend(r, cost)
    latest = max(latest, reset)
    local n = #reply
    reply[n + 1], reply[n + 2], reply[n + 3] = r.wait, remaining, reset
  end
  if verb ~= 'peek' and (cost > 0 or ask.late) then save(key, ask.plan, ask.rules, latest) end
end
return reply

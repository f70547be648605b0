-- State of one key. A value is its plan, then the numbers of all rules as doubles. A plan is `H1`, a line for every
-- rule (name, kind, count of its numbers, five terms, and what else its algorithm needs), and an empty line. Later
-- versions may only append: words behind a semicolon to a line, numbers to a rule, anything to the value (record 0014).

-- Reads the lines of a plan; `edges` answers the windows of a calendar rule.
local function parse(plan, edges)
  local rules, count = {}, 0
  local line = '(%S+) (%S+) (%d+) (%d+) (%d+) (%d+) (%d+) (%d+) ?([^\n]*)\n'
  for name, kind, words, a, b, c, d, e, extra in gmatch(plan, line) do
    local t = { a + 0, b + 0, c + 0, d + 0, e + 0 }
    if kind == 'calendar' then
      if edges then t[2], t[3], t[4], t[5] = match(edges(), '^(%d+) (%d+) (%d+) (%d+)$') end
      for i = 2, 5 do t[i] = t[i] + 0 end
    elseif custom and custom[kind] then
      t = {}
      for text in gmatch(extra, '%S+') do t[#t + 1] = whole(text) end
    end
    for i = 1, #t do
      if t[i] > SAFE then error('HEADGATE not a safe integer') end
    end
    count = count + 1
    rules[count] = { name = name, kind = kind, words = words + 0, t = t, extra = extra }
  end
  return rules
end

-- Reads the numbers of all rules from `from` on; nil when they are not whole numbers or too few.
local function read(rules, raw, from)
  local states = {}
  for i = 1, #rules do
    local words = rules[i].words
    if words == 0 then
      if #raw < from + 7 then return nil end
      words = unpack_numbers('<d', raw, from) + 1
      if not (words >= 1 and words <= 2049) then return nil end
    end
    if #raw < from + words * 8 - 1 then return nil end
    local s
    if words == 2 then
      local first, second = unpack_numbers('<dd', raw, from)
      s = { first, second }
    else
      s = { unpack_numbers('<' .. rep('d', words), raw, from) }
      s[words + 1] = nil
    end
    for j = 1, words do
      local n = s[j]
      if not (n >= 0 and n <= SAFE and n == floor(n)) then return nil end
    end
    states[i] = s
    from = from + words * 8
  end
  return states
end

local function fresh(rules)
  local states = {}
  for i = 1, #rules do
    local s = { 0 }
    for j = 2, rules[i].words do s[j] = 0 end
    states[i] = s
  end
  return states
end

-- The states of the rules of a plan under a key whose value is `raw`, or false. Then whether they lay in the future,
-- whether the value was not ours and counts as fresh, and the rules of other configurations to keep.
local function load(key, raw, plan, rules)
  if not raw then return fresh(rules), false, false end
  if find(raw, plan, 1, true) == 1 then
    local states = read(rules, raw, #plan + 1)
    if states then
      for i = 1, #rules do
        if ahead(rules[i], states[i]) then return states, true, false end
      end
      return states, false, false
    end
  end
  local states = fresh(rules)
  -- Protected, since what stands there may be anything.
  local ours, late, kept = pcall(adopt, key, raw, rules, states, parse, read)
  if ours and late ~= nil then return states, late, false, kept end
  return fresh(rules), false, true
end

local function packed(r, s)
  if r.words == 2 then return pack('<dd', s[1], s[2]) end
  return pack('<' .. rep('d', #s), unpack(s))
end

-- Writes the state of a key to live until all of it has recovered; `reset` is when the rules of this plan have.
-- Answers the value, or false when nothing is left to remember.
local function save(key, plan, rules, states, reset, kept)
  local value
  if #rules == 1 and not kept then
    value = plan .. packed(rules[1], states[1])
  else
    local lines, parts = {}, {}
    for i = 1, #rules do parts[i] = packed(rules[i], states[i]) end
    for i, one in ipairs(kept or {}) do
      lines[i] = one.r.line
      parts[#parts + 1] = packed(one.r, one.s)
      reset = max(reset, one.r.left or select(2, spend(one.r, one.s, 0)))
    end
    value = sub(plan, 1, -2) .. table.concat(lines) .. '\n' .. table.concat(parts)
  end
  if reset == 0 then
    redis.call('DEL', key)
    return false
  end
  redis.call('SET', key, value, 'PX', max(least_ttl, ceil(reset / 1000)))
  return value
end

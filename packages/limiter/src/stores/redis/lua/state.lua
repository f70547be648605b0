-- State of one key. A value is `H1`, a line for every rule with the terms it was written under, an empty line, and
-- the numbers of all rules as doubles. Later versions may only append.

-- Reads the lines of a plan; `edges` gives the windows of calendar rules, one text each.
local function parse(plan, edges)
  local rules = {}
  for line, name, kind, words, fields in string.gmatch(plan, '((%S+) (%S+) (%d+) ([^\n]*))\n') do
    local t = {}
    local terms = fields
    if kind == 'calendar' then terms = match(fields, '^%d+') .. ' ' .. (edges and edges() or '') end
    for text in string.gmatch(terms, '%S+') do t[#t + 1] = whole(text) end
    rules[#rules + 1] = { name = name, kind = kind, words = tonumber(words), t = t, line = line, fields = fields }
  end
  return rules
end

-- Reads the numbers of all rules from `from` on; false when they are not whole numbers or too few.
local function read(rules, raw, from)
  for _, r in ipairs(rules) do
    local words = r.words
    if words == 0 then
      if #raw < from + 7 then return false end
      words = struct.unpack('<d', raw, from) + 1
      if not (words >= 1 and words <= 2049) then return false end
    end
    if #raw < from + words * 8 - 1 then return false end
    local s = { struct.unpack('<' .. rep('d', words), raw, from) }
    s[words + 1] = nil
    for i = 1, words do
      local n = s[i]
      if not (n >= 0 and n <= 9007199254740991 and n == floor(n)) then return false end
    end
    r.s = s
    from = from + words * 8
  end
  return true
end

local function fresh(rules)
  for _, r in ipairs(rules) do
    local s = { 0 }
    for i = 2, r.words do s[i] = 0 end
    r.s = s
  end
end

-- Loads the rules of a plan with their state. Second answer: whether it lay in the future; third: whether it was
-- not ours and is counted as fresh; fourth: whether there was any.
local function load(key, plan, edges)
  local rules = parse(plan, edges)
  local raw = redis.pcall('GET', key)
  if raw == false then
    fresh(rules)
    return rules, false, false, false
  end
  if type(raw) == 'string' then
    local head = 'H1\n' .. plan .. '\n'
    if sub(raw, 1, #head) == head and read(rules, raw, #head + 1) then
      for _, r in ipairs(rules) do
        if ahead(r) then return rules, true, false, true end
      end
      return rules, false, false, true
    end
    fresh(rules)
    -- Protected, since what stands there may be anything.
    local ours, late = pcall(adopt, key, raw, rules, parse, read)
    if ours and late ~= nil then return rules, late, false, true end
  end
  rules.kept = nil
  fresh(rules)
  return rules, false, true, true
end

-- Writes the state of a key to live until all of it has recovered; `reset` is when the rules of this plan have.
local function save(key, plan, rules, reset)
  local states = {}
  for _, r in ipairs(rules) do states[#states + 1] = struct.pack('<' .. rep('d', #r.s), unpack(r.s)) end
  for _, r in ipairs(rules.kept or {}) do
    reset = max(reset, left(r))
    plan = plan .. r.line .. '\n'
    states[#states + 1] = struct.pack('<' .. rep('d', #r.s), unpack(r.s))
  end
  if reset == 0 then return redis.call('DEL', key) end
  redis.call('SET', key, 'H1\n' .. plan .. '\n' .. table.concat(states), 'PX', max(least_ttl, ceil(reset / 1000)))
end

-- Arranges a value for rules that do not all find theirs in it (G12), twin of stores/memory/adopt.ts: state of each rule
-- is found by identity, or begins with zeros; whatever else has not recovered stays beside, at most four of a name.
-- rules: for each { id, identity text, whether its rate came with a call, length of its numbers }
-- force: ids of the identities in force, as doubles
-- Answers the value; for each rule when the first of five others of its name recovers, if it may not begin; the record
-- of a rate that is no longer in force, for a rule that begins; whether some of the value was not ours.
local function adopt(raw, rules, force)
  local records, spoilt, p = {}, #raw < 8, 9
  while p <= #raw do
    local size, id, incarnation, ends, spent
    if #raw >= p + 39 then size, id, incarnation, ends, spent = unpack_numbers('<ddddd', raw, p) end
    if not (size and size >= 41 and size % 1 == 0 and p + size - 1 <= #raw) then
      spoilt = true
      break
    end
    local bytes = string.sub(raw, p, p + size - 1)
    local text = string.match(bytes, '%z([^%z]*)$') or ''
    local name, kind = string.match(text, '^(%S+) (%S+) ')
    if name and spent >= 0 and id >= 0 and incarnation >= 0 and ends <= 9007199254740991 then
      records[#records + 1] =
        { id = id, incarnation = incarnation, ends = ends, spent = spent, bytes = bytes, text = text, name = name, kind = kind }
    else
      spoilt = true
    end
    p = p + size
  end

  local others, own, all = {}, {}, {}
  for _, record in ipairs(records) do
    for i, rule in ipairs(rules) do
      if record.id == rule[1] and record.text == rule[2] and not own[i] and #record.bytes > rule[4] + #record.text then
        own[i], record.own = record, true
        all[#all + 1] = record
      end
    end
    if not record.own and record.ends > now then others[#others + 1] = record end
  end

  local function later(x, y)
    if x.spent == y.spent then return x.id > y.id end
    return x.spent > y.spent
  end

  local full, rates, named = false, {}, {}
  for i, rule in ipairs(rules) do
    local name, kind = string.match(rule[2], '^(%S+) (%S+) ')
    if not own[i] then
      local count, first, latest = 0
      for _, other in ipairs(others) do
        if other.name == name then
          count = count + 1
          if not first or other.ends < first then first = other.ends end
          if other.kind == kind and (not latest or later(other, latest)) then latest = other end
        end
      end
      local mates = -1
      for _, mate in ipairs(rules) do
        if string.match(mate[2], '^%S+') == name then mates = mates + 1 end
      end
      if rule[3] == 1 and count > 0 and count + mates >= 5 then
        full = full or {}
        full[i] = first
      elseif latest and latest.incarnation % 2 == 0 then
        local inside = false
        for at = 1, #force, 8 do
          if unpack_numbers('<d', force, at) == latest.id then inside = true end
        end
        if not inside then rates[i] = latest end
      end
      local size = rule[4] + 1 + #rule[2]
      all[#all + 1] = { id = rule[1], kind = kind, bytes = pack('<dd', size, rule[1]) .. string.rep('\0', rule[4] - 16) .. '\0' .. rule[2] }
    end
  end
  for i, rule in ipairs(rules) do
    if not (full and full[i]) then named[string.match(rule[2], '^%S+')] = true end
  end
  -- The one spent from last first, so that what is kept of a name, and of all, is what comes first.
  table.sort(others, later)
  local kept, mates = 0, {}
  for _, other in ipairs(others) do
    local before = mates[other.name] or 0
    mates[other.name] = before + 1
    if kept < 64 and (not named[other.name] or before < 4) then
      kept = kept + 1
      all[#all + 1] = other
    end
  end
  table.sort(all, function(x, y)
    if x.kind == y.kind then return x.id < y.id end
    return x.kind < y.kind
  end)
  local parts = { spoilt and pack('<d', 0) or string.sub(raw, 1, 8) }
  for _, record in ipairs(all) do parts[#parts + 1] = record.bytes end
  return table.concat(parts), full, rates, spoilt
end

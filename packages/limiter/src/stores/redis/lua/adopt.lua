-- Rearranges a value in which not every rule finds its record at once (G12), twin of stores/memory/adopt.ts: records are
-- found by identity, missing ones start as zeros; records of other identities stay until they recover, at most four of a
-- name. What stands against the key stays until it is over.
-- rules: for each { id, identity text, 1 if its rate came with a call, bytes of its numbers }
-- in_force: ids of the other identities in force, as doubles
-- Returns the new value; full_until: for each rule that may not begin, when the first of five others of its name recovers
-- (false if all may); old_rates: for each rule that begins, the record of the rate no longer in force that it continues;
-- corrupt: whether some of the value was not ours.
local function adopt(raw, rules, in_force)
  local records, corrupt, p = {}, #raw < 8, 9
  while p <= #raw do
    local size, id, incarnation, recovers_at, spent_at
    if #raw >= p + 39 then size, id, incarnation, recovers_at, spent_at = unpack_numbers('<ddddd', raw, p) end
    if not (size and size >= 41 and size % 1 == 0 and p + size - 1 <= #raw) then
      corrupt = true
      break
    end
    local bytes = string.sub(raw, p, p + size - 1)
    local text = string.match(bytes, '%z([^%z]*)$') or ''
    local name, kind = string.match(text, '^(%S+) (%S+) ')
    if name and spent_at >= 0 and id >= 0 and incarnation >= 0 and recovers_at <= 9007199254740991 then
      records[#records + 1] = {
        id = id, incarnation = incarnation, recovers_at = recovers_at, spent_at = spent_at,
        bytes = bytes, text = text, name = name, kind = kind,
      }
    else
      corrupt = true
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
    if record.kind == '!standing' then
      if record.recovers_at > now then all[#all + 1] = record end
    elseif not record.own and record.recovers_at > now then
      others[#others + 1] = record
    end
  end

  local function later(x, y)
    if x.spent_at == y.spent_at then return x.id > y.id end
    return x.spent_at > y.spent_at
  end

  local full_until, old_rates, names = false, {}, {}
  for i, rule in ipairs(rules) do
    local name, kind = string.match(rule[2], '^(%S+) (%S+) ')
    if not own[i] then
      local count, first, latest = 0
      for _, other in ipairs(others) do
        if other.name == name then
          count = count + 1
          if not first or other.recovers_at < first then first = other.recovers_at end
          if other.kind == kind and (not latest or later(other, latest)) then latest = other end
        end
      end
      local siblings = -1
      for _, sibling in ipairs(rules) do
        if string.match(sibling[2], '^%S+') == name then siblings = siblings + 1 end
      end
      if rule[3] == 1 and count > 0 and count + siblings >= 5 then
        full_until = full_until or {}
        full_until[i] = first
      elseif latest and latest.incarnation % 2 == 0 then
        local is_in_force = false
        for at = 1, #in_force, 8 do
          if unpack_numbers('<d', in_force, at) == latest.id then is_in_force = true end
        end
        if not is_in_force then old_rates[i] = latest end
      end
      local size = rule[4] + 1 + #rule[2]
      all[#all + 1] = { id = rule[1], kind = kind, bytes = pack('<dd', size, rule[1]) .. string.rep('\0', rule[4] - 16) .. '\0' .. rule[2] }
    end
  end
  for i, rule in ipairs(rules) do
    if not (full_until and full_until[i]) then names[string.match(rule[2], '^%S+')] = true end
  end
  -- Keep the records spent from last: four of a name that a rule has, 64 in all.
  table.sort(others, later)
  local kept, counts = 0, {}
  for _, other in ipairs(others) do
    local before = counts[other.name] or 0
    counts[other.name] = before + 1
    if kept < 64 and (not names[other.name] or before < 4) then
      kept = kept + 1
      all[#all + 1] = other
    end
  end
  table.sort(all, function(x, y)
    if x.kind == y.kind then return x.id < y.id end
    return x.kind < y.kind
  end)
  local parts = { corrupt and pack('<d', 0) or string.sub(raw, 1, 8) }
  for _, record in ipairs(all) do parts[#parts + 1] = record.bytes end
  return table.concat(parts), full_until, old_rates, corrupt
end

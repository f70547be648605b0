-- State written under another plan (G12), twin of stores/memory/adopt.ts. Called seldom, so its parts are made here.
-- Reads what stands in `raw`, fills the states of `rules`, keeps rules of other configurations behind them.
-- Answers nil for what is not state of ours, else whether it lay in the future, and what was kept.
local function adopt(key, raw, rules, states, parse, read)
  local known = { ['bucket'] = 1, ['sliding-window'] = 1, ['sliding-log'] = 1, ['first-hit'] = 1, ['epoch'] = 1 }
  known['calendar'] = 1
  local late = false

  local function mul_div_ceil(a, b, c)
    local quotient, rest = 0, 0
    for bit = 52, 0, -1 do
      rest = rest * 2
      if floor(b / 2 ^ bit) % 2 == 1 then rest = rest + a end
      local carry = floor(rest / c)
      quotient = quotient * 2 + carry
      rest = rest - carry * c
    end
    return rest > 0 and quotient + 1 or quotient
  end

  local function settle(old, s)
    if not known[old.kind] and not (custom and custom[old.kind]) then
      -- An algorithm that only another configuration has: its state is kept as it is while the key lives.
      old.left = max(0, redis.call('PTTL', key)) * 1000
      return
    end
    if ahead(old, s) then late = true end
    if old.kind == 'calendar' then
      -- Edges of a calendar this plan does not have are not known here; the state carries the end of its window.
      if now >= s[3] then s[1] = 0 end
    else
      judge(old, s, 0)
    end
  end

  local function used(old, s)
    local t = old.t
    if old.kind == 'bucket' then return ceil(s[1] / t[2]) end
    if old.kind == 'sliding-log' then return log_total(s) end
    if old.kind == 'sliding-window' then
      local position = floor(now / t[4]) - s[1] * t[2]
      return ceil((sliding_total(t, s) * t[2] - s[t[3] + 2] * position) / t[2])
    end
    if custom and custom[old.kind] then
      local remaining = spend(old, s, 0)
      return t[#t] - remaining
    end
    return s[1]
  end

  local function same(a, b)
    for i = 1, #a.t do
      if a.t[i] ~= b.t[i] then return false end
    end
    return a.extra == b.extra
  end

  local function convert(old, s, new, n)
    local from, to = old.t, new.t
    if old.kind == new.kind then
      local window = new.words == 3 and old.extra == new.extra and (new.extra ~= '' or from[2] == to[2])
      if window or new.kind == 'sliding-log' or same(old, new) then
        -- Numbers that a later version appended to those of the rule stay behind.
        for i = 1, new.words > 0 and new.words or #s do n[i] = s[i] end
        return
      end
      if new.kind == 'bucket' then
        local units = floor(s[1] / from[2])
        local part = mul_div_ceil(s[1] - units * from[2], to[2], from[2])
        n[1], n[2] = min(to[5], units * to[2] + part), s[2]
        return
      end
      if new.kind == 'sliding-window' and from[2] * from[4] == to[2] * to[4] and from[3] == to[3] then
        local room = to[5]
        n[1] = s[1]
        for i = 2, to[3] + 2 do
          n[i] = min(s[i], room)
          room = room - n[i]
        end
        return
      end
    end
    local units = used(old, s)
    if units > 0 then
      judge(new, n, 0)
      spend(new, n, units)
    end
  end

  local plan, from = match(raw, '^(H%d+\n.-\n\n)()')
  if not plan then return nil end
  -- Words that a later version appended to a line say nothing here, and are kept with it.
  local olds, count = parse((string.gsub(plan, ' ;[^\n]*', '')), nil), 0
  for line in gmatch(plan, '[^\n]+ [^\n]+\n') do
    count = count + 1
    olds[count].line = line
  end
  local stored = read(olds, raw, from)
  if not stored then return nil end
  local kept
  for i, old in ipairs(olds) do
    local s, mine = stored[i], nil
    settle(old, s)
    for j, new in ipairs(rules) do
      if new.name == old.name then mine = j end
    end
    if mine then
      if not old.left then convert(old, s, rules[mine], states[mine]) end
    elseif old.left or select(2, spend(old, s, 0)) > 0 then
      kept = kept or {}
      kept[#kept + 1] = { r = old, s = s }
    end
  end
  return late, kept
end

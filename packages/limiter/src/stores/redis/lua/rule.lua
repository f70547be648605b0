-- One rule, whatever its algorithm. r: name, kind, words, t (terms), s (state), line
-- Custom algorithms, when there are any, come before this as `local custom = { [kind] = function … }`.
local function judge(r, cost)
  local kind, t, s = r.kind, r.t, r.s
  if kind == 'bucket' then return bucket_judge(t, s, cost) end
  if kind == 'sliding-window' then return sliding_judge(t, s, cost) end
  if kind == 'sliding-log' then return log_judge(t, s, cost) end
  if custom and custom[kind] then
    local _, wait = custom[kind](t, s, now, cost, false)
    r.s = custom[kind](t, s, now, 0, false)
    return cost > t[#t] and -1 or wait
  end
  return fixed_judge(t, s, cost, kind)
end

-- Adds the cost to a judged state; returns units remaining and µs until recovered.
local function spend(r, cost)
  local kind, t, s = r.kind, r.t, r.s
  if kind == 'bucket' then return bucket_spend(t, s, cost) end
  if kind == 'sliding-window' then return sliding_spend(t, s, cost) end
  if kind == 'sliding-log' then return log_spend(t, s, cost) end
  if custom and custom[kind] then
    if cost > 0 then r.s = custom[kind](t, s, now, cost, true) end
    local _, _, remaining, reset = custom[kind](t, r.s, now, 0, false)
    return remaining, reset
  end
  return fixed_spend(t, s, cost)
end

-- Whether the state lies in the future: a clock went back.
local function ahead(r)
  local kind, t, s = r.kind, r.t, r.s
  if kind == 'bucket' then return s[2] > now end
  if kind == 'sliding-window' then return s[1] > floor(now / (t[4] * t[2])) end
  if kind == 'sliding-log' then return s[1] > 0 and s[s[1]] > now end
  if custom and custom[kind] then return false end
  return s[2] > now
end

-- How long the state of a rule must be kept, in µs.
local function left(r)
  if r.left then return r.left end
  local _, reset = spend(r, 0)
  return reset
end

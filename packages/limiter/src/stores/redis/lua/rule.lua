-- One rule, whatever its algorithm. r: name, kind, words, t (terms), extra; its state is in s.
-- Custom algorithms, when there are any, come before this as `local custom = { [kind] = function … }`.
local function custom_step(r, s, cost, force)
  local after, wait, remaining, reset = custom[r.kind](r.t, s, now, cost, force)
  return after, wait, remaining, reset
end

local function replace(s, after)
  for i = 1, #s do s[i] = after[i] end
end

-- Brings the state to now; returns the wait until the cost passes: 0, µs, or -1 for never.
local function judge(r, s, cost)
  local kind, t = r.kind, r.t
  if kind == 'bucket' then return bucket_judge(t, s, cost) end
  if kind == 'sliding-window' then return sliding_judge(t, s, cost) end
  if kind == 'sliding-log' then return log_judge(t, s, cost) end
  if custom and custom[kind] then
    local _, wait = custom_step(r, s, cost, false)
    replace(s, (custom_step(r, s, 0, false)))
    return cost > t[#t] and -1 or wait
  end
  return fixed_judge(t, s, cost, kind)
end

-- Adds the cost to a judged state; returns units remaining and µs until recovered.
local function spend(r, s, cost)
  local kind, t = r.kind, r.t
  if kind == 'bucket' then return bucket_spend(t, s, cost) end
  if kind == 'sliding-window' then return sliding_spend(t, s, cost) end
  if kind == 'sliding-log' then return log_spend(t, s, cost) end
  if custom and custom[kind] then
    if cost > 0 then replace(s, (custom_step(r, s, cost, true))) end
    local _, _, remaining, reset = custom_step(r, s, 0, false)
    return remaining, reset
  end
  return fixed_spend(t, s, cost)
end

-- Whether the state lies in the future: a clock went back.
local function ahead(r, s)
  local kind, t = r.kind, r.t
  if kind == 'bucket' then return s[2] > now end
  if kind == 'sliding-window' then return s[1] > floor(now / (t[4] * t[2])) end
  if kind == 'sliding-log' then return s[1] > 0 and s[s[1]] > now end
  if custom and custom[kind] then return false end
  return s[2] > now
end

-- Twin of core/algorithms/bucket.ts.
-- t: drain, unit, capacity, quantum, ceiling   s: used, at
local function bucket_judge(t, s, cost)
  local used, at = s[1], min(s[2], now)
  local drain, unit, capacity, quantum = t[1], t[2], t[3], t[4]
  local steps = floor((now - at) / quantum)
  local drained = steps * drain
  if drained >= used then
    used = 0
    at = now
  else
    used = used - drained
    at = at + steps * quantum
  end
  s[1] = used
  s[2] = at
  if cost * unit > capacity then return -1 end
  local excess = used + cost * unit - capacity
  if excess <= 0 then return 0 end
  return at + ceil(excess / drain) * quantum - now
end

local function bucket_spend(t, s, cost)
  local used = min(t[5], s[1] + cost * t[2])
  s[1] = used
  if used == 0 then return floor(t[3] / t[2]), 0 end
  return max(0, floor((t[3] - used) / t[2])), s[2] + ceil(used / t[1]) * t[4] - now
end

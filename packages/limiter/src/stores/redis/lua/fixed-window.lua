-- Twin of core/algorithms/fixed-window.ts.
-- t: limit, then window (first-hit, epoch) or four edges (calendar)   s: count, start, end
local function fixed_judge(t, s, cost, kind)
  local start, stop = s[2]
  if kind == 'first-hit' then
    if s[1] == 0 or now >= start + t[2] then
      s[1] = 0
      start = now
    elseif start > now then
      start = now
    end
    stop = start + t[2]
  else
    local from, to
    if kind == 'epoch' then
      from = now - now % t[2]
      to = from + t[2]
    else
      local edge = (now < t[3] and 2) or (now < t[4] and 3) or 4
      from, to = t[edge], t[edge + 1]
    end
    if start < from then s[1] = 0 end
    start, stop = from, to
  end
  s[2], s[3] = start, stop
  if cost > t[1] then return -1 end
  if s[1] + cost <= t[1] then return 0 end
  return stop - now
end

local function fixed_spend(t, s, cost)
  local count = min(4503599627370496, s[1] + cost)
  s[1] = count
  return max(0, t[1] - count), count == 0 and 0 or s[3] - now
end

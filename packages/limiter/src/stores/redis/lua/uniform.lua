-- Decisions of one shape that ask one sliding window each: the default rule. It stands before the rest of the library,
-- since functions cost time and memory in every call. Same arithmetic, less around it, and behind the numbers of a state
-- when its key expires, as in one-bucket.lua. Answers the reply, or nil, with nothing written, where the general way is
-- needed. See buckets.lua for buckets.
local function uniform()
  local form = '^(%l+)\n(%d+)\n(H1\n%S+ sliding%-window %d+ (%d+) (%d+) (%d+) (%d+) (%d+)\n\n)$'
  local verb, asked, plan, a, b, c, d, e = match(ARGV[2], form)
  if not verb then return nil end
  local t = { a + 0, b + 0, c + 0, d + 0, e + 0 }
  asked = asked + 0
  if max(asked, t[1], t[2], t[3], t[4], t[5]) > SAFE then error('HEADGATE not a safe integer') end
  local words = t[3] + 2
  local format = '<' .. rep('d', words)
  local with_expiry = format .. 'd'
  local values, states = redis.call('MGET', unpack(KEYS)), {}
  for i = 1, #KEYS do
    local raw = values[i]
    local s = { 0, 0 }
    if raw then
      local rest = #raw - #plan - words * 8
      if rest ~= 8 and rest ~= 0 or find(raw, plan, 1, true) ~= 1 then return nil end
      s = { unpack_numbers(rest == 8 and with_expiry or format, raw, #plan + 1) }
      s[words + 2] = nil
      for j = 1, words do
        local n = s[j]
        if not (n >= 0 and n <= SAFE and n == floor(n)) then return nil end
      end
      -- A clock went back.
      if s[1] * t[2] * t[4] > now then return nil end
    else
      for j = 3, words + 1 do s[j] = 0 end
    end
    -- A key that comes twice has one state.
    states[KEYS[i]] = s
  end
  local reply, n = { now, 0 }, 2
  for i = 1, #KEYS do
    local key = KEYS[i]
    local s, cost = states[key], asked
    local wait = sliding_judge(t, s, cost)
    if verb == 'charge' then wait = 0 end
    if wait ~= 0 then cost = 0 end
    -- A peek leaves the state to those behind it as it found it.
    local before = verb == 'peek' and { unpack(s) }
    local remaining, reset = sliding_spend(t, s, cost)
    if before then
      states[key] = before
    elseif cost > 0 then
      if now + reset <= s[words + 1] then
        redis.call('SETRANGE', key, tostring(#plan), pack(format, unpack(s, 1, words)))
      else
        local lasts = max(ceil(reset * 3 / 2000), least_ttl)
        s[words + 1] = now + (lasts - 1) * 1000
        redis.call('SET', key, plan .. pack(with_expiry, unpack(s)), 'PX', lasts)
      end
    end
    reply[n + 1], reply[n + 2], reply[n + 3] = wait, remaining, reset
    n = n + 3
  end
  return reply
end

local reply = ARGV[1] == '' and #ARGV == 2 and uniform()
if reply then return reply end

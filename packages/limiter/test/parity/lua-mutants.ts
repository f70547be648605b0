import { shortened } from '../../../../scripts/lua-source.ts'

/** Mistakes somebody could make in the scripts. Each must apply exactly once to a script, and be noticed. */
export interface LuaMutant {
  readonly name: string
  readonly find: string
  readonly replace: string
  /** What notices it: random traffic, or a look at the life of the keys. */
  readonly by: 'parity' | 'life'
}

const mutant = (name: string, find: string, replace: string, by: LuaMutant['by'] = 'parity'): LuaMutant => ({
  name,
  find,
  replace,
  by,
})

const bucket: readonly LuaMutant[] = [
  mutant(
    'bucket: < for ≤ at the capacity',
    'if excess <= 0 then return 0 end',
    'if excess < 0 then return 0 end',
  ),
  mutant(
    'bucket: the wait rounded down',
    'return at + ceil(excess / drain) * quantum - now',
    'return at + floor(excess / drain) * quantum - now',
  ),
  mutant('bucket: the phase of a quantum lost', 'at = at + steps * quantum', 'at = now'),
  mutant(
    'bucket: drains a quantum before it is over',
    'local steps = floor((now - at) / quantum)',
    'local steps = ceil((now - at) / quantum)',
  ),
  mutant(
    'bucket: drains from the future',
    'local used, at = s[1], min(s[2], now)',
    'local used, at = s[1], s[2]',
  ),
  mutant(
    'bucket: remaining rounded up',
    'max(0, floor((t[3] - used) / t[2]))',
    'max(0, ceil((t[3] - used) / t[2]))',
  ),
  mutant(
    'bucket: reset rounded down',
    's[2] + ceil(used / t[1]) * t[4] - now',
    's[2] + floor(used / t[1]) * t[4] - now',
  ),
  mutant('bucket: debt without a ceiling', 'min(t[5], s[1] + cost * t[2])', 's[1] + cost * t[2]'),
]

const windows: readonly LuaMutant[] = [
  mutant('fixed: the window a microsecond too long', 'now >= start + t[2]', 'now > start + t[2]'),
  mutant('fixed: < for ≤ at the limit', 'if s[1] + cost <= t[1] then', 'if s[1] + cost < t[1] then'),
  mutant('fixed: the future forgets the count', 'if start < from then s[1] = 0 end', 's[1] = 0'),
  mutant('fixed: no re-anchor from the future', 'elseif start > now then', 'elseif false then'),
  mutant('fixed: an edge belongs to both sides', '(now < t[3] and 2)', '(now <= t[3] and 2)'),
  mutant('sliding: the oldest segment counts in full', ' - s[last] * position <= target', ' <= target'),
  mutant(
    'sliding: the wait rounded down',
    'length or ceil(excess / oldest))',
    'length or floor(excess / oldest))',
  ),
  mutant('sliding: a clock back ages the segments', 'elseif shift < 0 then', 'elseif false then'),
  mutant('sliding: reset a segment early', '(s[1] - i + segments + 3)', '(s[1] - i + segments + 2)'),
  mutant('sliding: debt without a ceiling', 'local units = min(cost, t[5] - inside)', 'local units = cost'),
  mutant(
    'log: an entry stays a microsecond too long',
    'if s[i] + t[2] <= now then',
    'if s[i] + t[2] < now then',
  ),
  mutant('log: entries of the future stay there', 'if s[i] > now then s[i] = now end', ''),
  mutant('log: spends of one instant stay apart', '(s[count] == now or count >=', '(count >='),
]

const decisions: readonly LuaMutant[] = [
  mutant('decide: the last rule decides alone', 'if wait ~= 0 then passes = false end', 'passes = wait == 0'),
  mutant(
    'decide: one ask spends though another denies',
    'passes and loaded[j][4] or 0, ask.rules, 0',
    '(passes or reply[n - 2] == 0) and loaded[j][4] or 0, ask.rules, 0',
  ),
  mutant('decide: a charge obeys the limit', "if verb == 'charge' then passes = true end", ''),
  mutant('decide: a peek writes', "if verb ~= 'peek' and (", 'if ('),
  mutant('decide: a denial writes', '(cost > 0 or late)', '(true)'),
  mutant('decide: a denial does not re-anchor', '(cost > 0 or late)', '(cost > 0)'),
  mutant(
    'decide: the remaining of the wrong rule',
    'spend(rules[r], states[r], cost)',
    'spend(rules[1], states[1], cost)',
  ),
  mutant('decide: a charge reports a wait', "= verb == 'charge' and 0 or wait", '= wait'),
  mutant(
    'decide: a decision does not see the one before it',
    'if written and written[key] ~= nil then raw = written[key] end',
    '',
  ),
]

const refunds: readonly LuaMutant[] = [
  mutant(
    'refund: gives back what has drained',
    'min(t[5], cost * t[2]) - steps * t[1]',
    'min(t[5], cost * t[2])',
  ),
  mutant(
    'refund: a begun quantum given back',
    'ceil(max(0, now - taken) / t[4])',
    'floor(max(0, now - taken) / t[4])',
  ),
  mutant('refund: into another window', 's[3] == recovered then', 'true then'),
  mutant('refund: given twice', "'1', 'NX', 'PX', life", "'1', 'PX', life"),
  mutant(
    'refund: not remembered when the state is gone',
    'local first = stop > now and',
    'local first = raw and stop > now and',
  ),
  mutant(
    'refund: into the wrong segment',
    'local age = s[1] - floor(taken / (t[4] * t[2]))',
    'local age = 0',
  ),
  mutant('refund: below zero', 's[2 + age] = max(0, s[2 + age] - cost)', 's[2 + age] = s[2 + age] - cost'),
  mutant('refund: a whole entry for part of it', 's[i + 1] = max(0, s[i + 1] - cost)', 's[i + 1] = 0'),
]

const changes: readonly LuaMutant[] = [
  mutant(
    'change: rules of others forgotten',
    'elseif old.left or select(2, spend(old, s, 0)) > 0 then',
    'elseif false then',
  ),
  mutant(
    'change: the conversion lost',
    'if not old.left then convert(old, s, rules[mine], states[mine]) end',
    '',
  ),
  mutant('change: rounded down', 'return rest > 0 and quotient + 1 or quotient', 'return quotient'),
  mutant('change: the old rule not drained first', 'judge(old, s, 0)', 'local _ = old'),
  mutant(
    'change: no ceiling',
    'n[1], n[2] = min(to[5], units * to[2] + part), s[2]',
    'n[1], n[2] = units * to[2] + part, s[2]',
  ),
  mutant(
    'change: found by its kind, not its name',
    'if new.name == old.name then',
    'if new.kind == old.kind then',
  ),
  mutant('change: windows of another length taken over', " and (new.extra ~= '' or from[2] == to[2])", ''),
]

const lives: readonly LuaMutant[] = [
  mutant('life: no TTL', ", 'PX', max(least_ttl, ceil(reset / 1000)))", ')', 'life'),
  mutant(
    'life: TTL rounded down',
    'max(least_ttl, ceil(reset / 1000))',
    'max(1, floor(reset / 1000))',
    'life',
  ),
  mutant(
    'life: TTL of the first rule',
    'if reset > latest then latest = reset end\nreply',
    'latest = reset\nreply',
    'life',
  ),
  mutant(
    'life: rules of others not counted',
    'reset = max(reset, one.r.left or select(2, spend(one.r, one.s, 0)))',
    '',
    'life',
  ),
]

const plain: readonly LuaMutant[] = [
  mutant('plain: another plan taken for its own', ' and find(raw, plan, 1, true) == 1', ''),
  mutant('plain: one plan taken for another in one call', ' and not (plans and plans[key] ~= plan)', ''),
  mutant('plain: a key that comes twice has two states', 'known[key] = s', ''),
  mutant(
    'plain: an exact bucket of the future taken as it is',
    'since <= now and since % 1 == 0) then\nplain = false\nend\nused',
    'since % 1 == 0) then\nplain = false\nend\nused',
  ),
  mutant(
    'plain: a bucket of the future taken as it is',
    'since <= now and since % 1 == 0) then\nplain = false\nend\nif undo',
    'since % 1 == 0) then\nplain = false\nend\nif undo',
  ),
  mutant('plain: segments of the future taken as they are', 'number <= segment and', ''),
  mutant('plain: a fixed window of the future taken as it is', 'start <= now and start % 1', 'start % 1'),
  mutant('plain: a denial keeps what rules before it spent', 'until not denied or spent == 0', 'until true'),
  mutant(
    'plain: an exact bucket does not take back',
    'used, undo = used - asked, undo - 1 end\nif used < 0',
    'undo = undo - 1 end\nif used < 0',
  ),
  mutant(
    'plain: a bucket does not take back',
    'used, undo = used - asked, undo - 1 end\nlocal over',
    'undo = undo - 1 end\nlocal over',
  ),
  mutant('plain: a segment does not take back', 's[from + 1] - t[10], undo', 's[from + 1], undo'),
  mutant('plain: a fixed window does not take back', 'used, undo = used - cost, undo - 1', 'undo = undo - 1'),
  mutant('plain: a denial told as spent', 'denied and -1 - used or used', 'used'),
  mutant('plain: a denial writes', 'if denied or peeks then', 'if peeks then'),
  mutant('plain: a peek writes', 'if denied or peeks then', 'if denied then'),
  mutant('plain: a peek spends', 'if peeks then s =', 'if false then s ='),
  mutant('plain: a charge obeys the limit', "charges, peeks = verb == 'charge'", 'charges, peeks = false'),
  mutant(
    'plain: exact: < for ≤ at the capacity',
    'if used + asked > t[3] and',
    'if used + asked >= t[3] and',
  ),
  mutant('plain: exact: drains nothing', 'used = used - (now - since) * drain', ''),
  mutant(
    'plain: exact: drained below nothing',
    'if used < 0 then used = 0 end\nif used + asked',
    'if used + asked',
  ),
  mutant('plain: exact: debt without a ceiling', 'if charges and used > t[5] then used = t[5] end', ''),
  mutant('plain: bucket: < for ≤ at the capacity', 'if excess > 0 and not', 'if excess >= 0 and not'),
  mutant('plain: bucket: the wait rounded down', '(excess + -excess % drain)', '(excess - excess % drain)'),
  mutant('plain: bucket: the phase of a quantum lost', 'since = now - rest', 'since = now'),
  mutant('plain: bucket: drained below nothing', 'if used <= 0 then used, since = 0, now end', ''),
  mutant('plain: bucket: reset rounded down', '(used + -used % drain)', '(used - used % drain)'),
  mutant(
    'plain: bucket: debt without a ceiling',
    'spent + 1\nif used > t[5] then used = t[5] end',
    'spent + 1',
  ),
  mutant(
    'plain: sliding: the oldest segment counts in full',
    '* length + s[last] * position, last',
    '* length, last',
  ),
  mutant('plain: sliding: the segments stay', 'n - shift > from and s[n - shift]', 'n > from and s[n]'),
  mutant('plain: sliding: a segment too many stays', 'n - shift > from and', 'n - shift >= from and'),
  mutant('plain: sliding: < for ≤ at the limit', 'if lack > 0 and not', 'if lack >= 0 and not'),
  mutant('plain: sliding: the wait rounded down', '(lack + -lack % units)', '(lack - lack % units)'),
  mutant(
    'plain: sliding: the wait ends in the present segment',
    'start + length, oldest - 1',
    'start, oldest - 1',
  ),
  mutant('plain: sliding: debt without a ceiling', 'if units > cost then units = cost end', 'units = cost'),
  mutant('plain: sliding: remaining rounded up', '(room - room % length)', '(room + -room % length)'),
  mutant('plain: sliding: reset a segment early', '(segment + last - n + 1)', '(segment + last - n)'),
  mutant('plain: fixed: the window a microsecond too long', 'now >= start + window', 'now > start + window'),
  mutant('plain: fixed: < for ≤ at the limit', 'if used + cost > t[1] and', 'if used + cost >= t[1] and'),
  mutant('plain: fixed: the count never ends', 'if start < begin then used = 0 end', ''),
  mutant('plain: fixed: the window of the epoch begins now', 't[8] = now - now % t[2]', 't[8] = now'),
  mutant('plain: a remaining below nothing', 'if remaining < 0 then remaining = 0 end', ''),
  mutant('plain: no TTL', ", 'PX', life)", ')', 'life'),
  mutant('plain: TTL too short', 'ceil(latest * 3 / 2000)', 'floor(latest / 1000)', 'life'),
  mutant(
    'plain: TTL of the last rule',
    'if reset > latest then latest = reset end\nif remaining',
    'latest = reset\nif remaining',
    'life',
  ),
  mutant(
    'plain: TTL of the last exact bucket',
    'if used > latest * drain then latest = used / drain end',
    'latest = used / drain',
    'life',
  ),
  mutant(
    'plain: expires before it is written again',
    'if now + latest <= s[words + 1] then',
    'if s[words + 1] > 0 then',
    'life',
  ),
  mutant('plain: lives longer than it does', '(life - 1) * 1000', '(life - 1) * 2000', 'life'),
]

const oneBucket: readonly LuaMutant[] = [
  mutant('one bucket: < for ≤ at the capacity', 'if spent > capacity then', 'if spent >= capacity then'),
  mutant('one bucket: the eighth bits of what is asked for lost', 'asked + b * 128', 'asked'),
  mutant('one bucket: the eighth bits of the capacity lost', 'capacity + c * 128', 'capacity'),
  mutant('one bucket: drained below nothing', 'if used < 0 then used = 0 end\nlocal spent', 'local spent'),
  mutant('one bucket: debt without a ceiling', 'elseif spent > ceiling then', 'elseif false then'),
  mutant('one bucket: a denial spends', 'if writes and passes then', 'if writes then spent = used + asked'),
  mutant('one bucket: a denial told as spent', 'spent, passes = used, false', 'passes = false'),
  mutant('one bucket: a peek spends', "verb ~= 'peek' and asked > 0", 'asked > 0'),
  mutant('one bucket: the future taken as it is', ' and at <= now', ''),
  mutant(
    'one bucket: a key that comes twice has two states',
    'local j = (place[key] or 1) * 3',
    'local j = i * 3',
  ),
  mutant('one bucket: no TTL', ", 'PX', ttl)", ')', 'life'),
  mutant(
    'one bucket: TTL too short',
    'ceil((recovered - now) * 3 / 2000)',
    'floor((recovered - now) / 1000)',
    'life',
  ),
  mutant(
    'one bucket: expires before it is written again',
    'if recovered <= s[j] then',
    'if s[j] > 0 then',
    'life',
  ),
  mutant('one bucket: lives longer than it does', '(ttl - 1) * 1000', '(ttl - 1) * 2000', 'life'),
]

const loneBucket: readonly LuaMutant[] = [
  mutant('lone bucket: < for ≤ at the capacity', 'if spent > room then', 'if spent >= room then'),
  mutant('lone bucket: a spend of nothing writes', 'asked > 0 and 0 or -1', '0'),
  mutant('lone bucket: the eighth bits of what is asked for lost', 'b * 128 + asked', 'asked'),
  mutant('lone bucket: the eighth bits of the capacity lost', 'c * 128 + room', 'room'),
  mutant('lone bucket: drained below nothing', 'if held < 0 then held = 0 end', ''),
  mutant('lone bucket: drains nothing', 'held = held - (now - since) * drain', ''),
  mutant('lone bucket: a denial told as spent', '-1 - held', '-1 - spent'),
  mutant('lone bucket: a peek spends', "exact and verb == 'consume'", "exact and verb ~= 'charge'"),
  mutant('lone bucket: a charge obeys the limit', "exact and verb == 'consume'", "exact and verb ~= 'peek'"),
  mutant('lone bucket: several keys are one', ' and not KEYS[2]', ''),
  mutant('lone bucket: the future taken as it is', ' and now >= since', ''),
  mutant('lone bucket: another plan taken for its own', 'string.find(raw, plan, 1, true) == 1', 'true'),
  mutant('lone bucket: no TTL', ", 'PX', px)", ')', 'life'),
  mutant('lone bucket: TTL too short', 'ceil(lasts * 3 / 2000)', 'floor(lasts / 1000)', 'life'),
  mutant(
    'lone bucket: expires before it is written again',
    'if now + lasts <= expires then',
    'if expires > 0 then',
    'life',
  ),
  mutant('lone bucket: lives longer than it does', '(px - 1) * 1000', '(px - 1) * 2000', 'life'),
]

const takes: readonly LuaMutant[] = [
  mutant('take: less than the least', 'cost = max(cost, shape.least)', ''),
  mutant('take: the room of the last rule', 'cost = min(cost, (spend(', 'cost = min(ask.cost, (spend('),
  mutant(
    'take: grants what was asked',
    'reply[n] = passes and loaded[1][4] or 0',
    'reply[n] = passes and shape[1].cost or 0',
  ),
]

export const luaMutants: readonly LuaMutant[] = [
  ...loneBucket,
  ...oneBucket,
  ...plain,
  ...takes,
  ...bucket,
  ...windows,
  ...decisions,
  ...refunds,
  ...changes,
  ...lives,
]

/** The changed text of a script, which is sent with short names; throws when the mistake fits twice. */
export function mutate({ name, find, replace }: LuaMutant, text: string): string {
  const parts = text.split(shortened(find))
  if (parts.length > 2) throw new Error(`${name}: applies ${parts.length - 1} times`)
  // With spaces, lest names grow together with what stands beside them.
  return parts.join(` ${shortened(replace)} `)
}

/** Mistakes somebody could make in the fragments and blocks of the scripts. Each must be noticed. */
export interface LuaMutant {
  readonly name: string
  /** As in a fragment: `$name` is a rule's own, of the same rule throughout. */
  readonly find: string
  readonly replace: string
  /** What notices it: random traffic, traffic of changing segments, or a look at the life of the keys. */
  readonly by: 'parity' | 'segments' | 'life'
}

type Row = readonly [name: string, find: string, replace: string]

const bucket: readonly Row[] = [
  ['< for ≤ at the capacity', 'cost * $unit <= $capacity - $used', 'cost * $unit < $capacity - $used'],
  ['drains a quantum before it is over', 'steps = steps - steps % 1', 'steps = math.ceil(steps)'],
  ['the phase of a quantum lost', '$used - drained, $spent_at + steps * $quantum', '$used - drained, now'],
  [
    'drained, and its receipts still count',
    '$incarnation, $returned, $used, $spent_at = 0, 0, 0, now',
    '$used, $spent_at = 0, now',
  ],
  ['the future taken as it is', 'ours = $spent_at <= now', 'ours = true'],
  ['debt without a ceiling', 'if $used > $ceiling then $used = $ceiling end', ''],
  ['refund: what has drained', ' - math.ceil(math.max(0, now - $since) / $quantum) * $drain', ''],
  [
    'refund: a begun quantum',
    'math.ceil(math.max(0, now - $since) / $quantum)',
    'math.floor(math.max(0, now - $since) / $quantum)',
  ],
  ['refund: what was given back before', ' * $drain - ($returned - $returned_then)', ' * $drain'],
  ['refund: rounded up', '$given = math.floor($given / $unit)', '$given = math.ceil($given / $unit)'],
  ['a new rate rounds down', 'math.ceil(used_0 / unit_0)', 'math.floor(used_0 / unit_0)'],
  [
    'a new rate begins in debt',
    'math.min($capacity, math.ceil(used_0 / unit_0) * $unit)',
    'math.ceil(used_0 / unit_0) * $unit',
  ],
  [
    'a new rate begins empty',
    '$used, $spent_at = math.min($capacity, math.ceil(used_0 / unit_0) * $unit), now',
    '',
  ],
  [
    'what is left rounded up',
    'math.floor(($capacity - $used) / $unit)',
    'math.ceil(($capacity - $used) / $unit)',
  ],
]

const fixedWindow: readonly Row[] = [
  ['a microsecond too long', 'if $recovers_at <= now then', 'if $recovers_at < now then'],
  ['< for ≤ at the limit', '$used + cost <= $limit', '$used + cost < $limit'],
  ['the epoch begins now', 'now - now % $window + $window', 'now + $window'],
  ['an edge belongs to both sides', '(now < $second and', '(now <= $second and'],
  ['the future taken as it is', 'ours = $recovers_at <= ', 'ours = true or $recovers_at <= '],
  ['the future stays there', 'if $recovers_at > stop then $recovers_at = stop end', ''],
  ['debt without a ceiling', 'if $used > 4503599627370496 then $used = 4503599627370496 end', ''],
  ['more than all given back', 'if $given > $used then $given = $used end', ''],
  ['a credit is not counted', 'if $incarnation > 0 then $credited = $credited + $given end', ''],
  [
    'empty, and its receipts still count',
    'if $used == 0 then\n  $incarnation, $recovers_at',
    'if false then\n  $incarnation, $recovers_at',
  ],
]

const slidingWindow: readonly Row[] = [
  ['a microsecond too long', 'if $newest + $window <= now then', 'if $newest + $window < now then'],
  [
    'an entry stays a microsecond too long',
    'elseif $oldest + $window <= now then',
    'elseif $oldest + $window < now then',
  ],
  ['one entry leaves at a time', 'until $count == 1 or $oldest + $window > now', 'until true'],
  ['< for ≤ at the limit', '$total + cost <= $limit', '$total + cost < $limit'],
  ['waits for an entry too many', 'if excess <= 0 then', 'if excess < 0 then'],
  ['waits for the newest entry', 'start = math.max($oldest, math.min($newest, began))', ''],
  ['an entry is a microsecond too long', 'now - $newest >= $length', 'now - $newest > $length'],
  ['one entry begins a second', 'elseif $count >= $segments then', 'elseif false then'],
  ['the future taken as it is', 'ours = $newest <= now', 'ours = true'],
  ['entries of the future stay there', 'if start < now then break end', 'if true then break end'],
  ['debt without a ceiling', 'local some = 4503599627370496 - $total', 'local some = cost'],
  ['refund: into the oldest entry', 'if start == $since then break end', 'if true then break end'],
  ['refund: into the newest entry', 'if $count > 0 and $newest == $since then', 'if $count > 0 then'],
  ['refund: credits before it forgotten', 'if $credited ~= $credited_then then', 'if false then'],
  ['refund: the emptied oldest entry stays oldest', 'if from == 1 then $oldest =', 'if false then $oldest ='],
  ['credit: of the newest entry only', 'while rest > 0 and $count > 0 do', 'if rest > 0 and $count > 0 then'],
  ['credit: not counted', 'rest = rest - $given\n  $credited = $credited + $given', 'rest = rest - $given'],
]

const segments: readonly Row[] = [
  [
    'two entries join in the place of the earlier',
    "start, second = unpack_numbers('<dd', $tail, 17)",
    "second = select(2, unpack_numbers('<dd', $tail, 17))",
  ],
  ['an entry is lost where two join', '$units + first', '$units'],
  ['fewer segments join nothing', 'while $count > max_entries and $count > 1 do', 'while false do'],
  ['only where one begins', 'begins and $segments - 1 or $segments', 'begins and $segments - 1 or 1000'],
  ['one entry too many stays', 'begins and $segments - 1 or $segments', '$segments'],
]

const decisions: readonly Row[] = [
  ['a denial spends', 'elseif passes and cost > 0 then', 'elseif cost > 0 then'],
  ['a rule that denies does not count', '$wait = 1\npasses = false', '$wait = 1'],
  ['a charge obeys the limit', 'enforced = true, verb ~= 3 and verb ~= 4', 'enforced = true, verb ~= 4'],
  ['a peek writes', 'if verb ~= 2 then dirty = true end', 'dirty = true'],
  ['a peek spends', 'if $snapshot then', 'if false then'],
  ['a denial does not bring the future to now', 'if future and verb ~= 2 then dirty = true end', ''],
  ['a cost above what can ever pass', 'if cost > $capacity then $wait = -1 end', ''],
  ['acquire: less than the least', 'if cost < min then cost = min end', ''],
  ['acquire: grants what was denied', 'reply[n] = passes and cost or 0', 'reply[n] = cost'],
  [
    'credit: what was spent in the same call',
    'if (raw or dirty) and cost > 0 then',
    'if raw and cost > 0 then',
  ],
  ['refund: twice', "'1', 'NX', 'PX'", "'1', 'PX'"],
  ['refund: of another record', 'if $incarnation_then == $incarnation then\n', 'if true then\n'],
  ['refund: the most of its rules', '$given < min_given', '$given > min_given'],
  [
    'a rate of a call told as configured',
    'next_incarnation + $call, next_incarnation + 2',
    'next_incarnation, next_incarnation + 2',
  ],
  ['the rest of a value lost', 'if raw then pieces[#pieces + 1] = string.sub(raw, p) end', ''],
]

const shadows: readonly Row[] = [
  ['a rule spends where it does not pass', 'if $wait == 0 then', 'if true then'],
  ['a policy denies', 'together_2 = false', 'passes = false'],
  ['a policy spends where one of its rules does not pass', 'if together_2 then', 'if true then'],
  [
    'refund: answers what came back in shadow',
    'min_given or min_in_shadow or 0',
    'min_in_shadow or min_given or 0',
  ],
  ['refund: answers nothing of shadow alone', 'min_given or min_in_shadow or 0', 'min_given or 0'],
]

const overdraws: readonly Row[] = [
  ['the whole cost has to be there', 'local cost = cost > 1 and 1 or cost', ''],
  ['nothing has to be there', 'local cost = cost > 1 and 1 or cost', 'local cost = 0'],
]

const others: readonly Row[] = [
  ['forgotten', 'if not record.own and record.recovers_at > now then', 'if false then'],
  ['five are not too many', 'if rule[3] == 1 and count > 0', 'if false'],
  ['four are too many', 'count + siblings >= 5', 'count + siblings >= 4'],
  ['those of the same request do not count', 'count + siblings >= 5', 'count >= 5'],
  ['the wait for the last of five', 'other.recovers_at < first', 'other.recovers_at > first'],
  ['three stay', 'before < 4', 'before < 3'],
  ['five stay', 'before < 4', 'before < 5'],
  ['the one spent from last goes', 'return x.spent_at > y.spent_at', 'return x.spent_at < y.spent_at'],
  [
    'a rate in force is taken over',
    'if not is_in_force then old_rates[i] = latest end',
    'old_rates[i] = latest',
  ],
  [
    'a rate of a call is taken over',
    'elseif latest and latest.incarnation % 2 == 0 then',
    'elseif latest then',
  ],
]

const lives: readonly Row[] = [
  ['none', ", 'PX', ttl)", ')'],
  ['lost with the next spend', ", 'KEEPTTL')", ')'],
  ['too short', 'math.ceil((latest - now) * 3 / 2000)', 'math.floor((latest - now) / 1000)'],
  ['of the last rule', 'if $recovers_at > latest then latest = $recovers_at end', 'latest = $recovers_at'],
  ['over before it is written again', 'not (latest <= expires and', 'not (0 < expires and'],
  ['told longer than it is', '(ttl - 1) * 1000', '(ttl - 1) * 2000'],
  ['of the oldest entry', '0 or $newest + $window', '0 or $oldest + $window'],
]

function mutants(of: string, rows: readonly Row[], by: LuaMutant['by'] = 'parity'): LuaMutant[] {
  return rows.map(([name, find, replace]) => ({ name: `${of}: ${name}`, find, replace, by }))
}

const standings: readonly Row[] = [
  ['an offence of the future taken as it is', 'if offended_at > now then offended_at = now end', ''],
  ['a block of the future taken as it is', 'if blocked_at > now then blocked_at = now end', ''],
  ['the future is not written', 'if changed then future = true end', ''],
  ['a block a microsecond too long', 'until_block) - now', 'until_block) - now + 1'],
  ['a ban is not enforced', 'math.max(until_ban, until_block)', 'until_block'],
  ['a block is not enforced', 'math.max(until_ban, until_block)', 'until_ban'],
  ['an offence is kept too short', 'offended_at + math.max(kept, quiet) <= now', 'offended_at + kept <= now'],
  [
    'every denial is an offence',
    'if standing.kept == 0 or standing.spends > 0 or standing.offended_at + standing.quiet <= now then',
    'if true then',
  ],
  [
    'a spend does not make the next denial an offence',
    'if standing.kept == 0 or standing.spends > 0 or',
    'if standing.kept == 0 or',
  ],
  ['the level never falls', 'if standing.offended_at + standing.kept > now then level', 'if true then level'],
  ['the level never rises', 'level = standing.level + 1', 'level = 1'],
  ['an undone spend counts', 'standing.spends, standing.changed = standing.spends - 1, true', ''],
  ['an undone spend before the offence counts', 'and undone_at > standing.offended_at then', 'then'],
  ['a cost above the capacity is an offence', 'if limited and not never then', 'if limited then'],
  ['an attempt is an offence', 'if verb == 1 and cost > 0 and not passes', 'if cost > 0 and not passes'],
  ['a denial by others is an offence', 'if limited and not never then', 'if not never then'],
  [
    'a change of rules ends it',
    'if record.recovers_at > now then all[#all + 1] = record end\n    elseif',
    'elseif',
  ],
  [
    'a spend forgets it',
    '.. standing_bytes }, standing and standing.stop or 9',
    ' }, standing and standing.stop or 9',
  ],
  ['a peek is not denied', 'if standing and enforced then', 'if standing and enforced and verb ~= 2 then'],
]

export const luaMutants: readonly LuaMutant[] = [
  ...mutants('bucket', bucket),
  ...mutants('fixed window', fixedWindow),
  ...mutants('sliding window', slidingWindow),
  ...mutants('segments', segments, 'segments'),
  ...mutants('decision', decisions),
  ...mutants('shadow', shadows),
  ...mutants('overdraw', overdraws),
  ...mutants('state beside', others),
  ...mutants('standing', standings),
  ...mutants('life', lives, 'life'),
]

/** The changed text of a script: wherever the mistake fits. */
export function mutate({ find, replace }: Pick<LuaMutant, 'find' | 'replace'>, text: string): string {
  return text.replace(patternOf(find), (...found) => {
    const { number = '' } = found.at(-1) as { number?: string }
    return replace.replace(/\$(\w+)/g, (_, name: string) => `${name}_${number}`)
  })
}

/** Matches with any number of a rule, but the same throughout. */
function patternOf(find: string): RegExp {
  let isFirst = true
  const source = find.replace(/\$(\w+)|[^\w\s]/g, (char, name?: string) => {
    if (name === undefined) return `\\${char}`
    const number = isFirst ? '(?<number>\\d+)' : '\\k<number>'
    isFirst = false
    return `\\b${name}_${number}\\b`
  })
  return new RegExp(isFirst ? `${source}(?<number>)` : source, 'g')
}

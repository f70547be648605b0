import type { RuleText } from './rule-text.ts'

/** The rules of one request of a shape, and how a script holds what it knows of them. */
export interface RequestText {
  readonly rules: readonly RuleText[]
  /** Declares a rule's names and gives them their values, where these lie in tables. */
  bind(rule: RuleText): string
  /** Puts what a rule's names hold back into the tables. */
  keep(rule: RuleText): string
  /** A rule's id, the text of its identity, and whether its rate came with a call: what `adopt` knows it by. */
  known(rule: RuleText): string
}

/** Not all clients read integers next to 2^53 as they are; no state has such numbers. */
const EXACT_MAX = 2 ** 53 - 64

/** Verbs as they travel. */
export const VERBS = { consume: 1, peek: 2, charge: 3, credit: 4, acquire: 5, refund: 6 } as const

/**
 * Reads the records of one key, whose value is `raw`; sets `whole`, `future`, `full`. `adopt` is made where it is needed,
 * if at all: making a function takes time in every call.
 */
export function loadBlock({ rules, bind, keep, known: knownBy }: RequestText, adopt = ''): string {
  const each = (text: (rule: RuleText) => string): string =>
    rules.map((rule) => `do\n${bind(rule)}${text(rule)}${keep(rule)}end\n`).join('')
  const known = rules.map((rule) => `{ ${knownBy(rule)}, ${rule.frontBytes + rule.freshTailBytes} }`)
  return `
if not raw then
${each((rule) => `${rule.fresh()}${rule.named('$at, $size = false, 0')}\n`)}
else
local rates
while true do
local p, ours = 9, true
${rules.map((rule, i) => `if ours then\n${bind(rule)}${i === 0 ? firstBlock(rule) : findBlock(rule)}${verifyBlock(rule)}${keep(rule)}end\n`).join('')}
if ours or whole then break end
local spoilt
${adopt}raw, full, rates, spoilt = adopt(raw, { ${known.join(', ')} }, force or '')
whole = true
if spoilt then unrecognized = unrecognized + 1 end
end
${rules.map((rule, i) => (rule.has('carry') ? `if rates and rates[${i + 1}] then\n${bind(rule)}${carryBlock(rule, i)}${keep(rule)}end\n` : '')).join('')}
end
${each((rule) => rule.block('advance'))}`
}

/** Mostly the first record is that of the first rule, and is read with what stands before it. */
function firstBlock(rule: RuleText): string {
  const format = `<d${'d'.repeat(rule.front.length)}`
  return rule.named(`$at, $tail = false, false
if #raw >= ${8 + rule.frontBytes} then
expires, ${rule.list(rule.front)} = unpack_numbers('${format}', raw)
if $seen == $id then $at = 9 else
${findBlock(rule)}end
end
`)
}

/** Finds a record by its id from \`p\` on; records of one value are in canonical order. */
function findBlock(rule: RuleText): string {
  const format = `<${'d'.repeat(rule.front.length)}`
  return rule.named(`$at, $tail = false, false
while p + ${rule.frontBytes - 1} <= #raw do
${rule.list(rule.front)} = unpack_numbers('${format}', raw, p)
if $seen == $id then
$at = p
break
end
if not ($size >= 41 and $size % 1 == 0) then break end
p = p + $size
end
`)
}

/** Whether it can be spent from as it is; once arranged, what is damaged begins anew, and what lies ahead comes to now. */
function verifyBlock(rule: RuleText): string {
  const tail = rule.has('tail')
    ? rule.text('tail').replace(rule.named('$words'), String(rule.shape.words))
    : '0'
  const sound = `$size == ${rule.frontBytes + 1} + ${tail} + #$text and $at + $size - 1 <= #raw and ${soundNumbers(rule)}`
  return rule.named(`ours = $at and ${sound}
if whole and not ours then
unrecognized = unrecognized + 1
${rule.fresh()}ours = true
elseif whole and not (${rule.text('current')}) then
${rule.block('anchor')}future = true
elseif ours then
ours = ${rule.text('current')}
end
if $at then p = p + $size end
`)
}

/** Whether a front is one of ours; anything else would make a reply that nobody can read. */
function soundNumbers(rule: RuleText): string {
  const exact = ['incarnation', 'ends', 'spent'].map((name) =>
    rule.named(`$${name} >= 0 and $${name} <= ${EXACT_MAX}`),
  )
  return `${exact.join(' and ')} and ${rule.text('valid')}`
}

/**
 * Begins a rate with what the one before it has used, by the same arithmetic under the number 0. Written by a denial as
 * well: the next call would begin anew, whatever wait this one was told.
 */
function carryBlock(rule: RuleText, index: number): string {
  const old = rule.numbered(0)
  const format = `<${'d'.repeat(rule.front.length)}`
  const rate = rule.words('rate')
  const [first] = rate
  return `local from = rates[${index + 1}]
local ${old.list(rate)} = match(from.text, '${rate.map(() => '(%d+)').join(' ')}$')
local ${old.list(old.front)}
if ${old.list([first as string])} and #from.bytes == ${old.frontBytes + 1} + #from.text then
${old.list(old.front)} = unpack_numbers('${format}', from.bytes)
end
if ${old.list(['size'])} and ${soundNumbers(old)} then
future = true
${rate.map((name) => old.named(`$${name} = $${name} + 0\n`)).join('')}${old.block('anchor')}${old.block('advance')}${rule.text('carry').replace(/@(\w+)/g, '$1_0')}
else
unrecognized = unrecognized + 1
end
`
}

/** Judges every rule: sets its `wait`, and `passes`. */
export function judgeBlock({ rules, bind, keep }: RequestText): string {
  return rules
    .map((rule, i) =>
      rule.named(`do
${bind(rule)}$wait = 0
if judged then
${waitText(rule)}end
if full and full[${i + 1}] then passes = false end
${keep(rule)}end
`),
    )
    .join('')
}

function waitText(rule: RuleText): string {
  return `${rule.text('judge')}
if not (${rule.text('fits')}) then
${rule.has('judge') ? '' : rule.named('$wait = 1\n')}${rule.block('wait')}passes = false
end
`
}

/**
 * A consume in local variables, which most decisions are: what the other blocks do, without asking at each step whether it
 * is something else.
 */
export function consumeBlock({ rules }: RequestText): string {
  const each = (text: (rule: RuleText) => string): string =>
    rules.map((rule) => `do\n${text(rule)}end\n`).join('')
  return `local passes = true
${each((rule) => `${rule.named('$wait = 0\n')}${waitText(rule)}`)}if passes and cost > 0 then
dirty = true
${each(spendText)}end
if future then dirty = true end
${each(replyText)}`
}

/** Lowers \`cost\` to what is left. */
export function acquireBlock({ rules, bind }: RequestText): string {
  const each = rules.map(
    (rule) =>
      `do\n${bind(rule)}local left = ${rule.text('left')}\nif left < cost then cost = left end\nend\n`,
  )
  return `local least
least, c = unpack_numbers('<d', stream, c)
${each.join('')}if cost < least then cost = least end
`
}

/** Spends; a peek is told what that would leave, and puts everything back once it is told. */
export function spendBlock({ rules, bind, keep }: RequestText): string {
  return rules
    .map((rule) =>
      rule.named(`do
${bind(rule)}if verb == ${VERBS.peek} then $before = { ${rule.list(rule.fields)} } end
${spendText(rule)}${keep(rule)}end
`),
    )
    .join('')
}

function spendText(rule: RuleText): string {
  return `${rule.named('if $incarnation == 0 then $incarnation, birth = birth + $call, birth + 2 end')}
${rule.text('spend')}
`
}

/** After a peek: everything as it was. */
export function restoreBlock({ rules, bind, keep }: RequestText): string {
  const each = rules.map((rule) =>
    rule.named(`do
${bind(rule)}if $before then ${rule.list(rule.fields)} = unpack($before, 1, ${rule.fields.length}) end
$before = false
${keep(rule)}end
`),
  )
  return `if verb == ${VERBS.peek} then
${each.join('')}end
`
}

/** Gives back what was spent last; what each rule gave stands in its \`given\`. */
export function creditBlock({ rules, bind, keep }: RequestText): string {
  return rules
    .map((rule) =>
      rule.named(`do
${bind(rule)}$given = 0
if (raw or dirty) and cost > 0 then
if ${rule.text('inuse')} then dirty = true end
${rule.text('credit')}
end
${keep(rule)}end
`),
    )
    .join('')
}

/** What the caller makes verdicts of. */
export function replyBlock({ rules, bind }: RequestText): string {
  return rules
    .map((rule, i) =>
      rule.named(`do
${bind(rule)}if full and full[${i + 1}] then
reply[n + 1], reply[n + 2] = FULL, full[${i + 1}]
for at = 3, ${sizeOf(rule)} do reply[n + at] = 0 end
n = n + ${sizeOf(rule)}
else
${replyText(rule)}end
if verb == ${VERBS.credit} then
n = n + 1
reply[n] = $given
end
end
`),
    )
    .join('')
}

function replyText(rule: RuleText): string {
  const places = Array.from({ length: sizeOf(rule) }, (_, at) => `reply[n + ${at + 1}]`).join(', ')
  return `${places} = ${rule.text('reply')}
n = n + ${sizeOf(rule)}
`
}

function sizeOf(rule: RuleText): number {
  return replySize(rule.text('reply'))
}

function replySize(list: string): number {
  let depth = 0
  let count = 1
  for (const char of list) {
    if ('({'.includes(char)) depth++
    else if (')}'.includes(char)) depth--
    else if (char === ',' && depth === 0) count++
  }
  return count
}

/** Takes one spend back, once: every rule that still holds it, and answers the least of what they gave. */
export function refundBlock({ rules, bind, keep }: RequestText): string {
  const receipt = ['then', 'returned_then', 'credited_then', 'stood', 'since']
  // Read where they are needed: a function holds only so many names.
  const read = (rule: RuleText, i: number): string =>
    `local ${rule.list(receipt)} = unpack_numbers('<ddddd', stream, receipts + ${40 * i})\n`
  const same = rules.map(
    (rule, i) =>
      `do\n${bind(rule)}${read(rule, i)}${rule.named('if $then ~= 0 and $then == $incarnation then any = true end\n')}end\n`,
  )
  const each = rules.map((rule, i) =>
    rule.named(`do
${read(rule, i)}if $then ~= 0 then
${bind(rule)}$given = 0
if $then == $incarnation then
${rule.text('refund')}
end
if not least or $given < least then least = $given end
${keep(rule)}end
end
`),
  )
  return `local stop, receipts, any, least
stop, receipts = unpack_numbers('<d', stream, c)
c, mark = receipts + ${40 * rules.length}, mark + 1
if raw then
${same.join('')}end
if any and stop > now and call('SET', KEYS[mark], '1', 'NX', 'PX', max(least_ttl, ceil((stop - now) / 1000))) then
dirty = true
${each.join('')}end
n = n + 1
reply[n] = least or 0
`
}

/** Writes the records of one key: in place where nothing but numbers changed. */
export function writeBlock({ rules, bind, keep }: RequestText): string {
  const [only] = rules
  const ends = rules.map(
    (rule) =>
      `do\n${bind(rule)}${rule.block('finish')}${rule.named('if $ends > last then last = $ends end\n')}${keep(rule)}end\n`,
  )
  const parts = rules.map((rule) =>
    rule.named(`do
${bind(rule)}local tail = $tail and $tail .. '\\0' .. $text or sub(raw, $at + ${rule.frontBytes}, $at + $size - 1)
value = value .. (raw and sub(raw, p, $at - 1) or '') .. pack('<${'d'.repeat(rule.front.length)}', ${rule.frontBytes} + #tail, $id, ${rule.list(rule.changing)}) .. tail
if raw then p = $at + $size end
end
`),
  )
  const inPlace =
    only !== undefined && rules.length === 1
      ? only.named(`${bind(only)}if raw and not whole and not moved and not $tail then
call('SETRANGE', key, $at + 15, pack('<${'d'.repeat(only.changing.length)}', ${only.list(only.changing)}))
else
`)
      : ''
  return `local last = 0
${ends.join('')}local moved, life = not (last <= expires and expires <= 9007199254740991)
if moved then
life = max(ceil((last - now) * 3 / 2000), least_ttl)
expires = now + (life - 1) * 1000
end
${inPlace}local value, p = pack('<d', expires), 9
${parts.join('')}if raw then value = value .. sub(raw, p) end
if moved then call('SET', key, value, 'PX', life) else call('SET', key, value, 'KEEPTTL') end
${inPlace === '' ? '' : 'end\n'}`
}

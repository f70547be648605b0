import { leadingRules, type RequestText } from './request-text.ts'
import type { RuleText } from './rule-text.ts'

/** Some clients round integers next to 2^53. No state of ours has such numbers. */
const EXACT_MAX = 2 ** 53 - 64

/**
 * Reads the rules' records from `raw`, the value of one key. Sets `adopted` when `adopt` had to rearrange the value,
 * `future` when a record was ahead of now, `standing` (see standing.lua), and `full_until` (see adopt.lua). The text of `adopt` is included where it
 * is called: creating the closure costs time, and few calls need it.
 */
export function loadBlock(request: RequestText, adopt = ''): string {
  const { rules, bind, save, identity } = request
  const leading = leadingRules(request)
  const each = (text: (rule: RuleText) => string): string =>
    rules.map((rule) => `do\n${bind(rule)}${text(rule)}${save(rule)}end\n`).join('')
  const wanted = rules.map((rule) => `{ ${identity(rule)}, ${rule.fixedBytes + rule.freshTailBytes} }`)
  return `
if not raw then
${each((rule) => `${rule.fresh()}${rule.named('$at, $size = false, 0')}\n`)}
else
local old_rates
while true do
local p, ours = 9, true
${contiguousBlock(leading)}${rules.map((rule, i) => `if ours then\n${bind(rule)}${locateBlock(request, i, leading)}${verifyBlock(rule)}${save(rule)}end\n`).join('')}
if ours or adopted then break end
local corrupt
${adopt}raw, full_until, old_rates, corrupt = adopt(raw, { ${wanted.join(', ')} }, in_force or '')
adopted, standing = true, false
if corrupt then unrecognized = unrecognized + 1 end
end
${rules.map((rule, i) => (rule.has('carry') ? `if old_rates and old_rates[${i + 1}] then\n${bind(rule)}${carryBlock(rule, i)}${save(rule)}end\n` : '')).join('')}
end
${each((rule) => rule.block('advance'))}`
}

function locateBlock(request: RequestText, index: number, leading: readonly RuleText[]): string {
  const rule = request.rules[index] as RuleText
  const text = index === 0 ? firstBlock(rule, request.standing('read')) : findBlock(rule)
  return leading.includes(rule) ? `if not contiguous then\n${text}end\n` : text
}

/** Computed once for all keys of a run: the format of the leading rules' records, its length, and their trailers. */
export function formatBlock(leading: readonly RuleText[]): string {
  const [first] = leading
  if (first === undefined) return ''
  const trailers = leading.slice(0, -1).map((rule) => rule.named("local $trailer = '\\0' .. $text\n"))
  const formats = leading.map((rule, i) => {
    const previous = leading[i - 1]
    const numbers = `'${'d'.repeat(rule.fixed.length)}'`
    return previous === undefined ? numbers : `${previous.named("string.rep('x', #$trailer)")} .. ${numbers}`
  })
  const bytes = leading.reduce((sum, rule) => sum + rule.fixedBytes, 8)
  const trailerBytes = leading.slice(0, -1).map((rule) => rule.named(' + #$trailer'))
  return `${trailers.join('')}local leading_format, leading_bytes = '<d' .. ${formats.join(' .. ')}, ${bytes}${trailerBytes.join('')}
`
}

/** Reads the leading rules' records at once if they are where they usually are; sets `contiguous`. */
function contiguousBlock(leading: readonly RuleText[]): string {
  if (leading.length === 0) return ''
  const numbers = leading.map((rule) => rule.list(rule.fixed)).join(', ')
  const same = leading.map((rule) => rule.named('$stored_id == $id')).join(' and ')
  const offsets = leading.map((rule, i) => {
    const previous = leading[i - 1]
    return previous === undefined
      ? rule.named('$at = 9')
      : `${rule.named('$at')} = ${previous.named('$at + $size')}`
  })
  return `contiguous = false
if #raw >= leading_bytes then
expires, ${numbers} = unpack_numbers(leading_format, raw)
if ${same} then
contiguous = true
${offsets.join('\n')}
${leading.map((rule) => rule.named('$tail = false\n')).join('')}end
end
`
}

/**
 * The first record usually is that of the first rule; it is read together with the expiry in front of it. A standing, which
 * leads the value where there is one, is looked for only where it is not.
 */
function firstBlock(rule: RuleText, read: string): string {
  const format = `<d${'d'.repeat(rule.fixed.length)}`
  return rule.named(`$at, $tail = false, false
if #raw >= ${8 + rule.fixedBytes} then
expires, ${rule.list(rule.fixed)} = unpack_numbers('${format}', raw)
if $stored_id == $id then $at = 9 end
end
if not $at then
${read}if standing then p = standing.stop end
${findBlock(rule)}end
`)
}

/** Finds a record by its id, searching from `p`: records of one value are in canonical order. */
function findBlock(rule: RuleText): string {
  const format = `<${'d'.repeat(rule.fixed.length)}`
  return rule.named(`$at, $tail = false, false
while p + ${rule.fixedBytes - 1} <= #raw do
${rule.list(rule.fixed)} = unpack_numbers('${format}', raw, p)
if $stored_id == $id then
$at = p
break
end
if not ($size >= 41 and $size % 1 == 0) then break end
p = p + $size
end
`)
}

/**
 * Sets `ours`: whether the record can be used as it is. After `adopt` a corrupt record starts fresh, and one ahead of
 * now is brought back to now.
 */
function verifyBlock(rule: RuleText): string {
  const tail = rule.has('tail')
    ? rule.text('tail').replace(rule.named('$words'), String(rule.shape.words))
    : '0'
  const valid = `$size == ${rule.fixedBytes + 1} + ${tail} + #$text and $at + $size - 1 <= #raw and ${validNumbers(rule)}`
  return rule.named(`ours = $at and ${valid}
if adopted and not ours then
unrecognized = unrecognized + 1
${rule.fresh()}ours = true
elseif adopted and not (${rule.text('current')}) then
${rule.block('anchor')}future = true
elseif ours then
ours = ${rule.text('current')}
end
if $at then p = p + $size end
`)
}

/** Whether the numbers of a fixed part can be ours: others could make a reply with numbers that are no integers. */
function validNumbers(rule: RuleText): string {
  const exact = ['incarnation', 'recovers_at', 'spent_at'].map((name) =>
    rule.named(`$${name} >= 0 and $${name} <= ${EXACT_MAX}`),
  )
  return `${exact.join(' and ')} and ${rule.text('valid')}`
}

/**
 * Starts a new rate with the units that the previous one has used; the previous rate's variables have the number 0.
 * Sets `future`, so that a denial writes this too: else the next call would carry again, and the wait told would be
 * wrong.
 */
function carryBlock(rule: RuleText, index: number): string {
  const old = rule.numbered(0)
  const format = `<${'d'.repeat(rule.fixed.length)}`
  const rate = rule.namesIn('rate')
  const [first] = rate
  return `local record = old_rates[${index + 1}]
local ${old.list(rate)} = string.match(record.text, '${rate.map(() => '(%d+)').join(' ')}$')
local ${old.list(old.fixed)}
if ${old.list([first as string])} and #record.bytes == ${old.fixedBytes + 1} + #record.text then
${old.list(old.fixed)} = unpack_numbers('${format}', record.bytes)
end
if ${old.list(['size'])} and ${validNumbers(old)} then
future = true
${rate.map((name) => old.named(`$${name} = $${name} + 0\n`)).join('')}${old.block('anchor')}${old.block('advance')}${rule.text('carry').replace(/@(\w+)/g, '$1_0')}
else
unrecognized = unrecognized + 1
end
`
}

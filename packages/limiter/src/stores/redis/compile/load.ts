import { frontRules, type RequestText } from './request-text.ts'
import type { RuleText } from './rule-text.ts'

/** Not all clients read integers next to 2^53 as they are; no state has such numbers. */
const EXACT_MAX = 2 ** 53 - 64

/**
 * Reads the records of one key, whose value is `raw`; sets `whole`, `future`, `full`. `adopt` is made where it is needed,
 * if at all: making a function takes time in every call.
 */
export function loadBlock(request: RequestText, adopt = ''): string {
  const { rules, bind, keep, known: knownBy } = request
  const front = frontRules(request)
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
${togetherBlock(front)}${rules.map((rule, i) => `if ours then\n${bind(rule)}${locateBlock(rule, i, front)}${verifyBlock(rule)}${keep(rule)}end\n`).join('')}
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

function locateBlock(rule: RuleText, index: number, front: readonly RuleText[]): string {
  const text = index === 0 ? firstBlock(rule) : findBlock(rule)
  return front.includes(rule) ? `if not together then\n${text}end\n` : text
}

/** Made once for all keys of a run: the format of the front rules' records, its length, and the texts that end records. */
export function formatBlock(front: readonly RuleText[]): string {
  const [first] = front
  if (first === undefined) return ''
  const gaps = front.slice(0, -1).map((rule) => rule.named("local $close = '\\0' .. $text\n"))
  const formats = front.map((rule, i) => {
    const before = front[i - 1]
    const numbers = `'${'d'.repeat(rule.front.length)}'`
    return before === undefined ? numbers : `${before.named("string.rep('x', #$close)")} .. ${numbers}`
  })
  const bytes = front.reduce((sum, rule) => sum + rule.frontBytes, 8)
  const reach = front.slice(0, -1).map((rule) => rule.named(' + #$close'))
  return `${gaps.join('')}local format, reach = '<d' .. ${formats.join(' .. ')}, ${bytes}${reach.join('')}
`
}

function togetherBlock(front: readonly RuleText[]): string {
  if (front.length === 0) return ''
  const fronts = front.map((rule) => rule.list(rule.front)).join(', ')
  const same = front.map((rule) => rule.named('$seen == $id')).join(' and ')
  const places = front.map((rule, i) => {
    const before = front[i - 1]
    return before === undefined
      ? rule.named('$at = 9')
      : `${rule.named('$at')} = ${before.named('$at + $size')}`
  })
  return `together = false
if #raw >= reach then
expires, ${fronts} = unpack_numbers(format, raw)
if ${same} then
together = true
${places.join('\n')}
${front.map((rule) => rule.named('$tail = false\n')).join('')}end
end
`
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
local ${old.list(rate)} = string.match(from.text, '${rate.map(() => '(%d+)').join(' ')}$')
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

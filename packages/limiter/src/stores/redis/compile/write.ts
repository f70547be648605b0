import { frontRules, type RequestText } from './request-text.ts'
import type { RuleText } from './rule-text.ts'

/** Writes the records of one key: in place where nothing but numbers changed. */
export function writeBlock(request: RequestText): string {
  const { rules, bind, keep } = request
  const ends = rules.map(
    (rule) =>
      `do\n${bind(rule)}${rule.block('finish')}${rule.named('if $ends > last then last = $ends end\n')}${keep(rule)}end\n`,
  )
  const inPlace = inPlaceBlock(request)
  return `local last = 0
${ends.join('')}local moved, life = not (last <= expires and expires <= 9007199254740991)
if moved then
life = math.max(math.ceil((last - now) * 3 / 2000), least_ttl)
expires = now + (life - 1) * 1000
end
${inPlace}${rewriteBlock(request)}${inPlace === '' ? '' : 'end\n'}`
}

/** One SETRANGE from the first number that changes to the last, where all names are in scope. */
function inPlaceBlock(request: RequestText): string {
  const { rules, bind } = request
  const [first] = rules
  const isInScope = rules.length === 1 || rules.every((rule) => bind(rule) === '')
  if (first === undefined || !isInScope) return ''
  const front = frontRules(request)
  const tails = rules.map((rule) => rule.list(['tail'])).join(' or ')
  const start = `${bind(first)}if raw and not whole and not moved and not (${tails}) then\n`
  const apart = `call('SETRANGE', key, ${first.named('$at + 15')}, ${apartText(rules)})\n`
  if (front.length < rules.length) return `${start}${apart}else\n`
  return `${start}if together then
call('SETRANGE', key, 24, ${togetherText(front)})
else
${apart}end
else
`
}

/** The numbers of records at known places, with what stands between them. */
function togetherText(front: readonly RuleText[]): string {
  const formats = front.map((rule, i) => `${i === 0 ? '' : 'c0dd'}${'d'.repeat(rule.changing.length)}`)
  const values = front.map((rule, i) => {
    const before = front[i - 1]
    const changing = rule.list(rule.changing)
    return before === undefined
      ? changing
      : `${before.list(['close'])}, ${rule.list(['size', 'id'])}, ${changing}`
  })
  return `pack('<${formats.join('')}', ${values.join(', ')})`
}

/** The numbers of each record, and what stands between them as it was read. */
function apartText(rules: readonly RuleText[]): string {
  const numbers = rules.map(
    (rule) => `pack('<${'d'.repeat(rule.changing.length)}', ${rule.list(rule.changing)})`,
  )
  const pieces = numbers.flatMap((text, i) => {
    const before = rules[i - 1]
    if (before === undefined) return [text]
    const from = before.named(`$at + ${before.frontBytes}`)
    return [`string.sub(raw, ${from}, ${(rules[i] as RuleText).named('$at + 15')})`, text]
  })
  return pieces.join(' .. ')
}

/** The whole value anew: its records, with what stands between and behind them. */
function rewriteBlock({ rules, bind }: RequestText): string {
  const parts = rules.map((rule) =>
    rule.named(`do
${bind(rule)}local tail = $tail and $tail .. '\\0' .. $text or string.sub(raw, $at + ${rule.frontBytes}, $at + $size - 1)
local front = pack('<${'d'.repeat(rule.front.length)}', ${rule.frontBytes} + #tail, $id, ${rule.list(rule.changing)})
pieces[#pieces + 1] = (raw and string.sub(raw, p, $at - 1) or '') .. front .. tail
if raw then p = $at + $size end
end
`),
  )
  return `local pieces, p = { pack('<d', expires) }, 9
${parts.join('')}if raw then pieces[#pieces + 1] = string.sub(raw, p) end
if moved then call('SET', key, table.concat(pieces), 'PX', life) else call('SET', key, table.concat(pieces), 'KEEPTTL') end
`
}

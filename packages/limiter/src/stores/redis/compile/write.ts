import { leadingRules, type RequestText } from './request-text.ts'
import type { RuleText } from './rule-text.ts'

/**
 * Writes the records of one key: with SETRANGE where only numbers of the fixed parts changed, else the whole value. The
 * expiry is renewed only when a record would outlive it, and then set half as long again, so that few spends have to.
 */
export function writeBlock(request: RequestText): string {
  const { rules, bind, save } = request
  const recovery = rules.map(
    (rule) =>
      `do\n${bind(rule)}${rule.block('finish')}${rule.named('if $recovers_at > latest then latest = $recovers_at end\n')}${save(rule)}end\n`,
  )
  const inPlace = inPlaceBlock(request)
  return `${request.standing('pack')}local latest = standing_ends
${recovery.join('')}local renew, ttl = not (latest <= expires and expires <= 9007199254740991)
if renew then
ttl = math.max(math.ceil((latest - now) * 3 / 2000), min_ttl)
expires = now + (ttl - 1) * 1000
end
${inPlace}${rewriteBlock(request)}${inPlace === '' ? '' : 'end\n'}`
}

/** One SETRANGE from the first number that may have changed to the last; empty unless all variables are in scope. */
function inPlaceBlock(request: RequestText): string {
  const { rules, bind } = request
  const [first] = rules
  const isInScope = rules.length === 1 || rules.every((rule) => bind(rule) === '')
  if (first === undefined || !isInScope) return ''
  const leading = leadingRules(request)
  const tails = rules.map((rule) => rule.list(['tail'])).join(' or ')
  const start = `${bind(first)}if raw and not adopted and not renew and not (standing and standing.changed) and not (${tails}) then\n`
  const scattered = `call('SETRANGE', key, ${first.named('$at + 15')}, ${scatteredText(rules)})\n`
  if (leading.length < rules.length) return `${start}${scattered}else\n`
  return `${start}if contiguous then
call('SETRANGE', key, 24, ${contiguousText(leading)})
else
${scattered}end
else
`
}

/** Packs records at fixed offsets: their changing numbers, and the trailers, sizes and ids between them. */
function contiguousText(leading: readonly RuleText[]): string {
  const formats = leading.map((rule, i) => `${i === 0 ? '' : 'c0dd'}${'d'.repeat(rule.changing.length)}`)
  const values = leading.map((rule, i) => {
    const previous = leading[i - 1]
    const changing = rule.list(rule.changing)
    return previous === undefined
      ? changing
      : `${previous.list(['trailer'])}, ${rule.list(['size', 'id'])}, ${changing}`
  })
  return `pack('<${formats.join('')}', ${values.join(', ')})`
}

/** Packs the changing numbers of each record, and copies the bytes between them from `raw`. */
function scatteredText(rules: readonly RuleText[]): string {
  const numbers = rules.map(
    (rule) => `pack('<${'d'.repeat(rule.changing.length)}', ${rule.list(rule.changing)})`,
  )
  const pieces = numbers.flatMap((text, i) => {
    const previous = rules[i - 1]
    if (previous === undefined) return [text]
    const from = previous.named(`$at + ${previous.fixedBytes}`)
    return [`string.sub(raw, ${from}, ${(rules[i] as RuleText).named('$at + 15')})`, text]
  })
  return pieces.join(' .. ')
}

/** Rewrites the whole value: the rules' records, and all bytes between and behind them as they were. */
function rewriteBlock({ rules, bind }: RequestText): string {
  const parts = rules.map((rule) =>
    rule.named(`do
${bind(rule)}local tail = $tail and $tail .. '\\0' .. $text or string.sub(raw, $at + ${rule.fixedBytes}, $at + $size - 1)
local fixed = pack('<${'d'.repeat(rule.fixed.length)}', ${rule.fixedBytes} + #tail, $id, ${rule.list(rule.changing)})
pieces[#pieces + 1] = (raw and string.sub(raw, p, $at - 1) or '') .. fixed .. tail
if raw then p = $at + $size end
end
`),
  )
  return `local pieces, p = { pack('<d', expires) .. standing_bytes }, standing and standing.stop or 9
${parts.join('')}if raw then pieces[#pieces + 1] = string.sub(raw, p) end
if renew then call('SET', key, table.concat(pieces), 'PX', ttl) else call('SET', key, table.concat(pieces), 'KEEPTTL') end
`
}

/** Lua on the standing of a key, in scripts of decisions and in that of `block`. */

import { standingIdentity } from '../../../core/standing.ts'
import { standingFragments } from '../scripts.gen.ts'
import { BARRED } from './reply-marks.ts'
import { ADMITS, neededText, type RequestText, type StandingFragment, VERBS } from './request-text.ts'

/** A fragment; `held` is the variable for how long something stands against the key. */
export function standingText(name: StandingFragment, held = 'held'): string {
  return `${standingFragments[name] ?? ''}\n`
    .replaceAll('STANDING_ID', String(standingIdentity.id))
    .replaceAll('STANDING_TEXT', standingIdentity.text)
    .replaceAll('HELD', held)
}

/** The longer fragments as functions: a script of many requests with the text for each would be too long for Lua. */
export const STANDING_FUNCTIONS: string = `local function read_standing(raw, future)
local standing = false
${standingText('read')}return standing, future
end
local function barred_for(standing)
local held
${standingText('barred')}return held
end
local function offend(standing, bans, recovers_at)
local held = 0
${standingText('offend')}return held
end
local function pack_standing(standing)
${standingText('pack')}return standing_bytes, standing_ends
end
`

/** A fragment where {@link STANDING_FUNCTIONS} are in scope. */
export function standingCall(name: StandingFragment, held = 'held'): string {
  switch (name) {
    case 'read':
      return 'standing, future = read_standing(raw, future)\n'
    case 'barred':
      return `${held} = barred_for(standing)\n`
    case 'offend':
      return `${held} = offend(standing, bans, recovers_at)\n`
    case 'pack':
      return 'local standing_bytes, standing_ends = pack_standing(standing)\n'
    default:
      return standingText(name, held)
  }
}

/** The whole of a script, whose includes (`!name`) are fragments. */
export function withStanding(script: string): string {
  return script.replace(/!(\w+)/g, (_, name: string) => standingText(name as StandingFragment).trimEnd())
}

/** Reads the ban durations of a request; nothing where its policy has none. */
export function readBansBlock(bans: boolean, target: string): string {
  if (!bans) return ''
  return `do
local count
count, header_at = unpack_numbers('<d', header, header_at)
${target} = { n = count, unpack_numbers('<' .. string.rep('d', count), header, header_at) }
header_at = header_at + 8 * count
end
`
}

/** Denies while a ban or block holds, and sets `held` to how long it does. */
export function barBlock({ standing, together }: RequestText, held: string): string {
  return `${held} = 0
if standing and enforced then
${standing('barred', held)}if ${held} > 0 then ${together} = false end
end
`
}

/** Writes an offence, where the request's own rules deny what a wait could let pass. */
export function offendBlock({ rules, bind, save, bans, standing }: RequestText, held: string): string {
  if (!bans) return ''
  const enforced = rules.filter(({ shape }) => shape.role === 'enforced')
  const each = enforced.map((rule) =>
    rule.named(`do
${bind(rule)}${neededText(rule)}if ${rule.has('never') ? rule.text('never') : '$wait < 0'} then never = true end
if $wait ~= 0 then limited = true end
${rule.block('finish')}if $recovers_at > recovers_at then recovers_at = $recovers_at end
${save(rule)}end
`),
  )
  return `if verb == ${VERBS.consume} and cost > 0 and not passes and not full_until and ${held} == 0 then
local limited, never, recovers_at = false, false, 0
${each.join('')}if limited and not never then
standing = standing or ${standing('fresh')}${standing('offend', held)}if ${held} < 0 then dirty = true end
end
end
`
}

/** Notes a spend; one of rules in shadow alone is none of the policy. */
export function noteSpendBlock({ rules, together }: RequestText): string {
  if (rules.every(({ shape }) => shape.role === 'alone')) return ''
  const condition = together === ADMITS ? '' : `${together} and `
  return `if ${condition}standing and verb ~= ${VERBS.peek} then
${standingText('spend')}end
`
}

/** Says in the reply what stands against the key. */
export function replyBarredBlock(held: string): string {
  return `if ${held} ~= 0 then
reply[n + 1], reply[n + 2] = ${BARRED}, ${held}
n = n + 2
end
`
}

import type { DenialView } from '../../service/observe/recent-denials.ts'
import type { Fields } from './ask.ts'
import { timeText } from './ask-denials.ts'
import { durationText } from './duration-text.ts'
import { printable } from './printable.ts'
import { NOTHING } from './table-text.ts'

/** An event as one line for people; null for one that says nothing to them. */
export function eventText(name: string, fields: Fields): string | null {
  const text = textOf(name, fields)
  if (text === null) return null
  return printable(`${timeText(Number(fields['at']))} ${name.padEnd(WIDTH)} ${text}`)
}

const WIDTH = 'configuration'.length

function textOf(name: string, fields: Fields): string | null {
  switch (name) {
    case 'denial':
      return denialText(fields as unknown as DenialView)
    case 'change':
      return `${fields['action']} ${keysText(fields['keys'])}${byActor(fields['actor'])}${outcomeText(fields['outcome'])}`
    case 'configuration':
      return `${fields['hash']} is in force`
    case 'configuration-rejected':
      return 'another configuration is wrong and not in force; headgate check says why'
    case 'degraded':
      return `decided without the store; breaker ${fields['breaker']}`
    case 'failure':
      return `${fields['code']} over ${fields['transport']}`
    case 'connection-refused':
      return `${fields['reason']} at ${fields['transport']}`
    case 'snapshot':
      return snapshotText(fields)
    default:
      // Of a later version.
      return null
  }
}

function denialText({ policy, rule, reason, keys, retryAfterMs, id }: DenialView): string {
  const key = keys.find((one) => one.policy === policy)?.key ?? NOTHING
  const wait = retryAfterMs === null ? 'for good' : `for ${durationText(retryAfterMs)}`
  return `${policy ?? NOTHING} ${rule ?? NOTHING} ${key}: ${reason} ${wait}, id ${id}`
}

function keysText(keys: unknown): string {
  if (!Array.isArray(keys)) return ''
  return keys.map(({ policy, key }) => `${policy} ${key}`).join(', ')
}

function outcomeText(outcome: unknown): string {
  return outcome === 'unknown'
    ? ': nobody knows whether it took effect'
    : outcome === 'here-only'
      ? ': not in the store'
      : ''
}

function byActor(actor: unknown): string {
  return typeof actor === 'string' ? ` by ${actor}` : ''
}

function snapshotText(fields: Fields): string {
  const [rate] = Array.isArray(fields['rates']) ? (fields['rates'] as readonly Fields[]) : []
  const { breaker } = (fields['store'] ?? {}) as Fields
  const rates =
    rate === undefined ? '' : `${rate['decisionsPerSecond']}/s, denied ${rate['deniedPerSecond']}/s, `
  const omitted = Number(((fields['omitted'] ?? {}) as Fields)['denial'] ?? 0)
  const more = omitted > 0 ? `, ${omitted} denials more than are shown` : ''
  return `${rates}store ${fields['storeAvailable'] === true ? 'answers' : 'does not answer'}, breaker ${breaker}${more}`
}

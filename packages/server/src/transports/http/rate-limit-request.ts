import { suggest } from 'headgate/errors'
import { badRequest } from '../../service/describe-failure.ts'
import {
  type DescriptorEntry,
  type RateLimitDescriptor,
  type RateLimitOverride,
  type RateLimitRequest,
  UINT32_MAX,
} from '../../service/envoy/messages.ts'
import { LIMIT_UNITS, type LimitUnit } from '../../service/envoy/units.ts'
import { kindOf } from './body-fields.ts'

/**
 * Reads a request of Envoy's rate limit protocol as JSON of protocol buffers has it: names in either spelling, numbers also as
 * texts, units also as numbers, null as if it were not there.
 */
export function decodeRateLimit(body: unknown): RateLimitRequest {
  const read = fieldsOf(body, '', ['domain', 'descriptors', 'hitsAddend'])
  const hitsAddend = wholeIn(read['hitsAddend'], 'hitsAddend', UINT32_MAX)
  return {
    domain: textIn(read['domain'], 'domain'),
    descriptors: listIn(read['descriptors'], 'descriptors').map((one, i) =>
      descriptorOf(one, `descriptors[${i}]`),
    ),
    ...(hitsAddend !== undefined && { hitsAddend }),
  }
}

function descriptorOf(value: unknown, path: string): RateLimitDescriptor {
  const read = fieldsOf(value, path, ['entries', 'limit', 'hitsAddend', 'isNegativeHits'])
  const hitsAddend = wholeIn(read['hitsAddend'], `${path}.hitsAddend`, Number.MAX_SAFE_INTEGER)
  const isNegativeHits = read['isNegativeHits'] ?? false
  if (typeof isNegativeHits !== 'boolean') {
    throw badRequest(`${kindOf(isNegativeHits)} is not true or false`, `${path}.isNegativeHits`)
  }
  return {
    entries: listIn(read['entries'], `${path}.entries`).map((one, i) =>
      entryOf(one, `${path}.entries[${i}]`),
    ),
    ...(read['limit'] !== undefined && { limit: overrideOf(read['limit'], `${path}.limit`) }),
    ...(hitsAddend !== undefined && { hitsAddend }),
    ...(isNegativeHits && { isNegativeHits }),
  }
}

function entryOf(value: unknown, path: string): DescriptorEntry {
  const read = fieldsOf(value, path, ['key', 'value'])
  return { key: textIn(read['key'], `${path}.key`), value: textIn(read['value'], `${path}.value`) }
}

function overrideOf(value: unknown, path: string): RateLimitOverride {
  const read = fieldsOf(value, path, ['requestsPerUnit', 'unit', 'unitMultiplier'])
  const unitMultiplier = wholeIn(read['unitMultiplier'], `${path}.unitMultiplier`, UINT32_MAX)
  return {
    requestsPerUnit: wholeIn(read['requestsPerUnit'], `${path}.requestsPerUnit`, UINT32_MAX) ?? 0,
    unit: unitIn(read['unit'], `${path}.unit`),
    ...(unitMultiplier !== undefined && { unitMultiplier }),
  }
}

/** Units of an override, by their numbers: there is no week among them. */
const NUMBERED = LIMIT_UNITS.filter((unit) => unit !== 'WEEK')

/** 0 and `UNKNOWN` are what nothing said means, and no unit. */
function unitIn(value: unknown, path: string): LimitUnit {
  const unit = typeof value === 'number' ? NUMBERED[value - 1] : NUMBERED.find((one) => one === value)
  if (unit !== undefined) return unit
  const what =
    value === undefined ? 'the unit is missing' : `${JSON.stringify(value).slice(0, 60)} is not a unit`
  throw badRequest(`${what}; send ${NUMBERED.join(', ')}`, path)
}

/** The fields of a message, by their names in JSON; the names of the protocol are taken too. */
function fieldsOf(value: unknown, path: string, known: readonly string[]): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    const what = path === '' ? 'the body' : path
    throw badRequest(`${what} is ${kindOf(value)}, not an object of ${known.join(', ')}`, path)
  }
  const fields = new Map<string, unknown>()
  for (const [written, one] of Object.entries(value)) {
    const name = written.replaceAll(/_([a-z])/g, (_, letter: string) => letter.toUpperCase())
    if (!known.includes(name)) {
      throw badRequest(`unknown field ${JSON.stringify(written.slice(0, 60))}${suggest(name, known)}`, path)
    }
    if (fields.has(name)) throw badRequest(`${name} is there in both spellings; keep one`, path)
    if (one !== null) fields.set(name, one)
  }
  return Object.fromEntries(fields)
}

function textIn(value: unknown, path: string): string {
  if (value === undefined || typeof value === 'string') return value ?? ''
  throw badRequest(`${kindOf(value)} is not a text`, path)
}

function listIn(value: unknown, path: string): readonly unknown[] {
  if (value === undefined || Array.isArray(value)) return value ?? []
  throw badRequest(`${kindOf(value)} is not a list`, path)
}

/** A number, or one as a text: those of 64 bits are written so. */
function wholeIn(value: unknown, path: string, max: number): number | undefined {
  if (value === undefined) return undefined
  const number = typeof value === 'string' && /^\d{1,20}$/.test(value) ? Number(value) : value
  if (typeof number === 'number' && Number.isSafeInteger(number) && number >= 0 && number <= max)
    return number
  throw badRequest(`${kindOf(value)} is not a whole number from 0 to ${max}`, path, 'invalid-cost')
}

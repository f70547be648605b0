import type { LimitRequest, Rate } from 'headgate'
import { badRequest } from '../../service/describe-failure.ts'

/** Stands for all policies that match. */
const ALL = '*'

/** What may stand behind the attributes: a word, and its value. */
type OptionName = 'COST' | 'LIMIT' | 'TTL' | 'DEADLINE'

/** A request as a command writes it: a policy, attributes as `name=value`, then options. */
export interface ReadRequest {
  readonly request: LimitRequest
  readonly ttl?: string
  readonly deadline?: string
}

/** Reads `<policy|*> name=value… [COST n] [LIMIT rate] …`, with the options that this command has. */
export function readRequest(args: readonly string[], options: readonly OptionName[]): ReadRequest {
  const [policy = '', ...rest] = args
  const first = rest.findIndex((word) => !word.includes('='))
  const pairs = first === -1 ? rest : rest.slice(0, first)
  const given = readOptions(first === -1 ? [] : rest.slice(first), options)
  const { COST, LIMIT, TTL, DEADLINE } = given
  return {
    request: {
      who: readAttributes(pairs),
      ...(policy !== ALL && { policy }),
      ...(COST !== undefined && { cost: wholeNumber(COST, 'cost') }),
      ...(LIMIT !== undefined && { limit: LIMIT as Rate }),
    },
    ...(TTL !== undefined && { ttl: TTL }),
    ...(DEADLINE !== undefined && { deadline: DEADLINE }),
  }
}

function readAttributes(pairs: readonly string[]): Readonly<Record<string, string>> {
  const attributes = new Map<string, string>()
  for (const pair of pairs) {
    const at = pair.indexOf('=')
    const name = pair.slice(0, at)
    if (name === '')
      throw badRequest(`${shown(pair)} has no name; write an attribute as user=alice`, 'attributes')
    if (attributes.has(name)) throw badRequest(`${shown(name)} is there twice`, `attributes.${name}`)
    attributes.set(name, pair.slice(at + 1))
  }
  return Object.fromEntries(attributes)
}

function readOptions(
  words: readonly string[],
  known: readonly OptionName[],
): Partial<Record<OptionName, string>> {
  const options: Partial<Record<OptionName, string>> = {}
  for (let i = 0; i < words.length; i += 2) {
    const word = words[i] as string
    const name = known.find((one) => one === word.toUpperCase())
    if (name === undefined) {
      const fix =
        known.length === 0
          ? 'attributes are name=value'
          : `attributes are name=value, options ${known.join(', ')}`
      throw badRequest(`${shown(word)} is neither an attribute nor an option; ${fix}`, '')
    }
    const value = words[i + 1]
    if (value === undefined) throw badRequest(`${name} needs a value behind it`, name.toLowerCase())
    if (options[name] !== undefined) throw badRequest(`${name} is there twice`, name.toLowerCase())
    options[name] = value
  }
  return options
}

/** A whole number as programs write it, also with a plus sign. */
export function wholeNumber(text: string, field: string, least = 0): number {
  const value = /^\+?\d{1,16}$/.test(text) ? Number(text) : Number.NaN
  if (Number.isSafeInteger(value) && value >= least) return value
  const code = field === 'cost' ? 'invalid-cost' : 'invalid-request'
  throw badRequest(`${shown(text)} is no whole number from ${least} to 2^53 - 1`, field, code)
}

function shown(text: string): string {
  return JSON.stringify(text.length > 64 ? `${text.slice(0, 64)}…` : text)
}

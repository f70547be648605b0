import { isInNetwork, type Network, parseAddress, parseNetwork } from '../core/address.ts'
import { invalid, show, wrong } from '../core/errors.ts'
import { attributeText } from '../core/key.ts'
import type { AccessList } from '../core/policy-options.ts'
import { isRecord } from '../core/validate.ts'
import type { RequestAttributes } from './matcher.ts'

/** The list that a request is on; `deny` where it is on both, null where it is on neither. */
export type Listed = 'allow' | 'deny' | null

/** Looks up a request in both lists. */
export type AccessLists = (request: RequestAttributes) => Listed

/** Compiles both lists; null where both are empty. A mistake is an `invalid-options` error. */
export function compileAccessLists(allow: AccessList = {}, deny: AccessList = {}): AccessLists | null {
  const [allows, denies] = [compileList(allow, 'options.allow'), compileList(deny, 'options.deny')]
  if (allows.length + denies.length === 0) return null
  return (request) => {
    const passes = (test: Test): boolean => test(request)
    return denies.some(passes) ? 'deny' : allows.some(passes) ? 'allow' : null
  }
}

type Test = (request: RequestAttributes) => boolean

/** One test per attribute; a request is on the list when any of its attributes has a listed value. */
function compileList(list: AccessList, path: string): Test[] {
  if (!isRecord(list)) throw wrong(list, 'is not a list; write { attribute: [value, …] }', path)
  return Object.entries(list).map(([attribute, given]): Test => {
    const texts = checkValues(given, `${path}.${attribute}`)
    const test = attribute === 'ip' ? inNetworks(texts, `${path}.ip`) : (text: string) => texts.has(text)
    return ({ attributes }) => {
      const text = attributeText(attributes, attribute)
      return text !== undefined && test(text)
    }
  })
}

function inNetworks(texts: ReadonlySet<string>, path: string): (text: string) => boolean {
  const networks = Array.from(texts, (text): Network => {
    const network = parseNetwork(text)
    if (network === null) {
      throw invalid(path, `${show(text)} is not an address; use one such as 192.0.2.1 or 10.0.0.0/8`)
    }
    return network
  })
  return (text) => {
    const address = parseAddress(text)
    return address !== null && networks.some((network) => isInNetwork(address, network))
  }
}

function checkValues(given: unknown, path: string): ReadonlySet<string> {
  const isValid = (value: unknown): boolean =>
    (typeof value === 'string' && value !== '') || Number.isSafeInteger(value)
  if (Array.isArray(given) && given.every(isValid)) return new Set(given.map(String))
  throw wrong(given, 'is not a list of texts and whole numbers', path)
}

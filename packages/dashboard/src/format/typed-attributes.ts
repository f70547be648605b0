/** Attributes as a person types them: `user=alice ip=192.0.2.7`. */
import type { ListedPolicy } from '../live/admin-answers.ts'
import { attributesOf } from './key-reach.ts'

const EXAMPLE = 'as in user=alice ip=192.0.2.7'
/** A value stands in quotes where it has blanks. */
const ATTRIBUTE = /([^\s="]+)=(?:"([^"]*)"|([^\s"]+))(?=\s|$)/g
/** What looks like a list of attributes with commas between them. */
const LISTED = /,([^\s=,]+)=/

/** The attributes that decide anything in these policies: those of their keys and of what they match. */
export function knownAttributes(policies: readonly ListedPolicy[]): ReadonlySet<string> {
  return new Set(policies.flatMap((policy) => [...attributesOf(policy), ...Object.keys(policy.match ?? {})]))
}

/** Reads attributes, of those that are known. Answers what was not understood as a sentence. */
export function readAttributes(
  text: string,
  known: ReadonlySet<string>,
): Readonly<Record<string, string>> | string {
  const found = [...text.matchAll(ATTRIBUTE)].map(([, name = '', quoted, plain = '']) => ({
    name,
    value: quoted ?? plain,
    listed: quoted === undefined ? LISTED.exec(plain)?.[1] : undefined,
  }))
  const rest = text.replaceAll(ATTRIBUTE, '').trim()
  const [listed] = found.flatMap((one) => one.listed ?? [])
  const unknown = found.map(({ name }) => name).filter((name) => !known.has(name))
  const twice = found.find(({ name }, i) => found.findIndex((one) => one.name === name) !== i)?.name
  if (listed !== undefined)
    return `Write a blank before ${listed}, and no comma, ${EXAMPLE}; or the value that has the comma in quotes`
  if (unknown.length > 0)
    return `No policy knows ${unknown.join(' or ')}, but ${[...known].join(', ')}. A value with blanks stands in quotes: user="a b"`
  if (rest !== '')
    return `“${rest}” is no attribute: write name=value, ${EXAMPLE}; a value with blanks in quotes`
  if (twice !== undefined) return `${twice} is there twice: write it once, ${EXAMPLE}`
  if (found.length === 0) return `Write at least one attribute, ${EXAMPLE}`
  return Object.fromEntries(found.map(({ name, value }) => [name, value]))
}

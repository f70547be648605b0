import { createHash, scryptSync } from 'node:crypto'
import { basename } from 'node:path'
import type { ConfigSource, SourceText } from './config-source.ts'
import type { Substitution } from './substitute-document.ts'

/**
 * What everybody may see of a configuration: 12 digits that are others where a text or the value of a variable in it is
 * another. Values go through scrypt, so that nobody can try passwords by the million until the hash is right. `beside` tells apart what
 * stands in other files that it names; empty where it names none.
 */
export function hashOf(
  texts: readonly SourceText[],
  substitutions: readonly Substitution[],
  beside = '',
): string {
  const [only] = texts
  const isOne = only !== undefined && texts.length === 1
  const of = sha256((isOne ? only.text : JSON.stringify(named(texts))) + beside)
  const used = new Map(substitutions.flatMap((one) => [...one.used]))
  if (used.size === 0) return of.slice(0, 12)
  const values = JSON.stringify([...used].sort(([a], [b]) => (a < b ? -1 : 1)))
  return sha256(of + scryptSync(values, of, 32, { N: 4096 }).toString('hex')).slice(0, 12)
}

/** Tells what was read from anything else. Not to be shown: of a short secret it gives everything away. */
export function fingerprintOf({ texts, variables }: ConfigSource): string {
  return sha256(JSON.stringify([named(texts), [...variables]]))
}

/** By the names in the folder, wherever that is mounted. */
function named(texts: readonly SourceText[]): unknown {
  return texts.map(({ file, text }) => [basename(file), text])
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

import { createLimiter } from 'headgate'
import type { TokenSettings } from '../service/access/token-settings.ts'
import type { Mistake } from './config-error.ts'
import { libraryMistake } from './library-mistake.ts'
import type { FileShape } from './schema/file-shape.ts'
import { show } from './unknown-name.ts'

/** What is wrong with the tokens of a file. */
export function tokenMistakes({ tokens = [] }: FileShape): Mistake[] {
  const names = new Set<string>()
  const holders = new Map<string, string>()
  return tokens.flatMap((token, i) => {
    const { name, hash } = token
    const mistakes: Mistake[] = [...limitMistakes(token, i), ...listMistakes(token, i)]
    if (names.has(name)) {
      mistakes.push({
        path: ['tokens', i, 'name'],
        message: `${show(name)} is there twice; give each its own`,
      })
    }
    const holder = holders.get(hash)
    if (holder !== undefined) {
      const message = `is that of ${show(holder)} as well; make another with "headgate key new"`
      mistakes.push({ path: ['tokens', i, 'hash'], message })
    }
    names.add(name)
    holders.set(hash, name)
    return mistakes
  })
}

function limitMistakes({ limit }: TokenSettings, i: number): Mistake[] {
  if (limit === undefined) return []
  const mistake = libraryMistake(() => createLimiter({ limit }), { limit })
  const path = ['tokens', i, 'limit']
  if (mistake !== null) return [{ ...mistake, path }]
  const units = typeof limit === 'string' ? Number.parseFloat(limit) : limit.limit
  return units > 0
    ? []
    : [{ path, message: 'lets its holder never ask; give at least 1, or remove the token' }]
}

/** What is twice in a list is a slip: something else was meant. */
function listMistakes(token: TokenSettings, i: number): Mistake[] {
  return (['scopes', 'domains', 'policies'] as const).flatMap((field) => {
    const list: readonly string[] = token[field] ?? []
    return list.flatMap((one, at) =>
      list.indexOf(one) === at
        ? []
        : [{ path: ['tokens', i, field, at], message: `${show(one)} is there twice; remove one` }],
    )
  })
}

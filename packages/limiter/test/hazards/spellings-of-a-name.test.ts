import { expect, it } from 'vitest'
import { createLimiter } from '../../src/create-limiter.ts'
import { normalizeKey } from '../../src/http/normalize-key.ts'

it('gives five spellings of an e-mail five guesses in all, where bytes give each its own', () => {
  const emails = ['zoë@x.org', 'Zoë@x.org', ' zoë@x.org', 'ZOË@X.ORG ', 'zoe\u0308@x.org']
  const guesses = (keyOf: (email: string) => string): number => {
    const login = createLimiter({ limit: '5/15m' })
    const all = emails.flatMap((email) => new Array<string>(5).fill(email))
    return all.filter((email) => login.consumeSync(keyOf(email)).allowed).length
  }
  expect(guesses((email) => normalizeKey(email) ?? '')).toBe(5)
  expect(guesses((email) => email)).toBe(25)
})

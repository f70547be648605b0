import { randomBytes } from 'node:crypto'

/** A seed that nobody can foretell. */
export function newSeed(): string {
  return randomBytes(32).toString('base64url')
}

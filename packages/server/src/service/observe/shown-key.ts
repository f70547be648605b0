import { createHmac, randomBytes } from 'node:crypto'
import type { KeyView, PolicyOptions } from 'headgate'
import { isShown } from '../shown-explanation.ts'

/** Drawn by each process: what is shown of a secret tells keys apart and is of no use for anything else. */
const SECRET = randomBytes(32)

/** Of everybody, hashed, or of an address in place of a key that is missing: readable to anybody. */
const OPEN_FORMS = /^~[ghi]/

/** Longest key that is kept; a longer one is cut. */
const LENGTH_MAX = 200

/**
 * A key as it may be kept and listed: itself where its policy is keyed by what explanations show, or where it is hashed; else
 * `…` and 12 digits by which this process tells such keys apart.
 */
export function shownKey({ policy, key }: KeyView, options: PolicyOptions | undefined): KeyView {
  const attributes = [options?.key ?? []].flat()
  const isReadable = attributes.length > 0 && attributes.every(isShown)
  if (OPEN_FORMS.test(key) || isReadable) return { policy, key: cut(key) }
  return { policy, key: `…${createHmac('sha256', SECRET).update(key).digest('hex').slice(0, 12)}` }
}

function cut(key: string): string {
  return key.length > LENGTH_MAX ? `${key.slice(0, LENGTH_MAX)}…` : key
}

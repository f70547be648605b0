import { createHmac, randomBytes } from 'node:crypto'
import { getEnvironmentData, setEnvironmentData } from 'node:worker_threads'
import type { KeyView, PolicyOptions } from 'headgate'
import { isShown, shownValue } from '../shown-explanation.ts'
import { BY_ADDRESS, EVERYBODY, joinKey, keyWords, plainKey, splitKey } from './key-parts.ts'

/** Drawn by each process: what is shown of a secret tells keys apart and is of no use for anything else. */
const SECRET = secretOfProcess('headgate.shown-keys')

/** Of everybody, hashed, or of an address in place of a key that is missing: readable to anybody. */
const OPEN_FORMS = /^~[ghi]/

/** Longest key that is kept; a longer one is cut. */
const LENGTH_MAX = 200
/** See `mark`. */
const MARK = /…[0-9a-f]{12}$/
const MARK_LENGTH = 13

/**
 * A key as it may be kept and listed: itself where its policy is keyed by what explanations show, or where it is hashed; else
 * `…` and 12 digits by which this process tells such keys apart. The same stands in place of values of a descriptor that are not
 * shown, and after a key that is cut.
 */
export function shownKey({ policy, key }: KeyView, options: PolicyOptions | undefined): KeyView {
  if (OPEN_FORMS.test(key)) return { policy, key: cut(key) }
  const shown = shownParts(key, options)
  return { policy, key: shown === null ? mark(key) : cut(joinKey(shown.map(([, value]) => value)), key) }
}

/**
 * The same for people: `ip=192.0.2.1 user=ann` of several attributes, the value of a single one, `everybody`, and `ip=192.0.2.1`
 * for an address in place of a key that is missing.
 */
export function readableShownKey(key: string, options: PolicyOptions): string {
  if (key === EVERYBODY) return keyWords({})
  if (key.startsWith(BY_ADDRESS)) return cut(keyWords({ ip: key.slice(BY_ADDRESS.length) }), key)
  if (OPEN_FORMS.test(key)) return cut(key)
  const shown = shownParts(key, options)
  if (shown === null) return mark(key)
  const [first, second] = shown
  const words =
    first !== undefined && second === undefined ? plainKey(first[1]) : keyWords(Object.fromEntries(shown))
  return cut(words, key)
}

/** What may be shown of each attribute of a key; null where nothing may. */
function shownParts(
  key: string,
  options: PolicyOptions | undefined,
): readonly (readonly [attribute: string, value: string])[] | null {
  const attributes = [options?.key ?? []].flat()
  const parts = attributes.length > 0 && attributes.every(isShown) ? splitKey(key, attributes.length) : null
  if (parts === null) return null
  return attributes.map((name, i) => [name, shownValue(name, parts[i] as string, mark)])
}

/** A key as it is shown, cut after `max` characters, with what tells it from others that begin alike. */
export function shorterKey(key: string, max: number): string {
  if (key.length <= max) return key
  // One that was cut already keeps its digits, so that it is the same key in all lists.
  const behind =
    key.length === LENGTH_MAX + MARK_LENGTH && MARK.test(key) ? key.slice(-MARK_LENGTH) : mark(key)
  return `${key.slice(0, max)}${behind}`
}

/** Stands for a text: the same for the same one. */
function mark(text: string): string {
  return `…${createHmac('sha256', SECRET).update(text).digest('hex').slice(0, 12)}`
}

/** Two keys that begin alike stay two. */
function cut(key: string, whole = key): string {
  return key.length > LENGTH_MAX ? `${key.slice(0, LENGTH_MAX)}${mark(whole)}` : key
}

/** The same in all threads that are begun later. */
function secretOfProcess(name: string): Buffer {
  const known = getEnvironmentData(name)
  if (known instanceof Uint8Array) return Buffer.from(known)
  const drawn = randomBytes(32)
  setEnvironmentData(name, drawn)
  return drawn
}

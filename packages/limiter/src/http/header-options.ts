import { invalid, wrong } from '../core/errors.ts'
import { checkFields, suggest } from '../core/validate.ts'

/** Which fields tell a client of its limits. Every denial that a wait ends has `Retry-After`, whatever is chosen here. */
export interface HeaderOptions {
  /**
   * The generation of draft-ietf-httpapi-ratelimit-headers, or none. `draft-11`, unchanged since draft 8: `RateLimit-Policy` and
   * `RateLimit` with names. `draft-7`: the same two fields with numbers alone. `draft-6`: `RateLimit-Limit`, `-Remaining`,
   * `-Reset` and `-Policy`.
   * @default 'draft-11'
   */
  readonly standard?: 'draft-11' | 'draft-7' | 'draft-6' | false
  /**
   * `X-RateLimit-Limit`, `-Remaining`, `-Reset` and `-Policy` as well. Their reset counts seconds from now with `true` or `delta`,
   * and since 1970 with `epoch`.
   * @default false
   */
  readonly legacy?: boolean | 'delta' | 'epoch'
  /**
   * Tells by `pk` of `draft-11` whose budget it is: 12 bytes of the HMAC-SHA-256 of the key, so that nobody without the secret
   * reads the key from it or finds it by trying. The secret has at least 16 characters.
   * @default no `pk`
   */
  readonly partitionKey?: { readonly secret: string }
  /**
   * What `draft-11` counts, its `qu`: `content-bytes`, `concurrent-requests`, or a word of your own, such as `tokens`.
   * @default 'requests', which is not sent
   */
  readonly unit?: string
  /**
   * Names the fields sent in `Access-Control-Expose-Headers`, without which scripts of other origins cannot read them.
   * @default false
   */
  readonly expose?: boolean
}

/** Checked {@link HeaderOptions}. */
export interface HeaderConfig {
  readonly standard: (typeof STANDARDS)[number] | null
  readonly legacy: 'delta' | 'epoch' | null
  readonly secret: string | null
  readonly unit: string
  readonly expose: boolean
}

const STANDARDS = ['draft-11', 'draft-7', 'draft-6'] as const
const FIELDS = ['standard', 'legacy', 'partitionKey', 'unit', 'expose']
const SECRET_LENGTH_MIN = 16
/** The unit where none is named (draft 11, section 3.1.1). */
export const REQUESTS = 'requests'
const NO_FIELDS: HeaderConfig = { standard: null, legacy: null, secret: null, unit: REQUESTS, expose: false }

/** Whether the options have clients told of limits, and not only when to come back. */
export function tellsClients(options: false | HeaderOptions): boolean {
  const { standard, legacy } = resolveHeaders(options, 'headers')
  return standard !== null || legacy !== null
}

/** Checks the option at `path`; mistakes are `invalid-options` errors. */
export function resolveHeaders(options: false | HeaderOptions, path: string): HeaderConfig {
  if (options === false) return NO_FIELDS
  checkFields(options, FIELDS, path)
  const { standard = 'draft-11', legacy = false, partitionKey, unit = REQUESTS, expose = false } = options
  if (standard !== false && !STANDARDS.includes(standard)) {
    const fix = `${suggest(standard, STANDARDS)}, or false for none`
    throw wrong(standard, `is no generation of fields${fix}`, `${path}.standard`)
  }
  if (typeof legacy !== 'boolean' && legacy !== 'delta' && legacy !== 'epoch') {
    throw wrong(legacy, 'is no style of legacy fields; use true, false, delta or epoch', `${path}.legacy`)
  }
  if (typeof unit !== 'string' || !/^[\x20-\x7e]{1,64}$/.test(unit)) {
    const fix = 'use 1 to 64 characters of printable ASCII, such as content-bytes'
    throw wrong(unit, `is no unit; ${fix}`, `${path}.unit`)
  }
  if (typeof expose !== 'boolean') throw wrong(expose, 'is neither true nor false', `${path}.expose`)
  const secret = partitionKey === undefined ? null : checkSecret(partitionKey, `${path}.partitionKey`)
  if (standard !== 'draft-11') rejectWhatOnlyDraft11Has(options, path)
  return {
    standard: standard === false ? null : standard,
    legacy: legacy === true ? 'delta' : legacy === false ? null : legacy,
    secret,
    unit,
    expose,
  }
}

function checkSecret(partitionKey: { readonly secret: string }, path: string): string {
  checkFields(partitionKey, ['secret'], path)
  const { secret } = partitionKey
  if (typeof secret === 'string' && secret.length >= SECRET_LENGTH_MIN) return secret
  // The value stays out of the message: messages are logged.
  throw invalid(
    `${path}.secret`,
    `is not a secret of at least ${SECRET_LENGTH_MIN} characters; draw one at random`,
  )
}

function rejectWhatOnlyDraft11Has(options: HeaderOptions, path: string): void {
  for (const field of ['partitionKey', 'unit'] as const) {
    if (options[field] === undefined) continue
    throw invalid(
      `${path}.${field}`,
      'only draft-11 has a place for it; leave it out, or use standard: draft-11',
    )
  }
}

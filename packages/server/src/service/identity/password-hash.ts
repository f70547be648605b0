import * as crypto from 'node:crypto'

/** What a text `$scrypt$…` or `$argon2id$…` says: how a password was hashed, and what came of it. */
export interface PasswordHash {
  readonly kind: 'scrypt' | 'argon2id'
  /** scrypt: binary logarithm of N, r and p. argon2id: KiB of memory, passes and lanes. */
  readonly costs: readonly [number, number, number]
  readonly salt: Buffer
  readonly digest: Buffer
}

/** Longest password in bytes: more is no password, and hashing takes time for all of it. */
export const PASSWORD_BYTES_MAX = 1024

const MIB = 1024 * 1024
/** What one hash may take: clients decide when it is computed. */
const MEMORY_MAX = 256 * MIB
/** N · r · p of 2^14 · 8 · 1: a fifth of what OWASP lists, since older files have that. */
const SCRYPT_WORK_MIN = 2 ** 14 * 8
const ARGON2_KIB_MIN = 7 * 1024
/** What the work of one hash may be, in bytes that are gone through. */
const WORK_MAX = 2048 * MIB

/** 32 MiB, and a third of a second of a slow core: what OWASP lists with N = 2^15. */
const SCRYPT_COSTS = [15, 8, 3] as const
/** 19 MiB, and a tenth of that time: what OWASP lists with 2 passes. */
const ARGON2_COSTS = [19_456, 2, 1] as const
const SALT_BYTES = 16
const DIGEST_BYTES = 32

const B64 = '([A-Za-z0-9+/]{11,86})'
const SCRYPT = new RegExp(String.raw`^\$scrypt\$ln=(\d{1,2}),r=(\d{1,2}),p=(\d{1,2})\$${B64}\$${B64}$`)
const ARGON2 = new RegExp(String.raw`^\$argon2id\$v=19\$m=(\d{1,7}),t=(\d{1,3}),p=(\d{1,2})\$${B64}\$${B64}$`)

/** Whether this Node has argon2: from 24.7 on. */
export function hasArgon2(): boolean {
  return typeof crypto.argon2 === 'function'
}

/** Reads a hash in the format of the Password Hashing Competition; else what is wrong with it, without repeating it. */
export function parsePasswordHash(text: string): PasswordHash | string {
  const kind = text.startsWith('$argon2id$') ? 'argon2id' : 'scrypt'
  const [, a, b, c, salt = '', digest = ''] = (kind === 'scrypt' ? SCRYPT : ARGON2).exec(text) ?? []
  if (a === undefined) return 'is not the hash of a password; "headgate hash" prints one'
  const costs = [Number(a), Number(b), Number(c)] as const
  const mistake = kind === 'scrypt' ? scryptMistake(costs) : argon2Mistake(costs)
  if (mistake !== null) return mistake
  const parsed = { salt: Buffer.from(salt, 'base64'), digest: Buffer.from(digest, 'base64') }
  const isShort = parsed.salt.length < 8 || parsed.digest.length < 16
  return isShort ? 'has less than 8 bytes of salt or 16 of hash' : { kind, costs, ...parsed }
}

/** Hashes a password with a salt of its own: the text that a configuration has of it. */
export async function hashPassword(password: string, kind: PasswordHash['kind'] = 'scrypt'): Promise<string> {
  const salt = crypto.randomBytes(SALT_BYTES)
  const costs = kind === 'scrypt' ? SCRYPT_COSTS : ARGON2_COSTS
  const digest = await digestOf(password, { kind, costs, salt, digest: Buffer.alloc(DIGEST_BYTES) })
  const [a, b, c] = costs
  const terms = kind === 'scrypt' ? `ln=${a},r=${b},p=${c}` : `v=19$m=${a},t=${b},p=${c}`
  return `$${kind}$${terms}$${unpadded(salt)}$${unpadded(digest)}`
}

/** Whether a hash is that of a password. Computes on the threads of libuv, not on this one. */
export async function isPasswordOf(hash: PasswordHash, password: string): Promise<boolean> {
  return crypto.timingSafeEqual(await digestOf(password, hash), hash.digest)
}

function digestOf(password: string, { kind, costs, salt, digest }: PasswordHash): Promise<Buffer> {
  const [a, b, c] = costs
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>()
  const done = (reason: Error | null, made: Buffer): void =>
    reason === null ? resolve(made) : reject(reason)
  if (kind === 'scrypt') {
    const options = { N: 2 ** a, r: b, p: c, maxmem: MEMORY_MAX + 2 * MIB }
    crypto.scrypt(password, salt, digest.length, options, done)
  } else {
    const given = { message: password, nonce: salt, memory: a, passes: b, parallelism: c }
    crypto.argon2('argon2id', { ...given, tagLength: digest.length }, done)
  }
  return promise
}

function scryptMistake([ln, r, p]: readonly [number, number, number]): string | null {
  const bytes = 128 * 2 ** ln * r
  if (2 ** ln * r * p < SCRYPT_WORK_MIN) return 'is hashed too weakly: scrypt takes ln=14,r=8,p=1 or more'
  return bytes > MEMORY_MAX || bytes * p > WORK_MAX ? tooStrong() : null
}

function argon2Mistake([kib, passes, lanes]: readonly [number, number, number]): string | null {
  if (!hasArgon2()) return 'is one of argon2id, which takes Node 24.7 or later; use one of scrypt'
  if (kib < ARGON2_KIB_MIN || passes < 1 || lanes < 1)
    return 'is hashed too weakly: argon2id takes m=7168 or more'
  const bytes = kib * 1024
  return bytes > MEMORY_MAX || bytes * passes > WORK_MAX ? tooStrong() : null
}

function tooStrong(): string {
  return 'takes too much memory or time for each login: up to 256 MiB, gone through 8 times'
}

function unpadded(bytes: Buffer): string {
  return bytes.toString('base64').replace(/=+$/, '')
}

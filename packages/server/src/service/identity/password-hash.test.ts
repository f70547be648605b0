import { describe, expect, it } from 'vitest'
import { hasArgon2, hashPassword, isPasswordOf, parsePasswordHash } from './password-hash.ts'

const SALT = 'YW55IHNhbHQgb2YgMTYgYg'
const DIGEST = 'A'.repeat(43)
/** RFC 7914, section 12: N = 2^14, r = 8, p = 1, of which 64 bytes. */
const RFC_7914 =
  '7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2d5432955613f0fcf62d49705242a9af9e61e85dc0d651e40dfcf017b45575887'

async function verify(text: string, password: string): Promise<boolean> {
  const hash = parsePasswordHash(text)
  if (typeof hash === 'string') throw new Error(hash)
  return isPasswordOf(hash, password)
}

describe('password hashes', () => {
  it('are those of their password alone, and never the same twice', async () => {
    const kinds = hasArgon2() ? (['scrypt', 'argon2id'] as const) : (['scrypt'] as const)
    for (const kind of kinds) {
      const [one, other] = await Promise.all([hashPassword('pässwörd', kind), hashPassword('pässwörd', kind)])
      expect(one).not.toBe(other)
      expect(one).toMatch(new RegExp(String.raw`^\$${kind}\$`))
      expect([await verify(one, 'pässwörd'), await verify(one, 'passwörd')]).toEqual([true, false])
    }
  })

  it('are taken as other programs write them', async () => {
    const base64 = (text: string, encoding: BufferEncoding): string =>
      Buffer.from(text, encoding).toString('base64').replace(/=+$/, '')
    const text = `$scrypt$ln=14,r=8,p=1$${base64('SodiumChloride', 'utf8')}$${base64(RFC_7914, 'hex')}`
    expect(await verify(text, 'pleaseletmein')).toBe(true)
  })

  it.each([
    ['a password', 'secret', 'is not the hash of a password; "headgate hash" prints one'],
    ['one of bcrypt', '$2y$10$abcdefghijklmnopqrstuv', 'is not the hash of a password'],
    ['one of htpasswd', '{SHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g=', 'is not the hash of a password'],
    ['argon2i', `$argon2i$v=19$m=19456,t=2,p=1$${SALT}$${DIGEST}`, 'is not the hash of a password'],
    ['weak scrypt', `$scrypt$ln=13,r=8,p=1$${SALT}$${DIGEST}`, 'is hashed too weakly'],
    ['scrypt of 1 GiB', `$scrypt$ln=20,r=8,p=1$${SALT}$${DIGEST}`, 'takes too much memory or time'],
    ['scrypt of minutes', `$scrypt$ln=15,r=8,p=99$${SALT}$${DIGEST}`, 'takes too much memory or time'],
    ['a short digest', `$scrypt$ln=15,r=8,p=3$${SALT}$QUJDREVGR0hJSg`, 'has less than'],
    ['a short salt', `$scrypt$ln=15,r=8,p=3$QUJD$${DIGEST}`, 'is not the hash of a password'],
    ['no cost', `$scrypt$ln=99,r=0,p=0$${SALT}$${DIGEST}`, 'is hashed too weakly'],
  ])('refuse %s, and do not repeat it', (_, text, message) => {
    const parsed = parsePasswordHash(text)
    expect(parsed).toContain(message)
    expect(parsed).not.toContain(text)
  })

  it.runIf(hasArgon2()).each([
    ['weak argon2id', `$argon2id$v=19$m=1024,t=2,p=1$${SALT}$${DIGEST}`, 'is hashed too weakly'],
    ['argon2id of minutes', `$argon2id$v=19$m=65536,t=999,p=1$${SALT}$${DIGEST}`, 'takes too much'],
  ])('refuse %s', (_, text, message) => {
    expect(parsePasswordHash(text)).toContain(message)
  })
})

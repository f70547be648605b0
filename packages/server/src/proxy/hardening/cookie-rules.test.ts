import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { CookieSettings } from '../../service/proxy-settings/hardening-settings.ts'
import { compileCookies } from './cookie-rules.ts'

const BASE: CookieSettings = { secure: true, sameSite: 'lax', readable: ['XSRF-TOKEN'], exempt: ['legacy'] }

describe('a cookie', () => {
  const cookie = compileCookies(BASE)

  it.each([
    ['a=1', 'a=1; Secure; HttpOnly; SameSite=Lax'],
    ['a=1; secure; httponly; samesite=strict', 'a=1; secure; httponly; samesite=strict'],
    ['a=1;Secure;HttpOnly;SameSite=None', 'a=1;Secure;HttpOnly;SameSite=None'],
    ['a=1; Secure=x; HttpOnly = ; SameSite = Lax', 'a=1; Secure=x; HttpOnly = ; SameSite = Lax'],
    ['a=1; SameSite=sometimes', 'a=1; SameSite=sometimes; Secure; HttpOnly; SameSite=Lax'],
    ['a=secure httponly samesite=lax', 'a=secure httponly samesite=lax; Secure; HttpOnly; SameSite=Lax'],
    ['a="1; Secure"', 'a="1; Secure"; Secure; HttpOnly; SameSite=Lax'],
    ['a=1; securely; x-httponly', 'a=1; securely; x-httponly; Secure; HttpOnly; SameSite=Lax'],
    ['XSRF-TOKEN=1; Secure', 'XSRF-TOKEN=1; Secure; SameSite=Lax'],
    ['xsrf-token=1', 'xsrf-token=1; Secure; HttpOnly; SameSite=Lax'],
    ['legacy=1; Path=/', 'legacy=1; Path=/'],
    ['legacy', 'legacy; Secure; HttpOnly; SameSite=Lax'],
    ['a; legacy=1', 'a; legacy=1; Secure; HttpOnly; SameSite=Lax'],
    ['__Host-a=1; Path=/; Secure', '__Host-a=1; Path=/; Secure; HttpOnly; SameSite=Lax'],
    ['__Secure-a=1; Domain=a.example', '__Secure-a=1; Domain=a.example; Secure; HttpOnly; SameSite=Lax'],
  ])('%s is %s over TLS', (line, hardened) => {
    expect(cookie(line, true)).toBe(hardened)
  })

  it('does not become Secure without TLS, where browsers would refuse it', () => {
    expect(cookie('a=1', false)).toBe('a=1; HttpOnly; SameSite=Lax')
  })

  it('gets nothing that the settings leave out', () => {
    const bare = compileCookies({ ...BASE, secure: false, sameSite: null, readable: ['a'] })
    expect(bare('a=1', true)).toBe('a=1')
    expect(compileCookies({ ...BASE, sameSite: 'strict' })('a=1', false)).toMatch(/; SameSite=Strict$/)
  })

  it('begins as it was, and does not change again', () => {
    const line = fc.oneof(
      fc.stringMatching(/^[ -~]{0,40}$/),
      fc
        .array(
          fc.constantFrom(
            'a=1',
            'Secure',
            ' secure ',
            'HttpOnly',
            'SameSite=Lax',
            'SameSite=x',
            'Path=/',
            '',
          ),
        )
        .map((parts) => parts.join(';')),
    )
    fc.assert(
      fc.property(line, fc.boolean(), (text, isSecure) => {
        const once = cookie(text, isSecure)
        expect(once.startsWith(text)).toBe(true)
        expect(cookie(once, isSecure)).toBe(once)
      }),
    )
  })
})

import { describe, expect, it } from 'vitest'
import { explain, flatten } from '../issues.ts'
import { proxyHardeningShape } from '../schema/proxy-hardening-shape.ts'
import { readHardening } from './read-hardening.ts'

const CSRF = ['XSRF-TOKEN', 'CSRF-TOKEN', 'csrftoken', 'csrf-token', 'csrf_token', '_csrf']
const DEFAULTS = {
  preset: 'compat',
  reportPath: null,
  strictTransportSecurity: { maxAgeSeconds: 63_072_000, includeSubDomains: false, preload: false },
  cookies: { secure: true, sameSite: 'lax', readable: CSRF, exempt: [] },
  remove: [],
  keep: [],
}

/** Settings, or mistakes as `path: message`. */
function read(value: unknown): unknown {
  const { data, error } = proxyHardeningShape.safeParse(value, { error: (issue) => explain(issue) })
  const result = error === undefined ? readHardening(data) : error.issues.flatMap((issue) => flatten(issue))
  if (!Array.isArray(result)) return result
  return result.map(({ path, message }) => `${path.join('.')}: ${message}`)
}

describe('hardening', () => {
  it('is compat where the file says nothing, or what a preset says', () => {
    expect(readHardening()).toEqual(DEFAULTS)
    expect(read('strict')).toEqual({ ...DEFAULTS, preset: 'strict' })
    expect(read({})).toEqual(DEFAULTS)
    expect(read('off')).toBeNull()
  })

  it('changes what a preset says', () => {
    const given = {
      preset: 'api',
      contentSecurityPolicy: false,
      reportOnly: true,
      strictTransportSecurity: { maxAge: '365d', includeSubDomains: true, preload: true },
      cookies: { sameSite: false, readable: ['theme'] },
      remove: ['X-Debug', 'x-debug'],
      keep: ['Server'],
    }
    expect(read(given)).toEqual({
      preset: 'api',
      contentSecurityPolicy: null,
      reportOnly: true,
      reportPath: null,
      strictTransportSecurity: { maxAgeSeconds: 31_536_000, includeSubDomains: true, preload: true },
      cookies: { secure: true, sameSite: null, readable: ['theme'], exempt: [] },
      remove: ['x-debug'],
      keep: ['server'],
    })
    const none = { strictTransportSecurity: false, cookies: false, reportPath: '/.well-known/csp-report' }
    expect(read(none)).toMatchObject({
      ...{ strictTransportSecurity: null, cookies: null, reportPath: '/.well-known/csp-report' },
    })
  })

  it.each([
    ['loose', ': "loose" is not one of compat, strict, api, off'],
    [{ presett: 'api' }, 'presett: unknown key "presett" (did you mean "preset"?)'],
    [
      { contentSecurityPolicy: 'a\nset-cookie: b' },
      'proxy.hardening.contentSecurityPolicy: is to be one line of ASCII',
    ],
    [{ reportPath: 'csp' }, 'proxy.hardening.reportPath: "csp" is no path such as /csp-report'],
    [{ reportPath: '/a/../b' }, 'proxy.hardening.reportPath: "/a/../b" is no path such as /csp-report'],
    [{ reportPath: '/a"; b' }, 'proxy.hardening.reportPath: "/a\\"; b" is no path such as /csp-report'],
    [
      { contentSecurityPolicy: false, reportPath: '/csp' },
      'proxy.hardening.reportPath: has no policy that browsers could report on',
    ],
    [
      { strictTransportSecurity: { preload: true } },
      'proxy.hardening.strictTransportSecurity.preload: takes includeSubDomains: true and a maxAge of 365d or more, else no list takes the host',
    ],
    [{ remove: ['a b'] }, 'proxy.hardening.remove.0: "a b" is no name of a field'],
    [{ keep: ['a:'] }, 'proxy.hardening.keep.0: "a:" is no name of a field'],
    [
      { remove: ['X-Content-Type-Options'] },
      'proxy.hardening.remove.0: X-Content-Type-Options is always sent; remove it from here',
    ],
  ])('is not %j', (value, mistake) => {
    expect(read(value)).toEqual([mistake])
  })
})

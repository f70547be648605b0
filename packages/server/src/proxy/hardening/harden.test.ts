import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { HardeningSettings, Preset } from '../../service/proxy-settings/hardening-settings.ts'
import { compileHardening, type ResponseContext } from './harden.ts'
import { REVEALING_FIELDS } from './revealing-fields.ts'

const BASE: HardeningSettings = {
  preset: 'strict',
  reportPath: null,
  strictTransportSecurity: { maxAgeSeconds: 63_072_000, includeSubDomains: false, preload: false },
  cookies: { secure: true, sameSite: 'lax', readable: [], exempt: [] },
  remove: [],
  keep: [],
}
const SECURE: ResponseContext = { isSecure: true, isOwn: false }
const PLAIN: ResponseContext = { isSecure: false, isOwn: false }

function harden(fields: readonly string[], changes: Partial<HardeningSettings> = {}, context = SECURE) {
  return compileHardening({ ...BASE, ...changes })(fields, context)
}

function valuesOf(fields: readonly string[], name: string): string[] {
  return fields.filter((_, i) => i % 2 === 1 && fields[i - 1] === name)
}

describe('a response of an application that sets nothing', () => {
  it('reports violations with compat, and enforces the policy with strict and api', () => {
    const [compat, strict, api] = (['compat', 'strict', 'api'] as const).map((preset) =>
      harden([], { preset }),
    )
    expect(valuesOf(compat as string[], 'content-security-policy')).toEqual([])
    expect(valuesOf(compat as string[], 'content-security-policy-report-only')).toHaveLength(1)
    expect(valuesOf(strict as string[], 'content-security-policy')).toEqual([
      "default-src 'self'; form-action 'self'; base-uri 'self'; object-src 'none'; frame-ancestors 'none'; upgrade-insecure-requests",
    ])
    expect(valuesOf(api as string[], 'content-security-policy')).toEqual([
      "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    ])
  })

  it('has HSTS, and has requests upgraded, over TLS only', () => {
    expect(valuesOf(harden([]), 'strict-transport-security')).toEqual(['max-age=63072000'])
    const plain = harden([], {}, PLAIN)
    expect(valuesOf(plain, 'strict-transport-security')).toEqual([])
    expect(plain.join()).not.toContain('upgrade-insecure-requests')
  })

  it('has HSTS as configured', () => {
    const strictTransportSecurity = { maxAgeSeconds: 60, includeSubDomains: true, preload: true }
    const fields = harden([], { strictTransportSecurity })
    expect(valuesOf(fields, 'strict-transport-security')).toEqual(['max-age=60; includeSubDomains; preload'])
    expect(harden([], { strictTransportSecurity: null })).not.toContain('strict-transport-security')
  })

  it('has the policy of the settings in place of that of the preset, or none', () => {
    const contentSecurityPolicy = "default-src 'self' cdn.example"
    const own = harden([], { contentSecurityPolicy, reportOnly: true })
    expect(valuesOf(own, 'content-security-policy-report-only')).toEqual([contentSecurityPolicy])
    expect(harden([], { contentSecurityPolicy: null }).join()).not.toContain('default-src')
  })

  it('tells browsers where to report to', () => {
    const fields = harden([], { preset: 'compat', reportPath: '/csp' })
    expect(valuesOf(fields, 'content-security-policy-report-only')[0]).toMatch(
      /; report-uri \/csp; report-to headgate$/,
    )
    expect(valuesOf(fields, 'reporting-endpoints')).toEqual(['headgate="/csp"'])
  })
})

describe('fields of the application', () => {
  it('win over those of the preset', () => {
    const given = [
      ...[
        'referrer-policy',
        'origin',
        'x-frame-options',
        'SAMEORIGIN',
        'permissions-policy',
        'camera=(self)',
      ],
      ...['cross-origin-opener-policy', 'unsafe-none', 'cross-origin-resource-policy', 'cross-origin'],
      ...['strict-transport-security', 'max-age=0', 'x-permitted-cross-domain-policies', 'all'],
    ]
    const fields = harden(given)
    for (let i = 0; i < given.length; i += 2) {
      expect(valuesOf(fields, given[i] as string)).toEqual([given[i + 1]])
    }
  })

  it('keep every content security policy, and then get none', () => {
    const own = ['content-security-policy', "img-src 'self'", 'content-security-policy', "script-src 'self'"]
    for (const preset of ['compat', 'strict', 'api'] as const) {
      const fields = harden(own, { preset, reportPath: '/csp' })
      expect(valuesOf(fields, 'content-security-policy')).toEqual([own[1], own[3]])
      expect(fields).not.toContain('content-security-policy-report-only')
      expect(fields).not.toContain('reporting-endpoints')
    }
  })

  it('get a policy in force beside one that only reports', () => {
    const own = ['content-security-policy-report-only', "img-src 'self'"]
    expect(valuesOf(harden(own), 'content-security-policy')).toHaveLength(1)
    expect(valuesOf(harden(own, { preset: 'compat' }), own[0] as string)).toEqual([own[1]])
  })

  it('get a policy where theirs is empty', () => {
    expect(valuesOf(harden(['content-security-policy', ' ']), 'content-security-policy')).toHaveLength(2)
  })

  it('say in frame-ancestors who may frame the page, where X-Frame-Options is then absent', () => {
    const framed = ['content-security-policy', "img-src 'self';Frame-Ancestors https://partner.example"]
    expect(harden(framed)).not.toContain('x-frame-options')
    const other = ['content-security-policy', "img-src 'self'; x-frame-ancestors 'none'"]
    expect(valuesOf(harden(other), 'x-frame-options')).toEqual(['DENY'])
    const reporting = ['content-security-policy-report-only', "frame-ancestors 'self'"]
    expect(valuesOf(harden(reporting), 'x-frame-options')).toEqual(['DENY'])
  })

  it.each([
    ['x-content-type-options', ['nosniff', 'nosniff'], 'nosniff'],
    ['x-content-type-options', ['none'], 'nosniff'],
    ['x-frame-options', ['SAMEORIGIN', 'DENY'], 'DENY'],
    ['x-frame-options', ['deny', 'SAMEORIGIN'], 'deny'],
    ['x-frame-options', ['ALLOW-FROM https://a.example'], 'DENY'],
    ['x-frame-options', ['ALLOWALL', 'sameorigin'], 'sameorigin'],
    ['referrer-policy', ['unsafe-url', 'same-origin', 'origin'], 'same-origin'],
    ['referrer-policy', ['no-referrer, origin'], 'no-referrer, origin'],
    ['referrer-policy', ['sometimes'], 'no-referrer'],
    [
      'cross-origin-opener-policy',
      ['unsafe-none', 'same-origin; report-to="x"'],
      'same-origin; report-to="x"',
    ],
    ['strict-transport-security', ['max-age=1', 'max-age=2'], 'max-age=1'],
    [
      'strict-transport-security',
      ['maxage=1', 'includeSubDomains; max-age="2"'],
      'includeSubDomains; max-age="2"',
    ],
    ['strict-transport-security', ['yes'], 'max-age=63072000'],
  ])('%s of %j are one: %s', (name, lines, value) => {
    expect(valuesOf(harden(lines.flatMap((line) => [name, line])), name)).toEqual([value])
  })

  it('lose HSTS without TLS', () => {
    expect(harden(['strict-transport-security', 'max-age=1'], {}, PLAIN)).not.toContain('max-age=1')
  })

  it('lose those that reveal what it is made of, and those that the settings name', () => {
    const listed = REVEALING_FIELDS.flatMap((name) => [name.replace('*', 'some'), '1'])
    const bare = harden([])
    expect(harden(listed)).toEqual(bare)
    expect(harden(['x-debug', '1', 'x-debug-id', '2'], { remove: ['x-debug'] })).toEqual([
      'x-debug-id',
      '2',
      ...bare,
    ])
    expect(harden(['x-frame-options', 'SAMEORIGIN'], { remove: ['x-frame-options'] })).not.toContain(
      'x-frame-options',
    )
  })

  it('keep those of the list that the settings name', () => {
    const given = ['server', 'a', 'x-envoy-upstream-service-time', '3']
    expect(harden(given, { keep: ['server', 'x-envoy-upstream-service-time'] }).slice(0, 4)).toEqual(given)
  })

  it('keep lines of cookies apart, and untouched where cookies are left alone', () => {
    const given = ['set-cookie', 'a=1', 'set-cookie', 'b=2; HttpOnly']
    expect(valuesOf(harden(given), 'set-cookie')).toEqual([
      'a=1; Secure; HttpOnly; SameSite=Lax',
      'b=2; HttpOnly; Secure; SameSite=Lax',
    ])
    expect(valuesOf(harden(given, { cookies: null }), 'set-cookie')).toEqual(['a=1', 'b=2; HttpOnly'])
  })
})

describe('any response', () => {
  const name = fc.oneof(
    fc.constantFrom(
      ...['x-frame-options', 'referrer-policy', 'strict-transport-security', 'x-content-type-options'],
    ),
    fc.constantFrom(
      ...['content-security-policy', 'permissions-policy', 'server', 'etag', 'set-cookie', 'x-a'],
    ),
    fc.stringMatching(/^[a-z-]{1,12}$/),
  )
  const value = fc.oneof(
    fc.constantFrom(
      ...['DENY', 'SAMEORIGIN', 'no-referrer', 'max-age=5', 'nosniff', "frame-ancestors 'self'"],
    ),
    fc.stringMatching(/^[ -~]{0,20}$/),
  )
  const response = fc.array(fc.tuple(name, value), { maxLength: 20 }).map((pairs) => pairs.flat())
  const settings = fc.record({
    preset: fc.constantFrom<Preset>('compat', 'strict', 'api'),
    reportPath: fc.constantFrom(null, '/csp'),
  })

  it('has each security field once, is hardened by the second time, and keeps what is not of security in order', () => {
    fc.assert(
      fc.property(response, settings, fc.boolean(), (fields, changes, isSecure) => {
        const context = { isSecure, isOwn: false }
        const given = [...fields]
        const once = harden(fields, changes, context)
        expect(fields).toEqual(given)
        expect(valuesOf(once, 'x-content-type-options')).toEqual(['nosniff'])
        for (const single of ['referrer-policy', 'cross-origin-opener-policy']) {
          expect(valuesOf(once, single)).toHaveLength(1)
        }
        expect(valuesOf(once, 'strict-transport-security')).toHaveLength(isSecure ? 1 : 0)
        expect(valuesOf(once, 'x-frame-options').length).toBeLessThanOrEqual(1)
        for (const free of ['etag', 'x-a']) expect(valuesOf(once, free)).toEqual(valuesOf(fields, free))
        const again = harden(once, changes, context)
        if (changes.reportPath === null) expect(new Set(again)).toEqual(new Set(once))
      }),
    )
  })

  it('goes through as it is where hardening is off', () => {
    const off = compileHardening(null)
    fc.assert(fc.property(response, (fields) => off(fields, SECURE) === fields))
  })
})

describe('an answer of the proxy', () => {
  it.each([null, BASE])('is neither stored nor rendered, with %j', (settings) => {
    const answer = ['content-type', 'text/plain', 'cache-control', 'max-age=5', 'retry-after', '7']
    const fields = compileHardening(settings)(answer, { isSecure: false, isOwn: true })
    expect(fields).toEqual([
      ...['content-type', 'text/plain', 'retry-after', '7', 'cache-control', 'no-store'],
      ...['x-content-type-options', 'nosniff'],
      ...['content-security-policy', "default-src 'none'; frame-ancestors 'none'"],
    ])
  })

  it('has HSTS over TLS', () => {
    const own = compileHardening(BASE)([], { isSecure: true, isOwn: true })
    expect(valuesOf(own, 'strict-transport-security')).toEqual(['max-age=63072000'])
  })
})

it('names that an application makes up are read anew when too many are known', () => {
  const change = compileHardening(BASE)
  for (let i = 0; i < 2000; i++) change([`x-new-${i}`, '1'], SECURE)
  expect(change(['x-envoy-late', '1', 'x-late', '2'], SECURE).slice(0, 2)).toEqual(['x-late', '2'])
})

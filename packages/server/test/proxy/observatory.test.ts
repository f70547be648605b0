import { describe, expect, it } from 'vitest'
import { readHardening } from '../../src/config/proxy/read-hardening.ts'
import { compileHardening } from '../../src/proxy/hardening/harden.ts'
import type { HardeningSettings, Preset } from '../../src/service/proxy-settings/hardening-settings.ts'
import { scoreOf } from './observatory.ts'

/** What an application sends that knows nothing of these fields. */
const STOCK = [
  ...['content-type', 'text/html', 'server', 'nginx/1.0', 'x-powered-by', 'Express'],
  ...['set-cookie', 'sessionid=1; Path=/', 'set-cookie', 'csrftoken=2; Path=/'],
]

function hardened(preset: Preset): readonly string[] {
  const settings = readHardening(preset) as HardeningSettings
  return compileHardening(settings)(STOCK, { isSecure: true, isOwn: false })
}

function without(fields: readonly string[], name: string): string[] {
  return fields.filter((_, i) => fields[i - (i % 2)] !== name)
}

describe('the score of a hardened response over TLS with a session cookie', () => {
  it('is 0 before', () => {
    expect(scoreOf(STOCK).score).toBe(0)
  })

  it.each([
    ['compat', 75],
    ['strict', 130],
    ['api', 135],
  ] as const)('is that of the guide with %s', (preset, score) => {
    expect(scoreOf(hardened(preset)).score).toBe(score)
  })

  describe.each(['strict', 'api'] as const)('with %s', (preset) => {
    const fields = hardened(preset)
    const { score } = scoreOf(fields)

    it.each([
      'content-security-policy',
      'strict-transport-security',
      'referrer-policy',
      'x-content-type-options',
      'cross-origin-resource-policy',
    ])('falls without %s', (name) => {
      expect(scoreOf(without(fields, name)).score).toBeLessThan(score)
    })

    it('falls without X-Frame-Options where the policy leaves frames open', () => {
      const open = fields.map((text) => text.replace(/; frame-ancestors 'none'/, ''))
      expect(scoreOf(without(open, 'x-frame-options')).score).toBeLessThan(scoreOf(open).score)
    })

    it.each(['; Secure', '; HttpOnly', '; SameSite=Lax'])('falls where cookies lack "%s"', (attribute) => {
      expect(scoreOf(fields.map((text) => text.replace(attribute, ''))).score).toBeLessThan(score)
    })
  })

  it('falls by 50 where any page may act as the user', () => {
    const open = [
      'access-control-allow-origin',
      'https://evil.example',
      'access-control-allow-credentials',
      'true',
    ]
    const { score } = scoreOf(hardened('strict'))
    expect(scoreOf([...hardened('strict'), ...open]).score).toBeLessThanOrEqual(score - 50)
  })
})

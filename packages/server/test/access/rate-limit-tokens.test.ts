import { HeadgateError, memoryStore } from 'headgate'
import { manualClock } from 'headgate/testing'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { parseConfig } from '../../src/config/config.ts'
import type { TokenSettings } from '../../src/service/access/token-settings.ts'
import { newToken, tokenHash } from '../../src/service/access/token-text.ts'
import { createService } from '../../src/service/create-service.ts'
import type { RateLimitDescriptor } from '../../src/service/envoy/messages.ts'
import { shouldRateLimit } from '../../src/service/envoy/should-rate-limit.ts'
import type { Service } from '../../src/service/service.ts'

const LIMITS = `domain: shop
descriptors:
  - { key: plan, rate_limit: { unit: day, requests_per_unit: 2 } }
  - { key: free, rate_limit: { unlimited: true } }
`

const held = new Map<string, string>()
let service: Service

function holder(settings: Omit<TokenSettings, 'hash'>): TokenSettings {
  const token = newToken()
  held.set(settings.name, token)
  return { ...settings, hash: tokenHash(token) }
}

beforeEach(() => {
  const tokens = [
    holder({ name: 'consume', scopes: ['consume'] }),
    holder({ name: 'adjust', scopes: ['adjust'] }),
    holder({ name: 'read', scopes: ['read'] }),
    holder({ name: 'shop', scopes: ['consume', 'adjust'], domains: ['shop'] }),
    holder({ name: 'bank', scopes: ['consume', 'adjust'], domains: ['bank'] }),
    holder({ name: 'other', scopes: ['consume'], policies: ['other-*'] }),
  ]
  service = createService({
    configuration: { ...parseConfig(LIMITS, 'limits.yaml'), tokens },
    store: {
      store: memoryStore({ clock: manualClock() }),
      label: 'memory',
      resilience: {},
      ping: async () => {},
    },
  })
})

afterEach(() => service.close())

const descriptor = (key: string, more: Partial<RateLimitDescriptor> = {}): RateLimitDescriptor => ({
  entries: [{ key, value: 'x' }],
  ...more,
})

/** The code of the answer, or of the error. */
async function asked(token: string, one: RateLimitDescriptor, domain = 'shop'): Promise<string> {
  const request = { domain, descriptors: [one] }
  try {
    const of = service.callerOf(held.get(token))
    return (await shouldRateLimit(of, request, { transport: 'test' })).response.overallCode
  } catch (reason) {
    return HeadgateError.from(reason).code
  }
}

const limit = { requestsPerUnit: 1, unit: 'DAY' } as const

describe('the holder of a token, over the rate limit protocol', () => {
  it.each([
    ['what is counted takes consume', descriptor('plan'), ['consume', 'shop']],
    ['what is not counted as well', descriptor('free'), ['consume', 'shop', 'other']],
    ['a limit of the caller takes adjust besides', descriptor('plan', { limit }), ['shop']],
    ['giving back takes adjust alone', descriptor('plan', { isNegativeHits: true }), ['adjust', 'shop']],
  ])('%s', async (_, one, may) => {
    for (const token of held.keys()) {
      expect([token, await asked(token, one)]).toEqual([token, may.includes(token) ? 'OK' : 'forbidden'])
    }
  })

  it('may report costs that cross a limit by consume', async () => {
    expect(await asked('consume', descriptor('plan', { hitsAddend: 5 }))).toBe('OVER_LIMIT')
    expect(await asked('consume', descriptor('plan'))).toBe('OVER_LIMIT')
  })

  it('learns nothing of other domains, not even that nothing limits there', async () => {
    for (const domain of ['shop', 'bank', 'nowhere']) {
      expect([domain, await asked('bank', descriptor('free'), domain)]).toEqual([
        domain,
        domain === 'bank' ? 'OK' : 'forbidden',
      ])
    }
  })
})

/** Paths, addresses and URLs of stores, as anybody may spell them. */
import assert from 'node:assert/strict'
import { createLimiter, HeadgateError } from 'headgate'
import { clientAddress, compileTrustedProxies } from 'headgate/http'
import { formatAddress, parseAddress } from '../../../limiter/src/core/address.ts'
import { normalizePath } from '../../../limiter/src/core/path.ts'
import type { Random } from '../../../limiter/test/parity/random.ts'
import { maskUrl } from '../../src/config/mask-url.ts'
import { storeUrlMistake } from '../../src/config/store-urls.ts'
import { garbled, oddValue } from './mutate.ts'
import type { Target } from './target.ts'

const PATHS = [
  '/api/v2/orders/17',
  '/',
  '/a//b/./c/../d',
  '/%61pi/%2F/%2e%2e/x;a=1?q=1#f',
  '/é/%C3%A9',
  'api',
]
const PATTERNS = ['/api/**', '/a/*/c', '/**/x', '*', '/a?b', '/%61/*']

export const pathTarget: Target = {
  name: 'paths',
  open: async () => ({
    async once(random) {
      const path = random.percent(95) ? garbled(random.pick(PATHS), random) : String(oddValue(random, 0))
      // An attribute that is empty is not there.
      if (path === '') return
      const normal = normalizePath(path)
      assert.equal(normalizePath(normal), normal, JSON.stringify(path))
      const pattern = garbled(random.pick(PATTERNS), random)
      await usageErrorsOnly(pattern, async () => {
        const limiter = createLimiter({
          policies: [{ name: 'p', match: { path: pattern }, key: 'global', rules: ['5/s'] }],
        })
        const [one, other] = [await limiter.peek({ path }), await limiter.peek({ path: normal })]
        assert.equal(one.reason, other.reason, JSON.stringify({ path, normal, pattern }))
        await limiter.close()
      })
    },
    close: () => {},
  }),
}

const ADDRESSES = [
  '127.0.0.1',
  '[::1]:8080',
  '::ffff:10.0.0.1',
  'fe80::1%eth0',
  '2001:db8::/32',
  '10.0.0.0/8',
  '1.2.3.4:80',
  '0x7f.1',
]

export const addressTarget: Target = {
  name: 'addresses',
  open: async () => ({
    async once(random) {
      const text = random.percent(90) ? garbled(random.pick(ADDRESSES), random) : String(oddValue(random, 0))
      const address = parseAddress(text)
      if (address !== null)
        assert.deepEqual(parseAddress(formatAddress(address)), address, JSON.stringify(text))
      await usageErrorsOnly(text, async () => {
        const trusted = compileTrustedProxies([random.pick(ADDRESSES), text])
        const forwarded = Array.from({ length: random.below(4) }, () =>
          garbled(random.pick(ADDRESSES), random),
        )
        clientAddress(text, forwarded, trusted)
      })
      await usageErrorsOnly(text, async () => {
        const limiter = createLimiter({
          policies: [{ name: 'p', key: 'ip', rules: ['5/s'] }],
          deny: { ip: ['10.0.0.0/8'] },
        })
        const { allowed } = await limiter.consume({ ip: text })
        // One address, one answer, however it is spelt.
        if (address !== null)
          assert.equal((await limiter.peek({ ip: formatAddress(address) })).allowed, allowed, text)
        await limiter.close()
      })
    },
    close: () => {},
  }),
}

const URLS = [
  'memory:',
  'redis://user:s3cret@localhost:6379/0',
  'rediss://:s3cret@[::1]:6380/2?connectTimeout=1s',
  'redis+cluster://a:6379,b:6379?prefix=x',
  'redis+sentinel://:s3cret@h:26379/mymaster?sentinelPassword=s3cret',
  'redis+unix:///run/redis.sock?db=1',
]

export const urlTarget: Target = {
  name: 'urls',
  open: async () => ({
    once(random: Random) {
      const url = garbled(random.pick(URLS), random)
      const mistake = storeUrlMistake(url)
      assert.ok(mistake === null || /\w/.test(mistake), JSON.stringify(url))
      const shown = `${mistake ?? ''} ${mistake === null ? maskUrl(url) : ''}`
      if (url.includes(':s3cret@')) assert.doesNotMatch(shown, /s3cret@/, JSON.stringify({ url, shown }))
    },
    close: () => {},
  }),
}

async function usageErrorsOnly(about: string, run: () => Promise<void>): Promise<void> {
  try {
    await run()
  } catch (reason) {
    if (!HeadgateError.is(reason)) throw new Error(JSON.stringify(about), { cause: reason })
  }
}

import { createLimiter, memoryStore } from 'headgate'
import { manualClock } from 'headgate/testing'
import { expect, it } from 'vitest'
import { parseConfig } from '../../src/config/config.ts'
import { PlayTogether } from '../../src/replay/play-together.ts'
import { Player } from '../../src/replay/player.ts'
import { type LogSource, parserOf } from '../../src/replay/read/log-source.ts'
import { ReadCounts } from '../../src/replay/read/read-counts.ts'
import { replayLogs } from '../../src/replay/replay-logs.ts'

/** HEADGATE_REPLAY_LINES=5000000 plays as many as a busy site writes in a day, for some minutes. */
const LINES = Number(process.env['HEADGATE_REPLAY_LINES'] ?? 500_000)
const PER_SECOND = 100
const LINES_A_CHUNK = 1500
const START_MS = Date.UTC(2026, 9, 10)
/** Far below what the requests of all lines would take, which is above 1.5 GB. */
const MEMORY_MAX = 700e6

const configuration = parseConfig(
  `policies:
  - { name: per-ip, key: ip, rules: [20/min, 300/hour], ban: [10s] }
  - { name: per-path, match: { path: /api/** }, key: path, rules: [{ algorithm: token-bucket, limit: 3/s, burst: 9 }] }`,
  'long.yaml',
)

/** One request: 300,000 addresses, of which few ask often, and 20,000 paths. */
function requestAt(i: number): { readonly second: number; readonly ip: string; readonly path: string } {
  const drawn = Math.imul(i ^ (i >>> 15), 0x2c1b3c6d) >>> 0
  const share = drawn / 2 ** 32
  const address = Math.floor(300_000 * share ** 6)
  return {
    second: Math.floor(i / PER_SECOND),
    ip: `10.${address >> 16}.${(address >> 8) & 255}.${address & 255}`,
    path: drawn % 3 === 0 ? '/home' : `/api/${drawn % 20_000}`,
  }
}

function lineAt(i: number): string {
  const { second, ip, path } = requestAt(i)
  const [, , , , time = ''] = new Date(START_MS + second * 1000).toUTCString().split(' ')
  const day = 10 + Math.floor(second / 86_400)
  return `${ip} - - [${day}/Oct/2026:${time} +0000] "GET ${path} HTTP/1.1" 200 1 "-" "-"\n`
}

async function* chunks(): AsyncIterableIterator<Buffer> {
  for (let from = 0; from < LINES; from += LINES_A_CHUNK) {
    let text = ''
    for (let i = from; i < Math.min(LINES, from + LINES_A_CHUNK); i++) text += lineAt(i)
    yield Buffer.from(text)
  }
}

it(`plays ${LINES} lines to the totals of a direct run of the engine, in bounded memory`, {
  timeout: 1_800_000,
}, async () => {
  const source: LogSource = {
    name: 'generated',
    format: 'combined',
    header: null,
    size: null,
    bytesRead: () => 0,
    isCutOff: () => false,
    chunks: chunks(),
    close: () => {},
  }
  const player = new Player({ configuration })
  const together = new PlayTogether([player])
  const before = process.memoryUsage().rss
  let most = 0
  let played = 0
  const read = await replayLogs({
    sources: [source],
    parserOf: (one) => parserOf(one, {}, { onHeader: () => () => ({}), onLost: () => {} }),
    counts: new ReadCounts(),
    play: (request) => {
      if (played++ % 100_000 === 0) most = Math.max(most, process.memoryUsage().rss - before)
      return together.play(request)
    },
  })
  const { allowed, denied, policies, keys } = player.report()
  await player.close()
  expect(read).toMatchObject({ lines: LINES, unreadable: 0, late: 0 })
  expect(keys.overflowed).toBe(0)

  const clock = manualClock(0)
  const { policies: own, allow, deny } = configuration
  const limiter = createLimiter({ policies: own, allow, deny, store: memoryStore({ clock }) })
  const direct = { allowed: 0, denied: 0, binding: new Map<string | null, number>() }
  for (let i = 0; i < LINES; i++) {
    const { second, ip, path } = requestAt(i)
    clock.set((START_MS + second * 1000) * 1000)
    const decision = limiter.consumeSync({ ip, method: 'GET', path })
    if (decision.allowed) direct.allowed++
    else {
      direct.denied++
      direct.binding.set(decision.policy, (direct.binding.get(decision.policy) ?? 0) + 1)
    }
  }
  await limiter.close()
  expect([allowed, denied]).toEqual([direct.allowed, direct.denied])
  expect(denied).toBeGreaterThan(LINES / 50)
  for (const { policy, denied: by } of policies)
    expect([policy, by]).toEqual([policy, direct.binding.get(policy) ?? 0])
  expect(most).toBeLessThan(MEMORY_MAX)
})

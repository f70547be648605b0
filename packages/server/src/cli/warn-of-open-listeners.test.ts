import { pino } from 'pino'
import { describe, expect, it } from 'vitest'
import { parseConfig } from '../config/config.ts'
import { openStores } from '../config/store-from-config.ts'
import { createService } from '../service/create-service.ts'
import { warnOfOpenListeners } from './warn-of-open-listeners.ts'

const OPEN = 'policies: [{ name: api, key: user, rules: [1/h] }]'
const CLOSED = `tokens: [{ name: ops, hash: "sha256:${'0'.repeat(64)}", scopes: [admin] }]\n${OPEN}`
const PORTS = { port: 8080, grpcPort: 'off', respPort: 'off' } as const

async function warnings(
  texts: readonly string[],
  options: Partial<Parameters<typeof warnOfOpenListeners>[2]> = {},
): Promise<number[]> {
  const [first, ...others] = texts.map((text) => parseConfig(text, 'headgate.yaml'))
  if (first === undefined) throw new Error('no configuration')
  const store = await openStores(first.stores, first.resilience)
  const service = createService({ configuration: first, store })
  const lines: string[] = []
  const log = pino({ base: null }, { write: (line) => lines.push(line) })
  warnOfOpenListeners(log, service, { ...PORTS, host: '0.0.0.0', ...options })
  const counts = [lines.length]
  for (const next of others) {
    service.apply(next)
    counts.push(lines.length)
  }
  await service.close()
  for (const line of lines) expect(line).toContain('without tokens everybody who reaches')
  return counts
}

describe('warnOfOpenListeners', () => {
  it('warns at the start, once', async () => {
    expect(await warnings([OPEN, `# other\n${OPEN}`])).toEqual([1, 1])
  })

  it('warns whenever the last token is taken away', async () => {
    expect(await warnings([CLOSED, OPEN, CLOSED, OPEN])).toEqual([0, 1, 1, 2])
  })

  it.each([
    ['this machine', { host: '127.0.0.1' }],
    ['a Unix socket', { port: { path: '/run/h.sock' } }],
    ['nothing', { port: 'off' }],
  ] as const)('is silent where %s is all that reaches it', async (_, options) => {
    expect(await warnings([OPEN], options)).toEqual([0])
  })

  it('warns of gRPC and the Redis protocol alone', async () => {
    expect(await warnings([OPEN], { port: 'off', grpcPort: 8081 })).toEqual([1])
    expect(await warnings([OPEN], { port: 'off', respPort: 6380 })).toEqual([1])
  })
})

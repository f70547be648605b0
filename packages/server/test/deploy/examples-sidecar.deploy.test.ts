/** The example of Envoy with Headgate beside it, on a Unix socket, at two replicas of an app. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { envoyPath } from '../../../../scripts/ensure-envoy.ts'
import { type StockApp, stockApp } from '../envoy/stock-app.ts'
import { Example } from './example.ts'
import { SPOOFED_FIELDS, statusOf } from './hostile-clients.ts'

const missing = envoyPath() === null
if (missing) console.warn('SKIPPED: examples/envoy-sidecar, since Envoy is not installed')

const SERVICE = 0
const LIMIT = 60

describe.skipIf(missing)('examples/envoy-sidecar', () => {
  let app: StockApp

  beforeAll(async () => {
    app = await stockApp()
  })

  afterAll(() => app[Symbol.asyncDispose]())

  const start = (change?: (text: string) => string): Promise<Example> =>
    Example.start('envoy-sidecar', { app: app.port, listens: ['headgate.sock', 8000], change })

  /** How many requests of a client that says what it likes get each status. */
  async function tally(example: Example, count: number): Promise<Record<number, number>> {
    const found: Record<number, number> = {}
    for (let i = 0; i < count; i++) {
      const status = await statusOf(example.port(8000), 'GET /', SPOOFED_FIELDS[i % 4])
      found[status] = (found[status] ?? 0) + 1
    }
    return found
  }

  it('answers as its README says, and counts at each replica alone', async () => {
    await using one = await start()
    const { said, here } = await one.play()
    expect(said).toHaveLength(2)
    expect(here).toEqual(said)
    await using two = await start()
    for (const replica of [one, two]) expect(await tally(replica, LIMIT + 5)).toEqual({ 200: LIMIT, 429: 5 })
  })

  it('lets requests pass while Headgate restarts, and then counts anew on the same socket', async () => {
    await using example = await start()
    await tally(example, LIMIT)
    await example.programs[SERVICE]?.kill()
    expect(await tally(example, 5)).toEqual({ 200: 5 })
    await example.restart(SERVICE)
    // Envoy connects again in its own time.
    const probe = async (): Promise<number> => (await tally(example, LIMIT + 20))[429] ?? 0
    await expect.poll(probe, { timeout: 30_000 }).toBeGreaterThan(0)
  })

  it('lets nothing pass meanwhile where the file says so', async () => {
    await using example = await start((text) =>
      text.replace('failure_mode_deny: false', 'failure_mode_deny: true'),
    )
    expect(await tally(example, 1)).toEqual({ 200: 1 })
    await example.programs[SERVICE]?.kill()
    expect(await tally(example, 3)).toEqual({ 500: 3 })
  })
})

/** Counters of a service whose threads die under traffic. */
import { describe, expect, it } from 'vitest'
import { ConfigFolder } from '../e2e/config-folder.ts'
import { Traffic } from '../e2e/traffic.ts'
import { type Death, WorkerProcess } from './worker-process.ts'

const CONFIG = `version: 1
policies: [{ name: api, key: user, rules: [1000000/day] }]
`
/** Those that can say what they counted as they die. */
const DEATHS: readonly Death[] = ['throw', 'exit', 'throw', 'exit', 'throw', 'exit']

describe('counters of workers that die under traffic', () => {
  it('never go back, and lose nothing of those that throw or exit', async () => {
    using config = new ConfigFolder(CONFIG)
    await using workers = await WorkerProcess.start(['--config', config.file])
    const traffic = new Traffic(workers.headgate.url, {
      callers: 8,
      next: () => ({
        path: '/v1/consume',
        body: { attributes: { user: 'ada' } },
        check: ({ status }) => expect(status).toBe(200),
      }),
    })
    const scrapes = new Scrapes(workers)
    for (const death of DEATHS) await die(workers, { death, scrapes })
    await traffic.stop()
    const asked = traffic.answered + traffic.faults.length
    const counted = await scrapes.next()
    expect(counted).toBeGreaterThanOrEqual(traffic.answered)
    expect(counted).toBeLessThanOrEqual(asked)
    expect(traffic.answered).toBeGreaterThan(100 * DEATHS.length)
    // One that runs out of memory can say nothing any more.
    await die(workers, { death: 'memory', scrapes })
    expect(await scrapes.next()).toBe(counted)
    expect((await workers.headgate.stop()).code).toBe(0)
  })
})

/** Lets a worker die, and waits for the one that takes its place; scrapes meanwhile. */
async function die(
  workers: WorkerProcess,
  { death, scrapes }: { readonly death: Death; readonly scrapes: Scrapes },
): Promise<void> {
  const isReplaced = ({ msg }: Record<string, unknown>): boolean =>
    msg === 'a worker serves in place of the one that ended'
  const before = workers.headgate.log.filter(isReplaced).length
  await scrapes.next()
  await workers.poison(death)
  await expect
    .poll(
      async () => {
        await scrapes.next()
        return workers.headgate.log.filter(isReplaced).length
      },
      { timeout: 60_000 },
    )
    .toBe(before + 1)
}

/** All counters, again and again: none may be less than before, or gone. */
class Scrapes {
  readonly #workers: WorkerProcess
  #before = new Map<string, number>()

  constructor(workers: WorkerProcess) {
    this.#workers = workers
  }

  /** Answers how many decisions are counted. */
  async next(): Promise<number> {
    const text = await (await fetch(`${this.#workers.headgate.adminUrl}/metrics`)).text()
    const lines = text.split('\n').filter((line) => /^headgate_\w+_(total|count|bucket)[{ ]/.test(line))
    const now = new Map(lines.map((line) => [nameIn(line), numberIn(line)]))
    const less = [...this.#before].filter(([series, value]) => (now.get(series) ?? -1) < value)
    expect(less).toEqual([])
    this.#before = now
    const decisions = [...now].filter(([series]) => series.startsWith('headgate_decisions_total'))
    return decisions.reduce((sum, [, value]) => sum + value, 0)
  }
}

function nameIn(line: string): string {
  return line.slice(0, line.lastIndexOf(' '))
}

function numberIn(line: string): number {
  return Number(line.slice(line.lastIndexOf(' ') + 1))
}

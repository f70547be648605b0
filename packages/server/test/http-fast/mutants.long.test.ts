import { afterAll, describe, expect, it } from 'vitest'
import { randomOf, seedOfRun } from '../../../limiter/test/parity/random.ts'
import { ATTACKS } from './attacks.ts'
import { judge } from './differential.ts'
import { type Accelerate, startServers } from './differential-servers.ts'
import { DRAIN_CASES } from './drain-cases.ts'
import { ALIKE, MUTANTS, type Mutant } from './mutants.ts'
import { load } from './mutants-load.ts'

const CASES = 5000
/** What hangs is noticed as well. */
const HANGS_MS = 20_000

const table: string[] = []
const seed = seedOfRun('mutants of the fast path', 1)

afterAll(() => console.log(`mutants of the fast path:\n${table.join('\n')}`))

describe('a mistake in the fast path', () => {
  it.each(MUTANTS)('is noticed: $name', async (mutant) => {
    const killer = await killerOf(mutant, await load(mutant))
    table.push(`  ${mutant.name.padEnd(60)} ${killer ?? 'SURVIVED'}`)
    expect(killer).not.toBeNull()
  })

  it.each(ALIKE)('could be made in %s, and nobody could tell: %s', async (file, find, replace) => {
    expect(await byComparison(await load({ file, find, replace }), 100)).toBeNull()
  })

  it('is not seen where there is none', async () => {
    const healthy = await load({ file: 'octets', find: '/** Octets of HTTP', replace: '/** Octets of HTTP' })
    expect(await byComparison(healthy, 500)).toBeNull()
    for (const { name, run } of [...ATTACKS, ...DRAIN_CASES])
      expect(await byCase(name, () => run(healthy))).toBeNull()
  })
})

function killerOf({ by }: Mutant, make: Accelerate): Promise<string | null> {
  if (by === 'comparison') return byComparison(make, CASES)
  const found = [...ATTACKS, ...DRAIN_CASES].find(({ name }) => name === by.name)
  if (found === undefined) throw new Error(`no case ${by.name}`)
  return byCase(found.name, () => found.run(make))
}

async function byComparison(make: Accelerate, cases: number): Promise<string | null> {
  const servers = await startServers({ make })
  try {
    for (let i = 0; i < cases; i++) {
      const fault = await orHang(judge(servers, randomOf(seed + i)).then((verdict) => verdict.fault))
      if (fault !== null) return `${fault.split('\n')[0]?.slice(0, 60)} in case ${i + 1}`
    }
    return null
  } finally {
    await servers[Symbol.asyncDispose]()
  }
}

function byCase(name: string, run: () => Promise<void>): Promise<string | null> {
  const ended = run().then(
    () => null,
    (reason: unknown) => `${name}: ${String(reason).split('\n')[0]}`,
  )
  return orHang(ended)
}

async function orHang(ended: Promise<string | null>): Promise<string | null> {
  let timer: NodeJS.Timeout | undefined
  const hang = new Promise<string>((resolve) => {
    timer = setTimeout(() => resolve('a hang'), HANGS_MS)
  })
  try {
    return await Promise.race([ended, hang])
  } finally {
    clearTimeout(timer)
  }
}

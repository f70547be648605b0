/** How long honest calls take beside an attack, by both engines of gRPC. Figures are printed, not judged: machines differ. */
import { readFileSync } from 'node:fs'
import { Worker } from 'node:worker_threads'
import { describe, expect, it, vi } from 'vitest'
import { HeadgateProcess } from '../e2e/headgate-process.ts'
import { type HonestResult, honestLoad } from './honest-load.ts'

const MIX = new URL('fixtures/attack-mix.ts', import.meta.url)
const CALLS_PER_SECOND = 1000
const SECONDS = 3
/** Of the kernel's account, on all usual systems. */
const TICKS_PER_SECOND = 100

describe('honest calls beside an attack', { timeout: 300_000 }, () => {
  it.each(['native', 'grpc-js'])('are answered by %s', async (engine) => {
    const args = ['--grpc-port', '0', '--grpc-engine', engine]
    await using headgate = await HeadgateProcess.serve(args)
    const port = await vi.waitFor(() => {
      const [, found] = /"url":"grpc:\/\/[^"]+:(\d+)"/.exec(headgate.stdout) ?? []
      if (found === undefined) throw new Error('it does not listen for gRPC')
      return Number(found)
    })
    await honestLoad(port, CALLS_PER_SECOND, 1)
    const quiet = await measured(headgate, () => honestLoad(port, CALLS_PER_SECOND, SECONDS))
    const attack = new Worker(MIX, { workerData: { port } })
    const beside = await measured(headgate, () => honestLoad(port, CALLS_PER_SECOND, SECONDS))
    attack.postMessage('end')
    const attackers = await new Promise((resolve) => attack.once('message', resolve))
    console.log(`${engine}: ${quiet.text}; beside ${Number(attackers) / SECONDS} attacks/s: ${beside.text}`)
    for (const { asked, answered } of [quiet, beside]) expect(answered).toBe(asked)
  })
})

interface Measured extends HonestResult {
  readonly text: string
}

async function measured(headgate: HeadgateProcess, run: () => Promise<HonestResult>): Promise<Measured> {
  const [cpu, start] = [cpuSeconds(headgate), performance.now()]
  const result = await run()
  const share = (cpuSeconds(headgate) - cpu) / ((performance.now() - start) / 1000)
  const text = `p50 ${result.p50.toFixed(2)} ms, p99 ${result.p99.toFixed(2)} ms, CPU ${(share * 100).toFixed(0)} %`
  return { ...result, text }
}

/** What the process has used so far; 0 where the system does not tell. */
function cpuSeconds({ child }: HeadgateProcess): number {
  try {
    const fields = readFileSync(`/proc/${child.pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? []
    return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND
  } catch {
    return 0
  }
}

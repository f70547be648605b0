import { randomOf } from '../../../limiter/test/parity/random.ts'
import type { Target } from './target.ts'

/** What is run. */
export interface RunOptions {
  readonly seed: number
  readonly cases: number
}

/** How a run ended. */
export interface Outcome {
  /** The first fault, with the seed that shows it alone; null where there is none. */
  readonly fault: string | null
  /** Living bytes at the end, less those after a tenth of the cases; 0 where nothing can be collected. */
  readonly growth: number
}

/** Puts inputs into a target, each made of a seed of its own: `seed`, `seed + 1`, … */
export async function runTarget(target: Target, { seed, cases }: RunOptions): Promise<Outcome> {
  const rejections: unknown[] = []
  const onRejection = (reason: unknown): number => rejections.push(reason)
  process.on('unhandledRejection', onRejection)
  const opened = await target.open()
  let early = 0
  try {
    for (let i = 0; i < cases; i++) {
      if (i === Math.floor(cases / 10)) early = await livingBytes()
      try {
        await opened.once(randomOf(seed + i))
        if (i % 100 === 0) await turn()
        if (rejections.length > 0) throw new Error('nobody handled a rejection', { cause: rejections[0] })
      } catch (reason) {
        return { fault: describe(target, seed + i, reason), growth: 0 }
      }
    }
    return { fault: null, growth: (await livingBytes()) - early }
  } finally {
    await opened.close()
    process.off('unhandledRejection', onRejection)
  }
}

function describe({ name }: Target, seed: number, reason: unknown): string {
  const text = reason instanceof Error ? `${reason.stack}\n${reason.cause ?? ''}` : String(reason)
  return `npm run fuzz -- --target ${name} --seed ${seed} --operations 1\n${text}`
}

async function livingBytes(): Promise<number> {
  if (global.gc === undefined) return 0
  for (let i = 0; i < 3; i++) {
    await turn()
    global.gc()
  }
  return process.memoryUsage().heapUsed
}

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

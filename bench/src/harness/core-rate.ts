import type { HttpServer } from './http-server.ts'
import { median } from './median.ts'

/** So many decisions, whose time makes one figure. */
export interface Block {
  readonly decisions: number
  /** Makes them. */
  readonly make: (decisions: number) => Promise<unknown>
}

/** Decisions that a second of a core of a server makes: the median block. */
export async function coreRate(
  server: HttpServer,
  { decisions, make }: Block,
  measureMs: number,
): Promise<number> {
  const rates: number[] = []
  const end = performance.now() + measureMs
  while (rates.length === 0 || performance.now() < end) {
    const before = await server.cpuSeconds()
    await make(decisions)
    rates.push(decisions / ((await server.cpuSeconds()) - before))
  }
  return median(rates)
}

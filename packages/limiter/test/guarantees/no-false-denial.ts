/** Clients that keep to a rule, or try to have all of it: what each gets of it over many windows. */
import type { Budget } from '../../src/core/budget.ts'
import type { Rule, RuleOptions } from '../../src/core/rule.ts'
import { freshBudget } from './arbitraries.ts'
import type { Bench } from './stores.ts'

/** A line of the table: what a client got of what the rule allows. */
export interface ShareRow {
  readonly algorithm: string
  readonly client: string
  /** Units admitted, and units the rule allows in that time. */
  readonly admitted: number
  readonly allowed: number
}

/** How a client calls: admitted units over `windows` windows of a rule. */
type Client = (bench: Bench, budget: Budget, windows: number) => Promise<number>

export const clients: Readonly<Record<string, Client>> = {
  'all at once each window': allAtOnce,
  evenly,
  'as retry-after says': obeying,
}

/** Rules of every algorithm with the same rate. */
function rulesOf(limit: string): Readonly<Record<string, RuleOptions>> {
  return {
    'sliding window': { limit },
    'sliding window, 3 segments': { limit, segments: 3 },
    'sliding log': { limit, algorithm: 'sliding-log' },
    'token bucket': { limit, algorithm: 'token-bucket' },
    'fixed window, first hit': { limit, algorithm: 'fixed-window' },
    'fixed window, epoch': { limit, algorithm: 'fixed-window', align: 'epoch' },
    'fixed window, calendar': { limit, algorithm: 'fixed-window', align: 'calendar' },
  }
}

/** The table: every algorithm with this rate, which is one of a calendar, and every client. */
export async function shareTable(
  bench: () => Bench,
  { limit, windows }: { readonly limit: string; readonly windows: number },
): Promise<ShareRow[]> {
  const rows: ShareRow[] = []
  for (const [algorithm, rule] of Object.entries(rulesOf(limit))) {
    for (const [client, call] of Object.entries(clients)) {
      const budget = freshBudget(rule)
      const admitted = await call(bench(), budget, windows)
      rows.push({ algorithm, client, admitted, allowed: (budget.rules[0]?.limit ?? 0) * windows })
    }
  }
  return rows
}

/** Sends a job's calls together at the start of each window. */
async function allAtOnce({ clock, ask }: Bench, budget: Budget, windows: number): Promise<number> {
  const { limit, windowUs } = ratesOf(budget)
  const start = clock.now()
  let admitted = 0
  for (let window = 0; window < windows; window++) {
    clock.set(start + window * windowUs)
    for (let call = 0; call < limit; call++)
      if ((await ask('consume', { budget, key: 'key', cost: 1 })).wait === 0) admitted++
  }
  return admitted
}

/** Sends a call each W/N, rounded up to the microsecond. */
async function evenly({ clock, ask }: Bench, budget: Budget, windows: number): Promise<number> {
  const { limit, windowUs } = ratesOf(budget)
  const start = clock.now()
  let admitted = 0
  for (let call = 0; call < windows * limit; call++) {
    clock.set(start + Math.ceil((call * windowUs) / limit))
    if ((await ask('consume', { budget, key: 'key', cost: 1 })).wait === 0) admitted++
  }
  return admitted
}

/** Calls as fast as it may, and sleeps whole milliseconds when denied, as it is told. */
async function obeying({ clock, ask }: Bench, budget: Budget, windows: number): Promise<number> {
  const { windowUs } = ratesOf(budget)
  const end = clock.now() + windows * windowUs
  let admitted = 0
  while (clock.now() < end) {
    const { wait } = await ask('consume', { budget, key: 'key', cost: 1 })
    if (wait === 0) admitted++
    else clock.advanceUs(Math.ceil(wait / 1000) * 1000)
  }
  return admitted
}

function ratesOf(budget: Budget): { limit: number; windowUs: number } {
  const { limit, windowMs } = budget.rules[0] as Rule
  return { limit, windowUs: windowMs * 1000 }
}

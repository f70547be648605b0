/** Puts threads between the accesses of each other, and compares what comes of it with what comes of one after the other. */
import { setImmediate as turn } from 'node:timers/promises'
import { expect } from 'vitest'
import { audit, untouched } from './audit.ts'
import { SharedMemory, type Thread } from './memory.ts'
import type { Act, Scenario, Scene } from './scenarios.ts'
import { type Counts, countAccesses, endsAt, everyAccess, intrudedAt } from './schedule.ts'

/** Chunks that a thread may have been making ready, or free, when it ended. */
const IN_HAND = 32
/** Chunks that the longest of the scenarios works on in one decision. */
const OF_ONE_DECISION = 300

/** Accesses at which a thread ends: of more there are, it takes every second, or third. */
const ENDS_MAX = 120

interface Stage extends Scene {
  readonly memory: SharedMemory
  readonly a: Thread
  readonly b: Thread
}

function stageOf({ maxKeys, set }: Scenario): Stage {
  const memory = SharedMemory.again(maxKeys)
  const scene = set(memory.attach().store, memory)
  return { memory, a: memory.attachProbed(), b: memory.attachProbed(), ...scene }
}

/** How many accesses the first thread makes, if it is alone. */
export function accessesOf(scenario: Scenario, counts: Counts): number {
  const { first, a } = stageOf(scenario)
  return countAccesses(a.probe, counts, () => attempt(first, a))
}

/** How many accesses the second thread makes, if it is alone. */
function writesOf(scenario: Scenario, counts: Counts): number {
  const { second, b } = stageOf(scenario)
  return countAccesses(b.probe, counts, () => attempt(each(second), b))
}

/**
 * The second thread does all of its work before an access of the first one, at `places` of them: where there are more, it takes every
 * second, or third.
 */
export async function checkIntrusions(scenario: Scenario, counts: Counts, places: number): Promise<void> {
  const orders = await outcomesOf(scenario, ['ab', 'ba'])
  const accesses = accessesOf(scenario, counts)
  const step = Math.ceil(accesses / places)
  for (let at = 0; at <= accesses; at += step) {
    const stage = stageOf(scenario)
    let second: unknown
    const intrude = (): void => {
      second = attempt(each(stage.second), stage.b)
    }
    const first = intrudedAt(stage.a.probe, counts, at, intrude, () => attempt(stage.first, stage.a))
    const outcome = await textOf([first, second, attempt(stage.look, stage.a)])
    expect(orders, `in between at ${at}: ${outcome}`).toContain(outcome)
    expect(audit(stage.memory.map), `in between at ${at}`).toEqual(untouched)
  }
}

/** Where the second thread comes in, which of its accesses are such at which it ends, and whether it is cleared up after. */
export interface Deaths {
  readonly at: number
  readonly comesAt: Counts
  readonly endsAt: Counts
  readonly isNoticed: boolean
}

/** The second thread ends in the middle, before an access of the first one: at each of its own. */
export async function checkDeaths(scenario: Scenario, deaths: Deaths): Promise<void> {
  const orders = await outcomesWithDeath(scenario)
  let hasEnded = true
  let until = 0
  const step = Math.ceil(writesOf(scenario, deaths.endsAt) / ENDS_MAX)
  for (; hasEnded; until += step) {
    const stage = stageOf(scenario)
    const { a, b } = stage
    const acts = stage.second.map((act) => () => act(b.store))
    const intrude = (): void => {
      hasEnded = endsAt(b.probe, deaths.endsAt, until, acts)
      if (deaths.isNoticed) b.clearUp()
    }
    const first = intrudedAt(a.probe, deaths.comesAt, deaths.at, intrude, () => attempt(stage.first, a))
    const where = `in between at ${deaths.at}, ended at ${until}`
    // Of the second one there is no result, as it may not have come to it.
    const outcome = await textOf([first, null, attempt(stage.look, a)])
    expect(orders, `${where}: ${outcome}`).toContain(outcome)
    const { faults, lostChunks, miscounted, overcounted } = audit(stage.memory.map)
    expect(faults, where).toEqual([])
    expect(lostChunks, where).toBeLessThanOrEqual(IN_HAND + OF_ONE_DECISION)
    expect(lostChunks, where).toBeGreaterThanOrEqual(0)
    expect(Math.abs(miscounted), where).toBeLessThanOrEqual(IN_HAND)
    expect(overcounted, where).toBeLessThanOrEqual(2)
    expect(overcounted, where).toBeGreaterThanOrEqual(0)
  }
  expect(until).toBeGreaterThan(2)
}

/** A third thread does what the first one does between accesses of the second one, which is in between those of the first. */
export async function checkNested(scenario: Scenario, at: number, until: number): Promise<void> {
  const orders = await outcomesOf(scenario, ['abc', 'acb', 'bac', 'bca', 'cab', 'cba'])
  const stage = stageOf(scenario)
  const { a, b, memory } = stage
  const c = memory.attachProbed()
  let second: unknown
  let third: unknown
  const intrudeAgain = (): void => {
    third = attempt(stage.first, c)
  }
  const intrude = (): void => {
    second = intrudedAt(b.probe, everyAccess, until, intrudeAgain, () => attempt(each(stage.second), b))
  }
  const first = intrudedAt(a.probe, everyAccess, at, intrude, () => attempt(stage.first, a))
  const outcome = await textOf([first, second, third, attempt(stage.look, a)])
  expect(orders, `${at}, ${until}: ${outcome}`).toContain(outcome)
  expect(audit(memory.map), `${at}, ${until}`).toEqual(untouched)
}

/** What comes of the acts of threads in some orders: a and c do the first one, b the second. */
async function outcomesOf(scenario: Scenario, orders: readonly string[]): Promise<string[]> {
  const outcomes: string[] = []
  for (const order of orders) {
    const { memory, first, second, look, a, b } = stageOf(scenario)
    const c = memory.attachProbed()
    const results: unknown[] = [null, null, ...(order.length > 2 ? [null] : [])]
    for (const one of order) {
      if (one === 'a') results[0] = attempt(first, a)
      if (one === 'b') results[1] = attempt(each(second), b)
      if (one === 'c') results[2] = attempt(first, c)
    }
    outcomes.push(await textOf([...results, attempt(look, a)]))
  }
  return outcomes
}

/** The same where the second thread comes to some of its acts, of which there is no result. */
async function outcomesWithDeath(scenario: Scenario): Promise<string[]> {
  const outcomes: string[] = []
  const count = stageOf(scenario).second.length
  for (let done = 0; done <= count; done++) {
    for (const order of ['ab', 'ba']) {
      const { first, second, look, a, b } = stageOf(scenario)
      let result: unknown
      for (const one of order) {
        if (one === 'a') result = attempt(first, a)
        else await settled(attempt(each(second.slice(0, done)), b))
      }
      outcomes.push(await textOf([result, null, attempt(look, a)]))
    }
  }
  return outcomes
}

function each(acts: readonly Act[]): Act {
  return (store) => acts.map((act) => act(store))
}

/** What an act has for a result; or the error, as text. */
function attempt(act: Act, { store }: Thread): unknown {
  try {
    return act(store)
  } catch (reason) {
    return String(reason)
  }
}

async function textOf(results: readonly unknown[]): Promise<string> {
  // Memories are given back between turns of the event loop.
  await turn()
  return JSON.stringify(await settled(results))
}

/** Results with what promises in them have become. */
async function settled(result: unknown): Promise<unknown> {
  if (Array.isArray(result)) return Promise.all(result.map(settled))
  return Promise.resolve(result).catch(String)
}

import assert from 'node:assert/strict'
import { memoryStore } from '../../stores/memory/index.ts'
import { type ManualClock, manualClock } from '../manual-clock.ts'
import type { AdapterSubject, AnyOptions, AppUnderTest, Reply } from './adapter-subject.ts'

/** A response, read to its end. */
export interface Received {
  readonly status: number
  readonly headers: Headers
  readonly body: string
}

/** Sends a request to the application of a case. */
export type Send = (path?: string, init?: RequestInit) => Promise<Received>

/** An application of one route `/` behind these limits. */
export function oneRoute(limits: readonly AnyOptions[], reply: Reply = {}): AppUnderTest {
  return { limits, routes: [{ pattern: '/', reply }] }
}

/** Runs an application for the time of `use`. */
export async function withApp(
  subject: AdapterSubject,
  app: AppUnderTest,
  use: (send: Send, url: string) => Promise<void>,
): Promise<void> {
  const running = await subject.start(app)
  try {
    await use(async (path = '/', init = {}) => {
      const response = await fetch(running.url + path, init)
      return { status: response.status, headers: response.headers, body: await response.text() }
    }, running.url)
  } finally {
    await running.close()
  }
}

/** A store whose time stands still, so that header fields have exact numbers. */
export function stillStore(): { store: ReturnType<typeof memoryStore>; clock: ManualClock } {
  const clock = manualClock()
  return { store: memoryStore({ clock }), clock }
}

/** Sends the same request several times; resolves to the statuses. */
export async function statuses(send: Send, count: number, ...request: Parameters<Send>): Promise<number[]> {
  const all: number[] = []
  for (let i = 0; i < count; i++) all.push((await send(...request)).status)
  return all
}

/** Tries again until `check` does not throw: what happens after a response has no moment that a client could wait for. */
export async function eventually(check: () => Promise<void>): Promise<void> {
  const tries = 500
  for (let i = 1; ; i++) {
    try {
      return await check()
    } catch (error) {
      if (i === tries) throw error
      await new Promise((resolve) => setTimeout(resolve, 10))
    }
  }
}

/** Waits until a value has been collected. */
export async function collected<T>(list: readonly T[], count: number): Promise<void> {
  await eventually(async () => assert.equal(list.length, count))
}

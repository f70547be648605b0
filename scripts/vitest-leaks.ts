/** Fails a test file that leaves handles (timers, sockets, servers, children) open when its tests are over. */
import { afterAll } from 'vitest'
import { leakedResources } from './leaked-resources.ts'

const before = process.getActiveResourcesInfo()
const graceMs = 10_000
const pollMs = 20

afterAll(async () => {
  const deadline = performance.now() + graceMs
  let leaked = leakedResources(before, process.getActiveResourcesInfo())
  while (leaked.length > 0 && performance.now() < deadline) {
    await new Promise((resolve) => setTimeout(resolve, pollMs))
    leaked = leakedResources(before, process.getActiveResourcesInfo())
  }
  if (leaked.length > 0) {
    throw new Error(
      `Leaked handles: ${leaked.join(', ')}. Close in afterEach or afterAll what the test opened.`,
    )
  }
})

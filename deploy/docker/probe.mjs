/**
 * Asks the admin listener of this container: `node probe.mjs /livez` or `/readyz`. The exit code is 0 where it says yes, else 1, and
 * standard error says why. HEADGATE_ADMIN_URL is where it listens, http://127.0.0.1:9090 unless given.
 */
const TIMEOUT_MS = 4000
const path = process.argv[2] ?? '/readyz'
const url = process.env.HEADGATE_ADMIN_URL || 'http://127.0.0.1:9090'

try {
  const response = await fetch(new URL(path, url), { signal: AbortSignal.timeout(TIMEOUT_MS) })
  if (!response.ok) throw new Error(`${path} answered ${response.status}: ${await response.text()}`)
} catch (error) {
  console.error(`${url}: ${error.cause?.message ?? error.message}`)
  process.exitCode = 1
}

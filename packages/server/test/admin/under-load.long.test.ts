/** F-30: whoever operates a service sees how it is just when it has too much to do. */
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { RedisServer } from '../../../limiter/test/redis-server.ts'
import { ConfigFolder } from '../e2e/config-folder.ts'
import { HeadgateProcess } from '../e2e/headgate-process.ts'

const LATEST_MS = 1000
const SOCKETS = 32
const IN_FLIGHT = 32
const ROUNDS = 40
const VIEWERS = 20
const PATHS = ['/metrics', '/readyz', '/livez', '/v1/stats', '/v1/health', '/v1/top?by=denied', '/v1/denials']

/** Keeps so many requests under way on a connection, without looking at what is answered. */
async function flood(url: string, number: number): Promise<Socket> {
  const { hostname, port } = new URL(url)
  const socket = connect(Number(port), hostname)
  await once(socket, 'connect')
  let sent = 0
  const next = (): string => {
    const body = JSON.stringify({ attributes: { user: `user-${(number * 7919 + sent++) % 5000}` } })
    return `POST /v1/consume HTTP/1.1\r\nhost: ${hostname}\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`
  }
  socket.setEncoding('latin1').on('data', (chunk: string) => {
    const answers = chunk.split('HTTP/1.1 ').length - 1
    if (answers > 0) socket.write(Array.from({ length: answers }, next).join(''))
  })
  socket.on('error', () => {})
  socket.write(Array.from({ length: IN_FLIGHT }, next).join(''))
  return socket
}

let redis: RedisServer

beforeAll(async () => {
  redis = await RedisServer.start()
})

afterAll(() => redis.stop())

describe('the admin listener of a process that is saturated', () => {
  it.each(['memory', 'redis'])(
    'answers within a second (%s)',
    async (kind) => {
      using folder = new ConfigFolder('policies: [{ name: users, key: user, rules: [10/min] }]')
      const store = kind === 'redis' ? redis.url : 'memory'
      await using headgate = await HeadgateProcess.serve([
        ...['--config', folder.file, '--store', store],
        ...['--port', '0', '--admin-port', '0'],
      ])
      const sockets = await Promise.all(Array.from({ length: SOCKETS }, (_, i) => flood(headgate.url, i)))
      const watching = Array.from({ length: VIEWERS }, () => fetch(`${headgate.adminUrl}/v1/events`))
      const streams = await Promise.all(watching)
      const times: number[] = []
      for (let round = 0; round < ROUNDS; round++) {
        for (const path of PATHS) {
          const start = performance.now()
          const response = await fetch(headgate.adminUrl + path)
          await response.text()
          times.push(performance.now() - start)
          // A store that answers too late is not ready.
          const statuses = path === '/readyz' ? [200, 503] : [200]
          expect(statuses, path).toContain(response.status)
        }
      }
      const stats = await (await fetch(`${headgate.adminUrl}/v1/stats`)).json()
      const { totalRequests, since } = stats as { totalRequests: number; since: number }
      for (const socket of sockets) socket.destroy()
      await Promise.all(streams.map(async ({ body }) => body?.cancel()))
      times.sort((a, b) => a - b)
      const perSecond = totalRequests / ((Date.now() - since) / 1000)
      const percentile = (share: number): number => times[Math.ceil(times.length * share) - 1] as number
      const [middle, late, longest] = [percentile(0.5), percentile(0.95), percentile(1)]
      const figures = `p50 ${middle.toFixed(0)} ms, p95 ${late.toFixed(0)} ms, longest ${longest.toFixed(0)} ms`
      console.log(`${kind}: ${perSecond.toFixed(0)} decisions/s; ${figures}`)
      // Else it was no load.
      expect(perSecond).toBeGreaterThan(500)
      expect(late).toBeLessThan(LATEST_MS)
      // The first ones, while nothing is compiled yet, on a machine that has other work.
      expect(longest).toBeLessThan(5 * LATEST_MS)
      // All of them, one after the other, if each takes nearly as long as it may.
    },
    300_000,
  )
})

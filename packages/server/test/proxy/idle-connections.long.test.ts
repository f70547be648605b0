/** Connections that ask nothing, 10,000 of them: they are held, and cost little. */
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { expect, it } from 'vitest'
import { HeadgateProcess } from '../e2e/headgate-process.ts'

const CONNECTIONS = 10_000
const AT_ONCE = 200
const MEGABYTES_MAX = 400
const ASK = 'GET / HTTP/1.1\r\nhost: x\r\n\r\n'

// Elsewhere nobody tells the memory of another process like that.
it.skipIf(process.platform !== 'linux')(
  `a proxy holds 10,000 idle connections in less than ${MEGABYTES_MAX} MB`,
  async () => {
    const application = createServer((_, response) => response.end('hello')).listen(0, '127.0.0.1')
    await once(application, 'listening')
    const upstream = `http://127.0.0.1:${(application.address() as AddressInfo).port}`
    const most = String(CONNECTIONS + 100)
    const limits = ['--max-connections', most, '--max-connections-per-peer', most]
    await using headgate = await HeadgateProcess.proxy(['--upstream', upstream, ...limits])
    const { hostname, port } = new URL(headgate.url)
    const sockets: Socket[] = []
    let closed = 0
    const open = async (): Promise<void> => {
      const socket = connect(Number(port), hostname).on('error', () => {})
      sockets.push(socket.on('close', () => closed++))
      socket.write(ASK)
      await once(socket, 'data')
    }
    for (let i = 0; i < CONNECTIONS; i += AT_ONCE) await Promise.all(Array.from({ length: AT_ONCE }, open))
    const status = readFileSync(`/proc/${headgate.child.pid}/status`, 'utf8')
    const megabytes = Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) / 1000
    console.log(`${sockets.length} connections: ${Math.round(megabytes)} MB`)
    expect(megabytes).toBeLessThan(MEGABYTES_MAX)
    expect(closed).toBe(0)
    for (const socket of sockets) {
      const answered = once(socket, 'data')
      socket.write(ASK)
      await answered
      socket.destroy()
    }
    application.closeAllConnections()
    application.close()
  },
)

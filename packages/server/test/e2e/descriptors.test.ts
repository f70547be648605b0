import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import { Agent, request } from 'node:http'
import { connect, type Socket } from 'node:net'
import { expect, it } from 'vitest'
import { HeadgateProcess } from './headgate-process.ts'

const CONNECTIONS = 60
const SPARE = 20

// F-26 of the hazards. Elsewhere nothing lowers the limit of a process that runs.
it.skipIf(process.platform !== 'linux')(
  'headgate serve without file descriptors answers on connections that are open, and takes new ones when some end',
  async () => {
    await using headgate = await HeadgateProcess.serve()
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    const live = async (): Promise<number> => {
      const [response] = await once(request(`${headgate.url}/livez`, { agent }).end(), 'response')
      await once(response.resume(), 'end')
      return response.statusCode
    }
    expect(await live()).toBe(200)
    const { pid } = headgate.child
    const most = readdirSync(`/proc/${pid}/fd`).length + SPARE
    execFileSync('prlimit', ['--pid', String(pid), `--nofile=${most}:${most}`])
    const { hostname, port } = new URL(headgate.url)
    const closed = new Set<Socket>()
    const sockets = Array.from({ length: CONNECTIONS }, () => {
      const socket = connect(Number(port), hostname)
      return socket.on('error', () => {}).on('close', () => closed.add(socket))
    })
    // Those that are one too many do not wait: they are closed.
    await expect.poll(() => closed.size).toBeGreaterThan(CONNECTIONS / 2)
    expect(closed.size).toBeLessThan(CONNECTIONS)
    expect(await live()).toBe(200)
    for (const socket of sockets) socket.destroy()
    const knock = () => headgate.get('/livez').then(({ status }) => status, String)
    await expect.poll(knock).toBe(200)
    agent.destroy()
    expect((await headgate.stop()).code).toBe(0)
  },
)

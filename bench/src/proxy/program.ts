/** Programs that listen on a port they are told. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { type AddressInfo, connect, createServer } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

/** A server that runs. */
export interface RunningServer extends Disposable {
  readonly port: number
  readonly pid: number
}

/** A program and what it is started with. */
export interface Started {
  readonly command: readonly [string, ...string[]]
  readonly env?: Readonly<Record<string, string>>
  /** Where it listens soon. */
  readonly port: number
}

const START_MS = 20_000
const POLL_MS = 50

/** Starts a program, and waits until it listens. */
export async function startProgram({ command, env = {}, port }: Started): Promise<RunningServer> {
  const [program, ...args] = command
  const child = spawn(program, args, { stdio: ['ignore', 2, 2], env: { ...process.env, ...env } })
  let failed: Error | null = null
  child.on('error', (error) => {
    failed = error
  })
  const until = performance.now() + START_MS
  while (!(await listens(port))) {
    if (failed !== null) throw failed
    if (child.exitCode !== null) throw new Error(`${program} ended with ${child.exitCode}`)
    if (performance.now() > until) throw new Error(`${program} does not listen after ${START_MS} ms`)
    await sleep(POLL_MS)
  }
  return { port, pid: child.pid as number, [Symbol.dispose]: () => void child.kill('SIGKILL') }
}

/** A port that nobody listens on. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

async function listens(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1')
  try {
    await once(socket, 'connect')
    return true
  } catch {
    return false
  } finally {
    socket.destroy()
  }
}

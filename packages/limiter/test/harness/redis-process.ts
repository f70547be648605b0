/** Starting a redis-server and knowing that it is ours that answers. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { reap } from './reaper.ts'
import { redisBinary } from './redis-binary.ts'
import { callOnce, type Endpoint } from './redis-connection.ts'

export interface Launch {
  readonly args: readonly string[]
  readonly endpoint: Endpoint
  readonly logFile: string
  readonly env?: Readonly<Record<string, string>>
}

const ATTEMPTS = 10
const READY_MS = 10_000
const POLL_MS = 10
const ANSWER_MS = 1000

/** Starts on a port of the operating system's choice; another one when somebody else took it meanwhile. */
export async function launchOnFreePort(
  make: (port: number) => Launch,
): Promise<{ port: number; child: ChildProcess }> {
  let log = ''
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const port = await freePort()
    const launch = make(port)
    const child = await tryLaunch(launch)
    if (child !== null) return { port, child }
    log = logOf(launch)
  }
  throw new Error(`redis-server did not start in ${ATTEMPTS} attempts, each on another port\n${log}`)
}

/** Starts on the port of before. */
export async function launchAgain(launch: Launch): Promise<ChildProcess> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const child = await tryLaunch(launch)
    if (child !== null) return child
  }
  throw new Error(
    `redis-server did not start again on port ${launch.endpoint.port} in ${ATTEMPTS} attempts\n${logOf(launch)}`,
  )
}

/** Null when the server ended before it answered: somebody else took the port meanwhile. */
async function tryLaunch({ args, endpoint, logFile, env = {} }: Launch): Promise<ChildProcess | null> {
  const binary = redisBinary()
  const child = spawn(binary, [...args, '--logfile', logFile], {
    stdio: 'ignore',
    env: { ...process.env, ...env },
  })
  let failure: Error | null = null
  child.once('error', (error) => {
    failure = error
  })
  reap(child)
  const deadline = performance.now() + READY_MS
  while (child.exitCode === null && child.signalCode === null && failure === null) {
    // The process id tells our server from another one that took the port first.
    if ((await info(endpoint)).includes(`process_id:${child.pid}\r\n`)) return child
    if (performance.now() > deadline) {
      child.kill('SIGKILL')
      throw new Error(`redis-server did not answer on port ${endpoint.port} within ${READY_MS} ms`)
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_MS))
  }
  if (failure === null) return null
  const fix = 'install Redis, or set HEADGATE_REDIS_SERVER to a redis-server executable'
  throw new Error(`${binary} cannot be started; ${fix}`, { cause: failure })
}

/** The empty text when nobody answers. */
async function info(endpoint: Endpoint): Promise<string> {
  try {
    return String(await callOnce(endpoint, ['INFO', 'server'], { withinMs: ANSWER_MS }))
  } catch {
    return ''
  }
}

function logOf({ logFile }: Launch): string {
  return existsSync(logFile) ? readFileSync(logFile, 'utf8').slice(-1000) : ''
}

/** A port that nobody listens on just now. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (address === null || typeof address === 'string') throw new Error('no port was given')
  return address.port
}

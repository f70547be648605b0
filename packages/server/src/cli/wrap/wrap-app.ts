import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { placeOf } from '../../proxy/upstream/connect-target.ts'
import { connectTo } from '../connect-to.ts'
import { type Child, type SuperviseOptions, superviseChild } from './supervise-child.ts'

const LOOPBACK = '127.0.0.1'
const POLL_MS = 50
/** A connection to this machine takes less, or none is to be had. */
const CONNECT_MS = 1000

/** An app that is started by its proxy. */
export interface WrapOptions extends SuperviseOptions {
  /** One text, which `/bin/sh -c "exec …"` runs: `npm start`, or `env A=1 node app.js`. */
  readonly command: string
  /** URL by which it is reached, as `--upstream` has it; null: it is to listen on a port that is free, of this machine alone. */
  readonly upstream: string | null
}

/** An app that runs, whose proxy is this process. */
export interface WrappedApp extends Child {
  /** URL by which it is reached. */
  readonly upstream: string
  /** Whether it has taken a connection; until then this process is not ready. */
  readonly isListening: boolean
  /** Resolves when it listens, with true; with false where it ended before. */
  readonly listening: Promise<boolean>
}

/**
 * Starts an app, which learns from the variable `PORT` where to listen. Variables whose names begin with `HEADGATE_` are not for it: they
 * may have passwords.
 */
export async function wrapApp({ command, upstream, env, ...options }: WrapOptions): Promise<WrappedApp> {
  const target = upstream ?? `http://${LOOPBACK}:${await freePort()}`
  const child = superviseChild(['/bin/sh', '-c', `exec ${command}`], {
    ...options,
    env: envFor(target, env),
  })
  let isListening = false
  const listening = untilListening(target, child).then((listens) => {
    isListening = listens
    return listens
  })
  return {
    ...child,
    upstream: target,
    listening,
    get isListening() {
      return isListening
    },
  }
}

function envFor(target: string, env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const others = Object.entries(env).filter(([name]) => name !== 'PORT' && !name.startsWith('HEADGATE_'))
  const { socketPath, port } = placeOf(target)
  return { ...Object.fromEntries(others), ...(socketPath === null && { PORT: String(port) }) }
}

/** One that the system just had to give; that nobody else takes it meanwhile cannot be ensured. */
async function freePort(): Promise<number> {
  const server = createServer()
  server.listen(0, LOOPBACK)
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

async function untilListening(target: string, { exited }: Child): Promise<boolean> {
  let isOver = false
  const ended = exited.then(() => {
    isOver = true
    return false
  })
  const connected = async (): Promise<boolean> => {
    while (!isOver) {
      try {
        await connectTo(target, CONNECT_MS)
        return !isOver
      } catch {
        await sleep(POLL_MS)
      }
    }
    return false
  }
  return Promise.race([ended, connected()])
}

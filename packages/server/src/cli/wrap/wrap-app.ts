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
  /** URL by which it is reached, as `--upstream` has it. */
  readonly upstream: string
}

/** An app that runs, whose proxy is this process. */
export interface WrappedApp extends Child {
  /** Whether it has taken a connection; until then this process is not ready. */
  readonly isListening: boolean
  /** Resolves when it listens, with true; with false where it ended before. */
  readonly listening: Promise<boolean>
}

/**
 * Starts an app, which learns from the variable `PORT` where to listen. Variables whose names begin with `HEADGATE_` are not for it: they
 * may have passwords.
 */
export function wrapApp({ command, upstream, env, ...options }: WrapOptions): WrappedApp {
  const child = superviseChild(['/bin/sh', '-c', `exec ${command}`], {
    ...options,
    env: envFor(upstream, env),
  })
  let isListening = false
  const listening = untilListening(upstream, child).then((listens) => {
    isListening = listens
    return listens
  })
  return {
    ...child,
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

/** The URL of an app that is to listen on a port of this machine which is free now; that nobody takes it meanwhile cannot be ensured. */
export async function freeUpstream(): Promise<string> {
  const server = createServer()
  server.listen(0, LOOPBACK)
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return `http://${LOOPBACK}:${port}`
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

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { pinned } from './pin.ts'
import type { Run } from './suite.ts'

/** The subject that asks has the other one. */
export const SERVER_CORE = 1
/** Those with which the service starts itself again on one core, which would close the channel to this process. */
const FLAGS = ['--single-threaded-gc', '--no-allocation-site-pretenuring']

/** A server in a process of its own. */
export interface HttpServer extends Disposable {
  readonly port: number
  readonly pid: number
  /** Seconds of a core that it has used, where its script answers messages with its `cpuUsage()`. */
  cpuSeconds(): Promise<number>
}

/** Starts a script that prints the address it listens at as a line of JSON, with the same library as this process. */
export async function startServer(
  script: string,
  args: readonly string[] = [],
  { roams = false }: Pick<Run, 'roams'> = {},
): Promise<HttpServer> {
  const node = [process.execPath, ...process.execArgv, ...FLAGS, script, ...args] as const
  const [command, ...rest] = roams ? node : pinned(SERVER_CORE, node)
  const server = spawn(command, rest, { stdio: ['ignore', 'pipe', 'inherit', 'ipc'] })
  const cpuSeconds = async (): Promise<number> => {
    server.send('cpu')
    const [{ user, system }] = (await once(server, 'message')) as [NodeJS.CpuUsage]
    return (user + system) / 1e6
  }
  for await (const line of createInterface({ input: server.stdout as Readable })) {
    const { url } = JSON.parse(line) as { url?: string }
    if (url === undefined) continue
    // What else it prints is read, as it is wherever a log is kept.
    server.stdout?.resume()
    return {
      port: Number(new URL(url).port),
      pid: server.pid as number,
      cpuSeconds,
      [Symbol.dispose]: () => server.kill('SIGKILL'),
    }
  }
  throw new Error(`${script} ended with ${(await once(server, 'close'))[0]}`)
}

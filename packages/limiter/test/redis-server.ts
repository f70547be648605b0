/** A real redis-server of this machine, for tests: own port, own folder, killed by its own process id. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface RedisServerOptions {
  /** More arguments of redis-server, such as `--maxmemory 1mb`. */
  readonly args?: readonly string[]
}

const ATTEMPTS = 10
const READY_MS = 10_000
const POLL_MS = 15
const COMMAND_MS = 1000

/** Start it with `await using server = await RedisServer.start()`, or call `stop` in `afterAll`. */
export class RedisServer implements AsyncDisposable {
  readonly port: number
  readonly url: string
  readonly #directory: string
  readonly #args: readonly string[]
  #child: ChildProcess
  readonly #kill = (): void => {
    this.#child.kill('SIGKILL')
  }

  private constructor(port: number, directory: string, args: readonly string[], child: ChildProcess) {
    this.port = port
    this.url = `redis://127.0.0.1:${port}`
    this.#directory = directory
    this.#args = args
    this.#child = child
    // A test process that dies must not leave its server behind.
    process.once('exit', this.#kill)
  }

  static async start({ args = [] }: RedisServerOptions = {}): Promise<RedisServer> {
    const directory = mkdtempSync(join(tmpdir(), 'headgate-redis-server-'))
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const port = await freePort()
      const child = await launch(port, directory, args)
      if (child !== null) return new RedisServer(port, directory, args, child)
    }
    rmSync(directory, { recursive: true, force: true })
    throw new Error(`redis-server did not start in ${ATTEMPTS} attempts, each on another port`)
  }

  get pid(): number {
    return this.#child.pid ?? -1
  }

  /** Stops the process where it stands: connections stay open and nothing answers. */
  freeze(): void {
    this.#child.kill('SIGSTOP')
  }

  resume(): void {
    this.#child.kill('SIGCONT')
  }

  /** Kills the process; the port refuses connections until `restart`. */
  async crash(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return
    const gone = once(this.#child, 'exit')
    this.#child.kill('SIGKILL')
    await gone
  }

  /** Starts again on the same port: no keys, no scripts. */
  async restart(): Promise<void> {
    await this.crash()
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const child = await launch(this.port, this.#directory, this.#args)
      if (child === null) continue
      this.#child = child
      return
    }
    throw new Error(`redis-server did not start again on port ${this.port}`)
  }

  async stop(): Promise<void> {
    await this.crash()
    process.removeListener('exit', this.#kill)
    rmSync(this.#directory, { recursive: true, force: true })
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop()
  }
}

/** Null when the server ended before it answered: somebody else took the port meanwhile. */
async function launch(
  port: number,
  directory: string,
  args: readonly string[],
): Promise<ChildProcess | null> {
  const binary = process.env['HEADGATE_REDIS_SERVER'] || 'redis-server'
  const own = [
    '--port',
    String(port),
    '--bind',
    '127.0.0.1',
    '--save',
    '',
    '--appendonly',
    'no',
    '--dir',
    directory,
  ]
  const child = spawn(binary, [...own, '--protected-mode', 'no', '--daemonize', 'no', ...args], {
    stdio: 'ignore',
  })
  let failure: Error | null = null
  child.once('error', (error) => {
    failure = error
  })
  const deadline = performance.now() + READY_MS
  while (child.exitCode === null && child.signalCode === null && failure === null) {
    // The process id tells our server from another one that took the port first.
    if ((await ask(port, 'INFO server')).includes(`process_id:${child.pid}\r\n`)) return child
    if (performance.now() > deadline) {
      child.kill('SIGKILL')
      throw new Error(`redis-server did not answer on port ${port} within ${READY_MS} ms`)
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_MS))
  }
  if (failure === null) return null
  const fix = 'install Redis, or set HEADGATE_REDIS_SERVER to a redis-server executable'
  throw new Error(`${binary} cannot be started; ${fix}`, { cause: failure })
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (address === null || typeof address === 'string') throw new Error('no port was given')
  return address.port
}

/** One inline command on a connection of its own; the empty text when nobody answers. */
function ask(port: number, command: string): Promise<string> {
  return new Promise((resolve) => {
    let text = ''
    const socket = connect(port, '127.0.0.1', () => socket.write(`${command}\r\nQUIT\r\n`))
    socket.setTimeout(COMMAND_MS, () => socket.destroy())
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1')
    })
    socket.on('error', () => {})
    socket.on('close', () => resolve(text))
  })
}

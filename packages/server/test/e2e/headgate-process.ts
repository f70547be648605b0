/** The built binary as a process of its own, on a port chosen by the system. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'

const BINARY = join(import.meta.dirname, '../../dist/cli/main.js')
const START_MS = 60_000
const POLL_MS = 10
const ADMIN = 'admin'
/** Listeners on fixed ports would be in each other's way. */
const ONE_PORT = { HEADGATE_GRPC_PORT: 'off', HEADGATE_RESP_PORT: 'off', HEADGATE_ADMIN_PORT: 'off' }

/** How a process ended, and what it printed. */
export interface Ended {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

export interface Answer {
  readonly status: number
  readonly headers: Headers
  // biome-ignore lint/suspicious/noExplicitAny: tests read whatever JSON they expect
  readonly body: any
  readonly ms: number
}

/** Which process it is to be. */
export interface HeadgatePlace {
  /** Where it runs. */
  readonly folder?: string
  /** Its `main.js`, of another build than this one. */
  readonly binary?: string
}

/** Start it with `await using headgate = await HeadgateProcess.serve([…])`. */
export class HeadgateProcess implements AsyncDisposable {
  readonly child: ChildProcess
  readonly #end: Promise<unknown>
  stdout = ''
  stderr = ''

  constructor(args: readonly string[], env: NodeJS.ProcessEnv = {}, place: HeadgatePlace = {}) {
    const { folder, binary = BINARY } = place
    const inherited = Object.entries(process.env).filter(
      ([name]) => name !== 'PORT' && !name.startsWith('HEADGATE_'),
    )
    this.child = spawn(process.execPath, [binary, ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
      cwd: folder,
      env: { ...Object.fromEntries(inherited), ...ONE_PORT, ...env },
    })
    this.child.stdout?.on('data', (chunk) => (this.stdout += chunk))
    this.child.stderr?.on('data', (chunk) => (this.stderr += chunk))
    this.#end = once(this.child, 'close')
  }

  /** Runs a command to its end. */
  static async run(
    args: readonly string[],
    env: NodeJS.ProcessEnv = {},
    place: HeadgatePlace = {},
  ): Promise<Ended> {
    return new HeadgateProcess(args, env, place).ended()
  }

  /** Starts `serve` and waits until it listens. Where nothing else is said, it does not wait at SIGTERM. */
  static async serve(
    args: readonly string[] = [],
    env: NodeJS.ProcessEnv = {},
    place: HeadgatePlace = {},
  ): Promise<HeadgateProcess> {
    return HeadgateProcess.#listening('serve', args, env, place)
  }

  /** As `serve`, but starts `proxy`. */
  static async proxy(
    args: readonly string[] = [],
    env: NodeJS.ProcessEnv = {},
    place: HeadgatePlace = {},
  ): Promise<HeadgateProcess> {
    return HeadgateProcess.#listening('proxy', args, env, place)
  }

  static async #listening(
    command: 'serve' | 'proxy',
    args: readonly string[],
    env: NodeJS.ProcessEnv,
    place: HeadgatePlace,
  ): Promise<HeadgateProcess> {
    const first = [command, '--port', '0', '--shutdown-delay', '0']
    const started = new HeadgateProcess([...first, ...args], env, place)
    const hasAdmin = args.includes('--admin-port')
    const deadline = performance.now() + START_MS
    while (started.#urlLine() === undefined || (hasAdmin && started.#urlLine(ADMIN) === undefined)) {
      if (started.child.exitCode !== null || performance.now() > deadline) {
        started.child.kill('SIGKILL')
        throw new Error(`headgate did not start: ${started.stdout}${started.stderr}`)
      }
      await new Promise((resolve) => setTimeout(resolve, POLL_MS))
    }
    return started
  }

  /** Lines of the log so far. */
  get log(): Record<string, unknown>[] {
    return this.stdout
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line))
  }

  get url(): string {
    return String(this.#urlLine())
  }

  /** Of the admin listener, where that is not off. */
  get adminUrl(): string {
    return String(this.#urlLine(ADMIN))
  }

  async get(path: string): Promise<Answer> {
    return answerOf(() => fetch(this.url + path))
  }

  async post(path: string, body: object): Promise<Answer> {
    const headers = { 'content-type': 'application/json' }
    return answerOf(() => fetch(this.url + path, { method: 'POST', headers, body: JSON.stringify(body) }))
  }

  /** Sends a signal and waits for the end. */
  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<Ended> {
    this.child.kill(signal)
    return this.ended()
  }

  async ended(): Promise<Ended> {
    await this.#end
    return { code: this.child.exitCode, stdout: this.stdout, stderr: this.stderr }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.child.kill('SIGKILL')
    await this.#end
  }

  #urlLine(of?: string): unknown {
    return this.log.find(({ transport, url }) => url !== undefined && (of ?? transport) === transport)?.[
      'url'
    ]
  }
}

async function answerOf(ask: () => Promise<Response>): Promise<Answer> {
  const start = performance.now()
  const response = await ask()
  const text = await response.text()
  const { status, headers } = response
  return { status, headers, body: text === '' ? null : JSON.parse(text), ms: performance.now() - start }
}

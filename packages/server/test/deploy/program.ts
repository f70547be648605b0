/** A program that an example starts. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'

/** A program of an example. */
export class Program {
  readonly #child: ChildProcess
  output = ''

  constructor(command: string, cwd: string, env: NodeJS.ProcessEnv) {
    const options = { cwd, env: { ...process.env, ...env } } as const
    this.#child = spawn('sh', ['-c', `exec ${command}`], { ...options, stdio: ['ignore', 'pipe', 'pipe'] })
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.on('data', (chunk) => (this.output += chunk))
    }
  }

  get hasEnded(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null
  }

  /** Ends it without a chance to say goodbye. */
  kill(): Promise<void> {
    return this.stop('SIGKILL')
  }

  /** Ends it, and what it has started. */
  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    if (this.hasEnded) return
    const ended = once(this.#child, 'close')
    this.#child.kill(signal)
    await ended
  }
}

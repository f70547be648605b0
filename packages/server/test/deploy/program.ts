/** A program that an example starts. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'

/** A program of an example, with those that it has started. */
export class Program {
  readonly #child: ChildProcess
  output = ''

  constructor(command: string, cwd: string, env: NodeJS.ProcessEnv) {
    const options = { cwd, env: { ...process.env, ...env }, detached: true } as const
    this.#child = spawn('sh', ['-c', `exec ${command}`], { ...options, stdio: ['ignore', 'pipe', 'pipe'] })
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.on('data', (chunk) => (this.output += chunk))
    }
  }

  get hasEnded(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null
  }

  async kill(): Promise<void> {
    if (this.hasEnded || this.#child.pid === undefined) return
    const ended = once(this.#child, 'close')
    process.kill(-this.#child.pid, 'SIGKILL')
    await ended
  }
}

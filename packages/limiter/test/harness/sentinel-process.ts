/** One Sentinel of a RedisSentinel. */
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { makeTemporaryDirectory, removeTemporaryDirectory } from './reaper.ts'
import { callOnce } from './redis-connection.ts'
import { launchOnFreePort } from './redis-process.ts'
import { harnessLogin } from './redis-setup.ts'
import type { Reply } from './resp.ts'

export interface Watch {
  readonly masterName: string
  readonly masterPort: number
  readonly quorum: number
  readonly downAfterMs: number
}

const FAILOVER_TIMEOUT_MS = 3000

// Sentinels look round every few seconds: too seldom for a test. A busy machine must not make them stop looking.
// During a failover they ask replicas once a second, whatever is set here, and promote none whose answer is older
// than three times the period of INFO or five times that of PING.
const HASTE = {
  'info-period': 700,
  'ping-period': 400,
  'ask-period': 200,
  'publish-period': 200,
  'tilt-trigger': 20_000,
  'tilt-period': 1000,
}

export class SentinelProcess {
  readonly port: number
  readonly #child: ChildProcess
  readonly #directory: string

  private constructor(port: number, child: ChildProcess, directory: string) {
    this.port = port
    this.#child = child
    this.#directory = directory
  }

  static async start(watch: Watch): Promise<SentinelProcess> {
    const directory = makeTemporaryDirectory('sentinel')
    const file = join(directory, 'sentinel.conf')
    const logFile = join(directory, 'sentinel.log')
    try {
      const { port, child } = await launchOnFreePort((chosen) => {
        writeFileSync(file, configuration(chosen, directory, watch))
        return { args: [file, '--sentinel'], endpoint: { port: chosen }, logFile }
      })
      const sentinel = new SentinelProcess(port, child, directory)
      await sentinel.#hasten()
      return sentinel
    } catch (error) {
      removeTemporaryDirectory(directory)
      throw error
    }
  }

  command(...args: readonly (string | number)[]): Promise<Reply> {
    return callOnce({ port: this.port }, args)
  }

  /** What it thinks of the master: fields such as `num-slaves` and `flags`. */
  async master(name: string): Promise<ReadonlyMap<string, string>> {
    const reply = (await this.command('SENTINEL', 'MASTER', name)) as readonly string[]
    const fields = new Map<string, string>()
    for (let index = 0; index < reply.length; index += 2)
      fields.set(reply[index] ?? '', reply[index + 1] ?? '')
    return fields
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) {
      const gone = once(this.#child, 'exit')
      this.#child.kill('SIGKILL')
      await gone
    }
    removeTemporaryDirectory(this.#directory)
  }

  async #hasten(): Promise<void> {
    try {
      await this.command('SENTINEL', 'DEBUG', ...Object.entries(HASTE).flat())
    } catch {
      // Redis 6 has no such command, and takes its time.
    }
  }
}

function configuration(port: number, directory: string, watch: Watch): string {
  const { masterName, masterPort, quorum, downAfterMs } = watch
  return [
    `port ${port}`,
    'bind 127.0.0.1',
    'protected-mode no',
    `dir ${directory}`,
    `sentinel monitor ${masterName} 127.0.0.1 ${masterPort} ${quorum}`,
    `sentinel auth-user ${masterName} ${harnessLogin.name}`,
    `sentinel auth-pass ${masterName} ${harnessLogin.password}`,
    `sentinel down-after-milliseconds ${masterName} ${downAfterMs}`,
    `sentinel failover-timeout ${masterName} ${FAILOVER_TIMEOUT_MS}`,
    `sentinel parallel-syncs ${masterName} 2`,
    '',
  ].join('\n')
}

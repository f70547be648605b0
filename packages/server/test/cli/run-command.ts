/** Commands of the command line in this process, with a terminal that keeps what is printed. */
import { Command } from 'commander'
import { addHashCommand } from '../../src/cli/key/hash-command.ts'
import { addKeyCommand } from '../../src/cli/key/key-command.ts'
import { addMirrorCommand } from '../../src/cli/mirror/mirror-command.ts'
import { addRecordCommand } from '../../src/cli/record/record-command.ts'
import { addAdminCommands } from '../../src/cli/remote/admin-commands.ts'
import { addServiceCommands } from '../../src/cli/remote/service-commands.ts'
import type { Terminal } from '../../src/cli/remote/terminal.ts'

// Loading commander opens standard input, which would count as left open.
process.stdin.unref()

/** What a command is run with. */
export interface Given {
  readonly env?: NodeJS.ProcessEnv
  readonly input?: string
  /** Lines that somebody types without their being shown; absent: nobody types. */
  readonly secrets?: readonly string[]
  readonly isTTY?: boolean
  readonly signal?: AbortSignal
  /** Hears all of standard output so far, each time that there is more. */
  readonly onOutput?: (stdout: string) => void
  /** Hears of each time that is slept, which takes none. */
  readonly onSleep?: (ms: number) => unknown
  readonly now?: () => number
}

/** How it ended. */
export interface Ran {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/** Runs a line such as `['consume', 'user=alice']`. */
export async function runCommand(line: readonly string[], given: Given = {}): Promise<Ran> {
  const {
    env = {},
    input = '',
    secrets,
    isTTY = false,
    signal = new AbortController().signal,
    onOutput,
  } = given
  const { onSleep = () => {}, now = Date.now } = given
  const typed = secrets?.values()
  let [code, stdout, stderr] = [-1, '', '']
  const terminal: Terminal = {
    env,
    isTTY,
    rows: 24,
    signal,
    write: (text) => {
      stdout += text
      onOutput?.(stdout)
    },
    warn: (text) => {
      stderr += `${text}\n`
    },
    exit: (given) => {
      code = given
    },
    read: async () => input,
    readSecret: async () => typed?.next().value ?? null,
    sleep: async (ms) => void (await onSleep(ms)),
    now,
  }
  const program = new Command('headgate').exitOverride()
  addServiceCommands(program, terminal)
  addAdminCommands(program, terminal)
  addRecordCommand(program, terminal)
  addMirrorCommand(program, terminal)
  addKeyCommand(program, terminal)
  addHashCommand(program, terminal)
  await program.parseAsync(line, { from: 'user' })
  return { code, stdout, stderr }
}

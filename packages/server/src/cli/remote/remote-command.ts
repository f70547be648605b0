import type { Command } from 'commander'
import { run } from '../exit.ts'
import { addOptions, resolveOptions } from '../option-table.ts'
import { type Connection, connectionOf } from './connection-of.ts'
import { jsonText } from './printable.ts'
import { ADMIN_OPTIONS, SERVICE_OPTIONS } from './remote-flags.ts'
import type { Terminal, Told } from './terminal.ts'

/** Options as typed, by name. */
export type Typed = Readonly<Record<string, string | boolean | undefined>>

/** What stands for `[who...]` in help. */
export const WHO = 'user=alice path=/v2/x, or one plain key; - reads a line for each from input'

const AFTER = `
Each option is a variable as well: --timeout is HEADGATE_TIMEOUT. A token comes
from HEADGATE_TOKEN or --token-file, and never from an argument, which all users
of the machine could see. Exit codes: 0 yes, 1 no, 2 wrong usage, 4 no answer.`

/** What a command was given, beside its connection. */
export interface RemoteCall {
  readonly connection: Connection
  /** Arguments: of `[who...]` all, of `[id]` one or none. */
  readonly words: readonly string[]
  readonly typed: Typed
}

/** Finishes a command that asks the service, or its admin listener; `act` answers its exit code. */
export function remoteCommand(
  command: Command,
  listener: 'service' | 'admin',
  { terminal, act }: { readonly terminal: Terminal; readonly act: (call: RemoteCall) => Promise<number> },
): void {
  addOptions(command, listener === 'service' ? SERVICE_OPTIONS : ADMIN_OPTIONS)
    .option('--json', 'print the answer as JSON')
    .addHelpText('after', AFTER)
    .exitOverride()
    .action(async (...given: unknown[]) => {
      const [typed, words] = argumentsOf(given)
      const code = await run(async () => {
        const connection = connect(listener, typed, terminal)
        return act({ connection, words, typed })
      }, terminal.warn)
      terminal.exit(code)
    })
}

/** Prints what a command has to say; returns its exit code. */
export function tell({ exitCode, lines, json }: Told, { json: asJson }: Typed, terminal: Terminal): number {
  terminal.write(`${asJson === true ? jsonText(json, 2) : lines.join('\n')}\n`)
  return exitCode
}

/** The text of an option; undefined where it is not given. */
export function textOf(value: Typed[string]): string | undefined {
  return value === undefined ? undefined : String(value)
}

/** Commander calls with the arguments, the options and the command. */
function argumentsOf(given: readonly unknown[]): [Typed, string[]] {
  const [typed] = given.slice(-2) as [Typed]
  const words = given.slice(0, -2).flatMap((one) => (one === undefined ? [] : (one as string | string[])))
  return [typed, words]
}

function connect(listener: 'service' | 'admin', typed: Typed, terminal: Terminal): Connection {
  const flags = typed as Readonly<Record<string, string | boolean>>
  if (listener === 'service') {
    const options = resolveOptions(SERVICE_OPTIONS, flags, terminal.env)
    return connectionOf({ ...options, flag: '--url' }, terminal)
  }
  const { adminUrl, ...options } = resolveOptions(ADMIN_OPTIONS, flags, terminal.env)
  return connectionOf({ ...options, url: adminUrl, flag: '--admin-url' }, terminal)
}

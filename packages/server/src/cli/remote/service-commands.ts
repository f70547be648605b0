import type { Command } from 'commander'
import { timeOf } from '../../config/time-of.ts'
import { wrongUsage } from '../../service/describe-failure.ts'
import { run } from '../exit.ts'
import { addOptions, resolveOptions } from '../option-table.ts'
import { type DecideFields, decide } from './ask-decision.ts'
import { explain } from './ask-explanation.ts'
import { type Connection, connectionOf } from './connection-of.ts'
import { jsonText } from './printable.ts'
import { reach } from './reach.ts'
import { SERVICE_OPTIONS } from './remote-flags.ts'
import type { Terminal, Told } from './terminal.ts'
import { type WhoFields, whoFrom } from './who-from.ts'

/** Options as typed, by name. */
type Typed = Readonly<Record<string, string | boolean>>

/** A command that asks the service about somebody. */
interface ServiceCommand {
  readonly name: string
  readonly description: string
  /** Whether it asks for units. */
  readonly hasCost: boolean
  /** Whether it takes a time. */
  readonly hasTime: boolean
  ask(connection: Connection, body: WhoFields & DecideFields & { readonly duration?: string }): Promise<Told>
}

const COMMANDS: readonly ServiceCommand[] = [
  {
    name: 'consume',
    description: 'spend of the budgets of a request, if all have the units',
    hasCost: true,
    hasTime: false,
    ask: (connection, body) => decide('consume', connection, body),
  },
  {
    name: 'peek',
    description: 'say what consume would answer, and spend nothing',
    hasCost: true,
    hasTime: false,
    ask: (connection, body) => decide('peek', connection, body),
  },
  {
    name: 'explain',
    description: 'say which policies match a request, and why it would be denied',
    hasCost: true,
    hasTime: false,
    ask: explain,
  },
  {
    name: 'reset',
    description: 'forget what was spent under the keys of somebody',
    hasCost: false,
    hasTime: false,
    ask: (connection, body) => reach('reset', connection, body),
  },
  {
    name: 'block',
    description: 'deny everything under the keys of somebody, for a time',
    hasCost: false,
    hasTime: true,
    ask: (connection, body) => reach('block', connection, body),
  },
  {
    name: 'unblock',
    description: 'end blocks and bans of the keys of somebody',
    hasCost: false,
    hasTime: false,
    ask: (connection, body) => reach('unblock', connection, body),
  },
]

const WHO = 'user=alice path=/v2/x, or one plain key; - reads a line for each from input'
/** What the help of commands that ask a service ends with. */
const AFTER = `
Each option is a variable as well: --timeout is HEADGATE_TIMEOUT. A token comes
from HEADGATE_TOKEN or --token-file, and never from an argument, which all users
of the machine could see. Exit codes: 0 yes, 1 no, 2 wrong usage, 4 no answer.`

/** Adds the commands that ask a service about somebody. */
export function addServiceCommands(program: Command, terminal: Terminal): void {
  for (const one of COMMANDS) addServiceCommand(program, one, terminal)
}

function addServiceCommand(program: Command, one: ServiceCommand, terminal: Terminal): void {
  const { name, description, hasCost, hasTime } = one
  const command = program.command(name).description(description).argument('[who...]', WHO)
  if (hasCost) command.option('--cost <units>', 'units of the request (default: 1, or what policies say)')
  if (hasTime) command.requiredOption('--for <time>', 'for how long, as 10m')
  command.option('--policy <name>', 'this policy alone')
  addOptions(command, SERVICE_OPTIONS)
    .option('--json', 'print the answer as JSON')
    .addHelpText('after', AFTER)
    .exitOverride()
    .action(async (words: string[], typed: Typed) => {
      const code = await run(async () => {
        const { url, ...options } = resolveOptions(SERVICE_OPTIONS, typed, terminal.env)
        const body = { ...(await whoFrom(words, terminal)), ...fieldsOf(typed) }
        const connection = connectionOf({ ...options, url, flag: '--url' }, terminal)
        return tell(await one.ask(connection, body), typed, terminal)
      }, terminal.warn)
      terminal.exit(code)
    })
}

/** Prints what a command has to say; returns its exit code. */
export function tell({ exitCode, lines, json }: Told, typed: Typed, terminal: Terminal): number {
  terminal.write(`${typed['json'] === true ? jsonText(json, 2) : lines.join('\n')}\n`)
  return exitCode
}

function fieldsOf({ cost, policy, for: time }: Typed): DecideFields & { readonly duration?: string } {
  return {
    ...(cost !== undefined && { cost: readCost(String(cost)) }),
    ...(policy !== undefined && { policy: String(policy) }),
    ...(time !== undefined && { duration: readTime(String(time)) }),
  }
}

function readCost(text: string): number {
  const cost = Number(text)
  if (/^\d+$/.test(text) && Number.isSafeInteger(cost)) return cost
  throw wrongUsage(`${JSON.stringify(text)} is no cost; give --cost a whole number of 0 or more`)
}

function readTime(text: string): string {
  if (timeOf(text) !== null) return text
  throw wrongUsage(`${JSON.stringify(text)} is no time; give --for one such as 10m`)
}

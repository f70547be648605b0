import type { Command } from 'commander'
import { timeOf } from '../../config/time-of.ts'
import { wrongUsage } from '../../service/describe-failure.ts'
import { type DecideFields, decide } from './ask-decision.ts'
import { explain } from './ask-explanation.ts'
import type { Connection } from './connection-of.ts'
import { reach } from './reach.ts'
import { remoteCommand, type Typed, tell, WHO } from './remote-command.ts'
import type { Terminal, Told } from './terminal.ts'
import { type WhoFields, whoFrom } from './who-from.ts'

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
  remoteCommand(command, 'service', {
    terminal,
    act: async ({ connection, words, typed }) => {
      const body = { ...(await whoFrom(words, terminal, typed['policy'])), ...fieldsOf(typed) }
      return tell(await one.ask(connection, body), typed, terminal)
    },
  })
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

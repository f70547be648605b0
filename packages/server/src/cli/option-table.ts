import type { Command } from 'commander'
import type { Environment } from '../config/source/read-variables.ts'

/** One option of a command, which is a variable of the environment as well. */
export interface OptionRow<T> {
  /** One letter, as in `-c`. */
  readonly short?: string
  /** What stands for the value in help; left out, the option is a switch. */
  readonly value?: string
  /** What it does, in a few words. */
  readonly help: string
  /** Another variable, which is asked last. */
  readonly also?: string
  /** What holds where nothing is given, as one would write it. */
  readonly byDefault?: string
  /** Reads what was given; `said` is the flag or the variable, for the message of a mistake. */
  read(text: string, said: string): T
}

/** Options by name: `onStoreError` is `--on-store-error` and `HEADGATE_ON_STORE_ERROR`. */
// biome-ignore lint/suspicious/noExplicitAny: each row has a type of its own
export type OptionTable = Readonly<Record<string, OptionRow<any>>>

/** What a table makes of a command line. */
export type Resolved<Table extends OptionTable> = {
  readonly [Name in keyof Table]: ReturnType<Table[Name]['read']>
}

/** The flag of an option: `--on-store-error`. */
export function flagOf(name: string): string {
  return `--${words(name).join('-')}`
}

/** The variable of an option: `HEADGATE_ON_STORE_ERROR`. */
export function variableOf(name: string): string {
  return `HEADGATE_${words(name).join('_').toUpperCase()}`
}

/** Lets a command take the options of a table. */
export function addOptions(command: Command, table: OptionTable): Command {
  for (const [name, { short, value, help, byDefault }] of Object.entries(table)) {
    const flags = [...(short === undefined ? [] : [`-${short}`]), flagOf(name)].join(', ')
    const end = byDefault === undefined ? '' : ` (default: ${byDefault})`
    command.option(value === undefined ? flags : `${flags} <${value}>`, `${help}${end}`)
  }
  return command
}

/** Some options of a table. */
export function pick<Table extends OptionTable, Name extends keyof Table & string>(
  table: Table,
  names: readonly Name[],
): Pick<Table, Name> {
  return Object.fromEntries(names.map((name) => [name, table[name]])) as Pick<Table, Name>
}

/** What holds: a flag before a variable before the default. A variable that is empty counts as unset. */
export function resolveOptions<Table extends OptionTable>(
  table: Table,
  typed: Readonly<Record<string, string | boolean>>,
  env: Environment,
): Resolved<Table> {
  const entries = Object.entries(table).map(([name, { also, byDefault, read }]) => {
    const flag = typed[name]
    if (flag !== undefined) return [name, read(String(flag), flagOf(name))]
    const variable = [variableOf(name), also].find((one) => one !== undefined && isSet(one, env))
    if (variable !== undefined) return [name, read(env[variable] as string, variable)]
    return [name, byDefault === undefined ? undefined : read(byDefault, flagOf(name))]
  })
  return Object.fromEntries(entries)
}

function isSet(variable: string, env: Environment): boolean {
  const value = env[variable] ?? ''
  return value !== '' && !isServiceLink(variable, value)
}

/** Kubernetes tells every container of a namespace where its services are: one named headgate sets `HEADGATE_PORT` to a URL. */
export function isServiceLink(variable: string, value: string): boolean {
  if (variable === 'HEADGATE_PORT') return /^(tcp|udp|sctp):\/\//.test(value)
  return /^HEADGATE_(SERVICE_(HOST|PORT)|PORT_\d+_)/.test(variable)
}

function words(name: string): string[] {
  return name.split(/(?=[A-Z])/).map((word) => word.toLowerCase())
}

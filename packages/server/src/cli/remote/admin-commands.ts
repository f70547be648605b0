import type { Command } from 'commander'
import { wrongUsage } from '../../service/describe-failure.ts'
import { readDuration } from '../read-duration.ts'
import { askDenials } from './ask-denials.ts'
import { askUsage } from './ask-usage.ts'
import { readSets } from './nft-elements.ts'
import { printEvents, printForNft } from './print-events.ts'
import { remoteCommand, tell, textOf, WHO } from './remote-command.ts'
import { showTop } from './show-top.ts'
import type { Terminal } from './terminal.ts'
import { whoFrom } from './who-from.ts'

/** Adds the commands that ask the admin listener. */
export function addAdminCommands(program: Command, terminal: Terminal): void {
  addUsage(program, terminal)
  addDenials(program, terminal)
  addTop(program, terminal)
  addWatch(program, terminal)
}

function addUsage(program: Command, terminal: Terminal): void {
  const command = program
    .command('usage')
    .description('say what is used of the budgets of somebody, whatever matches')
    .argument('[who...]', WHO)
    .option('--policy <name>', 'this policy alone')
  remoteCommand(command, 'admin', {
    terminal,
    act: async ({ connection, words, typed }) => {
      const policy = textOf(typed['policy'])
      const who = await whoFrom(words, terminal, policy)
      return tell(
        await askUsage(connection, { ...who, ...(policy !== undefined && { policy }) }),
        typed,
        terminal,
      )
    },
  })
}

function addDenials(program: Command, terminal: Terminal): void {
  const command = program
    .command('denials')
    .description('list the last denials of an instance, or the one with an id')
    .argument('[id]', 'that of an answer')
    .option('--policy <name>', 'of this policy alone')
    .option('--limit <number>', 'how many, up to 1000 (default: 100)')
  remoteCommand(command, 'admin', {
    terminal,
    act: async ({ connection, words: [id], typed }) => {
      const { policy, limit } = typed
      return tell(
        await askDenials(connection, { id, policy: textOf(policy), limit: textOf(limit) }),
        typed,
        terminal,
      )
    },
  })
}

function addTop(program: Command, terminal: Terminal): void {
  const command = program
    .command('top')
    .description('show the keys that ask most of an instance, or are denied most')
    .option('--by <ranking>', 'requests, units or denied (default: requests)')
    .option('--policy <name>', 'of this policy alone')
    .option('--count <number>', 'how many, up to 100 (default: 20)')
    .option('--every <time>', 'how often, on a terminal (default: 2s)')
    .option('--once', 'show it once; so it is where standard output is no terminal')
  remoteCommand(command, 'admin', {
    terminal,
    act: ({ connection, typed }) => {
      const { by, policy, count, every = '2s', once, json } = typed
      const everyMs = readDuration(String(every), '--every')
      if (everyMs < 100) throw wrongUsage('--every is at least 100ms')
      const options = { by: textOf(by), policy: textOf(policy), count: textOf(count) }
      return showTop(connection, { ...options, everyMs, once: once === true, json: json === true }, terminal)
    },
  })
}

function addWatch(program: Command, terminal: Terminal): void {
  const command = program
    .command('watch')
    .description('print what happens at an instance, as it does, a line each')
    .option('--denied', 'denials alone')
    .option('--policy <name>', 'denials of this policy alone')
    .option('--every <time>', 'how often how things stand is printed (default: 10s)')
    .option('--format <format>', 'lines, or nft: commands that ban addresses which are banned or blocked')
    .option('--table <name>', 'of nft, of the family inet (default: headgate)')
    .option('--set <name>', 'of nft for IPv4; that for IPv6 has 6 behind (default: banned)')
  remoteCommand(command, 'admin', {
    terminal,
    act: ({ connection, typed }) => {
      const { denied, every = '10s', format = 'lines', table, set, json } = typed
      const policy = textOf(typed['policy'])
      if (format === 'nft') {
        if (json === true)
          throw wrongUsage('--format nft prints commands of nft, and no JSON; leave out --json')
        const sets = readSets(textOf(table) ?? 'headgate', textOf(set) ?? 'banned')
        return printForNft(connection, { sets, policy }, terminal)
      }
      if (format !== 'lines')
        throw wrongUsage(`${JSON.stringify(format)} is no format; give --format lines or nft`)
      if (table !== undefined || set !== undefined) throw wrongUsage('--table and --set go with --format nft')
      const everyMs = readDuration(String(every), '--every')
      const options = { denied: denied === true, policy, json: json === true, everyMs }
      return printEvents(connection, options, terminal)
    },
  })
}

import type { Command } from 'commander'

/** Lines that stand for several commands. */
const TOGETHER: readonly (readonly [names: readonly string[], summary: string])[] = [
  [['consume', 'peek'], 'spend of a budget, or say what that would answer'],
  [['record', 'mirror'], 'log live requests for replay, or try another file on them'],
  [['key', 'hash'], 'make a token or an API key for the file, or hash a password'],
  [['block', 'unblock'], 'deny everything of somebody for a time, or end that'],
]

const WIDTH = 16

/** The help of the program itself: all commands on one screen of 24 lines and 80 columns. */
export function helpText(program: Command): string {
  const lines = program.commands.flatMap((command) => {
    const together = TOGETHER.find(([names]) => names.includes(command.name()))
    if (together === undefined) return [line(command.name(), command.summary() || command.description())]
    const [names, summary] = together
    return names[0] === command.name() ? [line(names.join(', '), summary)] : []
  })
  return [
    `Usage: ${program.name()} <command> [options]; ${program.name()} <command> --help says more`,
    '',
    ...lines,
    '',
    'Exit codes: 0 fine, 1 no or failed, 2 wrong usage or file, 3 unsaid, 4 no answer',
    '',
  ].join('\n')
}

function line(name: string, summary: string): string {
  return `  ${name.padEnd(WIDTH)}${summary}`
}

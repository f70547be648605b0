import type { Command } from 'commander'
import { run } from '../exit.ts'
import { type Typed, tell } from '../remote/remote-command.ts'
import type { Terminal } from '../remote/terminal.ts'

const AFTER = `
The password is typed without being shown, or comes from standard input, without the end of its line. It has no option: all users of
the machine could read it in the listing of processes.`

/** Adds `headgate hash`. */
export function addHashCommand(program: Command, terminal: Terminal): void {
  program
    .command('hash')
    .description('hash a password for "proxy.basic.users" of the configuration')
    .option('--argon2id', 'by argon2id, which takes Node 24.7 or later (default: scrypt)')
    .option('--json', 'print it as JSON')
    .addHelpText('after', AFTER)
    .exitOverride()
    .action(async (typed: Typed) => {
      const code = await run(async () => {
        const { hashTyped } = await import('./hash-typed.ts')
        return tell(
          await hashTyped(typed['argon2id'] === true ? 'argon2id' : 'scrypt', terminal),
          typed,
          terminal,
        )
      }, terminal.warn)
      terminal.exit(code)
    })
}

import type { Command } from 'commander'
import { run } from '../exit.ts'
import { tell } from '../remote/remote-command.ts'
import type { Terminal } from '../remote/terminal.ts'
import type { KeyOptions } from './new-key.ts'

const AFTER = `
Only the hash stands in a configuration. With --out the token never meets a screen or a history:
  headgate key new --name checkout --scopes consume --out checkout.token >> headgate.yaml`

/** Adds `headgate key`. */
export function addKeyCommand(program: Command, terminal: Terminal): void {
  const key = program
    .command('key')
    .description('make a token, and what the configuration has of it: key new')
  key
    .command('new')
    .description('draw a token, and print it once with its entry under "tokens" of the configuration')
    .requiredOption('--name <name>', 'names its holder in logs and in the history of changes')
    .requiredOption('--scopes <scopes>', 'what it is for: consume, adjust, read, admin; separated by commas')
    .option('--domains <patterns>', 'domains that it is confined to, as shop-*,cart')
    .option('--policies <patterns>', 'policies that it is confined to')
    .option('--limit <rate>', 'most requests of its holder, as 500/s')
    .option('--out <file>', 'write the token to this new file, and print the entry alone')
    .option('--json', 'print it as JSON')
    .addHelpText('after', AFTER)
    .exitOverride()
    .action(async ({ json, ...options }: KeyOptions & { readonly json?: boolean }) => {
      const typed = json === undefined ? {} : { json }
      const code = await run(async () => {
        const { newKey } = await import('./new-key.ts')
        return tell(newKey(options), typed, terminal)
      }, terminal.warn)
      terminal.exit(code)
    })
}

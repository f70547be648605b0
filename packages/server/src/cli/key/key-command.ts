import type { Command } from 'commander'
import { wrongUsage } from '../../service/describe-failure.ts'
import { run } from '../exit.ts'
import { tell } from '../remote/remote-command.ts'
import type { Terminal, Told } from '../remote/terminal.ts'
import type { ApiKeyOptions } from './new-api-key.ts'
import type { KeyOptions } from './new-key.ts'

const AFTER = `
Only the hash stands in a configuration. With --out the token never meets a screen or a history:
  headgate key new --name checkout --scopes consume --out checkout.token >> headgate.yaml
  headgate key new --proxy --scopes read --expires 2027-12-31`

/** What was typed: some options are for tokens of the service, others for keys of the proxy. */
interface TypedOptions extends ApiKeyOptions, Omit<Partial<KeyOptions>, keyof ApiKeyOptions> {
  readonly proxy?: boolean
  readonly json?: boolean
}

/** Adds `headgate key`. */
export function addKeyCommand(program: Command, terminal: Terminal): void {
  const key = program
    .command('key')
    .description('make a token or an API key, and its entry in the file: key new')
  key
    .command('new')
    .description('draw a token of the service, or with --proxy an API key, and print it once with its entry')
    .option('--name <name>', 'names its holder in logs and in the history of changes')
    .option('--scopes <scopes>', 'what it is for: consume, adjust, read, admin; with --proxy, any words')
    .option('--domains <patterns>', 'domains that it is confined to, as shop-*,cart')
    .option('--policies <patterns>', 'policies that it is confined to')
    .option('--limit <rate>', 'most requests of its holder, as 500/s')
    .option('--proxy', 'an API key for clients of the proxy')
    .option('--id <id>', 'with --proxy: the part of it that is no secret (default: drawn)')
    .option('--expires <time>', 'with --proxy: until when it is good, as 2027-12-31 (default: for ever)')
    .option('--out <file>', 'write it to this new file, and print the entry alone')
    .option('--json', 'print it as JSON')
    .addHelpText('after', AFTER)
    .exitOverride()
    .action(async ({ json, ...options }: TypedOptions) => {
      const typed = json === undefined ? {} : { json }
      const code = await run(async () => tell(await made(options), typed, terminal), terminal.warn)
      terminal.exit(code)
    })
}

async function made({ proxy = false, ...options }: TypedOptions): Promise<Told> {
  const others = proxy ? (['name', 'domains', 'policies', 'limit'] as const) : (['id', 'expires'] as const)
  const stray = others.find((option) => options[option] !== undefined)
  if (stray !== undefined)
    throw wrongUsage(`--${stray} is for ${proxy ? 'tokens of the service' : 'keys with --proxy'}`)
  if (proxy) {
    const { newProxyKey } = await import('./new-api-key.ts')
    return newProxyKey(options)
  }
  const { name, scopes } = options
  if (name === undefined || scopes === undefined) throw wrongUsage('give --name and --scopes, or --proxy')
  const { newKey } = await import('./new-key.ts')
  return newKey({ ...options, name, scopes })
}

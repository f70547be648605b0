import { Command, CommanderError } from 'commander'
import { VERSION } from '../service/version.ts'
import { addDoctorCommand } from './doctor/doctor-command.ts'
import { EXIT, run } from './exit.ts'
import { helpText } from './help.ts'
import { addHashCommand } from './key/hash-command.ts'
import { addKeyCommand } from './key/key-command.ts'
import { addMirrorCommand } from './mirror/mirror-command.ts'
import { addOptions, pick, resolveOptions } from './option-table.ts'
import { print } from './print.ts'
import { PROXY_OPTIONS, proxyServeOptions } from './proxy-options.ts'
import { addRecordCommand } from './record/record-command.ts'
import { addAdminCommands } from './remote/admin-commands.ts'
import { processTerminal } from './remote/process-terminal.ts'
import { addServiceCommands } from './remote/service-commands.ts'
import { addReplayCommand } from './replay-command.ts'
import { SERVE_OPTIONS } from './serve-options.ts'
import { applySingleThreadedGc } from './single-threaded-gc.ts'

/** Options as typed, by name. */
type Typed = Readonly<Record<string, string | boolean>>

// What a command needs is loaded when it is asked for: commands that only ask a service need neither servers nor stores.
const program = new Command('headgate')
  .description('Rate limiting as a service.')
  .version(VERSION)
  .showSuggestionAfterError()
  .showHelpAfterError('Try headgate --help.')
  .helpCommand(false)
  .exitOverride()
  .configureOutput({ writeOut: print })
program.helpInformation = () => helpText(program)

addOptions(program.command('serve'), SERVE_OPTIONS)
  .description('answer questions over HTTP until it is told to stop')
  .addHelpText('after', '\nEach option is a variable as well: --port is HEADGATE_PORT. A flag wins.')
  .exitOverride()
  .action(async (typed: Typed) => {
    const { env } = process
    process.exitCode = await run(async () => {
      const options = resolveOptions(SERVE_OPTIONS, typed, env)
      applySingleThreadedGc(options.singleThreadedGc)
      const { serve } = await import('./serve.ts')
      return serve(options, env)
    })
  })

addOptions(program.command('proxy'), PROXY_OPTIONS)
  .description('stand in front of an application: authentication, limits and hardened responses')
  .summary('stand in front of an application')
  .addHelpText('after', '\nEach option is a variable as well: --upstream is HEADGATE_UPSTREAM. A flag wins.')
  .exitOverride()
  .action(async (typed: Typed) => {
    const { env } = process
    process.exitCode = await run(async () => {
      const options = proxyServeOptions(resolveOptions(PROXY_OPTIONS, typed, env))
      applySingleThreadedGc(options.singleThreadedGc)
      const { serve } = await import('./serve.ts')
      return serve(options, env)
    })
  })

addOptions(program.command('check'), pick(SERVE_OPTIONS, ['store', 'onStoreError']))
  .description('say what is wrong with configurations, and what each rule admits at worst')
  .summary('say what is wrong with configurations')
  .argument('[files...]', 'files and folders (default: what serve would take)')
  .option('--json', 'print it as JSON')
  .exitOverride()
  .action(async (files: string[], { json = false, ...typed }: Typed) => {
    const { env } = process
    process.exitCode = await run(async () => {
      const options = resolveOptions(SERVE_OPTIONS, typed as Typed, env)
      const { check } = await import('./check.ts')
      return check({ files, serve: options, env, json: json === true })
    })
  })

program
  .command('diff')
  .description('say in words what another configuration changes, and for whom')
  .argument('<old>', 'file or folder')
  .argument('<new>', 'file or folder')
  .option('--json', 'print it as JSON')
  .addHelpText('after', '\nExit codes: 0 both say the same, 1 they differ, 2 one of them has a mistake.')
  .exitOverride()
  .action(async (old: string, next: string, { json = false }: { readonly json?: boolean }) => {
    process.exitCode = await run(async () => {
      const { diff } = await import('./diff.ts')
      return diff({ names: [old, next], env: process.env, json })
    })
  })

program
  .command('convert')
  .description('write configurations of envoyproxy/ratelimit or limitr as one of ours')
  .summary('write files of envoyproxy/ratelimit or limitr as one of ours')
  .argument('<files...>', 'files and folders')
  .option('-o, --out <file>', 'write it there, where nothing is (default: print it)')
  .option('--json', 'print what was done as JSON')
  .addHelpText('after', '\nExit codes: 0 all is said, 2 a file has a mistake, 3 ours cannot say all of it.')
  .exitOverride()
  .action(
    async (files: string[], { out, json = false }: { readonly out?: string; readonly json?: boolean }) => {
      process.exitCode = await run(async () => {
        const { convert } = await import('./convert.ts')
        return convert({ files, out, json })
      })
    },
  )

addReplayCommand(program)

program
  .command('init')
  .description('write a headgate.yaml to begin with, and its JSON Schema')
  .option('--proxy', 'one of the edge proxy')
  .option('--force', 'write over files that are there')
  .option('--json', 'print what was written as JSON')
  .exitOverride()
  .action(
    async ({ proxy, force, json }: Readonly<Record<'proxy' | 'force' | 'json', boolean | undefined>>) => {
      process.exitCode = await run(async () => {
        const { init } = await import('./init.ts')
        return init({
          folder: process.cwd(),
          force: force === true,
          proxy: proxy === true,
          json: json === true,
        })
      })
    },
  )

program
  .command('schema')
  .description('print the JSON Schema of the configuration file, for editors')
  .exitOverride()
  .action(async () => {
    const { editorSchema } = await import('../config/schema/editor-schema.ts')
    console.log(JSON.stringify(editorSchema(), null, 2))
  })

const terminal = processTerminal()
addServiceCommands(program, terminal)
addAdminCommands(program, terminal)
addRecordCommand(program, terminal)
addMirrorCommand(program, terminal)
addKeyCommand(program, terminal)
addHashCommand(program, terminal)
addDoctorCommand(program, terminal)

try {
  await program.parseAsync()
} catch (reason) {
  if (!(reason instanceof CommanderError)) throw reason
  process.exitCode = reason.exitCode === 0 ? 0 : EXIT.usage
}

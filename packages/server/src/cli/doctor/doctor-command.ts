import type { Command } from 'commander'
import { run } from '../exit.ts'
import { addOptions, pick, resolveOptions } from '../option-table.ts'
import { tell } from '../remote/remote-command.ts'
import type { Terminal } from '../remote/terminal.ts'
import { SERVE_OPTIONS } from '../serve-options.ts'
import { findingLines } from './finding-lines.ts'
import { worstOf } from './redis/finding.ts'

const OF_SERVE = [
  'config',
  'store',
  'host',
  'port',
  'grpcPort',
  'respPort',
  'adminHost',
  'adminPort',
  'maxConnections',
  'onStoreError',
] as const
/** For what is still under way then, such as a name that is looked up: everything is said, and nobody waits for it. */
const LINGER_MS = 500

const AFTER = `
Exit codes: 0 nothing to do, 1 warnings, 2 errors.
It asks for what serve would be started with, and takes the same variables. Nothing that counts is changed.`

/** Adds `headgate doctor`. */
export function addDoctorCommand(program: Command, terminal: Terminal): void {
  addOptions(program.command('doctor'), pick(SERVE_OPTIONS, OF_SERVE))
    .description('look at configuration, machine and stores for what would go wrong; ends within 10 s')
    .summary('look for what would go wrong')
    .option('--json', 'print it as JSON')
    .addHelpText('after', AFTER)
    .exitOverride()
    .action(async ({ json = false, ...typed }: Readonly<Record<string, string | boolean>>) => {
      const code = await run(async () => {
        // Other commands have no use for what it loads.
        const { doctor, exitCodeOf } = await import('./doctor.ts')
        const { env } = terminal
        const serve = resolveOptions(SERVE_OPTIONS, typed as Readonly<Record<string, string>>, env)
        // Whatever the library warns of is among the findings.
        process.removeAllListeners('warning')
        const findings = await doctor({ serve, env })
        const told = {
          exitCode: exitCodeOf(findings),
          lines: findingLines(findings),
          json: { state: worstOf(findings), findings },
        }
        return tell(told, { json: json === true }, terminal)
      }, terminal.warn)
      terminal.exit(code)
      setTimeout(() => process.exit(), LINGER_MS).unref()
    })
}

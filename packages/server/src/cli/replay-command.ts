import type { Command } from 'commander'
import { run } from './exit.ts'
import type { ReplayTyped } from './replay-options.ts'

/** Adds `headgate replay`. */
export function addReplayCommand(program: Command): void {
  program
    .command('replay')
    .description('play access logs against a configuration: whom would it have denied?')
    .summary('say whom a configuration would have denied in a log')
    .argument('<logs...>', 'access logs or recorded ones, also gzip; - is standard input')
    .requiredOption('-c, --config <file>', 'the configuration to be')
    .option('--against <file>', 'the one in force: who is denied by one of both only')
    .option('--format <name>', 'combined, vhost, json, envoy, csv or recorded (default: guessed)')
    .option('--columns <map>', 'attributes by fields of JSON or CSV: client=ip,auth.id=user,when=time')
    .option('--set <attribute>', 'one that all requests have, also again: domain=api', collected)
    .option('--only <policies>', 'play these policies alone, parted by commas')
    .option(
      '--sweep <rules>',
      'try other limits of these: POLICY/RULE,… or all (default: the rule that denies most)',
    )
    .option('--no-sweep', 'try no other limits')
    .option(
      '--sweep-limits <numbers>',
      'the limits to try, parted by commas (default: a quarter to four times)',
    )
    .option('--seed-file <file>', 'has what a recorded log was hashed with')
    .option('--top <number>', 'keys to list of each policy (default: 10)')
    .option('--max-keys <number>', 'most keys in memory at once (default: 1000000)')
    .option('--html <file>', 'write the report as one page, with plots')
    .option('--force', 'write over a page that is there')
    .option('--json', 'print it as JSON')
    .addHelpText(
      'after',
      '\nNo store is contacted. Exit codes: 0 played, 1 no line could be, or a log is cut off, 2 wrong usage or file.',
    )
    .exitOverride()
    .action(async (logs: string[], typed: ReplayTyped) => {
      process.exitCode = await run(async () => {
        const { replay } = await import('./replay.ts')
        return replay(logs, typed, process.env)
      })
    })
}

/** All values of an option that may be given again. */
function collected(value: string, before: readonly string[] = []): string[] {
  return [...before, value]
}

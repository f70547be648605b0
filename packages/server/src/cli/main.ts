#!/usr/bin/env node
import { readFileSync } from 'node:fs'
import { Command, CommanderError } from 'commander'
import { check } from './check.ts'
import { type ServeOptions, serve } from './serve.ts'

/** Wrong usage or a bad configuration; 1 is for what goes wrong at run time. */
const EXIT_USAGE = 2

const manifest = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
  version: string
}

const program = new Command('headgate')
  .description('Rate limiting as a service.')
  .version(manifest.version)
  .showSuggestionAfterError()
  .showHelpAfterError('Try headgate --help.')
  .addHelpText('after', '\nExit codes: 0 fine, 1 failed at run time, 2 wrong usage or bad configuration.')
  .exitOverride()

program
  .command('serve')
  .description('answer questions over HTTP until it is told to stop')
  .option('-c, --config <file>', 'configuration file (default: the sample that comes with Headgate)')
  .option('-s, --store <url>', 'memory or redis://host:6379, in place of the one in the file')
  .option('--host <address>', 'address to listen on', '127.0.0.1')
  .option('-p, --port <port>', 'port to listen on, 0 for any (default: $PORT, or 8080)')
  .option(
    '--log-level <level>',
    'least level that is logged: trace, debug, info, warn, error, fatal, silent',
    'info',
  )
  .option('--shutdown-delay <time>', 'from SIGTERM on, not ready but still serving for this long', '5s')
  .option('--drain-timeout <time>', 'then requests under way get this long to finish', '10s')
  .exitOverride()
  .action(async (options: ServeOptions) => {
    process.exitCode = await serve(options)
  })

program
  .command('check')
  .description("check a configuration file and say each rule's worst case")
  .argument('<file>')
  .exitOverride()
  .action(async (file: string) => {
    process.exitCode = await check(file)
  })

try {
  await program.parseAsync()
} catch (reason) {
  if (!(reason instanceof CommanderError)) throw reason
  process.exitCode = reason.exitCode === 0 ? 0 : EXIT_USAGE
}

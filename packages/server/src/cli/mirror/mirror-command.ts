import type { Command } from 'commander'
import { wrongUsage } from '../../service/describe-failure.ts'
import { readDuration } from '../read-duration.ts'
import { addWantedOptions, readSpan, readWanted } from '../record/record-flags.ts'
import { remoteCommand, textOf } from '../remote/remote-command.ts'
import type { Terminal } from '../remote/terminal.ts'

/** Adds `headgate mirror`. */
export function addMirrorCommand(program: Command, terminal: Terminal): void {
  const command = program
    .command('mirror')
    .description('play what an instance decides against another configuration, live and without effect')
    .summary('try another configuration on live requests, without effect')
    .requiredOption('-c, --config <file>', 'the configuration to try')
    .option('--against <file>', 'one to play beside it: who is denied by one of both only')
    .option('--only <policies>', 'play these policies alone, parted by commas')
  addWantedOptions(command)
    .option('--for <time>', 'end after this time (default: at Ctrl-C)')
    .option('--every <time>', 'how often it is said how things stand (default: 5s)')
  remoteCommand(command, 'admin', {
    terminal,
    act: async ({ connection, typed }) => {
      const { config, every = '5s', json } = typed
      const [span, only] = [textOf(typed['for']), textOf(typed['only'])]
      const everyMs = readDuration(String(every), '--every')
      if (everyMs < 100) throw wrongUsage('--every is at least 100ms')
      const settings = {
        wanted: readWanted(typed),
        config: String(config),
        against: textOf(typed['against']),
        only: only?.split(',').map((name) => name.trim()),
        forMs: span === undefined ? undefined : readSpan(span, '--for'),
        everyMs,
        json: json === true,
      }
      const { mirrorRequests } = await import('./mirror-requests.ts')
      return mirrorRequests(connection, settings, terminal)
    },
  })
}

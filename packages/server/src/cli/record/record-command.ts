import type { Command } from 'commander'
import { wrongUsage } from '../../service/describe-failure.ts'
import { remoteCommand, textOf } from '../remote/remote-command.ts'
import type { Terminal } from '../remote/terminal.ts'
import { addWantedOptions, readSpan, readWanted } from './record-flags.ts'
import { recordRequests } from './record-requests.ts'

/** Adds `headgate record`. */
export function addRecordCommand(program: Command, terminal: Terminal): void {
  const command = program
    .command('record')
    .description('write the requests of an instance to a log that replay reads, until Ctrl-C')
    .summary('write live requests to a log for replay')
    .option('-o, --out <file>', 'write it there, where nothing is; .gz is compressed (default: print it)')
  addWantedOptions(command)
    .option('--for <time>', 'end after this time (default: at Ctrl-C)')
    .option('--max-bytes <number>', 'end before its lines are longer together')
  remoteCommand(command, 'admin', {
    terminal,
    act: ({ connection, typed }) => {
      const [out, span, bytes] = [textOf(typed['out']), textOf(typed['for']), textOf(typed['maxBytes'])]
      const json = typed['json'] === true
      if (json && out === undefined) {
        throw wrongUsage(
          '--json prints what was recorded, and without --out the log is printed; give --out a file',
        )
      }
      return recordRequests(
        connection,
        {
          wanted: readWanted(typed),
          out,
          forMs: span === undefined ? undefined : readSpan(span, '--for'),
          bytesMax: bytes === undefined ? undefined : readBytes(bytes),
          json,
        },
        terminal,
      )
    },
  })
}

function readBytes(text: string): number {
  if (/^[1-9]\d{0,14}$/.test(text)) return Number(text)
  throw wrongUsage(`${JSON.stringify(text)} is no number of bytes; give --max-bytes one such as 1000000000`)
}

import { EXIT } from '../exit.ts'
import type { Connection } from '../remote/connection-of.ts'
import { jsonText } from '../remote/printable.ts'
import type { Terminal } from '../remote/terminal.ts'
import { openRecording } from './open-recording.ts'
import { createRecordFile } from './record-file.ts'
import type { WantedRequests } from './record-flags.ts'
import { RecordTally } from './record-tally.ts'

/** What is recorded, where to, and until when. */
export interface RecordingSettings {
  readonly wanted: WantedRequests
  /** Undefined: standard output. */
  readonly out: string | undefined
  /** Undefined: until it is told to end. */
  readonly forMs: number | undefined
  /** Of the lines, as they are without compression. */
  readonly bytesMax: number | undefined
  readonly json: boolean
}

/** Runs `headgate record`: writes the log until its end, and then says what it has. */
export async function recordRequests(
  connection: Connection,
  { wanted, out, forMs, bytesMax, json }: RecordingSettings,
  terminal: Terminal,
): Promise<number> {
  const timeUp = forMs === undefined ? [] : [AbortSignal.timeout(forMs)]
  const ended = AbortSignal.any([terminal.signal, ...timeUp])
  const { parts, close } = await openRecording(connection, wanted, ended)
  const tally = new RecordTally()
  const broken: unknown[] = []
  const text = keptLines(parts, {
    tally,
    bytesMax: bytesMax ?? Number.POSITIVE_INFINITY,
    onBroken: (reason) => broken.push(reason),
  })
  try {
    const write = out === undefined ? print(terminal) : await createRecordFile(out)
    await write(text)
  } finally {
    close()
  }
  const { requests, bytes, lost, ended: why } = tally
  if (json) terminal.write(`${jsonText({ requests, lost, bytes, ended: why }, 2)}\n`)
  else for (const line of tally.lines()) terminal.warn(line)
  if (broken.length > 0) throw broken[0]
  return EXIT.done
}

interface Bounds {
  readonly tally: RecordTally
  readonly bytesMax: number
  /** Hears why there are no more lines, where that is a failure: what is written until then is to be whole. */
  readonly onBroken: (reason: unknown) => void
}

/** Lines with their ends, up to the one that would be too much. */
async function* keptLines(
  parts: AsyncIterable<readonly string[]>,
  { tally, bytesMax, onBroken }: Bounds,
): AsyncGenerator<string> {
  try {
    for await (const lines of parts) {
      let kept = ''
      for (const line of lines) {
        if (tally.bytes + Buffer.byteLength(line) + 1 > bytesMax) {
          yield kept
          return
        }
        tally.add(line)
        kept += `${line}\n`
      }
      yield kept
    }
  } catch (reason) {
    onBroken(reason)
  }
}

function print(terminal: Terminal): (text: AsyncIterable<string>) => Promise<void> {
  return async (text) => {
    for await (const some of text) terminal.write(some)
  }
}

import { type LevelWithSilent, type Logger, pino } from 'pino'
import type { LineOutput } from './line-output.ts'
import { standardOutput } from './standard-output.ts'
import { textLine, textLines } from './text-line.ts'

/** Levels of the log, from the least. */
export const LOG_LEVELS: readonly LevelWithSilent[] = [
  'trace',
  'debug',
  'info',
  'warn',
  'error',
  'fatal',
  'silent',
]
/** One JSON object a line, or text for people. */
export const LOG_FORMATS = ['json', 'text'] as const
export type LogFormat = (typeof LOG_FORMATS)[number]

/** The log, and what it is written to. */
export interface OpenLog {
  readonly log: Logger
  readonly output: LineOutput
  /** Writes lines of JSON that somebody else made, each with its end, as the log writes its own. */
  readonly writeLines: (lines: string) => void
}

/** What is logged, and how. */
export interface LogOptions {
  /** The least level that is. */
  readonly level: LevelWithSilent
  readonly format: LogFormat
  /**
   * What each line says beside the process.
   * @default nothing
   */
  readonly fields?: Readonly<Record<string, string | number>>
  /**
   * Makes what it is written to.
   * @default standard output
   */
  readonly open?: typeof standardOutput
}

/** Opens the log: one line for what happens. Never a key, a receipt or a password. */
export function createLog({ level, format, fields = {}, open = standardOutput }: LogOptions): OpenLog {
  const output = open((lost, why) => {
    log.warn({ lost, why }, `the log can be written again; lines were lost: ${lost}`)
  })
  const write = format === 'json' ? output.write.bind(output) : (line: string) => output.write(textLine(line))
  const writeLines = format === 'json' ? write : (lines: string) => output.write(textLines(lines))
  const base = { pid: process.pid, ...fields }
  const log = pino({ level, base, timestamp: pino.stdTimeFunctions.isoTime }, { write })
  return { log, output, writeLines }
}

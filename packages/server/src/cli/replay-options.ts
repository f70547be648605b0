import type { SweptRule } from '../replay/limit-sweep.ts'
import { readColumns } from '../replay/parse/field-map.ts'
import { LOG_FORMATS, type LogFormat } from '../replay/parse/guess-format.ts'
import type { ReplayOptions } from '../replay/run-replay.ts'
import { wrongUsage } from '../service/describe-failure.ts'
import { readSeed } from './record/record-flags.ts'

/** Options of `headgate replay` as they were typed. */
export interface ReplayTyped {
  readonly config: string
  readonly against?: string
  readonly format?: string
  readonly columns?: string
  readonly set?: readonly string[]
  readonly only?: string
  /** False by `--no-sweep`. */
  readonly sweep?: string | boolean
  readonly sweepLimits?: string
  readonly seedFile?: string
  readonly top?: string
  readonly maxKeys?: string
  readonly html?: string
  readonly force?: boolean
  readonly json?: boolean
}

const TOP = 10
const TOP_MAX = 1000
const KEYS_MAX = 2 ** 28

/** Reads what was typed, but for the configurations. */
export function readReplayOptions(
  typed: ReplayTyped,
): Omit<ReplayOptions, 'logs' | 'configuration' | 'against' | 'onPass'> {
  const { format, columns, set = [], only, sweep, sweepLimits, seedFile, top, maxKeys } = typed
  return {
    format: format === undefined ? undefined : readFormat(format),
    columns: columns === undefined ? undefined : readColumns(columns),
    constants: Object.fromEntries(set.map(readConstant)),
    only: only?.split(',').map((name) => name.trim()),
    sweep: readSweep(sweep),
    sweepLimits: sweepLimits
      ?.split(',')
      .map((text) => readWhole(text.trim(), '--sweep-limits', Number.MAX_SAFE_INTEGER)),
    seed: seedFile === undefined ? undefined : readSeed(seedFile),
    top: top === undefined ? TOP : readWhole(top, '--top', TOP_MAX),
    maxKeys: maxKeys === undefined ? undefined : readWhole(maxKeys, '--max-keys', KEYS_MAX),
  }
}

function readFormat(text: string): LogFormat {
  const format = LOG_FORMATS.find((one) => one === text)
  if (format !== undefined) return format
  throw wrongUsage(`${JSON.stringify(text)} is no format; give --format as one of ${LOG_FORMATS.join(', ')}`)
}

function readConstant(text: string): [name: string, value: string] {
  const at = text.indexOf('=')
  if (at > 0 && at < text.length - 1) return [text.slice(0, at), text.slice(at + 1)]
  throw wrongUsage(`${JSON.stringify(text)} is no attribute; give --set as domain=api`)
}

function readSweep(given: ReplayTyped['sweep']): ReplayOptions['sweep'] {
  if (given === false) return 'none'
  if (given === undefined || given === true) return 'most'
  return given === 'all' ? 'all' : given.split(',').map(readRule)
}

function readRule(text: string): SweptRule {
  const at = text.lastIndexOf('/')
  const [policy, rule] = [text.slice(0, at).trim(), text.slice(at + 1).trim()]
  if (at > 0 && rule !== '') return { policy, rule }
  throw wrongUsage(`${JSON.stringify(text)} is no rule; give --sweep as POLICY/RULE, or as all`)
}

function readWhole(text: string, said: string, max: number): number {
  const number = Number(text)
  if (/^\d+$/.test(text) && number >= 1 && number <= max) return number
  throw wrongUsage(`${JSON.stringify(text)} is no number for ${said}; give a whole one from 1 to ${max}`)
}

import { readFileSync } from 'node:fs'
import type { Command } from 'commander'
import { timeOf } from '../../config/time-of.ts'
import { wrongUsage } from '../../service/describe-failure.ts'
import { SEED_LENGTH_MIN } from '../../service/record/record-options.ts'
import { type Typed, textOf } from '../remote/remote-command.ts'

/** Which requests of a service are wanted, and in which form. */
export interface WantedRequests {
  /** Of `/v1/record`. */
  readonly query: string
  /** What values are drawn and hashed with; undefined: the service draws it. */
  readonly seed: string | undefined
}

/** Lets a command say which requests it wants. */
export function addWantedOptions(command: Command): Command {
  return command
    .option('--attribute <name>', 'draw values of this attribute, with all requests of each')
    .option('--share <percent>', 'of its values, as in 10%')
    .option('--hash <names>', 'attributes to hash, as in user,ip; what may be a secret always is')
    .option('--seed-file <file>', 'has what values are drawn and hashed with (default: drawn anew)')
}

export function readWanted({ attribute, share, hash, seedFile }: Typed): WantedRequests {
  if ((attribute === undefined) !== (share === undefined)) {
    throw wrongUsage('--attribute and --share go together; give both, as in --attribute user --share 10%')
  }
  const given = Object.entries({ attribute, share, hash }).flatMap(([name, value]) => {
    const text = textOf(value)
    return text === undefined ? [] : [`${name}=${encodeURIComponent(text)}`]
  })
  return {
    query: given.length === 0 ? '' : `?${given.join('&')}`,
    seed: seedFile === undefined ? undefined : readSeed(String(seedFile)),
  }
}

/** In a file: arguments are seen by all users of a machine, and who has the seed can try out whose values are there. */
export function readSeed(file: string): string {
  const seed = textIn(file).trim()
  if (seed.length >= SEED_LENGTH_MIN && /^[\x21-\x7e]+$/.test(seed)) return seed
  throw wrongUsage(
    `${file} has no seed; one is a line of at least ${SEED_LENGTH_MIN} letters and digits, drawn at random`,
  )
}

function textIn(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (reason) {
    const { code = 'unknown error' } = reason as NodeJS.ErrnoException
    throw wrongUsage(`${file} cannot be read (${code}); give --seed-file a file that can`)
  }
}

const LONGEST_MS = 31 * 24 * 3_600_000

/** Reads how long something is to go on, in milliseconds; `said` is the flag. */
export function readSpan(text: string, said: string): number {
  const ms = timeOf(text)
  if (ms !== null && ms > 0 && ms <= LONGEST_MS) return ms
  throw wrongUsage(`${JSON.stringify(text)} is no time of at most 31d; give ${said} as 90s, 10m or 24h`)
}

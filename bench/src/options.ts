import { parseArgs } from 'node:util'
import type { Effort, Suite } from './harness/suite.ts'
import { suites } from './suites/index.ts'

/** What the command line asks for. */
export interface Options {
  /** With the cases that are wanted. */
  readonly suite: Suite
  readonly json: boolean
  readonly rounds: number
  readonly quick: boolean
  readonly effort: Effort
  /** Whether the results become the suite's section of `bench/RESULTS.md`. */
  readonly write: boolean
  /** The commit to compare our library with, in place of peers. */
  readonly against: string | undefined
}

const ROUNDS = 5
const QUICK_ROUNDS = 3
const AGAINST_ROUNDS = 7

/** Reads the command line; a text is what to tell a user who got it wrong. */
export function readOptions(args: readonly string[]): Options | string {
  const names = suites.map(({ name }) => name).join(' | ')
  const usage = `usage: npm run -s bench -- ${names} [--against REF] [--json] [--quick] [--rounds N] [--only TEXT] [--write]`
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        against: { type: 'string' },
        json: { type: 'boolean' },
        quick: { type: 'boolean' },
        rounds: { type: 'string' },
        only: { type: 'string' },
        write: { type: 'boolean' },
      },
    })
    const { against, json = false, quick = false, only = '', write = false } = values
    const suite = suites.find(({ name }) => name === positionals[0])
    const cases = suite?.cases.filter(({ name }) => name.includes(only)) ?? []
    const rounds = Number(values.rounds ?? usualRounds(quick, against))
    if (suite === undefined || positionals.length > 1 || cases.length === 0) return usage
    if (!Number.isInteger(rounds) || rounds < 1) return usage
    // A section is a whole suite, beside peers.
    if (write && (only !== '' || against !== undefined)) return usage
    const effort = quick ? suite.effort.quick : suite.effort.full
    return { suite: { ...suite, cases }, json, rounds, quick, effort, write, against }
  } catch (error) {
    return `${(error as Error).message}\n${usage}`
  }
}

function usualRounds(quick: boolean, against: string | undefined): number {
  if (quick) return QUICK_ROUNDS
  return against === undefined ? ROUNDS : AGAINST_ROUNDS
}

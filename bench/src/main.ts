/** `npm run -s bench -- SUITE [--json] [--quick] [--rounds N] [--only TEXT]`: compares, and reports without judging by its exit code. */
import { parseArgs } from 'node:util'
import { compare, type Outcome } from './harness/compare.ts'
import type { Effort, Suite } from './harness/suite.ts'
import { jsonLine } from './report/json.ts'
import { machine } from './report/machine.ts'
import { table } from './report/table.ts'
import { suites } from './suites/index.ts'

interface Options {
  readonly suite: Suite
  readonly json: boolean
  readonly rounds: number
  readonly effort: Effort
}

const options = readOptions()
if (typeof options === 'string') {
  console.error(options)
  process.exitCode = 2
} else {
  await run(options)
}

async function run({ suite, json, rounds, effort }: Options): Promise<void> {
  const around = await suite.open?.()
  const about = [suite.name, machine(), around?.about, `median of ${rounds}`].filter(Boolean).join(' · ')
  if (!json) console.log(`${about}\n`)
  const show = (outcome: Outcome) => console.log(json ? jsonLine(suite.name, outcome) : table(outcome))
  try {
    for (const one of suite.cases) {
      const onRun = (label: string, round: number) => console.error(`${one.name}: ${label}, round ${round}`)
      show(await compare(one, { rounds, effort, params: around?.params ?? {}, onRun }))
    }
  } finally {
    await around?.close()
  }
}

function readOptions(): Options | string {
  const names = suites.map(({ name }) => name).join(' | ')
  const usage = `usage: npm run -s bench -- ${names} [--json] [--quick] [--rounds N] [--only TEXT]`
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: {
        json: { type: 'boolean' },
        quick: { type: 'boolean' },
        rounds: { type: 'string' },
        only: { type: 'string' },
      },
    })
    const quick = values.quick ?? false
    const suite = suites.find(({ name }) => name === positionals[0])
    const cases = suite?.cases.filter(({ name }) => name.includes(values.only ?? '')) ?? []
    const rounds = Number(values.rounds ?? (quick ? 3 : 5))
    if (suite === undefined || positionals.length > 1 || cases.length === 0) return usage
    if (!Number.isInteger(rounds) || rounds < 1) return usage
    return {
      suite: { ...suite, cases },
      json: values.json ?? false,
      rounds,
      effort: quick ? suite.effort.quick : suite.effort.full,
    }
  } catch (error) {
    return `${(error as Error).message}\n${usage}`
  }
}

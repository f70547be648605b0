/**
 * `npm run -s bench -- SUITE [--against REF] [--json] [--quick] [--rounds N] [--only TEXT] [--write]`: compares,
 * and reports without judging by its exit code, which is 1 only where a subject of this tree failed.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { againstCommit } from './harness/against.ts'
import { compare, type Missing, type Outcome } from './harness/compare.ts'
import { Processes } from './harness/processes.ts'
import type { Case } from './harness/suite.ts'
import { checkOut, ownTree } from './harness/worktree.ts'
import { type Options, readOptions } from './options.ts'
import { jsonLine, missingLine } from './report/json.ts'
import { machine } from './report/machine.ts'
import { withResults } from './report/results.ts'
import { summary } from './report/summary.ts'
import { missing, table } from './report/table.ts'

const options = readOptions(process.argv.slice(2))
if (typeof options === 'string') {
  console.error(options)
  process.exitCode = 2
} else if (options.against === undefined) {
  await run(options, options.suite.cases)
} else {
  await runAgainst(options, options.against)
}

async function runAgainst(options: Options, ref: string): Promise<void> {
  console.error(`building ${ref}`)
  using other = checkOut(ref)
  for (const warning of other.warnings) console.error(warning)
  const cases = againstCommit(options.suite.cases, {
    ours: ownTree,
    theirs: other.path,
    commit: other.commit,
  })
  const results = await run(options, cases)
  if (!options.json) console.log(summary(results, other.commit))
}

async function run(options: Options, cases: readonly Case[]): Promise<(Outcome | Missing)[]> {
  const { suite, json, rounds, effort } = options
  const around = await suite.open?.(cases)
  const about = [machine(), around?.about, `median of ${rounds}`].filter(Boolean).join(' · ')
  if (!json) console.log(`${suite.name} · ${about}\n`)
  const results: (Outcome | Missing)[] = []
  const processes = new Processes()
  const plan = { rounds, effort, processes, cases, params: around?.params ?? {} }
  try {
    for (const one of cases) {
      const onRun = (label: string, round: number) => console.error(`${one.name}: ${label}, round ${round}`)
      const result = await compare(one, { ...plan, onRun })
      show(suite.name, result, json)
      results.push(result)
    }
  } finally {
    await around?.close()
  }
  if (options.write) writeResults(options, about, results)
  return results
}

function writeResults(
  { suite, quick }: Options,
  about: string,
  results: readonly (Outcome | Missing)[],
): void {
  const path = join(ownTree, 'bench/RESULTS.md')
  const before = existsSync(path) ? readFileSync(path, 'utf8') : ''
  const date = new Date().toISOString().slice(0, 10)
  writeFileSync(path, withResults(before, { suite: suite.name, about, quick, date }, results))
}

function show(suite: string, result: Outcome | Missing, json: boolean): void {
  if ('ratio' in result) {
    console.log(json ? jsonLine(suite, result) : table(result))
    return
  }
  console.log(json ? missingLine(suite, result) : missing(result))
  const { run, skipped } = result.error
  const isOfCommit = run.tree !== undefined && run.tree !== ownTree
  if (!skipped && !isOfCommit) process.exitCode = 1
}

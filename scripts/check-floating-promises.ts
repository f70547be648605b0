/** Proves that the linter still sees floating promises: every planted line of the fixture must be reported. */
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const fixture = readFileSync('scripts/fixtures/floating-promise.ts.txt', 'utf8')
const planted = fixture.split('\n').flatMap((line, index) => (line.endsWith('// planted') ? [index + 1] : []))

mkdirSync('build', { recursive: true })
const folder = mkdtempSync(join('build', 'planted-'))
try {
  const file = join(folder, 'planted.ts')
  writeFileSync(file, fixture)
  const run = spawnSync('oxlint', ['--no-ignore', '--format=unix', file], { encoding: 'utf8' })
  const found = [...run.stdout.matchAll(/planted\.ts:(\d+):\d+:.*no-floating-promises/g)].map((m) =>
    Number(m[1]),
  )
  const same = planted.length > 0 && JSON.stringify(found.sort((a, b) => a - b)) === JSON.stringify(planted)
  if (!same) {
    console.error(`planted on lines ${planted}, reported on lines ${found}\n${run.stdout}${run.stderr}`)
    process.exitCode = 1
  }
} finally {
  rmSync(folder, { recursive: true })
}

/** Fails when a source file is longer than a reader should have to take in. */
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'

const maxLines = 400

if (import.meta.main) {
  const list = ['ls-files', '-co', '--exclude-standard', '--', '*.ts', '*.tsx', '*.lua']
  const files = execFileSync('git', list, { encoding: 'utf8' }).trim().split('\n').filter(existsSync)
  const long = files.filter((path) => isTooLong(path, readFileSync(path, 'utf8')))
  for (const path of long) console.error(`${path} has more than ${maxLines} lines: split it`)
  process.exitCode = long.length > 0 ? 1 : 0
}

/** Whether a file that people write (`*.gen.ts` and `gen/` are generated, scripts in `fixtures/` were) passes the limit. */
export function isTooLong(path: string, text: string): boolean {
  if (path.endsWith('.gen.ts') || path.includes('/src/gen/') || /\/fixtures\/.*\.lua$/.test(path))
    return false
  return text.trimEnd().split('\n').length > maxLines
}

import { type SpawnSyncReturns, spawnSync } from 'node:child_process'
import { availableParallelism, cpus, loadavg } from 'node:os'

/** What a figure depends on, in a line: machine, how much else it did in the minute before, Node and commit. */
export function machine(): string {
  const model = cpus()[0]?.model.trim() ?? 'unknown'
  const load = loadavg()[0]?.toFixed(1) ?? 'unknown'
  return `${availableParallelism()} × ${model}, load ${load} · Node ${process.versions.node} · commit ${commit()}`
}

/** Short hash, and `-dirty` where files were changed since, other than those that report figures. */
function commit(): string {
  const hash = git('rev-parse', '--short', 'HEAD')
  if (hash.status !== 0) return 'unknown'
  const changes = git(
    'status',
    '--porcelain',
    '--untracked-files=no',
    '--',
    ':/',
    ':(top,exclude)bench/RESULTS.md',
  )
  return `${hash.stdout.trim()}${changes.stdout === '' ? '' : '-dirty'}`
}

function git(...args: readonly string[]): SpawnSyncReturns<string> {
  return spawnSync('git', args, { cwd: import.meta.dirname, encoding: 'utf8' })
}

import { spawnSync } from 'node:child_process'
import { availableParallelism, cpus } from 'node:os'

/** What a figure depends on, in a line: machine, Node and commit. */
export function machine(): string {
  const git = spawnSync('git', ['describe', '--always', '--dirty'], {
    cwd: import.meta.dirname,
    encoding: 'utf8',
  })
  const commit = git.status === 0 ? git.stdout.trim() : 'unknown'
  const model = cpus()[0]?.model.trim() ?? 'unknown'
  return `${availableParallelism()} × ${model} · Node ${process.versions.node} · commit ${commit}`
}

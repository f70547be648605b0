import { spawnSync } from 'node:child_process'
import { cpus } from 'node:os'

type Command = readonly [string, ...string[]]

const tool = 'taskset'
let works: boolean | undefined

/** The command kept on one core, where there are several and a tool for it; else the command as it is. */
export function pinned(core: number, command: Command): Command {
  return canPin() ? [tool, '-c', String(core), ...command] : command
}

/** Keeps a running process and its threads on one core, where that is possible. */
export function pin(core: number, pid: number): void {
  if (canPin()) spawnSync(tool, ['-a', '-c', '-p', String(core), String(pid)])
}

function canPin(): boolean {
  // Of the machine: a process that is kept on one core itself is offered no more, and starts others on another one.
  works ??= cpus().length > 1 && spawnSync(tool, ['-c', '0,1', 'true']).status === 0
  return works
}

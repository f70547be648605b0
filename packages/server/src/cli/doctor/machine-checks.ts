import { readFileSync } from 'node:fs'
import type { Environment } from '../../config/source/read-variables.ts'
import { countCores } from '../count-cores.ts'
import { NODE_NEEDED, nodeMistake } from '../node-version.ts'
import type { ServeOptions } from '../serve-options.ts'
import { unknownVariables } from '../unknown-variables.ts'
import { type Finding, findingsOf } from './redis/finding.ts'

/** Files, connections to stores and what else a service holds open besides connections of clients. */
const OTHER_DESCRIPTORS = 100
const LIMITS_FILE = '/proc/self/limits'

/** What concerns the process rather than its configuration. */
export function machineChecks(serve: ServeOptions, env: Environment): Finding[] {
  const limits = readLimits()
  return [
    checkNode(process.versions.node),
    ...(limits === null ? [] : [checkDescriptors(limits, serve.maxConnections)]),
    checkWorkers(serve.workers, countCores()),
    ...checkVariables(env),
  ]
}

/** Whether the service runs on this Node. */
export function checkNode(version: string): Finding {
  const { ok, error } = findingsOf('node')
  const mistake = nodeMistake(version)
  return mistake === null
    ? ok(`Node ${version}; ${NODE_NEEDED} is needed`)
    : error(mistake, `install Node ${NODE_NEEDED}`)
}

/** Whether as many connections as are let in can be open, given the text of `/proc/self/limits`. */
export function checkDescriptors(limits: string, maxConnections: number): Finding {
  const { ok, warning } = findingsOf('file-descriptors')
  const [, soft = ''] = /^Max open files\s+(\S+)/m.exec(limits) ?? []
  const most = soft === 'unlimited' ? Number.POSITIVE_INFINITY : Number(soft)
  const needed = maxConnections + OTHER_DESCRIPTORS
  if (most >= needed) return ok(`${soft} files can be open, and up to ${needed} may be`)
  const fix = `raise the limit (ulimit -n ${needed}, LimitNOFILE= of systemd), or lower --max-connections`
  return warning(`${soft} files can be open, and a listener lets in ${maxConnections} connections`, fix)
}

/** Whether there are as many threads as cores. */
export function checkWorkers(workers: number, cores: number): Finding {
  const { ok, warning } = findingsOf('workers')
  if (workers === 1) return ok(`one thread answers clients; this process may use ${counted(cores)}`)
  if (process.platform !== 'linux') {
    return warning(
      `threads share a port on Linux alone: one of ${workers} would serve`,
      'leave --workers out',
    )
  }
  if (workers <= cores) return ok(`${workers} threads answer clients; this process may use ${counted(cores)}`)
  const fix = 'give --workers auto, or a number up to that'
  return warning(`${workers} threads answer clients, and this process may use ${counted(cores)}`, fix)
}

function counted(cores: number): string {
  return cores === 1 ? '1 core' : `${cores} cores`
}

/** Variables that begin like ours and mean nothing. */
function checkVariables(env: Environment): Finding[] {
  const { ok, warning } = findingsOf('variables')
  const unknown = unknownVariables(env)
  if (unknown.length === 0) return [ok('no variable HEADGATE_… is unknown')]
  return unknown.map((message) => warning(message, 'correct its name, or remove it'))
}

/** Null where the system has no such file. */
function readLimits(): string | null {
  try {
    return readFileSync(LIMITS_FILE, 'utf8')
  } catch {
    return null
  }
}

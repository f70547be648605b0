import { loadConfig } from '../../config/config.ts'
import { readSource } from '../../config/source/read-source.ts'
import type { Environment } from '../../config/source/read-variables.ts'
import { reportOf } from '../check.ts'
import { EXIT } from '../exit.ts'
import { findConfig } from '../find-config.ts'
import type { ServeOptions } from '../serve-options.ts'
import { checkConfiguration, checkStoreErrors } from './configuration-checks.ts'
import { exposureChecks } from './exposure-checks.ts'
import { machineChecks } from './machine-checks.ts'
import { proxyChecks } from './proxy-checks.ts'
import { compareClocks } from './redis/clock-checks.ts'
import { examineStore } from './redis/examine-store.ts'
import { examinedStores } from './redis/examined-stores.ts'
import { type Finding, findingsOf, type State, worstOf } from './redis/finding.ts'
import type { ExaminedStore } from './redis/store-examination.ts'
import { secretFileChecks } from './secret-file-checks.ts'

/** What is looked at. */
export interface DoctorOptions {
  /** What `serve` would be started with. */
  readonly serve: ServeOptions
  readonly env: Environment
}

/** After this nothing is waited for, whatever a server does. */
const WITHIN_MS = 8000

/** Looks at the service as `serve` would start it here, at this machine, and at its stores; changes nothing that counts. */
export async function doctor({ serve, env }: DoctorOptions): Promise<Finding[]> {
  const findings = machineChecks(serve, env)
  const { file } = findConfig(serve.config)
  const given = { env, replacements: { store: serve.store, onStoreError: serve.onStoreError } }
  const report = await reportOf(file, given)
  findings.push(...checkConfiguration(report))
  if (!report.valid) return findings
  const config = await loadConfig(file, given)
  // At once: each may wait for servers.
  const [ofProxy, ofStores] = await Promise.all([
    proxyChecks(serve, config),
    examineStores(examinedStores(config)),
  ])
  findings.push(
    checkStoreErrors(config),
    ...exposureChecks(serve, config),
    ...secretFileChecks(config, await readSource(file, env)),
    ...ofProxy,
    ...ofStores,
  )
  return findings
}

/** The exit code by the worst finding. */
export function exitCodeOf(findings: readonly Finding[]): number {
  const codes: Readonly<Record<State, number>> = { ok: EXIT.done, warning: EXIT.no, error: EXIT.usage }
  return codes[worstOf(findings)]
}

/** All stores at once, each until it is done or the time is over: what was found by then counts. */
async function examineStores(stores: readonly ExaminedStore[]): Promise<Finding[]> {
  const found: Finding[] = []
  let isOver = false
  const report = (...findings: readonly Finding[]): void => {
    if (!isOver) found.push(...findings)
  }
  const looking = stores.map(async (store) => {
    const offsets = await within(examineStore(store, report))
    if (offsets !== null) return offsets
    const late = findingsOf('time', store.name)
    report(
      late.error(
        `its servers did not answer everything within ${WITHIN_MS / 1000} s`,
        'look whether they hang',
      ),
    )
    return []
  })
  const offsets = (await Promise.all(looking)).flat()
  report(...compareClocks(offsets))
  isOver = true
  return found
}

/** Null where it takes too long; it goes on, and nobody listens. */
async function within<T>(work: Promise<T>): Promise<T | null> {
  const { promise, resolve } = Promise.withResolvers<null>()
  const timer = setTimeout(() => resolve(null), WITHIN_MS)
  try {
    return await Promise.race([work, promise])
  } finally {
    clearTimeout(timer)
  }
}

import type { Logger } from 'pino'
import type { Service } from '../../service/service.ts'
import { oneInTenSeconds, oneOfAKindInTenSeconds } from './seldom.ts'

/** Logs what goes wrong in a service, each kind at most once in 10 s: a store that is down fails every request. */
export function logEvents(log: Logger, { on }: Pick<Service, 'on'>): void {
  const failures = oneOfAKindInTenSeconds()
  on('failure', ({ failure: { code, isCallers, error }, transport }) => {
    // That this process stops is known.
    if (isCallers || code === 'closed') return
    failures(code)((withheld) =>
      log.error({ code, transport, err: error, withheld }, `request failed: ${code}`),
    )
  })
  const degraded = oneInTenSeconds()
  on('degraded', ({ health }) => {
    degraded((withheld) => {
      const { breaker, lastError, decisions, replicas } = health()
      const message = 'decided without the store, which does not answer; see onStoreError'
      log.warn({ breaker, lastError, decisions, replicas, withheld }, message)
    })
  })
  on('target-health', ({ target, isHealthy, why }) => {
    if (isHealthy) log.info({ target, why }, 'a target of the proxy gets requests again')
    else log.warn({ target, why }, 'a target of the proxy gets no requests')
  })
  on('csp-report', ({ isLogged, ...report }) => {
    if (isLogged) log.info({ report }, 'a browser reported a violation of the content security policy')
  })
  on('policy-change', ({ action, name, version, actor, transport }) => {
    log.info({ action, policy: name, version, actor, transport }, 'policies were changed at run time')
  })
  let wasShadow = false
  on('configuration', ({ hash, policies, notInForce, isNew, version, shadow }) => {
    const message = isNew ? 'another configuration is in force' : 'the configuration is again that in force'
    log.info({ hash, policies, version }, message)
    if (shadow) log.warn({ version }, 'all policies are in shadow, and none denies: PUT /v1/shadow ends that')
    else if (wasShadow) log.info({ version }, 'shadow has ended: policies deny again')
    wasShadow = shadow === true
    for (const { path, message } of isNew ? notInForce : []) log.warn({ path }, message)
  })
  on('configuration-rejected', ({ hash, rejected: { message, ...where } }) => {
    log.error({ ...where, hash }, `the configuration is rejected, and the old one stays: ${message}`)
  })
}

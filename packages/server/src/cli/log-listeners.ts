import type { Logger } from 'pino'
import { expiryWarning } from '../config/tls/expiry.ts'
import type { RefusalReason } from '../service/events.ts'
import type { Service } from '../service/service.ts'
import { oneOfAKindInTenSeconds } from '../telemetry/log/seldom.ts'

const REFUSALS: Readonly<Record<RefusalReason, string>> = {
  total: 'as many are open as --max-connections allows',
  peer: 'as many are open of one peer as --max-connections-per-peer allows',
  handshake: 'its TLS handshake failed or took too long',
  system: 'the system could not take it; see the limit of open files (ulimit -n)',
  octets:
    'its address holds too many octets of requests that are not whole, and of answers that it does not take',
  late: 'it has taken none of its answers for 30 s',
}

/** Logs connections that were not taken, or were ended, each kind at most once in 10 s, and certificates. */
export function logListeners(log: Logger, { on }: Pick<Service, 'on'>): void {
  const limitOf = oneOfAKindInTenSeconds()
  on('connection-refused', ({ transport, reason }) => {
    limitOf(`refused ${transport} ${reason}`)((withheld) =>
      log.warn({ transport, reason, withheld }, `connection refused: ${REFUSALS[reason]}`),
    )
  })
  on('connection-ended', ({ transport, reason, message }) => {
    limitOf(`ended ${transport} ${reason}`)((withheld) =>
      log.warn({ transport, reason, withheld }, `connection ended: ${message}`),
    )
  })
  on('certificate', ({ fingerprint, notAfterMs, isNew }) => {
    const what = { fingerprint, notAfter: new Date(notAfterMs).toISOString() }
    log.info(what, isNew ? 'a certificate is in force' : 'the certificate is again that in force')
    const warning = expiryWarning({ notAfterMs }, Date.now())
    if (warning !== null) log.warn(what, warning)
  })
  on('certificate-rejected', ({ fingerprint, notAfterMs, message }) => {
    const what = { fingerprint, notAfter: new Date(notAfterMs).toISOString() }
    log.error(what, `the certificate is rejected, and the old one stays: ${message}`)
  })
}

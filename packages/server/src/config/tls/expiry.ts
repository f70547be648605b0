import type { CertificateInForce } from '../../service/certificate.ts'

type Expiring = Pick<CertificateInForce, 'notAfterMs'>

const DAY_MS = 86_400_000
const WARN_DAYS = 14

/** Says where a certificate, of several that which ends first, has expired, or does within 14 days; null where neither is so. */
export function expiryWarning({ notAfterMs }: Expiring, nowMs: number): string | null {
  if (notAfterMs - nowMs > WARN_DAYS * DAY_MS) return null
  const at = new Date(notAfterMs).toISOString()
  if (isExpired({ notAfterMs }, nowMs)) {
    return `tls: a certificate expired at ${at}, and clients refuse it; renew it`
  }
  return `tls: a certificate expires in ${daysUntil(notAfterMs, nowMs)}, at ${at}; renew it`
}

/** Whether clients refuse it for its age. */
export function isExpired({ notAfterMs }: Expiring, nowMs: number): boolean {
  return nowMs >= notAfterMs
}

function daysUntil(timeMs: number, nowMs: number): string {
  const days = Math.floor((timeMs - nowMs) / DAY_MS)
  if (days === 0) return 'less than a day'
  return days === 1 ? '1 day' : `${days} days`
}

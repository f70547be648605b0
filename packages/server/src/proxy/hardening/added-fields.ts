import type { HardeningSettings } from '../../service/proxy-settings/hardening-settings.ts'
import { bitOf, HAS_FRAME_ANCESTORS } from './field-rules.ts'
import { PRESET_FIELDS } from './preset-fields.ts'

/** A field that responses get. */
export interface AddedField {
  readonly name: string
  readonly value: string
  /** Bits of what the application can have sent in its place. */
  readonly unless: number
}

const CSP = 'content-security-policy'
const CSP_REPORT_ONLY = 'content-security-policy-report-only'
const HSTS = 'strict-transport-security'
/** Name of the place that reports go to. */
const ENDPOINT = 'headgate'

/** The fields that responses over TLS, or without it, get. */
export function addedFields(settings: HardeningSettings, isSecure: boolean): AddedField[] {
  const removed = new Set(settings.remove)
  const { others } = PRESET_FIELDS[settings.preset]
  const hsts = isSecure ? transportSecurity(settings) : null
  return [
    { name: 'x-content-type-options', value: 'nosniff', unless: 0 },
    ...Object.entries(others).map(([name, value]) => ({ name, value, unless: insteadOf(name) })),
    ...(hsts === null ? [] : [{ name: HSTS, value: hsts, unless: bitOf(HSTS) }]),
    ...securityPolicy(settings, isSecure),
  ].filter(({ name }) => !removed.has(name))
}

/** The value of `Strict-Transport-Security`; null where responses get none. */
export function transportSecurity({ strictTransportSecurity }: HardeningSettings): string | null {
  if (strictTransportSecurity === null) return null
  const { maxAgeSeconds, includeSubDomains, preload } = strictTransportSecurity
  return `max-age=${maxAgeSeconds}${includeSubDomains ? '; includeSubDomains' : ''}${preload ? '; preload' : ''}`
}

function insteadOf(name: string): number {
  return name === 'x-frame-options' ? bitOf(name) | HAS_FRAME_ANCESTORS : bitOf(name)
}

/** A policy of the application in force stands for all; one that reports only stands for another that does. */
function securityPolicy(settings: HardeningSettings, isSecure: boolean): AddedField[] {
  const { preset, contentSecurityPolicy, reportPath } = settings
  if (contentSecurityPolicy === null) return []
  const fields = PRESET_FIELDS[preset]
  const reportOnly = settings.reportOnly ?? fields.reportOnly
  const upgrades = isSecure && !reportOnly && fields.upgradesRequests
  const own = `${fields.policy}${upgrades ? '; upgrade-insecure-requests' : ''}`
  const policy = contentSecurityPolicy ?? own
  const name = reportOnly ? CSP_REPORT_ONLY : CSP
  const unless = reportOnly ? bitOf(CSP) | bitOf(CSP_REPORT_ONLY) : bitOf(CSP)
  if (reportPath === null) return [{ name, value: policy, unless }]
  return [
    { name, value: `${policy}; report-uri ${reportPath}; report-to ${ENDPOINT}`, unless },
    { name: 'reporting-endpoints', value: `${ENDPOINT}="${reportPath}"`, unless },
  ]
}

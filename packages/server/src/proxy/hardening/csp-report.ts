import type { CspReport } from '../../service/proxy-events.ts'

/** Media types that browsers send reports as: the older alone, the newer in lists. */
export const REPORT_TYPES: readonly string[] = ['application/csp-report', 'application/reports+json']

/** Most reports of one list that are read. */
const LIST_MAX = 20
const TEXT_MAX = 200

type Fields = Readonly<Record<string, unknown>>

/** Reads the body of either type; null where it is neither. Reports of other things than content security policies are left out. */
export function parseCspReports(text: string): CspReport[] | null {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return null
  }
  if (Array.isArray(value)) {
    const listed = value.slice(0, LIST_MAX).filter(isMap)
    return listed.flatMap(({ type, body }) => (type === 'csp-violation' && isMap(body) ? newer(body) : []))
  }
  const report = isMap(value) ? value['csp-report'] : undefined
  return isMap(report) ? [older(report)] : null
}

function newer(body: Fields): CspReport {
  return {
    directive: textOf(body['effectiveDirective']),
    blocked: urlOf(body['blockedURL']),
    document: urlOf(body['documentURL']),
    source: urlOf(body['sourceFile']),
    line: lineOf(body['lineNumber']),
    disposition: dispositionOf(body['disposition']),
  }
}

function older(report: Fields): CspReport {
  return {
    directive: textOf(report['effective-directive'] ?? report['violated-directive']),
    blocked: urlOf(report['blocked-uri']),
    document: urlOf(report['document-uri']),
    source: urlOf(report['source-file']),
    line: lineOf(report['line-number']),
    disposition: dispositionOf(report['disposition']),
  }
}

function isMap(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Without characters that end lines, move the cursor, or turn the direction of text. */
function textOf(value: unknown): string {
  if (typeof value !== 'string') return ''
  return value
    .slice(0, TEXT_MAX)
    .replaceAll(/[\p{C}\p{Zl}\p{Zp}]/gu, '')
    .toWellFormed()
}

/** Queries and fragments have secrets. */
function urlOf(value: unknown): string {
  return textOf(value).replace(/[?#].*$/s, '')
}

function lineOf(value: unknown): number | null {
  return Number.isSafeInteger(value) && (value as number) > 0 ? (value as number) : null
}

function dispositionOf(value: unknown): CspReport['disposition'] {
  return value === 'report' ? 'report' : 'enforce'
}

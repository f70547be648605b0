import type { FieldRoles } from './field-roles.ts'

/** What the header of a request says, taken apart. Null: the field is absent. */
export interface ScannedFields {
  /** End-to-end fields in flat pairs, names in lower case. */
  readonly fields: readonly string[]
  /** How many lines there were. */
  readonly lines: number
  /** Of all names and values together. */
  readonly bytes: number
  /** Whether a field is there twice that may be there once. */
  readonly isRepeated: boolean
  readonly host: string | null
  readonly contentLength: string | null
  readonly transferEncoding: string | null
  readonly expect: string | null
  /** Only where `Connection` lists it: else the field means nothing. */
  readonly upgrade: string | null
  /** Whether there is a field `Upgrade`, whatever it means. */
  readonly namesUpgrade: boolean
  readonly forwardedFor: string | null
  readonly forwardedProto: string | null
  readonly requestId: string | null
}

/** Values of `Connection` that name no field; nearly all are one of these. */
const NAMES_NO_FIELD = /^(?:close|keep-alive|upgrade|keep-alive, ?upgrade)$/i

/** Reads the lines of a header, in flat pairs as the client wrote them, in one go. */
export function scanFields(raw: readonly string[], roles: FieldRoles): ScannedFields {
  const fields: string[] = []
  let bytes = 0
  let seen = 0
  let isRepeated = false
  let connection: string | null = null
  let host: string | null = null
  let contentLength: string | null = null
  let transferEncoding: string | null = null
  let expect: string | null = null
  let upgrade: string | null = null
  let forwardedFor: string | null = null
  let forwardedProto: string | null = null
  let requestId: string | null = null
  for (let i = 0; i < raw.length; i += 2) {
    const spelling = raw[i] as string
    const value = raw[i + 1] as string
    bytes += spelling.length + value.length
    const { name, role, once } = roles.of(spelling, i >> 1)
    if ((seen & once) !== 0) isRepeated = true
    seen |= once
    switch (role) {
      case 'forwarded':
        fields.push(name, value)
        break
      case 'dropped':
        break
      case 'connection':
        connection = joined(connection, value)
        break
      case 'host':
        host = value
        break
      case 'content-length':
        contentLength = value
        break
      case 'transfer-encoding':
        transferEncoding = value
        break
      case 'expect':
        expect = value
        break
      case 'upgrade':
        upgrade = joined(upgrade, value)
        break
      case 'x-forwarded-for':
        forwardedFor = joined(forwardedFor, value)
        break
      case 'x-forwarded-proto':
        forwardedProto = joined(forwardedProto, value)
        break
      case 'x-request-id':
        requestId = joined(requestId, value)
        break
      default:
        role satisfies never
    }
  }
  const options = connection === null || NAMES_NO_FIELD.test(connection) ? null : optionsOf(connection)
  return {
    fields: options === null ? fields : withoutNamed(fields, options),
    lines: raw.length / 2,
    bytes,
    isRepeated,
    host,
    contentLength,
    transferEncoding,
    expect,
    namesUpgrade: upgrade !== null,
    upgrade: upgrade !== null && asksForUpgrade(connection, options) ? upgrade.toLowerCase() : null,
    forwardedFor,
    forwardedProto,
    requestId,
  }
}

/** Several lines of one name are one list, in order (RFC 9110, section 5.3). */
function joined(before: string | null, value: string): string {
  return before === null ? value : `${before}, ${value}`
}

function optionsOf(connection: string): ReadonlySet<string> {
  return new Set(connection.split(',').map((one) => one.trim().toLowerCase()))
}

/**
 * Without the fields that `Connection` names (RFC 9110, section 7.6.1). They are gone before anything is judged: who names
 * `Authorization` there has not sent one.
 */
function withoutNamed(fields: readonly string[], options: ReadonlySet<string>): readonly string[] {
  return fields.filter((_, i) => !options.has(fields[i - (i % 2)] as string))
}

function asksForUpgrade(connection: string | null, options: ReadonlySet<string> | null): boolean {
  if (options !== null) return options.has('upgrade')
  return connection?.toLowerCase().includes('upgrade') ?? false
}

import { wrongUsage } from '../../service/describe-failure.ts'
import type { PlayedRequest } from '../played-request.ts'
import { timeUs } from './log-time.ts'
import { addressOf, hostOf, readTarget } from './request-target.ts'

/** Values of a log by the names of fields, or paths to them such as `request.remote_ip`. */
export type FieldReader = (field: string) => unknown

/** What a field is besides an attribute: the time, and a request line such as `GET / HTTP/1.1`. */
const TIME = 'time'
const REQUEST_LINE = 'request'

/** Fields that are known without being named, the first that is there. */
const KNOWN: Readonly<Record<string, readonly string[]>> = {
  [TIME]: [
    'time',
    'timestamp',
    '@timestamp',
    'ts',
    'time_iso8601',
    'time_local',
    'msec',
    'start_time',
    'date',
  ],
  ip: [
    'ip',
    'remote_addr',
    'remote_ip',
    'client_ip',
    'clientip',
    'request.remote_ip',
    'request.client_ip',
    'downstream_remote_address',
  ],
  method: ['method', 'request_method', 'request.method'],
  path: ['path', 'uri', 'request_uri', 'request.uri', 'url'],
  host: ['host', 'http_host', 'request.host', 'authority'],
  user: ['user', 'remote_user', 'user_id'],
  status: ['status', 'status_code', 'response_code'],
  [REQUEST_LINE]: ['request'],
}

/** Which fields of a log are which attributes. */
export class FieldMap {
  readonly #fields: readonly (readonly [attribute: string, fields: readonly string[]])[]

  readonly #unseen: Set<string>

  /** `columns`: attribute by field, in place of those that are known; `unseen`: those of the fields that no line had yet. */
  constructor(columns: ReadonlyMap<string, string>, unseen: Set<string> = new Set()) {
    this.#unseen = unseen
    const named = new Map<string, string[]>()
    for (const [field, attribute] of columns) named.set(attribute, [...(named.get(attribute) ?? []), field])
    const known = Object.entries(KNOWN).filter(([attribute]) => !named.has(attribute))
    this.#fields = [...known, ...named]
  }

  /** The fields that were named, for a check against those that there are. */
  get attributes(): readonly string[] {
    return this.#fields.map(([attribute]) => attribute)
  }

  /** The request that a line is; a text says why it is none. */
  request(read: FieldReader): PlayedRequest | string {
    const unseen = this.#unseen
    for (const field of unseen) if (read(field) !== undefined) unseen.delete(field)
    const who: Record<string, string> = {}
    let atUs = Number.NaN
    let whenText: string | undefined
    for (const [attribute, fields] of this.#fields) {
      const value = firstText(read, fields)
      if (value === undefined) continue
      if (attribute !== TIME) {
        addAttribute(who, attribute, value)
        continue
      }
      whenText = String(value)
      atUs = timeUs(value)
    }
    if (!Number.isNaN(atUs)) return { atUs, who }
    if (whenText !== undefined)
      return `its time ${whenText.slice(0, 40)} is none; name another field with --columns FIELD=time`
    return 'it has no field with a time; name one with --columns FIELD=time'
  }
}

function firstText(read: FieldReader, fields: readonly string[]): string | number | undefined {
  for (const field of fields) {
    const value = read(field)
    if (typeof value === 'number' || typeof value === 'boolean')
      return typeof value === 'number' ? value : String(value)
    if (typeof value === 'string' && value !== '' && value !== '-') return value
  }
  return undefined
}

function addAttribute(who: Record<string, string>, attribute: string, value: string | number): void {
  const text = String(value)
  switch (attribute) {
    case REQUEST_LINE: {
      const [, method, target] = /^(\S+) (\S+)/.exec(text) ?? []
      if (method === undefined || target === undefined) return
      Object.assign(who, { method, ...readTarget(target), ...who })
      return
    }
    case 'path':
      Object.assign(who, { ...readTarget(text), ...who })
      return
    case 'ip':
      who['ip'] = addressOf(text)
      return
    case 'host':
      who['host'] = hostOf(text)
      return
    default:
      who[attribute] = text
  }
}

/** Reads `field=attribute,…`. */
export function readColumns(text: string): Map<string, string> {
  const columns = new Map<string, string>()
  for (const part of text.split(',')) {
    const at = part.lastIndexOf('=')
    const [field, attribute] = [part.slice(0, at).trim(), part.slice(at + 1).trim()]
    if (at < 1 || attribute === '') {
      throw wrongUsage(
        `--columns has ${JSON.stringify(part)}, which is no field=attribute; write client_ip=ip,when=time`,
      )
    }
    columns.set(field, attribute)
  }
  return columns
}

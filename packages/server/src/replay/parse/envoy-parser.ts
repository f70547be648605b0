import type { LineParser, ParsedLine } from './line-parser.ts'
import { timeUs } from './log-time.ts'
import { addressOf, hostOf, readTarget } from './request-target.ts'

const QUOTED = '"((?:[^"\\\\]|\\\\.)*)"'
/** The format that Envoy writes where it is told none. */
const LINE = new RegExp(
  `^\\[([^\\]]+)\\] ${QUOTED} (\\d+) .*? ${QUOTED} ${QUOTED} ${QUOTED} ${QUOTED} ${QUOTED}\\s*$`,
)
const LOOKS =
  'it is no line of Envoy\'s own format: [2026-10-10T13:55:36.000Z] "GET / HTTP/1.1" 200 - 0 5 1 1 "192.0.2.1" "agent" "id" "host" "upstream"'

/** Reads the format that Envoy writes where it is told none. The address is the last of `x-forwarded-for`: the peer that Envoy saw. */
export class EnvoyParser implements LineParser {
  parse(bytes: Buffer, from: number, to: number): ParsedLine {
    const [, time = '', request = '', status = '', forwarded = '', , , authority = ''] =
      LINE.exec(bytes.toString('utf8', from, to)) ?? []
    const atUs = timeUs(time)
    if (Number.isNaN(atUs)) return time === '' ? LOOKS : `its time ${time.slice(0, 40)} is none`
    const [method = '', target = ''] = request.split(' ')
    const who: Record<string, string> = { ...(isThere(method) && { method }), ...readTarget(target), status }
    const ip = forwarded.slice(forwarded.lastIndexOf(',') + 1).trim()
    if (isThere(ip)) who['ip'] = addressOf(ip)
    if (isThere(authority)) who['host'] = hostOf(authority)
    return { atUs, who }
  }
}

function isThere(text: string): boolean {
  return text !== '' && text !== '-'
}

/** Where requests end, as somebody sees it who believes in every length. It decides how octets are sent, and never what is right. */
import type { Generated } from './differential-requests.ts'

/** The octets of each request; what has no length goes as far as it was meant to. */
export function frames(requests: readonly Generated[]): Buffer[] {
  const octets = Buffer.concat(requests.map((request) => request.octets))
  let meant = 0
  const ends = requests.map((request) => (meant += request.octets.length))
  const found: Buffer[] = []
  for (let at = 0; at < octets.length; ) {
    const end = endOf(octets, at) ?? ends.find((one) => one > at) ?? octets.length
    found.push(octets.subarray(at, end))
    at = end
  }
  return found
}

const HEAD_END = '\r\n\r\n'
const HEAD = /^[\r\n]*POST (\/\S*) HTTP\/1\.1\r\n/
const LENGTH = /^content-length:[ \t]*([1-9]\d{0,6})[ \t]*\r?$/gim

function endOf(octets: Buffer, at: number): number | null {
  const headEnd = octets.indexOf(HEAD_END, at)
  if (headEnd === -1) return null
  const head = octets.toString('latin1', at, headEnd)
  const lengths = [...head.matchAll(LENGTH)]
  if (!HEAD.test(head) || lengths.length !== 1 || /^transfer-encoding/im.test(head)) return null
  const end = headEnd + HEAD_END.length + Number(lengths[0]?.[1])
  return end > octets.length ? null : end
}

import type { Decision } from 'headgate'
import { answerTo, type HttpAnswer, mergeDecisions } from 'headgate/http'
import type { Exchange } from '../proxy-exchange.ts'

/** What tells the client of limits, and of a denial the status and the body too; null where no policy judged the request. */
export function limitAnswer(exchange: Exchange, denial?: Decision): HttpAnswer | null {
  const { decisions, proxy } = exchange
  const [first, ...rest] = denial === undefined ? decisions : [...decisions, denial]
  if (first === undefined) return null
  const { http: { denial: style } = {}, answers, writeHeaders } = proxy.inForce
  return answerTo(mergeDecisions([first, ...rest]), {
    headers: writeHeaders,
    answers,
    ...(style && { denial: style }),
    ...(denial !== undefined && isListed(denial) && { deniedStatus: 403 }),
  })
}

/** Whether a request is refused whatever the limits are: by the list `deny`. */
export function isListed({ reason, policy }: Decision): boolean {
  return reason === 'denied-by-policy' && policy === null
}

/** Header fields in flat pairs. */
export function flatFields(headers: Readonly<Record<string, string>>): string[] {
  const flat: string[] = []
  for (const name in headers) flat.push(name, headers[name] as string)
  return flat
}

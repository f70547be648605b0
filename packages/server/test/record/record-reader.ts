/** Reads a recording of an admin listener: `await using log = await readRecord(admin.url, { … })`. */
import { once } from 'node:events'
import { type IncomingMessage, request } from 'node:http'
import type {
  RecordedEnd,
  RecordedGap,
  RecordedRequest,
  RecordHeader,
} from '../../src/service/record/record-format.ts'

export interface RecordQuery {
  /** As in `?attribute=user&share=10%25`. */
  readonly query?: string
  readonly seed?: string
  readonly token?: string
}

export interface RecordReader extends AsyncDisposable {
  readonly status: number
  /** All that came so far, as it was. */
  readonly text: string
  readonly headers: readonly RecordHeader[]
  readonly requests: readonly RecordedRequest[]
  readonly gaps: readonly RecordedGap[]
  readonly end: RecordedEnd | undefined
  /** Whether the service has ended it. */
  readonly isComplete: boolean
  pause(): void
  resume(): void
}

export async function readRecord(
  url: string,
  { query = '', seed, token }: RecordQuery = {},
): Promise<RecordReader> {
  const sent = request(`${url}/v1/record${query}`, {
    agent: false,
    headers: {
      ...(seed !== undefined && { 'x-headgate-seed': seed }),
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
    },
  })
  sent.on('error', () => {})
  sent.end()
  const [response] = (await once(sent, 'response')) as [IncomingMessage]
  let text = ''
  response.on('error', () => {})
  response.setEncoding('utf8').on('data', (part) => (text += part))
  const linesWith = <T>(field: string): T[] =>
    text
      .slice(0, text.lastIndexOf('\n') + 1)
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line))
      .filter((line) => field in line)
  return {
    status: response.statusCode ?? 0,
    get text() {
      return text
    },
    get headers() {
      return linesWith<RecordHeader>('format')
    },
    get requests() {
      return linesWith<RecordedRequest>('verb')
    },
    get gaps() {
      return linesWith<RecordedGap>('lost')
    },
    get end() {
      return linesWith<RecordedEnd>('ended')[0]
    },
    get isComplete() {
      return response.complete
    },
    pause: () => void response.pause(),
    resume: () => void response.resume(),
    [Symbol.asyncDispose]: async () => {
      response.destroy()
      if (!response.closed) await once(response, 'close')
    },
  }
}

/** How many requests are missing, by the reason. */
export function lostIn({ gaps }: Pick<RecordReader, 'gaps'>): Record<string, number> {
  const lost: Record<string, number> = {}
  for (const { why, lost: count } of gaps) lost[why] = (lost[why] ?? 0) + count
  return lost
}

import type { Readable } from 'node:stream'
import type { Clock } from 'headgate'

/** What a body is read with. */
export interface ReportBodyOptions {
  readonly bytesMax: number
  readonly timeMaxMs: number
  readonly clock: Pick<Clock, 'after'>
}

/** A body that was not read to its end, and why: its client has gone where it broke off. */
export type UnreadBody = 'too-long' | 'too-slow' | 'broke-off'

/** What is caught of a body that nobody else reads, or why not; the stream stays open, so that this can be answered. */
export function reportBody(
  body: Readable,
  { bytesMax, timeMaxMs, clock }: ReportBodyOptions,
): Promise<{ readonly text: string } | UnreadBody> {
  const { promise, resolve } = Promise.withResolvers<{ readonly text: string } | UnreadBody>()
  const chunks: Buffer[] = []
  let left = bytesMax
  const take = (chunk: Buffer): void => {
    left -= chunk.length
    if (left < 0) settle('too-long')
    else chunks.push(chunk)
  }
  const end = (): void => settle({ text: Buffer.concat(chunks).toString() })
  const breakOff = (): void => settle('broke-off')
  const cancel = clock.after(timeMaxMs, () => settle('too-slow'))
  const settle = (result: { readonly text: string } | UnreadBody): void => {
    cancel()
    // Its error, which may come late, stays heard.
    body.off('data', take).off('end', end).off('close', breakOff).pause()
    resolve(result)
  }
  body.on('data', take).on('end', end).on('error', breakOff).on('close', breakOff)
  if (body.destroyed) breakOff()
  return promise
}

/** Calls of several messages, whatever carries them. */
import type { OpenStreams } from './open-streams.ts'
import { readMessage } from './read-message.ts'
import type { ExchangeMethod, RpcCall, WatchMethod } from './rpc-method.ts'

/** Where answers go. */
export interface AnswerStream {
  /** Resolves when there is room for more, or the caller has left; undefined where there is room. */
  send(answer: unknown): Promise<void> | undefined
}

/** How a call of several messages is answered. */
export interface StreamOptions {
  readonly call: RpcCall
  readonly streams: OpenStreams
  readonly answers: AnswerStream
}

/** One message, and answers until the caller leaves, or `stop` aborts the signal of the call. */
export async function answerWatch(
  method: WatchMethod,
  request: never,
  { call, streams, answers, stop }: StreamOptions & { readonly stop: () => void },
): Promise<void> {
  const forget = streams.add(stop)
  try {
    for await (const answer of method.handle(request, call)) await answers.send(answer)
  } finally {
    forget()
  }
  streams.checkRunning()
}

/**
 * One message after the other, so that answers come in their order and no more is read than is answered; `next` is null at the end.
 * Messages that were not read when the process is to end have spent nothing.
 */
export async function answerExchange(
  method: ExchangeMethod,
  next: () => Promise<Buffer | null>,
  { call, streams, answers }: StreamOptions,
): Promise<void> {
  let wake = (): void => {}
  const forget = streams.add(() => wake())
  let isFirst = true
  try {
    for (;;) {
      streams.checkRunning()
      const message = await new Promise<Buffer | null | undefined>((resolve, reject) => {
        wake = () => resolve(undefined)
        next().then(resolve, reject)
      })
      if (message === undefined) continue
      if (message === null) return
      // The first one came with the call.
      const service = isFirst ? call.service : call.callerOf()
      isFirst = false
      const request = readMessage(method, message)
      await answers.send(await method.handle(request, { ...call, service }))
    }
  } finally {
    forget()
  }
}

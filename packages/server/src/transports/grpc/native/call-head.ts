import type { HeaderField } from '../../../http2/hpack/hpack-field.ts'
import type { RequestHead } from '../../../http2/http2-handler.ts'
import type { RpcMethod } from '../rpc-method.ts'
import { RPC_CODES, type RpcCode } from '../rpc-status.ts'
import { ACCEPTED, httpRefusal, refusal } from './answer-fields.ts'
import { timeoutMsOf } from './grpc-timeout.ts'

/** What the head of a request says of its call. */
export interface CallHead {
  /** Null where it is no call that is served: `refusal` is the whole answer. */
  readonly method: RpcMethod | null
  readonly refusal: readonly HeaderField[]
  readonly fields: readonly HeaderField[]
  /** How long the caller waits; undefined where it does not say so. */
  readonly timeoutMs: number | undefined
}

/** Reads heads of calls. */
export class CallHeads {
  readonly #methods: ReadonlyMap<string, RpcMethod>
  // Requests of one read mostly have one head, which HTTP/2 reads once.
  #lastHead: RequestHead | null = null
  #last: CallHead | null = null

  constructor(methods: readonly RpcMethod[]) {
    this.#methods = new Map(methods.map((method) => [method.type.path, method]))
  }

  read(head: RequestHead): CallHead {
    if (head === this.#lastHead && this.#last !== null) return this.#last
    this.#last = this.#read(head)
    this.#lastHead = head
    return this.#last
  }

  #read({ method: verb, path, fields }: RequestHead): CallHead {
    if (verb !== 'POST') return refused(httpRefusal(405, ALLOW))
    const told = toldBy(fields)
    if (!isGrpc(told.contentType)) return refused(httpRefusal(415))
    const method = this.#methods.get(path)
    if (method === undefined) {
      return refused(endingAs('UNIMPLEMENTED', `there is no method ${path.slice(0, SHOWN_MAX)}`))
    }
    if (told.encoding !== 'identity') {
      const message = `messages in ${told.encoding.slice(0, SHOWN_MAX)} are not understood; send them as they are`
      return refused(endingAs('UNIMPLEMENTED', message, ACCEPTED))
    }
    const timeoutMs = told.timeout === undefined ? undefined : timeoutMsOf(told.timeout)
    if (timeoutMs === null) return refused(endingAs('INTERNAL', 'the field grpc-timeout is malformed'))
    // Its caller waits no longer: nothing is spent.
    if (timeoutMs === 0) return refused(endingAs('DEADLINE_EXCEEDED', DEADLINE_EXCEEDED))
    return { method, refusal: NONE, fields, timeoutMs }
  }
}

/** What a caller is told that has waited as long as it would. */
export const DEADLINE_EXCEEDED = 'the deadline of the call has passed'

const ALLOW: readonly HeaderField[] = [{ name: 'allow', value: 'POST' }]
const NONE: readonly HeaderField[] = []
/** How much is shown of what was sent. */
const SHOWN_MAX = 100

interface Told {
  contentType: string
  encoding: string
  timeout: string | undefined
}

function toldBy(fields: readonly HeaderField[]): Told {
  const told: Told = { contentType: '', encoding: 'identity', timeout: undefined }
  for (const { name, value } of fields) {
    if (name === 'content-type') told.contentType = value
    else if (name === 'grpc-encoding') told.encoding = value
    else if (name === 'grpc-timeout') told.timeout = value
  }
  return told
}

/** `application/grpc`, also with the name of a format or with parameters; `application/grpc-web` is another protocol. */
function isGrpc(contentType: string): boolean {
  return contentType === 'application/grpc' || /^application\/grpc(?:[+;].*| *)$/i.test(contentType)
}

function refused(fields: readonly HeaderField[]): CallHead {
  return { method: null, refusal: fields, fields: NONE, timeoutMs: undefined }
}

function endingAs(
  code: RpcCode,
  message: string,
  more: readonly HeaderField[] = NONE,
): readonly HeaderField[] {
  return refusal({ code: RPC_CODES[code], message, details: null }, more)
}

import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Service } from '../../service/service.ts'
import type { JsonSchema } from './json-schema.ts'

/** A request with its answer, and the service as its caller may use it. */
export interface Exchange {
  readonly request: FastifyRequest
  readonly reply: FastifyReply
  readonly service: Service
  /** Name of the transport that it came by. */
  readonly transport: string
}

/** One way to call the API: what is answered, what is checked and what is documented come from here alone. */
export interface Route {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE' | 'OPTIONS'
  /** A part such as `:id` stands for any one part. */
  readonly path: string
  /** The parts of the path that stand for any, each with its schema. */
  readonly params?: Readonly<Record<string, JsonSchema>>
  /** One sentence. */
  readonly summary: string
  /** The JSON body it needs; a body that does not fit never reaches the handler. */
  readonly body?: JsonSchema
  /** The body as it is documented, where the handler checks parts of it. */
  readonly documentedBody?: JsonSchema
  /**
   * Whether a body, of whatever type, is thrown away: it belongs to another request.
   * @default false
   */
  readonly ignoresBody?: boolean
  /** Its parameters. Without it any query is let through and ignored. */
  readonly query?: JsonSchema
  /** Fields of its header that it reads, by which a handler has to look for itself. */
  readonly headers?: Readonly<Record<string, JsonSchema>>
  /** Answers by status; problems that every route can answer with need no mention. */
  readonly responses: Readonly<Record<number, Answer>>
  /**
   * Whether it is answered without a token, also where callers need one: it tells nothing of anybody.
   * @default false
   */
  readonly isOpen?: boolean
  /**
   * Whether the field `Authorization` belongs to another request, so that a token stands in `X-Headgate-Token` alone.
   * @default false
   */
  readonly isForwarded?: boolean
  readonly handler: (exchange: Exchange) => unknown
}

/** An answer of a route. */
export interface Answer {
  readonly description: string
  /** Absent where there is no body. */
  readonly schema?: JsonSchema
  /** @default 'application/json' */
  readonly type?: string
}

/** Answers which methods a path takes, as `Allow` lists them; undefined for one that is none. Whoever takes GET takes HEAD. */
export function methodsOf(routes: readonly Route[]): (path: string) => string | undefined {
  const patterns = new Map(routes.map(({ path }) => [path, patternOf(path)]))
  return (path) => {
    const fitting = routes.filter((route) => patterns.get(route.path)?.test(path) === true)
    if (fitting.length === 0) return undefined
    return fitting.map(({ method }) => (method === 'GET' ? 'GET, HEAD' : method)).join(', ')
  }
}

function patternOf(path: string): RegExp {
  const parts = path.split('/').map((part) => (part.startsWith(':') ? '[^/]+' : part.replaceAll('.', '\\.')))
  return new RegExp(`^${parts.join('/')}$`)
}

import type { RateLimitOptions } from '../../middleware/rate-limit-options.ts'

/** What a handler of the application under test answers. */
export interface Reply {
  /**
   * @default 200
   */
  readonly status?: number
  /** Pieces of the body, sent one after the other. */
  readonly pieces?: readonly string[]
  /** After the pieces the response stays open until the client goes away. */
  readonly hangs?: boolean
  /** The handler throws instead. */
  readonly throws?: boolean
}

/** Options whose functions get whatever the framework's request is. */
export type AnyOptions = RateLimitOptions<unknown>

/** One route of the application under test. */
export interface RouteUnderTest {
  /** Pattern with named parameters, such as `/items/:id`. */
  readonly pattern: string
  /**
   * @default 'GET'
   */
  readonly method?: 'GET' | 'POST'
  /** Limits of this route, in order. */
  readonly limits?: readonly AnyOptions[]
  readonly reply?: Reply
}

/** An application that a case needs; every route also answers HEAD where it answers GET. */
export interface AppUnderTest {
  /** Limits in front of all routes, in order. */
  readonly limits?: readonly AnyOptions[]
  readonly routes: readonly RouteUnderTest[]
}

/** An application that runs. */
export interface RunningApp {
  /** Such as `http://127.0.0.1:40001`. */
  readonly url: string
  close(): Promise<void>
}

/** What adapter cases are run on: how an application is built with the framework, and how its requests are read. */
export interface AdapterSubject {
  /** A header field of the request that the functions of the options get. */
  header(request: unknown, name: string): string | undefined
  /** Whether limits can know the route that a request is for. */
  readonly hasRoutes: boolean
  /** Starts an application on a free port of 127.0.0.1. Handlers that throw, and limits that do, are answered with 500. */
  start(app: AppUnderTest): Promise<RunningApp>
}

/** One behaviour that every adapter must have. It works in any test runner: it throws an AssertionError when it fails. */
export interface AdapterCase {
  readonly name: string
  run(subject: AdapterSubject): Promise<void>
}

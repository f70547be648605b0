/** What runtimes have beside the web standard: Node, Bun and Deno all of it, Workers some. Nothing else here asks for it. */

/** A warning: its code, and the page about it. */
export interface WarningDetails {
  readonly type: string
  readonly code: string
  readonly detail?: string
}

/** Another thread, as the one that made it sees it. */
export interface MadeWorker {
  readonly threadId: number
  once(event: 'exit', listener: () => void): unknown
}

interface Runtime {
  readonly process?: {
    readonly env?: Readonly<Record<string, string | undefined>>
    emitWarning?(message: string, details: WarningDetails): void
    /** There in a process that was forked. */
    readonly send?: unknown
    /** Node's own modules, without an import that other runtimes would have to resolve. */
    /** Seconds and nanoseconds of a clock that all threads have. */
    hrtime?(): [number, number]
    /** `worker`: this thread has made another one. */
    on?(event: 'worker', listener: (worker: MadeWorker) => void): unknown
    getBuiltinModule?(name: 'node:cluster'): { readonly worker?: { readonly id: number } } | undefined
    getBuiltinModule?(name: 'node:worker_threads'): { readonly threadId: number } | undefined
  }
  readonly Deno?: {
    readonly permissions?: { querySync(one: { name: 'env'; variable: string }): { readonly state: string } }
  }
  readonly navigator?: { readonly userAgent?: string }
  setImmediate?(callback: () => void): unknown
}

const runtime = globalThis as Runtime

/** `process`, where there is one. */
export function processOf(): Runtime['process'] {
  return runtime.process
}

/** A variable of the environment; undefined where there is none, or the program may not read it, as in Deno. */
export function environmentVariable(name: string): string | undefined {
  // Read without permission, it would have Deno ask whoever sits at the terminal.
  const permission = runtime.Deno?.permissions?.querySync({ name: 'env', variable: name })
  const mayRead = permission === undefined || permission.state === 'granted'
  return mayRead ? runtime.process?.env?.[name] : undefined
}

/** Keeps a timer from keeping the process alive, and returns it. */
export function unref<T>(timer: T): T {
  // A number in Workers, where no process waits for it.
  ;(timer as { unref?(): void }).unref?.()
  return timer
}

/** Calls back once what has arrived on sockets is read; where the runtime cannot tell, as soon as a timer can. */
export function afterPoll(callback: () => void): void {
  if (runtime.setImmediate === undefined) setTimeout(callback, 0)
  else runtime.setImmediate(callback)
}

/** Whether timers fire between requests: a Worker's end with the request that set them. */
export const timersFire: boolean = runtime.navigator?.userAgent !== 'Cloudflare-Workers'

import { MessageChannel, type MessagePort, Worker } from 'node:worker_threads'
import { HeadgateError } from 'headgate'
import { forwardLines } from './forward-lines.ts'
import { Link } from './link.ts'
import { errorOf } from './plain-error.ts'
import type { ListeningWire, OfCoordinator, OfWorker } from './protocol.ts'
import type { SupervisedThread } from './supervisor.ts'

/** What a worker is started with. */
export interface WorkerData<Settings> {
  /** From 1. */
  readonly worker: number
  /** Of its link to the coordinator. */
  readonly port: MessagePort
  /** Plain data. */
  readonly settings: Settings
}

/** Which worker it is to be. */
export interface WorkerOptions {
  readonly worker: number
  /** The module that it runs. */
  readonly entry: URL
  readonly settings: unknown
}

/** Nothing that a worker does at its start takes that long. */
const START_MS = 60_000

/** A worker, as the coordinator sees it. */
export class WorkerThread implements SupervisedThread {
  readonly worker: number
  readonly link: Link<OfCoordinator, OfWorker>
  readonly serves: Promise<void>
  readonly ended: Promise<Error>
  readonly #thread: Worker
  #reason: Error | null = null
  #wires: readonly ListeningWire[] = []

  constructor({ worker, entry, settings }: WorkerOptions) {
    const { port1, port2 } = new MessageChannel()
    this.worker = worker
    this.link = new Link(port1)
    this.#thread = new Worker(entry, {
      name: `headgate-${worker}`,
      workerData: { worker, port: port2, settings } satisfies WorkerData<unknown>,
      transferList: [port2],
      stdout: true,
      stderr: true,
    })
    // What it prints by itself, such as warnings of Node. The log is lines of its own on standard output.
    forwardLines(this.#thread.stdout, process.stderr)
    forwardLines(this.#thread.stderr, process.stderr)
    this.ended = this.#end()
    this.serves = this.#begin()
    this.serves.catch(() => {})
    this.link.start()
  }

  /** Where it listens; empty before it serves. */
  get wires(): readonly ListeningWire[] {
    return this.#wires
  }

  /** Ends it at once: for that reason, where nothing else is known. */
  async terminate(reason?: Error): Promise<void> {
    this.#reason ??= reason ?? null
    await this.#thread.terminate()
  }

  #begin(): Promise<void> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => void this.terminate(), START_MS)
      this.link.hear('listening', (wires) => {
        clearTimeout(timer)
        this.#wires = wires
        resolve()
      })
      this.link.hear('failed', (error) => reject(errorOf(error)))
      void this.ended.then((reason) => {
        clearTimeout(timer)
        reject(reason)
      })
    })
  }

  /** Resolves with the error that it died of, one that it told, why it was ended, or that it ended by itself. */
  #end(): Promise<Error> {
    return new Promise((resolve) => {
      this.#thread.once('error', (error) => {
        this.#reason = error instanceof Error ? error : HeadgateError.from(error)
      })
      this.link.hear('failed', (error) => {
        this.#reason ??= errorOf(error)
      })
      this.#thread.once('exit', (code) => {
        const reason = this.#reason ?? new HeadgateError('internal', `it ended by itself (exit code ${code})`)
        this.link.end(reason)
        resolve(reason)
      })
    })
  }
}

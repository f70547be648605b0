/** Keeps what the page knows in step with the service: connects, connects again, and tells who shows it. */
import type { Denial, Health, Policies, Second, Snapshot } from './admin-answers.ts'
import { type AdminClient, CallFailed } from './admin-client.ts'
import { afterEvent, NOTHING_KNOWN, type PageState, withDenials, withPolicies } from './page-state.ts'
import { eventsOf, type ServerEvent } from './parse-events.ts'
import { FIRST_WAIT_MS, nextWaitMs } from './retry-wait.ts'
import { appendSeconds } from './seconds.ts'

/** A snapshot comes each second: without one for so long, nobody is there, whatever the connection says. */
const SILENCE_MS = 6000
/** How often what snapshots do not say is asked for, in snapshots. */
const HEALTH_EVERY = 5
/** After these the listing of policies and the history of changes are other ones. */
const CONFIGURING: readonly string[] = ['configuration', 'configuration-rejected', 'policy-change']

export class LivePage {
  readonly #client: AdminClient
  readonly #viewers = new Set<(state: PageState) => void>()
  #state = NOTHING_KNOWN
  #snapshots = 0
  /** Whether the seconds before the first snapshot were asked for. */
  #hasPast = false
  /** Whether it is to connect anew at once: with another token. */
  #isTokenNew = false
  /** Ends a wait at once: before another try, or for a token. */
  #wake = (): void => {}

  constructor(client: AdminClient) {
    this.#client = client
  }

  get state(): PageState {
    return this.#state
  }

  /** Calls with every state that is to be shown, at most once a second while the connection stands; answers what ends that. */
  subscribe(show: (state: PageState) => void): () => void {
    this.#viewers.add(show)
    return () => void this.#viewers.delete(show)
  }

  /** Gives a token, or null to forget it, and connects with it. */
  useToken(token: string | null): void {
    this.#client.token = token
    this.#isTokenNew = true
    this.#set({ ...NOTHING_KNOWN })
    this.#wake()
  }

  /** Tries at once rather than in a while. */
  retry(): void {
    this.#wake()
  }

  /** Connects, for as long as the page lives. */
  async run(): Promise<never> {
    for (let waitMs = FIRST_WAIT_MS; ; ) {
      const reason = await this.#watch(() => {
        waitMs = FIRST_WAIT_MS
      })
      if (this.#isTokenNew) continue
      if (reason.status === 401 || reason.status === 403) {
        const hasToken = this.#client.token !== null
        this.#set({ connection: { status: 'refused', reason: reason.message, hasToken } })
        await this.#pause(null)
        continue
      }
      const lastAt = this.#state.snapshot?.at ?? null
      const nextAt = Date.now() + waitMs
      this.#set({ connection: { status: 'lost', reason: reason.message, lastAt, nextAt } })
      await this.#pause(waitMs)
      waitMs = nextWaitMs(waitMs)
    }
  }

  /** Follows the event source to its end, and says why it ended. */
  async #watch(connected: () => void): Promise<CallFailed> {
    this.#isTokenNew = false
    this.#hasPast = false
    const watch = new AbortController()
    const silence = (): ReturnType<typeof setTimeout> => setTimeout(() => watch.abort(), SILENCE_MS)
    let timer = silence()
    this.#wake = () => watch.abort()
    try {
      const body = await this.#client.events(watch.signal)
      connected()
      this.#set({ connection: { status: 'live' } })
      this.#catchUp()
      for await (const event of eventsOf(body)) {
        clearTimeout(timer)
        timer = silence()
        this.#take(event)
      }
      return new CallFailed(0, 'the service ended the connection')
    } catch (reason) {
      return reason instanceof CallFailed ? reason : new CallFailed(0, 'the connection broke')
    } finally {
      clearTimeout(timer)
      watch.abort()
    }
  }

  #take(event: ServerEvent): void {
    this.#state = afterEvent(this.#state, event)
    if (CONFIGURING.includes(event.name)) this.#askConfiguration()
    // Whatever came since the last one is shown with it.
    if (event.name !== 'snapshot') return
    this.#set({})
    if (!this.#hasPast) this.#askPast((event.data as Snapshot).at)
    this.#snapshots++
    if (this.#snapshots % HEALTH_EVERY === 0) this.#askHealth()
  }

  /** What happened before the page was there, or while it was away. */
  #catchUp(): void {
    this.#askHealth()
    this.#askConfiguration()
    this.#ask<{ denials: readonly Denial[] }>('v1/denials', ({ denials }) => {
      const newer = this.#state.denials.filter(({ at }) => at > (denials[0]?.at ?? 0))
      this.#set(withDenials({ ...this.#state, denials: [] }, [...newer, ...denials]))
    })
  }

  /** The seconds up to the first snapshot: from there on each snapshot adds one, and none is missing or there twice. */
  #askPast(upTo: number): void {
    this.#hasPast = true
    this.#ask<{ samples: readonly Second[] | null }>('v1/stats/history', ({ samples }) => {
      // A token of some policies is not told.
      if (samples === null) return
      const past = samples.filter(({ at }) => at <= upTo)
      const newer = this.#state.seconds.filter(({ at }) => at > upTo)
      this.#set({ seconds: appendSeconds(past, newer) })
    })
  }

  #askHealth(): void {
    this.#ask<Health>('v1/health', (health) => this.#set({ health }))
  }

  #askConfiguration(): void {
    this.#ask<Policies>('v1/policies', (policies) => this.#set(withPolicies(this.#state, policies)))
    this.#askChanges()
  }

  /** What a token of some policies is not told is null. */
  #askChanges(): void {
    const path = 'v1/configuration/history'
    const take = ({ changes }: Pick<PageState, 'changes'>): void => this.#set({ changes })
    void this.#client.get<Pick<PageState, 'changes'>>(path).then(take, (reason: unknown) => {
      if (reason instanceof CallFailed && reason.status === 403) this.#set({ changes: null })
    })
  }

  /** What is not answered stays as it is: the event source is what says that nobody answers, or that a token will not do. */
  #ask<T>(path: string, take: (answer: T) => void): void {
    void this.#client.get<T>(path).then(take, () => {})
  }

  /** Resolves after so long, or when somebody wants to go on. */
  #pause(ms: number | null): Promise<void> {
    return new Promise((resolve) => {
      const timer = ms === null ? undefined : setTimeout(resolve, ms)
      this.#wake = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  }

  #set(changed: Partial<PageState>): void {
    this.#state = { ...this.#state, ...changed }
    for (const show of this.#viewers) show(this.#state)
  }
}

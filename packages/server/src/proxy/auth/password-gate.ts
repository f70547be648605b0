import { hash, randomBytes } from 'node:crypto'
import { compileAddressKey } from 'headgate/http'
import { isPasswordOf, type PasswordHash, parsePasswordHash } from '../../service/identity/password-hash.ts'
import { UNIX } from '../../service/identity/trusted-peers.ts'
import type { BasicSettings } from '../../service/proxy-settings/auth-settings.ts'
import { AttemptBuckets } from './attempt-buckets.ts'
import { type BasicCredential, basicCredentialOf } from './basic-credential.ts'
import { type Identity, identityOf } from './caller-identity.ts'
import { ExpiringCache } from './expiring-cache.ts'
import { HashQueue } from './hash-queue.ts'
import type { Rejection } from './refusal.ts'

/** How long a password that was right need not be hashed again. */
const KEPT_MS = 5 * 60_000
const KEPT_MAX = 10_000

/**
 * What outlives a configuration: attempts count on, what is being hashed still takes its place, and passwords that were right are so
 * for users whose hash is the same. Else all users would have to be hashed at once, and most of them refused meanwhile.
 */
export class PasswordMemory {
  readonly users: AttemptBuckets
  readonly addresses: AttemptBuckets
  readonly queue = new HashQueue()
  /** The text of the hash that a password was right for. */
  readonly kept = new ExpiringCache<string>(KEPT_MAX)
  /** In front of what is hashed. */
  readonly secret: string = randomBytes(32).toString('hex')

  /** `now` is in milliseconds, and only goes forward. */
  constructor(now: () => number = () => performance.now()) {
    this.users = new AttemptBuckets(now)
    this.addresses = new AttemptBuckets(now)
  }
}

interface User {
  /** As the configuration has it. */
  readonly text: string
  readonly hash: PasswordHash
  readonly identity: Identity | null
}

type Verdict = Identity | Rejection

interface Attempt {
  readonly key: string
  readonly addressSlot: number
}

const MALFORMED: Rejection = { why: 'malformed' }
const WRONG: Rejection = { why: 'wrong-password' }
const BUSY: Rejection = { why: 'busy', retryAfterSeconds: 1 }

/** Knows users by their passwords. Attempts are limited before anything is hashed. */
export class PasswordGate {
  readonly #users: ReadonlyMap<string, User>
  /** Stand in for users that there are not, which take as long as those that there are. */
  readonly #standIns: readonly User[]
  readonly #memory: PasswordMemory
  readonly #now: () => number
  /** Requests with one credential at once are one attempt, as those of a client that has just started. */
  readonly #checking = new Map<string, Promise<Verdict>>()
  readonly #addressKey = compileAddressKey()

  /** `now` is in milliseconds. Hashes that cannot be read belong to nobody. */
  constructor({ users }: BasicSettings, memory: PasswordMemory, now: () => number) {
    this.#users = new Map(
      Object.entries(users).flatMap(([name, { hash: text, scopes }]) => {
        const hash = parsePasswordHash(text)
        const identity = identityOf({ method: 'basic', name, scopes })
        return typeof hash === 'string' ? [] : [[name, { text, hash, identity }]]
      }),
    )
    this.#standIns = [...this.#users.values()].map((user) => ({ ...user, identity: null }))
    this.#memory = memory
    this.#now = now
  }

  /** Whose password this is, at once where it is known already; `ip` is the address of the client. */
  verify(value: string, ip: string): Verdict | Promise<Verdict> {
    const credential = basicCredentialOf(value)
    if (credential === null) return MALFORMED
    const { addresses, kept } = this.#memory
    const address = ip === UNIX ? UNIX : this.#addressKey(ip)
    const addressSlot = addresses.slotOf(address)
    const addressWaitMs = addresses.waitMs(addressSlot)
    // Before what is kept: that could be guessed at the speed of a look-up.
    if (addressWaitMs > 0) return tooMany(addressWaitMs)
    const key = this.#keyOf(credential, address)
    const user = this.#users.get(credential.user)
    if (user !== undefined && user.identity !== null && kept.get(key, this.#now()) === user.text) {
      return user.identity
    }
    return this.#checking.get(key) ?? this.#attempt(credential, { key, addressSlot })
  }

  #attempt(credential: BasicCredential, { key, addressSlot }: Attempt): Rejection | Promise<Verdict> {
    const { users, addresses, queue } = this.#memory
    const userSlot = users.slotOf(credential.user)
    const userWaitMs = users.waitMs(userSlot)
    if (userWaitMs > 0) return tooMany(userWaitMs)
    const checked = queue.run(() => this.#check(credential, key))
    if (checked === null) return BUSY
    users.spend(userSlot)
    addresses.spend(addressSlot)
    const settled = checked
      .then((identity) => {
        if (identity === null) return WRONG
        users.refund(userSlot)
        addresses.refund(addressSlot)
        return identity
      })
      .finally(() => this.#checking.delete(key))
    this.#checking.set(key, settled)
    return settled
  }

  async #check({ user: name, password }: BasicCredential, key: string): Promise<Identity | null> {
    const user = this.#users.get(name) ?? this.#standIn(name)
    if (user === undefined) return null
    const isRight = await isPasswordOf(user.hash, password)
    if (!isRight || user.identity === null) return null
    this.#memory.kept.set(key, user.text, this.#now() + KEPT_MS)
    return user.identity
  }

  /** Always the same one for a name, so that what it costs says nothing either. */
  #standIn(name: string): User | undefined {
    const digest = hash('sha256', this.#memory.secret + name, 'buffer')
    return this.#standIns[digest.readUInt32BE(0) % this.#standIns.length]
  }

  /** With the address: where attempts of others have used up those of a user, who was here before still gets in, and nobody else. */
  #keyOf({ user, password }: BasicCredential, address: string): string {
    return hash('sha256', `${this.#memory.secret}${user}:${password}\n${address}`, 'base64')
  }
}

function tooMany(waitMs: number): Rejection {
  return { why: 'too-many-attempts', retryAfterSeconds: Math.ceil(waitMs / 1000) }
}

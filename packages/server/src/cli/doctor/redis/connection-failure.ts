/** What is wrong where a server cannot be talked to, and what to do. */
export interface ConnectionFailure {
  readonly message: string
  readonly fix: string
}

const KINDS: readonly (readonly [kind: RegExp, message: string, fix: string])[] = [
  [/^(WRONGPASS|NOAUTH)/, 'it refuses user or password', 'correct the login in the URL of the store'],
  [/^NOPERM/, 'the user may not log in as the store does', 'see docs/operations/redis.md#permissions'],
  [/ECONNREFUSED/, 'nobody listens there', 'start it, or correct the address'],
  [/ENOTFOUND|EAI_AGAIN/, 'its name is not known', 'correct the name, or that of the resolver'],
  [/ENOENT/, 'there is no such socket', 'start it, or correct the path'],
  [
    /nothing came/,
    'it takes connections and does not answer',
    'look whether it hangs, is stopped, or a firewall drops',
  ],
  [/ETIMEDOUT|EHOSTUNREACH|ENETUNREACH/, 'it is not reached', 'look at routes and firewalls'],
  [
    /certificate|altnames|ssl|tls/i,
    'TLS failed',
    'trust its authority (NODE_EXTRA_CA_CERTS), or renew its certificate',
  ],
  [/^LOADING/, 'it is reading its data', 'wait until it has'],
]

/** Says what a failure means; what the server or system said itself is added. */
export function connectionFailure(reason: unknown): ConnectionFailure {
  const { message } = reason as Error
  const [, meaning, fix] = KINDS.find(([kind]) => kind.test(message)) ?? []
  if (meaning === undefined || fix === undefined) return { message, fix: 'see docs/operations/redis.md' }
  return { message: `${meaning}: ${message}`, fix }
}

/** Whether the server itself has answered that it does not do it. */
export function isRefusal(reason: unknown): boolean {
  return reason instanceof Error && reason.name === 'ReplyError'
}

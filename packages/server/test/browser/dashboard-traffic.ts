/** A service with something to show, and traffic over HTTP and RESP that lets some pass and denies some. */
import { RedisConnection } from '../../../limiter/test/harness/redis-connection.ts'
import { tokenHash } from '../../src/service/access/token-text.ts'
import { HeadgateProcess } from '../e2e/headgate-process.ts'

/** Policies of all kinds that the page tells apart; `limit` is that of each user in a day. */
export function policiesWith(limit: number): string {
  return `version: 1
policies:
  - { name: api, key: user, rules: [{ name: daily, limit: ${limit}/day }, 100000/week] }
  - { name: pairs, key: [user, ip], rules: [3/day], mode: shadow }
  - { name: everybody, key: global, rules: [100000/day] }
  - { name: secrets, key: apiKey, rules: [100000/day] }
`
}

/** Tokens of an operator and of somebody who only looks. */
export function withTokens(
  file: string,
  tokens: { readonly admin: string; readonly reader: string },
): string {
  const entries = Object.entries({ admin: 'admin', reader: 'read' } as const).map(
    ([name, scope]) =>
      `  - { name: ${name}, hash: '${tokenHash(tokens[name as 'admin' | 'reader'])}', scopes: [${scope}] }`,
  )
  return `${file}tokens:\n${entries.join('\n')}\n`
}

/** Starts the service with the listeners that are used here. */
export function serveDashboard(file: string, args: readonly string[] = []): Promise<HeadgateProcess> {
  const ports = ['--admin-port', '0', '--resp-port', '0']
  return HeadgateProcess.serve(['--config', file, ...ports, ...args], {
    HEADGATE_ADMIN_PORT: '0',
    HEADGATE_RESP_PORT: '0',
  })
}

/** Asks for a user over HTTP so many times; answers how many were denied. */
export async function askOverHttp(headgate: HeadgateProcess, user: string, times: number): Promise<number> {
  let denied = 0
  for (let i = 0; i < times; i++) {
    const attributes = { user, ip: '192.0.2.7', apiKey: `key of ${user}` }
    const { status } = await headgate.post('/v1/consume', { attributes })
    if (status === 429) denied++
  }
  return denied
}

/** As `askOverHttp`, over the Redis protocol. */
export async function askOverResp(headgate: HeadgateProcess, user: string, times: number): Promise<void> {
  using connection = await connectResp(headgate)
  for (let i = 0; i < times; i++) await connection.call('HG.CONSUME', '*', `user=${user}`, 'ip=192.0.2.8')
}

/** Asks for a hundred users by turns over one connection, without waiting for answers; answers how many times. */
export async function floodOverResp(headgate: HeadgateProcess, times: number): Promise<number> {
  using connection = await connectResp(headgate)
  for (let sent = 0; sent < times; sent += 1000) {
    await Promise.all(
      Array.from({ length: 1000 }, (_, i) => connection.call('HG.CONSUME', 'api', `user=u${i % 100}`)),
    )
  }
  return times
}

function connectResp(headgate: HeadgateProcess): Promise<RedisConnection> {
  const line = headgate.log.find(({ transport, url }) => transport === 'resp' && url !== undefined)
  return RedisConnection.open({ port: Number(new URL(String(line?.['url'])).port) })
}

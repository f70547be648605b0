import { memoryStore } from 'headgate'
import { beforeEach, describe, expect, it } from 'vitest'
import { Grant } from '../../src/service/access/grant.ts'
import type { Scope } from '../../src/service/access/scope.ts'
import type { TokenSettings } from '../../src/service/access/token-settings.ts'
import { confinedChanges } from '../../src/service/changes/confined-changes.ts'
import type { PolicyEditor } from '../../src/service/changes/policy-editor.ts'
import { fresh, OPEN_FILE, openReplica, type Replica, request } from './replica.ts'

const ALL: readonly Scope[] = ['consume', 'adjust', 'read', 'admin']
const of = (domain: string, limit = '1/min') => ({ match: { domain }, key: 'user', rules: [limit] })

const TOKENS = {
  admin: { scopes: ['admin'] },
  read: { scopes: ['read'] },
  consume: { scopes: ['consume'] },
  adjust: { scopes: ['adjust'] },
  shop: { scopes: ALL, domains: ['shop*'] },
  carts: { scopes: ALL, policies: ['*-carts'] },
} as const satisfies Record<string, Omit<TokenSettings, 'name' | 'hash'>>
const GROUP = { group: 'tier', priority: 999 }
type Token = keyof typeof TOKENS

let replica: Replica

const as = (name: Token): PolicyEditor =>
  confinedChanges(replica.changes, new Grant({ name, hash: '', ...TOKENS[name] }))

beforeEach(async () => {
  replica = openReplica(memoryStore())
  await replica.changes.put('shop-carts', of('shop'), fresh)
  await replica.changes.put('bank-carts', of('bank'), fresh)
  await replica.changes.put('bank-rest', of('bank'), fresh)
  await replica.changes.setShadow(true, request)
})

type Row = readonly [what: string, call: (changes: PolicyEditor) => unknown, allowed: readonly Token[]]

const ROWS: readonly Row[] = [
  ['put a policy of the shop', (by) => by.put('shop-new', of('shop'), fresh), ['admin', 'shop']],
  ['put one of a part of the shop', (by) => by.put('new', of('shop-a'), fresh), ['admin', 'shop']],
  ['put one of the bank', (by) => by.put('new', of('bank'), fresh), ['admin']],
  ['put one of everybody', (by) => by.put('new', { key: 'user', rules: ['1/min'] }, fresh), ['admin']],
  ['put carts of the bank', (by) => by.put('new-carts', of('bank'), fresh), ['admin', 'carts']],
  [
    'patch carts of the shop',
    (by) => by.patch('shop-carts', { rules: ['2/min'] }, request),
    ['admin', 'shop', 'carts'],
  ],
  ['patch the bank', (by) => by.patch('bank-rest', { rules: ['2/min'] }, request), ['admin']],
  ['make carts of the bank theirs', (by) => by.patch('bank-carts', of('shop'), request), ['admin', 'carts']],
  [
    'make carts of the shop those of the bank',
    (by) => by.patch('shop-carts', of('bank'), request),
    ['admin', 'carts'],
  ],
  [
    'make carts of the shop those of everybody',
    (by) => by.patch('shop-carts', { match: null }, request),
    ['admin', 'carts'],
  ],
  [
    'put carts of the shop in place of those of the bank',
    (by) => by.put('bank-carts', of('shop'), request),
    ['admin', 'carts'],
  ],
  ['delete the bank', (by) => by.delete('bank-rest', request), ['admin']],
  ['delete carts of the shop', (by) => by.delete('shop-carts', request), ['admin', 'shop', 'carts']],
  ['turn the switch', (by) => by.setShadow(false, request), ['admin']],
  ['read the history', (by) => by.history(), ['admin', 'read', 'shop', 'carts']],
]

describe('changes by the holder of a token', () => {
  it.each(
    ROWS.flatMap(([what, call, allowed]) =>
      (Object.keys(TOKENS) as Token[]).map((token) => ({ what, call, token, may: allowed.includes(token) })),
    ),
  )('$token may $what: $may', async ({ call, token, may }) => {
    const { version } = replica.changes
    const outcome = await (async () => call(as(token)))().then(
      () => 'done',
      (reason: { code: string }) => reason.code,
    )
    expect(outcome).toBe(may ? 'done' : 'forbidden')
    if (!may) expect(replica.changes.version).toBe(version)
  })

  it.each<[string, string, (by: PolicyEditor) => unknown]>([
    ['joins', 'plain', (by) => by.put('new-carts', { ...of('shop'), choose: GROUP }, fresh)],
    ['is made to join', 'plain', (by) => by.patch('shop-carts', { choose: GROUP }, request)],
    ['has joined', 'joined', (by) => by.patch('shop-carts', { rules: ['9/min'] }, request)],
    ['leaves', 'joined', (by) => by.patch('shop-carts', { choose: null }, request)],
    ['leaves as it is deleted', 'joined', (by) => by.delete('shop-carts', request)],
  ])('are refused where a policy %s a group with policies that are not its', async (_, before, call) => {
    await replica.load(OPEN_FILE.replace('key: user', 'choose: { group: tier, priority: 1 }, key: user'))
    if (before === 'joined') await replica.changes.patch('shop-carts', { choose: GROUP }, request)
    const { version } = replica.changes
    for (const token of ['shop', 'carts'] as const) {
      await expect(Promise.resolve(call(as(token)))).rejects.toMatchObject({
        code: 'forbidden',
        message: expect.stringContaining('some of the group "tier", of which one is chosen'),
      })
    }
    expect(replica.changes.version).toBe(version)
    await call(as('admin'))
    expect(replica.changes.version).not.toBe(version)
  })

  it('are made in a group that is its as a whole', async () => {
    await as('carts').patch('shop-carts', { choose: GROUP }, request)
    await as('carts').patch('bank-carts', { choose: { ...GROUP, priority: 1 } }, request)
    await expect(as('shop').patch('shop-carts', { rules: ['9/min'] }, request)).rejects.toMatchObject({
      code: 'forbidden',
    })
  })

  it('are shown by their history where it may see the policy before and after', async () => {
    await replica.changes.patch('bank-rest', of('shop'), request)
    const seen = (token: Token): unknown[] =>
      as(token)
        .history()
        .map(({ action, name }) => `${action} ${name}`)
    expect(seen('shop')).toEqual(['put shop-carts'])
    expect(seen('carts')).toEqual(['put bank-carts', 'put shop-carts'])
    expect(seen('read')).toHaveLength(5)
  })

  it('name their actor', async () => {
    await as('shop').patch('shop-carts', { rules: ['2/min'] }, { ...request, actor: 'somebody else' })
    expect(replica.changes.history()[0]).toMatchObject({ actor: 'shop' })
    expect(replica.changed.at(-1)).toMatchObject({ actor: 'shop', transport: 'test' })
  })
})

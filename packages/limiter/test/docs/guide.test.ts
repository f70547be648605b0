import { describe, expect, it } from 'vitest'
import { readDocuments } from './documents.ts'

/** What a user pastes: each stands on its page in a block that is run. */
const snippets: readonly (readonly [task: string, page: string, code: string])[] = [
  ['Express', 'express', "app.use(rateLimit({ limit: '100/min' }))"],
  [
    'tiers',
    'limits-per-request',
    "app.use('/api', rateLimit({ store, key: (r) => r.user.id, limit: (r) => PLANS[r.user.plan] }))",
  ],
  [
    'login',
    'login-protection',
    "if (await verify(password)) { await r.cancel(); await login.reset(who, { policy: 'pair' }) } else await r.settle(1)",
  ],
  [
    'tokens of a language model',
    'llm-tokens',
    'for await (const chunk of stream) { used += chunk.tokens; if (used > t.held) await t.extend(2000); send(chunk) }',
  ],
  [
    'a job that waits for its turn',
    'waiting',
    "const d = await limiter.wait({ tenant }, { cost: 3, timeout: '30s', signal }); if (d.allowed) await callApi()",
  ],
  ['tRPC', 'trpc', "t.procedure.use(rateLimit({ limit: '20/min', key: ({ ctx }) => ctx.user.id }))"],
  ['Redis Cluster', 'redis-cluster', 'const store = redisStore(new Redis.Cluster(nodes))'],
  [
    'tests',
    'testing',
    "expectLimited(l.consumeSync('a'), { retryAfterMs: 30_000 }); clock.advance('30s'); expectAllowed(l.consumeSync('a'))",
  ],
  ['limits from a database', 'limits-from-a-database', 'load: (id) => db.limits(id),'],
  [
    'a stricter limit in shadow',
    'shadow',
    "app.use(rateLimit({ limit: '100/min', shadow: { limit: '60/min', rollout: '10%' }, onShadowDenied: log }))",
  ],
]

const documents = new Map(readDocuments().map((document) => [document.path, document]))

describe('the contents of the guide', () => {
  it('have every page', () => {
    const { links = [] } = documents.get('docs/guide/README.md') ?? {}
    const linked = new Set(links.map(({ target }) => `docs/guide/${target}`))
    const pages = [...documents.keys()].filter((path) => /^docs\/guide\/(?!README)/.test(path))
    expect(pages.length).toBeGreaterThan(60)
    expect(pages.filter((path) => !linked.has(path))).toEqual([])
  })
})

describe('the ten snippets', () => {
  it.each(snippets)('%s is on the page %s, and is run there', (_task, page, code) => {
    const { blocks = [] } = documents.get(`docs/guide/${page}.md`) ?? {}
    const run = blocks.filter(({ language, flags }) => language === 'ts' && !flags.includes('no-run'))
    expect(run.filter(({ text }) => text.includes(code))).toHaveLength(1)
  })
})

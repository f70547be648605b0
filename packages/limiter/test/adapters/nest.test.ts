import {
  type CanActivate,
  Catch,
  Controller,
  type ExceptionFilter,
  type ExecutionContext,
  Get,
  type ModuleMetadata,
  type Type,
  UseFilters,
  UseGuards,
} from '@nestjs/common'
import { NestFactory } from '@nestjs/core'
import { ExecutionContextHost } from '@nestjs/core/internal'
import { FastifyAdapter } from '@nestjs/platform-fastify'
import { describe, expect, it, onTestFinished } from 'vitest'
import {
  RateLimit,
  RateLimitException,
  RateLimitGuard,
  RateLimitModule,
  SkipRateLimit,
} from '../../src/entries/nest.ts'
import { memoryStore } from '../../src/stores/memory/index.ts'
import { running } from './node-reply.ts'

/** Decorates a class with methods that answer with their names, as TypeScript would compile it. */
function controller(
  path: string,
  handlers: Readonly<Record<string, readonly MethodDecorator[]>>,
  ...decorators: ClassDecorator[]
): Type {
  const named = { [path]: class {} }[path] as Type
  for (const [name, own] of Object.entries(handlers)) {
    const descriptor = { value: () => name, writable: true, configurable: true, enumerable: false }
    Object.defineProperty(named.prototype, name, descriptor)
    for (const decorator of [Get(name), ...own.toReversed()]) decorator(named.prototype, name, descriptor)
  }
  for (const decorator of [Controller(path), ...decorators.toReversed()]) decorator(named)
  return named
}

/** Starts an application on Fastify; resolves to what sends GET requests to it. */
async function start(
  metadata: ModuleMetadata,
): Promise<(path: string, init?: RequestInit) => Promise<Response>> {
  class AppModule {}
  const app = await NestFactory.create({ module: AppModule, ...metadata } as never, new FastifyAdapter(), {
    logger: false,
    abortOnError: false,
  })
  await app.init()
  await app.getHttpAdapter().getInstance().ready()
  const server = await running(app.getHttpServer())
  onTestFinished(() => server.close())
  return (path, init) => fetch(server.url + path, init)
}

async function statuses(send: (path: string) => Promise<Response>, ...paths: string[]): Promise<number[]> {
  const all: number[] = []
  for (const path of paths) all.push((await send(path)).status)
  return all
}

describe('limits of Nest', () => {
  it('are for every route where the module has a limit', async () => {
    const send = await start({
      imports: [RateLimitModule.forRoot({ limit: '2/hour' })],
      controllers: [controller('a', { one: [] }), controller('b', { two: [] })],
    })
    expect(await statuses(send, '/a/one', '/b/two', '/a/one')).toEqual([200, 200, 429])
  })

  it('of the application, a controller and its handlers all have to pass, and refund each other', async () => {
    const limited = controller(
      'a',
      { strict: [RateLimit({ limit: '1/hour' })], loose: [] },
      RateLimit({ limit: '3/hour' }),
    )
    const send = await start({
      imports: [RateLimitModule.forRoot({ limits: [{ limit: '4/hour' }] })],
      controllers: [limited, controller('b', { free: [] })],
    })
    const paths = ['/a/strict', '/a/strict', '/a/loose', '/a/loose', '/a/loose', '/b/free', '/b/free']
    expect(await statuses(send, ...paths)).toEqual([200, 429, 200, 200, 429, 200, 429])
  })

  it('are asked in the order in which they stand, the controller first, and tell of all of them', async () => {
    const heard: string[] = []
    const limit = (name: string) => ({ limit: '9/hour', name, onDecision: () => heard.push(name) })
    const limited = controller(
      'a',
      { one: [RateLimit(limit('third')), RateLimit(limit('fourth'))] },
      RateLimit(limit('first')),
      RateLimit(limit('second')),
    )
    const send = await start({ imports: [RateLimitModule.forRoot()], controllers: [limited] })
    const { headers } = await send('/a/one')
    expect(heard).toEqual(['first', 'second', 'third', 'fourth'])
    for (const name of heard) expect(headers.get('ratelimit-policy')).toContain(`"${name}/1h";q=9`)
  })

  it('are named after their places, so that those who share a store have budgets of their own', async () => {
    const own = { limit: '1/hour' }
    const limited = controller(
      'Auth',
      { login: [RateLimit(own)], reset: [RateLimit(own)] },
      RateLimit({ limit: '9/hour' }),
    )
    const send = await start({
      imports: [RateLimitModule.forRoot({ store: memoryStore() })],
      controllers: [limited],
    })
    const { headers } = await send('/Auth/login')
    expect(headers.get('ratelimit-policy')).toMatch(/^"Auth\.login\/1h".*, "Auth\/1h"/)
    expect(await statuses(send, '/Auth/reset', '/Auth/login')).toEqual([200, 429])
  })

  it('by name share the budgets of the limiter in the defaults', async () => {
    const limited = controller('a', { one: [RateLimit('mail')], two: [RateLimit('mail', { cost: 2 })] })
    const send = await start({
      imports: [RateLimitModule.forRoot({ limiters: { mail: { limit: '3/hour' } } })],
      controllers: [limited],
    })
    expect(await statuses(send, '/a/one', '/a/two', '/a/one')).toEqual([200, 200, 429])
  })

  it('are left out where a controller or a handler skips them', async () => {
    const send = await start({
      imports: [RateLimitModule.forRoot({ limit: '0/hour' })],
      controllers: [
        controller('a', { none: [SkipRateLimit()], own: [] }),
        controller('b', { none: [RateLimit({ limit: '0/hour' })] }, SkipRateLimit()),
      ],
    })
    expect(await statuses(send, '/a/none', '/b/none', '/a/own')).toEqual([200, 200, 429])
  })

  it('are made by a factory of other providers', async () => {
    class Config {}
    class ConfigModule {}
    const config = { limit: '1/hour' }
    const imports = [
      { module: ConfigModule, providers: [{ provide: Config, useValue: config }], exports: [Config] },
    ]
    const module = RateLimitModule.forRootAsync({
      imports,
      inject: [Config],
      useFactory: async ({ limit }: typeof config) => ({ limit }),
    })
    const send = await start({ imports: [module], controllers: [controller('a', { one: [] })] })
    expect(await statuses(send, '/a/one', '/a/one')).toEqual([200, 429])
  })

  it('come after other guards of a controller where it names the guard', async () => {
    const authGuard: CanActivate = {
      canActivate(context) {
        const request = context.switchToHttp().getRequest()
        request.user = request.query.user
        return true
      },
    }
    const key = (context: ExecutionContext): string => context.switchToHttp().getRequest().user
    const limited = controller(
      'a',
      { one: [] },
      UseGuards(authGuard, RateLimitGuard),
      RateLimit({ limit: '1/hour', key }),
    )
    const send = await start({
      imports: [RateLimitModule.forRoot({ appGuard: false })],
      controllers: [limited, controller('b', { free: [RateLimit({ limit: '0/hour' })] })],
    })
    const paths = ['/a/one?user=x', '/a/one?user=y', '/a/one?user=x', '/b/free']
    expect(await statuses(send, ...paths)).toEqual([200, 200, 429, 200])
  })

  it.each([
    [
      'an unknown name',
      RateLimit('logn'),
      'there is no limiter "logn" in the defaults (did you mean "login"?)',
    ],
    ['a misspelt option', RateLimit({ limt: '1/s' } as never), 'unknown field "limt"'],
    ['no options', RateLimit(5 as never), '5 is no object of options'],
  ])('fail the start of the application with %s', async (_, decorator, message) => {
    const starting = start({
      imports: [RateLimitModule.forRoot({ limiters: { login: { limit: '1/s' } } })],
      controllers: [controller('a', { one: [decorator] })],
    })
    await expect(starting).rejects.toThrow(message)
  })
})

describe('a denial of Nest', () => {
  /** A filter of the application that catches everything, and answers with what it gets. */
  class EveryFilter implements ExceptionFilter {
    catch(error: RateLimitException, host: Parameters<ExceptionFilter['catch']>[1]): void {
      const body = { own: error.getResponse(), isOurs: error instanceof RateLimitException }
      host.switchToHttp().getResponse().code(error.getStatus()).send(body)
    }
  }
  Catch()(EveryFilter)

  it.each([
    ['problem' as const, expect.objectContaining({ status: 429, title: expect.any(String) })],
    ['text' as const, expect.stringMatching(/^Too many requests/)],
    [{ status: 503, body: 'later' }, 'later'],
  ])(
    'reaches filters as an exception with the body of %o, and its header fields on the response',
    async (response, own) => {
      const send = await start({
        imports: [RateLimitModule.forRoot({ limit: '0/hour', response })],
        controllers: [controller('a', { one: [] }, UseFilters(EveryFilter))],
      })
      const denied = await send('/a/one')
      expect(denied.status).toBe(typeof response === 'string' ? 429 : 503)
      expect(denied.headers.get('ratelimit')).toBe('"default/1h";r=0')
      expect(denied.headers.get('content-type')).toMatch(/^application\/json/)
      expect(await denied.json()).toEqual({ own, isOurs: true })
    },
  )
})

describe('a message behind the guard of Nest', () => {
  /** The guard of an application, and a context of a message that this client sent to a handler with these decorators. */
  async function guarded(
    options: Parameters<typeof RateLimitModule.forRoot>[0],
    ...decorators: MethodDecorator[]
  ) {
    class AppModule {}
    const module = { module: AppModule, imports: [RateLimitModule.forRoot(options)] }
    const app = await NestFactory.createApplicationContext(module, { logger: false, abortOnError: false })
    onTestFinished(() => app.close())
    const gateway = controller('Gateway', { message: decorators })
    const guard = app.get(RateLimitGuard)
    return (client: string): Promise<boolean> => {
      const context = new ExecutionContextHost([{ client }, 'hello'], gateway, gateway.prototype.message)
      context.setType('ws')
      return guard.canActivate(context)
    }
  }

  it('passes untouched where no function says whose it is', async () => {
    const skip = (): never => {
      throw new Error('no function of the options is called')
    }
    const send = await guarded({ limit: '0/hour', skip }, RateLimit({ limit: '0/hour', key: 'route' }))
    expect([await send('a'), await send('a')]).toEqual([true, true])
  })

  it('is limited by the key that a function finds in its context', async () => {
    const key = (context: ExecutionContext): string => context.switchToWs().getClient().client
    const send = await guarded({}, RateLimit({ limit: '1/hour', key }))
    expect([await send('a'), await send('b')]).toEqual([true, true])
    await expect(send('a')).rejects.toMatchObject({
      code: 'limited',
      message: expect.stringContaining('the limit Gateway.message/1h has 0 of 1 left'),
    })
  })

  it('is refused where the function finds no key', async () => {
    const send = await guarded({}, RateLimit({ limit: '9/hour', key: () => null }))
    await expect(send('a')).rejects.toMatchObject({ code: 'invalid-key' })
  })
})

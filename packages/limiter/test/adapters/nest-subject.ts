import type { ServerResponse } from 'node:http'
import { Controller, type ExecutionContext, Get, Options, Post, Res, type Type } from '@nestjs/common'
import { type AbstractHttpAdapter, NestFactory } from '@nestjs/core'
import { ExpressAdapter } from '@nestjs/platform-express'
import { FastifyAdapter } from '@nestjs/platform-fastify'
import type { FastifyReply } from 'fastify'
import { RateLimit, RateLimitModule } from '../../src/entries/nest.ts'
import type { AdapterSubject, Reply, RouteUnderTest } from '../../src/testing/adapter-contract/index.ts'
import { running, sendReply, streamOf } from './node-reply.ts'

/** Nest on Express. */
export const nestExpressSubject: AdapterSubject = nestSubject(
  () => new ExpressAdapter(),
  (response, reply) => sendReply(response as ServerResponse, reply),
)

/** Nest on Fastify. */
export const nestFastifySubject: AdapterSubject = nestSubject(
  () => new FastifyAdapter(),
  (response, reply) => void (response as FastifyReply).code(reply?.status ?? 200).send(streamOf(reply)),
)

type Answer = (response: unknown, reply: Reply | undefined) => void

function nestSubject(platform: () => AbstractHttpAdapter, answer: Answer): AdapterSubject {
  return {
    hasRoutes: true,
    header: (context, name) => (context as ExecutionContext).switchToHttp().getRequest().headers[name],
    async start({ limits = [], routes }) {
      class AppModule {}
      const module = {
        module: AppModule,
        imports: [RateLimitModule.forRoot({ limits })],
        controllers: routes.map((route) => controllerOf(route, answer)),
      }
      const app = await NestFactory.create(module, platform(), { logger: false })
      await app.init()
      await app.getHttpAdapter().getInstance().ready?.()
      return running(app.getHttpServer())
    },
  }
}

/** A controller of one route, with decorators applied by hand. */
function controllerOf({ pattern, method = 'GET', limits = [], reply }: RouteUnderTest, answer: Answer): Type {
  class RouteController {
    handle(response: unknown): void {
      answer(response, reply)
    }

    options(response: unknown): void {
      answer(response, reply)
    }
  }
  const { prototype } = RouteController
  const decorate = (name: 'handle' | 'options', ...decorators: MethodDecorator[]): void => {
    Res()(prototype, name, 0)
    const descriptor = Object.getOwnPropertyDescriptor(prototype, name) as PropertyDescriptor
    for (const decorator of decorators) decorator(prototype, name, descriptor)
  }
  const own = limits.map((one) => RateLimit(one)).reverse()
  decorate('handle', (method === 'GET' ? Get : Post)(pattern), ...own)
  // Nest asks guards of what has a handler, and no other requests.
  decorate('options', Options(pattern))
  Controller()(RouteController)
  return RouteController
}

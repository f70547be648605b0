import express from 'express'
// @ts-expect-error: the package has no types; those of Express 5 fit what is used here.
import express4 from 'express4'
import { rateLimit as rateLimitFetch } from '../../src/adapters/fetch.ts'
import { rateLimit as rateLimitNext } from '../../src/adapters/next.ts'
import type { AdapterSubject } from '../../src/testing/adapter-contract/index.ts'
import { expressSubject } from './express-subject.ts'
import { fastifySubject } from './fastify-subject.ts'
import { fetchSubject } from './fetch-subject.ts'
import { honoSubject } from './hono-subject.ts'
import { listenHttp2 } from './http2-reply.ts'
import { koaSubject } from './koa-subject.ts'
import { nestExpressSubject, nestFastifySubject } from './nest-subject.ts'
import { listen } from './node-reply.ts'
import { nodeSubject } from './node-subject.ts'

/** The adapters, each with an application of its framework. */
export const adapterSubjects: Readonly<Record<string, AdapterSubject>> = {
  node: nodeSubject(listen),
  'node (http2)': nodeSubject(listenHttp2),
  fetch: fetchSubject(rateLimitFetch),
  next: fetchSubject(rateLimitNext),
  'express 5': expressSubject(express),
  'express 4': expressSubject(express4),
  fastify: fastifySubject,
  hono: honoSubject,
  koa: koaSubject,
  'nest on express': nestExpressSubject,
  'nest on fastify': nestFastifySubject,
}

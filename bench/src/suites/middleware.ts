import { openRedis } from '../harness/redis-surroundings.ts'
import { atLeast, type Case, type Run, type Suite, type Target } from '../harness/suite.ts'
import type { HttpAppParams } from '../subjects/http-app.ts'

/** A framework, the limiter that its users know, and what is to be shown of ours there. */
interface Framework {
  readonly name: string
  readonly framework: HttpAppParams['framework']
  readonly peer: string
  readonly besideByHand: Target
  readonly besidePeer: Target | null
}

const express: Framework = {
  name: 'Express',
  framework: 'express',
  peer: 'express-rate-limit',
  besideByHand: atLeast(0.9),
  besidePeer: atLeast(1.8),
}
const fastify: Framework = {
  name: 'Fastify',
  framework: 'fastify',
  peer: '@fastify/rate-limit',
  besideByHand: atLeast(0.9),
  besidePeer: atLeast(1),
}
const hono: Framework = {
  name: 'Hono',
  framework: 'hono',
  peer: 'hono-rate-limiter',
  besideByHand: atLeast(0.88),
  besidePeer: null,
}
const WITHOUT_FIELDS = atLeast(0.92)
const IN_REDIS = atLeast(1.5)
/** That of who asks: the application has the other one. */
const REDIS_CORE = 0

/** What a limiter leaves of the requests that an application of a web framework answers. */
export const middleware: Suite = {
  name: 'middleware',
  effort: { full: { warmMs: 0, measureMs: 800 }, quick: { warmMs: 0, measureMs: 300 } },
  open: () => openRedis(REDIS_CORE),
  cases: [
    ...[express, fastify, hono].flatMap(inMemory),
    inRedis('64 addresses'),
    inRedis('64 addresses, all denied', { ends: 'denied' }),
    { ...inRedis('a thousand users by a key function', { users: 1000 }), target: null, brief: true },
  ],
}

function inMemory({ name, framework, peer, besideByHand, besidePeer }: Framework): Case[] {
  const ours = run(framework, { label: 'headgate', before: 'headgate' })
  const withoutFields = run(framework, { label: 'headgate', before: 'headgate without fields' })
  return [
    {
      name: `${name}, beside the same fields set by hand`,
      unit: 'requests/core-second',
      ours,
      theirs: [run(framework, { label: `${framework}, fields by hand`, before: 'fields by hand' })],
      target: besideByHand,
    },
    {
      name: `${name} without fields, beside nothing`,
      unit: 'requests/core-second',
      ours: withoutFields,
      theirs: [run(framework, { label: `${framework}, nothing`, before: 'nothing' })],
      target: WITHOUT_FIELDS,
    },
    {
      name: `${name} without fields, beside middleware that does nothing`,
      unit: 'requests/core-second',
      ours: withoutFields,
      theirs: [run(framework, { label: `${framework}, empty`, before: 'empty middleware' })],
      target: null,
      brief: true,
    },
    {
      name: `${name}, beside ${peer}`,
      unit: 'requests/core-second',
      ours,
      theirs: [run(framework, { label: peer, before: 'peer' })],
      target: besidePeer,
      brief: besidePeer === null,
    },
  ]
}

function inRedis(who: string, params: Pick<HttpAppParams, 'users' | 'ends'> = {}): Case {
  return {
    name: `Express with Redis, ${who}, beside express-rate-limit and rate-limit-redis`,
    unit: 'requests/core-second',
    ours: run('express', { label: 'headgate', before: 'headgate', inRedis: true, ...params }),
    theirs: [run('express', { label: 'rate-limit-redis', before: 'peer', inRedis: true, ...params })],
    target: IN_REDIS,
  }
}

function run(
  framework: Framework['framework'],
  { label, ...params }: Omit<HttpAppParams, 'framework' | 'connections'> & Pick<Run, 'label'>,
): Run {
  return { label, subject: 'http-app', params: { framework, connections: 64, ...params } }
}

/** Code as their documents have it: it runs with their package, and with ours after the import line is changed. */
import type { RequestHandler } from 'express'
import { expect, onTestFinished } from 'vitest'
import { describeExamples } from '../describe-examples.ts'
import { serve } from './served.ts'

type Asked = readonly [path: string, status: number, headers?: Readonly<Record<string, string>>]

/** What is asked of an example, and how it answers. */
const expected: Readonly<Record<string, readonly Asked[]>> = {
  basic: [
    ['/', 200],
    ['/', 200],
    ['/', 200],
    ['/', 429],
  ],
  routes: [
    ['/api', 200],
    ['/api', 429],
    ['/api', 200, { 'x-api-key': 'premium' }],
    ['/api', 200, { 'x-api-key': 'premium' }],
    ['/create-account', 200],
    ['/create-account', 403],
  ],
  redis: [
    ['/', 200],
    ['/', 200],
    ['/', 429],
  ],
}

interface Example {
  readonly app: RequestHandler
  readonly close?: () => void
}

describeExamples(
  { folder: import.meta.dirname, specifier: 'express-rate-limit', expected },
  async ({ app, close }: Example, expected) => {
    if (close !== undefined) onTestFinished(close)
    const { get } = await serve(app)
    const seen: Asked[] = []
    for (const [path, , headers] of expected) {
      const { status = 0 } = await get(path, headers)
      seen.push(headers === undefined ? [path, status] : [path, status, headers])
    }
    expect(seen).toEqual(expected)
  },
)

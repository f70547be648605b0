/** Configurations, nearly right: those of the documents with lines and characters changed. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createLimiter, HeadgateError } from 'headgate'
import { blocksOf, readDocuments, root } from '../../../limiter/test/docs/documents.ts'
import type { Random } from '../../../limiter/test/parity/random.ts'
import { parseConfig } from '../../src/config/config.ts'
import { mistakesOf } from '../../src/config/config-error.ts'
import { convertSource } from '../../src/config/convert/convert-source.ts'
import { rejectionOf } from '../../src/config/rejection.ts'
import { garbled, shuffled } from './mutate.ts'
import type { Opened, Target } from './target.ts'

const SAMPLES = [
  'packages/server/test/fixtures/api-sample.yaml',
  'packages/server/sample/headgate.yaml',
  // Of other systems.
  'packages/server/test/fixtures/envoy/envoy-ratelimit.yaml',
  'packages/server/test/fixtures/limitr.json',
]

export const yamlTarget: Target = {
  name: 'yaml',
  async open(): Promise<Opened> {
    const texts = [
      ...SAMPLES.map((path) => readFileSync(join(root, path), 'utf8')),
      ...blocksOf(readDocuments(), 'yaml').map(({ text }) => text),
    ]
    return { once: (random) => once(texts, random), close: () => {} }
  },
}

async function once(texts: readonly string[], random: Random): Promise<void> {
  const sample = random.pick(texts)
  const text = random.percent(50) ? shuffled(sample, random) : garbled(sample, random)
  try {
    const { policies, allow, deny, domains } = parseConfig(text, 'headgate.yaml')
    // And what is of another system can be written as ours.
    if (domains !== undefined)
      parseConfig(convertSource({ name: '.', texts: [{ file: 'a', text }] }).text, 'b')
    // What a check lets pass can be put in force.
    if (policies.every(({ store }) => store === undefined))
      await createLimiter({ policies, allow, deny }).close()
  } catch (reason) {
    checkMistakes(reason, text)
  }
}

function checkMistakes(reason: unknown, text: string): void {
  if (!HeadgateError.is(reason) || reason.code !== 'invalid-config') throw new Error(text, { cause: reason })
  const mistakes = mistakesOf(reason)
  const lines = text.split(/\r\n|\r|\n/)
  assert.ok(mistakes.length > 0, `${reason.message}\n${text}`)
  for (const { line, column, message } of mistakes) {
    const about = `${line}:${column} ${message}\n${text}`
    assert.ok(line >= 1 && line <= lines.length + 1 && column >= 1, about)
    assert.match(message, /\w/, about)
    assert.doesNotMatch(message, /undefined|\[object|Invalid input/, about)
  }
  const rejection = rejectionOf(reason, 'headgate.yaml')
  assert.equal(rejection.more, mistakes.length - 1, text)
}

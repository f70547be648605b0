import { fstatSync } from 'node:fs'
import { Socket } from 'node:net'
import { FileOutput } from './file-output.ts'
import type { LineOutput, OnRestored } from './line-output.ts'
import { StreamOutput } from './stream-output.ts'

const STDOUT = 1

/** Standard output, which can be a pipe whose reader is slow: writing to that at once would wait for it. */
export function standardOutput(onRestored: OnRestored): LineOutput {
  const stats = fstatSync(STDOUT)
  if (!stats.isFIFO() && !stats.isSocket()) return new FileOutput(STDOUT, onRestored)
  return new StreamOutput(new Socket({ fd: STDOUT, readable: false, writable: true }), onRestored)
}

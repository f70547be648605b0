#!/usr/bin/env node
import { nodeMistake } from './node-version.ts'

// Everything else is imported only after this: some of it cannot even be loaded by a Node that is too old.
const mistake = nodeMistake(process.versions.node)
if (mistake === null) {
  await import('./commands.ts')
} else {
  console.error(mistake)
  process.exitCode = 2
}

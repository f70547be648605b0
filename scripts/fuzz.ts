/** `npm run fuzz`: random input, for as long as wanted, with a new seed each time; `--target` says for what. */
import { parseArgs } from 'node:util'
import { fuzzEngine } from '../packages/limiter/test/parity/fuzz.ts'
import { fuzzTarget } from '../packages/server/test/fuzz/fuzz-target.ts'

const { values } = parseArgs({
  options: {
    target: { type: 'string', default: 'engine' },
    operations: { type: 'string', default: '1000000' },
    seed: { type: 'string', default: String(Date.now() % 2 ** 31) },
  },
})
const { target, operations, seed } = values
const fuzz = target === 'engine' ? fuzzEngine : fuzzTarget.bind(null, target)
if (!(await fuzz(Number(operations), Number(seed)))) process.exitCode = 1

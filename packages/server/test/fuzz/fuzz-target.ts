import { runTarget } from './run-target.ts'
import { targets } from './targets.ts'

/** Runs the target of that name; says whether all went well. */
export async function fuzzTarget(name: string, cases: number, seed: number): Promise<boolean> {
  const target = targets.find((one) => one.name === name)
  if (target === undefined)
    throw new Error(`no target ${name}; there are engine, ${targets.map((one) => one.name).join(', ')}`)
  console.log(`${name}: ${cases} inputs from seed ${seed}`)
  const { fault, growth } = await runTarget(target, { cases, seed })
  console.log(fault ?? `${name}: no fault; ${(growth / 1e6).toFixed(1)} MB more at the end`)
  return fault === null
}

/** Memory whose every read and write a test is told of, before it happens. */
import type { MemoryMap } from '../../src/stores/shared-memory/memory-map.ts'

export interface Access {
  readonly isWrite: boolean
  readonly isAtomic: boolean
}

/** What is told of the accesses of one thread. */
export interface Probe {
  before: ((access: Access) => void) | null
}

const OPERATIONS = ['load', 'store', 'add', 'sub', 'and', 'or', 'exchange', 'compareExchange'] as const
type Operation = (array: object, ...rest: number[]) => number

const PLAIN_READ: Access = { isWrite: false, isAtomic: false }
const PLAIN_WRITE: Access = { isWrite: true, isAtomic: false }
const ATOMIC_READ: Access = { isWrite: false, isAtomic: true }
const ATOMIC_WRITE: Access = { isWrite: true, isAtomic: true }

/** The arrays behind those that tell, and whom they tell. */
const probed = new WeakMap<object, { readonly array: object; readonly probe: Probe }>()

/** The same memory, whose accesses a probe is told of; only while `watchAtomics` is in force. */
export function probedMap(map: MemoryMap, probe: Probe): MemoryMap {
  return { ...map, ints: probedArray(map.ints, probe), doubles: probedArray(map.doubles, probe) }
}

/** Lets atomic operations work on memory that tells of them; returns what ends it. */
export function watchAtomics(): () => void {
  const table = Atomics as unknown as Record<string, Operation>
  const originals = OPERATIONS.map((name) => [name, table[name] as Operation] as const)
  for (const [name, original] of originals) {
    const access = name === 'load' ? ATOMIC_READ : ATOMIC_WRITE
    table[name] = (array, ...rest) => {
      const { array: target = array, probe } = probed.get(array) ?? {}
      probe?.before?.(access)
      return original(target, ...rest)
    }
  }
  return () => {
    for (const [name, original] of originals) table[name] = original
  }
}

function probedArray<T extends Int32Array | Float64Array>(array: T, probe: Probe): T {
  const proxy = new Proxy(array, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name, target)
      if (typeof value === 'number') probe.before?.(PLAIN_READ)
      if (typeof value !== 'function') return value
      // A method that changes the array, or reads from it, does so at once.
      return (...args: unknown[]) => {
        probe.before?.(PLAIN_WRITE)
        return (value as (...rest: unknown[]) => unknown).apply(target, args)
      }
    },
    set(target, name, value) {
      probe.before?.(PLAIN_WRITE)
      return Reflect.set(target, name, value, target)
    },
  })
  probed.set(proxy, { array, probe })
  return proxy
}

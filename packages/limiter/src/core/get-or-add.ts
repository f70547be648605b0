interface Lookup<K, V> {
  get(key: K): V | undefined
  set(key: K, value: V): unknown
}

/** The value of a key in a map; where there is none, the result of `make`, which is added. */
export function getOrAdd<K, V>(map: Lookup<K, V>, key: K, make: () => V): V {
  let value = map.get(key)
  if (value === undefined) {
    value = make()
    map.set(key, value)
  }
  return value
}

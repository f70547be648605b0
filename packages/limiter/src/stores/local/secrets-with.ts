import type { SecretOffer } from '../../core/secret-store.ts'

/** A secret, and when it was taken, in microseconds of the store's clock. */
export type SecretEntry = readonly [secret: string, takenAtUs: number]

/** The secrets of a store, newest first, among them the one offered where the newest is too old. Twin of `secrets.lua`. */
export function secretsWith(
  entries: readonly SecretEntry[],
  { secret, addAfterMs, keepMs }: SecretOffer,
  now: number,
): readonly SecretEntry[] {
  const kept = entries.filter(([, takenAtUs]) => now - takenAtUs < keepMs * 1000)
  const [newest] = kept
  const isOld = newest === undefined || now - newest[1] >= addAfterMs * 1000
  return isOld ? [[secret, now], ...kept] : kept
}

import { idOf, type JointRequest } from './evaluate-requests.ts'

/**
 * Puts requests into layers, in their order, so that those of one layer can be one decision of the store. Two requests of
 * one policy under one key are in different layers where their budgets differ (by an override or a limit of the call),
 * since a store takes a key once; and where both are of one any-of group, since they are alternatives and no sum.
 */
export function layersOf(requests: readonly JointRequest[]): JointRequest[][] {
  const layers: JointRequest[][] = []
  for (const request of requests) {
    const free = layers.find((layer) => !layer.some((other) => clash(request, other)))
    if (free === undefined) layers.push([request])
    else free.push(request)
  }
  return layers
}

/** Whether two requests cannot be part of one decision of the store. */
export function clash(one: JointRequest, other: JointRequest): boolean {
  const areAlternatives = one.group !== null && one.group === other.group
  return one.call.requests.some((a) =>
    other.call.requests.some((b) => idOf(a) === idOf(b) && (areAlternatives || a.budget !== b.budget)),
  )
}

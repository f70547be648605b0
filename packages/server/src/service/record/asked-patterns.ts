/** What a configuration asks of an attribute. */
export interface AskedPattern {
  readonly attribute: string
  readonly pattern: string
}

/** Whether a pattern stands for one value, so that a request that fits it has the same hash. A path fits with and without a slash at its end. */
export function isOneValue({ attribute, pattern }: AskedPattern): boolean {
  if (attribute === 'path' || pattern.includes('*')) return false
  return attribute !== 'ip' || !pattern.includes('/')
}

/** An answer, whichever server writes it. */
export interface HttpAnswer {
  readonly status: number
  /** Names in lower case. */
  readonly fields: readonly (readonly [name: string, value: string])[]
  readonly body: string
}

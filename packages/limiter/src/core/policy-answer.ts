/** Header fields by name. */
export type HeaderFields = { readonly [name: string]: string }

/** What a policy answers a request with that it denies. */
export interface ResponseOptions {
  /**
   * HTTP status, 400 to 599.
   * @default 429
   */
  readonly status?: number
  /**
   * Up to 16 KiB in UTF-8. It is plain text unless `headers` has another `content-type`.
   * @default ''
   */
  readonly body?: string
  /**
   * Header fields of this response only.
   * @default none
   */
  readonly headers?: HeaderFields
}

/** The part of a policy that answers are made of; names of fields are in lower case. */
export interface PolicyAnswer {
  /** Fields of every response to a request that the policy judged. */
  readonly headers: HeaderFields
  /** The policy's own response to a request that it denies; null where it has none. */
  readonly response: Required<ResponseOptions> | null
}

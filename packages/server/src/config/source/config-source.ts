/** The text of one file. */
export interface SourceText {
  /** As it is called in messages. */
  readonly file: string
  readonly text: string
}

/** What the environment says of a variable: its value, or why there is none that can be used. */
export type Variable = { readonly value: string } | { readonly problem: string }

/** All that a configuration is made of. */
export interface ConfigSource {
  /** The file, or the folder, as it was given. */
  readonly name: string
  readonly texts: readonly SourceText[]
  /** By name; one that is not there is unset. */
  readonly variables: ReadonlyMap<string, Variable>
}

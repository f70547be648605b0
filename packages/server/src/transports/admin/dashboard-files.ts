/** The dashboard as it is served: read once, so that no path of a request reaches the file system. */
export interface DashboardFiles {
  /** The page. */
  readonly index: Buffer
  /** What the page loads from `/assets/`, by name. The names change with what is in the files. */
  readonly assets: ReadonlyMap<string, DashboardAsset>
}

/** One file that the page loads. */
export interface DashboardAsset {
  /** As the field `content-type` has it. */
  readonly type: string
  readonly bytes: Buffer
}

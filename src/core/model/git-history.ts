/** What Git's history says about a policy's file: read by `gitops/history`, told by findings and pull requests. */

export interface GitCommit {
  readonly id: string;
  /** When it was committed, RFC 3339; whoever made the commit set the clock. */
  readonly time: string;
  /** First line of its message: text of others, cleaned and bounded. */
  readonly subject: string;
}

/** The last commit that changed the rules of one policy for one name or address. */
export interface EntryHistory {
  readonly name: string;
  readonly change: 'added' | 'changed' | 'removed';
  readonly commit: GitCommit;
}

export interface PolicyHistory {
  readonly file: string;
  /** The last commit that changed the file in any way. */
  readonly fileChanged?: GitCommit;
  /** Where Git no longer holds the policy: the commit that took it out of the file. */
  readonly policyRemoved?: GitCommit;
  readonly entries: readonly EntryHistory[];
  /** Where looking ended before all was answered, and why. */
  readonly notFurther?: { readonly back?: GitCommit; readonly because: string };
}

/** What one revision is to the commit that was compared. */
export type CommitRelation = 'ancestor' | 'descendant' | 'diverged' | 'unknown';
